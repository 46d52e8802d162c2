//! Content-addressed files: the bytes that devices download, and small records of what was learned from them.
//!
//! [`Store`] keeps artefacts under `store/sha256/` by their hash and records under `store/<kind>/` by a key. The
//! invariant: a name of the store stands for whole, checked bytes that never change. A file is written under `store/tmp/`,
//! made durable, made read-only, and only then renamed; nothing is written in place, so that what a download has mapped
//! stays as it is.

mod artefact;
mod files;
mod journal;
mod lock;
mod map;
mod mappings;
mod operator;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use artefact::Collected;
pub use lock::{OpenError, PROCESS};
use mappings::Mappings;

/// The files of one data directory.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// Held as long as the store may write.
    lock: Mutex<Option<File>>,
    /// Something that should be there was not.
    lost: AtomicBool,
    /// Folders with names that are not durable yet.
    touched: Mutex<BTreeSet<PathBuf>>,
    mappings: Mappings,
}

impl Store {
    /// Opens the store of a data directory for writing, makes what is missing, and removes what a crash left half
    /// written. `holder` is what another daemon is told that wants the same directory.
    ///
    /// # Errors
    /// [`OpenError::Held`] where another process has the directory open, else what the system says.
    pub fn open(data: &Path, holder: &str) -> Result<Store, OpenError> {
        let store = Store::read_only(data);
        store.prepare(data, holder)?;
        Ok(store)
    }

    fn prepare(&self, data: &Path, holder: &str) -> Result<(), OpenError> {
        files::make_folder(data)?;
        let lock = lock::take(&data.join("lock"), holder)?;
        files::remove_folder(&self.temporary())?;
        files::make_folder(&self.temporary())?;
        files::make_folder(&self.root.join("sha256"))?;
        self.touched().extend([data.to_owned(), self.root.clone()]);
        *self.lock() = Some(lock);
        Ok(())
    }

    /// Whether the directory is no longer the one that was opened, or an artefact was asked for that is not in it: a
    /// repository was restored without it, or somebody cleaned up. Says so once.
    pub fn take_damage(&self) -> bool {
        let moved = |lock: &File| !lock::is_at(lock, &self.lock_path()) || !self.temporary().is_dir();
        self.lost.swap(false, Ordering::Relaxed) || self.lock().as_ref().is_some_and(moved)
    }

    /// Whether this user may not see who holds the directory.
    pub fn is_closed(&self) -> bool {
        lock::is_closed(&self.lock_path())
    }

    /// Whether a process holds the directory.
    pub fn is_held(&self) -> bool {
        lock::is_held(&self.lock_path())
    }

    /// Opens the same directory again, making what is missing. What was kept may have to be kept again.
    ///
    /// # Errors
    /// As [`open`](Store::open).
    pub fn renew(&self, holder: &str) -> Result<(), OpenError> {
        let path = self.lock_path();
        let is_held = self.lock().as_ref().is_some_and(|lock| lock::is_at(lock, &path));
        if is_held {
            files::make_folder(&self.temporary())?;
            return Ok(files::make_folder(&self.root.join("sha256"))?);
        }
        let data = path.parent().unwrap_or(&path);
        self.prepare(data, holder)
    }

    fn lock_path(&self) -> PathBuf {
        self.root.with_file_name("lock")
    }

    /// The store of a data directory, to look into only: takes no lock and makes nothing. A directory that is not there
    /// is an empty store. Writing to it is an error.
    pub fn read_only(data: &Path) -> Store {
        Store {
            root: data.join("store"),
            lock: Mutex::default(),
            lost: AtomicBool::new(false),
            touched: Mutex::default(),
            mappings: Mappings::default(),
        }
    }

    /// Says anew what another daemon is told that wants the same directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn hold_as(&self, holder: &str) -> io::Result<()> {
        self.lock().as_ref().map_or(Ok(()), |lock| lock::sign(lock, holder))
    }

    /// Makes the names of what was kept since the last call durable, as the bytes are already. To be called before
    /// anyone is told of them.
    ///
    /// # Errors
    /// What the system says; the next call tries again.
    pub fn sync(&self) -> io::Result<()> {
        let mut touched = self.touched();
        for folder in touched.iter() {
            files::sync_folder(folder)?;
        }
        touched.clear();
        Ok(())
    }

    /// Writes a file that is there whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
        if self.lock().is_none() {
            return Err(files::refused(path, "this store is open for reading only"));
        }
        let Some(folder) = path.parent() else { return Err(files::refused(path, "it has no folder")) };
        files::make_folders_below(&self.root, folder)?;
        files::write(&self.temporary(), path, bytes, durable)?;
        if durable {
            // The folder itself may be new in the one above.
            self.touched().extend(path.ancestors().skip(1).take(2).map(Path::to_owned));
        }
        Ok(())
    }

    fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    fn lock(&self) -> MutexGuard<'_, Option<File>> {
        // A handle is right whatever its holder was doing when it panicked.
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touched(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        // A set of paths is right whatever its holder was doing when it panicked.
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
