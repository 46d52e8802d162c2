//! What became of each channel between two tables, in a few words for each: what is newest in it, or else what in it is
//! open to others than before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use semver::Version;

use super::channel::Channel;
use super::policy::Pin;
use super::rollout::Percent;
use super::status::highest;
use super::table::{App, Table};
use super::time::Timestamp;

/// One channel that gives something else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Became {
    /// Its app, where the table has several.
    app: Option<Box<str>>,
    channel: Box<str>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// The channel, or its app, is there no longer.
    Gone,
    /// Something else is the newest.
    Newest(Newest, Newest),
    /// The newest is the same, and this is the highest of so many that are open to others.
    Share { version: Version, before: Share, after: Share, more: usize },
}

/// What is newest in a channel for anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Newest {
    Nothing,
    Builtin,
    Release(Box<str>, Percent),
}

/// To whom a release is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    NotOpen,
    Halted,
    Open(Percent),
}

/// What became of each channel, in the order of apps and with the default channel first. Costs a look at apps that changed.
pub fn became(old: Option<&Table>, new: &Table, now: Timestamp) -> Vec<Became> {
    let by_id = |table: &Table| -> BTreeMap<Box<str>, Arc<App>> {
        table.apps().map(|app| (app.policy.id.clone(), Arc::clone(app))).collect()
    };
    let (before, after) = (old.map(by_id).unwrap_or_default(), by_id(new));
    let several = before.len().max(after.len()) > 1;
    let ids: BTreeSet<&Box<str>> = before.keys().chain(after.keys()).collect();
    let mut told = Vec::new();
    for id in ids {
        let (old, new) = (before.get(id), after.get(id));
        if old.zip(new).is_some_and(|(old, new)| Arc::ptr_eq(old, new)) {
            continue;
        }
        let of_app = of_app(old.map(|app| &**app), new.map(|app| &**app), now).into_iter();
        let app = several.then(|| id.clone());
        told.extend(of_app.map(|(channel, what)| Became { app: app.clone(), channel, what }));
    }
    told
}

fn of_app(old: Option<&App>, new: Option<&App>, now: Timestamp) -> Vec<(Box<str>, What)> {
    let names = |app: Option<&App>| -> Vec<Box<str>> {
        app.iter().flat_map(|app| app.channels()).map(|channel| channel.policy.name.clone()).collect()
    };
    let default = new.or(old).map(|app| app.policy.default_channel.clone());
    let mut all = [names(old), names(new)].concat();
    all.sort_unstable_by_key(|name| (Some(name) != default.as_ref(), name.clone()));
    all.dedup();
    let told = all.into_iter().filter_map(|name| {
        let (before, after) = (old.and_then(|app| app.channel(&name)), new.and_then(|app| app.channel(&name)));
        let what = of_channel(before, after, now)?;
        Some((name, what))
    });
    told.collect()
}

fn of_channel(old: Option<&Channel>, new: Option<&Channel>, now: Timestamp) -> Option<What> {
    let Some(after) = new else { return old.map(|_| What::Gone) };
    let newest = (old.map_or(Newest::Nothing, |old| Newest::of(old, now)), Newest::of(after, now));
    if newest.0 != newest.1 {
        return Some(What::Newest(newest.0, newest.1));
    }
    let (before, after) = (old.map(|old| shares(old, now)).unwrap_or_default(), shares(after, now));
    let share = |shares: &Shares<'_>, version: &Version| shares.get(version).copied().unwrap_or(Share::NotOpen);
    let versions: BTreeSet<&Version> = before.keys().chain(after.keys()).copied().collect();
    let both = versions.into_iter().map(|version| (version, share(&before, version), share(&after, version)));
    let mut differ = both.rev().filter(|(_, before, after)| before != after);
    let (version, before, after) = differ.next()?;
    Some(What::Share { version: version.clone(), before, after, more: differ.count() })
}

impl Newest {
    fn of(channel: &Channel, now: Timestamp) -> Newest {
        match (&channel.policy.pin, highest(channel, now)) {
            (Some(Pin::Builtin), _) => Newest::Builtin,
            (_, None) => Newest::Nothing,
            (_, Some((release, percent))) => Newest::Release(release.name.clone(), percent),
        }
    }
}

type Shares<'t> = BTreeMap<&'t Version, Share>;

/// What is open in the channel, and to whom; the largest share of the platforms.
fn shares(channel: &Channel, now: Timestamp) -> Shares<'_> {
    let mut shares = Shares::new();
    for platform in channel.policy.platforms.iter() {
        for listing in channel.listed(platform) {
            let gate = &listing.gate;
            let share = if gate.halted { Share::Halted } else { Share::Open(gate.percent(now)) };
            let known = shares.entry(&listing.release.version).or_insert(share);
            if let (Share::Open(known), Share::Open(percent)) = (known, share) {
                *known = percent.max(*known);
            }
        }
    }
    shares
}

impl fmt::Display for Became {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(app) = &self.app {
            write!(f, "{app} ")?;
        }
        let channel = &self.channel;
        match &self.what {
            What::Gone => write!(f, "{channel} is gone"),
            What::Newest(Newest::Release(old, from), Newest::Release(new, to)) if old == new => {
                write!(f, "{channel} {new} for {from} -> {to}")
            }
            What::Newest(old, new) => match new {
                Newest::Release(_, percent) if *percent < Percent::ALL => {
                    write!(f, "{channel} {old} -> {new} for {percent}")
                }
                _ => write!(f, "{channel} {old} -> {new}"),
            },
            What::Share { version, before, after, more } => {
                write!(f, "{channel} {version} {before} -> {after}")?;
                if *more > 0 { write!(f, " and {more} more") } else { Ok(()) }
            }
        }
    }
}

impl fmt::Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Newest::Nothing => "nothing",
            Newest::Builtin => "builtin",
            Newest::Release(version, _) => version,
        })
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Share::NotOpen => f.write_str("not open"),
            Share::Halted => f.write_str("halted"),
            Share::Open(Percent::ALL) => f.write_str("open to all"),
            Share::Open(percent) => write!(f, "open to {percent}"),
        }
    }
}
