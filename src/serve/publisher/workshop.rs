//! Making tables, with all that was learned of the repository at hand.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tracing::warn;

use super::place::Place;
use crate::release::table::Table;
use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::bundle::Limits;
use crate::repository::id::CommitId;
use crate::repository::journal::Moment;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;
use crate::repository::shelf::Shelf;
use crate::store::Store;

/// A build, the refs that it was made from, and when it began.
pub struct Prepared {
    /// The refs.
    pub refs: Refs,
    /// What came of them.
    pub build: Build,
    /// When that began.
    pub started: Instant,
}

/// Builds, each time from what was learned before.
pub struct Workshop {
    limits: Limits,
    store: Arc<Store>,
    /// Ends a build that is under way.
    stop: Arc<AtomicBool>,
    builder: Builder,
    /// A build that was made while the repository settled.
    prepared: Option<Prepared>,
}

impl Workshop {
    /// Nothing is learned yet but what the store has.
    pub fn new(limits: Limits, store: Arc<Store>, stop: Arc<AtomicBool>) -> Workshop {
        let builder = builder(limits, &store, &stop);
        Workshop { limits, store, stop, builder, prepared: None }
    }

    /// Builds the table of these refs.
    ///
    /// # Errors
    /// The repository or the store fails, or it was told to stop.
    pub fn build(&mut self, place: &Place, refs: &Refs) -> Result<Build, BuildError> {
        let reader = place.open()?;
        self.builder.build(&reader, refs)
    }

    /// Builds what will be published if nothing else changes until the repository is quiet. Whatever goes wrong here is
    /// met again, and said, by the look that follows.
    pub fn prepare(&mut self, place: &Place, built: Option<&Refs>) {
        let started = Instant::now();
        let Ok(refs) = place.refs() else { return };
        let known = self.prepared.as_ref().map(|prepared| &prepared.refs).or(built);
        if known == Some(&refs) {
            return;
        }
        let build = || {
            let build = self.build(place, &refs).ok()?;
            Some(Prepared { refs, build, started })
        };
        self.prepared = match catch_unwind(AssertUnwindSafe(build)) {
            Ok(prepared) => prepared,
            Err(_) => {
                self.forget();
                None
            }
        };
    }

    /// What was built so, if anything was. It is not kept any longer.
    pub fn take_prepared(&mut self) -> Option<Prepared> {
        self.prepared.take()
    }

    /// Begins anew, with what the store has.
    pub fn forget(&mut self) {
        self.builder = builder(self.limits, &self.store, &self.stop);
    }

    /// The table of a moment of before, with what is kept at hand and nothing kept of it; `None`: not all of it is there.
    pub fn table_of(&self, reader: &Reader, moment: &Moment) -> Option<Arc<Table>> {
        let shelf = Shelf::looking(Some(Arc::clone(&self.store)));
        let mut builder = Builder::new(self.limits, shelf).stopped_by(Arc::clone(&self.stop));
        builder.know_tagged(moment.tagged.iter().copied());
        builder.build(reader, &moment.refs).ok()?.table
    }

    /// Whether a commit is on the line of the last build.
    pub fn is_on_line(&self, commit: CommitId) -> bool {
        self.builder.is_on_line(commit)
    }

    /// Keeps what was learned for the next process, which does without where that fails.
    pub fn remember(&mut self) {
        if let Err(error) = self.builder.remember() {
            warn!(%error, "what was learned of the history was not kept: the next start reads it again");
        }
    }
}

fn builder(limits: Limits, store: &Arc<Store>, stop: &Arc<AtomicBool>) -> Builder {
    Builder::new(limits, Shelf::keeping(Arc::clone(store))).stopped_by(Arc::clone(stop))
}
