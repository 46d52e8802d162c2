//! Why a device gets what it gets: the same steps as the decision's, all of them, with what decided each.

use super::decide::{Asked, By, Decision, Refusal, choose, decide};
use super::device::Device;
use super::opening::{Gate, NotOpen, opens, pin_allows};
use super::policy::StayWithin;
use super::rollout::{Percent, Position};
use super::table::{Release, Table};
use super::tags::{ReleaseTag, Says};
use super::time::Timestamp;

/// Everything on the way to an answer.
#[derive(Debug)]
pub struct Explanation<'t> {
    /// The channel and how the device came to it; as an error, why it has none that serves it.
    pub channel: Result<InChannel<'t>, Refusal>,
    /// Every release of the app, highest first. None where no channel serves the device.
    pub releases: Vec<Judged<'t>>,
    /// What the device is told.
    pub decision: Decision<'t>,
}

/// A device's channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InChannel<'t> {
    /// The channel's name.
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
pub fn explain<'t>(table: &'t Table, device: &Device<'_>, now: Timestamp) -> Explanation<'t> {
    let decision = decide(table, device, now);
    let (app, chosen) = match choose(table, device) {
        Ok(chosen) => chosen,
        Err(why) => return Explanation { channel: Err(why), releases: Vec::new(), decision },
    };
    let (name, by) = (&*chosen.channel.policy.name, chosen.by);
    let channel = InChannel { name, by, only: chosen.only.map(|(_, at)| at) };
    let asked = match Asked::new(app, chosen, device, now) {
        Ok(asked) => asked,
        Err(why) => return Explanation { channel: Err(why), releases: Vec::new(), decision },
    };
    let mut releases: Vec<&Release> = app.releases().map(|release| &**release).collect();
    releases.sort_by(|a, b| b.version.cmp_precedence(&a.version).then_with(|| b.name.cmp(&a.name)));
    let target = asked.best().ok();
    let judged = releases.into_iter().map(|release| judge(&asked, release, target)).collect();
    Explanation { channel: Ok(channel), releases: judged, decision }
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
