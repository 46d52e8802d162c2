//! What the refs were at a moment, by what the daemon wrote down.

use std::collections::BTreeMap;

use super::{Entry, Record, Serves};
use crate::release::time::Timestamp;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::reader::Tagged;
use crate::repository::refs::{Refs, TAGS};

/// The refs of a moment, with what is known of the objects that its tags named.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The refs that the daemon's answers went by.
    pub refs: Refs,
    /// When it was.
    pub time: Timestamp,
    /// What each tag named.
    pub tagged: Vec<(ObjectId, Tagged)>,
    /// What was served, where it was not the table of the refs of that very moment.
    pub serves: Option<Serves>,
    /// Whether the journal tells all up to there.
    pub is_whole: bool,
    /// Whether the clock of the daemon was set back, so that the time may have come twice.
    pub is_twice: bool,
}

impl Moment {
    /// These refs at a time, whatever a journal says.
    pub fn of(refs: Refs, time: Timestamp) -> Moment {
        Moment { refs, time, tagged: Vec::new(), serves: None, is_whole: true, is_twice: false }
    }
}

/// The refs at a time; where the clock was set back, when it last was that time. `None`: the journal begins later.
pub fn at(record: &Record, time: Timestamp) -> Option<Moment> {
    let is_past = |entry: &Entry| entry.time <= time.0;
    let end = record.entries.iter().rposition(is_past)? + 1;
    let is_twice = !record.entries.iter().take(end).all(is_past);
    Some(Moment { is_twice, ..behind(record, end, time)? })
}

/// The last moment when the branch was at that commit, by the order of what was written down and not by the clock; now, where
/// it is there still. `None`: the journal knows of none.
pub fn when_at(record: &Record, commit: CommitId, now: Timestamp) -> Option<Moment> {
    let entries = &record.entries;
    let there = entries.iter().rposition(|entry| entry.is_of_branch() && entry.new == Some(commit.0))?;
    let left = (there + 1..entries.len()).find(|at| entries.get(*at).is_some_and(Entry::is_of_branch));
    let Some(left) = left else { return behind(record, entries.len(), now) };
    let time = |at: usize| entries.get(at).map_or(now.0, |entry| entry.time);
    // what was taken up at once begins with the branch
    behind(record, left, Timestamp(time(left - 1).max(time(left).saturating_sub(1))))
}

/// The refs behind so many entries. `None`: there was no branch yet.
pub fn behind(record: &Record, end: usize, time: Timestamp) -> Option<Moment> {
    let (served, serves) = served(record, end);
    let state = State::of(record.entries.get(..served)?);
    let branch = state.branch?;
    let tags = state.tags.iter().filter_map(|(name, entry)| Some(((*name).into(), entry.new?)));
    let tagged = |entry: &&Entry| {
        let tagged = Tagged { commit: entry.commit, date: entry.date.map(Timestamp) };
        entry.new.map(|id| (id, tagged))
    };
    let known = state.tags.values().filter_map(tagged).collect();
    let refs = Refs::at(branch.short_branch(), branch.new.map(CommitId)).with_tags(tags);
    let is_whole = record.tells_all_behind(end);
    Some(Moment { tagged: known, serves, is_whole, ..Moment::of(refs, time) })
}

/// Behind so many entries: those up to which the refs are the ones whose table was served, and why they are not all.
fn served(record: &Record, end: usize) -> (usize, Option<Serves>) {
    let mut served = (0, None);
    let mut is_there = false;
    for (at, entry) in record.entries.iter().take(end).enumerate() {
        if entry.is_of_branch() {
            is_there = entry.new.is_some();
        }
        if record.is_end(at) || at + 1 == end {
            // a daemon keeps its table where the branch is deleted
            let kept = (!is_there && served.0 > 0).then_some(Serves::Kept);
            served = match entry.serves.or(kept) {
                None => (at + 1, None),
                other => (served.0, other),
            };
        }
    }
    // where nothing was ever served, the refs are told all the same
    if served.0 == 0 { (end, served.1) } else { served }
}

/// What the refs are behind some entries.
#[derive(Default)]
struct State<'e> {
    branch: Option<&'e Entry>,
    /// By their names below `refs/tags/`.
    tags: BTreeMap<&'e str, &'e Entry>,
}

