//! Ladders: what one lane of native versions gives to whom.

use semver::{Prerelease, Version};

use super::{Gets, Side};
use crate::release::channel::{Channel, Listing};
use crate::release::decide::Refusal;
use crate::release::native::Native;
use crate::release::platform::Platform;
use crate::release::policy::Pin;
use crate::release::rollout::Percent;
use crate::release::table::Release;
use crate::release::time::Timestamp;

/// A release of a lane.
#[derive(Clone, Copy)]
pub(in crate::release) struct Rung<'t> {
    pub release: &'t Release,
    /// How many it lets in now.
    pub percent: Percent,
    /// Devices are drawn by the channel and by a name.
    pub draw: (&'t str, &'t str),
}

impl Rung<'_> {
    /// Whether it lets in the very same devices to the same release.
    pub fn is_as(&self, other: &Rung<'_>) -> bool {
        let nobody_is_drawn = self.percent == Percent::NONE || self.percent == Percent::ALL;
        self.release.name == other.release.name
            && self.percent == other.percent
            && (nobody_is_drawn || self.draw == other.draw)
    }
}

/// What a device gets that asks now, and runs none of it: the first release from above that lets it in, else what is at
/// the foot. Ends with the first release that lets everyone in.
pub(in crate::release) struct Ladder<'t> {
    pub rungs: Vec<Rung<'t>>,
    pub foot: Gets<'t>,
    /// Whether there is more below the last rung, which next to nobody comes to.
    pub is_cut: bool,
}

/// A share of devices that is too few to follow any further down.
const FEW: f64 = 0.000_01;

impl<'t> Ladder<'t> {
    /// Of a channel, for a platform and a native version; of nothing but a refusal, where the channel does not serve it.
    pub fn of(
        channel: Result<&'t Channel, Refusal>,
        platform: Platform,
        native: &Native,
        now: Timestamp,
    ) -> Ladder<'t> {
        let channel = match channel {
            Ok(channel) => channel,
            Err(why) => return Ladder { rungs: Vec::new(), foot: Gets::Refused(why), is_cut: false },
        };
        let foot = if channel.policy.pin == Some(Pin::Builtin) { Gets::Builtin } else { Gets::Nothing };
        let (mut rungs, mut rest, mut is_cut) = (Vec::new(), 1.0, false);
        for listing in channel.fitting(platform, native) {
            let (release, percent) = (&*listing.release, listing.gate.percent(now));
            rungs.push(Rung { release, percent, draw: (&channel.policy.name, release.draw()) });
            // as if each rollout drew its own: where they share one, more is left
            rest *= 1.0 - f64::from(percent.hundredths()) / f64::from(Percent::ALL.hundredths());
            is_cut = rest > 0.0 && rest < FEW;
            if percent == Percent::ALL || is_cut {
                break;
            }
        }
        Ladder { rungs, foot, is_cut }
    }

    /// The release of each rung, with its place.
    pub fn releases(&self) -> impl Iterator<Item = (usize, &'t Release)> {
        self.rungs.iter().map(|rung| rung.release).enumerate()
    }

    /// What the rung of that place gives; behind the last, what is at the foot.
    pub fn gets(&self, at: usize) -> Gets<'t> {
        self.rungs.get(at).map_or(self.foot, |rung| Gets::Version(&rung.release.name))
    }
}

/// Whether there is a native version for which a release that is listed is.
pub(super) fn is_for_some(channel: &Channel, platform: Platform, listing: &Listing) -> bool {
    let version = |(major, minor, patch), pre| Native::Known(Version { pre, ..Version::new(major, minor, patch) });
    let finished = channel.starts(platform).iter().map(|start| version(*start, Prerelease::EMPTY));
    let unfinished = channel.told_apart(platform).map(|(of, pre)| version(of, pre.clone()));
    finished.chain(unfinished).any(|native| channel.is_for(&listing.release, platform, &native))
}

/// Whether a release is listed there, and for that native version.
pub(super) fn lists(channel: &Channel, platform: Platform, release: &Release, native: &Native) -> bool {
    let listing = channel.listing(platform, &release.name, &release.version);
    listing.is_some_and(|listing| channel.is_for(&listing.release, platform, native))
}

/// Which of the two is the higher release, that decides; `None` where neither is one.
pub(super) fn higher<'t>(old: Option<&Rung<'t>>, new: Option<&Rung<'t>>) -> Option<(Side, &'t Release)> {
    match (old, new) {
        (Some(old), Some(new)) if old.release.version.cmp_precedence(&new.release.version).is_gt() => {
            Some((Side::Old, old.release))
        }
        (_, Some(new)) => Some((Side::New, new.release)),
        (Some(old), None) => Some((Side::Old, old.release)),
        (None, None) => None,
    }
}
