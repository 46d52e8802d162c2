//! What a team wrote, after parsing: an app's part of `releases.toml` and a release's `release.toml`.
//!
//! These are plain values. They are valid by themselves (the repository room saw to that); what they mean together is
//! worked out by [`App::new`](super::table::App::new).

use std::sync::Arc;

use super::platform::{PerPlatform, PlatformSet};
use super::rollout::Steps;
use super::time::Timestamp;

/// One app's part of `releases.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppPolicy {
    /// The app id, as Capacitor has it: `com.example.app`.
    pub id: Box<str>,
    /// A name for people.
    pub name: Option<Box<str>>,
    /// The channel of a device that names none. Always one of `channels`.
    pub default_channel: Box<str>,
    /// The channels, by name; at least one.
    pub channels: Vec<ChannelPolicy>,
    /// Who gets something else, in the order of the file: the first match wins.
    pub overrides: Vec<Override>,
}

/// One channel of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPolicy {
    /// The channel's name.
    pub name: Box<str>,
    /// Whether a release must be tagged for it; else the branch opens all.
    pub tags: bool,
    /// Whether any device may name it.
    pub public: bool,
    /// Whether a device may choose it.
    pub self_assign: bool,
    /// Whether the branch alone opens pre-releases here. `None`: in every channel but the default one.
    pub prereleases: Option<bool>,
    /// The platforms that it serves.
    pub platforms: PlatformSet,
    /// The kinds of build that it serves.
    pub builds: Builds,
    /// The kinds of hardware that it serves.
    pub hardware: Hardware,
    /// How far a release may be from the native version.
    pub stay_within: StayWithin,
    /// Whether a release lower than the native version is offered.
    pub below_native: bool,
    /// The only thing that is listed, where there is one.
    pub pin: Option<Pin>,
}

impl ChannelPolicy {
    /// A channel of which only the name is written down.
    pub fn named(name: &str) -> Self {
        ChannelPolicy {
            name: name.into(),
            tags: false,
            public: true,
            self_assign: false,
            prereleases: None,
            platforms: PlatformSet::ALL,
            builds: Builds { prod: true, dev: true },
            hardware: Hardware { device: true, emulator: true },
            stay_within: StayWithin::Major,
            below_native: false,
            pin: None,
        }
    }
}

/// Store builds (`is_prod`) and development builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builds {
    /// Store builds are served.
    pub prod: bool,
    /// Development builds are served.
    pub dev: bool,
}

/// Real devices and emulators (`is_emulator`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardware {
    /// Real devices are served.
    pub device: bool,
    /// Emulators and simulators are served.
    pub emulator: bool,
}

/// How far from the native version a release may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StayWithin {
    /// Not above the major version of the native one.
    Major,
    /// Its major and minor version.
    Minor,
    /// Its major, minor and patch version.
    Patch,
    /// Anything goes.
    Any,
}

/// What a channel is pinned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Devices go back to the bundle that came with the app.
    Builtin,
    /// Only this version is listed.
    Version(Box<str>),
}

/// Someone who gets something else than their channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Whom it is for.
    pub who: Who,
    /// What they get.
    pub what: What,
}

/// Whom an override is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A device id, lower-cased.
    Device(Box<str>),
    /// The SHA-256 of a lower-cased device id.
    DeviceSha256([u8; 32]),
    /// A custom id, as it is.
    CustomId(Box<str>),
}

/// What an override gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A channel of the app, a private one too.
    Channel(Box<str>),
    /// One release alone.
    Version(Box<str>),
}

/// What `release.toml` says. [`Descriptor::default`] is an absent file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Told to plugins that read it.
    pub comment: Option<Box<str>>,
    /// Told to plugins that read it.
    pub link: Option<Box<str>>,
    /// Which native versions may run it, per platform; `None`: any.
    pub native: PerPlatform<Option<semver::VersionReq>>,
    /// The platforms that it is for.
    pub platforms: PlatformSet,
    /// The channels where it may go; `None`: any.
    pub channels: Option<Box<[Box<str>]>>,
    /// Nobody enters before.
    pub not_before: Option<Timestamp>,
    /// Whether it was withdrawn by its own descriptor, and why.
    pub yanked: Option<Yank>,
    /// How it enters a channel; `None`: everyone at once.
    pub rollout: Option<RolloutPlan>,
    /// When the steps begin, at the earliest.
    pub rollout_start: Option<Timestamp>,
    /// The devices are drawn that this name draws, instead of the version.
    pub rollout_as: Option<Box<str>>,
}

/// Steps, in every channel or each in its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RolloutPlan {
    /// The same everywhere.
    Everywhere(Arc<Steps>),
    /// By channel; in another one it is everyone at once.
    ByChannel(Box<[(Box<str>, Arc<Steps>)]>),
}

impl Descriptor {
    /// The steps in that channel.
    pub fn steps(&self, channel: &str) -> Option<&Arc<Steps>> {
        match self.rollout.as_ref()? {
            RolloutPlan::Everywhere(steps) => Some(steps),
            RolloutPlan::ByChannel(steps) => steps.iter().find(|(name, _)| **name == *channel).map(|(_, steps)| steps),
        }
    }
}

impl Default for Descriptor {
    fn default() -> Self {
        Descriptor {
            comment: None,
            link: None,
            native: PerPlatform::default(),
            platforms: PlatformSet::ALL,
            channels: None,
            not_before: None,
            yanked: None,
            rollout: None,
            rollout_start: None,
            rollout_as: None,
        }
    }
}

/// A release taken back by its descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yank {
    /// Why, where `yanked` is a text.
    pub reason: Option<Box<str>>,
}
