//! A channel as it was and as it is, lane by lane of native versions.
//!
//! Releases below a native version are left out for it, so that most lanes differ from the one before by what is lowest:
//! those are told of as one, by the lane that has most. Native versions are named only where somebody else got the same,
//! and gets something else now.

use std::collections::BTreeSet;

use semver::Version;

use super::what::{moves, what};
use super::{Newest, Share, What, serves};
use crate::release::channel::Channel;
use crate::release::decide::Refusal;
use crate::release::plan::ladder::{Ladder, Rung};
use crate::release::plan::natives::{lanes, unfinished};
use crate::release::plan::{Gets, Natives};
use crate::release::platform::Platform;
use crate::release::rollout::Percent;
use crate::release::time::Timestamp;

/// A lane that gives something else than it gave.
struct Lane<'t> {
    natives: Natives,
    old: Ladder<'t>,
    new: Ladder<'t>,
    what: What,
    /// What those had that get something else, by its name.
    had: BTreeSet<String>,
}

impl Lane<'_> {
    /// The names of all that is given in it otherwise than before, or was.
    fn given(&self) -> BTreeSet<String> {
        let names = moves(&self.old, &self.new)
            .into_iter()
            .flat_map(|(from, to)| [Newest::at(&self.old, from), Newest::at(&self.new, to)]);
        names.map(|newest| newest.name().to_owned()).filter(|name| !name.is_empty()).collect()
    }
}

/// A channel of both tables, on one platform.
struct Both<'t> {
    old: Option<&'t Channel>,
    new: &'t Channel,
    platform: Platform,
    now: Timestamp,
}

/// What devices get instead of what, and for which native versions, where that is worth a word.
pub(super) fn told(
    old: Option<&Channel>,
    new: &Channel,
    platform: Platform,
    now: Timestamp,
) -> Vec<(What, Vec<Natives>)> {
    let both = Both { old, new, platform, now };
    let channels: Vec<&Channel> = old.into_iter().chain([new]).collect();
    let (mut changed, mut kept) = both.lanes(lanes(&channels, platform, Vec::new()));
    // who runs a beta of the native app is told of where that gives or gave what no finished version is told of
    let (more, other) = both.lanes(unfinished(&channels, platform));
    let told: BTreeSet<String> = changed.iter().flat_map(Lane::given).chain(kept.iter().cloned()).collect();
    let more: Vec<_> = more.into_iter().filter(|lane| changed.is_empty() || !lane.given().is_subset(&told)).collect();
    if !more.is_empty() {
        kept.extend(other);
    }
    changed.extend(more);
    let groups = both.groups(changed);
    let had: Vec<BTreeSet<String>> = groups.iter().map(|group| had(group)).collect();
    let is_told_apart = |at: usize, own: &BTreeSet<String>| {
        let is_in = |other: &BTreeSet<String>| own.iter().any(|name| is_had(name, other));
        is_in(&kept) || had.iter().enumerate().any(|(other, had)| other != at && is_in(had))
    };
    let groups = groups.into_iter().zip(&had).enumerate();
    groups.flat_map(|(at, (group, own))| if is_told_apart(at, own) { each(group) } else { one(group) }).collect()
}

/// Whether somebody else has the same; nothing is what all those have that get nothing, and some do that get something.
fn is_had(name: &str, other: &BTreeSet<String>) -> bool {
    if name.is_empty() { !other.is_empty() } else { other.contains(name) }
}

