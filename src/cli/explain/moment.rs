//! The refs of then: by the daemon's journal where it reaches, else by the branch and the tags of today.

use crate::cli::failure::Failure;
use crate::cli::time::{self, Typed};
use crate::release::time::Timestamp;
use crate::repository::id::CommitId;
use crate::repository::journal::{self, Moment};
use crate::repository::reader::Reader;
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
    match moment.filter(|moment| is_there(reader, moment)) {
        Some(moment) => Ok(Then { moment, note: None }),
        None => beyond(reader, settings, &named),
    }
}

/// Whether the repository still holds the branch of then.
fn is_there(reader: &Reader, moment: &Moment) -> bool {
    let objects = reader.objects();
    objects.is_ok_and(|objects| moment.refs.branch.is_some_and(|tip| objects.commit(tip).is_ok()))
}

/// Where the journal or the objects do not reach.
fn beyond(reader: &Reader, settings: &Settings, named: &Named) -> Result<Then, Failure> {
    let present = reader.refs(&settings.branch)?;
    let (commit, time) = match named {
        Named::Commit(commit) => (*commit, time::now()),
        Named::Time(time) => (newest_before(reader, present.branch, *time)?, *time),
    };
    let note = format!(
        "the daemon's journal does not reach there, so this is the branch at {} with the tags of today",
        commit.short()
    );
    Ok(Then { moment: Moment { refs: present.with_branch(Some(commit)), time, tagged: Vec::new() }, note: Some(note) })
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
