//! What a table serves to whom at a time: each app, each channel, each release that is open or halted in it.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::channel::{Channel, Listing};
use super::explain::NotListed;
use super::opening::{Gate, NotOpen, opens, pin_allows};
use super::plan::Natives;
use super::plan::natives::unfinished;
use super::platform::{Platform, PlatformSet};
use super::policy::ChannelPolicy;
use super::rollout::Percent;
use super::span::{Span, after};
use super::table::{App, Release, Table};
use super::tags::Says;
use super::time::Timestamp;

/// One app.
#[derive(Debug)]
pub struct OfApp<'t> {
    /// The app.
    pub app: &'t App,
    /// Its channels: the default one first, the others by name.
    pub channels: Vec<OfChannel<'t>>,
}

/// One channel.
#[derive(Debug)]
pub struct OfChannel<'t> {
    /// What `releases.toml` says of it.
    pub policy: &'t ChannelPolicy,
    /// What is open or halted in it and not yanked, highest first.
    pub releases: Vec<OfRelease<'t>>,
    /// The others, highest first, each with what keeps it off the list.
    pub closed: Vec<(&'t Release, NotListed)>,
}

/// One release in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfRelease<'t> {
    /// The release.
    pub release: &'t Release,
    /// Whether nobody enters who does not run it. What it is open to besides is told all the same: that is what holds again
    /// without the halt, and its clock goes on.
    pub halted: bool,
    /// How many devices of which platforms it is open to; the largest share first. None where it is halted and not open.
    pub shares: Vec<Share>,
    /// Whose highest release it is that they, or some of them, may enter. None where everyone has a higher one.
    pub serves: Vec<Serves>,
}

/// How many devices of some platforms a release is open to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The platforms.
    pub platforms: PlatformSet,
    /// How many of their devices.
    pub percent: Percent,
    /// When it is open to another share the next time, and to which.
    pub next: Option<(Timestamp, Percent)>,
}

/// Devices that a release is for, as far as no higher one takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serves {
    /// Their platforms.
    pub platforms: PlatformSet,
    /// Their native versions, as requirements; those with a pre-release part aside, where any without one is among them.
    pub native: Vec<String>,
}

impl OfRelease<'_> {
    /// The largest share of devices that it is open to on a platform, a halt aside.
    pub fn percent(&self) -> Percent {
        self.shares.first().map_or(Percent::NONE, |share| share.percent)
    }
}

/// The status of every app, by their ids.
pub fn status(table: &Table, now: Timestamp) -> Vec<OfApp<'_>> {
    let mut apps: Vec<OfApp<'_>> = table.apps().map(|app| of_app(app, now)).collect();
    apps.sort_unstable_by(|a, b| a.app.policy.id.cmp(&b.app.policy.id));
    apps
}

/// The status of one app.
pub fn of_app(app: &App, now: Timestamp) -> OfApp<'_> {
    let mut channels: Vec<OfChannel<'_>> = app.channels().map(|channel| of_channel(app, channel, now)).collect();
    let default = &app.policy.default_channel;
    channels.sort_unstable_by_key(|channel| (channel.policy.name != *default, &channel.policy.name));
    OfApp { app, channels }
}

/// The status of one channel of the app.
pub fn of_channel<'t>(app: &'t App, channel: &'t Channel, now: Timestamp) -> OfChannel<'t> {
    let mut known: HashMap<&str, Draft<'_>> = HashMap::new();
    for platform in channel.policy.platforms.iter() {
        for Listing { release, gate } in channel.listed(platform) {
            known.entry(&release.name).or_insert_with(|| Draft::of(release)).open(platform, gate, now);
        }
        let finished = reached(channel, platform, now);
        for (name, natives) in reached_unfinished(channel, platform, now) {
            if let Some(draft) = known.get_mut(name).filter(|_| !finished.contains_key(name)) {
                draft.reached(platform, natives.iter().map(Natives::to_string).collect());
            }
        }
        for (name, spans) in finished {
            if let Some(draft) = known.get_mut(name) {
                draft.reached(platform, spans.iter().map(|span| span.as_requirement()).collect());
            }
        }
    }
    for release in halted(app, channel) {
        known.entry(&release.name).or_insert_with(|| Draft::of(release)).0.halted = true;
    }
    let mut releases: Vec<OfRelease<'_>> = known.into_values().map(|draft| draft.0).collect();
    releases.sort_unstable_by(|a, b| downwards(a.release, b.release));
    let is_told = |release: &Release| releases.binary_search_by(|told| downwards(told.release, release)).is_ok();
    let others = app.releases().map(|release| &**release).filter(|release| !is_told(release));
    let mut closed: Vec<_> = others.map(|release| (release, not_listed(app, channel, release))).collect();
    closed.sort_unstable_by(|a, b| downwards(a.0, b.0));
    OfChannel { policy: &channel.policy, releases, closed }
}

fn downwards(a: &Release, b: &Release) -> Ordering {
    b.version.cmp_precedence(&a.version).then_with(|| b.name.cmp(&a.name))
}

