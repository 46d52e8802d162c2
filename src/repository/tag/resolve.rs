//! Release tags: what each names, and what comes of it in its app.
//!
//! What is learned of a tag's commit is kept by object id, so that thousands of tags cost a build nothing but a look at
//! each. The invariant is the builder's: what was kept changes no answer.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::faults;
use super::name::TagName;
use super::read::{ReadTag, ReadTags, Subject};
use crate::release::opening::{opens, start_of_steps};
use crate::release::platform::{PerPlatform, Platform, PlatformSet};
use crate::release::policy::ChannelPolicy;
use crate::release::table::Release;
use crate::release::tags::{AppTags, ReleaseTag, Says};
use crate::repository::forms::{Part, Shape};
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::line::Line;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Objects, Tagged};
use crate::repository::refs::TagRefs;
use crate::repository::served::FirstBlob;
use crate::repository::standing::{Settings, SettingsFiles};
use crate::repository::tree;
use crate::repository::walk::SETTINGS;

/// The app that a short tag means; as an error, those that it may mean, or nothing where it names no commit.
pub(super) type Meant = Result<Box<str>, Option<Named>>;

/// What is known of the objects that tags name.
#[derive(Debug, Default)]
pub struct Tags {
    tagged: FxHashMap<ObjectId, Tagged>,
    /// The apps that the settings of a commit name.
    named: FxHashMap<CommitId, Named>,
    /// The directories of versions in commits that are not on the line, by commit and path.
    trees: FxHashMap<(CommitId, String), Option<ObjectId>>,
    shapes: FxHashMap<ObjectId, Shape>,
    /// Where the history ended when this was learned.
    boundary: Option<String>,
}

/// So many directories are kept for each tag: more are of tags that are gone, and all are read anew.
const ROOM: usize = 4;

/// Ids of apps.
pub(super) type Named = Arc<[Box<str>]>;

/// Ids of apps, each with whether it has a release.
type Having = Vec<(Box<str>, bool)>;

/// What a build reads tags with.
pub struct Reading<'b> {
    /// The repository's objects.
    pub objects: &'b Objects<'b>,
    /// The line of the branch.
    pub line: &'b Line,
    /// Where each commit of it is.
    pub positions: FxHashMap<CommitId, u32>,
}

impl Tags {
    /// Reads the names of the tags and finds the app of each. `only` is the app of the table, where there is one only.
    pub fn read(
        &mut self,
        reading: &Reading<'_>,
        files: &mut SettingsFiles,
        refs: &TagRefs,
        only: Option<&str>,
    ) -> Result<ReadTags, ReadError> {
        if self.boundary.as_deref() != reading.line.boundary() {
            // more of the history may mean other settings
            self.named.clear();
            self.boundary = reading.line.boundary().map(str::to_owned);
        }
        let mut read = ReadTags::default();
        for (name, id) in refs.iter() {
            let Some(parsed) = TagName::parse(name) else { continue };
            let tagged = self.tagged(reading.objects, *id)?;
            let says = parsed.says.unwrap_or(Says::Open);
            let app = match (parsed.app, tagged.commit) {
                (Some(app), _) => Ok(app.into()),
                (None, Some(commit)) => self.meant(reading, files, commit, says, only)?,
                // a halt holds whatever it points at
                (None, None) if says == Says::Halt && only.is_some() => Ok(only.unwrap_or_default().into()),
                (None, None) => Err(None),
            };
            if let Err(suffix) = parsed.says {
                let problem = faults::suffix(name, suffix);
                read.problems.push(app.into_iter().fold(problem, Problem::of_app));
                continue;
            }
            match app {
                Ok(app) => {
                    let (channel, version) = (parsed.channel.into(), parsed.version.into());
                    let Tagged { commit, date } = tagged;
                    let annotated = commit.is_none_or(|commit| commit.0 != *id);
                    let tag = ReadTag { name: name.clone(), channel, version, says, commit, annotated, date };
                    read.by_app.entry(app).or_default().push(tag);
                }
                Err(named) => {
                    let named = self.having(reading, tagged.commit, named, parsed.version)?;
                    read.problems.push(faults::app_unclear(name, named.as_deref(), &parsed));
                }
            }
        }
        Ok(read)
    }

    /// Takes over what others know.
    pub fn know(&mut self, tagged: impl IntoIterator<Item = (ObjectId, Tagged)>) {
        self.tagged.extend(tagged);
    }

