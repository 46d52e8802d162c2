//! Puts a release where it belongs: whole or not at all, and over nothing that devices may have.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tokio::signal::unix::{SignalKind, signal};

use super::target::Target;
use super::zip::Packed;
use crate::cli::failure::Failure;
use crate::repository::bundle::Limits;
use crate::repository::draft::{DESCRIPTOR, Slot};
use crate::repository::earlier::{self, Earlier};
use crate::repository::reader::blob_id;

/// What is to be written, next to what is there already.
pub struct Plan<'p> {
    slot: Slot,
    path: String,
    earlier: Earlier,
    /// The files that are missing or other, and their bytes.
    writes: Vec<(&'static str, &'p [u8])>,
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
            return Err(taken(target, &commit.short()));
        }
        refuse_links(target)?;
        let files = [(slot.file_name(), Some(&*packed.bytes)), (DESCRIPTOR, descriptor.map(str::as_bytes))];
        let mut writes = Vec::new();
        for (name, bytes) in files {
            let Some(bytes) = bytes else { continue };
            match there(&target.directory().join(name), bytes)? {
                There::Same => {}
                There::Other if !force => return Err(in_the_way(&target.path(), name)),
                There::Other | There::Nothing => writes.push((name, bytes)),
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
        self.write(target).map_err(failed)
    }

    fn write(&self, target: &Target) -> io::Result<()> {
        // on the same file system, and gone at the end whatever happens
        let beside = tempfile::Builder::new().prefix(".pushlive-pack-").tempdir_in(&target.root)?;
        // not that folder itself, which nobody else may read
        let made = beside.path().join("release");
        fs::create_dir(&made)?;
        for (name, bytes) in &self.writes {
            fs::write(made.join(name), bytes)?;
        }
        let app = target.root.join(&target.app);
        let is_new = fs::create_dir(&app).is_ok();
        let moved = self.move_to(&made, &target.directory());
        if moved.is_err() && is_new {
            let _ = fs::remove_dir(&app);
        }
        moved
    }

    fn move_to(&self, made: &Path, directory: &Path) -> io::Result<()> {
        if !directory.exists() {
            return fs::rename(made, directory);
        }
        self.writes.iter().try_for_each(|(name, _)| fs::rename(made.join(name), directory.join(name)))
    }
}

enum There {
    Nothing,
    Same,
    Other,
}

fn there(path: &Path, bytes: &[u8]) -> Result<There, Failure> {
    match fs::read(path) {
        Ok(found) if found == bytes => Ok(There::Same),
        Ok(_) => Ok(There::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(There::Nothing),
        Err(error) => Err(Failure::environment(format!("cannot read {}: {error}", path.display()))),
    }
}

fn taken(target: &Target, commit: &str) -> Failure {
    let Target { app, version, .. } = target;
    Failure::usage(format!(
        "{app} {version} has other bytes since commit {commit}, and bytes are for ever: devices keep them by version"
    ))
    .hint("take a higher version")
}

fn in_the_way(path: &str, name: &str) -> Failure {
    Failure::usage(format!("{path}/{name} is there already, and is not what this would make"))
        .hint("`--force` replaces it, or take another version")
}

/// Nobody follows a link in the repository, so what lies behind it would not be released.
fn refuse_links(target: &Target) -> Result<(), Failure> {
    let folders: [PathBuf; 2] = [target.root.join(&target.app), target.directory()];
    for folder in folders {
        match fs::symlink_metadata(&folder) {
            Ok(found) if !found.is_dir() => {
                return Err(Failure::environment(format!("{} is there, and is no folder", folder.display()))
                    .hint("move it elsewhere: a release is a folder with files, and links are not followed"));
            }
            _ => {}
        }
    }
    Ok(())
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
