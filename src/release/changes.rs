//! What differs between two tables, in a few words for each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use semver::Version;

use super::platform::Platform;
use super::policy::{AppPolicy, ChannelPolicy, Descriptor};
use super::side_by_side::differing;
use super::table::{App, Release, Table};

/// One thing that is otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The app that it is about.
    pub app: Box<str>,
    /// What changed.
    pub what: What,
}

/// A part of an app's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// That key.
    Key(&'static str),
    /// The channel of that name.
    Channel(Box<str>),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Key(key) => write!(f, "`{key}`"),
            Setting::Channel(name) => write!(f, "channel `{name}`"),
        }
    }
}

/// What changed of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is served from now on.
    Added,
    /// It is served no longer.
    Gone,
    /// Its part of the settings says something else, at these places.
    Settings(Vec<Setting>),
    /// A release came.
    Released(Box<str>),
    /// A release is gone.
    Withdrew(Box<str>),
    /// A release was yanked.
    Yanked(Box<str>),
    /// A release is no longer yanked.
    Restored(Box<str>),
    /// A release says something else of itself, under these keys.
    Described(Box<str>, Vec<&'static str>),
    /// A release has a bundle for other platforms than before.
    Bundles(Box<str>),
    /// A release has other bytes than before, against all rules.
    Bytes(Box<str>),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = &self.app;
        match &self.what {
            What::Added => write!(f, "added the app {app}"),
            What::Gone => write!(f, "removed the app {app}"),
            What::Settings(places) => write!(f, "changed {} of {app}", listed(places)),
            What::Released(version) => write!(f, "released {app} {version}"),
            What::Withdrew(version) => write!(f, "withdrew {app} {version}"),
            What::Yanked(version) => write!(f, "yanked {app} {version}"),
            What::Restored(version) => write!(f, "took back the yank of {app} {version}"),
            What::Described(version, keys) => {
                let keys: Vec<Setting> = keys.iter().map(|key| Setting::Key(key)).collect();
                write!(f, "changed {} of {app} {version}", listed(&keys))
            }
            What::Bundles(version) => write!(f, "changed the platforms that {app} {version} has a bundle for"),
            What::Bytes(version) => write!(f, "changed the bytes of {app} {version}, which devices keep by its name"),
        }
    }
}

/// Keys, each as it is written in a file.
fn listed(keys: &[Setting]) -> String {
    let keys: Vec<String> = keys.iter().map(Setting::to_string).collect();
    match &*keys {
        [all @ .., before, last] => [all, &[format!("{before} and {last}")]].concat().join(", "),
        keys => keys.concat(),
    }
}

/// What differs: the apps that are gone, then app by app by their names, and release by release from the lowest up.
pub fn changes(old: Option<&Table>, new: &Table) -> Vec<Change> {
    let (mut gone, mut found) = (Vec::new(), Vec::new());
    for apps in differing(old, new) {
        let change = |what| Change { app: apps.id.into(), what };
        match apps.new {
            Some(new) => found.extend(of_app(apps.old, new).into_iter().map(change)),
            None => gone.push(change(What::Gone)),
        }
    }
    gone.append(&mut found);
    gone
}

fn of_app(old: Option<&App>, new: &App) -> Vec<What> {
    let mut found = Vec::new();
    match old {
        None => found.push(What::Added),
        Some(old) if old.policy != new.policy => found.push(What::Settings(settings(&old.policy, &new.policy))),
        Some(_) => {}
    }
    let (before, after) = (old.map(by_version).unwrap_or_default(), by_version(new));
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    found.extend(gone.map(|(_, release)| What::Withdrew(release.name.clone())));
    found.extend(after.iter().flat_map(|(key, release)| of_release(before.get(key).copied(), release)));
    found
}

/// The releases of an app, the lowest first.
fn by_version(app: &App) -> BTreeMap<(&Version, &str), &Release> {
    app.releases().map(|release| ((&release.version, &*release.name), &**release)).collect()
}

fn of_release(old: Option<&Release>, new: &Release) -> Vec<What> {
    let name = || new.name.clone();
    let Some(old) = old else { return vec![What::Released(name())] };
    let said = match (&old.descriptor.yanked, &new.descriptor.yanked) {
        (None, Some(_)) => Some(What::Yanked(name())),
        (Some(_), None) => Some(What::Restored(name())),
        _ if old.descriptor != new.descriptor => Some(What::Described(name(), keys(&old.descriptor, &new.descriptor))),
        _ => None,
    };
    let has = |release: &Release| Platform::ALL.map(|platform| release.bundles.get(platform).is_some());
    let bundles = (old.bundles != new.bundles)
        .then(|| if has(old) == has(new) { What::Bytes(name()) } else { What::Bundles(name()) });
    said.into_iter().chain(bundles).collect()
}

/// The parts of an app's settings that say something else: its keys, then its channels by their names.
fn settings(old: &AppPolicy, new: &AppPolicy) -> Vec<Setting> {
    // taken apart, so that no key can be forgotten here
    let AppPolicy { id: _, name, default_channel, channels, overrides } = old;
    let all = [
        ("name", *name != new.name),
        ("default_channel", *default_channel != new.default_channel),
        ("overrides", *overrides != new.overrides),
    ];
    let keys = all.into_iter().filter_map(|(key, differs)| differs.then_some(Setting::Key(key)));
    let by_name = |channels: &[ChannelPolicy]| -> BTreeMap<Box<str>, ChannelPolicy> {
        channels.iter().map(|channel| (channel.name.clone(), channel.clone())).collect()
    };
    let (before, after) = (by_name(channels), by_name(&new.channels));
    let names: BTreeSet<&Box<str>> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    keys.chain(changed.map(|name| Setting::Channel(name.clone()))).collect()
}

