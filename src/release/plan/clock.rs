//! What the clock does: what starts by itself later, what a tag lets in now, and steps that are left out.

use super::cause::alone;
use super::ladder::is_for_some;
use crate::release::channel::{Channel, Listing};
use crate::release::opening::Gate;
use crate::release::platform::{Platform, PlatformSet};
use crate::release::policy::StayWithin;
use crate::release::rollout::Percent;
use crate::release::table::App;
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;

/// More devices enter a release by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later<'t> {
    /// When.
    pub when: Timestamp,
    /// Its app.
    pub app: &'t str,
    /// The channel.
    pub channel: &'t str,
    /// The release.
    pub version: &'t str,
    /// How many are let in from then on.
    pub percent: Percent,
    /// On which platforms.
    pub platforms: PlatformSet,
    /// A higher release that everyone gets by then, so that nobody new comes to this one.
    pub behind: Option<&'t str>,
}

/// A tag that is new, and what it does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect<'t> {
    /// Its app.
    pub app: &'t str,
    /// The tag.
    pub tag: &'t ReleaseTag,
    /// How many it lets in by itself, now; nobody where it opens nothing or the release is halted.
    pub percent: Percent,
}

/// A rollout that comes to a later step at once: nobody saw what the steps before it would have shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped<'t> {
    /// Its app.
    pub app: &'t str,
    /// The channel.
    pub channel: &'t str,
    /// The release.
    pub version: &'t str,
    /// How many it let in before.
    pub from: Percent,
    /// How many it lets in now.
    pub to: Percent,
    /// The steps between them.
    pub steps: Vec<Percent>,
    /// When its steps began.
    pub since: Timestamp,
    /// Whether it was halted meanwhile, which does not stop the clock.
    pub was_halted: bool,
    /// The tag that its steps go by, where it is a matter of one.
    pub tag: Option<&'t str>,
}

/// What is listed now otherwise than before, or not listed before at all, with what was.
fn differing<'t>(
    old: Option<&'t App>,
    new: &'t App,
) -> impl Iterator<Item = (&'t str, Platform, Option<&'t Listing>, &'t Listing)> {
    let mut channels: Vec<_> = new.channels().collect();
    channels.sort_unstable_by_key(|channel| &channel.policy.name);
    let each = channels.into_iter().flat_map(|channel| Platform::ALL.map(|platform| (channel, platform)));
    let served = each.filter(|(channel, platform)| channel.policy.platforms.contains(*platform));
    served.flat_map(move |(channel, platform)| {
        let before = old.and_then(|old| old.channel(&channel.policy.name));
        channel.listed(platform).iter().filter_map(move |listing| {
            let (name, version) = (&listing.release.name, &listing.release.version);
            let before = before.and_then(|before| before.listing(platform, name, version));
            let is_same = before.is_some_and(|before| before.gate == listing.gate);
            (!is_same).then_some((&*channel.policy.name, platform, before, listing))
        })
    })
}

/// What starts by itself, of what differs.
pub(super) fn later<'t>(old: Option<&'t App>, new: &'t App, now: Timestamp) -> Vec<Later<'t>> {
    let each =
        differing(old, new).flat_map(|(channel, platform, _, listing)| future(new, channel, platform, listing, now));
    merged(each.collect())
}

/// What would have started by itself, and does not, or only for fewer devices. `new` is `None` where the app is gone.
pub(super) fn off<'t>(old: &'t App, new: Option<&'t App>, now: Timestamp) -> Vec<Later<'t>> {
    let mut found = Vec::new();
    for (channel, platform, after, listing) in differing(new, old) {
        let comes = |later: &Later<'_>| {
            let goes_on = |after: &Listing| {
                let mut next =
                    std::iter::successors(Some((now, after.gate.percent(now))), |(time, _)| after.gate.next(*time));
                next.any(|(when, percent)| when <= later.when && percent >= later.percent)
            };
            after.is_some_and(goes_on)
        };
        found.extend(future(old, channel, platform, listing, now).filter(|later| !comes(later)));
    }
    merged(found)
}

/// What starts by itself in one channel, on one platform.
fn future<'t>(
    app: &'t App,
    channel: &'t str,
    platform: Platform,
    listing: &'t Listing,
    now: Timestamp,
) -> impl Iterator<Item = Later<'t>> {
    let app_channel = app.channel(channel);
    let (app, version) = (&*app.policy.id, &*listing.release.name);
    // what no native version fits comes to nobody
    let is_open = |_: &_| app_channel.is_some_and(|channel| is_for_some(channel, platform, listing));
    let begins = listing.gate.next(now).filter(is_open);
    let next = std::iter::successors(begins, |(time, _)| listing.gate.next(*time));
    let platforms = [platform].into_iter().collect();
    // in narrower channels what is higher is for other native versions
    let is_wide = |channel: &&Channel| matches!(channel.policy.stay_within, StayWithin::Major | StayWithin::Any);
    let listed = app_channel.filter(is_wide).map_or(&[][..], |channel| channel.listed(platform));
    let above = listed.iter().take_while(|above| above.release.name != listing.release.name).collect::<Vec<_>>();
    next.map(move |(when, percent)| {
        let behind = above.iter().find(|above| is_for_all(above, listing, platform, when));
        let behind = behind.map(|above| &*above.release.name);
        Later { when, app, channel, version, percent, platforms, behind }
    })
}

