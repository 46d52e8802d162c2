//! Whether a zip is one that every client can install.
//!
//! The clients read zips in three ways: Android's goes through the file from its start, iOS and Electron begin with the
//! directory at its end, and each refuses other things. [`inspect`] asks for the zips that all three read alike, and says of
//! every [`ZipFault`] whose clients it stops. A zip that passes holds the same files for whoever reads it.
//!
//! In the order of the work: `directory` reads the list at the end, `name` and `kind` judge its entries, `tree` where
//! `index.html` lies and which names get in each other's way, `local` compares what stands in front of each file,
//! `contents` unpacks it all.

mod contents;
mod directory;
mod extra;
mod fault;
mod fields;
mod kind;
mod local;
mod name;
#[cfg(test)]
mod tests;
mod tree;
pub mod write;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::directory::Directory;
use self::fault::Faults;
use crate::release::platform::{Platform, PlatformSet};
use crate::release::table::Bundle;

pub use self::fault::{ZipFault, ZipRule};

/// Version of these rules: with the [`Limits`], part of the key under which inspections are kept.
pub const RULES: u32 = 3;

/// How large a zip may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the zip itself.
    pub max_bundle: u64,
    /// Files and folders in it.
    pub max_entries: u64,
    /// Bytes of all its files, unpacked.
    pub max_unpacked: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_bundle: 512 << 20, max_entries: 20_000, max_unpacked: 2 << 30 }
    }
}

/// What was learned from a zip, to be kept so that it is read once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// What its bytes are known by.
    pub bundle: Facts,
    /// Who can install it.
    #[serde(with = "fault::names")]
    pub installable: Vec<Platform>,
    /// What is wrong with it.
    pub faults: Vec<ZipFault>,
}

/// What the bytes of a zip are known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// In hex where it is written down.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
    /// CRC-32 (IEEE).
    pub crc32: u32,
    /// Bytes.
    pub size: u64,
}

impl Inspection {
    /// The zip, as the release table has it.
    pub fn bundle(&self) -> Bundle {
        let Facts { sha256, crc32, size } = self.bundle;
        Bundle { sha256, crc32, size }
    }

    /// Who can install it.
    pub fn installable(&self) -> PlatformSet {
        self.installable.iter().copied().collect()
    }

    fn new(bundle: Facts, faults: Faults) -> Self {
        Inspection { bundle, installable: faults.spared(), faults: faults.into_list() }
    }
}

/// Reads a zip. Never fails: one that cannot be read is one that nobody can install, for the reason given.
///
/// Bytes beyond `max_bundle` are not looked at: see [`too_large`].
pub fn inspect(bytes: &[u8], limits: &Limits) -> Inspection {
    let size = bytes.len() as u64;
    if size > limits.max_bundle {
        return too_large(size, limits);
    }
    let facts = Facts { sha256: Sha256::digest(bytes).into(), crc32: crc32fast::hash(bytes), size };
    let mut faults = Faults::default();
    match Directory::read(bytes, limits) {
        Ok(directory) => examine(bytes, &directory, limits, &mut faults),
        Err(fault) => faults.add(fault),
    }
    Inspection::new(facts, faults)
}

/// The inspection of a zip of more than `max_bundle` bytes, without its bytes: nobody can install it, and its hashes are
/// not known (all zero).
pub fn too_large(size: u64, limits: &Limits) -> Inspection {
    let mut faults = Faults::default();
    let message = format!("the zip has {size} bytes, and the limit (`max_bundle`) is {}", limits.max_bundle);
    faults.add(ZipFault::new(ZipRule::ZipTooLarge, message));
    Inspection::new(Facts { sha256: [0; 32], crc32: 0, size }, faults)
}

fn examine(bytes: &[u8], directory: &Directory<'_>, limits: &Limits, faults: &mut Faults) {
    for listed in &directory.entries {
        name::check(listed, faults);
        kind::check(listed, faults);
    }
    tree::check(&directory.entries, faults);
    let located = local::locate(bytes, directory, faults);
    contents::check(&located, limits, faults);
    // The library reads zips by code that is not ours: where it sees other files we have misjudged.
    if !faults.refuse_everyone()
        && let Err(error) = read_again(bytes, directory)
    {
        faults.add(ZipFault::new(ZipRule::Damaged, format!("the zip cannot be read: {error}")));
    }
}

fn read_again(bytes: &[u8], directory: &Directory<'_>) -> zip::result::ZipResult<()> {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes))?;
    let ours: HashSet<&[u8]> = directory.entries.iter().map(|listed| listed.name).collect();
    if archive.len() == ours.len() && archive.file_names_raw().all(|name| ours.contains(name)) {
        return Ok(());
    }
    Err(zip::result::ZipError::InvalidArchive("its files are not the same for every reader".into()))
}
