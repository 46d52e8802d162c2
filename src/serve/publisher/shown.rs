//! What requests see: what is published, and how the last attempt to publish went.

use std::sync::Arc;

use tracing::{error, info};

use super::bundles;
use super::moves::Moves;
use super::place::Place;
use crate::documents::problem::Told;
use crate::documents::status::Commits;
use crate::http::live::{Live, Retired, State};
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::builder::Build;
use crate::repository::places::Sources;
use crate::repository::problem::Problem;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;
use crate::serve::report::Published;
use crate::store::Store;

/// What is shown now. The one before is kept until the next, so that no request ever frees a big table.
pub struct Shown {
    state: Arc<State>,
    store: Arc<Store>,
    live: Arc<Live>,
    /// What was shown before, until the next time.
    before: Option<Arc<Live>>,
    /// The files that the table was read from.
    sources: Sources,
}

impl Shown {
    /// Nothing yet.
    pub fn new(state: Arc<State>, store: Arc<Store>) -> Shown {
        Shown { state, store, live: Arc::default(), before: None, sources: Sources::default() }
    }

    /// What it is.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Its table.
    pub fn table(&self) -> Option<&Arc<Table>> {
        self.live.table.as_ref()
    }

    /// Shows a build of these refs. Where the line offers nothing, what was offered goes on.
    pub fn build(&mut self, place: &Place, refs: &Refs, build: &Build, moves: &Moves, now: Timestamp) {
        if build.table.is_some() {
            self.sources = build.sources.clone();
        }
        let table = build.table.clone().or_else(|| self.live.table.clone());
        let retired = self.retired(table.as_deref());
        bundles::prefetch(&self.store, self.live.table.as_deref(), table.as_deref());
        let moved = moves.problems(&self.sources);
        let problems: Vec<&Problem> = build.problems.iter().chain(&moved).collect();
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        let warnings = problems.len() - errors;
        let report = self.report(place, table.as_deref(), refs, &problems, now);
        self.show(Live::new(table, errors, warnings, Ok(()), retired, Some(report)));
    }

    /// What tables of more than a few minutes ago named is served no longer.
    pub fn drop_expired(&mut self) {
        let now = crate::serve::now();
        if self.live.retired.any_expired(now) {
            self.show_again(self.live.repository.clone(), self.live.retired.at(now));
            self.collect();
        }
    }

    /// Deletes the bundles that nothing names any more.
    pub fn collect(&self) {
        bundles::collect(&self.store, &self.live);
    }

    /// The repository cannot be read, or nothing can be made of it. The same is said once.
    pub fn say_unreadable(&mut self, why: String) {
        if self.live.repository.as_ref() == Err(&why) {
            return;
        }
        self.show_again(Err(why.clone()), self.live.retired.clone());
        error!(reason = why, "there is no new table; the answers stay as they are");
    }

    /// The repository was read, and holds what is shown.
    pub fn say_readable(&mut self) {
        if self.live.repository.is_err() {
            self.show_again(Ok(()), self.live.retired.clone());
            info!("the repository can be read again; nothing had changed");
        }
    }

    fn show(&mut self, live: Live) {
        let live = Arc::new(live);
        self.state.publish(Arc::clone(&live));
        self.before = Some(std::mem::replace(&mut self.live, live));
    }

    fn show_again(&mut self, repository: Result<(), String>, retired: Retired) {
        let Live { table, errors, warnings, report, .. } = &*self.live;
        self.show(Live::new(table.clone(), *errors, *warnings, repository, retired, report.clone()));
    }

    fn retired(&self, new: Option<&Table>) -> Retired {
        match (self.live.table.as_deref(), new) {
            (Some(old), Some(new)) => self.live.retired.after(old, new, crate::serve::now()),
            _ => self.live.retired.clone(),
        }
    }

    fn report(
        &self,
        place: &Place,
        table: Option<&Table>,
        refs: &Refs,
        problems: &[&Problem],
        now: Timestamp,
    ) -> Arc<Published> {
        let reader = Reader::open(&place.repository).ok();
        let commits = reader.map(|reader| Commits::of(&reader, table, refs.branch)).unwrap_or_default();
        let problems = problems.iter().copied().map(Told::from).collect();
        let (daemon, sources) = (Arc::clone(&place.running), self.sources.clone());
        Arc::new(Published { daemon, at: now, commits, problems, sources })
    }
}
