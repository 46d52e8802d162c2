//! Random apps, and devices that often hit what is special about them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use semver::{Version, VersionReq};
use sha2::{Digest, Sha256};

use crate::release::device::{Device, Running};
use crate::release::native::Native;
use crate::release::platform::{PerPlatform, Platform, PlatformSet};
use crate::release::policy::{
    AppPolicy, Builds, ChannelPolicy, Descriptor, Hardware, Override, Pin, RolloutPlan, StayWithin, What, Who, Yank,
};
use crate::release::rollout::{Percent, Position, Step, Steps};
use crate::release::table::{App, Bundle, Release, Table};
use crate::release::tags::{AppTags, ReleaseTag, Says};
use crate::release::time::Timestamp;

const APP: &str = "com.example.app";
const CHANNELS: [&str; 4] = ["production", "beta", "nightly", "internal"];
const DEVICES: [&str; 3] = ["d-1", "d-2", "d-3"];
const CUSTOM_IDS: [&str; 2] = ["qa-1", "qa-2"];

/// What an [`App`] is built from.
#[derive(Clone, Debug)]
pub struct World {
    pub policy: AppPolicy,
    pub releases: Vec<Arc<Release>>,
    pub withdrawn: HashSet<Box<str>>,
    pub tags: Vec<ReleaseTag>,
}

impl World {
    pub fn app(&self) -> App {
        let tags = AppTags::new(self.tags.clone());
        App::new(self.policy.clone(), self.releases.iter().cloned(), self.withdrawn.clone(), tags)
    }

    pub fn table(&self) -> Table {
        Table::new("c0ffee".into(), "0123456789abcdef".into(), [Arc::new(self.app())])
    }
}

/// A device that asks, and when.
#[derive(Clone, Debug)]
pub struct Check {
    pub app: &'static str,
    pub platform: Option<Platform>,
    pub id: &'static str,
    pub custom_id: &'static str,
    pub running: Option<Box<str>>,
    pub version_build: String,
    pub default_channel: &'static str,
    pub is_prod: bool,
    pub is_emulator: bool,
    pub now: Timestamp,
}

impl Check {
    pub fn device(&self) -> Device<'_> {
        Device {
            app: self.app,
            platform: self.platform,
            id: Cow::Borrowed(self.id),
            custom_id: self.custom_id,
            running: self.running.as_deref().map_or(Running::Builtin, Running::Release),
            version_build: &self.version_build,
            native: Native::read(&self.version_build),
            default_channel: self.default_channel,
            is_prod: self.is_prod,
            is_emulator: self.is_emulator,
        }
    }
}

/// An app, and devices that ask for its releases.
pub fn worlds() -> impl Strategy<Value = (World, Vec<Check>)> {
    (apps(), vec(checks(), 1..6)).prop_map(|(world, drafts)| {
        let checks = drafts.into_iter().map(|draft| draft.in_world(&world)).collect();
        (world, checks)
    })
}

/// An app, the same after a change, and devices that ask for the releases of either. Parts of the second are the first's,
/// and parts are another app's.
pub fn pairs() -> impl Strategy<Value = (World, World, Vec<Check>)> {
    let takes = vec(prop_oneof![3 => Just(false), 1 => Just(true)], 4..24);
    (apps(), apps(), vec((checks(), any::<bool>()), 1..8), takes).prop_map(|(old, other, drafts, takes)| {
        let new = old.clone().changed(&other, &takes);
        let checks =
            drafts.into_iter().map(|(draft, of_new)| draft.in_world(if of_new { &new } else { &old })).collect();
        (old, new, checks)
    })
}

fn apps() -> impl Strategy<Value = World> {
    let count = prop_oneof![6 => 0..8_usize, 1 => 8..60_usize];
    let releases = count.prop_flat_map(|count| vec(releases(), count)).prop_map(distinct);
    let gone = vec(versions(), 0..3);
    let channels = (2..=CHANNELS.len()).prop_flat_map(|count| vec(channels(), count));
    (releases, gone, channels, any::<Index>(), vec((who(), what()), 0..5), vec(tags(), 0..20)).prop_map(
        |(releases, gone, drafts, default, overrides, tags)| {
            let world = World {
                policy: policy(drafts.len(), default),
                withdrawn: withdrawn(gone, &releases),
                releases,
                tags: Vec::new(),
            };
            world.with_channels(drafts).with_overrides(overrides).with_tags(tags)
        },
    )
}

