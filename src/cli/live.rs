//! Waiting until the daemon has taken up a push: whoever pushed knows that devices see it.

use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use crate::repository::journal;
use crate::repository::refs::{RefUpdate, Refs};
use crate::repository::tag::TagName;
use crate::store::Store;

/// A daemon that is busy for longer is not waited for.
const LONGEST: Duration = Duration::from_secs(2);
/// Between two looks at the journal.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until the journal has each of the updates that matter, and says how long that took, or why it did not wait.
pub fn wait(store: &Store, updates: &[RefUpdate], refs: &Refs, out: &mut dyn Write) -> io::Result<()> {
    let wanted: Vec<&RefUpdate> = updates.iter().filter(|update| matters(update, refs)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    if !store.is_held() {
        return writeln!(out, "pushlive: no daemon is seen here, so nothing tells when this is live");
    }
    let started = Instant::now();
    while started.elapsed() < LONGEST {
        if is_taken_up(store, &wanted) {
            return writeln!(out, "pushlive: live in {} ms", started.elapsed().as_millis());
        }
        thread::sleep(PAUSE);
    }
    writeln!(out, "pushlive: the daemon has not taken this up yet; its log says what it does")
}

fn matters(update: &RefUpdate, refs: &Refs) -> bool {
    let is_release_tag = || update.tag().is_some_and(|tag| TagName::parse(tag).is_some());
    update.name == refs.full_branch() || is_release_tag()
}

/// Whether the last entry of each ref is what the push made of it. A journal that cannot be read has none.
fn is_taken_up(store: &Store, wanted: &[&RefUpdate]) -> bool {
    let entries = store.end_of_journal().map(|text| journal::entries(&text)).unwrap_or_default();
    let last = |name: &str| entries.iter().rev().find(|entry| entry.name == name);
    wanted.iter().all(|update| last(&update.name).is_some_and(|entry| entry.new == update.new))
}
