//! What a status tells of apps, channels and releases, from what the core found.

use super::{App, Channel, Closed, Next, Release, Serves, Share, Tag};
use crate::documents::time::Time;
use crate::documents::unlisted;
use crate::release::platform::PlatformSet;
use crate::release::policy::Pin;
use crate::release::rollout::Percent;
use crate::release::status::{self, OfChannel, OfRelease};
use crate::release::table;
use crate::release::tags::Says;
use crate::release::time::Timestamp;
use crate::repository::places::Sources;
use crate::repository::tag::ReadTag;

impl App {
    pub(super) fn of(status::OfApp { app, channels }: &status::OfApp<'_>, sources: &Sources) -> App {
        let policy = &app.policy;
        let channel = |channel| Channel::of(channel, &policy.default_channel);
        let mut withdrawn: Vec<String> = app.withdrawn().map(str::to_owned).collect();
        withdrawn.sort_unstable();
        App {
            id: policy.id.to_string(),
            name: policy.name.as_deref().map(str::to_owned),
            channels: channels.iter().map(channel).collect(),
            tags: sources.tags(&policy.id).iter().map(|read| Tag::of(read, app)).collect(),
            withdrawn,
        }
    }
}

impl Tag {
    fn of(read: &ReadTag, app: &table::App) -> Tag {
        let known = app.tags().of(&read.channel, &read.version).iter().find(|tag| tag.name == read.name);
        Tag {
            tag: read.name.to_string(),
            channel: read.channel.to_string(),
            version: read.version.to_string(),
            commit: read.commit.map(|commit| commit.to_string()),
            date: read.date.map(Time),
            percent: if let Says::Percent(percent) = read.says { Some(number(percent)) } else { None },
            halt: read.says == Says::Halt,
            platforms: known.map(|tag| names(tag.platforms)).unwrap_or_default(),
        }
    }
}

impl Channel {
    fn of(OfChannel { policy, releases, closed }: &OfChannel<'_>, default: &str) -> Channel {
        let pin = policy.pin.as_ref().map(|pin| match pin {
            Pin::Builtin => "builtin".to_owned(),
            Pin::Version(version) => version.to_string(),
        });
        let closed = closed
            .iter()
            .map(|(release, why)| Closed { version: release.name.to_string(), rule: unlisted::key(*why).to_owned() });
        Channel {
            name: policy.name.to_string(),
            default: *policy.name == *default,
            tags: policy.tags,
            pin,
            platforms: names(policy.platforms),
            builds: Some(kinds([(policy.builds.prod, "prod"), (policy.builds.dev, "dev")])),
            hardware: Some(kinds([(policy.hardware.device, "device"), (policy.hardware.emulator, "emulator")])),
            public: policy.public || policy.self_assign,
            releases: releases.iter().map(Release::from).collect(),
            closed: closed.collect(),
        }
    }
}

/// As `releases.toml` has them.
fn kinds(served: [(bool, &str); 2]) -> Vec<String> {
    served.into_iter().filter(|(is_served, _)| *is_served).map(|(_, name)| name.to_owned()).collect()
}

impl From<&OfRelease<'_>> for Release {
    fn from(told: &OfRelease<'_>) -> Release {
        let share = |share: &status::Share| Share {
            platforms: names(share.platforms),
            percent: number(share.percent),
            next: share.next.map(next),
        };
        let serves =
            |serves: &status::Serves| Serves { platforms: names(serves.platforms), native: serves.native.clone() };
        let open: PlatformSet = told.shares.iter().flat_map(|share| share.platforms.iter()).collect();
        let differ = told.shares.len() > 1;
        Release {
            version: told.release.name.to_string(),
            percent: number(told.percent()),
            halted: told.halted,
            next: told.shares.first().and_then(|share| share.next).map(next),
            platforms: names(open),
            serves: told.serves.iter().map(serves).collect(),
            shares: if differ { told.shares.iter().map(share).collect() } else { Vec::new() },
        }
    }
}

/// The next change of a percentage, as documents have it.
pub fn next((when, percent): (Timestamp, Percent)) -> Next {
    Next { percent: number(percent), when: Time(when) }
}

fn number(percent: Percent) -> f64 {
    f64::from(percent.hundredths()) / 100.0
}

fn names(platforms: PlatformSet) -> Vec<String> {
    platforms.iter().map(|platform| platform.name().to_owned()).collect()
}
