//! Where in the repository something was written that a decision went by.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::catalog::Catalog;
use super::descriptor::{KeyLines, Way};
use super::forms::DESCRIPTOR;
use super::id::{CommitId, ObjectId};
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::Objects;
use super::tag::ReadTag;
use super::text;
use super::unserved::{Reasons, Unserved};
use super::walk::SETTINGS;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path from the root of the repository.
    pub file: String,
    /// From 1 on.
    pub line: u32,
    /// The commit that the line is of, where that is not the table's.
    pub commit: Option<CommitId>,
}

/// The files and tags that each app was read from. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sources(Arc<Files>);

#[derive(Debug, Default)]
struct Files {
    kept: Option<Kept>,
    apps: FxHashMap<Box<str>, AppSources>,
    unserved: Reasons,
}

/// What is read from an older commit, for a fault of the newer ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The commit that it is read from.
    pub commit: CommitId,
    /// What keeps the newest from counting.
    pub fault: Option<Problem>,
}

/// The files that an app was read from, by their blobs, and its tags.
#[derive(Clone, Debug, Default)]
pub struct AppSources {
    /// Where it is not read from the table's commit.
    kept: Option<Kept>,
    settings: Option<ObjectId>,
    catalog: Option<Arc<Catalog>>,
    tags: Arc<[ReadTag]>,
}

impl Sources {
    /// Those of apps, of a table that `kept` says not to be of the tip, and why others are not served.
    pub(super) fn new<'a>(
        kept: Option<Kept>,
        apps: impl Iterator<Item = (&'a str, AppSources)>,
        unserved: Reasons,
    ) -> Sources {
        Sources(Arc::new(Files { kept, apps: apps.map(|(id, app)| (id.into(), app)).collect(), unserved }))
    }

    /// Why an app that is not served is not; `None`: it never was there.
    ///
    /// # Errors
    /// A version of `releases.toml` cannot be read any more.
    pub fn unserved(&self, objects: &Objects<'_>, app: &str) -> Result<Option<Unserved>, ReadError> {
        self.0.unserved.of(objects, app)
    }

    /// Where the table is not that of the tip.
    pub fn kept(&self) -> Option<&Kept> {
        self.0.kept.as_ref()
    }

    /// Those of an app; none of one that is not there.
    pub fn of(&self, app: &str) -> AppSources {
        self.0.apps.get(app).cloned().unwrap_or_default()
    }

    /// The release tags that are an app's, by name, whatever comes of them.
    pub fn tags(&self, app: &str) -> &[ReadTag] {
        self.0.apps.get(app).map_or(&[], |sources| &sources.tags)
    }

    /// The app whose tag one is, also where its name does not say.
    pub fn app_of_tag(&self, tag: &str) -> Option<&str> {
        let mut apps = self.0.apps.iter();
        apps.find(|(_, sources)| sources.tags.binary_search_by(|known| (*known.name).cmp(tag)).is_ok())
            .map(|(id, _)| &**id)
    }

    /// The commit that a tag of an app names.
    pub fn tagged(&self, app: &str, tag: &str) -> Option<CommitId> {
        let tags = self.tags(app);
        let at = tags.binary_search_by(|known| (*known.name).cmp(tag)).ok()?;
        tags.get(at)?.commit
    }
}

impl AppSources {
    /// Those of an app that is there. `tags` are in the order of their names.
    pub(super) fn new(
        kept: Option<Kept>,
        settings: ObjectId,
        catalog: &Arc<Catalog>,
        tags: &Arc<[ReadTag]>,
    ) -> AppSources {
        AppSources { kept, settings: Some(settings), catalog: Some(Arc::clone(catalog)), tags: Arc::clone(tags) }
    }

    /// Where the app is not read from the table's commit.
    pub fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    /// Where a release is not read from the newest commit of its directory.
    pub fn kept_release(&self, version: &str) -> Option<Kept> {
        let kept = self.catalog.as_ref()?.kept(version)?;
        Some(Kept { fault: kept.fault.map(|fault| self.told(fault)), ..kept })
    }

    /// The commit that took a version away.
    pub fn withdrawn_by(&self, version: &str) -> Option<CommitId> {
        self.catalog.as_ref()?.withdrawn_by(version)
    }

    /// Whether a version is there and is no release.
    pub fn is_left_out(&self, version: &str) -> bool {
        self.left_out().iter().any(|(name, _)| *name == version)
    }

    /// Each version that is there and is no release, with what is wrong with it.
    pub fn left_out(&self) -> Vec<(&str, Problem)> {
        let left_out = self.catalog.iter().flat_map(|catalog| catalog.left_out());
        left_out.map(|(version, fault)| (version, self.told(fault.clone()))).collect()
    }

    /// A fault of the app's files, whose lines may not be those of the table's commit.
    fn told(&self, fault: Problem) -> Problem {
        match &self.kept {
            Some(kept) => fault.as_of(kept.commit),
            None => fault,
        }
    }
}

/// Finds lines in the files that an app was read from, each read once, however many lines of it are asked for.
pub struct Places<'o> {
    objects: &'o Objects<'o>,
    app: &'o str,
    sources: AppSources,
    read: FxHashMap<ObjectId, Option<KeyLines>>,
}

impl<'o> Places<'o> {
    /// For an app.
    pub fn new(objects: &'o Objects<'o>, app: &'o str, sources: AppSources) -> Self {
        Places { objects, app, sources, read: FxHashMap::default() }
    }

    /// The files that it finds lines in.
    pub fn sources(&self) -> &AppSources {
        &self.sources
    }

    /// Something in the app's part of `releases.toml`, or the nearest that holds it.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn in_settings(&mut self, way: &[Way<'_>]) -> Result<Option<Place>, ReadError> {
        let Some(id) = self.sources.settings else { return Ok(None) };
        let way = [&[Way::Key("apps"), Way::Key(self.app)], way].concat();
        let commit = self.sources.kept.as_ref().map(|kept| kept.commit);
        self.find(id, commit, SETTINGS.to_owned(), &way)
    }

    /// A key of a release's descriptor.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn in_release(&mut self, version: &str, key: &str) -> Result<Option<Place>, ReadError> {
        let blob = self.sources.catalog.as_ref().and_then(|catalog| catalog.descriptor(version));
        let Some(id) = blob else { return Ok(None) };
        let kept = self.sources.catalog.as_ref().and_then(|catalog| catalog.kept_at(version));
        let commit = kept.or(self.sources.kept.as_ref().map(|kept| kept.commit));
        self.find(id, commit, format!("{}/{version}/{DESCRIPTOR}", self.app), &[Way::Key(key)])
    }

    fn find(
        &mut self,
        id: ObjectId,
        commit: Option<CommitId>,
        file: String,
        way: &[Way<'_>],
    ) -> Result<Option<Place>, ReadError> {
        let lines = match self.read.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let text = text::read(self.objects, id, &file)?.ok();
                new.insert(text.and_then(|text| KeyLines::read(&text)))
            }
        };
        Ok(lines.as_ref().and_then(|lines| lines.line(way)).map(|line| Place { file, line, commit }))
    }
}
