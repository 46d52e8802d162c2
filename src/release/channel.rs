//! A channel with what it lists: the releases that are open to it, highest first.

use std::sync::Arc;

use super::lanes::Lanes;
use super::native::{Native, triple};
use super::platform::{PerPlatform, Platform};
use super::policy::{ChannelPolicy, Pin, StayWithin};
use super::span::Span;
use super::time::Timestamp;
use super::version::Release;

/// One channel of an app, ready to be asked.
#[derive(Debug)]
pub struct Channel {
    /// What `releases.toml` says of it.
    pub policy: ChannelPolicy,
    listings: PerPlatform<Arc<Listings>>,
}

/// A release as one channel sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The release.
    pub release: Arc<Release>,
    /// What a device must pass to enter it.
    pub gate: Gate,
}

/// What gates entry to a release in a channel, and never evicts. Rollouts and halts belong here too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Nobody enters before.
    pub not_before: Option<Timestamp>,
}

impl Listing {
    /// A release as a channel sees it in which nothing but its own descriptor holds it back.
    pub fn of(release: &Arc<Release>) -> Listing {
        Listing { release: Arc::clone(release), gate: Gate { not_before: release.descriptor.not_before } }
    }
}

/// What a channel lists for one platform.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listings {
    /// Highest first.
    ranked: Box<[Listing]>,
    lanes: Lanes,
    /// Ranks of those that a native version fits which nobody can read.
    unreadable: Box<[u32]>,
}

impl Channel {
    /// Lists what is open to the channel. `releases` are all of the app's, highest first.
    pub(super) fn new(policy: ChannelPolicy, is_default: bool, releases: &[Arc<Release>]) -> Channel {
        let open: Vec<&Arc<Release>> = releases.iter().filter(|r| lists(&policy, is_default, r)).collect();
        let mut made: Vec<Arc<Listings>> = Vec::with_capacity(1);
        let listings = PerPlatform::from_fn(|platform| {
            let new = Listings::new(&policy, platform, &open);
            // one copy serves the platforms that see the same
            if let Some(same) = made.iter().find(|other| ***other == new) {
                return Arc::clone(same);
            }
            let new = Arc::new(new);
            made.push(Arc::clone(&new));
            new
        });
        Channel { policy, listings }
    }

    /// Everything that is listed for a platform, highest first.
    pub fn listed(&self, platform: Platform) -> &[Listing] {
        &self.listings.get(platform).ranked
    }

    /// What a device with this native version may fit, highest first. What is left out does not fit; what is not may.
    pub fn candidates(&self, platform: Platform, native: &Native) -> impl Iterator<Item = &Listing> {
        let listings = self.listings.get(platform);
        let (ranks, rest): (&[u32], &[Listing]) = match native {
            // lanes know nothing of pre-releases: such a device, and they are rare, tries all
            Native::Known(version) if !version.pre.is_empty() => (&[], &listings.ranked),
            Native::Known(version) => {
                let candidates = listings.lanes.candidates(triple(version));
                let next = candidates.ranks.last().map_or(0, |rank| *rank as usize + 1);
                let rest = if candidates.cut { listings.ranked.get(next..) } else { None };
                (candidates.ranks, rest.unwrap_or_default())
            }
            Native::Unreadable => (&listings.unreadable, &[]),
        };
        ranks.iter().filter_map(|rank| listings.ranked.get(*rank as usize)).chain(rest)
    }
}

/// Whether the branch opens the release to the channel.
fn lists(channel: &ChannelPolicy, is_default: bool, release: &Release) -> bool {
    let descriptor = &release.descriptor;
    let may_go = descriptor.channels.as_ref().is_none_or(|names| names.contains(&channel.name));
    let opened = release.version.pre.is_empty() || channel.prereleases.unwrap_or(!is_default);
    let pinned = match &channel.pin {
        None => true,
        Some(Pin::Builtin) => false,
        Some(Pin::Version(name)) => *name == release.name,
    };
    may_go && opened && pinned && descriptor.yanked.is_none()
}

impl Listings {
    fn new(policy: &ChannelPolicy, platform: Platform, open: &[&Arc<Release>]) -> Listings {
        let ranked: Box<[Listing]> =
            open.iter().filter(|release| release.serves(platform)).map(|release| Listing::of(release)).collect();
        let spans: Vec<_> =
            ranked.iter().map(|l| (span(policy, platform, &l.release), l.gate != Gate::default())).collect();
        let unreadable = (0..)
            .zip(&ranked)
            .filter(|(_, listing)| fits_unreadable(policy, platform, &listing.release))
            .map(|(rank, _)| rank)
            .collect();
        Listings { lanes: Lanes::new(&spans), ranked, unreadable }
    }
}

/// The native versions, but for those with a pre-release part, that may run the release here.
fn span(policy: &ChannelPolicy, platform: Platform, release: &Release) -> Option<Span> {
    let native = release.descriptor.native.get(platform).as_ref().map_or(Some(Span::ALL), Span::of_requirement)?;
    let within = native.and(Span::of_stay_within(policy.stay_within, &release.version))?;
    if policy.below_native { Some(within) } else { within.and(Span::of_not_below(&release.version)?) }
}

fn fits_unreadable(policy: &ChannelPolicy, platform: Platform, release: &Release) -> bool {
    policy.stay_within == StayWithin::Any && release.descriptor.native.get(platform).is_none()
}
