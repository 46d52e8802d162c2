//! The rules once more, as naively as they can be told: plain vectors, no index, every release tried every time.
//!
//! Shares nothing with the core but its values, so that a mistake is not made twice.

use std::cmp::Ordering;

use semver::{BuildMetadata, Comparator, Prerelease, Version, VersionReq};
use sha2::{Digest, Sha256};

use super::worlds::World;
use crate::release::decide::{Decision, Refusal};
use crate::release::device::{Device, Running};
use crate::release::native::Native;
use crate::release::platform::Platform;
use crate::release::policy::{ChannelPolicy, Override, Pin, RolloutPlan, StayWithin, What, Who};
use crate::release::rollout::{Percent, Position, Steps};
use crate::release::table::Release;
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;

/// Where a device stands in what a name draws in a channel; `None`: nowhere.
type Stands<'s> = &'s dyn Fn(&str, &str) -> Option<u16>;

/// What the device is to be told.
pub fn decide<'w>(world: &'w World, device: &Device<'_>, now: Timestamp) -> Decision<'w> {
    decide_at(world, device, now, &|channel, draw| {
        // A device without an id that stays is in only at 100%.
        let stands = (!device.id.is_empty()).then(|| position(device.app, channel, draw, &device.id));
        assert_eq!(position_of(device, channel, draw).map(Position::number), stands);
        stands
    })
}

/// What it would be told if it stood there.
pub fn decide_at<'w>(world: &'w World, device: &Device<'_>, now: Timestamp, stands: Stands<'_>) -> Decision<'w> {
    match answer(world, device, now, stands) {
        Ok(decision) => decision,
        Err(why) => Decision::Refused { why, withheld: None },
    }
}

fn answer<'w>(
    world: &'w World,
    device: &Device<'_>,
    now: Timestamp,
    stands: Stands<'_>,
) -> Result<Decision<'w>, Refusal> {
    if device.app != &*world.policy.id {
        return Err(Refusal::UnknownApp);
    }
    let (channel, forced) = channel(world, device, &world.policy.overrides)?;
    let platform = switches(channel, device)?;
    let mut listed = listed(world, channel, forced, platform);
    listed.sort_by(|a, b| b.version.cmp_precedence(&a.version));

    let asked = Asked { world, channel, forced: forced.is_some(), device, platform, now, stands };
    let refusal = |release: &&&Release| refusal(&asked, release);
    let target = listed.iter().find(|release| refusal(release).is_none());
    Ok(match (target, listed.first()) {
        (Some(target), _) if has(device, target) => Decision::UpToDate,
        (Some(target), _) => Decision::Offer {
            release: target,
            bundle: target.bundles.get(platform).as_deref().expect("what is listed has a bundle"),
        },
        (None, _) if forced.is_none() && channel.pin == Some(Pin::Builtin) => back_to_builtin(device),
        (None, _) if taken_back(world, device, platform) => back_to_builtin(device),
        (None, None) => return Err(Refusal::NothingListed),
        (None, Some(highest)) => {
            Decision::Refused { why: refusal(&highest).expect("nothing is eligible"), withheld: Some(highest) }
        }
    })
}

/// The first override that matches; else the channel that the device names; else the app's default.
fn channel<'w>(
    world: &'w World,
    device: &Device<'_>,
    overrides: &'w [Override],
) -> Result<(&'w ChannelPolicy, Option<&'w Release>), Refusal> {
    let named = |name: &str| world.policy.channels.iter().find(|channel| *channel.name == *name);
    for (at, entry) in overrides.iter().enumerate().filter(|(_, entry)| names(&entry.who, device)) {
        match &entry.what {
            What::Channel(name) => return Ok((named(name).expect("an override names a channel of the app"), None)),
            What::Version(name) => {
                let release = world.releases.iter().find(|release| release.name == *name);
                // One that is yanked or not in the table is passed over, as if it were not there.
                if let Some(release) = release.filter(|release| release.descriptor.yanked.is_none()) {
                    // It takes the channel that the device would have had otherwise.
                    let (channel, _) = channel(world, device, &overrides[at + 1..])?;
                    return Ok((channel, Some(release)));
                }
            }
        }
    }
    if device.default_channel.is_empty() {
        let default = named(&world.policy.default_channel);
        return Ok((default.expect("the default channel is one of the app's"), None));
    }
    let channel = named(device.default_channel).ok_or(Refusal::UnknownChannel)?;
    let usable = channel.public || channel.self_assign;
    if usable { Ok((channel, None)) } else { Err(Refusal::PrivateChannel) }
}

/// An empty id matches nothing.
pub fn names(who: &Who, device: &Device<'_>) -> bool {
    match who {
        Who::Device(id) => !device.id.is_empty() && **id == *device.id,
        Who::DeviceSha256(hash) => !device.id.is_empty() && Sha256::digest(device.id.as_bytes()).as_slice() == hash,
        Who::CustomId(id) => !device.custom_id.is_empty() && **id == *device.custom_id,
    }
}

