//! The thread that reads the repository: look, build, publish, wait.
//!
//! It keeps the table before the present one, so that no request ever frees a big one, and it outlives its own panic.

use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tracing::{error, info, warn};

use super::bundles;
use super::chronicle::{Chronicle, Differs};
use super::operator::leave_address;
use super::report::{Published, Running};
use super::said::Said;
use super::settled::{By, any_lock, settled};
use super::told;
use crate::documents::problem::Told;
use crate::documents::status::Commits;
use crate::http::live::{Live, Retired, State};
use crate::release::became::became;
use crate::release::changes::changes;
use crate::release::narrow::narrows;
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::bundle::Limits;
use crate::repository::id::CommitId;
use crate::repository::places::Sources;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;
use crate::repository::shelf::Shelf;
use crate::store::Store;
use crate::watch::{Hints, Wake, Watch};

/// The longest wait after one failure or panic after the other.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);

/// How long nothing is done after a panic outside a look.
const AFTER_A_PANIC: Duration = Duration::from_secs(1);

/// Where the releases are.
pub struct Place {
    /// The git directory that holds the refs.
    pub repository: PathBuf,
    /// The branch that is read.
    pub branch: String,
    /// What another daemon is told that wants the same data directory.
    pub holder: String,
    /// Where operators are answered, for the hooks.
    pub operator: Option<SocketAddr>,
    /// What operators are told of the daemon.
    pub running: Arc<Running>,
}

/// A build, the refs that it was made from, and when it began.
struct Prepared {
    refs: Refs,
    build: Build,
    started: Instant,
}

