//! One daemon for a data directory.

use std::error::Error;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::files;

/// Bytes of the holder's text that are read: a sentence is meant, whatever the file has become.
const HOLDER_LIMIT: u64 = 1024;

/// What the text of a holder begins with; the number of its process follows.
pub const PROCESS: &str = "process ";

/// Why a store did not open for writing.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it open.
    Held {
        /// What that process wrote about itself; may be empty.
        by: String,
    },
    /// The system refused; the text names the path.
    Io(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Held { by } if by.is_empty() => f.write_str("it is in use by another process"),
            OpenError::Held { by } => write!(f, "it is in use by {by}"),
            OpenError::Io(error) => error.fmt(f),
        }
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            OpenError::Held { .. } => None,
            OpenError::Io(error) => Some(error),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        OpenError::Io(error)
    }
}

/// Locks the file until the returned handle is dropped, and writes the holder's text into it. The file stays for good:
/// were it removed, two processes could hold locks on two files of one name.
pub(super) fn take(path: &Path, holder: &str) -> Result<File, OpenError> {
    let mut options = OpenOptions::new();
    // Not truncated on opening, or a second daemon would wipe out the text of the first.
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path).map_err(|e| files::explain("open", path, &e))?;
    match lock_patiently(&file) {
        Ok(()) => sign(&file, holder).map_err(|e| files::explain("write", path, &e))?,
        Err(TryLockError::WouldBlock) => return Err(OpenError::Held { by: signature(&file) }),
        Err(TryLockError::Error(e)) => return Err(files::explain("lock", path, &e).into()),
    }
    Ok(file)
}

/// Whoever only looks whether it is held has it for a moment too.
fn lock_patiently(file: &File) -> Result<(), TryLockError> {
    const TRIES: u32 = 20;
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
            locked => return locked,
        }
    }
    file.try_lock()
}

/// Whether a process holds the lock. A number of a process tells nothing: another may have it by now.
pub(super) fn is_held(path: &Path) -> bool {
    files::open_regular(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether it is not for this user to see.
pub(super) fn is_closed(path: &Path) -> bool {
    files::open_regular(path).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

/// Whether the file at that path is still the one that is locked.
pub(super) fn is_at(lock: &File, path: &Path) -> bool {
    let identity = |found: Metadata| (found.dev(), found.ino());
    match (lock.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => identity(held) == identity(there),
        _ => false,
    }
}

/// Writes the holder's text, in place of the one before.
pub(super) fn sign(mut file: &File, holder: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(holder.as_bytes())
}

fn signature(file: &File) -> String {
    let mut text = Vec::new();
    // Without its text the holder holds it all the same.
    let _ = file.take(HOLDER_LIMIT).read_to_end(&mut text);
    String::from_utf8_lossy(&text).trim().to_owned()
}
