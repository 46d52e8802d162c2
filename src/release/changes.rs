//! What differs between two tables, in a few words for each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

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
    /// A release says something else of itself.
    Described(Box<str>),
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
            What::Described(version) => write!(f, "changed what {app} {version} says of itself"),
            What::Bundles(version) => write!(f, "changed the platforms that {app} {version} has a bundle for"),
        }
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
        _ if old.descriptor != new.descriptor => Some(What::Described(name)),
        _ if old.bundles != new.bundles => Some(What::Bundles(name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::platform::PerPlatform;
    use super::super::policy::{AppPolicy, ChannelPolicy, Descriptor, Yank};
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
}
