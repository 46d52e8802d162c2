//! The thread that reads the repository: look, build, publish, wait.
//!
//! [`looking`] reads the refs once they are at rest, [`workshop`] makes a table of them, [`shown`] is what requests see of
//! it; [`told`] and [`chronicle`] say in the log and in the journal what is otherwise. The thread outlives its own panic.

mod bundles;
mod chronicle;
mod coming;
mod looking;
mod moves;
mod place;
mod said;
mod settled;
mod shown;
mod told;
mod workshop;

use std::error::Error;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tracing::{error, warn};

use super::operator::leave_address;
use crate::http::live::State;
use crate::release::narrow::narrows;
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::build_error::BuildError;
use crate::repository::builder::Build;
use crate::repository::bundle::Limits;
use crate::repository::id::CommitId;
use crate::repository::journal::Moment;
use crate::repository::problem::Problem;
use crate::repository::refs::Refs;
use crate::store::Store;
use crate::watch::{Hints, Wake, Watch};
use chronicle::{Chronicle, TakenUp};
use looking::Looking;
use moves::Moves;
pub use place::Place;
use settled::{By, any_lock};
use shown::Shown;
use workshop::Workshop;

/// The longest wait after one failure or panic after the other.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);

/// How long nothing is done after a panic outside a look.
const AFTER_A_PANIC: Duration = Duration::from_secs(1);

/// What the thread owns.
pub struct Publisher {
    place: Place,
    poll: Duration,
    store: Arc<Store>,
    stop: Arc<AtomicBool>,
    looking: Looking,
    workshop: Workshop,
    shown: Shown,
    /// The refs that the last published build was made from.
    built: Option<Refs>,
    /// Where the branch was when it was last there.
    last_tip: Option<CommitId>,
    problems: Vec<Problem>,
    journal: Chronicle,
    moves: Moves,
    panics: u32,
}

impl Publisher {
    /// Nothing is read yet.
    pub fn new(
        place: Place,
        poll: Duration,
        limits: Limits,
        store: Arc<Store>,
        state: Arc<State>,
        stop: Arc<AtomicBool>,
        hints: Hints,
    ) -> Publisher {
        Publisher {
            place,
            poll,
            looking: Looking::new(hints),
            workshop: Workshop::new(limits, Arc::clone(&store), Arc::clone(&stop)),
            shown: Shown::new(state, Arc::clone(&store)),
            store,
            stop,
            built: None,
            last_tip: None,
            problems: Vec::new(),
            journal: Chronicle::default(),
            moves: Moves::default(),
            panics: 0,
        }
    }

    /// Looks, and looks again whenever there is reason to, until it is told to stop.
    pub fn run(mut self, mut watch: Watch) {
        loop {
            let turn = || {
                self.look_and_survive();
                watch.wait(self.pause(), || self.workshop.prepare(&self.place, self.built.as_ref()))
            };
            match catch_unwind(AssertUnwindSafe(turn)) {
                Ok(Wake::Look) => {}
                Ok(Wake::Stop) => break,
                // in what reports and waits: all that is left is to try again, and not at once
                Err(_) if self.stop.load(Ordering::Relaxed) => break,
                Err(_) => thread::sleep(AFTER_A_PANIC),
            }
        }
    }

    fn pause(&self) -> Duration {
        self.poll.saturating_mul(1 << self.panics.min(8)).min(LONGEST_BACK_OFF.max(self.poll))
    }

    /// A fault of ours must not freeze the table for ever: what was learned is forgotten, and the next look starts anew.
    fn look_and_survive(&mut self) {
        match catch_unwind(AssertUnwindSafe(|| self.look())) {
            Ok(Ok(()) | Err(BuildError::Stopped)) => self.panics = 0,
            Ok(Err(error)) => self.shown.say_unreadable(error.to_string()),
            Err(_) => {
                self.panics = self.panics.saturating_add(1);
                self.workshop.forget();
                self.built = None;
                error!(times = self.panics, "reading the repository panicked: this is a fault of pushlive");
                self.shown.say_unreadable("reading the repository panicked; the log has more".to_owned());
            }
        }
    }

