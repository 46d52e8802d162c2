//! The decision: a table, a device and a time give an answer. A line a rule.

pub use super::choose::By;
use super::choose::{Chosen, choose, served_platform};
use super::device::{Device, Running};
use super::entry::Entrant;
use super::fits::{Limits, fits};
use super::native::meets;
use super::opening::{Gate, opens};
use super::platform::Platform;
use super::policy::{Pin, StayWithin};
pub use super::refusal::Refusal;
use super::rollout::{Percent, Position};
use super::table::{App, Bundle, Release, Table};
use super::tags::ReleaseTag;
use super::time::Timestamp;

/// What a device is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'t> {
    /// Install this release; it may be lower than the current one.
    Offer {
        /// The release.
        release: &'t Release,
        /// Its bytes for the device's platform.
        bundle: &'t Bundle,
    },
    /// It runs the best that it may have.
    UpToDate,
    /// Go back to the bundle that came with the app.
    Builtin,
    /// Nothing for it.
    Refused {
        /// The first rule that said no.
        why: Refusal,
        /// The release that the rule withheld, where it was a matter of one.
        withheld: Option<&'t Release>,
    },
}

/// Why a device cannot stay with what it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It was once on the line, and is gone.
    Withdrawn,
    /// Its descriptor takes it back.
    Yanked,
    /// It is not for the platform.
    Platforms,
    /// Its `native` does not hold.
    Native,
}

/// A device in its channel: all that it takes to judge a release.
#[derive(Clone, Copy)]
pub(super) struct Asked<'t, 'd> {
    pub app: &'t App,
    pub chosen: Chosen<'t>,
    pub platform: Platform,
    device: &'d Device<'d>,
    now: Timestamp,
}

/// Decides which release a device gets.
pub fn decide<'t>(table: &'t Table, device: &Device<'_>, now: Timestamp) -> Decision<'t> {
    let decision = choose(table, device).and_then(|(app, chosen)| Asked::new(app, chosen, device, now)?.decide());
    decision.unwrap_or_else(|why| Decision::Refused { why, withheld: None })
}

impl<'t, 'd> Asked<'t, 'd> {
    /// Where the channel serves the device at all.
    pub fn new(
        app: &'t App,
        chosen: Chosen<'t>,
        device: &'d Device<'d>,
        now: Timestamp,
    ) -> Result<Asked<'t, 'd>, Refusal> {
        let platform = served_platform(chosen.channel, device)?;
        Ok(Asked { app, chosen, platform, device, now })
    }

    /// As if the channel served the device, where anybody serves its platform.
    pub fn as_if_served(app: &'t App, chosen: Chosen<'t>, device: &'d Device<'d>, now: Timestamp) -> Option<Self> {
        Some(Asked { app, chosen, platform: device.platform?, device, now })
    }