/// Then the channel's own switches: platforms, builds, hardware.
fn switches(channel: &ChannelPolicy, device: &Device<'_>) -> Result<Platform, Refusal> {
    let platform = device.platform.ok_or(Refusal::Platform(None))?;
    let rules = [
        (channel.platforms.contains(platform), Refusal::Platform(Some(platform))),
        (channel.builds.prod || !device.is_prod, Refusal::ProdBuild),
        (channel.builds.dev || device.is_prod, Refusal::DevBuild),
        (channel.hardware.device || device.is_emulator, Refusal::RealDevice),
        (channel.hardware.emulator || !device.is_emulator, Refusal::Emulator),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(platform), |(_, refusal)| Err(refusal))
}

fn position_of(device: &Device<'_>, channel: &str, draw: &str) -> Option<Position> {
    (!device.id.is_empty()).then(|| Position::of(device.app, channel, draw, &device.id))
}

/// The releases open to the channel, not yanked, for this platform; only the pin if any.
pub fn listed<'w>(
    world: &'w World,
    channel: &ChannelPolicy,
    forced: Option<&'w Release>,
    platform: Platform,
) -> Vec<&'w Release> {
    let open = |release: &Release| {
        let may_go = release.descriptor.channels.as_ref().is_none_or(|names| names.contains(&channel.name));
        // Default: not in the default channel.
        let prereleases = channel.prereleases.unwrap_or(channel.name != world.policy.default_channel);
        let opened = match channel.tags {
            true => opening_tags(world, channel, release, platform).next().is_some(),
            false => release.version.pre.is_empty() || prereleases,
        };
        may_go && opened
    };
    let pinned = |release: &Release| match &channel.pin {
        None => true,
        Some(Pin::Builtin) => false,
        Some(Pin::Version(name)) => release.name == *name,
    };
    let here = |release: &Release| {
        release.descriptor.platforms.contains(platform)
            && release.bundles.get(platform).is_some()
            && release.descriptor.yanked.is_none()
    };
    match forced {
        // An override with a version lists that release alone, whatever channels, prereleases and pin say.
        Some(release) => Some(release).into_iter().filter(|release| here(release)).collect(),
        None => {
            let releases = world.releases.iter().map(|release| &**release);
            releases.filter(|release| open(release) && pinned(release) && here(release)).collect()
        }
    }
}

/// The tags that open a release on a platform. A halt opens nothing.
fn opening_tags<'w>(
    world: &'w World,
    channel: &ChannelPolicy,
    release: &Release,
    platform: Platform,
) -> impl Iterator<Item = &'w ReleaseTag> {
    let of_it = tags(world, channel, release).filter(move |tag| tag.platforms.contains(platform));
    of_it.filter(|tag| tag.says != Says::Halt)
}

fn tags<'w>(world: &'w World, channel: &ChannelPolicy, release: &Release) -> impl Iterator<Item = &'w ReleaseTag> {
    let (channel, version) = (channel.name.clone(), release.name.clone());
    world.tags.iter().filter(move |tag| tag.channel == channel && tag.version == version)
}

/// In hundredths of a percent: how many a release is open to now.
pub fn percent(world: &World, channel: &ChannelPolicy, release: &Release, platform: Platform, now: Timestamp) -> u16 {
    let descriptor = &release.descriptor;
    let steps = match &descriptor.rollout {
        None => None,
        Some(RolloutPlan::Everywhere(steps)) => Some(steps),
        Some(RolloutPlan::ByChannel(all)) => all.iter().find(|(name, _)| *name == channel.name).map(|(_, steps)| steps),
    };
    // Steps begin at the latest of the times that are said; without a start there is only the first.
    let by_steps = |steps: &Steps, begins: Option<Timestamp>| match begins {
        None => steps.first().hundredths(),
        Some(begins) => walk(steps, begins.max(descriptor.not_before.unwrap_or(begins)), now),
    };
    let start = descriptor.rollout_start;
    if !channel.tags {
        let is_default = channel.name == world.policy.default_channel;
        return match steps {
            Some(steps) if start.is_some() || is_default => by_steps(steps, start),
            _ => 10_000,
        };
    }
    let of_tag = |tag: &ReleaseTag| match (tag.says, steps) {
        (Says::Percent(percent), _) => percent.hundredths(),
        (_, None) => 10_000,
        (_, Some(steps)) => by_steps(steps, tag.date.max(start)),
    };
    opening_tags(world, channel, release, platform).map(of_tag).max().unwrap_or(0)
}

/// Step by step from the start; nobody before.
fn walk(steps: &Steps, start: Timestamp, now: Timestamp) -> u16 {
    let (mut percent, mut begins) = (0, start.0);
    for step in steps.iter() {
        if now.0 < begins {
            break;
        }
        percent = step.percent.hundredths();
        begins = begins.saturating_add(step.lasts.map_or(i64::MAX, |lasts| lasts as i64));
    }
    percent
}

