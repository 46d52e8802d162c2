//! What a change of the table changes for devices: who would get what instead of what, and what starts by itself later.
//!
//! Each pair of channels is compared lane by lane of native versions. What a lane gives to a device that runs nothing of it
//! is a *ladder*: releases from the highest down, each with the share of devices that it lets in now. Two ladders tell
//! exactly which share of devices gets what instead of what. A device that runs a release of the lane keeps it where it
//! is not in a higher one; a device whose release leaves or comes back to the lane is told of in rows of its own.

mod access;
mod cause;
mod clock;
mod compare;
mod default_channel;
mod headline;
pub(super) mod joint;
mod keeps;
pub(super) mod ladder;
mod leaving;
pub(super) mod natives;
mod overrides;
mod share;
mod subject;
mod why;

use super::decide::Refusal;
use super::explain::Because;
use super::platform::Platform;
use super::side_by_side::{Apps, differing};
use super::table::Table;
use super::time::Timestamp;
pub use clock::{Effect, Later, Skipped, effects, skips};
pub use default_channel::NewDefault;
pub use headline::{Does, Headline, Headlines, Idle};
pub use natives::Natives;
pub use overrides::Reassigned;
pub use share::Share;
pub use why::Why;

/// What differs between two tables, for devices.
#[derive(Debug, Default)]
pub struct Plan<'t> {
    /// Who gets what instead of what, by app, channel, platform and native version.
    pub changes: Vec<Change<'t>>,
    /// Apps that have another default channel.
    pub defaults: Vec<NewDefault<'t>>,
    /// Devices that are named by an override which comes, goes, or means something else.
    pub overrides: Vec<Reassigned<'t>>,
    /// What starts by itself, of what differs, by its time.
    pub later: Vec<Later<'t>>,
    /// What would have started by itself, and does not, or only for fewer devices.
    pub off: Vec<Later<'t>>,
    /// Tags that are new, each with what it lets in now.
    pub effects: Vec<Effect<'t>>,
    /// Rollouts that leave out a step.
    pub skipped: Vec<Skipped<'t>>,
}

impl Plan<'_> {
    /// Whether nothing is otherwise for any device, neither now nor by itself later.
    pub fn is_empty(&self) -> bool {
        let nothing_now = self.changes.is_empty() && self.defaults.is_empty() && self.overrides.is_empty();
        nothing_now && self.later.is_empty() && self.off.is_empty()
    }
}

/// Some devices get something else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'t> {
    /// Their app.
    pub app: &'t str,
    /// Their channel.
    pub channel: &'t str,
    /// Their platform.
    pub platform: Platform,
    /// Their native versions.
    pub native: Natives,
    /// Which of them, and what.
    pub row: Row<'t>,
}

/// Which devices of a lane get what instead of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'t> {
    /// Which devices of the channel.
    pub who: Who,
    /// What they run.
    pub runs: Runs<'t>,
    /// What they got, or had.
    pub from: Gets<'t>,
    /// What they get from now on.
    pub to: Gets<'t>,
    /// How many of those devices.
    pub share: Share,
    /// Why.
    pub why: Why,
    /// What decided, where somebody wrote it.
    pub at: Option<Spot<'t>>,
    /// What decided as well, where neither alone explains it.
    pub also: Option<(Why, Spot<'t>)>,
}

/// Which devices of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Those that are in it, however they came to it.
    In(Kind),
    /// Those that are in it before and after, but for those that name none, for which it was the default or is now: those
    /// that name it, and those that an override puts there.
    Staying(Kind),
    /// Those that name it.
    Naming,
    /// Those that name none, for which it is the default now.
    Unnamed(Kind),
}

/// Kinds of devices that a channel may shut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Every kind.
    Any,
    /// Store builds.
    Prod,
    /// Development builds.
    Dev,
    /// Real devices.
    Real,
    /// Emulators.
    Emulator,
}

/// What the devices of a row run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs<'t> {
    /// Anything that the lane does not list, or lists below what they get.
    Any,
    /// That version.
    Version(&'t str),
    /// A version that was withdrawn or yanked, or that is not for the device's platform or native version.
    TakenBack,
}

/// What a device gets, or goes on having.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gets<'t> {
    /// Nothing: what it runs, it goes on running.
    Nothing,
    /// The bundle that came with the app.
    Builtin,
    /// That version.
    Version(&'t str),
    /// Its channel does not serve it.
    Refused(Refusal),
}

/// One of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The table before.
    Old,
    /// The table after.
    New,
}

/// Something that somebody wrote in one of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot<'t> {
    /// Where to look.
    pub side: Side,
    /// The channel that a key of a channel belongs to; empty for a key of the app.
    pub channel: &'t str,
    /// The version that a key of a release belongs to.
    pub version: &'t str,
    /// What was written.
    pub because: Because<'t>,
}

/// Compares two tables at a time. `None`: there was none before.
pub fn plan<'t>(old: Option<&'t Table>, new: &'t Table, now: Timestamp) -> Plan<'t> {
    let mut plan = Plan::default();
    for apps in differing(old, new) {
        let changes = access::changes(&apps, now);
        plan.defaults.extend(default_channel::told(&apps, &changes));
        plan.changes.extend(changes);
        plan.overrides.extend(overrides::reassigned(&apps));
        plan.off.extend(apps.old.into_iter().flat_map(|old| clock::off(old, apps.new, now)));
        if let Some(new) = apps.new {
            plan.later.extend(clock::later(apps.old, new, now));
            plan.effects.extend(clock::effects(apps.old, new, now));
            plan.skipped.extend(clock::skips(apps.old, new, now));
        }
    }
    for starts in [&mut plan.later, &mut plan.off] {
        starts.sort_by(|a, b| (a.when, a.app, a.channel).cmp(&(b.when, b.app, b.channel)));
    }
    plan
}
