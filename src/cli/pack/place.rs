//! Puts a release where it belongs: whole or not at all, and over nothing that devices may have.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use super::found::{self, Lies};
use super::target::Target;
use super::told;
use super::written::{self, File};
use super::zip::Packed;
use crate::cli::failure::Failure;
use crate::repository::bundle::Limits;
use crate::repository::draft::{DESCRIPTOR, Slot};
use crate::repository::earlier::{self, Earlier};
use crate::repository::id::CommitId;
use crate::repository::reader::{Held, blob_id};
use crate::repository::shell_word::quote;

/// What is to be written, next to what is there already.
pub struct Plan<'p> {
    slot: Slot,
    path: String,
    earlier: Earlier,
    /// The files that are missing or other, and their bytes.
    writes: Vec<File<'p>>,
    descriptor: bool,
}

impl<'p> Plan<'p> {
    /// Compares with what is there, and with what was there in any commit.
    ///
    /// # Errors
    /// The version's bytes are others, or something is in the way that `force` does not allow to replace.
    pub fn make(
        target: &Target,
        slot: Slot,
        packed: &'p Packed,
        descriptor: Option<&'p str>,
        limits: &Limits,
        force: bool,
    ) -> Result<Plan<'p>, Failure> {
        let bundle = (slot, blob_id(&packed.bytes)?);
        let earlier = earlier::look(&target.reader, &target.app, &target.version, bundle, limits)?;
        if let Some(commit) = earlier.other_bytes {
            return Err(taken(target, commit)?);
        }
        let files = [(slot.file_name(), Some(&*packed.bytes)), (DESCRIPTOR, descriptor.map(str::as_bytes))];
        refuse_gone(target, files.map(|(name, bytes)| bytes.map(|_| name)))?;
        let mut writes = Vec::new();
        for (name, bytes) in files {
            let Some(bytes) = bytes else { continue };
            let path = format!("{}/{name}", target.path());
            refuse_committed(target, &path, name, bytes)?;
            match there(target, &path, bytes)? {
                There::Same => {}
                There::Other if !force => return Err(in_the_way(&path)),
                There::Other | There::Nothing => writes.push(File { name, bytes, replaces: force }),
            }
        }
        Ok(Plan { slot, path: target.path(), earlier, writes, descriptor: descriptor.is_some() })
    }

    /// Whether all of it was there before.
    pub fn is_done_already(&self) -> bool {
        self.writes.is_empty()
    }

    /// Whether the newest commit has the version.
    pub fn is_committed(&self) -> bool {
        self.earlier.is_there
    }

    /// The path of the bundle from the root of the work tree.
    pub fn bundle(&self) -> String {
        format!("{}/{}", self.path, self.slot.file_name())
    }

    /// The path of the descriptor, where flags asked for one.
    pub fn descriptor(&self) -> Option<String> {
        self.descriptor.then(|| format!("{}/{DESCRIPTOR}", self.path))
    }

    /// Both.
    pub fn files(&self) -> impl Iterator<Item = String> {
        [self.bundle()].into_iter().chain(self.descriptor())
    }

    /// Writes what is missing.
    ///
    /// # Errors
    /// What the disk says; then nothing is left behind.
    pub fn carry_out(&self, target: &Target) -> Result<(), Failure> {
        if self.writes.is_empty() {
            return Ok(());
        }
        // from here on it takes moments, at whose end all is whole: a signal need not fear to come too late
        let _held = hold_signals();
        let failed =
            |error: io::Error| Failure::environment(format!("cannot write {}: {error}", target.directory().display()));
        written::write(&self.writes, &target.root, &target.app, &target.version).map_err(failed)
    }
}

enum There {
    Nothing,
    Same,
    Other,
}

