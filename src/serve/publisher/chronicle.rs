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
    pub table: Option<&'a Table>,
    /// What was served before; `None`: nothing, by this process.
    pub before: Option<&'a Table>,
    /// Whether the line of the branch has a commit.
    pub is_on_line: &'a dyn Fn(CommitId) -> bool,
    /// Whether this process looks for the first time.
    pub is_first: bool,
    /// The table of a moment of before, if it can still be made.
    pub past: &'a dyn Fn(&Moment) -> Option<Arc<Table>>,
}

/// The journal as far as this process knows it; read once, when there is something to add.
#[derive(Debug, Default)]
pub struct Chronicle {
    known: Option<Known>,
    /// Bytes that it has at least.
    length: u64,
}

impl Chronicle {
    /// Adds what leads from the last entry to what was taken up.
    ///
    /// # Errors
    /// The journal cannot be read or written, or the repository or an object that a ref names cannot be read. The next call
    /// adds what this one did not.
    pub fn add(
        &mut self,
        store: &Store,
        place: &Place,
        taken: &TakenUp<'_>,
        now: Timestamp,
    ) -> Result<(), Box<dyn Error>> {
        if self.known.is_some() && store.journal_length() < self.length {
            warn!("the journal was removed or cut short: it is begun anew with what is there now");
            self.known = None;
        }
        let (known, last) = match &mut self.known {
            Some(known) => (known, None),
            None => {
                let (known, last) = read(store, taken.refs, now)?;
                (self.known.insert(known), last)
            }
        };
        let added = added(known, place, taken, last.as_ref(), now)?;
        if !added.is_empty() {
            store.add_to_journal(&journal::lines(&added))?;
            added.iter().for_each(|entry| known.note(entry));
        }
        self.length = store.journal_length();
        Ok(())
    }
}

/// What the journal tells, with the moment at its end. Where that is in doubt, it says from here on that it tells all again.
fn read(store: &Store, refs: &Refs, now: Timestamp) -> Result<(Known, Option<Moment>), Box<dyn Error>> {
    let text = store.journal()?;
    let record = Record::read(&text);
    let mut known = Known::of(&record);
    if record.ends_in_doubt(&text) {
        let anew = known.anew(refs, now);
        store.add_to_journal(&journal::lines(std::slice::from_ref(&anew)))?;
        known.note(&anew);
    }
    Ok((known, journal::behind(&record, record.entries.len(), now)))
}

/// The entries that lead on from there.
fn added(
    known: &Known,
    place: &Place,
    taken: &TakenUp<'_>,
    last: Option<&Moment>,
    now: Timestamp,
) -> Result<Vec<Entry>, Box<dyn Error>> {
    let serves = match (taken.table, taken.before) {
        (Some(_), _) => None,
        (None, Some(_)) => Some(Serves::Kept),
        (None, None) => Some(Serves::Nothing),
    };
    if known.is_up_to_date(taken.refs, serves) {
        return Ok(Vec::new());
    }
    let only = taken.table.or(taken.before).and_then(|table| table.only_app().ok());
    let words = Words::of(taken, known, last, now);
    let meaning = Meaning { meant: &words.meant, apps: &words.apps, became: words.became.as_deref(), serves, only };
    Ok(known.since(&place.open()?.objects()?, taken.refs, now, meaning)?)
}

#[cfg(test)]
mod tests;
