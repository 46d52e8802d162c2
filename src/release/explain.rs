//! Why a device gets what it gets: the same steps as the decision's, all of them, with what decided each.

use super::decide::{Arrived, Asked, By, Chosen, Decision, Refusal, arrive, decide};
use super::device::Device;
use super::opening::{Gate, NotOpen, opens, pin_allows};
use super::policy::{StayWithin, What};
use super::rollout::{Percent, Position};
use super::table::{App, Release, Table};
use super::tags::{ReleaseTag, Says};
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
    /// What the device is told.
    pub decision: Decision<'t>,
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
        return Explanation { channel: None, shut, releases: Vec::new(), decision };
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
        shut: served.err().map(|why| (why, because_shut(why))),
        releases: asked.map(|asked| judged(&asked, target)).unwrap_or_default(),
        decision,
    }
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
        InChannel { name, by: arrived.by, only: arrived.only.map(|(_, at)| at) }
    }
}

/// What of a channel shuts devices out.
fn because_shut<'t>(why: Refusal) -> Because<'t> {
    Because::Channel(match why {
        Refusal::PrivateChannel => "public",
        Refusal::Platform(_) => "platforms",
        Refusal::ProdBuild | Refusal::DevBuild => "builds",
        Refusal::RealDevice | Refusal::Emulator => "hardware",
        _ => return Because::Default,
    })
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
            let because = because_not_listed(asked, why);
            return Judged { release, verdict: Verdict::NotListed(why), share: None, because };
        }
    };
    let share = Some(asked.share(release, &gate));
    let verdict = match asked.verdict(release, &gate) {
        Ok(()) if target.is_some_and(|target| target.name == release.name) => Verdict::Target,
        Ok(()) => Verdict::Eligible,
        Err(why) => Verdict::Refused(why),
    };
    let because = match verdict {
        Verdict::Refused(why) => because_refused(asked, release, why, tags),
        _ => because_open(asked, release, tags),
    };
    Judged { release, verdict, share, because }
}

/// What a release must pass where it is listed.
fn listed(asked: &Asked<'_, '_>, release: &Release, tags: &[ReleaseTag]) -> Result<Gate, NotListed> {
    let channel = &asked.chosen.channel.policy;
    let gate = match asked.chosen.only {
        Some((only, _)) if only.name != release.name => return Err(NotListed::Override),
        Some(_) => Gate::default(),
        None => opens(&asked.app.policy, channel, release, asked.platform, tags).map_err(NotListed::NotOpen)?,
    };
    if asked.chosen.only.is_none() && !pin_allows(channel, release) {
        return Err(NotListed::Pin);
    }
    if !release.descriptor.platforms.contains(asked.platform) {
        return Err(NotListed::Platforms);
    }
    if release.serves(asked.platform) { Ok(gate) } else { Err(NotListed::Bundle) }
}

fn because_not_listed<'t>(asked: &Asked<'t, '_>, why: NotListed) -> Because<'t> {
    match why {
        NotListed::NotOpen(NotOpen::Yanked) => Because::Release("yanked"),
        NotListed::NotOpen(NotOpen::Elsewhere) => Because::Release("channels"),
        NotListed::NotOpen(NotOpen::Prerelease) => Because::Channel("prereleases"),
        NotListed::NotOpen(NotOpen::NotTagged) => Because::Channel("tags"),
        NotListed::Pin => Because::Channel("pin"),
        NotListed::Platforms => Because::Release("platforms"),
        NotListed::Bundle => Because::Default,
        NotListed::Override => asked.chosen.only.map_or(Because::Default, |(_, at)| Because::Override(at)),
    }
}

fn because_refused<'t>(
    asked: &Asked<'t, '_>,
    release: &'t Release,
    why: Refusal,
    tags: &'t [ReleaseTag],
) -> Because<'t> {
    match why {
        Refusal::Native => Because::Release("native"),
        Refusal::NativeUnreadable if release.descriptor.native.get(asked.platform).is_some() => {
            Because::Release("native")
        }
        Refusal::NativeUnreadable | Refusal::StayWithin(StayWithin::Minor | StayWithin::Patch | StayWithin::Major) => {
            Because::Channel("stay_within")
        }
        Refusal::BelowNative => Because::Channel("below_native"),
        Refusal::NotYet(_) => Because::Release("not_before"),
        Refusal::Halted => halting(tags).map_or(Because::Default, Because::Tag),
        _ => because_open(asked, release, tags),
    }
}

fn halting(tags: &[ReleaseTag]) -> Option<&str> {
    tags.iter().find(|tag| tag.says == Says::Halt).map(|tag| &*tag.name)
}

/// What opens a release to so many: the tag that lets most in, its steps, or the branch.
fn because_open<'t>(asked: &Asked<'t, '_>, release: &'t Release, tags: &'t [ReleaseTag]) -> Because<'t> {
    let channel = &asked.chosen.channel.policy;
    if let Some((_, at)) = asked.chosen.only {
        return Because::Override(at);
    }
    if !channel.tags {
        return if release.descriptor.steps(&channel.name).is_some() {
            Because::Release("rollout")
        } else {
            Because::Default
        };
    }
    let opening = tags.iter().filter(|tag| tag.says != Says::Halt && tag.platforms.contains(asked.platform));
    let most = opening.max_by_key(|tag| asked.percent_of(release, tag));
    most.map_or(Because::Default, |tag| Because::Tag(&tag.name))
}
