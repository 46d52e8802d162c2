//! A plan against the decisions before and after: whoever is told something else is in it.

use proptest::prelude::*;
use semver::Version;

use super::oracle::names;
use super::worlds::{Check, World, pairs};
use crate::release::channel::{Channel, Listing};
use crate::release::choose::{arrive, choose};
use crate::release::decide::{By, Decision, Refusal, decide};
use crate::release::device::{Device, Running};
use crate::release::native::{Native, meets};
use crate::release::plan::{Change, Gets, Kind, Natives, Plan, Runs, Who, plan};
use crate::release::platform::Platform;
use crate::release::table::{App, Table};

/// What a decision means for a device.
pub(super) fn gets<'t>(decision: &Decision<'t>) -> Gets<'t> {
    match decision {
        Decision::Offer { release, .. } => Gets::Version(&release.name),
        Decision::Builtin => Gets::Builtin,
        Decision::Refused { why, .. } if shuts_out(why) => Gets::Refused(*why),
        Decision::UpToDate | Decision::Refused { .. } => Gets::Nothing,
    }
}

/// Whether a channel does not serve the device at all.
fn shuts_out(why: &Refusal) -> bool {
    matches!(
        why,
        Refusal::UnknownApp
            | Refusal::UnknownChannel
            | Refusal::PrivateChannel
            | Refusal::Platform(_)
            | Refusal::ProdBuild
            | Refusal::DevBuild
            | Refusal::RealDevice
            | Refusal::Emulator
    )
}

/// A device before and after.
struct Case<'a> {
    device: &'a Device<'a>,
    platform: Platform,
    old: (&'a Table, Gets<'a>),
    new: (&'a Table, Gets<'a>),
}

