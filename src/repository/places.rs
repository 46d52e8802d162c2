//! Where in the repository something was written that a decision went by.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::catalog::Catalog;
use super::descriptor::{Way, line_of};
use super::forms::DESCRIPTOR;
use super::id::{CommitId, ObjectId};
use super::read_error::ReadError;
use super::reader::Objects;
use super::tag::ReadTag;
use super::text;
use super::walk::SETTINGS;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path from the root of the repository.
    pub file: String,
    /// From 1 on.
    pub line: u32,
}

/// The files and tags that each app was read from. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sources(Arc<FxHashMap<Box<str>, AppSources>>);

/// The files that an app was read from, by their blobs, and its tags.
#[derive(Clone, Debug, Default)]
pub struct AppSources {
    settings: Option<ObjectId>,
    catalog: Option<Arc<Catalog>>,
    tags: Arc<[ReadTag]>,
}

impl Sources {
    /// Those of an app; none of one that is not there.
    pub fn of(&self, app: &str) -> AppSources {
        self.0.get(app).cloned().unwrap_or_default()
    }

    /// The release tags that are an app's, by name, whatever comes of them.
    pub fn tags(&self, app: &str) -> &[ReadTag] {
        self.0.get(app).map_or(&[], |sources| &sources.tags)
    }

    /// The commit that a tag of an app names.
    pub fn tagged(&self, app: &str, tag: &str) -> Option<CommitId> {
        let tags = self.tags(app);
        let at = tags.binary_search_by(|known| (*known.name).cmp(tag)).ok()?;
        tags.get(at)?.commit
    }
}

impl AppSources {
    /// `tags` are in the order of their names.
    pub(super) fn new(settings: ObjectId, catalog: &Arc<Catalog>, tags: &Arc<[ReadTag]>) -> AppSources {
        AppSources { settings: Some(settings), catalog: Some(Arc::clone(catalog)), tags: Arc::clone(tags) }
    }
}

impl<'a> FromIterator<(&'a str, AppSources)> for Sources {
    fn from_iter<I: IntoIterator<Item = (&'a str, AppSources)>>(apps: I) -> Sources {
        Sources(Arc::new(apps.into_iter().map(|(app, sources)| (app.into(), sources)).collect()))
    }
}

/// Finds lines in the files that an app was read from, each read once.
pub struct Places<'o> {
    objects: &'o Objects<'o>,
    app: &'o str,
    sources: AppSources,
    texts: FxHashMap<ObjectId, Option<Arc<str>>>,
}

impl<'o> Places<'o> {
    /// For an app.
    pub fn new(objects: &'o Objects<'o>, app: &'o str, sources: AppSources) -> Self {
        Places { objects, app, sources, texts: FxHashMap::default() }
    }

    /// Something in the app's part of `releases.toml`, or the nearest that holds it.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn in_settings(&mut self, way: &[Way<'_>]) -> Result<Option<Place>, ReadError> {
        let Some(id) = self.sources.settings else { return Ok(None) };
        let way = [&[Way::Key("apps"), Way::Key(self.app)], way].concat();
        self.find(id, SETTINGS.to_owned(), &way)
    }

    /// A key of a release's descriptor.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn in_release(&mut self, version: &str, key: &str) -> Result<Option<Place>, ReadError> {
        let blob = self.sources.catalog.as_ref().and_then(|catalog| catalog.descriptor(version));
        let Some(id) = blob else { return Ok(None) };
        self.find(id, format!("{}/{version}/{DESCRIPTOR}", self.app), &[Way::Key(key)])
    }

    fn find(&mut self, id: ObjectId, file: String, way: &[Way<'_>]) -> Result<Option<Place>, ReadError> {
        let text = match self.texts.get(&id) {
            Some(text) => text.clone(),
            None => {
                let text = text::read(self.objects, id, &file)?.ok();
                self.texts.insert(id, text.clone());
                text
            }
        };
        Ok(text.and_then(|text| line_of(&text, way)).map(|line| Place { file, line }))
    }
}
