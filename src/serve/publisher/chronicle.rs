//! Keeping the journal: what is taken up is written down, with what it meant.

mod words;

use std::error::Error;
use std::sync::Arc;

use tracing::warn;

use super::place::Place;
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::id::CommitId;
use crate::repository::journal::{self, Entry, Known, Meaning, Moment, Record, Serves};
use crate::repository::refs::Refs;
use crate::store::Store;
use words::Words;

/// What a look at the repository took up.
pub struct TakenUp<'a> {
    /// The refs.
    pub refs: &'a Refs,
    /// The table of them; `None`: the line offers nothing.
    pub table: Option<&'a Arc<Table>>,
    /// What was served before; `None`: nothing, by this process.
    pub before: Option<&'a Arc<Table>>,
    /// Whether the line of the branch has a commit.
    pub is_on_line: &'a dyn Fn(CommitId) -> bool,
    /// Whether this process looks for the first time.
    pub is_first: bool,
    /// The table of a moment of before, if it can still be made.
    pub past: &'a dyn Fn(&Moment) -> Option<Arc<Table>>,
}

/// The journal as far as this process knows it.
#[derive(Debug, Default)]
pub struct Chronicle {
    known: Option<Known>,
    last: Last,
    /// Bytes that it has at least.
    length: u64,
}

/// What was served when the last entry was written: with that is compared what is told of the next.
#[derive(Debug)]
enum Last {
    /// What a process before this one served at that moment, where that is known.
    Before(Option<Moment>),
    /// This table; `None`: nothing.
    Served(Option<Arc<Table>>),
}

impl Default for Last {
    fn default() -> Last {
        Last::Before(None)
    }
}

impl Chronicle {
    /// Reads the journal where it is not known yet, and returns it then. Where its end is in doubt, it says from here on that
    /// it tells all again.
    ///
    /// # Errors
    /// It cannot be read, or that cannot be said.
    pub fn open(&mut self, store: &Store, refs: &Refs, now: Timestamp) -> Result<Option<Record>, Box<dyn Error>> {
        if self.known.is_some() && store.journal_length() < self.length {
            warn!("the journal was removed or cut short: it is begun anew with what is there now");
            self.known = None;
        }
        if self.known.is_some() {
            return Ok(None);
        }
        let record = Record::read(&store.journal()?);
        let mut known = Known::of(&record);
        if record.ends_in_doubt() {
            let anew = known.anew(refs, now);
            store.add_to_journal(&journal::lines(std::slice::from_ref(&anew)))?;
            known.note(&anew);
        }
        if let Last::Before(moment) = &mut self.last {
            *moment = journal::behind(&record, record.entries.len(), now).filter(|_| !record.ends_in_doubt());
        }
        self.known = Some(known);
        Ok(Some(record))
    }

    /// The commit where the branch is by the last entry.
    pub fn tip(&self, refs: &Refs) -> Option<CommitId> {
        self.known.as_ref()?.at_name(refs.full_branch()).map(CommitId)
    }

    /// Adds what leads from the last entry to what was taken up, once the journal is open.
    ///
    /// # Errors
    /// The journal cannot be written, or the repository or an object that a ref names cannot be read. The next call adds what
    /// this one did not.
    pub fn add(
        &mut self,
        store: &Store,
        place: &Place,
        taken: &TakenUp<'_>,
        now: Timestamp,
    ) -> Result<(), Box<dyn Error>> {
        let Some(known) = &mut self.known else { return Ok(()) };
        let added = added(known, place, taken, &self.last, now)?;
        if !added.is_empty() {
            if let Err(error) = store.add_to_journal(&journal::lines(&added)) {
                // what is there now is read again, and not guessed
                self.known = None;
                return Err(error.into());
            }
            added.iter().for_each(|entry| known.note(entry));
        }
        self.length = store.journal_length();
        self.last = Last::Served(taken.table.or(taken.before).cloned());
        Ok(())
    }

    /// Reads it anew the next time: its folder was lost or replaced.
    pub fn forget(&mut self) {
        self.known = None;
    }
}

/// The entries that lead on from there.
fn added(
    known: &Known,
    place: &Place,
    taken: &TakenUp<'_>,
    last: &Last,
    now: Timestamp,
) -> Result<Vec<Entry>, Box<dyn Error>> {
    let serves = match (taken.table, taken.before) {
        (Some(_), _) => None,
        (None, Some(_)) => Some(Serves::Kept),
        (None, None) => Some(Serves::Nothing),
    };
    let changed = known.changed(taken.refs, serves);
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let only = taken.table.or(taken.before).and_then(|table| table.only_app().ok());
    let words = Words::of(taken, known, last, now);
    let meaning = Meaning { meant: &words.meant, apps: &words.apps, became: words.became.as_deref(), serves, only };
    let mut added = known.since(&place.open()?.objects()?, taken.refs, changed, now, meaning)?;
    for entry in added.iter_mut().filter(|entry| words::is_idle(entry, taken.table.map(|table| &**table))) {
        entry.meant += words::NO_EFFECT;
    }
    let was_away = taken.is_first && !known.is_empty();
    for entry in added.iter_mut().filter(|entry| was_away && entry.tag().is_some()) {
        entry.meant += words::UNSEEN;
    }
    Ok(added)
}

#[cfg(test)]
mod tests;
