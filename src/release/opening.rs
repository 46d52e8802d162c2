//! Whether a release is open to a channel, and what a device must pass to enter it there.

use std::sync::Arc;

use super::platform::Platform;
use super::policy::{AppPolicy, ChannelPolicy, Pin};
use super::rollout::{Percent, Rollout, Steps};
use super::tags::{ReleaseTag, Says};
use super::time::Timestamp;
use super::version::Release;

/// Why a release is not open to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpen {
    /// It is yanked.
    Yanked,
    /// Its own `channels` leaves the channel out.
    Elsewhere,
    /// It is a pre-release, which the branch alone does not open there.
    Prerelease,
    /// The channel opens what is tagged for it, and this is not.
    NotTagged,
}

/// What gates entry to a release in a channel, and never evicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Nobody enters any more.
    pub halted: bool,
    /// Nobody enters before.
    pub not_before: Option<Timestamp>,
    /// Only some enter; `None`: everyone may.
    pub rollout: Option<Arc<Rollout>>,
}

impl Gate {
    /// How many devices enter now that do not run the release.
    pub fn percent(&self, now: Timestamp) -> Percent {
        if self.halted { Percent::NONE } else { self.share(now) }
    }

    /// How many it is open to now, a halt aside: those that enter again once that is taken back.
    pub fn share(&self, now: Timestamp) -> Percent {
        match (self.not_before, &self.rollout) {
            (Some(begin), _) if now < begin => Percent::NONE,
            (_, None) => Percent::ALL,
            (_, Some(rollout)) => rollout.percent(now),
        }
    }

    /// When it lets in more devices by itself for the next time, and how many.
    pub fn next(&self, now: Timestamp) -> Option<(Timestamp, Percent)> {
        if self.halted { None } else { self.next_share(now) }
    }

    /// When it is open to more devices for the next time, and to how many. The clock does not stop for a halt.
    pub fn next_share(&self, now: Timestamp) -> Option<(Timestamp, Percent)> {
        let Some(begin) = self.not_before.filter(|begin| now < *begin) else {
            return self.rollout.as_ref()?.next(now);
        };
        let first = self.share(begin);
        if first > Percent::NONE { Some((begin, first)) } else { self.next_share(begin) }
    }
}

/// What a release must pass in a channel of the app, whatever that one is pinned to. `tags` are those of the release in
/// the channel.
///
/// # Errors
/// It is not open there, and why.
pub fn opens(
    app: &AppPolicy,
    channel: &ChannelPolicy,
    release: &Release,
    platform: Platform,
    tags: &[ReleaseTag],
) -> Result<Gate, NotOpen> {
    let descriptor = &release.descriptor;
    if descriptor.yanked.is_some() {
        return Err(NotOpen::Yanked);
    }
    if descriptor.channels.as_ref().is_some_and(|names| !names.contains(&channel.name)) {
        return Err(NotOpen::Elsewhere);
    }
    let steps = descriptor.steps(&channel.name);
    let rollout = if channel.tags {
        opened_by_tags(release, steps, tags.iter().filter(|tag| tag.platforms.contains(platform)))?
    } else {
        opened_by_branch(app, channel, release, steps)?
    };
    let halted = tags.iter().any(|tag| tag.says == Says::Halt);
    Ok(Gate { halted, not_before: descriptor.not_before, rollout: rollout.map(Arc::new) })
}

/// The branch opens everything, but pre-releases in the default channel; by steps only where it is said when they start.
fn opened_by_branch(
    app: &AppPolicy,
    channel: &ChannelPolicy,
    release: &Release,
    steps: Option<&Arc<Steps>>,
) -> Result<Option<Rollout>, NotOpen> {
    let is_default = channel.name == app.default_channel;
    if !release.version.pre.is_empty() && !channel.prereleases.unwrap_or(!is_default) {
        return Err(NotOpen::Prerelease);
    }
    let Some(steps) = steps else { return Ok(None) };
    let descriptor = &release.descriptor;
    Ok(match descriptor.rollout_start {
        Some(start) => rollout(release, Percent::NONE, Some((steps, latest(start, descriptor.not_before)))),
        // a forgotten start must not open it to everyone where most devices are
        None if is_default => rollout(release, steps.first(), None),
        None => None,
    })
}

/// A tag opens, and of several the one that lets most devices in counts.
fn opened_by_tags<'t>(
    release: &Release,
    steps: Option<&Arc<Steps>>,
    tags: impl Iterator<Item = &'t ReleaseTag>,
) -> Result<Option<Rollout>, NotOpen> {
    let mut fixed = None;
    let mut start = None;
    for tag in tags {
        let percent = match (tag.says, steps) {
            (Says::Halt, _) => continue,
            (Says::Percent(percent), _) => percent,
            (Says::Open, None) => Percent::ALL,
            (Says::Open, Some(steps)) => match start_of_steps(release, tag) {
                Some(begins) => {
                    start = Some(start.map_or(begins, |known: Timestamp| known.min(begins)));
                    Percent::NONE
                }
                None => steps.first(),
            },
        };
        fixed = fixed.max(Some(percent));
    }
    let fixed = fixed.ok_or(NotOpen::NotTagged)?;
    Ok(rollout(release, fixed, steps.zip(start)))
}

/// When a plain tag begins the steps of its release; `None`: nobody says, and it stays at its first step.
pub fn start_of_steps(release: &Release, tag: &ReleaseTag) -> Option<Timestamp> {
    let descriptor = &release.descriptor;
    let begins = match (descriptor.rollout_start, tag.date) {
        (Some(start), Some(date)) => start.max(date),
        (start, date) => start.or(date)?,
    };
    Some(latest(begins, descriptor.not_before))
}

fn latest(time: Timestamp, other: Option<Timestamp>) -> Timestamp {
    other.map_or(time, |other| time.max(other))
}

/// `None` where it lets everyone in.
fn rollout(release: &Release, fixed: Percent, steps: Option<(&Arc<Steps>, Timestamp)>) -> Option<Rollout> {
    let draw = release.draw().into();
    let steps = steps.map(|(steps, start)| (Arc::clone(steps), start));
    (fixed < Percent::ALL).then_some(Rollout { draw, fixed, steps })
}

/// Whether the channel's pin leaves the release in.
pub fn pin_allows(channel: &ChannelPolicy, release: &Release) -> bool {
    match &channel.pin {
        None => true,
        Some(Pin::Builtin) => false,
        Some(Pin::Version(name)) => *name == release.name,
    }
}