impl Case<'_> {
    /// The channel that the device is in, and how it came to it.
    fn channel<'t>(&self, table: &'t Table) -> Option<(&'t App, &'t Channel, By)> {
        let (app, chosen) = choose(table, self.device).ok()?;
        Some((app, chosen.channel, arrive(app, self.device).by))
    }

    /// The name of its channel there, or the one that it asks for.
    fn channel_name<'t>(&'t self, table: &'t Table) -> &'t str {
        self.channel(table).map_or(self.device.default_channel, |(_, channel, _)| &channel.policy.name)
    }

    /// No device runs a release that was never there before.
    fn can_be(&self) -> bool {
        let Running::Release(name) = self.device.running else { return true };
        let has = |table: &Table| table.app(self.device.app).is_some_and(|app| app.release(name).is_some());
        let gone = |table: &Table| table.app(self.device.app).is_some_and(|app| app.is_withdrawn(name));
        has(self.old.0) || gone(self.old.0) || !has(self.new.0) && !gone(self.new.0)
    }

    fn is_covered(&self, plan: &Plan<'_>) -> bool {
        let named = |table: &Table| {
            let app = table.app(self.device.app)?;
            Some(app.policy.overrides.iter().any(|entry| names(&entry.who, self.device)))
        };
        let overridden = plan.overrides.iter().any(|change| names(change.who, self.device));
        overridden && (named(self.old.0) == Some(true) || named(self.new.0) == Some(true))
            || plan.changes.iter().any(|change| self.is_in(change))
    }

    fn is_in(&self, change: &Change<'_>) -> bool {
        change.app == self.device.app
            && (change.platform == self.platform || is_about_all(&change.row.to) || is_about_all(&change.row.from))
            && self.is_in_channel(change)
            && self.has_native(change)
            && self.runs(change)
            && self.gets(change)
            && self.is_told_of_its_own(change)
    }

    fn is_in_channel(&self, change: &Change<'_>) -> bool {
        let device = self.device;
        let channels = [self.channel_name(self.old.0), self.channel_name(self.new.0)];
        match change.row.who {
            // of an app that comes or goes, and was never asked for a channel that it has
            _ if is_about_app(&change.row.to) || is_about_app(&change.row.from) => true,
            Who::In(kind) | Who::Staying(kind) => channels == [change.channel; 2] && self.is_of(kind),
            Who::Naming => device.default_channel == change.channel,
            Who::Unnamed(kind) => {
                device.default_channel.is_empty() && channels[1] == change.channel && self.is_of(kind)
            }
        }
    }

    fn is_of(&self, kind: Kind) -> bool {
        match kind {
            Kind::Any => true,
            Kind::Prod => self.device.is_prod,
            Kind::Dev => !self.device.is_prod,
            Kind::Real => !self.device.is_emulator,
            Kind::Emulator => self.device.is_emulator,
        }
    }

    fn has_native(&self, change: &Change<'_>) -> bool {
        match (&self.device.native, &change.native) {
            (_, Natives::Unreadable) => self.device.native == Native::Unreadable,
            (Native::Known(native), requirement) => {
                meets(native, &requirement.to_string().parse().expect("a requirement"))
            }
            (Native::Unreadable, requirement) => *requirement == Natives::ALL,
        }
    }

    fn is_shut_out(&self) -> bool {
        [self.old.1, self.new.1].iter().any(|gets| matches!(gets, Gets::Refused(_)))
    }

    fn runs(&self, change: &Change<'_>) -> bool {
        match (change.row.runs, self.device.running) {
            (Runs::Any, _) => true,
            (Runs::Version(name), Running::Release(runs)) => name == runs,
            (Runs::TakenBack, Running::Release(_)) => true,
            (_, Running::Builtin) => false,
        }
    }

    /// A device that is sent to builtin is told so, and one that was to go down and keeps what it runs is told that.
    fn is_told_of_its_own(&self, change: &Change<'_>) -> bool {
        let row = &change.row;
        match (self.old.1, self.new.1, self.device.running) {
            (_, Gets::Builtin, _) => row.to == Gets::Builtin,
            (Gets::Version(lower), Gets::Nothing, Running::Release(name)) if is_below(lower, name) => {
                row.runs == Runs::Version(name) && row.to == Gets::Version(name)
                    || !self.keeps(self.new.0, Gets::Nothing)
            }
            _ => true,
        }
    }

    /// Whether the device had and gets what a row says. Who was shut out, and is so for another reason now, had one of the
    /// two: rows of all tell nothing of those whom a switch shuts out before and after.
    fn gets(&self, change: &Change<'_>) -> bool {
        let (had, gets) = (self.had(change.row.from), self.now_gets(change.row.to));
        let is_out = |gets: &Gets<'_>| matches!(gets, Gets::Refused(_));
        if is_out(&self.old.1) && is_out(&self.new.1) { had || gets } else { had && gets }
    }

    /// Whether the device had what a row says, before.
    fn had(&self, from: Gets<'_>) -> bool {
        let (table, gets) = self.old;
        self.is(from, table, gets)
    }

    fn now_gets(&self, to: Gets<'_>) -> bool {
        let (table, gets) = self.new;
        self.is(to, table, gets)
    }

    /// A device that runs something which its channel lists has that where the row says something lower; one whose release
    /// was taken back is sent to builtin where the row gives nothing.
    fn is(&self, row: Gets<'_>, table: &Table, gets: Gets<'_>) -> bool {
        let running = match self.device.running {
            Running::Release(name) => Some(name),
            Running::Builtin => None,
        };
        // what an override lists for a device, its channel opens and shuts all the same
        let is_apart = || choose(table, self.device).is_ok_and(|(_, chosen)| chosen.only.is_some());
        match (row, gets) {
            (row, gets) if row == gets => true,
            (Gets::Refused(_), _) | (_, Gets::Refused(_)) => false,
            _ if self.is_shut_out() && is_apart() => true,
            // up to date with what the row gives
            (Gets::Version(name), Gets::Nothing) if running == Some(name) => true,
            (Gets::Version(name), Gets::Nothing) if running.is_none() && self.device.version_build == name => true,
            (Gets::Builtin, Gets::Nothing) => running.is_none(),
            // it runs something higher, that is listed and fits it
            (Gets::Version(_) | Gets::Nothing, Gets::Nothing) => self.keeps(table, row),
            // a device that runs something which is taken back
            (Gets::Nothing, Gets::Builtin) => running.is_some_and(|name| self.is_taken_back(table, name)),
            // what a device ran that leaves its channel; another row says what it was offered
            _ => false,
        }
    }

    fn is_taken_back(&self, table: &Table, name: &str) -> bool {
        let Some(app) = table.app(self.device.app) else { return false };
        let Some(release) = app.release(name) else { return app.is_withdrawn(name) };
        let native = self.device.native.known();
        let refuses = release.descriptor.native.get(self.platform).as_ref().zip(native);
        release.descriptor.yanked.is_some()
            || !release.descriptor.platforms.contains(self.platform)
            || refuses.is_some_and(|(requirement, native)| !meets(native, requirement))
    }

    /// Whether the device's own release is listed there, and above what a row says.
    fn keeps(&self, table: &Table, row: Gets<'_>) -> bool {
        let (Some((_, channel, _)), Running::Release(name)) = (self.channel(table), self.device.running) else {
            return false;
        };
        let Ok(version) = name.parse() else { return false };
        let fits = |listing: &Listing| channel.is_for(&listing.release, self.platform, &self.device.native);
        let is_listed = channel.listing(self.platform, name, &version).is_some_and(fits);
        let is_above = match row {
            Gets::Version(lower) => is_below(lower, name),
            _ => true,
        };
        is_listed && is_above
    }
}

