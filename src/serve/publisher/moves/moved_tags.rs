//! Where tags were first and are now, and what is said of that.

use std::collections::BTreeMap;

use crate::repository::id::{CommitId, ObjectId};
use crate::repository::journal::Record;
use crate::repository::places::Sources;
use crate::repository::problem::Problem;
use crate::repository::reader::Moved;
use crate::repository::refs::Refs;
use crate::repository::tag::TagName;
use crate::serve::publisher::told;

/// What a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The object.
    pub id: ObjectId,
    /// The commit that it names in the end, where it can be read.
    pub commit: Option<CommitId>,
}

impl Named {
    /// What it means that a tag named this and names that now.
    pub fn moved_to(self, new: Named) -> Moved {
        Moved::between(self.id, self.commit, new.commit)
    }
}

/// What a tag named first, and what it names now.
#[derive(Clone, Copy, Debug)]
struct Move {
    old: Named,
    new: Named,
}

/// Tags that are not where they were, by name.
#[derive(Debug, Default)]
pub struct MovedTags(BTreeMap<Box<str>, Move>);

impl MovedTags {
    /// Those that a journal tells of, with what every tag names at its end.
    pub fn recorded(record: &Record) -> (MovedTags, BTreeMap<&str, Named>) {
        let (mut moved, mut last) = (MovedTags::default(), BTreeMap::new());
        let mut begin = 0;
        for (at, entry) in record.entries.iter().enumerate() {
            if let Some(tag) = entry.tag() {
                let new = entry.new.map(|id| Named { id, commit: entry.commit });
                let old = match new {
                    Some(new) => last.insert(tag, new),
                    None => last.remove(tag),
                };
                match (old, new) {
                    // where lines are missing before, it may have been deleted in between
                    (Some(old), Some(new)) if record.tells_all_behind(begin) => {
                        moved.note(tag, old, new, old.moved_to(new));
                    }
                    _ => drop(moved.0.remove(tag)),
                }
            }
            if record.is_end(at) {
                begin = at + 1;
            }
        }
        (moved, last)
    }

    /// Takes note that a tag was moved. One that is back where it was first is moved no more, and one that is annotated
    /// where it was lightweight was not moved.
    pub fn note(&mut self, tag: &str, old: Named, new: Named, how: Moved) {
        let first = self.0.remove(tag).map_or(old, |before| before.old);
        if first.id != new.id && (first.id, how) != (old.id, Moved::Annotated) {
            self.0.insert(tag.into(), Move { old: first, new });
        }
    }

    /// Adds others, which count where both have a tag.
    pub fn extend(&mut self, others: MovedTags) {
        self.0.extend(others.0);
    }

    /// Forgets each that is gone, or somewhere else.
    pub fn keep_what_is_in(&mut self, refs: &Refs) {
        self.0.retain(|tag, moved| refs.tag(tag) == Some(moved.new.id));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said of them.
    pub fn problems(&self, sources: &Sources) -> Vec<Problem> {
        self.0.iter().map(|(tag, moved)| moved.problem(tag, sources)).collect()
    }
}

impl Move {
    fn problem(&self, tag: &str, sources: &Sources) -> Problem {
        let problem = Problem::warning("tag-moved", self.message(), told::MOVED_TAG_HELP).of_tag(tag);
        match TagName::parse(tag).and_then(|name| name.app).or_else(|| sources.app_of_tag(tag)) {
            Some(app) => problem.of_app(app),
            None => problem,
        }
    }

    fn message(&self) -> String {
        let Move { old, new } = self;
        if let (Some(commit), true) = (new.commit, old.commit == new.commit) {
            return format!("the tag was replaced by another one of commit {} while it was served", commit.short());
        }
        let shown = |named: &Named| {
            named.commit.map_or_else(|| format!("object {}", named.id), |commit| format!("commit {}", commit.short()))
        };
        format!("the tag was moved from {} to {} while it was served", shown(old), shown(new))
    }
}
