//! Artefacts: files named by the SHA-256 of what is in them.

use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use bytes::Bytes;
use memmap2::{Advice, Mmap};
use sha2::{Digest, Sha256};

use super::{Store, files, map};

/// What [`Store::collect`] deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// How many files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

impl Store {
    /// Keeps bytes under their SHA-256. That they are there already is success.
    ///
    /// # Errors
    /// Where the bytes do not have that hash, and what the system says, a full disk among it. Then nothing is kept.
    pub fn keep(&self, sha256: &[u8; 32], bytes: &[u8]) -> io::Result<()> {
        let path = self.artefact(sha256);
        if is_file_of_size(&path, bytes.len() as u64) {
            return Ok(());
        }
        if Sha256::digest(bytes).as_slice() != sha256 {
            return Err(files::refused(&path, "the bytes have another hash"));
        }
        self.write(&path, bytes, true)?;
        // of a damaged file that was replaced
        self.mappings.forget(&|mapped| mapped == sha256);
        Ok(())
    }

    /// Whether the artefact is there in that size, in bytes. Another size is that of a damaged file, which
    /// [`keep`](Store::keep) replaces.
    pub fn has(&self, sha256: &[u8; 32], size: u64) -> bool {
        is_file_of_size(&self.artefact(sha256), size)
    }

    /// The bytes of an artefact, mapped, not read; `None` where it is not kept. They stay usable when it is collected.
    ///
    /// # Errors
    /// What the system says.
    pub fn map(&self, sha256: &[u8; 32]) -> io::Result<Option<Bytes>> {
        if let Some(bytes) = self.mappings.of(sha256) {
            return Ok(Some(bytes));
        }
        let path = self.artefact(sha256);
        match File::open(&path).and_then(|file| mapped(&file)) {
            Ok(map) => Ok(Some(map.map_or_else(Bytes::new, |map| self.mappings.share(*sha256, map)))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                self.lost.store(true, Ordering::Relaxed);
                Ok(None)
            }
            Err(e) => Err(files::explain("read", &path, &e)),
        }
    }

    /// Asks the system to read an artefact ahead, so that the first who sends it does not wait for the disk. Does nothing
    /// where that is not possible.
    pub fn will_need(&self, sha256: &[u8; 32]) {
        // The pages stay in the system's cache, also without this mapping.
        if let Ok(file) = File::open(self.artefact(sha256))
            && let Ok(map) = map::map(&file)
        {
            let _ = map.advise(Advice::WillNeed);
        }
    }

    /// Deletes the artefacts whose hash `keep` refuses. Downloads that run go on: what they have mapped lives as long as
    /// they do.
    ///
    /// # Errors
    /// What the system says; what was deleted until then stays deleted.
    pub fn collect(&self, keep: &dyn Fn(&[u8; 32]) -> bool) -> io::Result<Collected> {
        let mut collected = Collected::default();
        self.mappings.forget(&|sha256| !keep(sha256));
        for folder in entries(&self.root.join("sha256"))? {
            for file in entries(&folder.path())? {
                if hash_of(&folder, &file).is_some_and(|sha256| !keep(&sha256)) {
                    collected.bytes += delete(&file.path())?;
                    collected.files += 1;
                }
            }
        }
        Ok(collected)
    }

    fn artefact(&self, sha256: &[u8; 32]) -> PathBuf {
        let [first, rest @ ..] = sha256;
        self.root.join("sha256").join(hex::encode([*first])).join(hex::encode(rest))
    }
}

fn is_file_of_size(path: &Path, size: u64) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == size)
}

/// None for a file of no bytes, whose mapping is an error on some systems.
fn mapped(file: &File) -> io::Result<Option<Mmap>> {
    if file.metadata()?.len() == 0 { Ok(None) } else { map::map(file).map(Some) }
}

/// What is in a folder; nothing where there is none, or where it is a file.
fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder).and_then(Iterator::collect) {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        read => read.map_err(|e| files::explain("read the folder", folder, &e)),
    }
}

fn delete(path: &Path) -> io::Result<u64> {
    let size = fs::metadata(path).and_then(|found| fs::remove_file(path).map(|()| found.len()));
    size.map_err(|e| files::explain("delete", path, &e))
}

fn hash_of(folder: &DirEntry, file: &DirEntry) -> Option<[u8; 32]> {
    let name = [folder.file_name().into_string().ok()?, file.file_name().into_string().ok()?].concat();
    let mut sha256 = [0; 32];
    hex::decode_to_slice(name, &mut sha256).ok()?;
    Some(sha256)
}
