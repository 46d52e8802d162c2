//! Someone who works in a clone of the release repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Ran, World, web_app};

/// A clone and who works in it.
pub struct Team<'w> {
    world: &'w World,
    at: PathBuf,
}

impl<'w> Team<'w> {
    pub(super) fn new(world: &'w World, at: PathBuf) -> Team<'w> {
        Team { world, at }
    }

    /// The folder of the clone.
    pub fn folder(&self) -> &Path {
        &self.at
    }

    /// Runs git here.
    pub fn git(&self, args: &[&str]) -> Ran {
        let mut command = self.world.command("git");
        command.current_dir(&self.at).args(args);
        Ran::of(command)
    }

    /// Spares git the work of packing what is large.
    pub fn without_compression(&self) {
        self.git(&["config", "core.compression", "0"]).success();
        self.git(&["config", "core.bigFileThreshold", "1k"]).success();
    }

    /// Writes a file, with the folders that it needs.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.at.join(path);
        fs::create_dir_all(path.parent().expect("a path below the clone")).expect("its folder");
        fs::write(path, content).expect("a file");
    }

    /// Adds a release that says its version on its page.
    pub fn add_release(&self, app: &str, version: &str) {
        self.write(&format!("{app}/{version}/bundle.zip"), web_app(version));
    }

    /// Commits all that changed; the id of the commit.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]).success();
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]).success();
        self.head()
    }

    /// Pushes the branch.
    pub fn push(&self) -> Ran {
        self.git(&["push", "--quiet", "origin", "HEAD:main"])
    }

    /// Makes an annotated tag at a commit, and pushes it.
    pub fn tag(&self, name: &str, at: &str) {
        self.git(&["tag", "--annotate", "--message", "Go", name, at]).success();
        self.git(&["push", "--quiet", "origin", name]).success();
    }

    /// Commits and pushes; the id of the commit.
    pub fn publish(&self, message: &str) -> String {
        let commit = self.commit(message);
        self.push().success();
        commit
    }

    /// Takes a commit back and pushes that; the id of the new commit.
    pub fn revert(&self, commit: &str) -> String {
        self.git(&["revert", "--no-edit", commit]).success();
        self.push().success();
        self.head()
    }

    /// The commit that is checked out.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).success().trim().to_owned()
    }
}
