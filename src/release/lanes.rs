//! Candidates by native version: a check of any native version finds its best release at once.
//!
//! A *lane* is a run of native versions that fit the very same releases. For each lane the table keeps its candidates,
//! highest first, down to the first that no gate can close: behind that one nothing matters to most devices.

use std::collections::BTreeSet;

use super::native::Triple;
use super::span::{Span, after};

/// Candidates that a lane keeps at most; a device that none of them takes goes on with the whole list.
const KEPT: usize = 32;

/// For each native version without a pre-release part, the ranks of the releases that fit it.
#[derive(Debug, PartialEq, Eq)]
pub struct Lanes {
    /// Where each lane begins, rising; the first begins at 0.0.0.
    starts: Box<[Triple]>,
    lanes: Box<[Lane]>,
    ranks: Box<[u32]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lane {
    first: u32,
    len: u32,
    /// Whether lower candidates were left out.
    cut: bool,
}

/// The candidates of one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidates<'t> {
    /// Ranks, highest release first.
    pub ranks: &'t [u32],
    /// Whether there are lower ones that are not among them.
    pub cut: bool,
}

impl Lanes {
    /// Lanes of releases in falling order. Each says which native versions it fits, if any, and whether it has a gate.
    pub fn new(releases: &[(Option<Span>, bool)]) -> Lanes {
        let mut active = BTreeSet::new();
        let mut lanes = Builder::default();
        lanes.push((0, 0, 0), &active, releases);
        let changes = changes(releases);
        for group in changes.chunk_by(|a, b| a.at == b.at) {
            for change in group {
                if change.enters {
                    active.insert(change.rank)
                } else {
                    active.remove(&change.rank)
                };
            }
            if let Some(change) = group.first() {
                lanes.push(change.at, &active, releases);
            }
        }
        lanes.finish()
    }

    /// Where each lane begins, rising; the first begins at 0.0.0.
    pub fn starts(&self) -> &[Triple] {
        &self.starts
    }

    /// The candidates of a native version.
    pub fn candidates(&self, native: Triple) -> Candidates<'_> {
        // most devices have the newest app of the store, and many tables have no more than that lane
        let is_newest = self.starts.last().is_some_and(|last| *last <= native);
        let after = if is_newest { self.starts.len() } else { self.starts.partition_point(|start| *start <= native) };
        let lane = after.checked_sub(1).and_then(|at| self.lanes.get(at));
        let Some(Lane { first, len, cut }) = lane.copied() else {
            return Candidates { ranks: &[], cut: false };
        };
        let (first, len) = (first as usize, len as usize);
        Candidates { ranks: self.ranks.get(first..first + len).unwrap_or_default(), cut }
    }
}

/// At a native version, a release begins or ends to fit.
struct Change {
    at: Triple,
    rank: u32,
    enters: bool,
}

fn changes(releases: &[(Option<Span>, bool)]) -> Vec<Change> {
    let mut changes = Vec::with_capacity(releases.len() * 2);
    for (rank, (span, _)) in (0..).zip(releases) {
        if let Some(Span { low, high }) = *span {
            changes.push(Change { at: low, rank, enters: true });
            changes.extend(after(high).map(|at| Change { at, rank, enters: false }));
        }
    }
    changes.sort_unstable_by_key(|change| change.at);
    changes
}

#[derive(Default)]
struct Builder {
    starts: Vec<Triple>,
    lanes: Vec<Lane>,
    ranks: Vec<u32>,
}

impl Builder {
    fn push(&mut self, start: Triple, active: &BTreeSet<u32>, releases: &[(Option<Span>, bool)]) {
        let first = self.ranks.len();
        for rank in active.iter().take(KEPT) {
            self.ranks.push(*rank);
            if releases.get(*rank as usize).is_some_and(|(_, gated)| !gated) {
                break;
            }
        }
        let len = self.ranks.len() - first;
        let lane = Lane { first: first as u32, len: len as u32, cut: len < active.len() };
        if self.starts.last() == Some(&start) {
            // a release fits from 0.0.0 on: this lane replaces the empty one that was there
            self.starts.pop();
            self.lanes.pop();
        } else if self.repeats(lane) {
            self.ranks.truncate(first);
            return;
        }
        self.starts.push(start);
        self.lanes.push(lane);
    }

    fn repeats(&self, lane: Lane) -> bool {
        let ranks = |l: Lane| self.ranks.get(l.first as usize..(l.first + l.len) as usize);
        self.lanes.last().is_some_and(|last| last.cut == lane.cut && ranks(*last) == ranks(lane))
    }

    fn finish(self) -> Lanes {
        Lanes { starts: self.starts.into(), lanes: self.lanes.into(), ranks: self.ranks.into() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn triple() -> impl Strategy<Value = Triple> {
        (0..3u64, 0..3u64, 0..3u64)
    }

    fn release() -> impl Strategy<Value = (Option<Span>, bool)> {
        let span = (triple(), triple()).prop_map(|(a, b)| Span { low: a.min(b), high: a.max(b) });
        (prop::option::weighted(0.9, prop_oneof![3 => span, 1 => Just(Span::ALL)]), prop::bool::weighted(0.7))
    }

    proptest! {
        #[test]
        fn a_lane_has_the_highest_that_fit(releases in prop::collection::vec(release(), 0..60), native in triple()) {
            let lanes = Lanes::new(&releases);
            let candidates = lanes.candidates(native);
            let fits = |span: &Option<Span>| span.is_some_and(|s| s.low <= native && native <= s.high);
            let all: Vec<u32> = (0..).zip(&releases).filter(|(_, (span, _))| fits(span)).map(|(rank, _)| rank).collect();
            prop_assert_eq!(candidates.ranks, &all[..candidates.ranks.len()]);
            prop_assert_eq!(candidates.cut, candidates.ranks.len() < all.len());
            let ends_open = candidates.ranks.last().is_some_and(|rank| !releases[*rank as usize].1);
            prop_assert!(!candidates.cut || ends_open || candidates.ranks.len() == KEPT);
        }
    }

    #[test]
    fn lanes_with_the_same_candidates_are_one() {
        let releases: Vec<_> =
            (0..1000u64).map(|n| (Some(Span { low: (0, 0, 0), high: (1, n, 0) }), false)).rev().collect();
        let lanes = Lanes::new(&releases);
        // one where the highest is the best of many, one where it is alone, one where nothing fits
        assert_eq!(lanes.starts.len(), 3);
        assert_eq!(lanes.candidates((1, 5, 0)), Candidates { ranks: &[0], cut: true });
        assert_eq!(lanes.candidates((2, 0, 0)), Candidates { ranks: &[], cut: false });
    }
}
