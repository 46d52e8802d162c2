//! The rules by example: a test a sentence, in the order in which a decision applies them.

mod answer;
mod became;
mod channel;
mod eligible;
mod listed;
mod status;

use super::worlds::{Check, World};
use crate::release::decide::{Decision, decide};
use crate::release::platform::{PerPlatform, Platform, PlatformSet};
use crate::release::policy::{
    AppPolicy, Builds, ChannelPolicy, Descriptor, Hardware, Override, Pin, StayWithin, What, Who, Yank,
};
use crate::release::table::{Bundle, Release};
use crate::release::time::Timestamp;

/// An app with one public channel, `production`, and these releases, for every platform.
fn app<const N: usize>(versions: [&str; N]) -> World {
    let policy = AppPolicy {
        id: "com.example.app".into(),
        name: None,
        default_channel: "production".into(),
        channels: vec![ChannelPolicy::named("production")],
        overrides: Vec::new(),
    };
    let releases = versions.into_iter().map(|name| release(name, Descriptor::default()).into()).collect();
    World { policy, releases, withdrawn: Default::default(), tags: Vec::new() }
}

fn release(name: &str, descriptor: Descriptor) -> Release {
    let bundle = Bundle { sha256: [0; 32], crc32: 0, size: 22 };
    Release {
        name: name.into(),
        version: name.parse().expect("a version"),
        descriptor: descriptor.into(),
        bundles: PerPlatform::from_fn(|_| Some(bundle.into())),
    }
}

impl World {
    /// With one more release, of which the descriptor says something.
    fn release(mut self, name: &str, describe: impl FnOnce(&mut Descriptor)) -> World {
        let mut descriptor = Descriptor::default();
        describe(&mut descriptor);
        self.releases.push(release(name, descriptor).into());
        self
    }

    /// With a setting of the channel `production`.
    fn production(mut self, set: impl FnOnce(&mut ChannelPolicy)) -> World {
        set(&mut self.policy.channels[0]);
        self
    }

    /// With one more channel.
    fn channel(mut self, name: &str, set: impl FnOnce(&mut ChannelPolicy)) -> World {
        let mut channel = ChannelPolicy::named(name);
        set(&mut channel);
        self.policy.channels.push(channel);
        self
    }

    /// With one more override, after those that are there.
    fn override_for(mut self, who: Who, what: What) -> World {
        self.policy.overrides.push(Override { who, what });
        self
    }

    /// With a version that was once there.
    fn withdrawn(mut self, name: &str) -> World {
        self.withdrawn.insert(name.into());
        self
    }

    /// What the device is told, in short.
    fn tells(&self, check: &Check) -> String {
        match decide(&self.table(), &check.device(), check.now) {
            Decision::Offer { release, .. } => format!("offer {}", release.name),
            Decision::UpToDate => "up to date".into(),
            Decision::Builtin => "builtin".into(),
            Decision::Refused { why, withheld: None } => format!("{why:?}"),
            Decision::Refused { why, withheld: Some(release) } => format!("{why:?} withholds {}", release.name),
        }
    }
}

/// An iPhone on the builtin bundle of the native version 1.0.0, from the store.
fn device() -> Check {
    Check {
        app: "com.example.app",
        platform: Some(Platform::Ios),
        id: "d-1",
        custom_id: "qa-1",
        running: None,
        version_build: "1.0.0".into(),
        default_channel: "",
        is_prod: true,
        is_emulator: false,
        now: Timestamp(1000),
    }
}

fn running(name: &str) -> Check {
    Check { running: Some(name.into()), ..device() }
}

fn native(version_build: &str) -> Check {
    Check { version_build: version_build.into(), ..device() }
}

fn naming(channel: &'static str) -> Check {
    Check { default_channel: channel, ..device() }
}

fn named_device() -> Who {
    Who::Device("d-1".into())
}

fn only(version: &str) -> What {
    What::Version(version.into())
}

fn requires(requirement: &str) -> impl FnOnce(&mut Descriptor) {
    let requirement = Some(requirement.parse().expect("a requirement"));
    move |d| d.native = PerPlatform { ios: requirement, ..PerPlatform::default() }
}

fn yanked(d: &mut Descriptor) {
    d.yanked = Some(Yank { reason: None });
}
