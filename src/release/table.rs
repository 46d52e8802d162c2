//! The release table: everything that a decision needs to know of the repository.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::channel::Channel;
use super::device::Device;
use super::overrides::Overrides;
use super::policy::{AppPolicy, ChannelPolicy, Override};
use super::tags::AppTags;
pub use super::version::{Bundle, Release};

/// By name. Who looks up may be anybody, but the names are the team's own: nobody can fill it with names that collide, and so
/// it need not hash as if they could.
type Named<T> = FxHashMap<Box<str>, T>;

/// All apps, as of one commit.
#[derive(Debug)]
pub struct Table {
    /// The commit that the table was read from, in hex.
    pub commit: String,
    /// Sixteen hex digits, equal for tables that answer alike.
    pub digest: String,
    apps: Named<Arc<App>>,
}

impl Table {
    /// A table of these apps.
    pub fn new(commit: String, digest: String, apps: impl IntoIterator<Item = Arc<App>>) -> Self {
        let apps = apps.into_iter().map(|app| (app.policy.id.clone(), app)).collect();
        Table { commit, digest, apps }
    }

    /// The app of that id.
    pub fn app(&self, id: &str) -> Option<&Arc<App>> {
        self.apps.get(id)
    }

    /// The id of the app that is meant where none is named.
    ///
    /// # Errors
    /// There is not one app alone: their ids, in order.
    pub fn only_app(&self) -> Result<&str, Vec<&str>> {
        let mut ids: Vec<&str> = self.apps.keys().map(|id| &**id).collect();
        ids.sort_unstable();
        match ids[..] {
            [only] => Ok(only),
            _ => Err(ids),
        }
    }

    /// Every app, in no order.
    pub fn apps(&self) -> impl Iterator<Item = &Arc<App>> {
        self.apps.values()
    }
}

/// One app: its policy, its releases, and what is derived from both.
#[derive(Debug)]
pub struct App {
    /// Its part of `releases.toml`.
    pub policy: AppPolicy,
    releases: Named<Arc<Release>>,
    withdrawn: HashSet<Box<str>>,
    tags: AppTags,
    channels: Named<Channel>,
    overrides: Overrides,
}

impl App {
    /// Works out what each channel lists. No two releases may differ in build metadata only.
    pub fn new(
        policy: AppPolicy,
        releases: impl IntoIterator<Item = Arc<Release>>,
        withdrawn: HashSet<Box<str>>,
        tags: AppTags,
    ) -> Self {
        let mut releases: Vec<Arc<Release>> = releases.into_iter().collect();
        releases.sort_unstable_by(|a, b| b.version.cmp_precedence(&a.version).then_with(|| b.name.cmp(&a.name)));
        let channel =
            |channel: &ChannelPolicy| (channel.name.clone(), Channel::new(&policy, channel.clone(), &releases, &tags));
        App {
            channels: policy.channels.iter().map(channel).collect(),
            overrides: Overrides::new(&policy.overrides),
            releases: releases.into_iter().map(|release| (release.name.clone(), release)).collect(),
            withdrawn,
            tags,
            policy,
        }
    }

    /// The release of that name, yanked ones too.
    pub fn release(&self, name: &str) -> Option<&Release> {
        self.releases.get(name).map(|release| &**release)
    }

    /// Every release, in no order.
    pub fn releases(&self) -> impl Iterator<Item = &Arc<Release>> {
        self.releases.values()
    }

    /// Its release tags.
    pub fn tags(&self) -> &AppTags {
        &self.tags
    }

    /// Whether a version of that name was once on the line and is gone.
    pub fn is_withdrawn(&self, name: &str) -> bool {
        self.withdrawn.contains(name)
    }

    /// Versions that were once on the line and are gone, in no order.
    pub fn withdrawn(&self) -> impl Iterator<Item = &str> {
        self.withdrawn.iter().map(|name| &**name)
    }

    /// The channel of that name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.get(name)
    }

    /// Every channel, in no order.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// The overrides that name the device, in the order of the file, each with its place in it.
    pub fn overrides_for(&self, device: &Device<'_>) -> impl Iterator<Item = (usize, &Override)> {
        self.overrides.naming(device).into_iter().filter_map(|at| Some((at, self.policy.overrides.get(at)?)))
    }
}
