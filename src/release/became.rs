//! What became of each channel between two tables, in a few words for each: what is newest in it, or else what in it is
//! open to others than before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use semver::Version;

use super::channel::{Channel, Listing};
use super::opening::Gate;
use super::platform::{Platform, PlatformSet};
use super::policy::Pin;
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
    /// Where it is so on some platforms only.
    platforms: Option<PlatformSet>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// The channel, or its app, is there no longer.
    Gone,
    /// The newest lets nobody in any more who does not run it, and they get this.
    Halted(Box<str>, Newest, Option<Others>),
    /// Something else is the newest.
    Newest(Newest, Newest, Option<Others>),
    /// The newest is the same, and this is the highest of so many that are open to others.
    Share { version: Version, before: Share, after: Share, more: usize },
}

/// What is newest in a channel for anyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Newest {
    #[default]
    Nothing,
    Builtin,
    Release(Box<str>, Version, Percent),
}

/// What those get whom the newest does not let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Others {
    /// Releases that let in some of them, highest first.
    some: Vec<(Box<str>, Percent)>,
    /// What all the rest get.
    rest: Newest,
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
        let became = move |(channel, platforms, what)| Became { app: app.clone(), channel, platforms, what };
        of_app(apps.old, apps.new, now).into_iter().map(became)
    });
    told.collect()
}

fn of_app(old: Option<&App>, new: Option<&App>, now: Timestamp) -> Vec<(Box<str>, Option<PlatformSet>, What)> {
    let names = |app: Option<&App>| -> Vec<Box<str>> {
        app.iter().flat_map(|app| app.channels()).map(|channel| channel.policy.name.clone()).collect()
    };
    let default = new.or(old).map(|app| app.policy.default_channel.clone());
    let mut all = [names(old), names(new)].concat();
    all.sort_unstable_by_key(|name| (Some(name) != default.as_ref(), name.clone()));
    all.dedup();
    let told = all.into_iter().flat_map(|name| {
        let (before, after) = (old.and_then(|app| app.channel(&name)), new.and_then(|app| app.channel(&name)));
        of_channel(before, after, now).into_iter().map(move |(platforms, what)| (name.clone(), platforms, what))
    });
    told.collect()
}

/// What became of a channel: once where it is the same on all platforms that anything is for, else of each where it is not.
fn of_channel(old: Option<&Channel>, new: Option<&Channel>, now: Timestamp) -> Vec<(Option<PlatformSet>, What)> {
    let Some(after) = new else { return old.map(|_| (None, What::Gone)).into_iter().collect() };
    let mut differ: Vec<(PlatformSet, What)> = Vec::new();
    let mut is_same_somewhere = false;
    for platform in Platform::ALL {
        let sees = (old.map(|old| Sees::of(old, platform, now)).unwrap_or_default(), Sees::of(after, platform, now));
        match what(&sees.0, &sees.1) {
            None => is_same_somewhere |= !sees.1.shares.is_empty(),
            Some(what) => match differ.iter_mut().find(|(_, other)| *other == what) {
                Some((platforms, _)) => drop(platforms.insert(platform)),
                None => differ.push(([platform].into_iter().collect(), what)),
            },
        }
    }
    let is_everywhere = differ.len() == 1 && !is_same_somewhere;
    differ.into_iter().map(|(platforms, what)| ((!is_everywhere).then_some(platforms), what)).collect()
}

/// What differs between what a platform saw and what it sees.
fn what(before: &Sees<'_>, after: &Sees<'_>) -> Option<What> {
    let share = |sees: &Sees<'_>, version: &Version| sees.shares.get(version).copied().unwrap_or(Share::NotOpen);
    if before.newest != after.newest {
        // who is not let in gets what he got before, most often
        let others =
            (before.others.rest != after.others.rest && !after.newest.is_for_all()).then(|| after.others.clone());
        return Some(match &before.newest {
            Newest::Release(name, version, _) if share(after, version) == Share::Halted => {
                What::Halted(name.clone(), after.newest.clone(), others)
            }
            newest => What::Newest(newest.clone(), after.newest.clone(), others),
        });
    }
    let versions: BTreeSet<&Version> = before.shares.keys().chain(after.shares.keys()).copied().collect();
    let both = versions.into_iter().map(|version| (version, share(before, version), share(after, version)));
    let mut differ = both.rev().filter(|(_, before, after)| before != after);
    let (version, before, after) = differ.next()?;
    Some(What::Share { version: version.clone(), before, after, more: differ.count() })
}

