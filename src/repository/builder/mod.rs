//! From a repository and its refs to a table, at the cost of what changed since the build before.
//!
//! [`Builder`] keeps what is learned; `job` is one build under way, and `built` an app as it came of it.
//!
//! The invariant: what a build gives is the same as if there had been none before it.

mod built;
mod job;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustc_hash::{FxHashMap, FxHashSet};

use super::build_error::BuildError;
use super::bundle::Limits;
use super::id::{CommitId, ObjectId};
use super::line::Line;
use super::notices;
use super::places::Sources;
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::{Reader, Tagged};
use super::refs::Refs;
use super::shelf::{Shelf, Zips};
use super::standing::SettingsFiles;
use super::strangers::Strangers;
use super::tag::Tags;
use super::unserved::Reasons;
use crate::release::policy::Descriptor;
use crate::release::table::Table;
use built::Built;
use job::Job;

/// Builds tables, each from the one before.
#[derive(Debug)]
pub struct Builder {
    shelf: Shelf,
    zips: Zips,
    line: Line,
    /// The tip of the line as it was recorded.
    recorded: Option<CommitId>,
    files: SettingsFiles,
    default: Arc<Descriptor>,
    apps: FxHashMap<Box<str>, Built>,
    tags: Tags,
    strangers: Strangers,
}

/// What a build gives.
#[derive(Clone, Debug)]
pub struct Build {
    /// `None`: the line offers nothing. Who has a table keeps it.
    pub table: Option<Arc<Table>>,
    /// What is wrong, and what is worth a look.
    pub problems: Vec<Problem>,
    /// The files that the apps of the table were read from.
    pub sources: Sources,
    /// The tip that was read. The table may be that of an older commit: see [`Table::commit`].
    pub tip: Option<CommitId>,
    /// What had to be read for it.
    pub read: ReadCounts,
}

/// What a build read. Parts that did not change since the build before are not read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadCounts {
    /// Commits of the line.
    pub commits: usize,
    /// Descriptors that were parsed.
    pub descriptors: usize,
    /// Zips that were read.
    pub zips: usize,
}

impl Builder {
    /// Knows what the shelf holds, and nothing else yet.
    pub fn new(limits: Limits, shelf: Shelf) -> Builder {
        let line = shelf.line().and_then(|record| Line::from_record(&record)).unwrap_or_default();
        Builder {
            recorded: line.tip(),
            line,
            zips: Zips::new(shelf.clone(), limits),
            shelf,
            files: SettingsFiles::default(),
            default: Arc::default(),
            apps: FxHashMap::default(),
            tags: Tags::default(),
            strangers: Strangers::default(),
        }
    }

    /// Lets a build end early, with [`BuildError::Stopped`], once the flag is true: reading many zips takes its time.
    #[must_use]
    pub fn stopped_by(mut self, flag: Arc<AtomicBool>) -> Builder {
        self.zips.stop = flag;
        self
    }

    /// Builds the table of these refs.
    ///
    /// # Errors
    /// Where the repository cannot be read or its bundles cannot be kept. What was learned until then is not lost, and
    /// the next call goes on from there.
    pub fn build(&mut self, reader: &Reader, refs: &Refs) -> Result<Build, BuildError> {
        match self.attempt(reader, refs) {
            // A pack that `git gc` replaced while it was read, most often.
            Err(BuildError::Read(ReadError::Missing(_))) => self.attempt(&reader.reopen()?, refs),
            outcome => outcome,
        }
    }

    /// Whether a commit is on the line that the last build was made from.
    pub fn is_on_line(&self, commit: CommitId) -> bool {
        self.line.contains(commit)
    }

    /// The line that the last build was made from.
    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    /// Whether first bytes of a version came after that position of the line.
    pub(super) fn has_newer_bytes(&self, app: &str, version: &str, position: u32) -> bool {
        let firsts = self.apps.get(app).and_then(|built| built.catalog.firsts(version));
        firsts.is_some_and(|firsts| firsts.iter().any(|(_, first)| first.is_some_and(|first| first.at > position)))
    }

    /// The commit that brought a version of an app since it was last absent, in the last build.
    pub fn brought(&self, app: &str, version: &str) -> Option<CommitId> {
        self.line.commit(self.apps.get(app)?.catalog.brought(version)?)
    }

    /// Takes zips for sound without reading them where nothing is known of them, their directory never changed, and they
    /// are none of these blobs.
    pub fn trust_zips_but(&mut self, doubted: FxHashSet<ObjectId>) {
        self.zips.trust_but(doubted);
    }

    /// Reads every zip that comes from now on.
    pub fn read_all_zips(&mut self) {
        self.zips.read_all();
    }

    /// Tells it what tags name, so that their objects need not be there any more.
    pub fn know_tagged(&mut self, tagged: impl IntoIterator<Item = (ObjectId, Tagged)>) {
        self.tags.know(tagged);
    }

    /// Records what was learned of the line, so that the next process does not read the history again.
    ///
    /// # Errors
    /// What the disk says. It can be tried again; without it the next start is slow.
    pub fn remember(&mut self) -> io::Result<()> {
        if !self.shelf.keeps() || self.recorded == self.line.tip() {
            return Ok(());
        }
        self.shelf.write_line(&self.line.to_record()?)?;
        self.recorded = self.line.tip();
        Ok(())
    }

    fn attempt(&mut self, reader: &Reader, refs: &Refs) -> Result<Build, BuildError> {
        let Some(tip) = refs.branch else { return Ok(Build::nothing(notices::no_branch(refs))) };
        let commits = self.line.follow(reader, tip)?;
        self.zips.read = 0;
        let objects = &reader.objects()?;
        let mut job = Job::new(objects, &refs.tags, self);
        let table = job.table()?;
        let (problems, descriptors, kept, never_valid) = (job.problems, job.descriptors, job.kept, job.never_valid);
        self.shelf.sync()?;
        let read = ReadCounts { commits, descriptors, zips: self.zips.read };
        let apps = self.apps.iter().map(|(id, built)| (&**id, built.sources()));
        let sources = match table {
            Some(_) => Sources::new(kept, apps, Reasons::new(&self.line, never_valid)),
            None => Sources::default(),
        };
        Ok(Build { table, problems, sources, tip: Some(tip), read })
    }
}

impl Build {
    fn nothing(problem: Problem) -> Build {
        Build {
            table: None,
            problems: vec![problem],
            sources: Sources::default(),
            tip: None,
            read: ReadCounts::default(),
        }
    }
}
