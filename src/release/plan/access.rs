//! Which channels are to be compared: each with itself as it was, for all of its devices and for those that its switches
//! shut out or let in; and the default channel with the one before it.

use std::collections::BTreeSet;

use super::compare::compare;
use super::subject::{Place, Subject};
use super::{Apps, Change, Kind, Who};
use crate::release::channel::Channel;
use crate::release::decide::Refusal;
use crate::release::platform::Platform;
use crate::release::table::App;
use crate::release::time::Timestamp;

/// Devices that a channel may shut out by a switch of their own.
const KINDS: [Kind; 4] = [Kind::Prod, Kind::Dev, Kind::Real, Kind::Emulator];

/// Everything that changes in an app for devices that no override names.
pub(super) fn changes<'t>(apps: &Apps<'t>, now: Timestamp) -> Vec<Change<'t>> {
    let mut found = Vec::new();
    for name in names(apps) {
        let channels = (was(apps, name), channel(apps.new, name));
        let who = if apps.is_default_otherwise(name) { Who::Staying } else { Who::In };
        found.extend(between(apps, name, channels, who, now));
    }
    found.extend(new_default(apps, now));
    found
}

/// Devices that name no channel, where they come to another one.
fn new_default<'t>(apps: &Apps<'t>, now: Timestamp) -> Vec<Change<'t>> {
    let Some((before, after)) = apps.new_default() else { return Vec::new() };
    let channels = (was(apps, before), channel(apps.new, after));
    between(apps, after, channels, Who::Unnamed, now)
}

/// What changes between two channels: for everyone, and for those whom one of them shuts out and not everyone.
fn between<'t>(
    apps: &Apps<'t>,
    name: &'t str,
    (old, new): (Result<&'t Channel, Refusal>, Result<&'t Channel, Refusal>),
    who: fn(Kind) -> Who,
    now: Timestamp,
) -> Vec<Change<'t>> {
    let mut found = Vec::new();
    for platform in Platform::ALL {
        let place = Place { app: apps.id, channel: name, platform };
        let apart =
            KINDS.map(who).into_iter().chain((who(Kind::Any) != Who::Unnamed(Kind::Any)).then_some(Who::Naming));
        let apart = apart.filter(|who| is_apart(*who, old, platform) || is_apart(*who, new, platform));
        let all = [who(Kind::Any)].into_iter().chain(apart);
        for who in all.filter(|who| is_anyone(*who, [old, new], platform)) {
            let (old, new) = (door(who, old, platform), door(who, new, platform));
            found.extend(compare(&Subject { apps, place, who, old, new, now }));
        }
    }
    found
}

fn names<'t>(apps: &Apps<'t>) -> BTreeSet<&'t str> {
    let both = [apps.old, apps.new].into_iter().flatten();
    both.flat_map(App::channels).map(|channel| &*channel.policy.name).collect()
}

/// The channel as it was.
fn was<'t>(apps: &Apps<'t>, name: &str) -> Result<&'t Channel, Refusal> {
    // who asks before anything is served is told that, and not that there is no such app
    if apps.is_first { Err(Refusal::NoTable) } else { channel(apps.old, name) }
}

fn channel<'t>(app: Option<&'t App>, name: &str) -> Result<&'t Channel, Refusal> {
    app.ok_or(Refusal::UnknownApp)?.channel(name).ok_or(Refusal::UnknownChannel)
}

/// The channel, where it serves these devices.
fn door(who: Who, channel: Result<&Channel, Refusal>, platform: Platform) -> Result<&Channel, Refusal> {
    let channel = channel?;
    // nobody asks for the platform of a device that may not name the channel
    if who == Who::Naming {
        switch(who, channel)?;
    }
    if !channel.policy.platforms.contains(platform) {
        return Err(Refusal::Platform(Some(platform)));
    }
    switch(who, channel).map(|()| channel)
}

/// Whether there are such devices: some kind of build on some kind of hardware that both channels treat as they treat these.
fn is_anyone(who: Who, channels: [Result<&Channel, Refusal>; 2], platform: Platform) -> bool {
    let builds = [Kind::Prod, Kind::Dev].into_iter();
    let mut each = builds.flat_map(|build| [Kind::Real, Kind::Emulator].map(|hardware| [build, hardware]));
    let are_these = |kinds: &[Kind; 2]| match who {
        Who::In(kind) | Who::Staying(kind) | Who::Unnamed(kind) => kind == Kind::Any || kinds.contains(&kind),
        Who::Naming => true,
    };
    let first = if who == Who::Naming { who } else { Who::In(Kind::Any) };
    let told = |kinds: [Kind; 2], channel| {
        let channel = door(first, channel, platform)?;
        kinds.into_iter().try_for_each(|kind| switch(Who::In(kind), channel))
    };
    each.any(|kinds| {
        are_these(&kinds)
            && channels.iter().all(|channel| told(kinds, *channel).err() == door(who, *channel, platform).err())
    })
}

/// Whether the channel shuts out these devices and not all.
fn is_apart(who: Who, channel: Result<&Channel, Refusal>, platform: Platform) -> bool {
    channel.is_ok_and(|channel| {
        let is_asked = who == Who::Naming || channel.policy.platforms.contains(platform);
        is_asked && switch(who, channel).is_err()
    })
}

/// The channel's own switch for these devices.
fn switch(who: Who, channel: &Channel) -> Result<(), Refusal> {
    let policy = &channel.policy;
    let kind = match who {
        Who::In(kind) | Who::Staying(kind) | Who::Unnamed(kind) => kind,
        Who::Naming if policy.public || policy.self_assign => return Ok(()),
        Who::Naming => return Err(Refusal::PrivateChannel),
    };
    let (is_on, refusal) = match kind {
        Kind::Any => return Ok(()),
        Kind::Prod => (policy.builds.prod, Refusal::ProdBuild),
        Kind::Dev => (policy.builds.dev, Refusal::DevBuild),
        Kind::Real => (policy.hardware.device, Refusal::RealDevice),
        Kind::Emulator => (policy.hardware.emulator, Refusal::Emulator),
    };
    if is_on { Ok(()) } else { Err(refusal) }
}