    /// Forgets objects that no tag names any more.
    pub fn forget_unused(&mut self, refs: &TagRefs) {
        if self.tagged.len() > refs.len() {
            let used: FxHashMap<ObjectId, ()> = refs.iter().map(|(_, id)| (*id, ())).collect();
            self.tagged.retain(|id, _| used.contains_key(id));
        }
        let commits: FxHashMap<CommitId, ()> =
            self.tagged.values().filter_map(|tagged| tagged.commit).map(|commit| (commit, ())).collect();
        self.trees.retain(|(commit, _), _| commits.contains_key(commit));
        self.named.retain(|commit, _| commits.contains_key(commit));
        if self.shapes.len() > ROOM * refs.len().max(ROOM) {
            self.shapes.clear();
        }
    }

    fn tagged(&mut self, objects: &Objects<'_>, id: ObjectId) -> Result<Tagged, ReadError> {
        if let Some(tagged) = self.tagged.get(&id) {
            return Ok(*tagged);
        }
        let tagged = objects.tagged(id)?;
        self.tagged.insert(id, tagged);
        Ok(tagged)
    }

    /// The app that a short tag means: the only one of the settings of its commit.
    pub(super) fn meant(
        &mut self,
        reading: &Reading<'_>,
        files: &mut SettingsFiles,
        commit: CommitId,
        says: Says,
        only: Option<&str>,
    ) -> Result<Meant, ReadError> {
        let named = self.named_at(reading, files, commit)?;
        Ok(match (&*named, only) {
            ([app], _) => Ok(app.clone()),
            (_, Some(app)) if says == Says::Halt => Ok(app.into()),
            _ => Err(Some(named)),
        })
    }

    /// The apps that the settings name which count at a commit: the newest valid ones on its own line. What is found goes
    /// for every commit that was passed on the way, so that none is read twice.
    fn named_at(
        &mut self,
        reading: &Reading<'_>,
        files: &mut SettingsFiles,
        commit: CommitId,
    ) -> Result<Named, ReadError> {
        let mut passed = Vec::new();
        let mut next = Some(commit);
        let mut named = Named::default();
        while let Some(id) = next {
            if let Some(known) = self.named.get(&id) {
                named = Arc::clone(known);
                break;
            }
            passed.push(id);
            if let Some(at) = reading.positions.get(&id) {
                let standing = files.newest(reading.objects, reading.line, *at)?;
                named = standing.map(|standing| names(&standing.settings)).unwrap_or_default();
                break;
            }
            let commit = reading.objects.commit(id)?;
            if let Some(settings) = counting(reading.objects, files, commit.tree)? {
                named = names(&settings);
                break;
            }
            next = commit.first_parent;
        }
        self.named.extend(passed.into_iter().map(|id| (id, Arc::clone(&named))));
        Ok(named)
    }

    /// What the tags of an app do, and what is wrong with them.
    pub fn resolve(
        &mut self,
        reading: &Reading<'_>,
        subject: Subject<'_>,
        tags: &[ReadTag],
    ) -> Result<(AppTags, Vec<Problem>), ReadError> {
        let releases: FxHashMap<&str, &Arc<Release>> =
            subject.catalog.releases().map(|release| (&*release.name, release)).collect();
        let mut resolved = Vec::new();
        let mut problems = Vec::new();
        for tag in tags {
            // what was taken back is no fault of its tag, whatever became of the channel
            if subject.catalog.withdrawn.contains_key(&*tag.version) {
                continue;
            }
            let release = releases.get(&*tag.version);
            let is_yanked = release.is_some_and(|release| release.descriptor.yanked.is_some());
            let Some(channel) = subject.policy.channels.iter().find(|channel| channel.name == tag.channel) else {
                problems.extend((!is_yanked).then(|| faults::unknown_channel(tag, subject)));
                continue;
            };
            let Some(release) = release else {
                problems.extend(faults::no_release(tag, subject));
                continue;
            };
            let platforms = self.approved(reading, subject, tag)?;
            let tag_of_release = release_tag(tag, platforms);
            problems.extend(judge(tag, &tag_of_release, channel, release, subject, reading.line));
            resolved.push(tag_of_release);
        }
        Ok((AppTags::new(resolved), problems))
    }

    /// The platforms on which the commit of a tag has the very bytes that are served; all for a halt.
    fn approved(
        &mut self,
        reading: &Reading<'_>,
        subject: Subject<'_>,
        tag: &ReadTag,
    ) -> Result<PlatformSet, ReadError> {
        if tag.says == Says::Halt {
            return Ok(PlatformSet::ALL);
        }
        let (Some(commit), Some(firsts)) = (tag.commit, subject.catalog.firsts(&tag.version)) else {
            return Ok(PlatformSet::NONE);
        };
        let Some(tree) = self.version_tree(reading, commit, &subject.policy.id, &tag.version)? else {
            return Ok(PlatformSet::NONE);
        };
        let shape = match self.shapes.get(&tree) {
            Some(shape) => shape,
            None => self.shapes.entry(tree).or_insert(Shape::of(reading.objects.read(tree)?.bytes())),
        };
        Ok(same_bytes(shape, firsts))
    }
}

