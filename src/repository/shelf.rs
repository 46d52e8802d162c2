//! Where bundles and what was learned from them are kept between builds.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use super::build_error::BuildError;
use super::bundle::{self, Inspection, Limits, ZipFault};
use super::id::ObjectId;
use super::reader::Objects;
use crate::release::platform::{Platform, PlatformSet};
use crate::release::table::Bundle;
use crate::store::Store;

/// The kind of the records about zips.
const RECORDS: &str = "zip";
/// The key of the record of the line; the number is that of its form.
const LINE: (&str, &str) = ("line", "branch-1");

/// A store, to keep in or to look into, or none at all.
#[derive(Clone, Debug)]
pub struct Shelf {
    store: Option<Arc<Store>>,
    keeps: bool,
}

impl Shelf {
    /// Keeps the bundles that are served, and all that is learned.
    pub fn keeping(store: Arc<Store>) -> Shelf {
        Shelf { store: Some(store), keeps: true }
    }

    /// Uses what a store has, if there is one, and keeps nothing.
    pub fn looking(store: Option<Arc<Store>>) -> Shelf {
        Shelf { store, keeps: false }
    }

    /// The store that is written to.
    fn writable(&self) -> Option<&Store> {
        self.store.as_deref().filter(|_| self.keeps)
    }

    fn record(&self, kind: &str, key: &str) -> Option<Vec<u8>> {
        self.store.as_ref()?.record(kind, key)
    }

    fn write_record(&self, kind: &str, key: &str, bytes: &[u8]) -> io::Result<()> {
        self.writable().map_or(Ok(()), |store| store.write_record(kind, key, bytes))
    }

    /// What was recorded of the line.
    pub fn line(&self) -> Option<Vec<u8>> {
        self.record(LINE.0, LINE.1)
    }

    /// Records the line.
    pub fn write_line(&self, record: &[u8]) -> io::Result<()> {
        self.write_record(LINE.0, LINE.1, record)
    }

    /// Whether the line is recorded anywhere.
    pub fn keeps(&self) -> bool {
        self.keeps
    }

    /// Makes durable what was kept.
    pub fn sync(&self) -> io::Result<()> {
        self.writable().map_or(Ok(()), Store::sync)
    }
}

/// What is known of a zip.
#[derive(Debug, PartialEq, Eq)]
pub struct Zip {
    /// What its bytes are.
    pub bundle: Arc<Bundle>,
    /// Who can install it.
    pub installable: PlatformSet,
    /// What is wrong with it.
    pub faults: Box<[ZipFault]>,
}

impl Zip {
    /// The hash of its bytes; `None` where nobody read them.
    pub fn sha256(&self) -> Option<[u8; 32]> {
        known_sha256(&self.bundle)
    }

    /// One that nobody read, and that is taken for sound.
    pub fn assumed(size: u64) -> Zip {
        let bundle = Bundle { sha256: UNREAD, crc32: 0, size };
        Zip { bundle: Arc::new(bundle), installable: Platform::ALL.into_iter().collect(), faults: Box::default() }
    }

    /// Whether anyone can install it.
    pub fn has_clients(&self) -> bool {
        self.installable != PlatformSet::NONE
    }
}

/// Stands for the hash of bytes that nobody read.
const UNREAD: [u8; 32] = [0; 32];

/// The hash of a bundle; `None` where it was taken for sound without a look at its bytes.
pub fn known_sha256(bundle: &Bundle) -> Option<[u8; 32]> {
    Some(bundle.sha256).filter(|sha256| *sha256 != UNREAD)
}

impl From<Inspection> for Zip {
    fn from(inspection: Inspection) -> Self {
        let (bundle, installable) = (Arc::new(inspection.bundle()), inspection.installable());
        Zip { bundle, installable, faults: inspection.faults.into() }
    }
}