/// A tag to be: its channel, its release, and the rest.
type TagDraft = (Index, Named, Says, PlatformSet, Option<Timestamp>);

fn tags() -> impl Strategy<Value = TagDraft> {
    let says = prop_oneof![
        3 => Just(Says::Open),
        3 => percents().prop_map(Says::Percent),
        1 => Just(Says::Halt),
    ];
    (any::<Index>(), named(), says, platform_sets(), option::of(times()))
}

/// Few, so that devices are often just in or just out.
fn percents() -> impl Strategy<Value = Percent> {
    let edges = DEVICES.map(|id| Position::of(APP, CHANNELS[0], "1.0.0", id).number());
    let edges: Vec<u16> =
        edges.into_iter().flat_map(|edge| [edge, edge + 1]).chain([0, 1, 2500, 5000, 10_000]).collect();
    select(edges).prop_map(|hundredths| Percent::from_hundredths(hundredths).expect("at most all"))
}

fn steps() -> impl Strategy<Value = Arc<Steps>> {
    let percents = vec(percents(), 1..4).prop_map(|percents| percents.into_iter().collect::<BTreeSet<_>>());
    (percents, vec(1..3_u64, 4), any::<bool>()).prop_map(|(percents, lasts, ends)| {
        let count = percents.len();
        let step = |(at, (percent, lasts))| Step { percent, lasts: (ends || at + 1 < count).then_some(lasts) };
        let steps = percents.into_iter().zip(lasts).enumerate().map(step).collect();
        Arc::new(Steps::new(steps).expect("they rise"))
    })
}

fn rollouts() -> impl Strategy<Value = RolloutPlan> {
    let by_channel = (subsequence(&CHANNELS[..], 0..=2), vec(steps(), 2))
        .prop_map(|(channels, steps)| RolloutPlan::ByChannel(channels.into_iter().map(Box::from).zip(steps).collect()));
    prop_oneof![2 => steps().prop_map(RolloutPlan::Everywhere), 1 => by_channel]
}

fn policy(channels: usize, default: Index) -> AppPolicy {
    AppPolicy {
        id: APP.into(),
        name: None,
        default_channel: CHANNELS[default.index(channels)].into(),
        channels: Vec::new(),
        overrides: Vec::new(),
    }
}

/// No two releases of an app differ in build metadata only.
fn distinct(releases: Vec<Release>) -> Vec<Arc<Release>> {
    let bare = |version: &Version| Version { build: semver::BuildMetadata::EMPTY, ..version.clone() };
    let by_version: BTreeMap<_, _> = releases.into_iter().map(|release| (bare(&release.version), release)).collect();
    by_version.into_values().map(Arc::new).collect()
}

fn copy(release: &Release) -> Release {
    let Release { name, version, descriptor, bundles } = release;
    Release {
        name: name.clone(),
        version: version.clone(),
        descriptor: Arc::clone(descriptor),
        bundles: bundles.clone(),
    }
}

/// What is withdrawn is not there.
fn withdrawn(gone: Vec<Version>, releases: &[Arc<Release>]) -> HashSet<Box<str>> {
    let names = gone.iter().map(|version| version.to_string().into_boxed_str());
    names.filter(|name| releases.iter().all(|release| release.name != *name)).collect()
}

