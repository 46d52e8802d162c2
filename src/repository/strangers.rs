//! Directories at the root that look like an app and are none: an id that is misspelt, or was forgotten in the settings.

use rustc_hash::FxHashMap;

use super::forms::Shape;
use super::id::ObjectId;
use super::names;
use super::notices;
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::Objects;
use super::standing::Settings;
use super::tree;

/// What a directory looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    App,
    Release,
    Neither,
}

/// Looks at directories, each once as long as it stays: a repository may hold a lot beside its releases.
#[derive(Debug, Default)]
pub struct Strangers {
    known: FxHashMap<ObjectId, Look>,
}

impl Strangers {
    /// The problems of the directories at the root that the settings do not name, in the order of their names.
    pub fn find(
        &mut self,
        objects: &Objects<'_>,
        roots: &FxHashMap<Box<str>, ObjectId>,
        settings: &Settings,
    ) -> Result<Vec<Problem>, ReadError> {
        let mut unnamed: Vec<_> = roots.iter().filter(|(id, _)| !settings.file.apps.contains_key(*id)).collect();
        unnamed.retain(|(id, _)| names::is_app_id(id));
        unnamed.sort_unstable();
        let mut problems = Vec::new();
        let mut seen = FxHashMap::default();
        for (id, tree) in unnamed {
            let look = match self.known.get(tree) {
                Some(look) => *look,
                None => look(objects, *tree)?,
            };
            seen.insert(*tree, look);
            problems.extend(match look {
                Look::App => Some(notices::unnamed_app(id)),
                Look::Release => Some(notices::release_without_app(id)),
                Look::Neither => None,
            });
        }
        self.known = seen;
        Ok(problems)
    }
}

fn look(objects: &Objects<'_>, tree: ObjectId) -> Result<Look, ReadError> {
    let stored = objects.read(tree)?;
    if Shape::of(stored.bytes()).is_release() {
        return Ok(Look::Release);
    }
    for entry in tree::entries(stored.bytes()) {
        let (Some(directory), Some(name)) = (entry.directory(), entry.name_text()) else { continue };
        let is_version = names::version(name.strip_prefix(['v', 'V']).unwrap_or(name)).is_some();
        if is_version || Shape::of(objects.read(directory)?.bytes()).is_release() {
            return Ok(Look::App);
        }
    }
    Ok(Look::Neither)
}
