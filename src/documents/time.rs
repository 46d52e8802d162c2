//! Points in time in documents: RFC 3339, in UTC.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

use crate::release::time::Timestamp;

/// In RFC 3339 and UTC. What lies beyond the calendar is shown as its end.
pub fn shown(time: Timestamp) -> String {
    calendar(time).to_string()
}

/// The same as a value that knows the calendar.
pub fn calendar(time: Timestamp) -> jiff::Timestamp {
    let end = if time.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_millisecond(time.0).unwrap_or(end)
}

/// A point in time, written as [`shown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shown(self.0))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = text.parse::<jiff::Timestamp>().map_err(D::Error::custom)?;
        Ok(Time(Timestamp(time.as_millisecond())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_and_read_back() {
        let time = Time(Timestamp(1_780_000_000_123));
        let text = serde_json::to_string(&time).unwrap();
        assert_eq!(text, "\"2026-05-28T20:26:40.123Z\"");
        assert_eq!(serde_json::from_str::<Time>(&text).unwrap(), time);
        assert!(shown(Timestamp(i64::MAX)).starts_with("9999-12-"));
    }
}