impl World {
    /// With parts of another app: `takes` says of each part in turn whether it is the other's.
    fn changed(mut self, other: &World, takes: &[bool]) -> World {
        let takes = RefCell::new(takes.iter().copied().cycle());
        let take = || takes.borrow_mut().next() == Some(true);
        let kept: Vec<_> = self.releases.iter().filter(|_| !take()).cloned().collect();
        let gone: Vec<_> = self.releases.iter().filter(|release| !kept.contains(release)).cloned().collect();
        let taken = other.releases.iter().filter(|_| take()).cloned();
        self.releases = distinct(kept.into_iter().chain(taken).map(|release| copy(&release)).collect());
        let withdrawn = gone.iter().filter(|_| !take()).map(|release| release.name.clone());
        self.withdrawn = self.withdrawn.iter().filter(|_| !take()).cloned().chain(withdrawn).collect();
        self.withdrawn.retain(|name| self.releases.iter().all(|release| release.name != *name));
        if take() {
            self.policy.channels = other.policy.channels.clone();
            self.policy.default_channel = other.policy.default_channel.clone();
        }
        for (channel, other) in self.policy.channels.iter_mut().zip(&other.policy.channels) {
            if take() {
                channel.clone_from(other);
            }
        }
        if take() {
            self.policy.default_channel =
                self.policy.channels[self.releases.len() % self.policy.channels.len()].name.clone();
        }
        if take() {
            self.policy.overrides.clone_from(&other.policy.overrides);
        }
        if take() {
            self.policy.overrides.reverse();
        }
        let channels: Vec<_> = self.policy.channels.iter().map(|channel| channel.name.clone()).collect();
        self.policy.overrides.retain(|entry| !matches!(&entry.what, What::Channel(name) if !channels.contains(name)));
        self.tags = self.tags.iter().filter(|_| !take()).chain(other.tags.iter().filter(|_| take())).cloned().collect();
        self
    }

    fn with_channels(mut self, drafts: Vec<(ChannelPolicy, Option<PinDraft>)>) -> World {
        let channels = CHANNELS.iter().zip(drafts).map(|(name, (channel, pin))| ChannelPolicy {
            name: (*name).into(),
            pin: pin.map(|pin| pin.map_or(Pin::Builtin, |version| Pin::Version(version.name(&self)))),
            ..channel
        });
        self.policy.channels = channels.collect();
        self
    }

    fn with_tags(mut self, drafts: Vec<TagDraft>) -> World {
        let tags = drafts.into_iter().enumerate().map(|(at, (channel, version, says, platforms, date))| ReleaseTag {
            name: format!("tag {at}").into(),
            channel: channel.get(&self.policy.channels).name.clone(),
            version: version.name(&self),
            says,
            platforms,
            date,
        });
        self.tags = tags.collect();
        self
    }

    fn with_overrides(mut self, drafts: Vec<(Who, Result<Index, Named>)>) -> World {
        let overrides = drafts.into_iter().map(|(who, what)| {
            let what = match what {
                Ok(channel) => What::Channel(channel.get(&self.policy.channels).name.clone()),
                Err(version) => What::Version(version.name(&self)),
            };
            Override { who, what }
        });
        self.policy.overrides = overrides.collect();
        self
    }
}

/// A version by what it is in the app that is made at the same time.
#[derive(Clone, Debug)]
enum Named {
    Release(Index),
    Withdrawn(Index),
    Any(Version),
}

impl Named {
    fn name(&self, world: &World) -> Box<str> {
        let withdrawn: Vec<_> = world.withdrawn.iter().collect();
        match self {
            Named::Release(at) if !world.releases.is_empty() => at.get(&world.releases).name.clone(),
            Named::Withdrawn(at) if !withdrawn.is_empty() => (*at.get(&withdrawn)).clone(),
            Named::Any(version) => version.to_string().into(),
            _ => "9.9.9".into(),
        }
    }
}

fn named() -> impl Strategy<Value = Named> {
    prop_oneof![
        6 => any::<Index>().prop_map(Named::Release),
        1 => any::<Index>().prop_map(Named::Withdrawn),
        1 => versions().prop_map(Named::Any),
    ]
}

/// `None` is `builtin`.
type PinDraft = Option<Named>;

