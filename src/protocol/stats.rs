//! Events: what plugins report of themselves, one object or an array of them, at any version.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Unreadable;
use super::lenient::{self, Members, Object, ObjectVisitor, Value};

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
const MOST: usize = 10_000;

/// Reads the body of a POST. Whatever is JSON is fine: what is no event is left out, and so is what comes after the first
/// ten thousand of a batch.
///
/// # Errors
/// The body is not JSON.
pub fn read(body: &[u8]) -> Result<Vec<Event<'_>>, Unreadable> {
    let text = str::from_utf8(body).map_err(|_| Unreadable::NotJson)?;
    match serde_json::from_str(text) {
        Ok(Events(events)) => Ok(events),
        Err(_) => serde_json::from_str(text).map(patiently).map_err(|_| Unreadable::NotJson),
    }
}

/// Item by item, of JSON that is no event or no batch of events.
fn patiently(raw: &RawValue) -> Vec<Event<'_>> {
    match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Ok(items) => items.into_iter().take(MOST).filter_map(lenient::patiently).collect(),
        Err(_) => lenient::patiently(raw).into_iter().collect(),
    }
}

/// An event, or an array of events and nothing else, as plugins send them.
struct Events<'a>(Vec<Event<'a>>);

impl<'de> Deserialize<'de> for Events<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EventsVisitor).map(Events)
    }
}

struct EventsVisitor;

impl<'de> Visitor<'de> for EventsVisitor {
    type Value = Vec<Event<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event or an array of events")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        let mut event = Event::default();
        ObjectVisitor(&mut event).visit_map(members)?;
        Ok(vec![event])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut events = Vec::new();
        while events.len() < MOST {
            let Some(Object(event)) = items.next_element()? else { return Ok(events) };
            events.push(event);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(events)
    }
}

impl<'a> Members<'a> for Event<'a> {
    fn set(&mut self, name: &[u8], value: Value<'a>) {
        let field = match name {
            b"app_id" => &mut self.app_id,
            b"device_id" => &mut self.device_id,
            b"platform" => &mut self.platform,
            b"action" => &mut self.action,
            b"version_name" => &mut self.version_name,
            b"old_version_name" => &mut self.old_version_name,
            b"version_build" => &mut self.version_build,
            b"plugin_version" => &mut self.plugin_version,
            b"defaultChannel" => &mut self.default_channel,
            b"timestamp" => return self.timestamp = value.integer(),
            _ => return,
        };
        *field = value.text().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::lenient::tests::json;

    proptest! {
        #[test]
        fn any_bytes_are_events_where_they_are_json(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let is_json = str::from_utf8(&bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
            prop_assert_eq!(read(&bytes).is_ok(), is_json);
        }

        #[test]
        fn any_json_is_fine_and_hides_no_event_beside_it(value in json()) {
            prop_assert!(read(value.as_bytes()).is_ok(), "{}", value);
            let batch = format!(r#"[{value},{{"action":"set"}}]"#);
            let events = read(batch.as_bytes()).unwrap();
            prop_assert_eq!(events.last().map(|event| &*event.action), Some("set"));
            prop_assert_eq!(events.len(), 1 + usize::from(value.starts_with('{')));
        }
    }

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
        assert_eq!(read(&[b"[".repeat(9000), b"]".repeat(9000)].concat()), Ok(vec![]));
        assert_eq!(read(b"{\"metadata\":{\"x\":\"\xff\"}}"), Err(Unreadable::NotJson));
        assert_eq!(read(b"[{]"), Err(Unreadable::NotJson));
        assert_eq!(read(b""), Err(Unreadable::NotJson));
    }
}
