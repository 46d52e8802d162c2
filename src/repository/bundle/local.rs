//! What stands in front of each file. A client that reads the zip from its start goes by this alone, so it must say the
//! same as the directory, and the files must follow each other without a gap.

use super::directory::{Directory, Listed, zip64};
use super::extra;
use super::fault::{Faults, ZipFault, ZipRule};
use super::fields::Fields;
use super::kind::DESCRIPTOR;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const DESCRIBED: [u8; 4] = *b"PK\x07\x08";
/// Flags that change what a reader does: encrypted in three ways, and sizes after the file.
const TELLING_FLAGS: u16 = 1 | DESCRIPTOR | 1 << 6 | 1 << 13;

/// A file and its packed bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located<'a> {
    pub(super) listed: Listed<'a>,
    pub(super) packed: &'a [u8],
}

/// Finds the packed bytes of every file, in their order in the zip. Left out, with a fault, are those whose header is wrong
/// and those that lie over others: no byte is in two of them, so that unpacking all takes no longer than the zip is large.
pub(super) fn locate<'a>(bytes: &'a [u8], directory: &Directory<'a>, faults: &mut Faults) -> Vec<Located<'a>> {
    let mut walk = Walk { bytes: bytes.get(..directory.start).unwrap_or_default(), reached: 0, lost: false };
    let mut in_order = directory.entries.clone();
    in_order.sort_by_key(|listed| listed.offset);
    let mut located = Vec::with_capacity(in_order.len());
    for listed in in_order {
        match walk.step(&listed, faults) {
            Ok(packed) => located.push(Located { listed, packed }),
            Err(fault) => faults.add(fault.of(listed.name)),
        }
    }
    if !walk.lost && walk.reached != directory.start {
        faults.add(out_of_place("after the last file"));
    }
    located
}

/// The way from one file to the next.
struct Walk<'a> {
    /// What is in front of the directory.
    bytes: &'a [u8],
    /// Where the last file ended.
    reached: usize,
    /// Whether a file was not understood, so that nobody knows where it ends.
    lost: bool,
}

impl<'a> Walk<'a> {
    /// The packed bytes of the next file.
    fn step(&mut self, listed: &Listed<'a>, faults: &mut Faults) -> Result<&'a [u8], ZipFault> {
        let (lost, offset) = (std::mem::replace(&mut self.lost, true), listed.offset as usize);
        if offset < self.reached {
            return Err(out_of_place("of another file in this one"));
        }
        let (packed, end) = read(self.bytes, listed)?;
        if offset > self.reached && !lost {
            faults.add(out_of_place("before the file").of(listed.name));
        }
        (self.reached, self.lost) = (end, false);
        Ok(packed)
    }
}

fn out_of_place(place: &str) -> ZipFault {
    let message = format!("there are bytes {place} that do not belong there, so clients do not see the same files");
    ZipFault::new(ZipRule::HiddenData, message)
}

/// The packed bytes of a file, and where what belongs to it ends.
fn read<'a>(bytes: &'a [u8], listed: &Listed<'a>) -> Result<(&'a [u8], usize), ZipFault> {
    let missing = || ZipFault::new(ZipRule::Damaged, "the file is not where the zip says, or not whole");
    let mut fields = Fields::at(bytes, listed.offset as usize).ok_or_else(missing)?;
    let header = Header::read(&mut fields).ok_or_else(missing)?;
    header.compare(listed)?;
    let packed = fields.bytes(listed.packed as usize).ok_or_else(missing)?;
    if header.flags & DESCRIPTOR != 0 {
        read_descriptor(&mut fields, listed).ok_or_else(|| mismatch("sizes after the file"))?;
    }
    Ok((packed, bytes.len() - fields.0.len()))
}

/// The header in front of a file.
struct Header<'a> {
    flags: u16,
    method: u16,
    crc32: u32,
    packed: u32,
    unpacked: u32,
    name: &'a [u8],
    extra: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(fields: &mut Fields<'a>) -> Option<Self> {
        fields.signature(LOCAL)?;
        let _needed = fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let _modified = fields.u32()?;
        let (crc32, packed, unpacked) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name, extra) = (fields.u16()?, fields.u16()?);
        let (name, extra) = (fields.bytes(name.into())?, fields.bytes(extra.into())?);
        Some(Header { flags, method, crc32, packed, unpacked, name, extra })
    }

    fn compare(&self, listed: &Listed<'_>) -> Result<(), ZipFault> {
        let extra = extra::read(self.extra);
        if extra.zip64 {
            return Err(zip64());
        }
        if self.name != listed.name || extra.name.is_some_and(|name| name != listed.name) {
            return Err(mismatch("name"));
        }
        if self.method != listed.method || (self.flags ^ listed.flags) & TELLING_FLAGS != 0 {
            return Err(mismatch("compression"));
        }
        if extra.broken {
            return Err(ZipFault::new(ZipRule::Damaged, "the extra fields before the file are damaged"));
        }
        self.compare_sizes(listed)
    }

    fn compare_sizes(&self, listed: &Listed<'_>) -> Result<(), ZipFault> {
        // Sizes that come after the file are those that count, and tools put zeros, guesses or the same here.
        let later = self.flags & DESCRIPTOR != 0;
        let same = (self.crc32, self.packed, self.unpacked) == (listed.crc32, listed.packed, listed.unpacked);
        if same || later { Ok(()) } else { Err(mismatch("checksum or size")) }
    }
}

fn mismatch(what: &str) -> ZipFault {
    let message = format!("the {what} in the zip's directory and at the file itself differ, and clients go by either");
    ZipFault::new(ZipRule::HeaderMismatch, message)
}

/// Reads the checksum and the sizes after a file, with or without a signature in front.
fn read_descriptor(fields: &mut Fields<'_>, listed: &Listed<'_>) -> Option<()> {
    let mut signed = *fields;
    if signed.signature(DESCRIBED).and_then(|()| described(&mut signed, listed)).is_some() {
        *fields = signed;
        return Some(());
    }
    described(fields, listed)
}

fn described(fields: &mut Fields<'_>, listed: &Listed<'_>) -> Option<()> {
    let found = (fields.u32()?, fields.u32()?, fields.u32()?);
    (found == (listed.crc32, listed.packed, listed.unpacked)).then_some(())
}
