//! Steps of rollouts that nobody was let in by, told by dates: a check has nothing to compare with.

use crate::cli::plan::skips;
use crate::release::late::{Opener, late};
use crate::release::table::{App, Release};
use crate::release::time::Timestamp;
use crate::repository::builder::{Build, Builder};
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Objects, Reader};

/// What tells when a release was opened at the earliest.
pub struct Came<'c> {
    pub reader: &'c Reader,
    /// It made the build.
    pub builder: &'c Builder,
    pub build: &'c Build,
    /// The commit that is not made yet.
    pub staged: Option<CommitId>,
    pub now: Timestamp,
}

impl Came<'_> {
    /// Each rollout that came to a later step at once, as a warning.
    pub fn skipped(&self) -> Result<Vec<Problem>, ReadError> {
        let Some(table) = &self.build.table else { return Ok(Vec::new()) };
        let objects = self.reader.objects()?;
        let mut apps: Vec<&App> = table.apps().map(|app| &**app).collect();
        apps.sort_unstable_by_key(|app| &app.policy.id);
        let mut found = Vec::new();
        for app in apps {
            found.extend(late(app, self.now, |release, opener| self.of(&objects, app, release, opener))?);
        }
        skips::problems(&found, &self.build.sources, &objects)
    }

    /// No tag is older than its commit, and no release than the commit that brought it.
    fn of(
        &self,
        objects: &Objects<'_>,
        app: &App,
        release: &Release,
        opener: Opener<'_>,
    ) -> Result<Option<Timestamp>, ReadError> {
        let id = &app.policy.id;
        let commit = match opener {
            Some(tag) => self.build.sources.tagged(id, &tag.name),
            None => self.builder.brought(id, &release.name),
        };
        let Some(commit) = commit else { return Ok(None) };
        if self.staged == Some(commit) {
            return Ok(Some(self.now));
        }
        let made = objects.committed(commit)?;
        Ok(Some(opener.and_then(|tag| tag.date).map_or(made, |date| made.max(date))))
    }
}
