//! Points in time as people write and read them.

use std::str::FromStr;
use std::time::SystemTime;

pub use crate::documents::time::shown;
use crate::release::time::Timestamp;

/// The clock of this machine.
pub fn now() -> Timestamp {
    SystemTime::now().into()
}

/// A point in time that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed(pub Timestamp);

impl FromStr for Typed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Typed, Self::Err> {
        let read =
            text.parse::<jiff::Timestamp>().map_err(|_| "write it as 2026-12-01T08:00:00Z, or with an offset")?;
        Ok(Typed(Timestamp(read.as_millisecond())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_shown_in_utc() {
        let typed = |text: &str| text.parse::<Typed>().map(|typed| shown(typed.0));
        assert_eq!(typed("2026-12-01T09:00:00+01:00").as_deref(), Ok("2026-12-01T08:00:00Z"));
        assert!(typed("2026-12-01").is_err() && typed("now").is_err());
    }
}
