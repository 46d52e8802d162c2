//! Why a device gets what it gets: the same steps as the decision's, all of them, with what decided each.

mod because;

use super::choose::{Arrived, By, Chosen, arrive, may_be_forced};
use super::decide::{Asked, Decision, Leaving, Refusal, decide};
use super::device::{Device, Running};
use super::opening::{Gate, NotOpen, opens, pin_allows};
use super::policy::{Pin, What};
use super::rollout::{Percent, Position};
use super::table::{App, Release, Table};
use super::tags::ReleaseTag;
use super::time::Timestamp;

/// Everything on the way to an answer.
#[derive(Debug)]
pub struct Explanation<'t> {
    /// The channel and how the device came to it; `None`: nobody knows its app.
    pub channel: Option<InChannel<'t>>,
    /// What keeps the channel from serving the device, and what decided that.
    pub shut: Option<(Refusal, Because<'t>)>,
    /// Every release of the app, highest first. Where the channel does not serve the device, as if it did, but none is the
    /// target; none where that means nothing.
    pub releases: Vec<Judged<'t>>,
    /// Overrides that name the device and list a release that nobody may have.
    pub passed_over: Vec<PassedOver<'t>>,
    /// What the device runs, where it does not go on with that for a reason that lies in it or in the channel's pin, and
    /// where it was never there.
    pub runs: Option<(&'t str, Standing)>,
    /// What the device is told.
    pub decision: Decision<'t>,
}

/// An override that lists a release which nobody may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedOver<'t> {
    /// The override, counted from the first.
    pub at: usize,
    /// The version that it lists.
    pub version: &'t str,
    /// Why nobody may have it.
    pub why: Standing,
}

/// What is the matter with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The channel sends everyone back to builtin.
    Pinned,
    /// Nobody can stay with it, or not this device.
    Left(Leaving),
    /// It is no release, and was none on the line.
    NeverThere,
}

/// A device's channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InChannel<'t> {
    /// The channel's name. There may be none of that name.
    pub name: &'t str,
    /// How the device came to it.
    pub by: By,
    /// The override that lists one release alone for it.
    pub only: Option<usize>,
    /// What the channel is pinned to, where no override is in the way.
    pub pin: Option<&'t Pin>,
}

/// A release, and what the device is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged<'t> {
    /// The release.
    pub release: &'t Release,
    /// Whether it may be the device's.
    pub verdict: Verdict,
    /// Where the device stands in its rollout, and how many are let in; for what is listed.
    pub share: Option<(Option<Position>, Percent)>,
    /// What decided.
    pub because: Because<'t>,
    /// What refuses whoever does not run it, where this device does, and what decided that. Entry alone is gated.
    pub entry: Option<(Refusal, Because<'t>)>,
    /// When its steps begin, where that is yet to come and nobody is in before.
    pub begins: Option<Timestamp>,
}

/// Whether a release may be a device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the highest that the device may have.
    Target,
    /// The device may have it, and may have a higher one.
    Eligible,
    /// It is listed, and a rule keeps it from this device.
    Refused(Refusal),
    /// It is not listed.
    NotListed(NotListed),
}

/// Why a release is not listed for a platform in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotListed {
    /// It is not open there.
    NotOpen(NotOpen),
    /// Another version is pinned, or `builtin`.
    Pin,
    /// Its `platforms` leaves the platform out.
    Platforms,
    /// A tag opens it, but approves no bundle that is served to the platform.
    NotApproved,
    /// It has no bundle that a client of the platform can install.
    Bundle,
    /// An override lists another release alone.
    Override,
}