/// What is open in a channel to a platform.
#[derive(Debug, Default)]
struct Sees<'t> {
    newest: Newest,
    others: Others,
    shares: BTreeMap<&'t Version, Share>,
}

impl Sees<'_> {
    fn of(channel: &Channel, platform: Platform, now: Timestamp) -> Sees<'_> {
        if !channel.policy.platforms.contains(platform) {
            return Sees::default();
        }
        let listed = channel.listed(platform);
        let open = || listed.iter().filter(|listing| listing.gate.percent(now) > Percent::NONE);
        let newest = match (&channel.policy.pin, open().next()) {
            (Some(Pin::Builtin), _) => Newest::Builtin,
            (_, listing) => Newest::of(listing, now),
        };
        let is_partial = |listing: &&Listing| listing.gate.percent(now) < Percent::ALL;
        let some = open().skip(1).take_while(is_partial);
        let some = some.map(|listing| (listing.release.name.clone(), listing.gate.percent(now))).collect();
        let others = Others { some, rest: Newest::of(open().find(|listing| !is_partial(listing)), now) };
        let shares = listed.iter().map(|listing| (&listing.release.version, Share::of(&listing.gate, now)));
        Sees { newest, others, shares: shares.collect() }
    }
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
}

impl fmt::Display for Became {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(app) = &self.app {
            write!(f, "{app} ")?;
        }
        write!(f, "{}", self.channel)?;
        if let Some(platforms) = self.platforms {
            let names: Vec<&str> = platforms.iter().map(Platform::name).collect();
            write!(f, " on {}", names.join(" and "))?;
        }
        match &self.what {
            What::Gone => write!(f, " is gone"),
            What::Halted(version, new, others) => {
                write!(f, " {version} halted, new devices get {new}{}{}", new.share(), shown(others.as_ref()))
            }
            What::Newest(Newest::Release(old, _, from), Newest::Release(new, _, to), others) if old == new => {
                write!(f, " {new} for {from} -> {to}{}", shown(others.as_ref()))
            }
            What::Newest(old, new, others) => write!(f, " {old} -> {new}{}{}", new.share(), shown(others.as_ref())),
            What::Share { version, before, after, more } => {
                write!(f, " {version} {before} -> {after}")?;
                if *more > 0 { write!(f, " and {more} more") } else { Ok(()) }
            }
        }
    }
}

/// `, 1.1.0 for 1% and 1.0.0 for the others`, where that is worth a word.
fn shown(others: Option<&Others>) -> String {
    let Some(Others { some, rest }) = others else { return String::new() };
    let some = some.iter().map(|(version, percent)| format!(", {version} for {percent}"));
    format!("{} and {rest} for the others", some.collect::<String>())
}

impl Newest {
    fn of(listing: Option<&Listing>, now: Timestamp) -> Newest {
        listing.map_or(Newest::Nothing, |Listing { release, gate }| {
            Newest::Release(release.name.clone(), release.version.clone(), gate.percent(now))
        })
    }

    /// Whether it leaves nobody for anything else.
    fn is_for_all(&self) -> bool {
        !matches!(self, Newest::Release(_, _, percent) if *percent < Percent::ALL)
    }

    /// ` for 10%`, where it is not for all.
    fn share(&self) -> String {
        match self {
            Newest::Release(_, _, percent) if *percent < Percent::ALL => format!(" for {percent}"),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Newest::Nothing => "nothing",
            Newest::Builtin => "builtin",
            Newest::Release(version, _, _) => version,
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
            Share::Later(Percent::ALL, when) => write!(f, "open to all from {when} on"),
            Share::Later(percent, when) => write!(f, "open to {percent} from {when} on"),
        }
    }
}
