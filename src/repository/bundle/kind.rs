//! What an entry is: a plain file or a folder, packed in a way that every client unpacks.

use super::directory::{Listed, zip64};
use super::extra;
use super::fault::{Faults, ZipFault, ZipRule};
use crate::release::platform::Platform;

/// Flags: encrypted, strongly encrypted, with its directory masked.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Flag: a patch to another file.
const PATCH: u16 = 1 << 5;
/// Flag: checksum and sizes come after the file.
pub(super) const DESCRIPTOR: u16 = 1 << 3;
/// The method of a file that is not compressed.
pub(super) const STORED: u16 = 0;
/// The method of one that is.
const DEFLATED: u16 = 8;

/// What MS-DOS and Windows say of a folder.
const DOS_FOLDER: u32 = 0x10;
const FILE_TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const PLAIN: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;

/// Whether the packed bytes are those of a file, in a form that we know.
pub(super) fn can_unpack(listed: &Listed<'_>) -> bool {
    listed.flags & (ENCRYPTED | PATCH) == 0 && matches!(listed.method, STORED | DEFLATED)
}

/// Adds what is wrong with the kind of an entry.
pub(super) fn check(listed: &Listed<'_>, faults: &mut Faults) {
    for fault in [special(listed), packing(listed), form(listed)].into_iter().flatten() {
        faults.add(fault.of(listed.name));
    }
}

fn special(listed: &Listed<'_>) -> Option<ZipFault> {
    let fault = |message| Some(ZipFault::new(ZipRule::SpecialFile, message));
    let looks_like_folder = listed.attributes == DOS_FOLDER;
    match (listed.attributes >> 16 & FILE_TYPE, listed.is_folder()) {
        (SYMLINK, _) => fault("this is a symlink, which Android writes as a text file"),
        (FOLDER, false) => fault("this is a folder by its mode and a file by its name, and clients go by either"),
        (0, false) if looks_like_folder => fault("this is a folder by its attributes and a file by its name"),
        (PLAIN, true) => fault("this is a file by its mode and a folder by its name, and clients go by either"),
        (0 | FOLDER, true) if listed.unpacked != 0 => fault("this is a folder with contents, which some clients drop"),
        (0 | FOLDER, true) | (0 | PLAIN, false) => None,
        _ => fault("this is neither a file nor a folder"),
    }
}

fn packing(listed: &Listed<'_>) -> Option<ZipFault> {
    if listed.flags & ENCRYPTED != 0 {
        return Some(ZipFault::new(ZipRule::Encrypted, "the file needs a password, which no client has"));
    }
    if !matches!(listed.method, STORED | DEFLATED) || listed.flags & PATCH != 0 {
        let method = listed.method;
        let message =
            format!("the file is compressed by method {method}, and clients know only deflate (8) and none (0)");
        return Some(ZipFault::new(ZipRule::CompressionMethod, message));
    }
    (listed.method == STORED && listed.flags & DESCRIPTOR != 0).then(|| {
        let message = "the file is not compressed and its size comes after it, so Android cannot tell where it ends";
        ZipFault::new(ZipRule::StoredWithDescriptor, message).refusing([Platform::Android])
    })
}

fn form(listed: &Listed<'_>) -> Option<ZipFault> {
    let extra = extra::read(listed.extra);
    let beyond = [listed.packed, listed.unpacked, listed.offset].contains(&u32::MAX);
    if extra.broken {
        return Some(ZipFault::new(ZipRule::Damaged, "the extra fields of the file are damaged"));
    }
    if listed.disk != 0 {
        return Some(ZipFault::new(ZipRule::SplitZip, "the file is in another part of a zip that was split"));
    }
    (extra.zip64 || beyond).then(zip64)
}
