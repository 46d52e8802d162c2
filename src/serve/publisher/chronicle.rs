//! Keeping the journal: what is taken up is written down, with what it meant.

use std::error::Error;

use super::place::Place;
use crate::release::became::Became;
use crate::release::changes::Change;
use crate::release::time::Timestamp;
use crate::repository::journal::{Journal, Meaning, NOTHING, entries, lines};
use crate::repository::refs::Refs;
use crate::store::Store;

/// How many changes of a table are told in words; a first push of a large repository has thousands.
const TOLD: usize = 20;

/// How a table differs from the one before.
#[derive(Debug, Default)]
pub struct Differs {
    /// What was changed.
    pub changes: Vec<Change>,
    /// What became of each channel by it.
    pub became: Vec<Became>,
}

/// The journal as far as this process knows it; read once, when there is something to add.
#[derive(Debug, Default)]
pub struct Chronicle {
    known: Option<Journal>,
}

impl Chronicle {
    /// Adds what leads from the last entry to these refs. `differs` is how the table differs from the one before; `None` at
    /// the start of a process, where the journal itself tells whether there was one.
    ///
    /// # Errors
    /// The journal cannot be read or written, or the repository or an object that a ref names cannot be read. The next call
    /// adds what this one did not.
    pub fn add(
        &mut self,
        store: &Store,
        place: &Place,
        refs: &Refs,
        differs: Option<&Differs>,
        now: Timestamp,
    ) -> Result<(), Box<dyn Error>> {
        let journal = match &mut self.known {
            Some(journal) => journal,
            None => self.known.insert(Journal::of(&entries(&store.journal()?))),
        };
        let meant = match differs {
            Some(Differs { changes, .. }) => in_words(changes),
            None if journal.is_empty() => "is served from now on".to_owned(),
            None => "moved while no daemon ran".to_owned(),
        };
        let became = differs.map(|differs| words(&differs.became));
        let meaning = Meaning { meant: &meant, became: became.as_deref() };
        let added = journal.since(&place.open()?.objects()?, refs, now, meaning)?;
        if !added.is_empty() {
            store.add_to_journal(&lines(&added))?;
            added.iter().for_each(|entry| journal.note(entry));
        }
        Ok(())
    }
}

fn in_words(changes: &[Change]) -> String {
    let told = words(changes);
    if told.is_empty() { NOTHING.to_owned() } else { told.join(", ") }
}

fn words(of: &[impl ToString]) -> Vec<String> {
    let mut told: Vec<String> = of.iter().take(TOLD).map(ToString::to_string).collect();
    let more = of.len().saturating_sub(TOLD);
    if more > 0 {
        told.push(format!("and {more} more changes"));
    }
    told
}

#[cfg(test)]
mod tests;
