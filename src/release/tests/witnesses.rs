//! A plan against the oracle, the other way round: what a row says happens to somebody, and to as many as it says.
//!
//! Positions of one draw have nothing to do with those of another. So the devices of a row are counted over all positions,
//! in pieces between those where some rollout ends: in each, whoever stands there is told the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use semver::Version;

use super::oracle;
use super::plans::gets;
use super::worlds::{Check, World, pairs};
use crate::release::device::{Device, Running};
use crate::release::native::{Native, Triple, triple};
use crate::release::plan::{Change, Gets, Kind, Natives, Row, Runs, Who, plan};
use crate::release::policy::{ChannelPolicy, Override, What, Who as Named};
use crate::release::span::{Span, after, before};
use crate::release::time::Timestamp;

/// No id of a device that an app names.
const ID: &str = "witness";
/// No version of an app.
const STRANGE: &str = "0.0.0-strange";
/// Rows with more combinations of pieces than that are passed over: they cost too much.
const PIECES: usize = 128;
/// So many native versions are tried of those that a row is about, beside the first and the last.
const FEW: usize = 4;
/// What rounding a share may lose.
const LOST: f64 = 0.000_001_01;

/// How the devices of a row come to its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// An override puts them there, which it can in every channel.
    Put,
    /// They name it.
    Naming,
    /// They name none.
    Unnamed,
}

impl Way {
    /// All that a row is about.
    fn all(change: &Change<'_>, worlds: [&World; 2]) -> Vec<Way> {
        let is_default = worlds.iter().any(|world| *world.policy.default_channel == *change.channel);
        match change.row.who {
            Who::In(_) if is_default => vec![Way::Put, Way::Unnamed],
            Who::In(_) | Who::Staying(_) => vec![Way::Put],
            Who::Naming => vec![Way::Naming],
            Who::Unnamed(_) => vec![Way::Unnamed],
        }
    }
}

/// Two apps, in which the devices of one row are in its channel.
struct Stage<'c> {
    old: World,
    new: World,
    change: &'c Change<'c>,
    way: Way,
    now: Timestamp,
    draws: Vec<Draw>,
}

/// Where devices may stand in what a name draws in a channel.
struct Draw {
    channel: String,
    name: String,
    /// A position, and how many stand in the piece that begins there.
    pieces: Vec<(u16, f64)>,
}

