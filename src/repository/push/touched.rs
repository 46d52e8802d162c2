//! What a push changes of the files that matter: every path that differs between two tips, what came and went between
//! them, and the apps' parts of the settings.

use std::collections::BTreeSet;

use super::parts::Parts;
use crate::repository::forms::{DESCRIPTOR, Slot};
use crate::repository::history::Step;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::line::Line;
use crate::repository::names;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::tree::{self, Change, Entry};
use crate::repository::walk::SETTINGS;

/// The files and directories that a push changes. A directory stands for all that is in it.
#[derive(Debug, Default)]
pub struct Touched {
    /// The push brings the branch, and with it everything.
    all: bool,
    paths: BTreeSet<String>,
    /// The files in the directories of releases that were changed, those that were not changed themselves too.
    blobs: Vec<ObjectId>,
    settings: Parts,
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
        touched.compare(objects, "", 1, roots.map(Some))?;
        if touched.paths.contains(SETTINGS) {
            touched.settings = Parts::of(objects, roots)?;
        }
        Ok(touched)
    }

    /// Adds the directories that commits of the push changed and changed back. `line` is that after the push.
    pub fn add_passed(&mut self, line: &Line, before: Option<CommitId>) {
        let Some(old) = before.and_then(|before| line.position(before)) else { return };
        for (app, versions) in line.apps().filter(|(_, versions)| versions.is_newer(old)) {
            for (name, history) in versions.iter() {
                let came_back = |step: &Step| step.at > old && step.id == history.held(old);
                if history.steps().last().is_some_and(came_back) {
                    self.paths.insert(format!("{app}/{name}"));
                }
            }
        }
    }

    /// Compares an app's part of the settings with that of an older commit, where the old tip's file has no parts.
    pub fn compare_settings_with(&mut self, objects: &Objects<'_>, commit: CommitId) -> Result<(), ReadError> {
        self.settings.stand_in(objects, objects.commit(commit)?.tree)
    }

    fn compare(
        &mut self,
        objects: &Objects<'_>,
        folder: &str,
        depth: usize,
        trees: [Option<ObjectId>; 2],
    ) -> Result<(), ReadError> {
        let read = |tree: Option<ObjectId>| tree.map(|tree| objects.read(tree)).transpose();
        let [before, after] = [read(trees[0])?, read(trees[1])?];
        if is_release(folder) {
            let files = [&before, &after].into_iter().flatten().flat_map(|tree| tree::entries(tree.bytes()));
            self.blobs.extend(files.filter_map(|entry| entry.file()));
        }
        let stored = [&before, &after].map(|tree| tree.as_ref().map_or(&[][..], |object| object.bytes()));
        for Change { before, after } in tree::changes(stored[0], stored[1]) {
            let Some(entry) = after.or(before) else { continue };
            let name = String::from_utf8_lossy(entry.name);
            let path = if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") };
            let folders = [&before, &after].map(|entry| entry.as_ref().and_then(Entry::directory));
            let comes_or_goes = depth == 2 && folders[0].is_some() != folders[1].is_some();
            if comes_or_goes && is_meant_as_version(entry.name) || matters(depth, entry.name) {
                self.paths.insert(path.clone());
            }
            if depth < 3 && folders != [None, None] {
                self.compare(objects, &path, depth + 1, folders)?;
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

    /// Whether anything of an app was changed: its part of the settings, or a release.
    pub fn has_app(&self, app: &str) -> bool {
        self.has_part(app) || self.has_path(app)
    }

    /// Whether that release was changed.
    pub fn has_version(&self, app: &str, version: &str) -> bool {
        self.has_path(&format!("{app}/{version}"))
    }

    /// Whether a release of any app was changed.
    pub fn has_release(&self) -> bool {
        let folder = |path: &str| {
            let end = path.match_indices('/').nth(1).map_or(path.len(), |(end, _)| end);
            path.get(..end).is_some_and(is_release)
        };
        self.all || self.paths.iter().any(|path| folder(path))
    }

    /// The files of the releases that were changed.
    pub fn blobs(&self) -> &[ObjectId] {
        &self.blobs
    }

    /// Whether that was changed, or something in it, or the directory that it is in as a whole.
    fn has_path(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let above = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        self.all
            || self.paths.contains(path)
            || above.into_iter().any(|above| self.paths.contains(above))
            || self.paths.range(below.clone()..).next().is_some_and(|found| found.starts_with(&below))
    }

    fn has_part(&self, app: &str) -> bool {
        self.all || self.paths.contains(SETTINGS) && self.settings.differ(app)
    }
}

/// Whether an entry of that name at that depth below the root is read at all.
fn matters(depth: usize, name: &[u8]) -> bool {
    let is_of_release =
        || name == DESCRIPTOR.as_bytes() || Slot::ALL.iter().any(|slot| slot.file_name().as_bytes() == name);
    match depth {
        1 => name == SETTINGS.as_bytes() || is_of_release(),
        2 | 3 => is_of_release(),
        _ => false,
    }
}

/// Whether a directory of an app is a release, or an error where it is none.
fn is_meant_as_version(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    names::version(name.strip_prefix(['v', 'V']).unwrap_or(&name)).is_some()
}

/// Whether a path is that of a release's directory.
fn is_release(path: &str) -> bool {
    path.split_once('/').is_some_and(|(app, name)| names::is_app_id(app) && names::version(name).is_some())
}