impl<'e> State<'e> {
    fn of(entries: &'e [Entry]) -> State<'e> {
        let mut state = State::default();
        for entry in entries {
            match entry.name.strip_prefix(TAGS) {
                None => state.branch = Some(entry),
                Some(tag) if entry.new.is_some() => drop(state.tags.insert(tag, entry)),
                Some(tag) => drop(state.tags.remove(tag)),
            }
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, id, record, story};
    use super::*;

    fn tip(of: u8) -> Option<CommitId> {
        Some(CommitId(id(of)))
    }

    fn shown(moment: Option<Moment>) -> Option<(Option<CommitId>, usize)> {
        moment.map(|moment| (moment.refs.branch, moment.refs.tags.len()))
    }

    #[test]
    fn the_refs_of_a_moment() {
        let record = record(story());
        let at = |time| shown(at(&record, Timestamp(time)));
        let expected =
            [None, Some((tip(1), 0)), Some((tip(1), 1)), Some((tip(2), 1)), Some((tip(2), 0)), Some((tip(2), 0))];
        assert_eq!([9, 10, 29, 30, 45, 99].map(at), expected);
    }

    #[test]
    fn the_last_moment_of_a_revision() {
        let record = record(story());
        let when = |of| when_at(&record, CommitId(id(of)), Timestamp(99)).map(|moment| moment.time.0);
        assert_eq!([1, 2, 3].map(when), [Some(29), Some(49), None]);
    }

    #[test]
    fn a_clock_that_was_set_back_confuses_no_revision_and_a_time_that_came_twice_is_the_later_one() {
        let main = "refs/heads/main";
        let record = record(vec![
            entry(10, main, Some(1)),
            entry(50, main, Some(2)),
            entry(20, "refs/tags/production/1.0.0", Some(1)),
            entry(30, main, Some(3)),
            entry(90, main, Some(4)),
        ]);
        let when = |of| {
            let moment = when_at(&record, CommitId(id(of)), Timestamp(35)).unwrap();
            (moment.refs.branch, moment.refs.tags.len(), moment.time.0)
        };
        let expected = [(tip(1), 0, 49), (tip(2), 1, 29), (tip(3), 1, 89), (tip(4), 1, 35)];
        assert_eq!([1, 2, 3, 4].map(when), expected);
        let at = |time| at(&record, Timestamp(time)).map(|moment| (moment.refs.branch, moment.is_twice));
        let expected = [Some((tip(1), false)), Some((tip(2), true)), Some((tip(3), true)), Some((tip(3), false))];
        assert_eq!([15, 25, 40, 60].map(at), expected);
        assert_eq!(at(95), Some((tip(4), false)));
    }

    #[test]
    fn a_time_that_somebody_made_up_is_one_too() {
        let record =
            record(vec![entry(i64::MIN, "refs/heads/main", Some(1)), entry(i64::MIN, "refs/heads/main", Some(2))]);
        let when = |of| when_at(&record, CommitId(id(of)), Timestamp(9)).map(|moment| moment.time.0);
        assert_eq!([1, 2].map(when), [Some(i64::MIN), Some(9)]);
    }

    #[test]
    fn where_the_daemon_kept_what_it_had_the_refs_are_those_before() {
        let main = "refs/heads/main";
        let serves = |serves, entry: Entry| Entry { serves: Some(serves), ..entry };
        let record = record(vec![
            entry(10, main, Some(1)),
            serves(Serves::Kept, entry(20, main, Some(2))),
            serves(Serves::Kept, entry(30, "refs/tags/production/1.0.0", Some(1))),
            serves(Serves::Nothing, entry(40, main, Some(2))),
            entry(50, main, Some(3)),
        ]);
        let told = |time| at(&record, Timestamp(time)).map(|m| (m.refs.branch, m.refs.tags.len(), m.serves));
        let kept = Some((tip(1), 0, Some(Serves::Kept)));
        let expected = [kept, kept, Some((tip(1), 0, Some(Serves::Nothing))), Some((tip(3), 1, None))];
        assert_eq!([20, 35, 40, 50].map(told), expected);
        let by_revision = when_at(&record, CommitId(id(2)), Timestamp(99)).unwrap();
        assert_eq!((by_revision.refs.branch, by_revision.serves), (tip(1), Some(Serves::Nothing)));
    }
}
