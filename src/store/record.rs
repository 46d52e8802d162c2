//! Records: small files of what was learned, to be learned again where one is missing.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::{Store, files};

/// Bytes of the checksum in front of every record.
const CHECKSUM: usize = 4;

impl Store {
    /// What was recorded under that kind and key. Any fault of the file is `None`: a record can be learned again.
    pub fn record(&self, kind: &str, key: &str) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.record_path(kind, key)?).ok()?;
        let (checksum, text) = bytes.split_first_chunk::<CHECKSUM>()?;
        if crc32fast::hash(text) != u32::from_le_bytes(*checksum) {
            return None;
        }
        bytes.drain(..CHECKSUM);
        Some(bytes)
    }

    /// Records bytes under a kind and a key, in place of what was there. A reader sees the old or the new, or, after the
    /// machine lost power, perhaps neither; never a part.
    ///
    /// A kind and a key are ASCII letters, digits and `-`, a key at least three of them.
    ///
    /// # Errors
    /// Where the kind or the key is none, and what the system says.
    pub fn write_record(&self, kind: &str, key: &str, bytes: &[u8]) -> io::Result<()> {
        let path =
            self.record_path(kind, key).ok_or_else(|| files::refused(key.as_ref(), "it is no key of a record"))?;
        // Not synced, as ten thousand would take a minute: the checksum tells what a loss of power tore.
        self.write(&path, &[&crc32fast::hash(bytes).to_le_bytes(), bytes].concat(), false)
    }

    fn record_path(&self, kind: &str, key: &str) -> Option<PathBuf> {
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if kind.is_empty() || matches!(kind, "tmp" | "sha256") || !plain(kind) || !plain(key) {
            return None;
        }
        let (folder, file) = key.split_at_checked(2)?;
        (!file.is_empty()).then(|| self.root.join(kind).join(folder).join(file))
    }
}
