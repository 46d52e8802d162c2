use std::collections::HashSet;
use std::sync::Arc;

use semver::Version;

use super::*;
use crate::release::policy::{AppPolicy, ChannelPolicy, Descriptor};
use crate::release::table::Release;
use crate::release::tags::AppTags;

fn table(versions: impl IntoIterator<Item = String>) -> Table {
    let policy = AppPolicy {
        id: "com.example.app".into(),
        name: None,
        default_channel: "production".into(),
        channels: vec![ChannelPolicy::named("production"), ChannelPolicy::named("beta")],
        overrides: Vec::new(),
    };
    let release = |name: String| {
        Arc::new(Release {
            version: Version::parse(&name).unwrap(),
            name: name.into(),
            descriptor: Arc::new(Descriptor::default()),
            bundles: Default::default(),
        })
    };
    let app = App::new(policy, versions.into_iter().map(release), HashSet::new(), AppTags::default());
    Table::new("c".into(), "d".into(), [Arc::new(app)])
}

const EVENT: Event<'static> = Event {
    app: "com.example.app",
    device: "d",
    channel: "",
    version: "1.2.0",
    platform: "ios",
    action: "set",
    plugin: "8.51.23",
};

fn counted(events: &[Event<'_>]) -> Vec<(String, u64)> {
    let counts = Events::default();
    counts.record(Some(&table(["1.2.0".to_owned()])), events.iter().copied());
    let name = |k: Key| [&*k.app, &k.channel, &k.version, k.platform, k.action].join(" ");
    counts.counts().into_iter().map(|(key, count)| (name(key), count)).collect()
}

#[test]
fn what_the_table_knows_is_counted_by_name() {
    let file = Event { version: "1.2.0:index.html", ..EVENT };
    let beta = Event { channel: "beta", action: "update_fail", platform: "android", ..EVENT };
    assert_eq!(
        counted(&[EVENT, file, beta]),
        [
            ("com.example.app beta 1.2.0 android update_fail".to_owned(), 1),
            ("com.example.app production 1.2.0 ios set".to_owned(), 2),
        ]
    );
}

#[test]
fn what_it_does_not_know_is_other() {
    let strange = Event { channel: "x", version: "9.9.9", platform: "x", action: "x", ..EVENT };
    let stranger = Event { app: "x", ..strange };
    assert_eq!(
        counted(&[strange, stranger, Event { app: "y", ..stranger }]),
        [("com.example.app other other other other".to_owned(), 1), ("other other other other other".to_owned(), 2)]
    );
}

#[test]
fn memory_is_bounded_and_no_event_is_lost() {
    let versions = Events::MOST + 10;
    let name = |n: usize| format!("1.0.{n}");
    let table = table((0..versions).map(name));
    let events = Events::default();
    for n in 0..versions {
        events.record(Some(&table), [Event { version: &name(n), ..EVENT }]);
    }
    events.record(Some(&table), [Event { version: "1.0.0", ..EVENT }]);
    let counts = events.counts();
    assert_eq!(counts.len(), Events::MOST + 1);
    assert_eq!(counts.iter().map(|(_, count)| *count).sum::<u64>(), versions as u64 + 1);
    assert!(counts.iter().any(|(key, count)| *key == Key::overflow() && *count == 10));
}

#[test]
fn texts_are_cut_at_a_character() {
    assert_eq!(short("abc"), "abc");
    assert_eq!(short(&"é".repeat(100)).len(), 128);
    assert_eq!(short(&format!("a{}", "é".repeat(100))).len(), 127);
}
