//! From a repository and its refs to a table, at the cost of what changed since the build before.
//!
//! The invariant: what a build gives is the same as if there had been none before it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use super::build_error::BuildError;
use super::bundle::Limits;
use super::catalog::{Catalog, Place};
use super::forms::FormReader;
use super::id::{CommitId, ObjectId};
use super::line::Line;
use super::notices;
use super::places::Sources;
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::{Objects, Reader, Tagged};
use super::references;
use super::refs::{Refs, TagRefs};
use super::shelf::{Shelf, Zips};
use super::standing::{Settings, SettingsFiles, Standing};
use super::strangers::Strangers;
use super::tag::{ReadTag, ReadTags, Reading, Subject, Tags, faults as tag_faults};
use super::tree;
use crate::release::policy::Descriptor;
use crate::release::table::{App, Table};
use crate::release::tags::AppTags;

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

/// An app as it was built.
#[derive(Debug)]
struct Built {
    catalog: Arc<Catalog>,
    app: Arc<App>,
    /// The version of `releases.toml` that `problems` point into.
    settings: ObjectId,
    /// What the app's settings and its releases say of each other.
    problems: Vec<Problem>,
    tags: Resolved,
}

/// The tags of an app, and what came of them.
#[derive(Clone, Debug, Default)]
struct Resolved {
    read: Vec<ReadTag>,
    frozen: bool,
    tags: AppTags,
    problems: Vec<Problem>,
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
        let mut job = Job { objects, tags: &refs.tags, builder: self, problems: Vec::new(), descriptors: 0 };
        let table = job.table()?;
        let (problems, descriptors) = (job.problems, job.descriptors);
        self.shelf.sync()?;
        let read = ReadCounts { commits, descriptors, zips: self.zips.read };
        let apps = self.apps.iter().map(|(id, built)| (&**id, built.settings, &built.catalog));
        let sources = if table.is_some() { apps.collect() } else { Sources::default() };
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

/// One build under way.
struct Job<'b> {
    objects: &'b Objects<'b>,
    tags: &'b TagRefs,
    builder: &'b mut Builder,
    problems: Vec<Problem>,
    descriptors: usize,
}

