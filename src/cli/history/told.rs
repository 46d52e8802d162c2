//! What of a journal is told, the newest first: all of it, or what is about one app.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::repository::journal::{Entry, NOTHING, REWRITTEN, Record};

/// One thing that is told.
pub enum Told<'r> {
    /// What the daemon took up at once.
    AtOnce(AtOnce<'r>),
    /// Lines are missing here.
    Gap(Gap),
}

/// What the daemon took up at once, as one push or several.
pub struct AtOnce<'r> {
    /// Each change, with what it meant.
    pub changes: Vec<(&'r Entry, Cow<'r, str>)>,
    /// What became of the channels by all of them.
    pub became: Vec<&'r str>,
}

/// Where lines are missing.
pub struct Gap {
    /// Since when the journal may not tell all, in milliseconds since 1970; `None`: since it began.
    pub from: Option<i64>,
    /// Until when; `None`: up to now.
    pub until: Option<i64>,
}

impl AtOnce<'_> {
    /// When it was, in milliseconds since 1970.
    pub fn time(&self) -> i64 {
        self.changes.first().map_or(0, |(entry, _)| entry.time)
    }
}

/// What is told of a journal, of all apps or of one.
pub fn newest_first<'r>(record: &'r Record, app: Option<&str>) -> Vec<Told<'r>> {
    let gap = |behind: usize| {
        let gap = record.gaps.iter().find(|gap| *gap.start() == behind)?;
        let time = |at: usize| record.entries.get(at).map(|entry| entry.time);
        Some(Told::Gap(Gap { from: behind.checked_sub(1).and_then(time), until: time(*gap.end()) }))
    };
    let apps = apps(record);
    let mut told: Vec<Told<'_>> = gap(0).into_iter().collect();
    let mut begin = 0;
    for end in (0..record.entries.len()).filter(|at| record.is_end(*at)) {
        let entries = record.entries.get(begin..=end).unwrap_or_default();
        let gaps: Vec<Told<'_>> = (begin + 1..=end + 1).filter_map(gap).collect();
        told.extend(at_once(entries, app, &apps).map(Told::AtOnce));
        told.extend(gaps);
        begin = end + 1;
    }
    told.reverse();
    told
}

fn at_once<'r>(entries: &'r [Entry], app: Option<&str>, apps: &BTreeSet<&str>) -> Option<AtOnce<'r>> {
    let mut changes: Vec<_> = entries.iter().filter_map(|entry| Some((entry, meant(entry, app)?))).collect();
    let became = entries.iter().filter_map(|entry| entry.became.as_deref()).flatten().map(String::as_str);
    let became = about(became, app, apps);
    if changes.is_empty() && became.iter().any(|line| Some(first_word(line)) == app) {
        // a tag that is of another app now, or of none, was of this one before
        let tags: Vec<&Entry> = entries.iter().filter(|entry| !entry.is_of_branch()).collect();
        let is_of_none = |entry: &&Entry| entry.app_of_tag().is_none();
        let any = !tags.iter().any(is_of_none);
        let tags = tags.into_iter().filter(|entry| any || is_of_none(entry));
        changes = tags.map(|entry| (entry, Cow::Borrowed(entry.meant.as_str()))).collect();
    }
    (!changes.is_empty()).then_some(AtOnce { changes, became })
}

/// What an entry meant; `None`: nothing to that app.
fn meant<'r>(entry: &'r Entry, app: Option<&str>) -> Option<Cow<'r, str>> {
    let whole = Some(Cow::Borrowed(entry.meant.as_str()));
    let Some(app) = app else { return whole };
    if !entry.is_of_branch() {
        return whole.filter(|_| entry.app_of_tag() == Some(app));
    }
    let is_of_all = || {
        let is_seen = !entry.meant.ends_with(NOTHING) || entry.meant.starts_with(REWRITTEN);
        entry.apps.is_empty() && is_seen
    };
    match entry.apps.get(app) {
        Some(told) => Some(told.join(", ").into()),
        None => whole.filter(|_| is_of_all()),
    }
}

/// The lines about an app. Where there are several apps, each begins with its own.
fn about<'r>(became: impl Iterator<Item = &'r str>, app: Option<&str>, apps: &BTreeSet<&str>) -> Vec<&'r str> {
    let is_about = |line: &&str| {
        let first = first_word(line);
        app.is_none_or(|app| first == app || !apps.contains(first))
    };
    became.filter(is_about).collect()
}

fn first_word(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

/// Every app that a journal names.
pub fn apps(record: &Record) -> BTreeSet<&str> {
    let named = record.entries.iter().flat_map(|entry| entry.apps.keys().map(String::as_str));
    named.chain(record.entries.iter().filter_map(Entry::app_of_tag)).collect()
}
