//! The small grammars inside texts: versions, hashes, requirements, times, and names out of a fixed set.

use semver::{Version, VersionReq};
use toml::value::{Datetime, Offset};

use super::faults::{Faults, listed, quoted};
use super::fields::{Field, Text};
use super::place::nearest;
use crate::release::requirement::is_possible;
use crate::release::time::Timestamp;

/// A strict SemVer version, as a release's directory may be called.
pub(super) fn version(text: &Text<'_>, faults: &mut Faults<'_>) -> Option<Box<str>> {
    let why = match Version::parse(text.value) {
        Ok(_) if text.value.ends_with(".lock") => "no tag may end with `.lock`".to_owned(),
        Ok(_) => return Some(text.value.into()),
        Err(error) => error.to_string(),
    };
    let message = format!("{} is not a version: {why}", quoted(text.value));
    faults.error("bad-version", text.span.clone(), message, version_mend(text.value));
    None
}

fn version_mend(text: &str) -> String {
    let bare = text.trim().trim_start_matches(['v', 'V', '=']);
    let guesses = [bare.to_owned(), format!("{bare}.0"), format!("{bare}.0.0")];
    match guesses.iter().find(|guess| Version::parse(guess).is_ok()) {
        Some(guess) => format!("write \"{guess}\""),
        None => "write all three numbers and nothing before them, like \"1.4.2\" or \"1.5.0-rc.1\"".into(),
    }
}

/// A SHA-256 in hex.
pub(super) fn sha256(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Notes a text that should hold a SHA-256 and does not.
pub(super) fn bad_sha256(text: &Text<'_>, help: &str, faults: &mut Faults<'_>) {
    let message = format!("{} is not a SHA-256, which is 64 hexadecimal digits", quoted(text.value));
    faults.error("bad-sha256", text.span.clone(), message, help);
}

/// Which versions are meant, in Cargo's form.
pub(super) fn requirement(text: &Text<'_>, faults: &mut Faults<'_>) -> Option<VersionReq> {
    let refused = |error: semver::Error| {
        let message = format!("{} is no requirement on the native version: {error}", quoted(text.value));
        let help = "write it as Cargo does: \">=2.0.0, <3.0.0\", or \"2\" for 2.0.0 up to 3.0.0";
        faults.error("bad-requirement", text.span.clone(), message, help);
    };
    let requirement = VersionReq::parse(text.value).map_err(refused).ok()?;
    if !is_possible(&requirement) {
        let message = format!("no native version meets {}, so no device could ever get this", quoted(text.value));
        let help = "all that has commas between must hold at once; `>=2.0.0, <3.0.0` is every 2.x.y";
        faults.error("impossible-requirement", text.span.clone(), message, help);
        return None;
    }
    Some(requirement)
}

/// A point in time that has its offset.
pub(super) fn timestamp(field: &Field<'_>, faults: &mut Faults<'_>) -> Option<Timestamp> {
    let help = format!("write `{} = 2026-12-01T08:00:00Z`, without quotes", field.key);
    let Some(time) = field.value.get_ref().as_datetime() else {
        return field.wrong("a date with time and offset", help, faults);
    };
    if time.date.is_none() || time.time.is_none() || time.offset.is_none() {
        let message = format!("`{}` has no {}, so it is no point in time", field.key, lacking(time));
        faults.error("bad-time", field.value.span(), message, time_mend(time, help));
        return None;
    }
    let read = instant(time);
    if read.is_none() {
        faults.error("bad-time", field.value.span(), format!("`{}` is not a time that there is", field.key), help);
    }
    read
}

fn lacking(time: &Datetime) -> &'static str {
    match (time.date, time.time) {
        (None, _) => "date",
        (_, None) => "time of day",
        _ => "offset from UTC",
    }
}

fn time_mend(time: &Datetime, example: String) -> String {
    match (time.date, time.time) {
        (Some(_), Some(_)) => format!("write `{time}Z` for UTC, or the offset of a place: `{time}+01:00`"),
        (Some(_), None) => format!("write `{time}T00:00:00Z`, with the time that you mean"),
        _ => example,
    }
}

fn instant(time: &Datetime) -> Option<Timestamp> {
    let (date, clock) = (time.date?, time.time?);
    let minutes = match time.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => minutes,
    };
    let signed = |n: u8| i8::try_from(n).ok();
    let nanos = i32::try_from(clock.nanosecond.unwrap_or(0)).ok()?;
    // A leap second is the second after it, as everywhere in POSIX.
    let second = clock.second.unwrap_or(0);
    let civil = jiff::civil::DateTime::new(
        i16::try_from(date.year).ok()?,
        signed(date.month)?,
        signed(date.day)?,
        signed(clock.hour)?,
        signed(clock.minute)?,
        signed(second.min(59))?,
        nanos,
    );
    // counted by hand: the library's own points in time end a day before the last that can be written, which is what
    // people write for "never"
    let utc = civil.ok()?.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_millis();
    let seconds = i64::from(second.saturating_sub(59)) - i64::from(minutes) * 60;
    Some(Timestamp(i64::try_from(utc).ok()?.saturating_add(seconds * 1000)))
}

/// What the texts of a list mean, out of a fixed set; a misspelt one is noted.
pub(super) fn choices<T: Copy>(
    field: &Field<'_>,
    set: &[(&'static str, T)],
    faults: &mut Faults<'_>,
) -> Option<Vec<T>> {
    let texts = field.texts(faults)?;
    if field.value.get_ref().as_array().is_some_and(|list| list.is_empty()) {
        let message = format!("`{}` is empty, so it serves nobody", field.key);
        let help = format!("remove it to serve all, or name some of {}", listed(set.iter().map(|(name, _)| *name)));
        faults.warning("serves-nobody", field.value.span(), message, help);
    }
    Some(texts.iter().filter_map(|text| choice(field.key, text, set, faults)).collect())
}

/// What a text means, out of a fixed set.
pub(super) fn choice<T: Copy>(
    key: &str,
    text: &Text<'_>,
    set: &[(&'static str, T)],
    faults: &mut Faults<'_>,
) -> Option<T> {
    let found = set.iter().find(|(name, _)| *name == text.value).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let names = || set.iter().map(|(name, _)| *name);
        let help = nearest(text.value, names())
            .map_or_else(|| format!("write one of {}", listed(names())), |near| format!("did you mean `{near}`?"));
        faults.error(
            "unknown-value",
            text.span.clone(),
            format!("{} is nothing that `{key}` knows", quoted(text.value)),
            help,
        );
    }
    found
}