    /// What the device is told.
    pub fn decide(&self) -> Result<Decision<'t>, Refusal> {
        if self.chosen.only.is_none() && self.chosen.channel.policy.pin == Some(Pin::Builtin) {
            return Ok(to_builtin(self.device));
        }
        let withheld = match self.best() {
            Ok(target) => return offer(target, self.platform, self.device),
            Err(withheld) => withheld,
        };
        if self.leaving().is_some() {
            return Ok(Decision::Builtin);
        }
        let (withheld, why) = withheld.ok_or(Refusal::NothingListed)?;
        Ok(Decision::Refused { why, withheld: Some(withheld) })
    }

    /// The highest release that the device may have, or why it may not have the highest that is listed, where one is.
    pub fn best(&self) -> Result<&'t Release, Option<(&'t Release, Refusal)>> {
        if let Some((release, _)) = self.chosen.only {
            let listed = Some(release).filter(|release| release.serves(self.platform)).ok_or(None)?;
            return self.verdict(listed, &Gate::default()).map(|()| listed).map_err(|why| Some((listed, why)));
        }
        let channel = self.chosen.channel;
        let fitting = channel.fitting(self.platform, &self.device.native);
        let best = self.entrant().first(fitting, |listing| self.runs(&listing.release));
        best.map(|listing| &*listing.release).ok_or_else(|| {
            let highest = channel.listed(self.platform).first()?;
            let why = self.verdict(&highest.release, &highest.gate).err()?;
            Some((&*highest.release, why))
        })
    }

    /// What refuses whoever does not run a release, where the device does.
    pub fn refuses_others(&self, release: &Release, gate: &Gate) -> Option<Refusal> {
        self.runs(release).then(|| self.entrant().enters(gate).err()).flatten()
    }

    /// When the steps begin that let the first in, where that is yet to come.
    pub fn begins(&self, gate: &Gate) -> Option<Timestamp> {
        let rollout = gate.rollout.as_ref().filter(|rollout| rollout.fixed == Percent::NONE)?;
        let (_, start) = rollout.steps.as_ref()?;
        Some(*start).filter(|start| self.now < *start)
    }

    /// Why the device cannot stay with what it runs.
    pub fn leaving(&self) -> Option<Leaving> {
        leaving(self.app, self.platform, self.device)
    }

    /// What the channel asks; nothing of the one release of an override.
    fn limits(&self) -> Limits {
        match self.chosen.only {
            Some(_) => Limits { stay_within: StayWithin::Any, below_native: true },
            None => Limits::of(&self.chosen.channel.policy),
        }
    }

    /// Whether a listed release may be this device's, by the rules in the order in which they are named.
    pub fn verdict(&self, release: &Release, gate: &Gate) -> Result<(), Refusal> {
        fits(self.limits(), release, self.platform, &self.device.native)?;
        if self.runs(release) { Ok(()) } else { self.entrant().enters(gate) }
    }

    /// Whether the device runs a release. What it runs passes every gate: gates hold entry only, and never evict.
    fn runs(&self, release: &Release) -> bool {
        self.device.running == Running::Release(&release.name)
    }

    fn entrant(&self) -> Entrant<'_> {
        let channel = &self.chosen.channel.policy.name;
        Entrant { app: self.device.app, channel, device_id: &self.device.id, now: self.now }
    }

    /// How many one tag alone lets in now.
    pub fn percent_of(&self, release: &Release, tag: &ReleaseTag) -> Percent {
        let policy = &self.chosen.channel.policy;
        let gate = opens(&self.app.policy, policy, release, self.platform, std::slice::from_ref(tag));
        let rollout = gate.map(|gate| gate.rollout);
        rollout.map_or(Percent::NONE, |rollout| rollout.map_or(Percent::ALL, |rollout| rollout.percent(self.now)))
    }

    /// Where the device stands in the rollout of a release, and how many are let in now. `None`: it has no id that stays.
    pub fn share(&self, release: &Release, gate: &Gate) -> (Option<Position>, Percent) {
        let percent = gate.rollout.as_ref().map_or(Percent::ALL, |rollout| rollout.percent(self.now));
        (self.entrant().position(release.draw()), percent)
    }
}

fn offer<'t>(target: &'t Release, platform: Platform, device: &Device<'_>) -> Result<Decision<'t>, Refusal> {
    let has_it = match device.running {
        Running::Release(name) => name == &*target.name,
        Running::Builtin => device.version_build == &*target.name,
    };
    if has_it {
        return Ok(Decision::UpToDate);
    }
    let bundle = target.bundles.get(platform).as_deref().ok_or(Refusal::NothingListed)?;
    Ok(Decision::Offer { release: target, bundle })
}

fn to_builtin<'t>(device: &Device<'_>) -> Decision<'t> {
    if device.running == Running::Builtin { Decision::UpToDate } else { Decision::Builtin }
}

/// Why a device cannot stay with what it runs: that was taken back, or refuses it. A version that was never on the line is
/// left alone: moving here from another server must not reset a fleet.
fn leaving(app: &App, platform: Platform, device: &Device<'_>) -> Option<Leaving> {
    let Running::Release(name) = device.running else {
        return None;
    };
    let Some(release) = app.release(name) else {
        return app.is_withdrawn(name).then_some(Leaving::Withdrawn);
    };
    let descriptor = &release.descriptor;
    let refuses = |native| descriptor.native.get(platform).as_ref().is_some_and(|req| !meets(native, req));
    if descriptor.yanked.is_some() {
        return Some(Leaving::Yanked);
    }
    if !descriptor.platforms.contains(platform) {
        return Some(Leaving::Platforms);
    }
    device.native.known().is_some_and(refuses).then_some(Leaving::Native)
}
