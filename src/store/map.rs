//! A file of the store as memory: an unsafe line, with its proof.

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// Maps a file that nobody changes any more.
///
/// # Errors
/// What the system says.
#[allow(unsafe_code, reason = "nobody can promise a compiler that a file stays as it is")]
pub(super) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: a mapping of a file that shrinks kills the process at the next read. Ours never do: they are written under
    // another name, made read-only, renamed into a folder that only our user may enter, and from then on only ever unlinked.
    unsafe { Mmap::map(file) }
}
