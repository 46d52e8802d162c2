//! Reading a journal that is being written: from a little before the push on, or all of it where that does not tell.

use std::collections::HashMap;

use crate::repository::journal::{self, Entry};
use crate::store::Store;

/// Bytes before its end at which the reading begins: the daemon may have been faster than the hook.
const BEFORE: u64 = 256 * 1024;
/// As many more for each ref of the push.
const FOR_EACH: u64 = 1024;

/// What was read so far.
pub(super) struct Reading<'s> {
    store: &'s Store,
    entries: Vec<Entry>,
    /// Where the last entry of each ref is, by its full name.
    last: HashMap<String, usize>,
    is_whole: bool,
    /// Bytes of the journal up to which it was read.
    at: u64,
}

impl<'s> Reading<'s> {
    /// Begins a little before the end, for a push of so many refs.
    pub fn begin(store: &'s Store, refs: usize) -> Reading<'s> {
        let at = store.journal_length().saturating_sub(BEFORE + FOR_EACH * refs as u64);
        Reading { store, entries: Vec::new(), last: HashMap::new(), is_whole: at == 0, at }
    }

    /// A reading of these alone.
    #[cfg(test)]
    pub fn of(store: &'s Store, entries: Vec<Entry>, is_whole: bool) -> Reading<'s> {
        let mut reading = Reading { is_whole, ..Reading::begin(store, 0) };
        reading.take(entries);
        reading
    }

    /// Reads what was added. A journal that cannot be read tells nothing, like one that is not begun.
    pub fn go_on(&mut self) {
        if let Ok((text, length)) = self.store.journal_behind(self.at) {
            self.take(journal::entries(&text));
            self.at += length;
        }
    }

    fn take(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            self.last.insert(entry.name.clone(), self.entries.len());
            self.entries.push(entry);
        }
    }

    /// Reads it from its beginning, once.
    pub fn go_back(&mut self) {
        if !self.is_whole {
            *self = Reading { store: self.store, entries: Vec::new(), last: HashMap::new(), is_whole: true, at: 0 };
            self.go_on();
        }
    }

    /// The last that it told of a ref of that full name.
    pub fn last(&self, name: &str) -> Option<&Entry> {
        self.last.get(name).and_then(|at| self.entries.get(*at))
    }

    /// What it told, in its order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether it was read from its beginning.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_journal_is_read_from_before_its_end_and_whole_where_that_does_not_tell() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path(), "").unwrap();
        let line = |time: usize| format!("{{\"time\":{time},\"ref\":\"refs/tags/a/{time}\",\"meant\":\"\"}}\n");
        let add = |times: std::ops::Range<usize>| store.add_to_journal(&times.map(line).collect::<String>()).unwrap();
        add(0..10_000);
        let mut reading = Reading::begin(&store, 1);
        add(10_000..10_010);
        reading.go_on();
        let first = reading.entries().first().map(|entry| entry.time).unwrap();
        assert!(first > 0 && first < 10_000 && !reading.is_whole());
        reading.go_back();
        assert!(reading.is_whole());
        assert_eq!((reading.entries().len(), reading.entries()[0].time), (10_010, 0));
        add(10_010..10_011);
        reading.go_on();
        assert_eq!(reading.entries().len(), 10_011);
        let of_many = Reading::begin(&store, 10_000);
        assert!(of_many.is_whole(), "as far back as its own entries may lie");
    }
}
