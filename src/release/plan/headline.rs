//! What a tag that comes or goes does to its release now, at a glance; and where that is nothing, why.
//!
//! A tag is judged by the table after: with it against without it. So of several that come or go at once each is told of
//! for itself, and one that another covers does nothing.

use std::collections::{HashMap, HashSet};

use super::cause::alone;
use super::{Gets, Plan, Runs};
use crate::release::channel::{Channel, Listing};
use crate::release::opening::{Gate, opens, pin_allows};
use crate::release::platform::{Platform, PlatformSet};
use crate::release::policy::Pin;
use crate::release::rollout::Percent;
use crate::release::span::Span;
use crate::release::table::{App, Release, Table};
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;

/// A tag that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline<'t> {
    /// Its app.
    pub app: &'t str,
    /// The tag.
    pub tag: &'t ReleaseTag,
    /// What it does, and on which platforms; each platform once at most.
    pub parts: Vec<(PlatformSet, Does<'t>)>,
}

/// What a tag that comes does now, or one that goes did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does<'t> {
    /// Its release is open to other devices than before.
    Opens {
        /// To so many before; `None`: it was not open, or halted.
        from: Option<Percent>,
        /// To so many from now on; `None`: it is not open any more.
        to: Option<Percent>,
    },
    /// It stops its release, which was open to so many.
    Halts(Percent),
    /// It stops its release no longer, which is open to so many.
    Resumes(Percent),
    /// Only devices that run its release see it: they keep it for the tag, or do no longer. It lets in nobody.
    Keeps(Idle<'t>),
    /// No device gets anything else.
    Nothing(Idle<'t>),
}

/// Why a tag does nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle<'t> {
    /// It was there before, and did the same.
    Same,
    /// There is no such app any more.
    NoApp,
    /// The app has no such channel any more.
    NoChannel,
    /// The app has no such release.
    NoRelease,
    /// The release was withdrawn.
    Withdrawn,
    /// The release is yanked.
    Yanked,
    /// The release may not go to the channel.
    Elsewhere,
    /// The branch opens everything in the channel.
    NoTags,
    /// The channel is pinned to something else.
    Pinned(&'t Pin),
    /// The release and the channel have no platform in common.
    Platform,
    /// Its commit has not the bundle that is served.
    OtherBytes,
    /// That other tag stops the release.
    Halted(&'t str),
    /// Nobody enters before.
    NotBefore(Timestamp),
    /// The steps of the release begin then.
    Starts(Timestamp),
    /// It lets nobody in.
    Nobody,
    /// That other tag opens the release to as many or more.
    Covered(&'t str, Percent),
    /// The release is not open there, so there is nothing to halt.
    NotOpen,
    /// The release fits no native version there.
    NoNative,
    /// Everyone whom the release fits gets that one, which is higher.
    Behind(&'t str),
}

/// Tells of tags by their names.
pub struct Headlines<'t> {
    old: HashMap<&'t str, (&'t App, &'t ReleaseTag)>,
    new: HashMap<&'t str, (&'t App, &'t ReleaseTag)>,
    apps: HashMap<&'t str, [Option<&'t App>; 2]>,
    /// What some device gets otherwise than before: by app, channel, platform and version.
    seen: HashSet<(&'t str, &'t str, Platform, &'t str)>,
    now: Timestamp,
}

impl<'t> Headlines<'t> {
    /// Of a plan and the tables that it compares.
    pub fn new(plan: &Plan<'t>, old: Option<&'t Table>, new: &'t Table, now: Timestamp) -> Headlines<'t> {
        let mut apps: HashMap<&str, [Option<&App>; 2]> = HashMap::new();
        for (at, app) in old.into_iter().flat_map(Table::apps).map(|app| (0, app)).chain(new.apps().map(|app| (1, app)))
        {
            if let Some(slot) = apps.entry(&app.policy.id).or_default().get_mut(at) {
                *slot = Some(app);
            }
        }
        let seen = plan.changes.iter().flat_map(|change| {
            let row = &change.row;
            let runs = if let Runs::Version(version) = row.runs { Some(version) } else { None };
            let versions = [version(row.from), version(row.to), runs].into_iter().flatten();
            versions.map(|version| (change.app, change.channel, change.platform, version))
        });
        Headlines { old: old.map(by_name).unwrap_or_default(), new: by_name(new), seen: seen.collect(), apps, now }
    }

    /// A tag of that name that comes, or is moved; `None`: the table after knows no such tag.
    pub fn of_new(&self, name: &str) -> Option<Headline<'t>> {
        let (app, tag) = *self.new.get(name)?;
        Some(self.told(app, tag, |view| self.comes(view, tag)))
    }

    /// A tag of that name that goes; `None`: the table before knew no such tag.
    pub fn of_gone(&self, name: &str) -> Option<Headline<'t>> {
        let (app, tag) = *self.old.get(name)?;
        Some(self.told(app, tag, |view| self.goes(view, tag)))
    }

    /// The same on several platforms as one; platforms that are none of its business are left out.
    fn told(&self, app: &'t App, tag: &'t ReleaseTag, does: impl Fn(&View<'t>) -> Does<'t>) -> Headline<'t> {
        let apps = self.apps.get(&*app.policy.id).copied().unwrap_or_default();
        let mut parts: Vec<(PlatformSet, Does<'t>)> = Vec::new();
        for platform in Platform::ALL {
            let does = match View::of(apps, tag, platform, self.now) {
                Ok(view) => view.idle(tag).map_or_else(|| self.or_keeps(&view, tag, does(&view)), Does::Nothing),
                Err(why) => Does::Nothing(why),
            };
            match parts.iter_mut().find(|(_, same)| *same == does) {
                Some((platforms, _)) => {
                    platforms.insert(platform);
                }
                None => parts.push(([platform].into_iter().collect(), does)),
            }
        }
        if parts.len() > 1 {
            parts.retain(|(_, does)| *does != Does::Nothing(Idle::Platform));
        }
        // what it does comes first
        parts.sort_by_key(|(_, does)| matches!(does, Does::Nothing(_)));
        Headline { app: &app.policy.id, tag, parts }
    }

    fn comes(&self, view: &View<'t>, tag: &'t ReleaseTag) -> Does<'t> {
        let with = view.tags();
        let without: Vec<ReleaseTag> = with.iter().filter(|other| other.name != tag.name).cloned().collect();
        let (without, with) = (view.gate(&without), view.gate(with));
        let was_there = self.old.get(&*tag.name).is_some_and(|(_, old)| match tag.says {
            // steps may go by another date
            Says::Open => *old == tag,
            says => old.says == says && old.channel == tag.channel && old.version == tag.version,
        });
        let to = share(with.as_ref(), self.now);
        if was_there && view.before == with.as_ref().map(|gate| gate.percent(self.now)) {
            return Does::Nothing(Idle::Same);
        }
        let is_halt = tag.says == Says::Halt;
        let does = match (is_halt, without) {
            (true, None) => return Does::Nothing(Idle::NotOpen),
            (_, Some(gate)) if gate.halted => return Does::Nothing(view.halted(tag)),
            (true, Some(gate)) => Does::Halts(gate.share(self.now)),
            (false, None) if with.is_some_and(|gate| gate.halted) => return Does::Nothing(view.halted(tag)),
            (false, gate) if share(gate.as_ref(), self.now).unwrap_or(Percent::NONE) == to.unwrap_or(Percent::NONE) => {
                return Does::Nothing(view.no_more(tag));
            }
            (false, _) => Does::Opens { from: view.before, to },
        };
        self.if_seen(view, does)
    }

    fn goes(&self, view: &View<'t>, tag: &'t ReleaseTag) -> Does<'t> {
        let with: Vec<ReleaseTag> = view.tags().iter().chain([tag]).cloned().collect();
        let (without, with) = (view.gate(view.tags()), view.gate(&with));
        let (from, to) = (share(with.as_ref(), self.now), share(without.as_ref(), self.now));
        let is_halt = tag.says == Says::Halt;
        let does = match (is_halt, without) {
            (true, None) => return Does::Nothing(Idle::NotOpen),
            (_, Some(gate)) if gate.halted => return Does::Nothing(view.halted(tag)),
            (true, Some(gate)) if gate.share(self.now) == Percent::NONE => {
                return Does::Nothing(view.waits(&gate));
            }
            (true, Some(gate)) => Does::Resumes(gate.share(self.now)),
            (false, _) if from == to => return Does::Nothing(view.no_more(tag)),
            (false, _) => Does::Opens { from: view.before, to },
        };
        self.if_seen(view, does)
    }

    /// A tag that lets in nobody may still be what its release is listed by.
    fn or_keeps(&self, view: &View<'t>, tag: &ReleaseTag, does: Does<'t>) -> Does<'t> {
        match does {
            Does::Nothing(why @ (Idle::Halted(_) | Idle::Nobody | Idle::NotBefore(_) | Idle::Starts(_)))
                if self.sees(view) && view.is_listed_by(tag) =>
            {
                Does::Keeps(why)
            }
            does => does,
        }
    }

    /// Whether some device gets something else for the release.
    fn sees(&self, view: &View<'t>) -> bool {
        let View { app, channel, release, platform, .. } = *view;
        self.seen.contains(&(&*app.policy.id, &*channel.policy.name, platform, &*release.name))
    }

    /// What no device notices is told of with the reason, where there is one.
    fn if_seen(&self, view: &View<'t>, does: Does<'t>) -> Does<'t> {
        let keeps = matches!(does, Does::Opens { from, to } if from == to);
        let unseen = if self.sees(view) || keeps { None } else { view.unseen(does) };
        unseen.map_or(does, Does::Nothing)
    }
}