fn is_below(lower: &str, name: &str) -> bool {
    let versions = lower.parse().ok().zip(name.parse().ok());
    versions.is_some_and(|(lower, version): (Version, Version)| version.cmp_precedence(&lower).is_gt())
}

fn is_about_app(gets: &Gets<'_>) -> bool {
    *gets == Gets::Refused(Refusal::UnknownApp)
}

/// Shut out by one switch of its channel: that another one would do the same, after that, is all one to a device.
fn is_switch(gets: &Gets<'_>) -> bool {
    matches!(gets, Gets::Refused(_)) && !is_about_all(gets)
}

/// A refusal that comes before the platform is asked for.
fn is_about_all(gets: &Gets<'_>) -> bool {
    matches!(gets, Gets::Refused(Refusal::UnknownApp | Refusal::UnknownChannel | Refusal::PrivateChannel))
}

fn covered(old: &World, new: &World, checks: &[Check]) -> Result<(), TestCaseError> {
    let (before, after) = (old.table(), new.table());
    for check in checks {
        let device = check.device();
        let Some(platform) = device.platform else { continue };
        let plan = plan(Some(&before), &after, check.now);
        let (had, has) = (decide(&before, &device, check.now), decide(&after, &device, check.now));
        let case = Case { device: &device, platform, old: (&before, gets(&had)), new: (&after, gets(&has)) };
        if case.old.1 != case.new.1 && case.can_be() && !(is_switch(&case.old.1) && is_switch(&case.new.1)) {
            prop_assert!(
                case.is_covered(&plan),
                "{had:?}\n{has:?}\n{check:?}\n{plan:#?}\n{:#?}\n{:#?}",
                old.policy,
                new.policy
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn whoever_is_told_something_else_is_in_the_plan((old, new, checks) in pairs()) {
        covered(&old, &new, &checks)?;
    }

    #[test]
    fn nothing_changes_where_nothing_differs((world, _, checks) in pairs()) {
        for check in &checks {
            let (before, after) = (world.table(), world.table());
            let plan = plan(Some(&before), &after, check.now);
            prop_assert!(plan.is_empty() && plan.effects.is_empty() && plan.skipped.is_empty(), "{plan:#?}");
        }
    }
}
