//! What a push changes of the files: every path that differs between two tips, and the apps' parts of the settings.

use std::collections::BTreeSet;

use crate::repository::id::{CommitId, ObjectId};
use crate::repository::names;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::text;
use crate::repository::tree::{self, Change, Entry};
use crate::repository::walk::SETTINGS;

/// The files that differ between the tips before and after a push.
#[derive(Debug, Default)]
pub struct Touched {
    /// The push brings the branch, and with it everything.
    all: bool,
    paths: BTreeSet<String>,
    /// The files in the directories of releases that were changed, those that were not changed themselves too.
    blobs: Vec<ObjectId>,
    settings: Parts,
}

/// What `releases.toml` said before and says after; `None` where it is not there or is no TOML.
#[derive(Debug, Default)]
struct Parts {
    before: Option<toml::Table>,
    after: Option<toml::Table>,
}

impl Touched {
    /// Compares two tips.
    pub fn between(
        objects: &Objects<'_>,
        before: Option<CommitId>,
        after: Option<CommitId>,
    ) -> Result<Touched, ReadError> {
        let Some(after) = after.filter(|after| before != Some(*after)) else { return Ok(Touched::default()) };
        let Some(before) = before else { return Ok(Touched { all: true, ..Touched::default() }) };
        let roots = [objects.commit(before)?.tree, objects.commit(after)?.tree];
        let mut touched = Touched::default();
        touched.compare(objects, "", roots.map(Some))?;
        if touched.paths.contains(SETTINGS) {
            touched.settings = Parts { before: settings(objects, roots[0])?, after: settings(objects, roots[1])? };
        }
        Ok(touched)
    }

    fn compare(&mut self, objects: &Objects<'_>, folder: &str, trees: [Option<ObjectId>; 2]) -> Result<(), ReadError> {
        let read = |tree: Option<ObjectId>| tree.map(|tree| objects.read(tree)).transpose();
        let [before, after] = [read(trees[0])?, read(trees[1])?];
        if is_release(folder) {
            let files = [&before, &after].into_iter().flatten().flat_map(|tree| tree::entries(tree.bytes()));
            self.blobs.extend(files.filter_map(|entry| entry.file()));
        }
        let stored = [&before, &after].map(|tree| tree.as_ref().map_or(&[][..], |object| object.bytes()));
        for Change { before, after } in tree::changes(stored[0], stored[1]) {
            let Some(name) = after.or(before).map(|entry| String::from_utf8_lossy(entry.name).into_owned()) else {
                continue;
            };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let folders = [&before, &after].map(|entry| entry.as_ref().and_then(Entry::directory));
            if folders != [None, None] {
                self.compare(objects, &path, folders)?;
            }
            if is_file(&before) || is_file(&after) {
                self.paths.insert(path);
            }
        }
        Ok(())
    }

    /// Whether the file or the directory that a problem is in was changed, or for one in an app's part of the settings
    /// that part.
    pub fn has(&self, problem: &Problem) -> bool {
        let Some(file) = &problem.file else { return self.all };
        match &problem.app {
            Some(app) if file == SETTINGS => self.has_part(app),
            _ => self.has_path(file),
        }
    }

    /// Whether anything of an app was changed: its part of the settings, or what is in its directory.
    pub fn has_app(&self, app: &str) -> bool {
        self.has_part(app) || self.has_path(app)
    }

    /// Whether a release of any app was changed.
    pub fn has_release(&self) -> bool {
        let folder = |path: &str| path.match_indices('/').nth(1).and_then(|(end, _)| path.get(..end).map(is_release));
        self.all || self.paths.iter().any(|path| folder(path) == Some(true))
    }

    /// The files of the releases that were changed.
    pub fn blobs(&self) -> &[ObjectId] {
        &self.blobs
    }

    /// Whether a file of that path was changed, or one in the directory of that path.
    fn has_path(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.all
            || self.paths.contains(path)
            || self.paths.range(below.clone()..).next().is_some_and(|found| found.starts_with(&below))
    }

    fn has_part(&self, app: &str) -> bool {
        self.all || self.paths.contains(SETTINGS) && self.settings.differ(app)
    }
}

/// Whether a path is that of a release's directory.
fn is_release(path: &str) -> bool {
    path.split_once('/').is_some_and(|(app, name)| names::is_app_id(app) && names::version(name).is_some())
}

fn is_file(entry: &Option<Entry<'_>>) -> bool {
    entry.as_ref().is_some_and(|entry| entry.directory().is_none())
}

impl Parts {
    /// What is no TOML has no parts that could be equal.
    fn differ(&self, app: &str) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => part(before, app) != part(after, app),
            _ => true,
        }
    }
}

/// What stands under an app's id, and where it stands if somebody forgot the quotes.
fn part<'t>(settings: &'t toml::Table, app: &str) -> [Option<&'t toml::Value>; 2] {
    let apps = settings.get("apps");
    let unquoted = app.split('.').try_fold(apps, |table, word| Some(table?.as_table()?.get(word)));
    [apps.and_then(|apps| apps.get(app)), unquoted.flatten()]
}

fn settings(objects: &Objects<'_>, root: ObjectId) -> Result<Option<toml::Table>, ReadError> {
    let stored = objects.read(root)?;
    let file = tree::entries(stored.bytes()).find(|entry| entry.name == SETTINGS.as_bytes());
    let Some(blob) = file.and_then(|entry| entry.file()) else { return Ok(None) };
    Ok(text::read(objects, blob, SETTINGS)?.ok().and_then(|text| text.parse().ok()))
}