fn there(target: &Target, path: &str, bytes: &[u8]) -> Result<There, Failure> {
    Ok(match Lies::at(&target.reader, path)? {
        Lies::Nothing => There::Nothing,
        Lies::NoFile => return Err(found::no_file(&target.reader, path)),
        Lies::OnDisk(found) if found == bytes => There::Same,
        // left out of a sparse checkout it is there all the same; else somebody removed it, and it comes back
        Lies::InGit(id) if id == blob_id(bytes)? && target.reader.leaves_out(path) => There::Same,
        Lies::InGit(id) if id == blob_id(bytes)? => There::Nothing,
        Lies::OnDisk(_) | Lies::InGit(_) => There::Other,
    })
}

/// Files of the release that git holds and that are gone from the work tree, but for `made`, which are written: a `git add` of
/// the folder would take them away, and a yank with them.
fn refuse_gone(target: &Target, made: [Option<&str>; 2]) -> Result<(), Failure> {
    let names = Slot::ALL.map(Slot::file_name).into_iter().chain([DESCRIPTOR]);
    for name in names.filter(|name| !made.contains(&Some(*name))) {
        let path = format!("{}/{name}", target.path());
        let Lies::InGit(_) = Lies::at(&target.reader, &path)? else { continue };
        if !target.reader.leaves_out(&path) {
            return Err(gone(target, &path, target.reader.held(&path)?, name == DESCRIPTOR));
        }
    }
    Ok(())
}

/// A descriptor that is committed may say what no flag says: a yank above all.
fn refuse_committed(target: &Target, path: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let committed = target.reader.held(path)?.committed;
    if name != DESCRIPTOR || committed.is_none_or(|id| blob_id(bytes).is_ok_and(|ours| ours == id)) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{path} is committed, and is not what the flags say: a yank in it would be lost, and devices get what it withdrew"
    ))
    .hint("leave the flags of release.toml out, and edit the file"))
}

fn taken(target: &Target, commit: CommitId) -> Result<Failure, Failure> {
    let Target { app, version, .. } = target;
    let short = commit.short();
    let failure = Failure::usage(format!(
        "{app} {version} has other bytes since commit {short}, and bytes are for ever: devices keep them by version"
    ))
    .hint("take a higher version");
    // its parent by name: that of a short id and `~1` means nothing once it was typed
    Ok(match target.reader.unpushed(commit)? {
        Some(parent) => failure.hint(format!(
            "or, as {short} is not pushed yet: take it and what follows back into the index by `git reset --soft {}`, and \
             pack again with `--force`",
            parent.short()
        )),
        None => failure,
    })
}

fn gone(target: &Target, path: &str, held: Held, may_go: bool) -> Failure {
    let (git, shown) = (told::git(&target.root), quote(path));
    // of an index that only git can read it is not known what it has
    let is_staged = held.staged.is_some() || !target.reader.reads_index();
    if !is_staged {
        let message = format!("the removal of {path} is staged and not committed, and this would be committed with it");
        let failure = Failure::usage(message).hint(format!("bring it back: `{git} checkout HEAD -- {shown}`"));
        return if may_go {
            failure.hint(format!("if it is to go, commit that first: `{git} commit`"))
        } else {
            failure
        };
    }
    let message =
        format!("{path} is in git and gone from the work tree, so that `git add` would take it out of the release");
    // what is staged may be newer than what is committed
    let failure = Failure::usage(message).hint(format!("bring it back: `{git} checkout -- {shown}`"));
    let first = if held.committed.is_some() { ", and commit that first" } else { "" };
    if may_go { failure.hint(format!("if it is to go: `{git} rm --cached {shown}`{first}")) } else { failure }
}

fn in_the_way(path: &str) -> Failure {
    Failure::usage(format!("{path} is there already, and is not what this would make"))
        .hint("`--force` replaces it, or take another version")
}

/// Has the signals that end a program do nothing any more. Where that cannot be, they do.
fn hold_signals() -> Option<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().ok()?;
    let entered = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        drop(signal(kind).ok()?);
    }
    drop(entered);
    Some(runtime)
}
