//! The list of files at the end of a zip, walked by hand: the library merges entries of one name, and a zip in which two
//! readers see different files is what we look for.

use super::Limits;
use super::fault::{ZipFault, ZipRule};
use super::fields::Fields;

const END: [u8; 4] = *b"PK\x05\x06";
const END_SIZE: usize = 22;
const ZIP64_LOCATOR: [u8; 4] = *b"PK\x06\x07";
const ZIP64_LOCATOR_SIZE: usize = 20;
const LISTED: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// The files of a zip as its directory lists them.
#[derive(Debug)]
pub(super) struct Directory<'a> {
    /// In the order of the directory.
    pub(super) entries: Vec<Listed<'a>>,
    /// Where the directory begins: files come before.
    pub(super) start: usize,
}

/// One file or folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed<'a> {
    pub(super) name: &'a [u8],
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc32: u32,
    pub(super) packed: u32,
    pub(super) unpacked: u32,
    /// Of a split zip, which part; else 0.
    pub(super) disk: u16,
    /// The upper half is the mode on Unix.
    pub(super) attributes: u32,
    /// Where its local header begins.
    pub(super) offset: u32,
    pub(super) extra: &'a [u8],
}

impl<'a> Directory<'a> {
    /// Reads the directory.
    ///
    /// # Errors
    /// The one fault for which the zip cannot be read any further.
    pub(super) fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, ZipFault> {
        let at = find_end(bytes)?;
        let end = End::read(bytes, at).ok_or_else(|| cut_off(bytes))?;
        end.check(bytes, at, limits)?;
        let start = end.directory_offset as usize;
        let entries = Fields::at(bytes, start).and_then(|fields| Some(Fields(fields.0.get(..at - start)?)));
        let entries = entries.and_then(|fields| read_entries(fields, end.entries)).ok_or_else(|| {
            ZipFault::new(
                ZipRule::NotAZip,
                "the directory at the end of the zip is damaged, so its files cannot be told",
            )
        })?;
        Ok(Directory { entries, start })
    }
}

fn read_entries(mut fields: Fields<'_>, count: u16) -> Option<Vec<Listed<'_>>> {
    let entries: Option<Vec<_>> = (0..count).map(|_| Listed::read(&mut fields)).collect();
    entries.filter(|_| fields.0.is_empty())
}

impl<'a> Listed<'a> {
    fn read(fields: &mut Fields<'a>) -> Option<Self> {
        fields.signature(LISTED)?;
        let (_made_by, _needed) = (fields.u16()?, fields.u16()?);
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _modified = fields.u32()?;
        let (crc32, packed, unpacked) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let (disk, _text) = (fields.u16()?, fields.u16()?);
        let (attributes, offset) = (fields.u32()?, fields.u32()?);
        let (name, extra) = (fields.bytes(name.into())?, fields.bytes(extra.into())?);
        fields.bytes(comment.into())?;
        Some(Listed { name, flags, method, crc32, packed, unpacked, disk, attributes, offset, extra })
    }

    /// Whether its name says that it is a folder.
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }
}

/// The last record of a zip.
struct End {
    disk: u16,
    directory_disk: u16,
    entries_here: u16,
    entries: u16,
    directory_size: u32,
    directory_offset: u32,
}

impl End {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let mut fields = Fields::at(bytes, at)?;
        fields.signature(END)?;
        Some(End {
            disk: fields.u16()?,
            directory_disk: fields.u16()?,
            entries_here: fields.u16()?,
            entries: fields.u16()?,
            directory_size: fields.u32()?,
            directory_offset: fields.u32()?,
        })
    }

    fn check(&self, bytes: &[u8], at: usize, limits: &Limits) -> Result<(), ZipFault> {
        if self.is_zip64(bytes, at) {
            return Err(zip64());
        }
        if (self.disk, self.directory_disk, self.entries_here) != (0, 0, self.entries) {
            return Err(ZipFault::new(
                ZipRule::SplitZip,
                "this is a part of a zip that was split, and no client joins them",
            ));
        }
        self.check_count(limits)?;
        match (u64::from(self.directory_offset) + u64::from(self.directory_size)).cmp(&(at as u64)) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => Err(foreign_bytes()),
            std::cmp::Ordering::Greater => Err(cut_off(bytes)),
        }
    }

    fn check_count(&self, limits: &Limits) -> Result<(), ZipFault> {
        if self.entries == 0 {
            return Err(ZipFault::new(ZipRule::EmptyZip, "there is no file in the zip"));
        }
        if u64::from(self.entries) > limits.max_entries {
            let (count, limit) = (self.entries, limits.max_entries);
            let message = format!("the zip has {count} files and folders, and the limit (`max_entries`) is {limit}");
            return Err(ZipFault::new(ZipRule::TooManyEntries, message));
        }
        Ok(())
    }

    fn is_zip64(&self, bytes: &[u8], at: usize) -> bool {
        let locator = at.checked_sub(ZIP64_LOCATOR_SIZE).and_then(|at| bytes.get(at..));
        locator.is_some_and(|bytes| bytes.starts_with(&ZIP64_LOCATOR))
            || self.entries == u16::MAX
            || self.directory_size == u32::MAX
            || self.directory_offset == u32::MAX
    }
}

/// A fault of zips that use the form for large ones.
// Newer clients read it, but not every version in the field was seen to, and nothing within the limits needs it.
pub(super) fn zip64() -> ZipFault {
    ZipFault::new(ZipRule::Zip64, "the zip is in the form for more than 4 GiB (Zip64), which not every client reads")
}

/// Where the last record begins. Readers search for it from the end, so the last signature counts, and what follows it must
/// be its comment and nothing else, or they stop at different places.
fn find_end(bytes: &[u8]) -> Result<usize, ZipFault> {
    if bytes.is_empty() {
        return Err(ZipFault::new(ZipRule::NotAZip, "the file is empty"));
    }
    let searched = bytes.len().saturating_sub(END_SIZE + usize::from(u16::MAX));
    let tail = bytes.get(searched..).unwrap_or_default();
    let at = tail.windows(END.len()).rposition(|window| window == END).ok_or_else(|| cut_off(bytes))? + searched;
    let comment =
        Fields::at(bytes, at + END_SIZE - 2).and_then(|mut fields| fields.u16()).ok_or_else(|| cut_off(bytes))?;
    match (at + END_SIZE + usize::from(comment)).cmp(&bytes.len()) {
        std::cmp::Ordering::Equal => Ok(at),
        std::cmp::Ordering::Less => Err(foreign_bytes()),
        std::cmp::Ordering::Greater => Err(cut_off(bytes)),
    }
}

fn foreign_bytes() -> ZipFault {
    ZipFault::new(
        ZipRule::HiddenData,
        "the zip has bytes before, between or after its files that belong to none of them",
    )
}

fn cut_off(bytes: &[u8]) -> ZipFault {
    let message = if bytes.starts_with(&LOCAL) {
        "the end of the zip is missing or damaged: it may have been cut off on the way"
    } else {
        "the file is not a zip"
    };
    ZipFault::new(ZipRule::NotAZip, message)
}