fn by_name(table: &Table) -> HashMap<&str, (&App, &ReleaseTag)> {
    let apps = table.apps().map(|app| &**app);
    apps.flat_map(|app| app.tags().iter().map(move |tag| (&*tag.name, (app, tag)))).collect()
}

fn version(gets: Gets<'_>) -> Option<&str> {
    if let Gets::Version(version) = gets { Some(version) } else { None }
}

fn share(gate: Option<&Gate>, now: Timestamp) -> Option<Percent> {
    gate.map(|gate| gate.share(now))
}

/// A release in a channel on one platform, after the change.
struct View<'t> {
    app: &'t App,
    channel: &'t Channel,
    release: &'t Release,
    platform: Platform,
    /// The channel as it was, where that served the platform.
    was: Option<&'t Channel>,
    /// How many it let in before; `None`: it was not listed, or halted.
    before: Option<Percent>,
    now: Timestamp,
}

impl<'t> View<'t> {
    fn of(
        [old, new]: [Option<&'t App>; 2],
        tag: &ReleaseTag,
        platform: Platform,
        now: Timestamp,
    ) -> Result<View<'t>, Idle<'t>> {
        let app = new.ok_or(Idle::NoApp)?;
        let channel = app.channel(&tag.channel).ok_or(Idle::NoChannel)?;
        let none = if app.is_withdrawn(&tag.version) { Idle::Withdrawn } else { Idle::NoRelease };
        let release = app.release(&tag.version).ok_or(none)?;
        let was = old.and_then(|old| old.channel(&tag.channel)).filter(|was| was.policy.platforms.contains(platform));
        let listing = was.and_then(|was| was.listing(platform, &release.name, &release.version));
        let before = listing.filter(|listing| !listing.gate.halted).map(|listing| listing.gate.percent(now));
        Ok(View { app, channel, release, platform, was, before, now })
    }

    fn tags(&self) -> &'t [ReleaseTag] {
        self.app.tags().of(&self.channel.policy.name, &self.release.name)
    }