/// All that anybody of a group had; that some had nothing is told where all had.
fn had(group: &[Lane<'_>]) -> BTreeSet<String> {
    group.first().map(|main| main.had.clone()).unwrap_or_default()
}

/// A group in the words of the lane that has most.
fn one(group: Vec<Lane<'_>>) -> Vec<(What, Vec<Natives>)> {
    group.into_iter().take(1).map(|main| (main.what, Vec::new())).collect()
}

/// The lowest native version of a lane; `None`: nobody can read those.
fn lowest(natives: &Natives) -> Option<Version> {
    natives.example().known().cloned()
}

/// Each lane of a group by itself, as one where it is the same.
fn each(mut group: Vec<Lane<'_>>) -> Vec<(What, Vec<Natives>)> {
    group.sort_by_cached_key(|lane| lowest(&lane.natives));
    let mut found: Vec<(What, Vec<Natives>)> = Vec::new();
    for lane in group {
        let Some((_, natives)) = found.iter_mut().find(|(what, _)| *what == lane.what) else {
            found.push((lane.what, vec![lane.natives]));
            continue;
        };
        match natives.last().and_then(|last| last.and(&lane.natives)) {
            Some(longer) => drop(natives.last_mut().map(|last| *last = longer)),
            None => natives.push(lane.natives),
        }
    }
    found
}

impl<'t> Both<'t> {
    /// Lanes that give something else, and the names of what is given in those that do not.
    fn lanes(&self, of: Vec<Natives>) -> (Vec<Lane<'t>>, BTreeSet<String>) {
        let (mut found, mut kept) = (Vec::new(), BTreeSet::new());
        for natives in of {
            let (old, new) = (self.ladder(self.old, &natives), self.ladder(Some(self.new), &natives));
            match self.what(&old, &new, &natives) {
                Some(what) => {
                    let had = moves(&old, &new).into_iter().map(|(from, _)| Newest::at(&old, from).name().to_owned());
                    let had = had.collect();
                    found.push(Lane { natives, old, new, what, had });
                }
                None => {
                    kept.extend(new.rungs.iter().map(|rung| rung.release.name.to_string()));
                }
            }
        }
        (found, kept)
    }

    fn ladder(&self, channel: Option<&'t Channel>, natives: &Natives) -> Ladder<'t> {
        let channel = channel.filter(|channel| serves(channel, self.platform)).ok_or(Refusal::UnknownChannel);
        let mut ladder = Ladder::of(channel, self.platform, &natives.example(), self.now);
        // what lets nobody in gives nothing
        ladder.rungs.retain(|rung| rung.percent > Percent::NONE);
        ladder
    }

    fn what(&self, old: &Ladder<'_>, new: &Ladder<'_>, natives: &Natives) -> Option<What> {
        let same = old.rungs.len() == new.rungs.len() && old.rungs.iter().zip(&new.rungs).all(|(a, b)| a.is_as(b));
        if same && old.foot == new.foot {
            return None;
        }
        let native = natives.example();
        what(old, new, |name, version| {
            let share = |channel: &Channel| {
                let listing = channel.listing(self.platform, name, version)?;
                channel.is_for(&listing.release, self.platform, &native).then(|| Share::of(&listing.gate, self.now))
            };
            let of = |channel: Option<&Channel>| channel.and_then(share).unwrap_or(Share::NotOpen);
            (of(self.old), of(Some(self.new)))
        })
    }

    /// Lanes that are told of as one, each with the lane first that has most.
    fn groups(&self, mut lanes: Vec<Lane<'t>>) -> Vec<Vec<Lane<'t>>> {
        lanes.sort_by_key(|lane| std::cmp::Reverse(lane.old.rungs.len() + lane.new.rungs.len()));
        let mut groups: Vec<Vec<Lane<'t>>> = Vec::new();
        for lane in lanes {
            match groups.iter_mut().find(|group| group.first().is_some_and(|main| self.covers(main, &lane))) {
                Some(group) => group.push(lane),
                None => groups.push(vec![lane]),
            }
        }
        groups
    }

    /// Whether a lane gives and gave what another did, but for what is below its native versions.
    fn covers(&self, main: &Lane<'_>, lane: &Lane<'_>) -> bool {
        let Some(lowest) = lowest(&lane.natives) else { return false };
        // who is sent to builtin, or was, is so whatever else there is
        let is_pinned = lane.old.foot == Gets::Builtin || lane.new.foot == Gets::Builtin;
        let holds = |channel: Option<&Channel>, main: &Ladder<'_>, ladder: &Ladder<'_>| {
            let is_below = |rung: &Rung<'_>| {
                channel.is_some_and(|channel| !channel.policy.below_native)
                    && rung.release.version.cmp_precedence(&lowest).is_lt()
            };
            let same = main.rungs.iter().zip(&ladder.rungs).all(|(a, b)| a.is_as(b));
            let more = main.rungs.get(ladder.rungs.len()..);
            let is_rest = |more: &[Rung<'_>]| more.iter().all(is_below) || is_pinned && ladder.rungs.is_empty();
            same && more.is_some_and(is_rest) && main.foot == ladder.foot
        };
        holds(self.old, &main.old, &lane.old) && holds(Some(self.new), &main.new, &lane.new)
    }
}
