//! What became of each channel between two tables, in a few words for each: what devices get instead of what, lane by lane
//! of native versions; where they get what they got, what in it is open to others than before.

mod lanes;
mod what;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::channel::Channel;
use super::opening::Gate;
use super::plan::Natives;
use super::platform::{Platform, PlatformSet};
use super::rollout::Percent;
use super::side_by_side::differing;
use super::table::{App, Table};
use super::time::Timestamp;

/// One channel that gives something else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Became {
    /// Its app, where the table has several.
    app: Option<Box<str>>,
    channel: Box<str>,
    part: Part,
}

/// What became of a channel, or of a part of its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// Where it is so on some platforms only.
    platforms: Option<PlatformSet>,
    /// Where it is so for some native versions only; none: for all that it may concern.
    natives: Vec<Natives>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// The channel, or its app, is there no longer.
    Gone,
    /// The newest lets nobody in any more who does not run it, and they get this.
    Halted(Box<str>, Newest, Option<Others>),
    /// Something else is the newest, for devices that got one of these.
    Newest(Vec<Newest>, Newest, Option<Others>),
    /// The newest is the same, and goes to more or fewer than before.
    Width { name: Box<str>, before: Percent, after: Percent, others: Option<Others> },
    /// The newest is the same, and this is the highest of so many that are open to others.
    Share { version: Version, before: Share, after: Share, more: usize },
    /// As many get it, but others than before.
    Redrawn(Box<str>, Percent),
}

/// What is newest in a channel for a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Newest {
    #[default]
    Nothing,
    Builtin,
    Release(Box<str>, Percent),
}

/// What those get whom the newest does not let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Others {
    /// Releases that let in some of them, highest first.
    some: Vec<(Box<str>, Percent)>,
    /// What all the rest get.
    rest: Newest,
}

impl Became {
    /// Its app, where the table has several.
    pub fn app(&self) -> Option<&str> {
        self.app.as_deref()
    }
}

/// To whom a release is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    NotOpen,
    Halted,
    Open(Percent),
    /// To nobody yet, and to so many from then on.
    Later(Percent, Timestamp),
}

/// What became of each channel, in the order of apps and with the default channel first. Costs a look at apps that changed.
pub fn became(old: Option<&Table>, new: &Table, now: Timestamp) -> Vec<Became> {
    let ids: BTreeSet<&str> = old.into_iter().chain([new]).flat_map(Table::apps).map(|app| &*app.policy.id).collect();
    let several = ids.len() > 1;
    let told = differing(old, new).flat_map(|apps| {
        let app = several.then(|| Box::from(apps.id));
        let became = move |(channel, part)| Became { app: app.clone(), channel, part };
        of_app(apps.old, apps.new, now).into_iter().map(became)
    });
    told.collect()
}

fn of_app(old: Option<&App>, new: Option<&App>, now: Timestamp) -> Vec<(Box<str>, Part)> {
    let names = |app: Option<&App>| -> Vec<Box<str>> {
        app.iter().flat_map(|app| app.channels()).map(|channel| channel.policy.name.clone()).collect()
    };
    let default = new.or(old).map(|app| app.policy.default_channel.clone());
    let mut all = [names(old), names(new)].concat();
    all.sort_unstable_by_key(|name| (Some(name) != default.as_ref(), name.clone()));
    all.dedup();
    let told = all.into_iter().flat_map(|name| {
        let (before, after) = (old.and_then(|app| app.channel(&name)), new.and_then(|app| app.channel(&name)));
        of_channel(before, after, now).into_iter().map(move |part| (name.clone(), part))
    });
    told.collect()
}

/// What became of a channel: what devices get instead of what, and else what changed that reaches none of them.
fn of_channel(old: Option<&Channel>, new: Option<&Channel>, now: Timestamp) -> Vec<Part> {
    let Some(after) = new else {
        return old.map(|_| Part { platforms: None, natives: Vec::new(), what: What::Gone }).into_iter().collect();
    };
    let told = by_platform(after, |platform| lanes::told(old, after, platform, now));
    if !told.is_empty() {
        return told;
    }
    by_platform(after, |platform| {
        behind(old, after, platform, now).map(|what| (what, Vec::new())).into_iter().collect()
    })
}

/// The same of several platforms once, without their names where it is so on all that anything is for.
fn by_platform(channel: &Channel, of: impl Fn(Platform) -> Vec<(What, Vec<Natives>)>) -> Vec<Part> {
    let (mut found, mut with_any) = (Vec::<Part>::new(), PlatformSet::NONE);
    for platform in Platform::ALL {
        let told = of(platform);
        if !told.is_empty() || serves(channel, platform) && !channel.listed(platform).is_empty() {
            with_any.insert(platform);
        }
        for (what, natives) in told {
            let same = found.iter_mut().find(|part| part.what == what && part.natives == natives);
            match same.and_then(|part| part.platforms.as_mut()) {
                Some(platforms) => drop(platforms.insert(platform)),
                None => found.push(Part { platforms: Some([platform].into_iter().collect()), natives, what }),
            }
        }
    }
    for part in &mut found {
        part.platforms = part.platforms.filter(|platforms| *platforms != with_any);
    }
    found
}

fn serves(channel: &Channel, platform: Platform) -> bool {
    channel.policy.platforms.contains(platform)
}

/// What is open to others than before behind what all devices get.
fn behind(old: Option<&Channel>, new: &Channel, platform: Platform, now: Timestamp) -> Option<What> {
    let shares = |channel: &Channel| -> BTreeMap<Version, Share> {
        let listed = channel.listed(platform).iter().filter(|_| serves(channel, platform));
        listed.map(|listing| (listing.release.version.clone(), Share::of(&listing.gate, now))).collect()
    };
    let (before, after) = (old.map(shares).unwrap_or_default(), shares(new));
    let versions: BTreeSet<&Version> = before.keys().chain(after.keys()).collect();
    let share = |shares: &BTreeMap<Version, Share>, version| shares.get(version).copied().unwrap_or(Share::NotOpen);
    let both = versions.into_iter().map(|version| (version, share(&before, version), share(&after, version)));
    let mut differ = both.rev().filter(|(_, before, after)| before.is_otherwise(*after));
    let (version, before, after) = differ.next()?;
    Some(What::Share { version: version.clone(), before, after, more: differ.count() })
}

impl Share {
    fn of(gate: &Gate, now: Timestamp) -> Share {
        match gate.percent(now) {
            _ if gate.halted => Share::Halted,
            Percent::NONE => {
                gate.next(now).map_or(Share::Open(Percent::NONE), |(when, percent)| Share::Later(percent, when))
            }
            percent => Share::Open(percent),
        }
    }

    /// Whether it is for somebody who may run it: what is halted and was not open is as closed as before.
    fn is_otherwise(self, other: Share) -> bool {
        let is_closed = |share| matches!(share, Share::NotOpen | Share::Halted);
        self != other && !(is_closed(self) && is_closed(other))
    }
}
