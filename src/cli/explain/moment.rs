//! The refs of then: by the daemon's journal where it reaches, else by the branch and the tags of today.

use std::collections::HashMap;

use crate::cli::failure::Failure;
use crate::cli::kept::record;
use crate::cli::time::{self, Typed};
use crate::release::time::Timestamp;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::journal::{self, Moment, Serves};
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Objects, Reader, Tagged};
use crate::repository::refs::Refs;
use crate::settings::Settings;

/// A moment, and what the reader has to know of it.
pub(super) struct Then {
    pub moment: Moment,
    /// What is to be known of it, above all where it is not what the daemon went by.
    pub note: Option<String>,
}

/// What `--at` names.
enum Named {
    Time(Timestamp),
    Commit(CommitId),
}

/// Now, with the refs as they are.
pub(super) fn present(reader: &Reader, settings: &Settings) -> Result<Then, Failure> {
    Ok(Then { moment: Moment::of(reader.refs(&settings.branch)?, time::now()), note: None })
}

/// The moment that somebody names by a time or by a revision: for that one, when the branch last was there.
pub(super) fn named(reader: &Reader, settings: &Settings, at: &str) -> Result<Then, Failure> {
    let named = match at.parse::<Typed>() {
        Ok(Typed(time)) => Named::Time(time),
        Err(why) => Named::Commit(reader.resolve(at).map_err(|error| neither(at, error, why))?),
    };
    let record = record(settings)?;
    let moment = match named {
        Named::Time(time) => journal::at(&record, time),
        Named::Commit(commit) => journal::when_at(&record, commit, time::now()),
    };
    let Some(moment) = moment else {
        return beyond(reader, settings, &named, "the daemon's journal does not reach there");
    };
    if moment.serves == Some(Serves::Nothing) {
        return Err(served_nothing(&moment));
    }
    let present = reader.refs(&settings.branch)?;
    let objects = reader.objects()?;
    if !moment.refs.branch.is_some_and(|tip| is_there(&objects, tip)) {
        return beyond(reader, settings, &named, "the commit that the branch was at is gone from the repository");
    }
    let remarks = remarks(&moment, settings);
    let Some(tag) = gone(&objects, &moment, &present) else { return Ok(Then { moment, note: joined(remarks) }) };
    let why = format!("what tag {tag} named then is gone from the repository");
    let Then { moment, note } = with_tags_of_today(present, moment.refs.branch, moment.time, &why);
    Ok(Then { moment, note: joined(note.into_iter().chain(remarks)) })
}

fn joined(remarks: impl IntoIterator<Item = String>) -> Option<String> {
    let remarks: Vec<String> = remarks.into_iter().collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// What names no revision may have been meant for a time.
fn neither(at: &str, error: ReadError, why_no_time: &str) -> Failure {
    match error {
        ReadError::UnknownRevision(_) => Failure::usage(format!("`{at}` names no commit here, and is no time"))
            .hint(format!("a time: {why_no_time}"))
            .hint("a commit: `git log --oneline --all` shows those that are"),
        error => error.into(),
    }
}

fn served_nothing(moment: &Moment) -> Failure {
    let time = time::shown(moment.time);
    Failure::environment(format!("the daemon was started with nothing to serve, and served nothing at {time}"))
        .hint("it answered each check with `not_ready`; name another moment, of those that `pushlive log` tells of")
}

/// What is to be known of a moment that the journal tells of.
fn remarks(moment: &Moment, settings: &Settings) -> Vec<String> {
    let branch = moment.refs.branch_name();
    let remarks = [
        (moment.serves == Some(Serves::Kept)).then(|| {
            "the branch offered nothing then, and the daemon went on with what it had served before".to_owned()
        }),
        (moment.time > time::now()).then(|| {
            "that is in the future, and what comes until then is not known: this is by what is there now".to_owned()
        }),
        (branch != settings.branch).then(|| format!("the daemon served the branch `{branch}` then")),
        moment.is_twice.then(|| {
            "the daemon's clock was set back, so that time may have come twice: this is the later one".to_owned()
        }),
        (!moment.is_whole).then(|| {
            "lines of the daemon's journal are missing before that moment, so tags or the branch may have been otherwise"
                .to_owned()
        }),
    ];
    remarks.into_iter().flatten().collect()
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
    Then { moment: Moment::of(present.with_branch(tip), time), note: Some(note) }
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
