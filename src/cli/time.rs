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
        let read = text.parse::<jiff::Timestamp>().map_err(|_| why_not(text))?;
        Ok(Typed(Timestamp(read.as_millisecond())))
    }
}

/// What is wrong with a text that is no point in time.
fn why_not(text: &str) -> &'static str {
    let has_zone = text.ends_with(['Z', 'z']) || text.get(10..).is_some_and(|clock| clock.contains(['+', '-']));
    if text.parse::<jiff::civil::DateTime>().is_ok() && text.contains(':') && !has_zone {
        return "nobody can tell in which time zone that is: put `Z` behind it, or an offset like `+01:00`";
    }
    // a number in each place, and too high a one in some
    let mut numbers = text.split(['-', 'T', 't', ' ', ':']).map_while(|part| part.get(..2));
    let are_numbers =
        numbers.by_ref().take(5).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).count() == 5;
    if are_numbers {
        return "the calendar has no such time: years go to 9999, months to 12, days to the end of the month, hours to 23";
    }
    "write it as 2026-12-01T08:00:00Z, or with an offset"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_shown_in_utc() {
        let typed = |text: &str| text.parse::<Typed>().map(|typed| shown(typed.0));
        assert_eq!(typed("2026-12-01T09:00:00+01:00").as_deref(), Ok("2026-12-01T08:00:00Z"));
        for form in ["2026-12-01", "now", "", "1780000000", "1.4.2"] {
            assert_eq!(typed(form), Err("write it as 2026-12-01T08:00:00Z, or with an offset"), "{form}");
        }
    }

    #[test]
    fn a_time_that_cannot_be_is_told_from_one_in_another_form() {
        let why = |text: &str| text.parse::<Typed>().expect_err(text);
        for text in [
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-12-01T25:00:00Z",
            "12026-12-01T00:00:00Z",
            "9999-12-31T23:59:59-12:00",
        ] {
            assert!(why(text).starts_with("the calendar has no such time"), "{text}");
        }
        for text in ["2026-12-01T08:00:00", "2026-12-01 08:00"] {
            assert!(why(text).contains("put `Z` behind it"), "{text}");
        }
    }
}