impl Job<'_> {
    fn table(&mut self) -> Result<Option<Arc<Table>>, BuildError> {
        let line = &self.builder.line;
        self.problems.extend(line.cut_at().map(notices::shallow));
        let last = line.last();
        let standing = self.builder.files.newest(self.objects, line, last)?;
        self.tell_of_tip(standing.as_ref())?;
        let table = standing.map(|standing| self.stand_at(&standing)).transpose()?;
        self.builder.files.forget_unused();
        Ok(table)
    }

    /// Reports the settings of the tip, whether they count or not.
    fn tell_of_tip(&mut self, standing: Option<&Standing>) -> Result<(), BuildError> {
        let line = &self.builder.line;
        match line.settings().held(line.last()) {
            Some(id) => self.problems.extend(self.builder.files.read(self.objects, id)?.file.all_problems().cloned()),
            None => self.problems.push(notices::no_settings()),
        }
        let behind = standing.filter(|standing| standing.at != line.last());
        self.problems.extend(behind.and_then(|standing| line.commit(standing.at)).map(notices::settings_kept));
        Ok(())
    }

    /// The table as if that commit were the tip.
    fn stand_at(&mut self, standing: &Standing) -> Result<Arc<Table>, BuildError> {
        let roots = self.directories(standing.at)?;
        let found = self.standings(standing)?;
        let tags = self.read_tags(&found)?;
        let mut apps = FxHashMap::default();
        let mut of_tags = tags.problems.clone();
        for (id, found) in found {
            let tree = if found.at == standing.at { roots.get(id).copied() } else { self.directory(found.at, id)? };
            let Some(built) = self.app(id, &found, tree, tags.of(id))? else { continue };
            let problems = built.catalog.problems.iter().chain(&built.problems).cloned();
            let placed: Vec<Problem> = problems.map(|problem| self.placed(found.at, problem)).collect();
            self.problems.extend(placed);
            of_tags.extend(built.tags.problems.iter().cloned());
            apps.insert(id.into(), built);
        }
        self.problems.extend(self.builder.strangers.find(self.objects, &roots, &standing.settings)?);
        of_tags.extend(tags_of_nobody(&tags, &apps, standing));
        of_tags.sort_by(|a, b| (&a.tag, a.rule).cmp(&(&b.tag, b.rule)));
        self.problems.extend(of_tags);
        let table = self.publish(standing, &apps);
        self.builder.apps = apps;
        Ok(table)
    }

    /// Each app that is served, with the commit that it is read from.
    fn standings<'s>(&mut self, standing: &'s Standing) -> Result<Vec<(&'s str, Standing)>, BuildError> {
        let mut standings = Vec::new();
        for (id, part) in &standing.settings.file.apps {
            let found = self.builder.files.newest_of_app(self.objects, &self.builder.line, standing, id)?;
            if part.policy.is_none() {
                let commit = found.as_ref().and_then(|found| self.builder.line.commit(found.at));
                let notice = notices::frozen(id, &standing.settings, &part.places, commit);
                self.problems.push(self.placed(standing.at, notice));
            }
            standings.extend(found.map(|found| (&**id, found)));
        }
        Ok(standings)
    }

    fn read_tags(&mut self, apps: &[(&str, Standing)]) -> Result<ReadTags, ReadError> {
        let Builder { line, files, tags, .. } = &mut *self.builder;
        if self.tags.is_empty() {
            return Ok(ReadTags::default());
        }
        let only = if let [(only, _)] = apps { Some(*only) } else { None };
        let reading = Reading { objects: self.objects, line, positions: line.positions() };
        let read = tags.read(&reading, files, self.tags, only)?;
        tags.forget_unused(self.tags);
        Ok(read)
    }

    /// A problem of the files of that commit: lines of another one than the tip are not those that people see.
    fn placed(&self, at: u32, problem: Problem) -> Problem {
        let line = &self.builder.line;
        match line.commit(at).filter(|_| at != line.last()) {
            Some(commit) => problem.as_of(commit),
            None => problem,
        }
    }

    /// One app, from what the build before knew of it.
    fn app(
        &mut self,
        id: &str,
        standing: &Standing,
        tree: Option<ObjectId>,
        read: &[ReadTag],
    ) -> Result<Option<Built>, BuildError> {
        let frozen = standing.at != self.builder.line.last();
        let Builder { zips, line, default, apps, tags, .. } = &mut *self.builder;
        let previous = apps.get(id);
        let mut forms = FormReader { objects: self.objects, zips, default, descriptors: 0 };
        let place = Place { app: id, at: standing.at, tree };
        let catalog = Catalog::read(&mut forms, line, place, previous.map(|built| &built.catalog));
        self.descriptors += forms.descriptors;
        let catalog = catalog?;
        let Some(policy) = standing.settings.valid(id).and_then(|part| part.policy.as_ref()) else { return Ok(None) };
        let same = previous.filter(|p| Arc::ptr_eq(&p.catalog, &catalog) && p.app.policy == *policy);
        let resolved = match same.filter(|previous| previous.tags.read == read && previous.tags.frozen == frozen) {
            Some(previous) => previous.tags.clone(),
            None if read.is_empty() => Resolved { frozen, ..Resolved::default() },
            None => {
                let reading = Reading { objects: self.objects, line, positions: line.positions() };
                let subject = Subject { policy, catalog: &catalog, frozen };
                let (tags, problems) = tags.resolve(&reading, subject, read)?;
                Resolved { read: read.to_vec(), frozen, tags, problems }
            }
        };
        Ok(Built::of(catalog, &standing.settings, id, same, resolved))
    }

    fn directories(&self, at: u32) -> Result<FxHashMap<Box<str>, ObjectId>, ReadError> {
        let Some(commit) = self.builder.line.commit(at) else { return Ok(FxHashMap::default()) };
        let root = self.objects.read(self.objects.commit(commit)?.tree)?;
        let directory = |entry: tree::Entry<'_>| Some((entry.name_text()?.into(), entry.directory()?));
        Ok(tree::entries(root.bytes()).filter_map(directory).collect())
    }

    fn directory(&self, at: u32, app: &str) -> Result<Option<ObjectId>, ReadError> {
        Ok(self.directories(at)?.get(app).copied())
    }

    fn publish(&self, standing: &Standing, apps: &FxHashMap<Box<str>, Built>) -> Arc<Table> {
        let commit = self.builder.line.commit(standing.at).map(|id| id.to_string()).unwrap_or_default();
        let digest = digest(&commit, self.tags);
        Arc::new(Table::new(commit, digest, apps.values().map(|built| Arc::clone(&built.app))))
    }
}

impl Built {
    /// Takes over from the build before whatever is equal. `same` is that one, where releases and policy are.
    fn of(catalog: Arc<Catalog>, settings: &Settings, id: &str, same: Option<&Built>, tags: Resolved) -> Option<Built> {
        let part = settings.valid(id)?;
        let policy = part.policy.as_ref()?;
        let same = same.filter(|previous| previous.tags.tags == tags.tags);
        let app = match same {
            Some(previous) => Arc::clone(&previous.app),
            None => {
                let releases = catalog.releases().map(Arc::clone);
                Arc::new(App::new(policy.clone(), releases, catalog.withdrawn.clone(), tags.tags.clone()))
            }
        };
        let problems = match same.filter(|previous| previous.settings == settings.id) {
            Some(previous) => previous.problems.clone(),
            None => references::check(settings, &app, &part.places, &catalog),
        };
        Some(Built { catalog, app, settings: settings.id, problems, tags })
    }
}

/// Tags of apps that are not served.
fn tags_of_nobody(tags: &ReadTags, apps: &FxHashMap<Box<str>, Built>, standing: &Standing) -> Vec<Problem> {
    let named = &standing.settings.file.apps;
    let problem = |(app, tag): (&str, &ReadTag)| {
        let is_named = named.contains_key(app);
        if is_named {
            tag_faults::app_not_served(app, tag)
        } else {
            tag_faults::unknown_app(app, tag, named.keys().map(|id| &**id))
        }
    };
    tags.of_others(|app| apps.contains_key(app)).into_iter().map(problem).collect()
}

/// What tables have in common that answer alike: the commit, and the release tags in the order of their names.
fn digest(commit: &str, tags: &TagRefs) -> String {
    let mut hash = Sha256::new();
    hash.update(commit);
    for (name, id) in tags.iter() {
        hash.update(format!("\n{id} {name}"));
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
