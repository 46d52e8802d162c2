//! What a channel lists for one platform, and how the releases that fit a native version are found in it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use semver::{Comparator, Prerelease, Version, VersionReq};

use super::lanes::{Candidates, Lanes};
use super::native::{Native, Triple, triple};
use super::opening::Gate;
use super::platform::Platform;
use super::policy::{ChannelPolicy, StayWithin};
use super::span::{Span, before};
use super::version::Release;

/// A release as one channel sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The release.
    pub release: Arc<Release>,
    /// What a device must pass to enter it.
    pub gate: Gate,
}

impl Listing {
    fn native(&self, platform: Platform) -> Option<&VersionReq> {
        self.release.descriptor.native.get(platform).as_ref()
    }
}

/// A listing that may be for a native version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'t> {
    pub listing: &'t Listing,
    /// Whether it is for certain.
    pub fits: bool,
}

/// What a channel lists for one platform.
#[derive(Debug)]
pub(super) struct Listings {
    /// Highest first.
    ranked: Box<[Listing]>,
    lanes: Lanes,
    /// Ranks for native versions with a pre-release part, where they are not those of the finished version's lane.
    unfinished: HashMap<Triple, Box<[u32]>>,
    /// Ranks of those that a native version fits which nobody can read.
    unreadable: Box<[u32]>,
}

impl Listings {
    /// Makes the listings of a platform. `ranked` is all that is listed for it, highest first.
    pub fn new(policy: &ChannelPolicy, platform: Platform, ranked: Box<[Listing]>) -> Listings {
        let spans: Vec<_> = ranked
            .iter()
            .map(|l| (Span::of_release(policy, platform, &l.release), l.gate != Gate::default()))
            .collect();
        let lanes = Lanes::new(&spans);
        let fits_unreadable = |l: &Listing| policy.stay_within == StayWithin::Any && l.native(platform).is_none();
        let unreadable = (0..).zip(&ranked).filter(|(_, listing)| fits_unreadable(listing)).map(|(rank, _)| rank);
        Listings { unfinished: unfinished(platform, &ranked, &lanes), unreadable: unreadable.collect(), lanes, ranked }
    }

    /// Whether the listings of one platform serve another, for which `ranked` is listed.
    pub fn serve_as_well(&self, of: Platform, other: Platform, ranked: &[Listing]) -> bool {
        *self.ranked == *ranked && ranked.iter().all(|listing| listing.native(of) == listing.native(other))
    }

    /// Everything that is listed, highest first.
    pub fn ranked(&self) -> &[Listing] {
        &self.ranked
    }

    /// Where each lane of native versions begins, rising; the first begins at 0.0.0.
    pub fn starts(&self) -> &[Triple] {
        self.lanes.starts()
    }

    /// The pre-releases of native versions at which something that is listed may begin or end to fit.
    pub fn told_apart(&self, platform: Platform) -> impl Iterator<Item = (Triple, &Prerelease)> {
        self.ranked.iter().flat_map(move |listing| told_apart(platform, listing))
    }

    /// Each run of native versions that fit the same releases, rising, with those that fit it, highest first. Native versions
    /// with a pre-release part are passed over.
    pub fn runs(
        &self,
        policy: &ChannelPolicy,
        platform: Platform,
    ) -> impl Iterator<Item = (Span, impl Iterator<Item = &Listing>)> {
        let starts = self.lanes.starts();
        let ends = starts.iter().skip(1).map(Some).chain([None]);
        starts.iter().zip(ends).map(move |(low, end)| {
            let high = end.map_or(Some(Span::ALL.high), |end| before(*end)).unwrap_or(*low);
            let native = Native::Known(Version::new(low.0, low.1, low.2));
            let fits = move |listing: &Listing| {
                Span::of_release(policy, platform, &listing.release)
                    .is_some_and(|span| span.low <= *low && *low <= span.high)
            };
            let fitting = self.candidates(&native).filter(move |one| one.fits || fits(one.listing));
            (Span { low: *low, high }, fitting.map(|one| one.listing))
        })
    }

    /// What a device with this native version may fit, highest first. What is left out does not fit.
    pub fn candidates(&self, native: &Native) -> impl Iterator<Item = Candidate<'_>> + use<'_> {
        let Candidates { ranks, cut } = self.ranks(native);
        let next = ranks.last().map_or(0, |rank| *rank as usize + 1);
        let rest = if cut { self.ranked.get(next..) } else { None };
        // a lane holds what fits all its native versions, and those with a pre-release part have no lanes
        let fits = native.known().is_some_and(|version| version.pre.is_empty());
        let kept = ranks.iter().filter_map(|rank| self.ranked.get(*rank as usize));
        let kept = kept.map(move |listing| Candidate { listing, fits });
        kept.chain(rest.unwrap_or_default().iter().map(|listing| Candidate { listing, fits: false }))
    }

