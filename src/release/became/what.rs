//! What became of one lane of native versions, by what it gave and what it gives.

use std::collections::BTreeSet;

use semver::Version;

use super::{Newest, Others, Share, What};
use crate::release::plan::Gets;
use crate::release::plan::joint::joint;
use crate::release::plan::ladder::{Ladder, Rung};
use crate::release::rollout::Percent;

/// What became of it; `None` where every device gets what it got. `share` tells to whom a release is open in the lane,
/// before and after.
pub(super) fn what(
    old: &Ladder<'_>,
    new: &Ladder<'_>,
    share: impl Fn(&str, &Version) -> (Share, Share),
) -> Option<What> {
    let moves = moves(old, new);
    if moves.is_empty() {
        return None;
    }
    let is_elsewhere = |both: bool| moves.iter().any(|(from, to)| *to != 0 && (!both || *from != 0));
    let (top, next) = (old.rungs.first(), new.rungs.first());
    match (top, next) {
        (Some(top), Some(next)) if top.release.name == next.release.name && top.percent == next.percent => {
            Some(lower(old, new, &moves, share))
        }
        (Some(top), Some(next)) if top.release.name == next.release.name => {
            let is_told = top.percent == Percent::ALL || is_elsewhere(true);
            let others = others(new).filter(|_| is_told);
            Some(What::Width { name: top.release.name.clone(), before: top.percent, after: next.percent, others })
        }
        _ => {
            let is_left = top.is_some_and(|top| new.rungs.iter().all(|rung| rung.release.name != top.release.name));
            let halted = top.filter(|top| is_left && share(&top.release.name, &top.release.version).1 == Share::Halted);
            let others = others(new).filter(|_| is_left || is_elsewhere(false));
            let to = Newest::at(new, 0);
            Some(match halted {
                Some(top) => What::Halted(top.release.name.clone(), to, others),
                None => What::Newest(had(old, &moves, is_left), to, others),
            })
        }
    }
}

/// Which places of the one lead to which of the other, for some device that gets something else.
pub(super) fn moves(old: &Ladder<'_>, new: &Ladder<'_>) -> Vec<(usize, usize)> {
    let differs = |from, to| Newest::at(old, from).name() != Newest::at(new, to).name();
    joint(old, new, differs).into_iter().map(|(from, to, _)| (from, to)).collect()
}

/// What those had who get the newest, and those who have lost what was.
fn had(old: &Ladder<'_>, moves: &[(usize, usize)], is_left: bool) -> Vec<Newest> {
    let to_newest = moves.iter().filter(|(_, to)| *to == 0).map(|(from, _)| *from);
    let had: BTreeSet<usize> = to_newest.chain(is_left.then_some(0)).collect();
    had.into_iter().map(|from| Newest::at(old, from)).collect()
}

/// What became of what is behind a newest that is as it was: the highest release that devices get or got.
fn lower(
    old: &Ladder<'_>,
    new: &Ladder<'_>,
    moves: &[(usize, usize)],
    share: impl Fn(&str, &Version) -> (Share, Share),
) -> What {
    let (from, to): (BTreeSet<usize>, BTreeSet<usize>) = moves.iter().copied().unzip();
    let released = |ladder: &Ladder<'_>, places: BTreeSet<usize>| -> Vec<(Version, Box<str>)> {
        let rungs = places.into_iter().filter_map(|at| ladder.rungs.get(at));
        rungs.map(|rung| (rung.release.version.clone(), rung.release.name.clone())).collect()
    };
    let moved: BTreeSet<_> = [released(old, from), released(new, to)].concat().into_iter().collect();
    let shares = moved.into_iter().rev().map(|(version, name)| {
        let (before, after) = share(&name, &version);
        (version, before, after)
    });
    let mut differ = shares.filter(|(_, before, after)| before != after);
    if let Some((version, before, after)) = differ.next() {
        return What::Share { version, before, after, more: differ.count() };
    }
    let is_redrawn =
        |name: &str, draw| new.rungs.iter().any(|other| *other.release.name == *name && other.draw != draw);
    match old.rungs.iter().find(|rung| is_redrawn(&rung.release.name, rung.draw)) {
        Some(rung) => What::Redrawn(rung.release.name.clone(), rung.percent),
        None => {
            let (from, to) = moves.first().copied().unwrap_or_default();
            What::Newest(vec![Newest::at(old, from)], Newest::at(new, to), None)
        }
    }
}

/// What is behind the newest, where that leaves anybody to it.
fn others(ladder: &Ladder<'_>) -> Option<Others> {
    if Newest::at(ladder, 0).is_for_all() {
        return None;
    }
    // of those that are drawn alike, a higher one that is as wide takes all
    let is_taken = |at: usize, rung: &Rung<'_>| {
        ladder.rungs.iter().take(at).any(|above| above.draw == rung.draw && above.percent >= rung.percent)
    };
    let some = ladder.rungs.iter().enumerate().skip(1).filter(|(at, rung)| !is_taken(*at, rung));
    let some = some.filter(|(_, rung)| rung.percent < Percent::ALL);
    let some = some.map(|(_, rung)| (rung.release.name.clone(), rung.percent)).collect();
    let last = ladder.rungs.iter().position(|rung| rung.percent == Percent::ALL);
    Some(Others { some, rest: Newest::at(ladder, last.unwrap_or(ladder.rungs.len())) })
}

impl Newest {
    /// What a place of a ladder gives.
    pub(super) fn at(ladder: &Ladder<'_>, place: usize) -> Newest {
        match (ladder.rungs.get(place), ladder.gets(place)) {
            (Some(rung), _) => Newest::Release(rung.release.name.clone(), rung.percent),
            (None, Gets::Builtin) => Newest::Builtin,
            (None, _) => Newest::Nothing,
        }
    }

    /// A word for it that is its own.
    pub(super) fn name(&self) -> &str {
        match self {
            Newest::Nothing => "",
            Newest::Builtin => "builtin",
            Newest::Release(name, _) => name,
        }
    }
}