fn channels() -> impl Strategy<Value = (ChannelPolicy, Option<PinDraft>)> {
    let level = select(vec![StayWithin::Major, StayWithin::Minor, StayWithin::Patch, StayWithin::Any, StayWithin::Any]);
    let may = (mostly(), any::<bool>(), option::of(any::<bool>()), any::<bool>(), any::<bool>());
    let switches = (platform_sets(), mostly(), mostly(), mostly(), mostly());
    let pin = prop_oneof![8 => Just(None), 1 => Just(Some(None)), 2 => named().prop_map(|version| Some(Some(version)))];
    (may, switches, level, pin).prop_map(|(may, (platforms, prod, dev, device, emulator), stay_within, pin)| {
        let (public, self_assign, prereleases, below_native, tags) = may;
        let channel = ChannelPolicy {
            tags,
            public,
            self_assign,
            prereleases,
            platforms,
            builds: Builds { prod, dev },
            hardware: Hardware { device, emulator },
            stay_within,
            below_native,
            ..ChannelPolicy::named("")
        };
        (channel, pin)
    })
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        select(&DEVICES[..]).prop_map(|id| Who::Device(id.into())),
        select(&DEVICES[..]).prop_map(|id| Who::DeviceSha256(Sha256::digest(id).into())),
        select(&CUSTOM_IDS[..]).prop_map(|id| Who::CustomId(id.into())),
        Just(Who::Device("".into())),
        Just(Who::DeviceSha256(Sha256::digest("").into())),
        Just(Who::CustomId("".into())),
    ]
}

fn what() -> impl Strategy<Value = Result<Index, Named>> {
    prop_oneof![any::<Index>().prop_map(Ok), named().prop_map(Err)]
}

fn releases() -> impl Strategy<Value = Release> {
    let bundles = (bundles(), bundles(), bundles());
    (versions(), descriptors(), bundles).prop_map(|(version, descriptor, (ios, android, electron))| Release {
        name: version.to_string().into(),
        version,
        descriptor: Arc::new(descriptor),
        bundles: PerPlatform { ios, android, electron },
    })
}

fn bundles() -> impl Strategy<Value = Option<Arc<Bundle>>> {
    option::weighted(0.9, (0..4_u8).prop_map(|n| Arc::new(Bundle { sha256: [n; 32], crc32: n.into(), size: n.into() })))
}

fn descriptors() -> impl Strategy<Value = Descriptor> {
    let native = prop_oneof![
        2 => Just(PerPlatform::default()),
        2 => requirements().prop_map(|all| PerPlatform::from_fn(|_| Some(all.clone()))),
        1 => (option::of(requirements()), option::of(requirements()), option::of(requirements()))
            .prop_map(|(ios, android, electron)| PerPlatform { ios, android, electron }),
    ];
    let may_go = subsequence(&CHANNELS[..], 0..=CHANNELS.len())
        .prop_map(|names| names.into_iter().map(Box::from).collect::<Box<[Box<str>]>>());
    let yanked = option::of(Just("it crashes".into())).prop_map(|reason| Yank { reason });
    let rollout = (
        option::weighted(0.3, rollouts()),
        option::weighted(0.5, times()),
        option::weighted(0.2, versions().prop_map(|version| version.to_string().into())),
    );
    let may_go = option::weighted(0.3, may_go);
    let times = option::weighted(0.3, times());
    (native, platform_sets(), may_go, times, option::weighted(0.1, yanked), rollout).prop_map(
        |(native, platforms, channels, not_before, yanked, (rollout, rollout_start, rollout_as))| Descriptor {
            native,
            platforms,
            channels,
            not_before,
            yanked,
            rollout,
            rollout_start,
            rollout_as,
            ..Descriptor::default()
        },
    )
}

/// Few enough that "just before", "at" and "just after" are met.
fn times() -> impl Strategy<Value = Timestamp> {
    (0..6_i64).prop_map(Timestamp)
}

fn mostly() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.94)
}

fn platform_sets() -> impl Strategy<Value = PlatformSet> {
    let some = subsequence(&Platform::ALL[..], 0..=3).prop_map(PlatformSet::from_iter);
    prop_oneof![9 => Just(PlatformSet::ALL), 1 => some]
}

fn numbers() -> impl Strategy<Value = u64> {
    prop_oneof![60 => 0..4_u64, 1 => select(vec![u64::MAX - 1, u64::MAX])]
}