impl Tags {
    /// The apps that a commit names, each with whether it has that version there.
    fn having(
        &mut self,
        reading: &Reading<'_>,
        commit: Option<CommitId>,
        named: Option<Named>,
        version: &str,
    ) -> Result<Option<Having>, ReadError> {
        let Some((commit, named)) = commit.zip(named) else { return Ok(None) };
        let each = named.iter();
        let each = each.map(|app| Ok((app.clone(), self.version_tree(reading, commit, app, version)?.is_some())));
        each.collect::<Result<_, ReadError>>().map(Some)
    }

    /// The directory of a version in a commit.
    fn version_tree(
        &mut self,
        reading: &Reading<'_>,
        commit: CommitId,
        app: &str,
        version: &str,
    ) -> Result<Option<ObjectId>, ReadError> {
        if let Some(at) = reading.positions.get(&commit) {
            let history = reading.line.app(app).and_then(|versions| versions.history(version));
            return Ok(history.and_then(|history| history.held(*at)));
        }
        let key = (commit, format!("{app}/{version}"));
        if let Some(known) = self.trees.get(&key) {
            return Ok(*known);
        }
        let found = version_tree(reading.objects, commit, app, version)?;
        self.trees.insert(key, found);
        Ok(found)
    }
}

fn same_bytes(shape: &Shape, firsts: &PerPlatform<Option<FirstBlob>>) -> PlatformSet {
    let is_same = |platform: &Platform| {
        firsts.get(*platform).is_some_and(|first| shape.part(shape.slot(*platform)) == Part::File(first.id))
    };
    Platform::ALL.into_iter().filter(is_same).collect()
}

fn release_tag(tag: &ReadTag, platforms: PlatformSet) -> ReleaseTag {
    ReleaseTag {
        name: tag.name.clone(),
        channel: tag.channel.clone(),
        version: tag.version.clone(),
        says: tag.says,
        platforms,
        date: tag.date,
    }
}

/// What is wrong with a tag whose channel and release are there.
fn judge(
    tag: &ReadTag,
    resolved: &ReleaseTag,
    channel: &ChannelPolicy,
    release: &Release,
    subject: Subject<'_>,
    line: &Line,
) -> Option<Problem> {
    let descriptor = &release.descriptor;
    if tag.says == Says::Halt || descriptor.yanked.is_some() {
        return None;
    }
    if !channel.tags {
        let opened = opens(subject.policy, channel, release, Platform::Ios, &[]);
        return Some(faults::without_effect(tag, subject, opened.err()));
    }
    if descriptor.channels.as_ref().is_some_and(|names| !names.contains(&channel.name)) {
        return Some(faults::elsewhere(tag, subject));
    }
    if resolved.platforms == PlatformSet::NONE {
        let brought = subject.catalog.first_bytes(&tag.version).and_then(|at| line.commit(at));
        return Some(faults::other_bytes(tag, subject, brought));
    }
    let has_no_start = tag.says == Says::Open
        && descriptor.steps(&channel.name).is_some()
        && start_of_steps(release, resolved).is_none();
    has_no_start.then(|| faults::without_date(tag, subject))
}

fn names(settings: &Settings) -> Named {
    settings.file.apps.keys().cloned().collect()
}

/// The settings of a tree, where they count.
fn counting(
    objects: &Objects<'_>,
    files: &mut SettingsFiles,
    tree: ObjectId,
) -> Result<Option<Arc<Settings>>, ReadError> {
    let root = objects.read(tree)?;
    let file = tree::entries(root.bytes()).find(|entry| entry.name == SETTINGS.as_bytes()).and_then(|e| e.file());
    let settings = file.map(|blob| files.read(objects, blob)).transpose()?;
    Ok(settings.filter(|settings| settings.counts()))
}

/// The directory of a version in a commit, on the line or not.
///
/// # Errors
/// The repository cannot be read.
pub fn version_tree(
    objects: &Objects<'_>,
    commit: CommitId,
    app: &str,
    version: &str,
) -> Result<Option<ObjectId>, ReadError> {
    let root = objects.commit(commit)?.tree;
    let Some(app) = directory(objects, root, app)? else { return Ok(None) };
    directory(objects, app, version)
}

fn directory(objects: &Objects<'_>, tree: ObjectId, name: &str) -> Result<Option<ObjectId>, ReadError> {
    let stored = objects.read(tree)?;
    let found = tree::entries(stored.bytes()).find(|entry| entry.name == name.as_bytes());
    Ok(found.and_then(|entry| entry.directory()))
}