/// The zips of the repository: each is inspected once, as long as rules and limits stay.
#[derive(Debug)]
pub struct Zips {
    shelf: Shelf,
    limits: Limits,
    /// Tells records of these rules and limits from others.
    rules: String,
    known: FxHashMap<ObjectId, Arc<Zip>>,
    /// Blobs that are read where others are taken for sound; `None`: all are read.
    doubted: Option<FxHashSet<ObjectId>>,
    /// Whether the zips in question are of a directory that never changed, where nothing but them was ever there.
    pub is_unchanged: bool,
    /// How many were read.
    pub read: usize,
    /// Once true, no more zips are read.
    pub stop: Arc<AtomicBool>,
}

impl Zips {
    /// None known yet but what the shelf holds.
    pub fn new(shelf: Shelf, limits: Limits) -> Zips {
        Zips {
            shelf,
            rules: rules(&limits),
            limits,
            known: FxHashMap::default(),
            doubted: None,
            is_unchanged: false,
            read: 0,
            stop: Arc::default(),
        }
    }

    /// What is known of that blob, which is read if that is nothing.
    pub fn inspect(&mut self, objects: &Objects<'_>, id: ObjectId) -> Result<Arc<Zip>, BuildError> {
        if let Some(zip) = self.known.get(&id) {
            return Ok(Arc::clone(zip));
        }
        let zip = Arc::new(match self.recorded(id) {
            Some(inspection) => Zip::from(inspection),
            // who left it out cannot have changed it
            None if objects.lacks(id) => Zip::assumed(0),
            None if self.trusts(id) => Zip::assumed(objects.size(id)?),
            None => self.learn(objects, id)?,
        });
        self.known.insert(id, Arc::clone(&zip));
        Ok(zip)
    }

    /// Takes zips of which nothing is known for sound where their directory never changed, but for these blobs, until
    /// [`Zips::read_all`].
    pub fn trust_but(&mut self, doubted: FxHashSet<ObjectId>) {
        self.doubted = Some(doubted);
    }

    /// Reads whatever comes from now on.
    pub fn read_all(&mut self) {
        self.doubted = None;
    }

    fn trusts(&self, id: ObjectId) -> bool {
        self.is_unchanged && self.doubted.as_ref().is_some_and(|doubted| !doubted.contains(&id))
    }

    fn recorded(&self, id: ObjectId) -> Option<Inspection> {
        let record = self.shelf.record(RECORDS, &self.key(id))?;
        serde_json::from_slice(&record).ok()
    }

    fn key(&self, id: ObjectId) -> String {
        format!("{id}-{}", self.rules)
    }

    fn learn(&mut self, objects: &Objects<'_>, id: ObjectId) -> Result<Zip, BuildError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(BuildError::Stopped);
        }
        let size = objects.size(id)?;
        if size > self.limits.max_bundle {
            return Ok(bundle::too_large(size, &self.limits).into());
        }
        let object = objects.read(id)?;
        self.read += 1;
        let inspection = bundle::inspect(object.bytes(), &self.limits);
        let zip = Zip::from(inspection.clone());
        if zip.has_clients() {
            // It will be served in all but rare cases, and its bytes are at hand only now.
            self.keep(&zip.bundle, object.bytes())?;
        }
        let record = serde_json::to_vec(&inspection).map_err(io::Error::from)?;
        self.shelf.write_record(RECORDS, &self.key(id), &record)?;
        Ok(zip)
    }

    fn keep(&self, bundle: &Bundle, bytes: &[u8]) -> io::Result<()> {
        match self.shelf.writable() {
            Some(store) if !store.has(&bundle.sha256, bundle.size) => store.keep(&bundle.sha256, bytes),
            _ => Ok(()),
        }
    }

    /// Sees to it that the bytes of a bundle that is served are kept.
    pub fn ensure_kept(&mut self, objects: &Objects<'_>, id: ObjectId, bundle: &Bundle) -> Result<(), BuildError> {
        let lost = self.shelf.writable().is_some_and(|store| !store.has(&bundle.sha256, bundle.size));
        if lost {
            self.read += 1;
            self.keep(bundle, objects.read(id)?.bytes())?;
        }
        Ok(())
    }
}

fn rules(limits: &Limits) -> String {
    let text = format!("{} {} {} {}", bundle::RULES, limits.max_bundle, limits.max_entries, limits.max_unpacked);
    Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
