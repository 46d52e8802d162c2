//! Events: what plugins report of themselves, one object or an array of them, at any version.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Unreadable;
use super::lenient::{Key, Value};

/// One event. A field that was not sent, or had another type, is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event<'a> {
    /// The app that it is about.
    pub app_id: Cow<'a, str>,
    /// The device; some events of plugin 6.25.2 lack it.
    pub device_id: Cow<'a, str>,
    /// `ios`, `android` or `electron`.
    pub platform: Cow<'a, str>,
    /// What happened: `set`, `update_fail`, `download_complete`, and many more.
    pub action: Cow<'a, str>,
    /// The bundle that it is about; for events about one file `<version>:<file>`.
    pub version_name: Cow<'a, str>,
    /// The bundle that ran before.
    pub old_version_name: Cow<'a, str>,
    /// The native version.
    pub version_build: Cow<'a, str>,
    /// The version of the plugin.
    pub plugin_version: Cow<'a, str>,
    /// The channel that the device names.
    pub default_channel: Cow<'a, str>,
    /// When it happened by the device's clock, in milliseconds since 1970; only newer plugins say.
    pub timestamp: Option<i64>,
}

/// Events of one batch that are read; plugins send 200 at most, and an event in memory is many times its text.
const MOST: usize = 1000;

/// Reads the body of a POST. Whatever is JSON is fine: what is no event is left out, and so is what comes after the first
/// thousand of a batch.
///
/// # Errors
/// The body is not JSON.
pub fn read(body: &[u8]) -> Result<Vec<Event<'_>>, Unreadable> {
    serde_json::from_slice(body).map(|Events(events)| events).map_err(|_| Unreadable::NotJson)
}

struct Events<'a>(Vec<Event<'a>>);

/// An item of a batch; `None` where it is no object.
struct Item<'a>(Option<Event<'a>>);

impl<'de> Deserialize<'de> for Events<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor { batch: true }).map(Events)
    }
}

impl<'de> Deserialize<'de> for Item<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor { batch: false }).map(|mut events| Item(events.pop()))
    }
}

/// Takes any JSON value: an object is an event, an array is a batch where one may stand, all else is no event.
struct AnyVisitor {
    batch: bool,
}

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Vec<Event<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event or an array of events")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut event = Event::default();
        while let Some((Key(key), value)) = members.next_entry()? {
            set(&mut event, &key, value);
        }
        Ok(vec![event])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut events = Vec::new();
        while events.len() < MOST {
            let Some(Item(item)) = items.next_element()? else { return Ok(events) };
            events.extend(item.filter(|_| self.batch));
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(events)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

fn set<'a>(event: &mut Event<'a>, key: &str, value: Value<'a>) {
    let field = match key {
        "app_id" => &mut event.app_id,
        "device_id" => &mut event.device_id,
        "platform" => &mut event.platform,
        "action" => &mut event.action,
        "version_name" => &mut event.version_name,
        "old_version_name" => &mut event.old_version_name,
        "version_build" => &mut event.version_build,
        "plugin_version" => &mut event.plugin_version,
        "defaultChannel" => &mut event.default_channel,
        "timestamp" => return event.timestamp = value.integer(),
        _ => return,
    };
    *field = value.text().unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_is_one_event() {
        let events = read(br#"{"app_id":"a","action":"set","version_name":"1.2.0","metadata":{"x":"y"}}"#).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!((&*events[0].action, &*events[0].version_name), ("set", "1.2.0"));
    }

    #[test]
    fn an_array_is_a_batch() {
        let events =
            read(br#"[{"action":"set","timestamp":1770000000000},{"action":"reset","timestamp":"x"}]"#).unwrap();
        assert_eq!(events.iter().map(|e| e.timestamp).collect::<Vec<_>>(), [Some(1_770_000_000_000), None]);
        assert_eq!(read(b"[]"), Ok(vec![]));
    }

    #[test]
    fn of_an_endless_batch_the_beginning_is_read() {
        let body = format!("[{}]", vec!["{}"; MOST + 1].join(","));
        assert_eq!(read(body.as_bytes()).map(|events| events.len()), Ok(MOST));
        assert_eq!(read(body.trim_end_matches(']').as_bytes()), Err(Unreadable::NotJson));
    }

    #[test]
    fn whatever_is_json_is_fine() {
        for body in ["1", "-1", "1.5", "null", "true", "\"x\"", "[1,null,\"x\",[{\"action\":\"set\"}]]"] {
            assert_eq!(read(body.as_bytes()), Ok(vec![]), "{body}");
        }
        assert_eq!(read(b"[{]"), Err(Unreadable::NotJson));
        assert_eq!(read(b""), Err(Unreadable::NotJson));
    }
}
