//! Devices that an override names, where that comes, goes, or means something else.

use std::collections::BTreeMap;

use super::{Apps, Side, Spot};
use crate::release::explain::Because;
use crate::release::platform::{PerPlatform, Platform};
use crate::release::policy::{Override, What, Who};
use crate::release::table::{App, Release};

/// An override that gives something else than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reassigned<'t> {
    /// Their app.
    pub app: &'t str,
    /// Whom it names.
    pub who: &'t Who,
    /// What it gave; `None`: nobody named them.
    pub from: Option<&'t What>,
    /// What it gives.
    pub to: Option<&'t What>,
    /// The release that it listed alone, where it gave a version.
    pub was: Option<&'t Release>,
    /// The release that it lists alone, where it gives a version.
    pub is: Option<&'t Release>,
    /// The override, in the new table where it is there, else in the old one.
    pub at: Spot<'t>,
}

/// Overrides of one app that give something else.
pub(super) fn reassigned<'t>(apps: &Apps<'t>) -> Vec<Reassigned<'t>> {
    let (old, new) = (apps.old.map(effective).unwrap_or_default(), apps.new.map(effective).unwrap_or_default());
    // where several name one device the first counts, so their order does too
    let order = |all: &[Entry<'t>], other: &[Entry<'t>]| -> Vec<Key<'t>> {
        all.iter().map(|entry| key(entry.who)).filter(|who| other.iter().any(|entry| key(entry.who) == *who)).collect()
    };
    let is_turned = order(&old, &new) != order(&new, &old);
    let (before, after) = (by_who(&old), by_who(&new));
    let mut found = Vec::new();
    for who in before.keys().chain(after.keys().filter(|who| !before.contains_key(*who))) {
        let (old, new) = (before.get(who), after.get(who));
        if is_turned || apps.may_take_back_otherwise(new) || !same(old, new) {
            let first = |all: Option<&Vec<Entry<'t>>>| all.and_then(|all| all.first()).copied();
            let (old, new) = (first(old), first(new));
            let side = if new.is_some() { Side::New } else { Side::Old };
            let Some(entry) = new.or(old) else { continue };
            let at = Spot { side, channel: "", version: "", because: Because::Override(entry.at) };
            let what = |entry: Option<Entry<'t>>| entry.map(|entry| entry.what);
            let release = |entry: Option<Entry<'t>>| entry.and_then(|entry| entry.release);
            let (from, to, was, is) = (what(old), what(new), release(old), release(new));
            found.push(Reassigned { app: apps.id, who: entry.who, from, to, was, is, at });
        }
    }
    found
}

/// An override that is not passed over.
#[derive(Clone, Copy)]
struct Entry<'t> {
    at: usize,
    who: &'t Who,
    what: &'t What,
    release: Option<&'t Release>,
}

type Key<'t> = (u8, &'t [u8]);

fn key(who: &Who) -> Key<'_> {
    match who {
        Who::Device(id) => (0, id.as_bytes()),
        Who::DeviceSha256(hash) => (1, hash),
        Who::CustomId(id) => (2, id.as_bytes()),
    }
}

/// Those of an app that have an effect, in their order.
fn effective<'t>(app: &'t App) -> Vec<Entry<'t>> {
    let entry = |(at, entry): (usize, &'t Override)| {
        let Override { who, what } = entry;
        let release = match what {
            What::Channel(_) => None,
            What::Version(name) => Some(app.release(name).filter(|release| release.descriptor.yanked.is_none())?),
        };
        Some(Entry { at, who, what, release })
    };
    app.policy.overrides.iter().enumerate().filter_map(entry).collect()
}

/// For each who, what counts of theirs: the first version, and the first channel.
fn by_who<'t>(entries: &[Entry<'t>]) -> BTreeMap<Key<'t>, Vec<Entry<'t>>> {
    let mut all: BTreeMap<Key<'t>, Vec<Entry<'t>>> = BTreeMap::new();
    for entry in entries {
        let of_who = all.entry(key(entry.who)).or_default();
        let is_over = of_who.iter().any(|before| before.release.is_none());
        if !is_over && (entry.release.is_none() || of_who.is_empty()) {
            of_who.push(*entry);
        }
    }
    all
}

fn same(old: Option<&Vec<Entry<'_>>>, new: Option<&Vec<Entry<'_>>>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return false };
    let of = |entry: &Entry<'_>| {
        entry
            .release
            .map(|release| (release.descriptor.native.clone(), release.descriptor.platforms, release.bundles.clone()))
    };
    old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.what == b.what && of(a) == of(b))
}

impl Apps<'_> {
    /// Whether who is named by an override with a version that may not be for them may be sent to builtin now, or no
    /// longer, for what else they run.
    fn may_take_back_otherwise(&self, entries: Option<&Vec<Entry<'_>>>) -> bool {
        let (Some(old), Some(new)) = (self.old, self.new) else { return false };
        let of_version = entries.into_iter().flatten().find_map(|entry| entry.release);
        let is_for_all = |release: &Release| {
            let native = &release.descriptor.native;
            Platform::ALL.into_iter().all(|platform| release.serves(platform) && native.get(platform).is_none())
        };
        of_version.is_some_and(|release| !is_for_all(release)) && takes_back_otherwise(old, new)
    }
}

fn takes_back_otherwise(old: &App, new: &App) -> bool {
    let rules = |app: &App, name: &str| -> Option<(bool, PerPlatform<bool>, PerPlatform<Option<semver::VersionReq>>)> {
        let descriptor = &app.release(name)?.descriptor;
        let platforms = PerPlatform::from_fn(|platform| descriptor.platforms.contains(platform));
        Some((descriptor.yanked.is_some(), platforms, descriptor.native.clone()))
    };
    let releases = old.releases().chain(new.releases()).map(|release| &*release.name);
    let mut names = releases.chain(old.withdrawn()).chain(new.withdrawn());
    names.any(|name| rules(old, name) != rules(new, name) || old.is_withdrawn(name) != new.is_withdrawn(name))
}