/// The keys of release.toml that say something else, in their order there.
fn keys(old: &Descriptor, new: &Descriptor) -> Vec<&'static str> {
    // taken apart, so that no key can be forgotten here
    let Descriptor {
        comment,
        link,
        native,
        platforms,
        channels,
        not_before,
        yanked,
        rollout,
        rollout_start,
        rollout_as,
    } = old;
    let all = [
        ("comment", *comment != new.comment),
        ("link", *link != new.link),
        ("native", *native != new.native),
        ("platforms", *platforms != new.platforms),
        ("channels", *channels != new.channels),
        ("not_before", *not_before != new.not_before),
        ("yanked", *yanked != new.yanked),
        ("rollout", *rollout != new.rollout),
        ("rollout_start", *rollout_start != new.rollout_start),
        ("rollout_as", *rollout_as != new.rollout_as),
    ];
    all.into_iter().filter_map(|(key, differs)| differs.then_some(key)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::super::platform::PerPlatform;
    use super::super::policy::Yank;
    use super::super::table::Bundle;
    use super::super::tags::AppTags;
    use super::*;

    fn release(name: &str, yanked: bool) -> Arc<Release> {
        let yanked = yanked.then_some(Yank { reason: None });
        let descriptor = Arc::new(Descriptor { yanked, ..Descriptor::default() });
        let (name, version) = (name.into(), name.parse().unwrap());
        Arc::new(Release { name, version, descriptor, bundles: PerPlatform::default() })
    }

    fn app(id: &str, channel: &str, releases: &[(&str, bool)]) -> Arc<App> {
        let policy = AppPolicy {
            id: id.into(),
            name: None,
            default_channel: channel.into(),
            channels: vec![ChannelPolicy::named(channel)],
            overrides: Vec::new(),
        };
        let releases = releases.iter().map(|(name, yanked)| release(name, *yanked));
        Arc::new(App::new(policy, releases, HashSet::new(), AppTags::default()))
    }

    fn table(apps: &[Arc<App>]) -> Table {
        Table::new(String::new(), String::new(), apps.iter().cloned())
    }

    #[test]
    fn what_differs_in_words() {
        let kept = app("kept", "production", &[("1.0.0", false)]);
        let old = table(&[
            Arc::clone(&kept),
            app("a", "production", &[("1.0.0", false), ("1.1.0", true)]),
            app("b", "x", &[]),
        ]);
        let new =
            table(&[kept, app("a", "beta", &[("1.1.0", false), ("1.2.0", false)]), app("c", "x", &[("1.0.0", true)])]);
        let told: Vec<String> = changes(Some(&old), &new).iter().map(Change::to_string).collect();
        let expected = [
            "removed the app b",
            "changed `default_channel`, channel `beta` and channel `production` of a",
            "withdrew a 1.0.0",
            "took back the yank of a 1.1.0",
            "released a 1.2.0",
            "added the app c",
            "released c 1.0.0",
        ];
        assert_eq!(told, expected);
        assert_eq!(changes(Some(&new), &new), []);
    }

    #[test]
    fn what_a_release_says_otherwise_is_told_by_its_keys() {
        let described = |descriptor: Descriptor| {
            let (name, version) = ("1.0.0".into(), "1.0.0".parse().unwrap());
            Arc::new(Release { name, version, descriptor: Arc::new(descriptor), bundles: PerPlatform::default() })
        };
        let told = |new: Descriptor| {
            let what = of_release(Some(&described(Descriptor::default())), &described(new));
            what.into_iter().next().map(|what| Change { app: "a".into(), what }.to_string())
        };
        let text = || Some(Box::from("x"));
        let one = Descriptor { comment: text(), ..Descriptor::default() };
        let two = Descriptor { link: text(), ..one.clone() };
        let three = Descriptor { rollout_as: text(), ..two.clone() };
        assert_eq!(told(one).as_deref(), Some("changed `comment` of a 1.0.0"));
        assert_eq!(told(two).as_deref(), Some("changed `comment` and `link` of a 1.0.0"));
        assert_eq!(told(three).as_deref(), Some("changed `comment`, `link` and `rollout_as` of a 1.0.0"));
        assert_eq!(told(Descriptor::default()), None);
    }

    #[test]
    fn other_bytes_are_told_from_other_platforms_and_beside_what_a_release_says() {
        let bundle = |of: u8| Some(Arc::new(Bundle { sha256: [of; 32], crc32: 0, size: 1 }));
        let release = |bundles, descriptor: Descriptor| Release {
            name: "1.0.0".into(),
            version: "1.0.0".parse().unwrap(),
            descriptor: Arc::new(descriptor),
            bundles,
        };
        let with = |ios, android| PerPlatform { ios, android, electron: None };
        let old = release(with(bundle(1), None), Descriptor::default());
        let told = |bundles| of_release(Some(&old), &release(bundles, Descriptor::default()));
        assert_eq!(told(with(bundle(1), None)), []);
        assert_eq!(told(with(bundle(2), None)), [What::Bytes("1.0.0".into())]);
        assert_eq!(told(with(bundle(1), bundle(1))), [What::Bundles("1.0.0".into())]);
        let yanked = Descriptor { yanked: Some(Yank { reason: None }), ..Descriptor::default() };
        let both = of_release(Some(&old), &release(with(bundle(2), None), yanked));
        assert_eq!(both, [What::Yanked("1.0.0".into()), What::Bytes("1.0.0".into())]);
    }
}
