//! Events of devices, to counts and to lines in the log.
//!
//! [`Events`] counts in memory. The invariant: whatever devices claim, memory does not grow with it. Only apps, channels
//! and versions of the table and actions that some plugin knows are counted by name; all else is counted as `other`.

mod action;
mod device;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::{info, warn};

use crate::release::platform::Platform;
use crate::release::table::{App, Table};

/// One event, as the device sent it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Event<'a> {
    /// The app.
    pub app: &'a str,
    /// The device's own id.
    pub device: &'a str,
    /// The channel that the device names; empty: the app's default.
    pub channel: &'a str,
    /// The bundle, or the bundle and a file of it with a colon between.
    pub version: &'a str,
    /// `ios`, `android` or `electron`.
    pub platform: &'a str,
    /// What happened.
    pub action: &'a str,
    /// The version of the plugin.
    pub plugin: &'a str,
}

/// What is counted together. `other` is the name of whatever the table does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The app.
    pub app: Box<str>,
    /// The channel.
    pub channel: Box<str>,
    /// The version.
    pub version: Box<str>,
    /// The platform.
    pub platform: &'static str,
    /// What happened.
    pub action: &'static str,
}

const OTHER: &str = "other";

impl Key {
    fn of(table: Option<&Table>, event: &Event<'_>) -> Key {
        let app = table.and_then(|table| table.app(event.app));
        Key {
            app: app.map_or(OTHER, |app| &*app.policy.id).into(),
            channel: app.map_or(OTHER, |app| channel(app, event.channel)).into(),
            version: app.and_then(|app| app.release(bundle(event.version))).map_or(OTHER, |r| &*r.name).into(),
            platform: Platform::from_name(event.platform).map_or(OTHER, Platform::name),
            action: action::known(event.action).unwrap_or(OTHER),
        }
    }

    /// All of what there is no room for.
    fn overflow() -> Key {
        Key { app: OTHER.into(), channel: OTHER.into(), version: OTHER.into(), platform: OTHER, action: OTHER }
    }
}

fn channel<'a>(app: &'a App, name: &str) -> &'a str {
    let policy = &app.policy;
    match name {
        "" => &policy.default_channel,
        name => policy.channels.iter().find(|c| *c.name == *name).map_or(OTHER, |c| &c.name),
    }
}

/// The bundle that an event about one of its files is about.
fn bundle(version: &str) -> &str {
    version.split_once(':').map_or(version, |(bundle, _)| bundle)
}

/// The counts since the daemon started.
#[derive(Debug, Default)]
pub struct Events {
    counts: Mutex<HashMap<Key, u64>>,
}

impl Events {
    /// How many different things are counted; the rest goes together. Real fleets have a few thousand.
    const MOST: usize = 20_000;
    /// How many events of a batch get a line in the log: five times what plugins send at most.
    const LOGGED: usize = 1000;

    /// Counts the events of one request and writes them into the log.
    pub fn record<'a>(&self, table: Option<&Table>, events: impl IntoIterator<Item = Event<'a>>) {
        let mut skipped = 0;
        for (index, event) in events.into_iter().enumerate() {
            self.count(Key::of(table, &event));
            if index < Events::LOGGED { log(&event) } else { skipped += 1 }
        }
        if skipped > 0 {
            warn!(skipped, "a batch had more events than any plugin sends; the rest is counted, not written here");
        }
    }

    /// The counts as they are now, in the order of their keys.
    pub fn counts(&self) -> Vec<(Key, u64)> {
        let mut counts: Vec<_> = self.lock().iter().map(|(key, count)| (key.clone(), *count)).collect();
        counts.sort_unstable();
        counts
    }

    fn count(&self, key: Key) {
        let mut counts = self.lock();
        let has_room = counts.len() < Events::MOST || counts.contains_key(&key);
        *counts.entry(if has_room { key } else { Key::overflow() }).or_default() += 1;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, u64>> {
        // Counts are right whatever their holder was doing when it panicked.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line. Texts of devices are cut, and escaped by the log.
fn log(event: &Event<'_>) {
    info!(
        app = short(event.app),
        device = &*device::pseudonym(event.app, event.device),
        action = short(event.action),
        version = short(event.version),
        platform = short(event.platform),
        plugin = short(event.plugin),
        "event"
    );
}

/// At most so many bytes, at the end of a character.
fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(128)]
}

#[cfg(test)]
mod tests;
