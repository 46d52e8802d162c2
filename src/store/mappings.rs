//! Mappings that downloads share.
//!
//! To map a file costs a small download more than to send it. So all that send the same artefact at the same time share
//! one mapping, and a few small ones outlive their last download. The invariant: what outlives it never has more than a
//! fixed number of bytes, whatever is downloaded.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use memmap2::Mmap;

type Sha256 = [u8; 32];

/// Bytes of the mappings that outlive their downloads.
const KEPT: usize = 16 << 20;
/// Names of mappings that are gone are cleared away once there are so many names.
const NAMES: usize = 1024;

/// The mappings in use, by the hash of what is mapped.
#[derive(Default)]
pub(super) struct Mappings(Mutex<Known>);

#[derive(Default)]
struct Known {
    all: HashMap<Sha256, Weak<Mmap>>,
    /// Small ones, the last that was mapped in front.
    kept: VecDeque<(Sha256, Arc<Mmap>)>,
    /// Bytes of those.
    kept_bytes: usize,
}

/// What the bytes of a download hold on to.
struct Owner(Arc<Mmap>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Mappings {
    /// The artefact's bytes, where it is mapped.
    pub(super) fn of(&self, sha256: &Sha256) -> Option<Bytes> {
        let map = self.known().all.get(sha256)?.upgrade()?;
        Some(Bytes::from_owner(Owner(map)))
    }

    /// The bytes of an artefact that was just mapped, for others too.
    pub(super) fn share(&self, sha256: Sha256, map: Mmap) -> Bytes {
        let map = Arc::new(map);
        self.known().add(sha256, Arc::clone(&map));
        Bytes::from_owner(Owner(map))
    }

    /// Lets go of artefacts: a mapping keeps the room of a deleted file taken.
    pub(super) fn forget(&self, gone: &dyn Fn(&Sha256) -> bool) {
        let mut known = self.known();
        known.all.retain(|sha256, _| !gone(sha256));
        known.kept.retain(|(sha256, _)| !gone(sha256));
        known.kept_bytes = known.kept.iter().map(|(_, map)| map.len()).sum();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Each of its parts is right whatever its holder was doing when it panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn add(&mut self, sha256: Sha256, map: Arc<Mmap>) {
        if self.all.len() >= NAMES {
            self.all.retain(|_, map| map.strong_count() > 0);
        }
        self.all.insert(sha256, Arc::downgrade(&map));
        if map.len() > KEPT {
            return;
        }
        self.kept_bytes += map.len();
        self.kept.push_front((sha256, map));
        while self.kept_bytes > KEPT {
            let Some((_, oldest)) = self.kept.pop_back() else { break };
            self.kept_bytes -= oldest.len();
        }
    }
}

impl fmt::Debug for Mappings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mappings").finish_non_exhaustive()
    }
}
