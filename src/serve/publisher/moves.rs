//! Release tags that were moved: told when it happens, and a problem as long as they stay where they were moved to.
//!
//! What happened before this process began the journal tells: what other processes saw, and by where it left the refs what
//! happened while none ran.

mod moved_tags;
#[cfg(test)]
mod tests;

use super::place::Place;
use super::told;
use crate::repository::id::ObjectId;
use crate::repository::journal::Record;
use crate::repository::places::Sources;
use crate::repository::problem::Problem;
use crate::repository::reader::{Moved, Objects};
use crate::repository::refs::{Refs, moved};
use moved_tags::{MovedTags, Named};

/// The tags that were moved and are not back.
#[derive(Debug, Default)]
pub struct Moves {
    before: Option<Refs>,
    moved: MovedTags,
    is_recalled: bool,
}

impl Moves {
    /// Logs each tag that names something else than when this was called the last time.
    pub fn take_up(&mut self, place: &Place, refs: &Refs) {
        if let Some(before) = self.before.replace(refs.clone()) {
            let moved: Vec<_> = moved(&before.tags, &refs.tags).collect();
            with_objects(place, &moved, |objects, (tag, old, new)| {
                self.moved_now(objects, tag, named(objects, *old), *new);
            });
        }
        self.moved.keep_what_is_in(refs);
    }

    /// Takes note of what the journal tells, once, and logs what happened behind its last entry. Returns whether there is
    /// anything to tell of then.
    pub fn recall(&mut self, place: &Place, record: &Record, refs: &Refs) -> bool {
        if std::mem::replace(&mut self.is_recalled, true) {
            return false;
        }
        let (recalled, last) = MovedTags::recorded(record);
        self.moved.extend(recalled);
        let since: Vec<_> = if record.ends_in_doubt() {
            Vec::new()
        } else {
            let moved = |(tag, old): (_, Named)| Some((tag, old, refs.tag(tag).filter(|new| *new != old.id)?));
            last.into_iter().filter_map(moved).collect()
        };
        with_objects(place, &since, |objects, (tag, old, new)| self.moved_now(objects, tag, *old, *new));
        self.moved.keep_what_is_in(refs);
        !self.moved.is_empty()
    }

    fn moved_now(&mut self, objects: Option<&Objects<'_>>, tag: &str, old: Named, new: ObjectId) {
        let new = named(objects, new);
        let how = if objects.is_some() { old.moved_to(new) } else { Moved::Commit };
        told::moved_tag(tag, old.id, new.id, how);
        self.moved.note(tag, old, new, how);
    }

    /// What operators are told of them. `sources` say whose short tags are.
    pub fn problems(&self, sources: &Sources) -> Vec<Problem> {
        self.moved.problems(sources)
    }
}

/// What an object is as far as it can be read: what an old one named may be gone already.
fn named(objects: Option<&Objects<'_>>, id: ObjectId) -> Named {
    let tagged = objects.and_then(|objects| objects.tagged(id).ok());
    Named { id, commit: tagged.and_then(|tagged| tagged.commit) }
}

/// Goes through all with the objects of the repository; `None`: it cannot be read now. It is opened only where there is need.
fn with_objects<T>(place: &Place, all: &[T], mut each: impl FnMut(Option<&Objects<'_>>, &T)) {
    if all.is_empty() {
        return;
    }
    let reader = place.open().ok();
    let objects = reader.as_ref().and_then(|reader| reader.objects().ok());
    all.iter().for_each(|one| each(objects.as_ref(), one));
}
