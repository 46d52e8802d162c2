//! Ladders: what one lane of native versions gives to whom.

use super::share::Share;
use super::{Gets, Side};
use crate::release::channel::{Channel, Listing};
use crate::release::decide::{Limits, Refusal, fits};
use crate::release::native::Native;
use crate::release::platform::Platform;
use crate::release::policy::Pin;
use crate::release::rollout::Percent;
use crate::release::table::Release;
use crate::release::time::Timestamp;

/// A release of a lane.
#[derive(Clone, Copy)]
pub(super) struct Rung<'t> {
    pub release: &'t Release,
    /// How many it lets in now.
    pub percent: Percent,
    /// Devices are drawn by the channel and by a name.
    draw: (&'t str, &'t str),
}

impl Rung<'_> {
    /// Whether it lets in the very same devices to the same release.
    fn is_as(&self, other: &Rung<'_>) -> bool {
        let nobody_is_drawn = self.percent == Percent::NONE || self.percent == Percent::ALL;
        self.release.name == other.release.name
            && self.percent == other.percent
            && (nobody_is_drawn || self.draw == other.draw)
    }
}

/// What a device gets that asks now, and runs none of it: the first release from above that lets it in, else what is at
/// the foot. Ends with the first release that lets everyone in.
pub(super) struct Ladder<'t> {
    pub rungs: Vec<Rung<'t>>,
    pub foot: Gets<'t>,
}

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
            Err(why) => return Ladder { rungs: Vec::new(), foot: Gets::Refused(why) },
        };
        let foot = if channel.policy.pin == Some(Pin::Builtin) { Gets::Builtin } else { Gets::Nothing };
        let mut rungs = Vec::new();
        for listing in channel.candidates(platform, native).filter(|listing| is_for(channel, platform, listing, native))
        {
            let (release, percent) = (&*listing.release, listing.gate.percent(now));
            rungs.push(Rung { release, percent, draw: (&channel.policy.name, release.draw()) });
            if percent == Percent::ALL {
                break;
            }
        }
        Ladder { rungs, foot }
    }

    /// One that gives nothing to anyone.
    pub fn empty() -> Ladder<'t> {
        Ladder { rungs: Vec::new(), foot: Gets::Nothing }
    }

    /// What the rung of that place gives; behind the last, what is at the foot.
    pub fn gets(&self, at: usize) -> Gets<'t> {
        self.rungs.get(at).map_or(self.foot, |rung| Gets::Version(&rung.release.name))
    }

    /// How many get what each rung gives, and what is at the foot, if anybody does.
    pub fn shares(&self) -> impl Iterator<Item = (Gets<'t>, Share)> {
        let (nothing, all) = (Ladder::empty(), |_: usize, _: usize| true);
        joint(self, &nothing, all).into_iter().map(|(at, _, share)| (self.gets(at), share))
    }
}

/// Whether a release is for that native version in the channel.
pub(super) fn is_for(channel: &Channel, platform: Platform, listing: &Listing, native: &Native) -> bool {
    fits(Limits::of(&channel.policy), &listing.release, platform, native).is_ok()
}

/// Whether a release is listed there, and for that native version.
pub(super) fn lists(channel: &Channel, platform: Platform, release: &Release, native: &Native) -> bool {
    let listing = channel.listing(platform, &release.name, &release.version);
    listing.is_some_and(|listing| is_for(channel, platform, listing, native))
}

/// Each pair of places in two ladders, of those wanted, with the share of devices that get the one by the old ladder and
/// the other by the new. Places behind the last rung are the feet.
///
/// Positions of the same draw are the same number in both ladders, those of different draws have nothing to do with each
/// other: a share is a product over the draws.
pub(super) fn joint(
    old: &Ladder<'_>,
    new: &Ladder<'_>,
    wanted: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize, Share)> {
    let same = old.rungs.iter().zip(&new.rungs).take_while(|(a, b)| a.is_as(b)).count();
    let is_same = same == old.rungs.len() && same == new.rungs.len();
    let draws = Draws::of(old, new);
    let (above_old, above_new) = (draws.above(old), draws.above(new));
    let mut found = Vec::new();
    for (i, low_old) in above_old.iter().enumerate() {
        for (j, low_new) in above_new.iter().enumerate() {
            // who gets one of the rungs that are the same gets it twice
            let is_possible = if i.min(j) < same || is_same { i == j } else { true };
            if is_possible && wanted(i, j) {
                let share = draws.share([low_old, low_new], [old.rungs.get(i), new.rungs.get(j)]);
                found.extend(share.map(|share| (i, j, share)));
            }
        }
    }
    found
}

/// The draws of two ladders, each once.
struct Draws<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Draws<'t> {
    fn of(old: &Ladder<'t>, new: &Ladder<'t>) -> Draws<'t> {
        let mut draws: Vec<_> = old.rungs.iter().chain(&new.rungs).map(|rung| rung.draw).collect();
        draws.sort_unstable();
        draws.dedup();
        Draws(draws)
    }

    fn at(&self, rung: &Rung<'_>) -> usize {
        self.0.binary_search(&rung.draw).unwrap_or_default()
    }

    /// For each place, the lowest position in each draw of who is in none of the rungs above.
    fn above(&self, ladder: &Ladder<'_>) -> Vec<Vec<u16>> {
        let mut lows = vec![0; self.0.len()];
        let mut all = vec![lows.clone()];
        for rung in &ladder.rungs {
            if let Some(low) = lows.get_mut(self.at(rung)) {
                *low = rung.percent.hundredths().max(*low);
            }
            all.push(lows.clone());
        }
        all
    }

    /// How many stand above all of the lows, and are in these rungs.
    fn share(&self, lows: [&Vec<u16>; 2], rungs: [Option<&Rung<'_>>; 2]) -> Option<Share> {
        let all = Percent::ALL.hundredths();
        let mut probability = 1.0;
        for (at, (one, other)) in lows[0].iter().zip(lows[1]).enumerate() {
            let limits = rungs.into_iter().flatten().filter(|rung| self.at(rung) == at);
            let high = limits.map(|rung| rung.percent.hundredths()).min().unwrap_or(all);
            match high.saturating_sub(*one.max(other)) {
                0 => return None,
                inside => probability *= f64::from(inside) / f64::from(all),
            }
        }
        Share::of(probability)
    }
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
