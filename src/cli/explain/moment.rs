//! The refs of then: by the daemon's journal where it reaches, else by the branch and the tags of today.

use std::collections::HashMap;

use crate::cli::failure::Failure;
use crate::cli::time::{self, Typed};
use crate::release::time::Timestamp;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::journal::{self, Moment};
use crate::repository::reader::{Objects, Reader, Tagged};
use crate::repository::refs::Refs;
use crate::settings::Settings;
use crate::store::Store;

/// A moment, and what the reader has to know of it.
pub(super) struct Then {
    pub moment: Moment,
    /// Where it is not what the daemon went by.
    pub note: Option<String>,
}

/// What `--at` names.
enum Named {
    Time(Timestamp),
    Commit(CommitId),
}

/// Now, with the refs as they are.
pub(super) fn present(reader: &Reader, settings: &Settings) -> Result<Then, Failure> {
    let moment = Moment { refs: reader.refs(&settings.branch)?, time: time::now(), tagged: Vec::new() };
    Ok(Then { moment, note: None })
}

/// The moment that somebody names by a time or by a revision: for that one, when the branch last was there.
pub(super) fn named(reader: &Reader, settings: &Settings, at: &str) -> Result<Then, Failure> {
    let named = match at.parse::<Typed>() {
        Ok(Typed(time)) => Named::Time(time),
        Err(_) => Named::Commit(reader.resolve(at)?),
    };
    let text = Store::read_only(&settings.data).journal().map_err(|error| Failure::environment(error.to_string()))?;
    let entries = journal::entries(&text);
    let moment = match named {
        Named::Time(time) => journal::at(&entries, &settings.branch, time),
        Named::Commit(commit) => journal::when_at(&entries, &settings.branch, commit, time::now()),
    };
    let Some(moment) = moment else {
        return beyond(reader, settings, &named, "the daemon's journal does not reach there");
    };
    let present = reader.refs(&settings.branch)?;
    let objects = reader.objects()?;
    if !moment.refs.branch.is_some_and(|tip| is_there(&objects, tip)) {
        return beyond(reader, settings, &named, "the commit that the branch was at is gone from the repository");
    }
    match gone(&objects, &moment, &present) {
        None => Ok(Then { moment, note: None }),
        Some(tag) => {
            let why = format!("what tag {tag} named then is gone from the repository");
            Ok(with_tags_of_today(present, moment.refs.branch, moment.time, &why))
        }
    }
}

/// Whether the repository still holds a commit and its files.
fn is_there(objects: &Objects<'_>, commit: CommitId) -> bool {
    objects.commit(commit).is_ok_and(|commit| objects.read(commit.tree).is_ok())
}

/// A tag of then whose commit the repository no longer holds. What a tag of today names is not looked at.
fn gone<'m>(objects: &Objects<'_>, moment: &'m Moment, present: &Refs) -> Option<&'m str> {
    let known: HashMap<ObjectId, Tagged> = moment.tagged.iter().copied().collect();
    let of_then = moment.refs.tags.iter().filter(|tag| present.tags.binary_search(tag).is_err());
    let mut commits = of_then.filter_map(|(name, id)| Some((&**name, known.get(id)?.commit?)));
    commits.find(|(_, commit)| !is_there(objects, *commit)).map(|(name, _)| name)
}

/// Where the journal or the objects do not reach.
fn beyond(reader: &Reader, settings: &Settings, named: &Named, why: &str) -> Result<Then, Failure> {
    let present = reader.refs(&settings.branch)?;
    let (commit, time) = match named {
        Named::Commit(commit) => (*commit, time::now()),
        Named::Time(time) => (newest_before(reader, present.branch, *time)?, *time),
    };
    Ok(with_tags_of_today(present, Some(commit), time, why))
}

fn with_tags_of_today(present: Refs, tip: Option<CommitId>, time: Timestamp, why: &str) -> Then {
    let at = tip.map(|tip| tip.short()).unwrap_or_default();
    let note = format!("{why}, so this is the branch at {at} with the tags of today");
    Then { moment: Moment { refs: present.with_branch(tip), time, tagged: Vec::new() }, note: Some(note) }
}

/// The newest commit of the branch, along the first parents, that is not younger.
fn newest_before(reader: &Reader, tip: Option<CommitId>, time: Timestamp) -> Result<CommitId, Failure> {
    let objects = reader.objects()?;
    let mut next = tip;
    while let Some(id) = next {
        if objects.committed(id)? <= time {
            return Ok(id);
        }
        next = objects.commit(id)?.first_parent;
    }
    Err(Failure::environment(format!("the branch has no commit from before {}", time::shown(time)))
        .hint("name a later time, or a revision"))
}
