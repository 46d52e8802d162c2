//! The two tables of a change, and what one changes against the other.

use super::document::Told;
use super::headline::Turn;
use super::skips;
use crate::cli::failure::Failure;
use crate::cli::table;
use crate::release::plan::{Plan, plan};
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::builder::Build;
use crate::repository::id::ObjectId;
use crate::repository::push::{Both, Touched};
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Reader, Tagged};
use crate::repository::refs::Refs;
use crate::settings::Settings;

/// Two tables, compared at a time.
pub struct Compared {
    pub(super) old: Build,
    /// Where the line offers nothing any more, devices still get what the one before gives.
    pub(super) new: Build,
    pub(super) now: Timestamp,
    /// The files that differ; none where the tables were built already.
    pub(super) touched: Touched,
    /// The table of a line that never offered anything.
    nothing: Table,
}

impl Compared {
    /// Builds the tables of these refs. `made` are tags of the refs after that no repository holds yet, with what they
    /// name.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn new(
        reader: &Reader,
        settings: &Settings,
        before: &Refs,
        after: &Refs,
        made: &[(ObjectId, Tagged)],
        now: Timestamp,
    ) -> Result<Compared, Failure> {
        let both = Both::build(reader, &mut table::builder(settings, &[]), before, after, made);
        let Both { was, is, touched } = both.map_err(table::failed)?;
        Ok(Compared { touched, ..Compared::of(was, is, now) })
    }

    /// Of tables that are built already.
    pub fn of(old: Build, mut new: Build, now: Timestamp) -> Compared {
        if new.table.is_none() {
            new.table.clone_from(&old.table);
            new.sources.clone_from(&old.sources);
        }
        Compared { old, new, now, touched: Touched::default(), nothing: Table::new(String::new(), String::new(), []) }
    }

    /// The table before, if there is one.
    pub(super) fn old_table(&self) -> Option<&Table> {
        self.old.table.as_deref()
    }

    /// The table after, which is empty where the line never offered anything.
    pub(super) fn new_table(&self) -> &Table {
        self.new.table.as_deref().unwrap_or(&self.nothing)
    }

    /// What changes.
    fn plan(&self) -> Plan<'_> {
        plan(self.old_table(), self.new_table(), self.now)
    }

    /// What changes, with the places that decided, what each of these tags does, and the problems of the refs after.
    ///
    /// # Errors
    /// A file that is pointed to cannot be read any more.
    pub fn told(&self, reader: &Reader, turns: &[Turn]) -> Result<Told<'_>, ReadError> {
        let plan = self.plan();
        let mut problems = self.new.problems.clone();
        problems.extend(skips::problems(&plan.skipped, &self.new.sources, &reader.objects()?)?);
        Told::new(plan, self, reader, turns, problems)
    }
}