/// Whether a higher release is for whoever a lower one is for, and open to all by then.
fn is_for_all(above: &Listing, below: &Listing, platform: Platform, when: Timestamp) -> bool {
    let native = |listing: &Listing| listing.release.descriptor.native.get(platform).clone();
    above.gate.percent(when) == Percent::ALL
        && above.release.version.major == below.release.version.major
        && native(above).is_none_or(|above| Some(above) == native(below))
}

/// The same on several platforms as one.
fn merged(mut found: Vec<Later<'_>>) -> Vec<Later<'_>> {
    found.sort_by(|a, b| key(a).cmp(&key(b)));
    found.dedup_by(|next, kept| {
        let is_same = key(next) == key(kept);
        if is_same {
            next.platforms.iter().for_each(|platform| {
                kept.platforms.insert(platform);
            });
            kept.behind = kept.behind.filter(|behind| next.behind == Some(*behind));
        }
        is_same
    });
    found
}

fn key<'t>(later: &Later<'t>) -> (&'t str, &'t str, Timestamp, Percent) {
    (later.channel, later.version, later.when, later.percent)
}

/// What each tag does now that was not there before, or named something else.
pub fn effects<'t>(old: Option<&App>, new: &'t App, now: Timestamp) -> Vec<Effect<'t>> {
    let was_there = |tag: &ReleaseTag| old.is_some_and(|old| old.tags().of(&tag.channel, &tag.version).contains(tag));
    let effect = |tag: &'t ReleaseTag| {
        let (channel, release) = new.channel(&tag.channel).zip(new.release(&tag.version))?;
        let is_halted = new.tags().of(&tag.channel, &tag.version).iter().any(|tag| tag.says == Says::Halt);
        let percent = |platform| match tag.says {
            _ if is_halted || !channel.policy.tags => Percent::NONE,
            _ => alone(new, channel, release, tag, platform, now),
        };
        let percent = Platform::ALL.into_iter().map(percent).max().unwrap_or(Percent::NONE);
        Some(Effect { app: &new.policy.id, tag, percent })
    };
    new.tags().iter().filter(|tag| !was_there(tag)).filter_map(effect).collect()
}

/// The rollouts of an app that a change brings to a later step at once. `old` is the app before the change, `None` where
/// it was not served.
///
/// A rollout that goes on by itself leaves out nothing; one that begins at a time long past does, and so does one that
/// goes on after a halt.
pub fn skips<'t>(old: Option<&'t App>, new: &'t App, now: Timestamp) -> Vec<Skipped<'t>> {
    let mut found: Vec<Skipped<'t>> = Vec::new();
    for (channel, _, before, listing) in differing(old, new) {
        let (app, version) = (&*new.policy.id, &*listing.release.name);
        let halt = old.and_then(|old| halted_at(old, channel, version));
        let from = before.map_or(Percent::NONE, |before| reached(before, halt, now));
        let Some((to, steps, since)) = skipped(&listing.gate, from, now) else { continue };
        let was_halted = before.is_some_and(|before| before.gate.halted);
        let opening = |tag: &&ReleaseTag| tag.says == Says::Open;
        let tag = new.tags().of(channel, version).iter().find(opening).map(|tag| &*tag.name);
        let skip = Skipped { app, channel, version, from, to, steps, since, was_halted, tag };
        if !found.contains(&skip) {
            found.push(skip);
        }
    }
    found
}

/// Since when a release is halted, where that is known.
fn halted_at(app: &App, channel: &str, version: &str) -> Option<Timestamp> {
    let halts = app.tags().of(channel, version).iter().filter(|tag| tag.says == Says::Halt);
    halts.filter_map(|tag| tag.date).min()
}

/// How many were let in at the most. What was reached before a halt of which nobody knows the time counts as nothing.
fn reached(before: &Listing, halt: Option<Timestamp>, now: Timestamp) -> Percent {
    let gate = &before.gate;
    match (gate.halted, halt) {
        (false, _) => gate.percent(now),
        (true, Some(time)) => gate.share(time.min(now)),
        (true, None) => Percent::NONE,
    }
}

/// How many a gate lets in by its steps, those of them that are left out, and when they began.
fn skipped(gate: &Gate, from: Percent, now: Timestamp) -> Option<(Percent, Vec<Percent>, Timestamp)> {
    // one that lets everyone in has come to the end of its steps
    let rollout = gate.rollout.as_ref()?;
    let (steps, since) = rollout.steps.as_ref()?;
    let to = gate.percent(now);
    if to != steps.at(*since, now) || rollout.fixed >= to {
        return None;
    }
    let percents = steps.iter().map(|step| step.percent);
    let between: Vec<Percent> =
        percents.filter(|percent| from.max(rollout.fixed) < *percent && *percent < to).collect();
    (!between.is_empty()).then_some((to, between, *since))
}