/// What decided, as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because<'t> {
    /// A key of the release's own descriptor.
    Release(&'static str),
    /// A key of the channel.
    Channel(&'static str),
    /// An override, counted from the first.
    Override(usize),
    /// A tag.
    Tag(&'t str),
    /// Nothing that was written: a default.
    Default,
}

/// Explains what a device gets, in the way in which [`decide`] decides it.
pub fn explain<'t>(table: &'t Table, device: &Device<'t>, now: Timestamp) -> Explanation<'t> {
    let decision = decide(table, device, now);
    let Some(app) = table.app(device.app) else {
        let shut = Some((Refusal::UnknownApp, Because::Default));
        return Explanation {
            channel: None,
            shut,
            releases: Vec::new(),
            passed_over: Vec::new(),
            runs: None,
            decision,
        };
    };
    let arrived = arrive(app, device);
    let served = arrived.chosen().and_then(|chosen| Asked::new(app, chosen, device, now));
    let as_if_served = || Asked::as_if_served(app, Chosen::anyway(arrived)?, device, now);
    let (asked, target) = match &served {
        Ok(asked) => (Some(*asked), asked.best().ok()),
        Err(_) => (as_if_served(), None),
    };
    Explanation {
        channel: Some(InChannel::of(app, device, arrived)),
        shut: served.err().map(|why| (why, because::shut(why))),
        releases: asked.map(|asked| judged(&asked, target)).unwrap_or_default(),
        passed_over: passed_over(app, device),
        runs: served.ok().and_then(|asked| runs(&asked, device, decision)),
        decision,
    }
}

/// Overrides are looked at up to the first that lists a release, or leads to a channel.
fn passed_over<'t>(app: &'t App, device: &Device<'_>) -> Vec<PassedOver<'t>> {
    let listed = app.overrides_for(device).map_while(|(at, entry)| match &entry.what {
        What::Version(version) if may_be_forced(app, version).is_none() => Some((at, &**version)),
        What::Version(_) | What::Channel(_) => None,
    });
    let why = |version| match app.release(version) {
        Some(_) => Standing::Left(Leaving::Yanked),
        None if app.is_withdrawn(version) => Standing::Left(Leaving::Withdrawn),
        None => Standing::NeverThere,
    };
    listed.map(|(at, version)| PassedOver { at, version, why: why(version) }).collect()
}

fn runs<'t>(asked: &Asked<'t, '_>, device: &Device<'t>, decision: Decision<'_>) -> Option<(&'t str, Standing)> {
    let Running::Release(name) = device.running else { return None };
    let is_pinned = asked.chosen.only.is_none() && asked.chosen.channel.policy.pin == Some(Pin::Builtin);
    let left = asked.leaving().map(Standing::Left);
    let never_there = || asked.app.release(name).is_none().then_some(Standing::NeverThere);
    let standing =
        if is_pinned && decision == Decision::Builtin { Some(Standing::Pinned) } else { left.or_else(never_there) };
    standing.map(|standing| (name, standing))
}

impl<'t> InChannel<'t> {
    fn of(app: &'t App, device: &Device<'t>, arrived: Arrived<'t>) -> InChannel<'t> {
        let name = match (arrived.channel, arrived.by) {
            (Some(channel), _) => &*channel.policy.name,
            (None, By::Override(at)) => match app.policy.overrides.get(at).map(|entry| &entry.what) {
                Some(What::Channel(name) | What::Version(name)) => name,
                None => "",
            },
            (None, By::Named) => device.default_channel,
            (None, By::Default) => &app.policy.default_channel,
        };
        let only = arrived.only.map(|(_, at)| at);
        let pin = arrived.channel.and_then(|channel| channel.policy.pin.as_ref()).filter(|_| only.is_none());
        InChannel { name, by: arrived.by, only, pin }
    }
}

fn judged<'t>(asked: &Asked<'t, '_>, target: Option<&Release>) -> Vec<Judged<'t>> {
    let mut releases: Vec<&Release> = asked.app.releases().map(|release| &**release).collect();
    releases.sort_by(|a, b| b.version.cmp_precedence(&a.version).then_with(|| b.name.cmp(&a.name)));
    releases.into_iter().map(|release| judge(asked, release, target)).collect()
}

fn judge<'t>(asked: &Asked<'t, '_>, release: &'t Release, target: Option<&Release>) -> Judged<'t> {
    let tags = asked.app.tags().of(&asked.chosen.channel.policy.name, &release.name);
    let gate = match listed(asked, release, tags) {
        Ok(gate) => gate,
        Err(why) => {
            let because = because::not_listed(asked, why, tags);
            let verdict = Verdict::NotListed(why);
            return Judged { release, verdict, share: None, because, entry: None, begins: None };
        }
    };
    let share = Some(asked.share(release, &gate));
    let verdict = match asked.verdict(release, &gate) {
        Ok(()) if target.is_some_and(|target| target.name == release.name) => Verdict::Target,
        Ok(()) => Verdict::Eligible,
        Err(why) => Verdict::Refused(why),
    };
    let begins = asked.begins(&gate);
    let refused = |why| because::refused(asked, release, why, tags, begins);
    let because = match verdict {
        Verdict::Refused(why) => refused(why),
        _ => because::open(asked, release, tags),
    };
    let entry = asked.refuses_others(release, &gate).map(|why| (why, refused(why)));
    Judged { release, verdict, share, because, entry, begins }
}

/// What a release must pass where it is listed.
fn listed(asked: &Asked<'_, '_>, release: &Release, tags: &[ReleaseTag]) -> Result<Gate, NotListed> {
    let channel = &asked.chosen.channel.policy;
    let gate = match asked.chosen.only {
        Some((only, _)) if only.name != release.name => return Err(NotListed::Override),
        Some(_) => Gate::default(),
        None => opens(&asked.app.policy, channel, release, asked.platform, tags).map_err(|why| not_open(why, tags))?,
    };
    if asked.chosen.only.is_none() && !pin_allows(channel, release) {
        return Err(NotListed::Pin);
    }
    if !release.descriptor.platforms.contains(asked.platform) {
        return Err(NotListed::Platforms);
    }
    if release.serves(asked.platform) { Ok(gate) } else { Err(NotListed::Bundle) }
}

fn not_open(why: NotOpen, tags: &[ReleaseTag]) -> NotListed {
    let is_tagged = because::opening(tags).next().is_some();
    if why == NotOpen::NotTagged && is_tagged { NotListed::NotApproved } else { NotListed::NotOpen(why) }
}
