//! Which native versions of a lane may run a release, by its own `native` alone.

use std::collections::BTreeSet;

use semver::{Prerelease, Version};

use super::natives::Natives;
use crate::release::native::{Triple, meets};
use crate::release::platform::Platform;
use crate::release::span::Span;
use crate::release::table::Release;

/// How many of some native versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    All,
    Some,
    None,
}

/// How many of the native versions may run it. A lane is about the pre-releases of its versions too, but for those of
/// `apart`, which have lanes of their own.
pub(super) fn takes(release: &Release, platform: Platform, native: &Natives, apart: &BTreeSet<Triple>) -> Takes {
    let Some(requirement) = release.descriptor.native.get(platform) else { return Takes::All };
    let is_met = |of: Triple, pre: &Prerelease| meets(&Version { pre: pre.clone(), ..version(of) }, requirement);
    let named = named(release, platform);
    let (mut any, mut all) = (false, true);
    let mut count = |some: bool, every: bool| {
        any |= some;
        all &= every;
    };
    let mut point = |of: Triple, pre: &Prerelease| {
        let is_met = is_met(of, pre);
        count(is_met, is_met);
    };
    match native {
        // what cannot be read is refused nothing by this
        Natives::Unreadable => return Takes::All,
        Natives::Lane { low, high } => {
            let lane = Span { low: *low, high: *high };
            let taken = Span::of_requirement(requirement).and_then(|taken| taken.and(lane));
            let within = named.iter().filter(|(of, _)| lane.low <= *of && *of <= lane.high && !apart.contains(of));
            within.for_each(|(of, pre)| point(*of, pre));
            count(taken.is_some(), taken == Some(lane));
        }
        Natives::Unfinished { of, from, to } => {
            point(*of, from);
            let is_within = |pre: &Prerelease| from < pre && to.as_ref().is_none_or(|to| pre < to);
            let within = named.iter().filter(|(same, pre)| same == of && is_within(pre));
            within.for_each(|(of, pre)| point(*of, pre));
        }
    }
    match (any, all) {
        (_, true) => Takes::All,
        (true, false) => Takes::Some,
        (false, false) => Takes::None,
    }
}

/// The pre-releases at which a requirement may begin or end to hold: those that it names, what comes right behind each,
/// and the lowest of the same version.
pub(super) fn named(release: &Release, platform: Platform) -> Vec<(Triple, Prerelease)> {
    let requirement = release.descriptor.native.get(platform).as_ref();
    let comparators = requirement.into_iter().flat_map(|requirement| &requirement.comparators);
    let named = comparators.filter(|comparator| !comparator.pre.is_empty()).filter_map(|comparator| {
        let of = (comparator.major, comparator.minor?, comparator.patch?);
        let more = [Prerelease::new("0").ok(), Prerelease::new(&format!("{}.0", comparator.pre)).ok()];
        Some(more.into_iter().flatten().chain([comparator.pre.clone()]).map(move |pre| (of, pre)))
    });
    named.flatten().collect()
}

fn version((major, minor, patch): Triple) -> Version {
    Version::new(major, minor, patch)
}
