//! What was taken up, in words.

use std::collections::BTreeMap;
use std::slice;
use std::sync::Arc;

use super::{Last, TakenUp};
use crate::release::became::{Became, became};
use crate::release::changes::{Change, changes};
use crate::release::opening::{opens, pin_allows};
use crate::release::platform::Platform;
use crate::release::table::{App, Table};
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;
use crate::repository::id::CommitId;
use crate::repository::journal::{Entry, Known, Moment, NOTHING, REWRITTEN};
use crate::repository::tag::TagName;

/// How many changes of a table are told in words, and how many of the channels of an app; a first push of a large repository
/// has thousands.
const TOLD: usize = 20;
/// The same of each app by itself.
const TOLD_OF_APP: usize = 100;

/// When it was that nobody saw what happened.
const WHILE_NONE_RAN: &str = "while no daemon ran";

/// How a branch is told of that offered nothing before, and now what it offered last.
const AGAIN: &str = "served again";

/// The same where it offers something else, which may be the first that it ever does.
const NOW: &str = "served now";

/// What is said of a tag that opens and stops nothing.
pub(super) const NO_EFFECT: &str = "; it has no effect now";

/// What is said of a tag that came or went before this process looked for the first time.
pub(super) const UNSEEN: &str = "; that was while no daemon ran";

/// Whether a tag is there that opens and stops nothing: what it names is not there or not open to tags, its commit has not
/// the bytes that are served, or nothing is served by what is there now.
pub(super) fn is_idle(entry: &Entry, table: Option<&Table>) -> bool {
    let Some(name) = entry.tag().filter(|_| entry.new.is_some()) else { return false };
    let Some(parsed) = TagName::parse(name) else { return false };
    let does_something = |app: &Arc<App>| {
        let tags = app.tags().of(parsed.channel, parsed.version);
        tags.iter().any(|tag| *tag.name == *name && (tag.says == Says::Halt || opens_something(app, tag)))
    };
    !table.is_some_and(|table| table.apps().any(does_something))
}

/// Whether a tag alone opens its release on any platform.
fn opens_something(app: &App, tag: &ReleaseTag) -> bool {
    let (Some(channel), Some(release)) = (app.channel(&tag.channel), app.release(&tag.version)) else { return false };
    let policy = &channel.policy;
    let opens_on = |platform: Platform| {
        release.serves(platform)
            && tag.platforms.contains(platform)
            && opens(&app.policy, policy, release, platform, slice::from_ref(tag)).is_ok()
    };
    policy.tags && pin_allows(policy, release) && policy.platforms.iter().any(opens_on)
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Words {
    /// What the move of the branch meant.
    pub meant: String,
    /// The same of each app.
    pub apps: BTreeMap<String, Vec<String>>,
    /// What became of each channel; `None`: nobody can tell.
    pub became: Option<Vec<String>>,
}

impl Words {
    /// They lead on from where the last entry left it, whatever was served since and could not be written down.
    pub fn of(taken: &TakenUp<'_>, known: &Known, last: &Last, now: Timestamp) -> Words {
        let words = match (taken.table, last) {
            (None, _) => nothing(taken, taken.before.is_some()),
            (Some(table), _) if known.is_empty() => begin(table, ""),
            (Some(table), _) if known.is_other_branch(taken.refs) => begin(table, ", in place of another branch"),
            (Some(table), Last::Before(last)) => since_then(taken, table, last.as_ref(), now),
            (Some(table), Last::Served(before)) => differing(before.as_deref(), table, now),
        };
        let words = match left(taken, known) {
            Some(left) => words.before(&left_line(left)),
            None => words,
        };
        if taken.table.is_some() && known.tells_of_nothing_served() { words.again() } else { words }
    }

    /// The branch offers something, after it offered nothing.
    fn again(self) -> Words {
        let meant = if self.meant == NOTHING { AGAIN.to_owned() } else { format!("{NOW}: {}", self.meant) };
        Words { meant, ..self }
    }

    fn before(self, said: &str) -> Words {
        let apps = self.apps.into_iter();
        let apps = apps.map(|(app, told)| (app, [vec![said.to_owned()], told].concat())).collect();
        Words { meant: format!("{said}, {}", self.meant), apps, ..self }
    }
}

/// A table that is the first of all, or of its branch.
fn begin(table: &Table, more: &str) -> Words {
    let meant = format!("served from now on{more}");
    let apps = table.apps().map(|app| {
        let count = app.releases().count();
        (app.policy.id.to_string(), vec![format!("{meant}, with {count} release{}", if count == 1 { "" } else { "s" })])
    });
    Words { apps: apps.collect(), meant, became: None }
}

/// The line offers nothing.
fn nothing(taken: &TakenUp<'_>, is_kept: bool) -> Words {
    let what = if taken.refs.branch.is_none() { "deleted" } else { "offers nothing" };
    let then = if is_kept { "what was served goes on" } else { "a daemon was started, and has nothing to serve" };
    Words { meant: format!("{what}; {then}"), became: Some(Vec::new()), ..Words::default() }
}

/// What changed since a process before this one ended, and while this one could not write.
fn since_then(taken: &TakenUp<'_>, table: &Table, last: Option<&Moment>, now: Timestamp) -> Words {
    match last.and_then(|last| (taken.past)(last)) {
        Some(past) if taken.is_first => differing(Some(&past), table, now).before(WHILE_NONE_RAN),
        Some(past) => differing(Some(&past), table, now),
        None if taken.is_first => Words { meant: format!("moved {WHILE_NONE_RAN}"), ..Words::default() },
        None => Words { meant: "moved while the journal could not be written".to_owned(), ..Words::default() },
    }
}

fn differing(before: Option<&Table>, table: &Table, now: Timestamp) -> Words {
    let changes = changes(before, table);
    let mut apps: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    for change in &changes {
        apps.entry(change.app.to_string()).or_default().push(change);
    }
    Words {
        meant: if changes.is_empty() { NOTHING.to_owned() } else { told(&changes, TOLD).join(", ") },
        apps: apps.into_iter().map(|(app, changes)| (app, told(&changes, TOLD_OF_APP))).collect(),
        became: Some(channels_told(&became(before, table, now))),
    }
}

/// What became of the channels of each app, each as far as it is told: who asks about one app must find it, however many
/// others a push concerns.
fn channels_told(became: &[Became]) -> Vec<String> {
    let of_one = |of: &[Became]| {
        let mut told = told(of, TOLD);
        if let (Some(app), Some(cut)) = (of.first().and_then(Became::app), told.get_mut(TOLD)) {
            cut.insert_str(0, &format!("{app} "));
        }
        told
    };
    became.chunk_by(|a, b| a.app() == b.app()).flat_map(of_one).collect()
}

fn told(of: &[impl ToString], most: usize) -> Vec<String> {
    let mut told: Vec<String> = of.iter().take(most).map(ToString::to_string).collect();
    let more = of.len().saturating_sub(most);
    if more > 0 {
        told.push(format!("and {more} more change{}", if more == 1 { "" } else { "s" }));
    }
    told
}

/// The old tip of the branch, where it is on the line no more.
fn left(taken: &TakenUp<'_>, known: &Known) -> Option<CommitId> {
    taken.refs.branch?;
    let old = CommitId(known.at_name(taken.refs.full_branch())?);
    (!(taken.is_on_line)(old)).then_some(old)
}

fn left_line(old: CommitId) -> String {
    format!("{REWRITTEN} ({} is not on its line any more)", old.short())
}