    fn look(&mut self) -> Result<(), BuildError> {
        let mut started = Instant::now();
        self.shown.drop_expired();
        let mut prepared = self.workshop.take_prepared();
        let mut refs = self.looking.hear_and_read(&self.place, Duration::ZERO)?;
        if self.store.take_damage() {
            self.renew()?;
            // what it kept is lost too
            prepared = None;
        }
        if self.built.as_ref() == Some(&refs) {
            self.looking.forget();
            self.shown.say_readable();
            return Ok(());
        }
        let mut build = match prepared.filter(|prepared| prepared.refs == refs) {
            Some(prepared) => {
                started = prepared.started;
                prepared.build
            }
            None => self.workshop.build(&self.place, &refs)?,
        };
        let mut waited = None;
        if self.takes_away(&build) {
            let (later, by) = self.looking.settled(&self.place, self.built.as_ref(), &refs)?;
            waited = Some(by);
            if later != refs {
                refs = later;
                build = self.workshop.build(&self.place, &refs)?;
            }
        }
        self.publish(refs, build, started, waited);
        Ok(())
    }

    fn takes_away(&self, build: &Build) -> bool {
        match (self.shown.table(), &build.table) {
            (Some(old), Some(new)) => narrows(old, new),
            // at the start nothing tells what half of a push would take away
            (None, _) => any_lock(&self.place.repository),
            _ => false,
        }
    }

    /// The data directory lost what it had: nothing is known of what is kept, and all that is served is to be kept anew.
    fn renew(&mut self) -> Result<(), BuildError> {
        warn!("the data directory lost bundles or was replaced: they are read from the repository again");
        self.built = None;
        self.journal.forget();
        self.workshop.forget();
        self.store.renew(&self.place.holder).map_err(|error| BuildError::Store(io::Error::other(error.to_string())))?;
        leave_address(&self.store, self.place.operator);
        Ok(())
    }

    fn publish(&mut self, refs: Refs, build: Build, started: Instant, waited: Option<By>) {
        let (before, now) = (self.shown.table().cloned(), super::now());
        self.moves.take_up(&self.place, &refs);
        self.shown.build(&self.place, &refs, &build, &self.moves, now);
        if let Err(error) = self.write_journal(&refs, &build, before.as_ref(), now) {
            warn!(%error, "what was taken up is not in the journal: `explain --at` will not know of it");
        }
        self.problems = told::problems(&self.problems, build.problems);
        self.tell_of_line(&refs);
        told::published(self.shown.live(), &self.place.branch, &refs, started, waited);
        self.last_tip = refs.branch.or(self.last_tip);
        let is_first = self.built.replace(refs).is_none();
        self.workshop.remember();
        if is_first {
            self.shown.collect();
        }
        self.looking.came_true();
    }

    /// The first time the journal is read, and what it tells of moves is shown too: no table waits for that.
    fn write_journal(
        &mut self,
        refs: &Refs,
        build: &Build,
        before: Option<&Arc<Table>>,
        now: Timestamp,
    ) -> Result<(), Box<dyn Error>> {
        if let Some(record) = self.journal.open(&self.store, refs, now)? {
            self.last_tip = self.last_tip.or(self.journal.tip(refs));
            if self.moves.recall(&self.place, &record, refs) {
                self.shown.build(&self.place, refs, build, &self.moves, now);
            }
        }
        let is_on_line = |commit| self.workshop.is_on_line(commit);
        let past = |moment: &Moment| self.workshop.table_of(&self.place.open().ok()?, moment);
        let is_first = before.is_none() && self.built.is_none();
        let table = build.table.as_ref();
        let taken = TakenUp { refs, table, before, is_on_line: &is_on_line, is_first, past: &past };
        self.journal.add(&self.store, &self.place, &taken, now)
    }

    fn tell_of_line(&self, refs: &Refs) {
        if let (Some(left), Some(tip)) = (self.last_tip, refs.branch)
            && !self.workshop.is_on_line(left)
        {
            told::left_line(left, tip);
        }
    }
}
