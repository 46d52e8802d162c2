//! Waiting until the daemon has taken up a push: whoever pushed knows that devices see it.

mod reading;
pub mod tell;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::release::time::Timestamp;
use crate::repository::journal::{self, NOTHING};
use crate::repository::refs::{RefUpdate, Refs};
use crate::settings::Settings;
use crate::store::Store;
use reading::Reading;

/// A daemon that is busy for longer is not waited for.
const LONGEST: Duration = Duration::from_secs(2);
/// So many changes of channels are named.
const MOST: usize = 20;
/// Between two looks at the journal.
const PAUSE: Duration = Duration::from_millis(5);

/// An entry of so many milliseconds before the hook began may be of this very push: the daemon may have seen it before git
/// called.
const EARLIER: i64 = 2000;

/// Tells the daemon that all of a push is in, waits until the journal has each of the updates that matter, and says how long
/// that took and what became of each channel, or why it did not wait.
pub fn wait(settings: &Settings, updates: &[RefUpdate], refs: &Refs, out: &mut dyn Write) -> io::Result<()> {
    let store = Store::read_only(&settings.data);
    let wanted = tell::that_matter(updates, refs);
    if wanted.is_empty() {
        return Ok(());
    }
    if store.is_closed() {
        let data = settings.data.display();
        return writeln!(out, "pushlive: {data} may not be read by who pushes, so nothing tells when this is live");
    }
    if !store.is_held() {
        return writeln!(out, "pushlive: no daemon is seen here, so nothing tells when this is live");
    }
    let (started, since) = (Instant::now(), Timestamp::from(SystemTime::now()).0 - EARLIER);
    let mut reading = Reading::begin(&store, wanted.len());
    tell::pushed(&store, settings, &wanted);
    while started.elapsed() < LONGEST {
        reading.go_on();
        if wanted.iter().any(|update| update.new.is_none() && reading.last(&update.name).is_none()) {
            reading.go_back();
        }
        if wanted.iter().all(|update| is_told(&reading, update, since)) {
            return say(&reading, &wanted, refs, started.elapsed(), out);
        }
        thread::sleep(PAUSE);
    }
    writeln!(out, "pushlive: the daemon has not taken this up yet; its log says what it does")
}

fn say(
    reading: &Reading<'_>,
    wanted: &[&RefUpdate],
    refs: &Refs,
    took: Duration,
    out: &mut dyn Write,
) -> io::Result<()> {
    let milliseconds = took.as_millis();
    match (became(reading, wanted), meant(reading, wanted, refs)) {
        (Some(became), _) if !became.is_empty() => {
            let (told, rest) = became.split_at(became.len().min(MOST));
            let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
            writeln!(out, "pushlive: live in {milliseconds} ms: {}{more}", told.join(", "))
        }
        // no channel gives anybody something else for it
        (Some(_), Some(meant)) if meant != NOTHING => {
            writeln!(out, "pushlive: taken up in {milliseconds} ms: {meant}")
        }
        (None, Some(meant)) if meant != NOTHING => writeln!(out, "pushlive: live in {milliseconds} ms: {meant}"),
        (Some(_), _) => writeln!(out, "pushlive: taken up in {milliseconds} ms; it {NOTHING}"),
        (None, _) => writeln!(out, "pushlive: taken up in {milliseconds} ms"),
    }
}

/// What became of each channel, in the order in which it came about; `None` where nobody can tell.
fn became<'e>(reading: &'e Reading<'_>, wanted: &[&RefUpdate]) -> Option<Vec<&'e str>> {
    let told = wanted.iter().filter_map(|update| reading.last(&update.name));
    let times: BTreeSet<i64> = told.map(|entry| entry.time).collect();
    let became = times.into_iter().map(|time| journal::became(reading.entries(), time));
    let became: Option<Vec<&[String]>> = became.collect();
    became.map(|became| became.into_iter().flatten().map(String::as_str).collect())
}

/// What the move of the branch meant, where the push moved it.
fn meant<'e>(reading: &'e Reading<'_>, wanted: &[&RefUpdate], refs: &Refs) -> Option<&'e str> {
    let branch = refs.full_branch();
    wanted.iter().find(|update| update.name == branch)?;
    reading.last(branch).map(|entry| entry.meant.as_str())
}

/// Whether the last entry of the ref is what the push made of it, or what a push right after it did: the daemon takes up
/// both at once and never sees what was between them, even a tag that is gone again. `since`: an older entry tells of no later
/// push, in milliseconds since 1970.
fn is_told(reading: &Reading<'_>, update: &RefUpdate, since: i64) -> bool {
    match reading.last(&update.name) {
        Some(last) => last.new == update.new || (last.old == update.old && last.time >= since),
        None => update.new.is_none() && reading.is_whole() && !reading.entries().is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::id::ObjectId;
    use crate::repository::journal::Entry;

    const REF: &str = "refs/heads/main";

    fn id(of: Option<u8>) -> Option<ObjectId> {
        of.map(|of| ObjectId::new([of; 20]))
    }

    fn told(reading: (bool, &str), story: &[(Option<u8>, Option<u8>)], old: Option<u8>, new: Option<u8>) -> bool {
        let entry = |(time, &(old, new)): (i64, &(Option<u8>, Option<u8>))| Entry {
            time,
            name: REF.to_owned(),
            old: id(old),
            new: id(new),
            ..Entry::default()
        };
        let (is_whole, name) = reading;
        let entries: Vec<Entry> = (0..).zip(story).map(entry).collect();
        let store = Store::read_only("".as_ref());
        let reading = Reading::of(&store, entries, is_whole);
        is_told(&reading, &RefUpdate { old: id(old), new: id(new), name: name.to_owned() }, 1)
    }

    #[test]
    fn an_update_is_told_by_its_own_entry_or_by_one_that_covers_it() {
        let story = [(None, Some(1)), (Some(1), Some(2))];
        let whole = (true, REF);
        assert!(told(whole, &story, Some(1), Some(2)));
        assert!(told(whole, &story, Some(1), Some(7)), "2 was pushed right after 7");
        assert!(!told(whole, &story, Some(2), Some(3)), "not yet");
        assert!(!told(whole, &story, Some(2), Some(1)), "back to what it was, not yet");
        assert!(!told(whole, &story, Some(2), None), "deleted, not yet");
        assert!(!told(whole, &[], None, Some(1)), "new, not yet");
        assert!(!told(whole, &story[..1], None, Some(2)), "made anew as another, long after the first");
        assert!(!told(whole, &[], Some(1), None), "a journal that is not begun");
    }

    #[test]
    fn that_nothing_is_told_of_a_ref_is_known_of_a_journal_that_was_read_whole() {
        let (story, tag) = ([(None, Some(1))], "refs/tags/production/1.0.0");
        assert!(told((true, tag), &story, Some(1), None), "made and deleted before anyone saw it");
        assert!(!told((false, tag), &story, Some(1), None), "its entry may be an old one");
    }
}