    fn ranks(&self, native: &Native) -> Candidates<'_> {
        let Native::Known(version) = native else {
            return Candidates { ranks: &self.unreadable, cut: false };
        };
        let finished = self.lanes.candidates(triple(version));
        let unfinished = if version.pre.is_empty() { None } else { self.unfinished.get(&triple(version)) };
        unfinished.map_or(finished, |ranks| Candidates { ranks, ..finished })
    }
}

/// A beta of the native app fits what the finished one fits, but for the releases that tell the two apart: to the ranks
/// of the finished version's lane come theirs.
fn unfinished(platform: Platform, ranked: &[Listing], lanes: &Lanes) -> HashMap<Triple, Box<[u32]>> {
    let mut telling: HashMap<Triple, Vec<u32>> = HashMap::new();
    for (rank, listing) in (0..).zip(ranked) {
        for (native, _) in told_apart(platform, listing) {
            telling.entry(native).or_default().push(rank);
        }
    }
    telling.into_iter().map(|(native, ranks)| (native, merged(lanes.candidates(native), ranks))).collect()
}

/// The native versions whose pre-releases a release may take otherwise than the finished version: its own where it is a
/// pre-release itself, as that is below the finished one only, and those of which its `native` names a pre-release.
fn told_apart(platform: Platform, listing: &Listing) -> impl Iterator<Item = (Triple, &Prerelease)> {
    let version = &listing.release.version;
    let own = (!version.pre.is_empty()).then(|| (triple(version), &version.pre));
    let comparators = listing.native(platform).map_or(&[][..], |requirement| &requirement.comparators);
    own.into_iter().chain(comparators.iter().filter_map(named))
}

fn named(comparator: &Comparator) -> Option<(Triple, &Prerelease)> {
    let Comparator { major, minor, patch, pre, .. } = comparator;
    if pre.is_empty() { None } else { Some(((*major, (*minor)?, (*patch)?), pre)) }
}

/// Both in one order. Behind the end of a lane that is cut, everything is tried anyway.
fn merged(lane: Candidates<'_>, more: Vec<u32>) -> Box<[u32]> {
    let last = lane.ranks.last().copied();
    let more = more.into_iter().filter(|rank| !lane.cut || Some(*rank) < last);
    let ranks: BTreeSet<u32> = lane.ranks.iter().copied().chain(more).collect();
    ranks.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::platform::PerPlatform;
    use super::super::policy::Descriptor;
    use super::*;

    fn listing(name: &str, native: &str) -> Listing {
        let native = PerPlatform { ios: Some(native.parse().unwrap()), ..PerPlatform::default() };
        let descriptor = Arc::new(Descriptor { native, ..Descriptor::default() });
        let (name, version) = (name.into(), name.parse().unwrap());
        let release = Arc::new(Release { name, version, descriptor, bundles: PerPlatform::default() });
        Listing { release, gate: Gate::default() }
    }

    fn candidates(listings: &Listings, native: &str) -> Vec<String> {
        listings.candidates(&Native::read(native)).map(|candidate| candidate.listing.release.name.to_string()).collect()
    }

    #[test]
    fn a_device_that_only_the_lowest_fits_tries_no_other() {
        let ranked = (0..1000).rev().map(|n| listing(&format!("2.{n}.0"), &format!(">=2.{n}.0"))).collect();
        let listings = Listings::new(&ChannelPolicy::named("production"), Platform::Ios, ranked);
        assert_eq!(candidates(&listings, "2.0.0"), ["2.0.0"]);
        assert_eq!(candidates(&listings, "2.0.0-beta.1"), ["2.0.0"]);
    }

    #[test]
    fn a_beta_of_the_native_app_tries_what_tells_it_from_the_finished_one_too() {
        let ranked = [("2.1.0-rc.1", "*"), ("2.0.0", ">=2.0.0, <2.1.0-beta.2"), ("1.0.0", "*")];
        let ranked = ranked.into_iter().map(|(name, native)| listing(name, native)).collect();
        let policy = ChannelPolicy::named("production");
        let listings = Listings::new(&policy, Platform::Ios, ranked);
        assert_eq!(candidates(&listings, "2.1.0"), [""; 0]);
        assert_eq!(candidates(&listings, "2.1.0-beta.1"), ["2.1.0-rc.1", "2.0.0"]);
    }
}