    fn gate(&self, tags: &[ReleaseTag]) -> Option<Gate> {
        opens(&self.app.policy, &self.channel.policy, self.release, self.platform, tags).ok()
    }

    /// Whether the release is listed with a tag, and not without it.
    fn is_listed_by(&self, tag: &ReleaseTag) -> bool {
        let others: Vec<ReleaseTag> = self.tags().iter().filter(|other| other.name != tag.name).cloned().collect();
        let with: Vec<ReleaseTag> = others.iter().chain([tag]).cloned().collect();
        self.gate(&others).is_none() && self.gate(&with).is_some()
    }

    /// Why a tag could do nothing here, whatever others there are.
    fn idle(&self, tag: &ReleaseTag) -> Option<Idle<'t>> {
        let (policy, descriptor) = (&self.channel.policy, &self.release.descriptor);
        let is_halt = tag.says == Says::Halt;
        let here = policy.platforms.contains(self.platform) && self.release.serves(self.platform);
        let is_elsewhere = descriptor.channels.as_ref().is_some_and(|names| !names.contains(&policy.name));
        let pin = policy.pin.as_ref().filter(|_| !pin_allows(policy, self.release));
        match pin {
            _ if descriptor.yanked.is_some() => Some(Idle::Yanked),
            _ if is_elsewhere => Some(Idle::Elsewhere),
            _ if !policy.tags && !is_halt => Some(Idle::NoTags),
            _ if !here => Some(Idle::Platform),
            Some(pin) => Some(Idle::Pinned(pin)),
            None if !tag.platforms.contains(self.platform) => Some(Idle::OtherBytes),
            None => None,
        }
    }

    /// The other tag that stops the release.
    fn halted(&self, tag: &ReleaseTag) -> Idle<'t> {
        let halts = |other: &&ReleaseTag| other.says == Says::Halt && other.name != tag.name;
        self.tags().iter().find(halts).map_or(Idle::Nobody, |halt| Idle::Halted(&halt.name))
    }

    /// Why a tag lets in no more than the others do.
    fn no_more(&self, tag: &ReleaseTag) -> Idle<'t> {
        let own = self.gate(std::slice::from_ref(tag));
        let alone = |tag| alone(self.app, self.channel, self.release, tag, self.platform, self.now);
        if let Some(own) = own.filter(|own| own.share(self.now) == Percent::NONE) {
            return self.waits(&own);
        }
        let others = self.tags().iter().filter(|other| other.name != tag.name && other.says != Says::Halt);
        let widest = others.max_by_key(|other| alone(other));
        widest.map_or(Idle::Nobody, |widest| Idle::Covered(&widest.name, alone(widest)))
    }

    /// Why a gate lets nobody in yet.
    fn waits(&self, gate: &Gate) -> Idle<'t> {
        let begins = gate.rollout.as_ref().and_then(|rollout| rollout.steps.as_ref()).map(|(_, begins)| *begins);
        match (gate.not_before, begins) {
            (Some(begin), _) if self.now < begin => Idle::NotBefore(begin),
            (_, Some(begins)) if self.now < begins => Idle::Starts(begins),
            _ => Idle::Nobody,
        }
    }

    /// Why no device gets what is open to it, or was: in each run of native versions that it is for, everyone gets a higher
    /// one.
    fn unseen(&self, does: Does<'t>) -> Option<Idle<'t>> {
        let is_closed = matches!(does, Does::Opens { to: None, .. });
        let channel = if is_closed { self.was? } else { self.channel };
        let Some(own) = Span::of_release(&channel.policy, self.platform, self.release) else {
            return Some(Idle::NoNative);
        };
        let mut behind = None;
        for (_, mut listed) in channel.runs(self.platform).filter(|(span, _)| span.and(own).is_some()) {
            let is_own = |listing: &Listing| listing.release.name == self.release.name;
            let ends = listed.find(|listing| is_own(listing) || listing.gate.percent(self.now) == Percent::ALL)?;
            if is_own(ends) {
                return None;
            }
            behind = behind.or(Some(&*ends.release.name));
        }
        behind.map(Idle::Behind)
    }
}