/// What keeps a release off the list of a channel, on the platform that it is for.
fn not_listed(app: &App, channel: &Channel, release: &Release) -> NotListed {
    let (policy, platforms) = (&channel.policy, release.descriptor.platforms);
    let mut meant = policy.platforms.iter().filter(|platform| platforms.contains(*platform));
    let Some(first) = meant.next() else { return NotListed::Platforms };
    let platform = [first].into_iter().chain(meant).find(|platform| release.serves(*platform));
    let tags = app.tags().of(&policy.name, &release.name);
    match opens(&app.policy, policy, release, platform.unwrap_or(first), tags) {
        Err(why) => NotListed::NotOpen(why),
        Ok(_) if pin_allows(policy, release) => NotListed::Bundle,
        Ok(_) => NotListed::Pin,
    }
}

/// A release of which not every platform was looked at.
struct Draft<'t>(OfRelease<'t>);

impl<'t> Draft<'t> {
    fn of(release: &'t Release) -> Draft<'t> {
        Draft(OfRelease { release, halted: false, shares: Vec::new(), serves: Vec::new() })
    }

    fn open(&mut self, platform: Platform, gate: &Gate, now: Timestamp) {
        self.0.halted |= gate.halted;
        let (percent, next) = (gate.share(now), gate.next_share(now));
        let shares = &mut self.0.shares;
        match shares.iter_mut().find(|share| (share.percent, share.next) == (percent, next)) {
            Some(share) => drop(share.platforms.insert(platform)),
            None => shares.push(Share { platforms: [platform].into_iter().collect(), percent, next }),
        }
        shares.sort_by_key(|share| std::cmp::Reverse(share.percent));
    }

    fn reached(&mut self, platform: Platform, native: Vec<String>) {
        let serves = &mut self.0.serves;
        match serves.iter_mut().find(|serves| serves.native == native) {
            Some(serves) => drop(serves.platforms.insert(platform)),
            None => serves.push(Serves { platforms: [platform].into_iter().collect(), native }),
        }
    }
}

/// The native versions that may enter a release now, for lack of a higher one that takes them all.
fn reached(channel: &Channel, platform: Platform, now: Timestamp) -> HashMap<&str, Vec<Span>> {
    let mut found: HashMap<&str, Vec<Span>> = HashMap::new();
    for (span, fitting) in channel.runs(platform) {
        for release in entered(fitting, now) {
            add(found.entry(&release.name).or_default(), span);
        }
    }
    found
}

/// The same of native versions with a pre-release part, as far as the channel may tell them from finished ones.
fn reached_unfinished(channel: &Channel, platform: Platform, now: Timestamp) -> HashMap<&str, Vec<Natives>> {
    let mut found: HashMap<&str, Vec<Natives>> = HashMap::new();
    for natives in unfinished(&[channel], platform) {
        for release in entered(channel.fitting(platform, &natives.example()), now) {
            let of = found.entry(&release.name).or_default();
            match of.last().and_then(|last| last.and(&natives)) {
                Some(longer) => drop(of.last_mut().map(|last| *last = longer)),
                None => of.push(natives.clone()),
            }
        }
    }
    found
}

/// Of what fits a device, highest first, the releases that let in somebody whom no higher one takes.
fn entered<'t>(fitting: impl Iterator<Item = &'t Listing>, now: Timestamp) -> impl Iterator<Item = &'t Release> {
    let mut drawn: Vec<(&str, Percent)> = Vec::new();
    let with_share = fitting.map(move |listing| (&*listing.release, listing.gate.percent(now)));
    let down_to_all = with_share.scan(false, |is_over, (release, percent)| {
        let is_reached = !*is_over;
        *is_over = percent == Percent::ALL;
        is_reached.then_some((release, percent))
    });
    down_to_all.filter_map(move |(release, percent)| {
        // of those that are drawn alike, a higher one that is as wide takes all
        let is_taken = drawn.iter().any(|(draw, most)| *draw == release.draw() && *most >= percent);
        drawn.push((release.draw(), percent));
        (percent > Percent::NONE && !is_taken).then_some(release)
    })
}

/// Spans that follow each other are one.
fn add(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if after(last.high) == Some(span.low) => last.high = span.high,
        _ => spans.push(span),
    }
}

/// The releases that a tag halts in the channel, open or not; but none that nothing could open there.
fn halted<'t>(app: &'t App, channel: &'t Channel) -> impl Iterator<Item = &'t Release> {
    let tags = app.tags().iter().filter(|tag| tag.says == Says::Halt && tag.channel == channel.policy.name);
    let could_open = |release: &&Release| {
        let tags = app.tags().of(&channel.policy.name, &release.name);
        let is_barred = |platform| {
            let opened = opens(&app.policy, &channel.policy, release, platform, tags);
            matches!(opened, Err(NotOpen::Yanked | NotOpen::Elsewhere))
        };
        pin_allows(&channel.policy, release) && !Platform::ALL.into_iter().all(is_barred)
    };
    tags.filter_map(|tag| app.release(&tag.version)).filter(could_open)
}
