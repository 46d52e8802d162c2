//! What differs between two tables, in a few words for each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::policy::Descriptor;
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

/// What changed of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is served from now on.
    Added,
    /// It is served no longer.
    Gone,
    /// Its part of the settings says something else.
    Settings,
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
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = &self.app;
        match &self.what {
            What::Added => write!(f, "added the app {app}"),
            What::Gone => write!(f, "removed the app {app}"),
            What::Settings => write!(f, "changed the settings of {app}"),
            What::Released(version) => write!(f, "released {app} {version}"),
            What::Withdrew(version) => write!(f, "withdrew {app} {version}"),
            What::Yanked(version) => write!(f, "yanked {app} {version}"),
            What::Restored(version) => write!(f, "took back the yank of {app} {version}"),
            What::Described(version, keys) => write!(f, "changed {} of {app} {version}", listed(keys)),
            What::Bundles(version) => write!(f, "changed the platforms that {app} {version} has a bundle for"),
        }
    }
}

/// Keys, each as it is written in a file.
fn listed(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    match &*keys {
        [all @ .., before, last] => [all, &[format!("{before} and {last}")]].concat().join(", "),
        keys => keys.concat(),
    }
}

/// What differs: the apps that are gone, then app by app and release by release, in the order of their names.
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
        Some(old) if old.policy != new.policy => found.push(What::Settings),
        Some(_) => {}
    }
    let by_name = |app: &App| -> BTreeMap<Box<str>, Arc<Release>> {
        app.releases().map(|release| (release.name.clone(), Arc::clone(release))).collect()
    };
    let (before, after) = (old.map(by_name).unwrap_or_default(), by_name(new));
    found.extend(before.keys().filter(|name| !after.contains_key(*name)).cloned().map(What::Withdrew));
    found.extend(after.into_iter().filter_map(|(name, release)| of_release(before.get(&name), &release, name)));
    found
}

fn of_release(old: Option<&Arc<Release>>, new: &Release, name: Box<str>) -> Option<What> {
    let Some(old) = old else { return Some(What::Released(name)) };
    match (&old.descriptor.yanked, &new.descriptor.yanked) {
        (None, Some(_)) => Some(What::Yanked(name)),
        (Some(_), None) => Some(What::Restored(name)),
        _ if old.descriptor != new.descriptor => Some(What::Described(name, keys(&old.descriptor, &new.descriptor))),
        _ if old.bundles != new.bundles => Some(What::Bundles(name)),
        _ => None,
    }
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

    use super::super::platform::PerPlatform;
    use super::super::policy::{AppPolicy, ChannelPolicy, Yank};
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
            "changed the settings of a",
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
            let what = of_release(Some(&described(Descriptor::default())), &described(new), "1.0.0".into());
            what.map(|what| Change { app: "a".into(), what }.to_string())
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
}