impl<'c> Stage<'c> {
    fn of(old: &World, new: &World, change: &'c Change<'c>, way: Way, now: Timestamp) -> Stage<'c> {
        let (mut old, mut new) = (old.clone(), new.clone());
        if way == Way::Put {
            let named = Override { who: Named::Device(ID.into()), what: What::Channel(change.channel.into()) };
            for world in [&mut old, &mut new].into_iter().filter(|world| channel(world, change.channel).is_some()) {
                world.policy.overrides.insert(0, named.clone());
            }
        }
        let draws = draws([&old, &new], change, now);
        Stage { old, new, change, way, now, draws }
    }

    fn row(&self) -> &Row<'c> {
        &self.change.row
    }

    fn is_too_large(&self) -> bool {
        self.draws.iter().map(|draw| draw.pieces.len()).product::<usize>() > PIECES
    }

    /// The name that devices ask for a channel by.
    fn default_channel(&self) -> &'c str {
        if self.way == Way::Unnamed { "" } else { self.change.channel }
    }

    /// What devices of the row may run.
    fn runs(&self) -> Vec<Box<str>> {
        match self.row().runs {
            Runs::Any => vec![STRANGE.into()],
            Runs::Version(version) => vec![version.into()],
            Runs::TakenBack => {
                // one that was taken back may be of the old app alone
                let worlds = [&self.old, &self.new].into_iter();
                let releases = worlds.clone().flat_map(|world| &world.releases).map(|release| &release.name);
                let names: BTreeSet<_> = releases.chain(worlds.flat_map(|world| &world.withdrawn)).cloned().collect();
                names.into_iter().collect()
            }
        }
    }

    /// Native versions of the row: its first and last, and each at which something may begin or end.
    fn natives(&self) -> Vec<Native> {
        let finished = |(major, minor, patch): Triple| Native::Known(Version::new(major, minor, patch));
        match &self.change.native {
            Natives::Unreadable => vec![Native::Unreadable],
            Natives::Unfinished { of: (major, minor, patch), from, .. } => {
                vec![Native::Known(Version { pre: from.clone(), ..Version::new(*major, *minor, *patch) })]
            }
            Natives::Lane { low, high } => {
                let spans = [&self.old, &self.new].into_iter().flat_map(|world| &world.releases).flat_map(|release| {
                    let native = release.descriptor.native.get(self.change.platform).as_ref();
                    let own = triple(&release.version);
                    [native.and_then(Span::of_requirement), Some(Span { low: own, high: own })]
                });
                let edges = spans.flatten().flat_map(|span| {
                    [Some(span.low), Some(span.high), before(span.low), after(span.high)].into_iter().flatten()
                });
                let within: BTreeSet<Triple> = edges.filter(|edge| low <= edge && edge <= high).collect();
                let many = if self.is_about_each() { FEW } else { within.len() };
                [*low, *high].into_iter().chain(within.into_iter().take(many)).map(finished).collect()
            }
        }
    }

    /// Pre-releases of the row's native versions at which the `native` of some release may begin or end to hold.
    fn unfinished(&self) -> Vec<Native> {
        let is_within = |of: &Version| match &self.change.native {
            Natives::Lane { low, high } => *low <= triple(of) && triple(of) <= *high,
            Natives::Unfinished { of: same, from, to } => {
                triple(of) == *same && *from <= of.pre && to.as_ref().is_none_or(|to| of.pre < *to)
            }
            Natives::Unreadable => false,
        };
        let releases = [&self.old, &self.new].into_iter().flat_map(|world| &world.releases);
        let requirements = releases.filter_map(|release| release.descriptor.native.get(self.change.platform).as_ref());
        let named = requirements.flat_map(|requirement| &requirement.comparators).filter(|c| !c.pre.is_empty());
        let around = named.flat_map(|c| {
            let pre = ["0".to_owned(), c.pre.to_string(), format!("{}.0", c.pre)];
            let of = Version::new(c.major, c.minor.unwrap_or(0), c.patch.unwrap_or(0));
            pre.map(|pre| Version { pre: pre.parse().expect("a pre-release"), ..of.clone() })
        });
        around.filter(is_within).map(Native::Known).collect()
    }

    /// How many of such devices had what the row says, and get what it says.
    fn measure(&self, device: &Device<'_>) -> f64 {
        let mut at = vec![0; self.draws.len()];
        let mut found = 0.0;
        loop {
            let places = || self.draws.iter().zip(&at).map(|(draw, at)| (draw, draw.pieces[*at]));
            let stands = |channel: &str, name: &str| {
                let place = places().find(|(draw, _)| draw.channel == channel && draw.name == name);
                Some(place.map_or(0, |(_, (position, _))| position))
            };
            if self.is_witness(device, &stands) {
                found += places().map(|(_, (_, many))| many).product::<f64>();
            }
            // the next combination of pieces
            let Some(next) = (0..at.len()).find(|draw| at[*draw] + 1 < self.draws[*draw].pieces.len()) else {
                return found;
            };
            at[next] += 1;
            at[..next].fill(0);
        }
    }

    fn is_witness(&self, device: &Device<'_>, stands: &dyn Fn(&str, &str) -> Option<u16>) -> bool {
        let row = self.row();
        let had = oracle::decide_at(&self.old, device, self.now, stands);
        let has = oracle::decide_at(&self.new, device, self.now, stands);
        // who runs a version and keeps it is told nothing
        let told = |said: Gets<'c>| match (said, row.runs) {
            (Gets::Version(version), Runs::Version(runs)) if version == runs => Gets::Nothing,
            (said, _) => said,
        };
        gets(&had) == told(row.from) && gets(&has) == told(row.to)
    }

    /// Whether some device is what the row says, and as many as it says.
    fn has_witness(&self, native: &Native) -> bool {
        let share = self.row().share.percent() / 100.0;
        let runs = self.runs();
        let kinds = kinds(self.row().who);
        runs.iter().any(|running| {
            kinds.iter().any(|(is_prod, is_emulator)| {
                let device = Device {
                    app: self.change.app,
                    platform: Some(self.change.platform),
                    id: Cow::Borrowed(ID),
                    custom_id: "",
                    running: Running::Release(running),
                    version_build: "",
                    native: native.clone(),
                    default_channel: self.default_channel(),
                    is_prod: *is_prod,
                    is_emulator: *is_emulator,
                };
                (self.measure(&device) - share).abs() < LOST
            })
        })
    }

    /// Rows of what is taken back are about some native versions of theirs, all others about each of them.
    fn is_about_each(&self) -> bool {
        let row = self.row();
        row.runs == Runs::Any || row.from != Gets::Builtin && row.to != Gets::Builtin
    }
}