/// The first eight bytes, big-endian, of the hash of four names with zeros between them, modulo 10,000.
fn position(app: &str, channel: &str, draw: &str, device: &str) -> u16 {
    let hash = Sha256::digest(format!("{app}\0{channel}\0{draw}\0{device}"));
    let number = hash[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (number % 10_000) as u16
}

/// A device that asks, in a channel.
struct Asked<'a> {
    world: &'a World,
    channel: &'a ChannelPolicy,
    forced: bool,
    device: &'a Device<'a>,
    platform: Platform,
    now: Timestamp,
    stands: Stands<'a>,
}

/// The first rule, in their order, that refuses the release.
fn refusal(asked: &Asked<'_>, release: &Release) -> Option<Refusal> {
    let Asked { channel, forced, .. } = *asked;
    let level = if forced { StayWithin::Any } else { channel.stay_within };
    let requirement = release.descriptor.native.get(asked.platform).as_ref();
    let Native::Known(native) = &asked.device.native else {
        // It meets no `native` and no `stay_within` but `any`, and is above nothing.
        let unread = requirement.is_some() || level != StayWithin::Any;
        return if unread { Some(Refusal::NativeUnreadable) } else { entry(asked, release) };
    };
    if requirement.is_some_and(|requirement| !holds(requirement, native)) {
        return Some(Refusal::Native);
    }
    if !within(level, &release.version, native) {
        return Some(Refusal::StayWithin(level));
    }
    if !forced && !channel.below_native && release.version.cmp_precedence(native) == Ordering::Less {
        return Some(Refusal::BelowNative);
    }
    entry(asked, release)
}

/// Either it is what the device runs, or it is not halted, past `not_before`, and the device inside its rollout.
fn entry(asked: &Asked<'_>, release: &Release) -> Option<Refusal> {
    let Asked { world, channel, forced, device, platform, now, stands } = *asked;
    if forced || runs(device, release) {
        return None;
    }
    if tags(world, channel, release).any(|tag| tag.says == Says::Halt) {
        return Some(Refusal::Halted);
    }
    if let Some(start) = release.descriptor.not_before.filter(|start| now < *start) {
        return Some(Refusal::NotYet(start));
    }
    let percent = percent(world, channel, release, platform, now);
    let draw = release.descriptor.rollout_as.as_ref().unwrap_or(&release.name);
    if percent == 10_000 || stands(&channel.name, draw).is_some_and(|stands| stands < percent) {
        return None;
    }
    let position = position_of(device, &channel.name, draw);
    Some(Refusal::NotInRollout { position, percent: Percent::from_hundredths(percent).expect("at most all") })
}

/// "major" is not above its major; "minor" its major and minor; "patch" its major, minor and patch.
fn within(level: StayWithin, release: &Version, native: &Version) -> bool {
    match level {
        StayWithin::Any => true,
        StayWithin::Major => release.major <= native.major,
        StayWithin::Minor => (release.major, release.minor) == (native.major, native.minor),
        StayWithin::Patch => {
            (release.major, release.minor, release.patch) == (native.major, native.minor, native.patch)
        }
    }
}

/// A requirement sees the native version without its build part, and without its pre-release part too unless it names a
/// pre-release of the same major, minor and patch.
fn holds(requirement: &VersionReq, native: &Version) -> bool {
    let names_it = |c: &Comparator| {
        let same = c.major == native.major && c.minor == Some(native.minor) && c.patch == Some(native.patch);
        same && !c.pre.is_empty()
    };
    let mut seen = Version { build: BuildMetadata::EMPTY, ..native.clone() };
    if !requirement.comparators.iter().any(names_it) {
        seen.pre = Prerelease::EMPTY;
    }
    requirement.matches(&seen)
}

fn runs(device: &Device<'_>, release: &Release) -> bool {
    device.running == Running::Release(&release.name)
}

/// The target is what the device runs, or the device is on builtin and `version_build` equals the target as a string.
fn has(device: &Device<'_>, target: &Release) -> bool {
    runs(device, target) || (device.running == Running::Builtin && device.version_build == &*target.name)
}

/// What the device runs is withdrawn, yanked, or refuses by `native` or `platforms` this device.
///
/// A version never seen on the line, and a release that is merely not open in this channel, are left alone.
fn taken_back(world: &World, device: &Device<'_>, platform: Platform) -> bool {
    let Some(running) = world.releases.iter().find(|release| runs(device, release)) else {
        return world.withdrawn.iter().any(|name| device.running == Running::Release(name));
    };
    let requirement = running.descriptor.native.get(platform).as_ref();
    // Only a native version that can be read is refused by `native`.
    let refused =
        requirement.zip(device.native.known()).is_some_and(|(requirement, native)| !holds(requirement, native));
    running.descriptor.yanked.is_some() || !running.descriptor.platforms.contains(platform) || refused
}

/// A device on builtin already is up to date.
fn back_to_builtin<'w>(device: &Device<'_>) -> Decision<'w> {
    if device.running == Running::Builtin { Decision::UpToDate } else { Decision::Builtin }
}
