//! Waiting until the daemon has taken up a push: whoever pushed knows that devices see it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use hyper::Method;

use super::ask::ask;
use crate::repository::journal::{self, Entry, NOTHING};
use crate::repository::refs::{RefUpdate, Refs};
use crate::repository::tag::TagName;
use crate::settings::Settings;
use crate::store::Store;

/// A daemon that is busy for longer is not waited for.
const LONGEST: Duration = Duration::from_secs(2);
/// Between two looks at the journal.
const PAUSE: Duration = Duration::from_millis(5);

/// The daemon answers a hint at once, or is not to be had.
const HINT: Duration = Duration::from_millis(200);

/// Tells the daemon that all of a push is in, waits until the journal has each of the updates that matter, and says how long
/// that took and what became of each channel, or why it did not wait.
pub fn wait(settings: &Settings, updates: &[RefUpdate], refs: &Refs, out: &mut dyn Write) -> io::Result<()> {
    let store = Store::read_only(&settings.data);
    let wanted: Vec<&RefUpdate> = updates.iter().filter(|update| matters(update, refs)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    if !store.is_held() {
        return writeln!(out, "pushlive: no daemon is seen here, so nothing tells when this is live");
    }
    let started = Instant::now();
    hint(&store, settings);
    while started.elapsed() < LONGEST {
        let entries = end_of_journal(&store);
        if wanted.iter().all(|update| is_told(&entries, update)) {
            return say(&entries, &wanted, refs, started.elapsed(), out);
        }
        thread::sleep(PAUSE);
    }
    writeln!(out, "pushlive: the daemon has not taken this up yet; its log says what it does")
}

/// A daemon that cannot be told finds out by itself, a moment later.
fn hint(store: &Store, settings: &Settings) {
    let Some(address) = store.operator().and_then(|address| address.to_string().parse().ok()) else { return };
    let token = settings.operator_token.as_ref().map(|token| token.reveal());
    let _ = ask(Method::POST, &address, "/hooks/push", token, HINT);
}

fn say(entries: &[Entry], wanted: &[&RefUpdate], refs: &Refs, took: Duration, out: &mut dyn Write) -> io::Result<()> {
    let milliseconds = took.as_millis();
    match (became(entries, wanted), meant(entries, wanted, refs)) {
        (Some(became), _) if !became.is_empty() => {
            writeln!(out, "pushlive: live in {milliseconds} ms: {}", became.join(", "))
        }
        (_, Some(meant)) if meant != NOTHING => writeln!(out, "pushlive: live in {milliseconds} ms: {meant}"),
        (Some(_), _) => writeln!(out, "pushlive: taken up in {milliseconds} ms; it {NOTHING}"),
        (None, _) => writeln!(out, "pushlive: taken up in {milliseconds} ms"),
    }
}

fn matters(update: &RefUpdate, refs: &Refs) -> bool {
    let is_release_tag = || update.tag().is_some_and(|tag| TagName::parse(tag).is_some());
    update.name == refs.full_branch() || is_release_tag()
}

/// A journal that cannot be read tells nothing, like one that is not begun.
fn end_of_journal(store: &Store) -> Vec<Entry> {
    store.end_of_journal().map(|text| journal::entries(&text)).unwrap_or_default()
}

/// What became of each channel, in the order in which it came about; `None` where nobody can tell.
fn became<'e>(entries: &'e [Entry], wanted: &[&RefUpdate]) -> Option<Vec<&'e str>> {
    let told = wanted.iter().filter_map(|update| last(entries, &update.name));
    let times: BTreeSet<i64> = told.map(|entry| entry.time).collect();
    let became: Option<Vec<&[String]>> = times.into_iter().map(|time| journal::became(entries, time)).collect();
    became.map(|became| became.into_iter().flatten().map(String::as_str).collect())
}

/// What the move of the branch meant, where the push moved it.
fn meant<'e>(entries: &'e [Entry], wanted: &[&RefUpdate], refs: &Refs) -> Option<&'e str> {
    let branch = refs.full_branch();
    wanted.iter().find(|update| update.name == branch)?;
    last(entries, branch).map(|entry| entry.meant.as_str())
}

fn last<'e>(entries: &'e [Entry], name: &str) -> Option<&'e Entry> {
    entries.iter().rev().find(|entry| entry.name == name)
}

/// Whether the last entry of the ref is what the push made of it, or what a push right after it did: the daemon takes up
/// both at once and never sees what was between them, even a tag that is gone again.
fn is_told(entries: &[Entry], update: &RefUpdate) -> bool {
    match last(entries, &update.name) {
        Some(last) => last.new == update.new || last.old == update.old,
        None => update.new.is_none() && !entries.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::id::ObjectId;

    const REF: &str = "refs/heads/main";

    fn id(of: Option<u8>) -> Option<ObjectId> {
        of.map(|of| ObjectId::new([of; 20]))
    }

    fn told(name: &str, story: &[(Option<u8>, Option<u8>)], old: Option<u8>, new: Option<u8>) -> bool {
        let entry = |&(old, new): &(Option<u8>, Option<u8>)| Entry {
            time: 0,
            name: REF.to_owned(),
            old: id(old),
            new: id(new),
            commit: None,
            date: None,
            by: None,
            meant: String::new(),
            became: None,
        };
        let entries: Vec<Entry> = story.iter().map(entry).collect();
        is_told(&entries, &RefUpdate { old: id(old), new: id(new), name: name.to_owned() })
    }

    #[test]
    fn an_update_is_told_by_its_own_entry_or_by_one_that_covers_it() {
        let story = [(None, Some(1)), (Some(1), Some(2))];
        assert!(told(REF, &story, Some(1), Some(2)));
        assert!(told(REF, &story, Some(1), Some(7)), "2 was pushed right after 7");
        assert!(!told(REF, &story, Some(2), Some(3)), "not yet");
        assert!(!told(REF, &story, Some(2), Some(1)), "back to what it was, not yet");
        assert!(!told(REF, &story, Some(2), None), "deleted, not yet");
        assert!(!told(REF, &[], None, Some(1)), "new, not yet");
        assert!(told("refs/tags/production/1.0.0", &story, Some(1), None), "made and deleted before anyone saw it");
        assert!(!told(REF, &[], Some(1), None), "a journal that is not begun");
    }
}
