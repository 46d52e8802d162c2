//! Release tags that were moved: told when it happens, and a problem as long as they stay where they were moved to.
//!
//! What happened while no daemon ran the journal tells, by where it left the refs.

use std::collections::BTreeMap;

use super::place::Place;
use super::told;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::journal;
use crate::repository::problem::Problem;
use crate::repository::reader::{Moved, Objects};
use crate::repository::refs::{Refs, moved};
use crate::repository::tag::TagName;
use crate::store::Store;

/// The tags that were moved since this process began, or before it did and after the journal's last entry.
#[derive(Debug, Default)]
pub struct Moves {
    before: Option<Refs>,
    moved: BTreeMap<Box<str>, Move>,
}

/// A tag that is not where it was.
#[derive(Clone, Copy, Debug)]
struct Move {
    /// What it named first.
    old: ObjectId,
    /// What it names.
    new: ObjectId,
    /// The commits of both, where they can be read.
    commits: [Option<CommitId>; 2],
}

impl Moves {
    /// Logs each tag that names something else than when this was called the last time; the first time, than when the
    /// journal's last entry was written. To be called before more is added to that. Returns where the refs were then.
    pub fn take_up(&mut self, place: &Place, store: &Store, refs: &Refs) -> Option<Refs> {
        let before = self.before.replace(refs.clone()).or_else(|| recorded(store, refs))?;
        if let Ok(reader) = place.open()
            && let Ok(objects) = reader.objects()
        {
            moved(&before.tags, &refs.tags).for_each(|(tag, old, new)| self.moved(&objects, tag, old, new));
        }
        let is_there = |tag: &str, new| refs.tags.iter().any(|(name, id)| **name == *tag && *id == new);
        self.moved.retain(|tag, moved| is_there(tag, moved.new));
        Some(before)
    }

    fn moved(&mut self, objects: &Objects<'_>, tag: &str, old: ObjectId, new: ObjectId) {
        // what the old one named may be gone already
        let how = objects.moved(old, new).unwrap_or(Moved::Commit);
        told::moved_tag(tag, old, new, how);
        let first = self.moved.remove(tag).map_or(old, |before| before.old);
        if first == new || (first, how) == (old, Moved::Annotated) {
            return;
        }
        let commits = [first, new].map(|id| objects.tagged(id).ok().and_then(|tagged| tagged.commit));
        self.moved.insert(tag.into(), Move { old: first, new, commits });
    }

    /// What operators are told of them.
    pub fn problems(&self) -> impl Iterator<Item = Problem> {
        self.moved.iter().map(|(tag, moved)| moved.problem(tag))
    }
}

impl Move {
    fn problem(&self, tag: &str) -> Problem {
        let message = match self.commits {
            [Some(old), Some(new)] if old == new => {
                format!("the tag was replaced by another one of commit {} while it was served", new.short())
            }
            [old, new] => {
                let shown = |commit: Option<CommitId>, id: ObjectId| {
                    commit.map_or_else(|| format!("object {id}"), |commit| format!("commit {}", commit.short()))
                };
                format!(
                    "the tag was moved from {} to {} while it was served",
                    shown(old, self.old),
                    shown(new, self.new)
                )
            }
        };
        let problem = Problem::warning("tag-moved", message, told::MOVED_TAG_HELP).of_tag(tag);
        match TagName::parse(tag).and_then(|name| name.app) {
            Some(app) => problem.of_app(app),
            None => problem,
        }
    }
}

/// Where the journal left the refs; `None`: there is none.
fn recorded(store: &Store, refs: &Refs) -> Option<Refs> {
    let mut last = BTreeMap::new();
    for entry in journal::entries(&store.journal().ok()?) {
        last.insert(entry.name, entry.new);
    }
    let named = |name: &str| last.get(name).copied().flatten();
    let tags = last.iter().filter_map(|(name, id)| Some((name.strip_prefix("refs/tags/")?.into(), (*id)?)));
    let tip = named(refs.full_branch()).map(CommitId);
    (!last.is_empty()).then(|| Refs::at(refs.branch_name(), tip).with_tags(tags))
}
