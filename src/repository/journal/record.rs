//! A journal as it was read, and where it does not tell all.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::Entry;

/// The entries of a journal, with the places where lines are missing.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Each change, in the order in which they were taken up: their clock may have been set back.
    pub entries: Vec<Entry>,
    /// Where lines are missing or cannot be read: numbers of entries behind which nobody knows all of the refs.
    pub gaps: Vec<RangeInclusive<usize>>,
    /// Whether its last line has no end.
    pub(super) is_cut_short: bool,
}

impl Record {
    /// Reads a text. A last line that was cut short is passed over.
    pub fn read(text: &str) -> Record {
        let is_cut_short = !(text.is_empty() || text.ends_with('\n'));
        let (entries, lines) = parsed(text);
        let explains = |(from, seen): &(usize, usize)| {
            let next = lines.get(lines.partition_point(|line| line < from));
            next.is_some_and(|line| line <= seen)
        };
        let breaks = breaks(&entries).into_iter().filter(|found| !explains(found));
        let missing = lines.iter().map(|line| (*line, *line)).chain(breaks).collect();
        let gaps = gaps(&entries, missing);
        Record { entries, gaps, is_cut_short }
    }

    /// Whether the refs are known as they were behind so many entries.
    pub fn tells_all_behind(&self, entries: usize) -> bool {
        !self.gaps.iter().any(|gap| gap.contains(&entries))
    }

    /// Whether nobody knows the refs as they are at its end, or its last line was cut short.
    pub fn ends_in_doubt(&self) -> bool {
        self.is_cut_short || !self.tells_all_behind(self.entries.len())
    }

    /// Whether that entry ends what was taken up at once.
    pub fn is_end(&self, at: usize) -> bool {
        let time = |at: usize| self.entries.get(at).map(|entry| entry.time);
        time(at + 1) != time(at)
    }
}

/// The entries that a text holds, and the numbers of those behind which a line cannot be read.
pub(super) fn parsed(text: &str) -> (Vec<Entry>, Vec<usize>) {
    let (mut entries, mut missing) = (Vec::new(), Vec::new());
    for line in text.split_inclusive('\n') {
        match serde_json::from_str(line) {
            Ok(entry) => entries.push(entry),
            Err(_) if line.trim().is_empty() => {}
            // a daemon may be writing it
            Err(_) if !line.ends_with('\n') => {}
            Err(_) => missing.push(entries.len()),
        }
    }
    (entries, missing)
}

/// Entries that say of their ref that it was elsewhere than the entry before them left it: the number behind that one, and
/// their own.
fn breaks(entries: &[Entry]) -> Vec<(usize, usize)> {
    let mut last: HashMap<&str, (usize, &Entry)> = HashMap::new();
    let mut found = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let before = last.insert(&entry.name, (at, entry));
        if before.and_then(|(_, before)| before.new) != entry.old {
            found.push((before.map_or(0, |(at, _)| at + 1), at));
        }
    }
    found
}

/// What is missing is missed until an entry says that the journal tells all again.
fn gaps(entries: &[Entry], missing: Vec<(usize, usize)>) -> Vec<RangeInclusive<usize>> {
    let anew: Vec<usize> = (0..).zip(entries).filter(|(_, entry)| entry.anew).map(|(at, _)| at).collect();
    let again = |seen: usize| anew.get(anew.partition_point(|at| *at < seen)).copied().unwrap_or(entries.len());
    let mut all: Vec<_> = missing.into_iter().map(|(from, seen)| (from, again(seen))).collect();
    all.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (from, until) in all {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined.into_iter().map(|(from, until)| from..=until).collect()
}

#[cfg(test)]
mod tests {
    use super::super::lines;
    use super::super::tests::{entry, id, story};
    use super::*;

    fn gaps(text: &str) -> Vec<RangeInclusive<usize>> {
        Record::read(text).gaps
    }

    #[test]
    fn lines_read_back_and_one_that_is_cut_short_is_passed_over() {
        let text = lines(&story());
        assert_eq!(Record::read(&text).entries, story());
        let cut = &text[..text.len() - 20];
        let read = Record::read(cut);
        assert_eq!((read.entries.len(), read.gaps.len()), (4, 0));
        assert!(read.ends_in_doubt() && !Record::read(&text).ends_in_doubt());
    }

    #[test]
    fn a_line_that_cannot_be_read_leaves_all_behind_it_in_doubt_until_the_journal_tells_all_again() {
        let mut all: Vec<String> = lines(&story()).lines().map(|line| format!("{line}\n")).collect();
        all[1] = "{\"time\":20,\"ref\n".to_owned();
        assert_eq!(gaps(&all.concat()), [1..=4]);
        let again = Entry { anew: true, old: Some(id(2)), ..entry(45, "refs/heads/main", Some(2)) };
        all.insert(4, lines(&[again]));
        let read = Record::read(&all.concat());
        assert_eq!(read.gaps, [1..=3]);
        assert!([0, 4, 5].into_iter().all(|behind| read.tells_all_behind(behind)) && !read.tells_all_behind(3));
    }

    #[test]
    fn a_journal_that_was_begun_anew_or_lost_lines_is_told_by_what_its_refs_were_before() {
        let all = lines(&story());
        assert_eq!(gaps(&all), []);
        let without = |line: usize| {
            let kept = all.lines().enumerate().filter(|(at, _)| *at != line);
            kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
        };
        assert_eq!(gaps(&without(0)), [0..=4], "the branch was somewhere before its first entry");
        assert_eq!(gaps(&without(2)), [1..=4], "the branch was somewhere else after its first entry");
    }
}