/// Store builds and emulators.
fn kinds(who: Who) -> Vec<(bool, bool)> {
    let of = |kind: Kind, (is_prod, is_emulator): (bool, bool)| match kind {
        Kind::Any => true,
        Kind::Prod => is_prod,
        Kind::Dev => !is_prod,
        Kind::Real => !is_emulator,
        Kind::Emulator => is_emulator,
    };
    let kind = match who {
        Who::In(kind) | Who::Staying(kind) | Who::Unnamed(kind) => kind,
        Who::Naming => Kind::Any,
    };
    let all = [(true, false), (true, true), (false, false), (false, true)];
    all.into_iter().filter(|one| of(kind, *one)).collect()
}

fn channel<'w>(world: &'w World, name: &str) -> Option<&'w ChannelPolicy> {
    world.policy.channels.iter().find(|channel| *channel.name == *name)
}

/// The draws of everything that is listed for the devices of a row, with the pieces between the ends of all rollouts.
fn draws(worlds: [&World; 2], change: &Change<'_>, now: Timestamp) -> Vec<Draw> {
    let mut ends: BTreeMap<(String, String), BTreeSet<u16>> = BTreeMap::new();
    for world in worlds {
        let name = match change.row.who {
            Who::Unnamed(_) => &world.policy.default_channel,
            _ => change.channel,
        };
        let Some(channel) = channel(world, name) else { continue };
        for release in oracle::listed(world, channel, None, change.platform) {
            let percent = oracle::percent(world, channel, release, change.platform, now);
            let draw = release.descriptor.rollout_as.as_ref().unwrap_or(&release.name);
            if 0 < percent && percent < 10_000 {
                ends.entry((channel.name.to_string(), draw.to_string())).or_default().insert(percent);
            }
        }
    }
    let draw = |((channel, name), ends): ((String, String), BTreeSet<u16>)| {
        let starts: Vec<u16> = [0].into_iter().chain(ends).collect();
        let stops = starts.iter().skip(1).copied().chain([10_000]);
        let pieces = starts.iter().zip(stops).map(|(start, stop)| (*start, f64::from(stop - start) / 10_000.0));
        Draw { channel, name, pieces: pieces.collect() }
    };
    ends.into_iter().map(draw).collect()
}

fn witnessed(old: &World, new: &World, check: &Check) -> Result<(), TestCaseError> {
    let (before, after) = (old.table(), new.table());
    for change in &plan(Some(&before), &after, check.now).changes {
        for way in Way::all(change, [old, new]) {
            happens(&Stage::of(old, new, change, way, check.now))?;
        }
    }
    Ok(())
}

fn happens(stage: &Stage<'_>) -> Result<(), TestCaseError> {
    if stage.is_too_large() {
        return Ok(());
    }
    let Stage { old, new, change, way, .. } = stage;
    let mut natives = stage.natives();
    if !stage.is_about_each() {
        natives.extend(stage.unfinished());
    }
    let mut each = natives.iter().map(|native| (native, stage.has_witness(native)));
    if stage.is_about_each() {
        let without = each.find(|(_, has)| !has);
        prop_assert!(without.is_none(), "{without:?}\n{way:?} {change:#?}\n{old:#?}\n{new:#?}");
    } else {
        prop_assert!(each.any(|(_, has)| has), "{way:?} {change:#?}\n{old:#?}\n{new:#?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_a_row_says_happens_to_the_share_that_it_names((old, new, checks) in pairs()) {
        witnessed(&old, &new, &checks[0])?;
    }
}