fn prereleases() -> impl Strategy<Value = &'static str> {
    prop_oneof![5 => Just(""), 3 => select(vec!["-0", "-alpha", "-beta.2", "-beta.10", "-rc.1"])]
}

fn versions() -> impl Strategy<Value = Version> {
    let build = prop_oneof![6 => Just(""), 1 => select(vec!["+7", "+a"])];
    (numbers(), numbers(), numbers(), prereleases(), build).prop_map(|(major, minor, patch, pre, build)| {
        format!("{major}.{minor}.{patch}{pre}{build}").parse().expect("a version")
    })
}

fn requirements() -> impl Strategy<Value = VersionReq> {
    let parts = prop_oneof![
        4 => (numbers(), numbers(), numbers(), prereleases()).prop_map(|(a, b, c, pre)| format!("{a}.{b}.{c}{pre}")),
        1 => (numbers(), numbers()).prop_map(|(a, b)| format!("{a}.{b}")),
        1 => numbers().prop_map(|a| a.to_string()),
    ];
    let operator = select(vec!["", "^", "~", "=", ">", ">=", "<", "<=", ">="]);
    let comparator = prop_oneof![
        12 => (operator, parts).prop_map(|(operator, version)| format!("{operator}{version}")),
        1 => (numbers(), numbers()).prop_map(|(a, b)| format!("{a}.{b}.*")),
        1 => numbers().prop_map(|a| format!("{a}.*")),
    ];
    let several = vec(comparator, 1..4).prop_map(|all| all.join(", "));
    prop_oneof![20 => several, 1 => Just("*".to_owned())].prop_map(|text| text.parse().expect("a requirement"))
}

/// `version_build` as the field has it.
fn version_builds() -> impl Strategy<Value = String> {
    let suffix = select(vec!["", "", "", ".9", " (beta)", "+5", "-", "_x", "-rc.1", "-beta.2+5", "-01"]);
    prop_oneof![
        8 => versions().prop_map(|version| version.to_string()),
        2 => (numbers(), numbers(), numbers(), suffix.clone()).prop_map(|(a, b, c, end)| format!("v{a}.{b}.{c}{end}")),
        2 => (numbers(), numbers(), suffix.clone()).prop_map(|(a, b, end)| format!("0{a}.0{b}{end}")),
        2 => (numbers(), suffix).prop_map(|(a, end)| format!("{a}{end}")),
        1 => select(vec!["", "v", "beta", "-1.0", "99999999999999999999.1", "1.99999999999999999999"]).prop_map(String::from),
    ]
}

/// A check whose versions are to be found in an app.
#[derive(Clone, Debug)]
struct Draft {
    check: Check,
    running: Option<Named>,
    built_from: Option<Named>,
}

impl Draft {
    fn in_world(self, world: &World) -> Check {
        let version_build = self.built_from.map_or(self.check.version_build, |named| named.name(world).into());
        Check { running: self.running.map(|named| named.name(world)), version_build, ..self.check }
    }
}

fn checks() -> impl Strategy<Value = Draft> {
    let app = prop_oneof![40 => Just(APP), 1 => Just("com.example.other")];
    let platform = prop_oneof![30 => select(&Platform::ALL[..]).prop_map(Some), 1 => Just(None)];
    let ids = (select(vec!["", "d-1", "d-2", "d-3", "d-4"]), select(vec!["", "", "qa-1", "qa-2", "qa-3"]));
    let default_channel = prop_oneof![
        16 => Just(""),
        8 => select(&CHANNELS[..]),
        1 => Just("unheard-of"),
    ];
    let versions = (option::weighted(0.75, named()), option::weighted(0.2, named()), version_builds());
    (app, platform, ids, versions, default_channel, mostly(), any::<bool>(), times()).prop_map(
        |(
            app,
            platform,
            (id, custom_id),
            (running, built_from, version_build),
            default_channel,
            is_prod,
            is_emulator,
            now,
        )| {
            let check = Check {
                app,
                platform,
                id,
                custom_id,
                running: None,
                version_build,
                default_channel,
                is_prod,
                is_emulator,
                now,
            };
            Draft { check, running, built_from }
        },
    )
}