/// What the thread owns.
pub struct Publisher {
    place: Place,
    poll: Duration,
    limits: Limits,
    store: Arc<Store>,
    state: Arc<State>,
    /// Ends a build that is under way.
    stop: Arc<AtomicBool>,
    /// Tells when a push is in.
    hints: Hints,
    /// What it told since the last table was published.
    said: Said,
    builder: Builder,
    /// A build that was made while the repository settled.
    prepared: Option<Prepared>,
    /// The refs that the last published build was made from.
    built: Option<Refs>,
    /// Where the branch was when it was last there.
    last_tip: Option<CommitId>,
    live: Arc<Live>,
    /// What was published before, until the next time.
    before: Option<Arc<Live>>,
    problems: Vec<Problem>,
    /// The files that the table was read from.
    sources: Sources,
    journal: Chronicle,
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
            limits,
            builder: builder(limits, &store, &stop),
            store,
            state,
            stop,
            hints,
            said: Said::default(),
            prepared: None,
            built: None,
            last_tip: None,
            live: Arc::default(),
            before: None,
            problems: Vec::new(),
            sources: Sources::default(),
            journal: Chronicle::default(),
            panics: 0,
        }
    }

    /// Looks, and looks again whenever there is reason to, until it is told to stop.
    pub fn run(mut self, mut watch: Watch) {
        loop {
            let turn = || {
                self.look_and_survive();
                watch.wait(self.pause(), || self.prepare())
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

    /// Builds what will be published if nothing else changes until the repository is quiet. Whatever goes wrong here is
    /// met again, and said, by the look that follows.
    fn prepare(&mut self) {
        let started = Instant::now();
        let Ok(refs) = self.read_refs() else { return };
        let known = self.prepared.as_ref().map(|prepared| &prepared.refs).or(self.built.as_ref());
        if known == Some(&refs) {
            return;
        }
        let build = || {
            let build = self.build(&refs).ok()?;
            Some(Prepared { refs, build, started })
        };
        self.prepared = match catch_unwind(AssertUnwindSafe(build)) {
            Ok(prepared) => prepared,
            Err(_) => {
                self.builder = builder(self.limits, &self.store, &self.stop);
                None
            }
        };
    }

    /// A fault of ours must not freeze the table for ever: what was learned is forgotten, and the next look starts anew.
    fn look_and_survive(&mut self) {
        match catch_unwind(AssertUnwindSafe(|| self.look())) {
            Ok(Ok(()) | Err(BuildError::Stopped)) => self.panics = 0,
            Ok(Err(error)) => self.say_unreadable(error.to_string()),
            Err(_) => {
                self.panics = self.panics.saturating_add(1);
                self.builder = builder(self.limits, &self.store, &self.stop);
                self.built = None;
                error!(times = self.panics, "reading the repository panicked: this is a fault of pushlive");
                self.say_unreadable("reading the repository panicked; the log has more".to_owned());
            }
        }
    }

    fn look(&mut self) -> Result<(), BuildError> {
        let mut started = Instant::now();
        self.drop_expired();
        let prepared = self.prepared.take();
        let mut refs = self.hear_and_read(Duration::ZERO)?;
        if self.store.take_damage() {
            return self.keep_again(refs, started);
        }
        if self.built.as_ref() == Some(&refs) {
            self.said.forget();
            self.say_readable();
            return Ok(());
        }
        let mut build = match prepared.filter(|prepared| prepared.refs == refs) {
            Some(prepared) => {
                started = prepared.started;
                prepared.build
            }
            None => self.build(&refs)?,
        };
        let mut waited = None;
        if self.takes_away(&build) {
            let (later, by) = self.settled(&refs)?;
            waited = Some(by);
            if later != refs {
                refs = later;
                build = self.build(&refs)?;
            }
        }
        self.publish(refs, build, started, waited);
        self.said.forget();
        Ok(())
    }

    /// Waits for the rest of a push that may be only half in, unless all of it was said.
    fn settled(&mut self, refs: &Refs) -> Result<(Refs, By), ReadError> {
        if self.said.covers(self.built.as_ref(), refs) {
            return Ok((refs.clone(), By::Push));
        }
        let git_dir = self.place.repository.clone();
        settled(&git_dir, refs.clone(), |within| {
            let refs = self.hear_and_read(within)?;
            let is_in = self.said.covers(self.built.as_ref(), &refs);
            Ok((refs, is_in))
        })
    }

    /// What was said of pushes is heard before the refs are read: those are the refs of then or later.
    fn hear_and_read(&mut self, within: Duration) -> Result<Refs, ReadError> {
        if let Some(lines) = self.hints.take_pushed(within) {
            self.said.hear(&lines);
        }
        self.read_refs()
    }

    /// The data directory lost what it had: all that is served is kept anew.
    fn keep_again(&mut self, refs: Refs, started: Instant) -> Result<(), BuildError> {
        warn!("the data directory lost bundles or was replaced: they are read from the repository again");
        self.built = None;
        self.journal = Chronicle::default();
        self.builder = builder(self.limits, &self.store, &self.stop);
        self.store.renew(&self.place.holder).map_err(|error| BuildError::Store(io::Error::other(error.to_string())))?;
        leave_address(&self.store, self.place.operator);
        let build = self.build(&refs)?;
        self.publish(refs, build, started, None);
        Ok(())
    }

    fn read_refs(&self) -> Result<Refs, ReadError> {
        Reader::open(&self.place.repository)?.refs(&self.place.branch)
    }

    fn build(&mut self, refs: &Refs) -> Result<Build, BuildError> {
        let reader = Reader::open(&self.place.repository)?;
        self.builder.build(&reader, refs)
    }

    fn takes_away(&self, build: &Build) -> bool {
        match (&self.live.table, &build.table) {
            (Some(old), Some(new)) => narrows(old, new),
            // at the start nothing tells what half of a push would take away
            (None, _) => any_lock(&self.place.repository),
            _ => false,
        }
    }

    fn publish(&mut self, refs: Refs, build: Build, started: Instant, waited: Option<By>) {
        let (before, now) = (self.live.table.clone(), super::now());
        self.show_build(&refs, build, now);
        self.write_journal(&refs, before.as_deref(), now);
        self.tell_of_moves(&refs);
        self.say_published(&refs, started, waited);
        self.last_tip = refs.branch.or(self.last_tip);
        let first = self.built.replace(refs).is_none();
        if let Err(error) = self.builder.remember() {
            warn!(%error, "what was learned of the history was not kept: the next start reads it again");
        }
        if first {
            bundles::collect(&self.store, &self.live);
        }
    }

    fn show_build(&mut self, refs: &Refs, build: Build, now: Timestamp) {
        let Build { table, problems, sources, .. } = build;
        if table.is_some() {
            self.sources = sources;
        }
        // where the line offers nothing, what was offered goes on
        let table = table.or_else(|| self.live.table.clone());
        let retired = self.retired(table.as_deref());
        bundles::prefetch(&self.store, self.live.table.as_deref(), table.as_deref());
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        let warnings = problems.len() - errors;
        let report = self.report(table.as_deref(), refs, &problems, now);
        self.show(Live::new(table, errors, warnings, Ok(()), retired, Some(report)));
        self.problems = told::problems(&self.problems, problems);
    }

    fn report(&self, table: Option<&Table>, refs: &Refs, problems: &[Problem], now: Timestamp) -> Arc<Published> {
        let reader = Reader::open(&self.place.repository).ok();
        let commits = reader.map(|reader| Commits::of(&reader, table, refs.branch)).unwrap_or_default();
        let problems = problems.iter().map(Told::from).collect();
        let (daemon, sources) = (Arc::clone(&self.place.running), self.sources.clone());
        Arc::new(Published { daemon, at: now, commits, problems, sources })
    }

    fn tell_of_moves(&self, refs: &Refs) {
        if let (Some(left), Some(tip)) = (self.last_tip, refs.branch)
            && !self.builder.is_on_line(left)
        {
            told::left_line(left, tip);
        }
        if let Some(built) = &self.built {
            told::moved_tags(&self.place.repository, built, refs);
        }
    }

    fn say_published(&self, refs: &Refs, started: Instant, waited: Option<By>) {
        let Live { table, errors, warnings, .. } = &*self.live;
        info!(
            commit = table.as_ref().map_or("none", |table| &table.commit),
            table = table.as_ref().map_or("none", |table| &table.digest),
            tip = refs.branch.map_or_else(|| "none".to_owned(), |tip| tip.to_string()),
            errors,
            warnings,
            settled_by = waited.map(By::name),
            took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "published"
        );
        if refs.branch.is_none() && table.is_none() {
            info!(branch = self.place.branch, "the branch has no commit yet; waiting for the first push");
        }
    }

    fn write_journal(&mut self, refs: &Refs, before: Option<&Table>, now: Timestamp) {
        let Ok(reader) = Reader::open(&self.place.repository) else { return };
        // the very first table has nothing before it, where it is the first of the repository too
        let is_start = before.is_none() && self.built.is_none() && self.live.table.is_some();
        let differs = |table| Differs { changes: changes(before, table), became: became(before, table, now) };
        let differs = self.live.table.as_deref().map(differs).unwrap_or_default();
        if let Err(error) = self.journal.add(&self.store, &reader, refs, (!is_start).then_some(&differs), now) {
            warn!(%error, "what was taken up is not in the journal: `explain --at` will not know of it");
        }
    }

    fn show(&mut self, live: Live) {
        let live = Arc::new(live);
        self.state.publish(Arc::clone(&live));
        self.before = Some(std::mem::replace(&mut self.live, live));
    }

    fn retired(&self, new: Option<&Table>) -> Retired {
        match (self.live.table.as_deref(), new) {
            (Some(old), Some(new)) => self.live.retired.after(old, new, super::now()),
            _ => self.live.retired.clone(),
        }
    }

    /// What tables of more than a few minutes ago named is served no longer.
    fn drop_expired(&mut self) {
        let now = super::now();
        if self.live.retired.any_expired(now) {
            self.show_again(self.live.repository.clone(), self.live.retired.at(now));
            bundles::collect(&self.store, &self.live);
        }
    }

    fn say_unreadable(&mut self, why: String) {
        if self.live.repository.as_ref() == Err(&why) {
            return;
        }
        self.show_again(Err(why.clone()), self.live.retired.clone());
        error!(reason = why, "there is no new table; the answers stay as they are");
    }

    fn say_readable(&mut self) {
        if self.live.repository.is_err() {
            self.show_again(Ok(()), self.live.retired.clone());
            info!("the repository can be read again; nothing had changed");
        }
    }

    fn show_again(&mut self, repository: Result<(), String>, retired: Retired) {
        let Live { table, errors, warnings, report, .. } = &*self.live;
        self.show(Live::new(table.clone(), *errors, *warnings, repository, retired, report.clone()));
    }
}

fn builder(limits: Limits, store: &Arc<Store>, stop: &Arc<AtomicBool>) -> Builder {
    Builder::new(limits, Shelf::keeping(Arc::clone(store))).stopped_by(Arc::clone(stop))
}
