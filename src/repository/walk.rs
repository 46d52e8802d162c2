//! Going down the first parents of a commit and noting what each commit changed.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::id::{CommitId, ObjectId};
use super::names;
use super::read_error::ReadError;
use super::reader::{Object, Objects};
use super::tree::{self, Change};

/// The name of the settings file.
pub const SETTINGS: &str = "releases.toml";

/// What lies between a tip and a commit that was known already, or the end of the line.
#[derive(Default)]
pub struct Walked {
    /// The commits, newest first.
    pub commits: Vec<CommitId>,
    /// What they changed, newest first.
    pub found: Vec<Found>,
    /// The position of the known commit that was reached.
    pub joined: Option<u32>,
    /// Whether it ended at the boundary of a shallow repository.
    pub cut: bool,
}

/// One change.
pub struct Found {
    /// How many commits lie between the tip and the one that made it.
    pub depth: usize,
    /// What changed.
    pub place: Place,
    /// What is there from then on; `None` where it is gone.
    pub id: Option<ObjectId>,
}

/// A path that the line follows.
pub enum Place {
    /// `releases.toml`, a regular file.
    Settings,
    /// `<app>/<version>`, a directory.
    Version {
        /// The directory of the app.
        app: Arc<str>,
        /// The name of the version.
        version: Box<str>,
    },
}

/// The commits of a line that is known already, and where each is in it.
pub struct Known<'l> {
    commits: &'l [CommitId],
    /// How many were asked for.
    asked: usize,
    /// Made once many were: a push mostly brings few commits, and continues the newest.
    positions: Option<FxHashMap<CommitId, u32>>,
}

impl<'l> Known<'l> {
    /// From so many questions on, a map answers faster than a search.
    const MANY: usize = 16;

    /// Those commits, oldest first.
    pub fn new(commits: &'l [CommitId]) -> Self {
        Known { commits, asked: 0, positions: None }
    }

    fn position(&mut self, id: CommitId) -> Option<u32> {
        self.asked += 1;
        if self.asked < Known::MANY {
            let at = self.commits.iter().rposition(|known| *known == id)?;
            return u32::try_from(at).ok();
        }
        let positions = || self.commits.iter().copied().zip(0..).collect();
        self.positions.get_or_insert_with(positions).get(&id).copied()
    }
}

/// Walks from the tip down to the first commit of `known`, or to the end.
pub fn walk(objects: &Objects<'_>, tip: CommitId, mut known: Known<'_>) -> Result<Walked, ReadError> {
    let mut walker = Walker { trees: Trees::new(objects), walked: Walked::default() };
    let mut next = Some(tip);
    while let Some(id) = next {
        walker.walked.joined = known.position(id);
        if walker.walked.joined.is_some() {
            break;
        }
        next = walker.step(id)?;
    }
    Ok(walker.walked)
}

struct Walker<'o> {
    trees: Trees<'o>,
    walked: Walked,
}

impl Walker<'_> {
    /// Notes what one commit changed, and tells its first parent.
    fn step(&mut self, id: CommitId) -> Result<Option<CommitId>, ReadError> {
        let commit = self.trees.objects.commit(id)?;
        let parent = commit.first_parent.map(|parent| self.trees.objects.commit(parent)).transpose()?;
        self.compare_roots(parent.map(|parent| parent.tree), commit.tree)?;
        self.trees.age();
        self.walked.commits.push(id);
        self.walked.cut = commit.cut;
        Ok(commit.first_parent)
    }

    fn compare_roots(&mut self, before: Option<ObjectId>, after: ObjectId) -> Result<(), ReadError> {
        if before == Some(after) {
            return Ok(());
        }
        let (before, after) = (self.trees.read(before)?, self.trees.read(Some(after))?);
        for change in tree::changes(before.bytes(), after.bytes()) {
            match change.name() {
                Some(SETTINGS) => self.note_settings(&change),
                Some(name) if names::is_app_id(name) => self.compare_apps(name, &change)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn note_settings(&mut self, change: &Change<'_>) {
        let (before, after) = (change.before.and_then(|e| e.file()), change.after.and_then(|e| e.file()));
        if before != after {
            self.note(Place::Settings, after);
        }
    }

    fn compare_apps(&mut self, name: &str, change: &Change<'_>) -> Result<(), ReadError> {
        let (before, after) = directories(change);
        if before == after {
            return Ok(());
        }
        let app: Arc<str> = name.into();
        let (before, after) = (self.trees.read(before)?, self.trees.read(after)?);
        for change in tree::changes(before.bytes(), after.bytes()) {
            let (before, after) = directories(&change);
            if let Some(name) = change.name().filter(|name| before != after && names::version(name).is_some()) {
                self.note(Place::Version { app: Arc::clone(&app), version: name.into() }, after);
            }
        }
        Ok(())
    }

    fn note(&mut self, place: Place, id: Option<ObjectId>) {
        self.walked.found.push(Found { depth: self.walked.commits.len(), place, id });
    }
}

fn directories(change: &Change<'_>) -> (Option<ObjectId>, Option<ObjectId>) {
    (change.before.and_then(|e| e.directory()), change.after.and_then(|e| e.directory()))
}

/// Trees, each kept for one more commit: what the younger one had before is what the older one has after.
struct Trees<'o> {
    objects: &'o Objects<'o>,
    recent: FxHashMap<ObjectId, Stored<'o>>,
    used: FxHashMap<ObjectId, Stored<'o>>,
}

/// A tree that was read, or the empty one of what is not there.
#[derive(Clone)]
struct Stored<'o>(Option<Rc<Object<'o>>>);

impl Stored<'_> {
    fn bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |object| object.bytes())
    }
}

impl<'o> Trees<'o> {
    fn new(objects: &'o Objects<'o>) -> Self {
        Trees { objects, recent: FxHashMap::default(), used: FxHashMap::default() }
    }

    fn read(&mut self, id: Option<ObjectId>) -> Result<Stored<'o>, ReadError> {
        let Some(id) = id else { return Ok(Stored(None)) };
        let stored = match self.recent.get(&id).or_else(|| self.used.get(&id)) {
            Some(stored) => stored.clone(),
            None => Stored(Some(Rc::new(self.objects.read(id)?))),
        };
        self.used.insert(id, stored.clone());
        Ok(stored)
    }

    fn age(&mut self) {
        self.recent = std::mem::take(&mut self.used);
    }
}
