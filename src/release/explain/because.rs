//! What somebody wrote that decided.

use super::{Because, NotListed};
use crate::release::decide::{Asked, Refusal};
use crate::release::opening::NotOpen;
use crate::release::policy::StayWithin;
use crate::release::table::Release;
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;

/// What of a channel shuts devices out.
pub(super) fn shut<'t>(why: Refusal) -> Because<'t> {
    Because::Channel(match why {
        Refusal::PrivateChannel => "public",
        Refusal::Platform(_) => "platforms",
        Refusal::ProdBuild | Refusal::DevBuild => "builds",
        Refusal::RealDevice | Refusal::Emulator => "hardware",
        _ => return Because::Default,
    })
}

pub(super) fn opening(tags: &[ReleaseTag]) -> impl Iterator<Item = &ReleaseTag> {
    tags.iter().filter(|tag| tag.says != Says::Halt)
}

pub(super) fn not_listed<'t>(asked: &Asked<'t, '_>, why: NotListed, tags: &'t [ReleaseTag]) -> Because<'t> {
    match why {
        NotListed::NotApproved => opening(tags).next().map_or(Because::Default, |tag| Because::Tag(&tag.name)),
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

pub(super) fn refused<'t>(
    asked: &Asked<'t, '_>,
    release: &'t Release,
    why: Refusal,
    tags: &'t [ReleaseTag],
    begins: Option<Timestamp>,
) -> Because<'t> {
    match why {
        Refusal::NotYet(_) | Refusal::NotInRollout { .. } if let Some(begins) = begins => {
            begun(asked, release, tags, begins)
        }
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
        _ => open(asked, release, tags),
    }
}

/// What says that steps begin then: the latest of three dates counts.
fn begun<'t>(asked: &Asked<'t, '_>, release: &Release, tags: &'t [ReleaseTag], begins: Timestamp) -> Because<'t> {
    let is_it = |date: Option<Timestamp>| date == Some(begins);
    if is_it(release.descriptor.rollout_start) {
        return Because::Release("rollout_start");
    }
    if is_it(release.descriptor.not_before) {
        return Because::Release("not_before");
    }
    let dated = opening(tags).find(|tag| tag.platforms.contains(asked.platform) && is_it(tag.date));
    dated.map_or(Because::Default, |tag| Because::Tag(&tag.name))
}

fn halting(tags: &[ReleaseTag]) -> Option<&str> {
    tags.iter().find(|tag| tag.says == Says::Halt).map(|tag| &*tag.name)
}

/// What opens a release to so many: the tag that lets most in, its steps, or the branch.
pub(super) fn open<'t>(asked: &Asked<'t, '_>, release: &'t Release, tags: &'t [ReleaseTag]) -> Because<'t> {
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
    let opening = opening(tags).filter(|tag| tag.platforms.contains(asked.platform));
    let most = opening.max_by_key(|tag| asked.percent_of(release, tag));
    most.map_or(Because::Default, |tag| Because::Tag(&tag.name))
}
