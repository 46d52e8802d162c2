//! Moments and lengths of time as people say them.

use jiff::tz::TimeZone;

use crate::documents::status::Next;
use crate::documents::time::{Time, calendar};
use crate::release::time::Timestamp;

/// The next change of a percentage: `goes to 10% at 14:05, in 32 min`.
pub fn goes(next: &Next, now: Timestamp) -> String {
    format!("goes to {}% {}, in {}", next.percent, moment(next.when, now), length(now, next.when.0))
}

/// `at 14:05` of the same day, else with the date.
fn moment(Time(when): Time, now: Timestamp) -> String {
    let civil = |time| TimeZone::UTC.to_datetime(calendar(time));
    let (when, now) = (civil(when), civil(now));
    let clock = format!("at {:02}:{:02}", when.hour(), when.minute());
    if when.date() == now.date() { clock } else { format!("on {} {clock}", when.date()) }
}

/// A length of time in its largest fitting unit: `32 min`.
pub fn length(from: Timestamp, to: Timestamp) -> String {
    let seconds = (to.0.saturating_sub(from.0).max(0) + 500) / 1000;
    let in_units = |unit: i64| (seconds + unit / 2) / unit;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..7200 => format!("{} min", in_units(60)),
        7200..172_800 => format!("{} h", in_units(3600)),
        172_800..63_072_000 => format!("{} d", in_units(86_400)),
        _ => format!("{} years", with_commas(in_units(31_556_952).unsigned_abs() as usize)),
    }
}

/// A number in groups of three digits.
pub fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
