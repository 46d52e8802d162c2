//! Tests of the room as a whole, with repositories made by git itself.

mod builds;
mod bundles;
mod histories;
mod opening;
mod oracle;
mod pushes;
mod releases;
mod settings;
mod tags;

use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::builder::{Build, Builder};
use super::bundle::Limits;
use super::id::{CommitId, ObjectId};
use super::problem::{Problem, Severity};
use super::reader::Reader;
use super::shelf::Shelf;
use crate::release::platform::Platform;
use crate::release::table::{App, Release};
use crate::store::{OpenError, Store};

/// The id of the app that most tests are about.
const APP: &str = "com.example.app";
/// The smallest settings.
const SETTINGS: &str = "[apps.\"com.example.app\"]\n";

/// A repository with a work tree on `main`.
struct Repo {
    dir: TempDir,
}

impl Repo {
    fn empty() -> Repo {
        let repo = Repo { dir: TempDir::new().unwrap() };
        repo.git(&["init", "-q", "-b", "main", "--ref-format=files", "--object-format=sha1"]);
        repo
    }

    /// With settings for one app, and nothing else.
    fn new() -> Repo {
        let repo = Repo::empty();
        repo.write("releases.toml", SETTINGS).commit();
        repo
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Repo {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// A file of that version of the app.
    fn file(&self, version: &str, name: &str, bytes: impl AsRef<[u8]>) -> &Repo {
        self.write(&format!("{APP}/{version}/{name}"), bytes)
    }

    /// A version of the app with a zip of that content.
    fn release(&self, version: &str, content: &str) -> &Repo {
        self.file(version, "bundle.zip", zip(content))
    }

    fn remove(&self, path: &str) -> &Repo {
        let path = self.path().join(path);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
        self
    }

    fn withdraw(&self, version: &str) -> &Repo {
        self.remove(&format!("{APP}/{version}"))
    }

    fn commit(&self) -> CommitId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "change"]);
        self.tip()
    }

    fn tip(&self) -> CommitId {
        CommitId(ObjectId::from_hex(&self.git(&["rev-parse", "HEAD"])).unwrap())
    }

    fn reader(&self) -> Reader {
        Reader::open(self.path()).unwrap()
    }

    /// A build from nothing.
    fn build(&self) -> Build {
        builder().build_tip(self)
    }
}

/// Runs git with nothing of this machine's settings, at a fixed time.
fn git(dir: &Path, args: &[&str]) -> String {
    let output = command(dir, args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir).args(args).env_clear().envs(std::env::vars().filter(|(name, _)| name == "PATH"));
    command.envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("HOME", "/nonexistent")]);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Ann").env(format!("GIT_{role}_EMAIL"), "ann@example.com");
        command.env(format!("GIT_{role}_DATE"), "2026-11-01T12:00:00Z");
    }
    command
}

/// A zip that every client can install; another content gives other bytes.
fn zip(content: &str) -> Vec<u8> {
    zip_with("index.html", content)
}

/// One that Electron cannot: the page lies in a folder.
fn wrapped_zip(content: &str) -> Vec<u8> {
    zip_with("www/index.html", content)
}

fn zip_with(name: &str, content: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default()).unwrap();
    writer.write_all(content.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// The store of a data directory. A test that forks for git at this moment holds the lock that was just given up, until
/// its child runs git.
fn open_store(data: &Path) -> Arc<Store> {
    let start = Instant::now();
    loop {
        match Store::open(data, "a test") {
            Ok(store) => return Arc::new(store),
            Err(OpenError::Held { .. }) if start.elapsed() < Duration::from_secs(10) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A builder that keeps nothing.
fn builder() -> Builder {
    Builder::new(Limits::default(), Shelf::looking(None))
}

impl Builder {
    fn build_tip(&mut self, repo: &Repo) -> Build {
        let reader = repo.reader();
        self.build(&reader, &reader.refs("main").unwrap()).unwrap()
    }
}

impl Build {
    fn app(&self) -> Option<&Arc<App>> {
        self.table.as_ref().unwrap().app(APP)
    }

    fn release(&self, version: &str) -> Option<&Release> {
        self.app().unwrap().release(version)
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.app().unwrap().releases().map(|release| &*release.name).collect();
        names.sort_unstable();
        names
    }

    /// The hash of what a platform gets.
    fn bytes(&self, version: &str, platform: Platform) -> Option<[u8; 32]> {
        self.release(version)?.bundles.get(platform).as_ref().map(|bundle| bundle.sha256)
    }

    fn rules(&self, severity: Severity) -> Vec<&str> {
        self.problems.iter().filter(|problem| problem.severity == severity).map(|problem| problem.rule).collect()
    }

    fn errors(&self) -> Vec<&str> {
        self.rules(Severity::Error)
    }

    fn warnings(&self) -> Vec<&str> {
        self.rules(Severity::Warning)
    }

    #[track_caller]
    fn problem(&self, rule: &str) -> &Problem {
        self.problems.iter().find(|problem| problem.rule == rule).unwrap_or_else(|| panic!("{:#?}", self.problems))
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}
