//! The names in a zip: each must lead to the same place inside the bundle for every client.

use super::directory::Listed;
use super::extra;
use super::fault::{Faults, ZipFault, ZipRule};
use crate::release::platform::Platform;

/// Bytes of one part of a path: what the file systems of phones allow.
const LONGEST_PART: usize = 255;
/// Bytes of a whole path: iOS allows 1024, and the folder that bundles are unpacked to takes up to two hundred.
const LONGEST_PATH: usize = 800;
/// Flag: the name is UTF-8.
const UTF8: u16 = 1 << 11;

/// Adds what is wrong with the name of an entry, the worst alone.
pub(super) fn check(listed: &Listed<'_>, faults: &mut Faults) {
    if let Some(fault) = fault(listed) {
        faults.add(fault.of(listed.name));
    }
}

/// Whether a name leads to one place for everyone.
pub(super) fn is_safe(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| unsafety(name).is_none())
}

fn fault(listed: &Listed<'_>) -> Option<ZipFault> {
    let Ok(name) = std::str::from_utf8(listed.name) else {
        return Some(ZipFault::new(ZipRule::NotUtf8, "the name is not UTF-8, and clients do not agree on what it is"));
    };
    if let Some(why) = unsafety(name) {
        return Some(ZipFault::new(ZipRule::UnsafeName, why));
    }
    length(name).or_else(|| second_name(listed)).or_else(|| unmarked(listed)).or_else(|| windows(name))
}

fn unsafety(name: &str) -> Option<&'static str> {
    let mut parts = name.strip_suffix('/').unwrap_or(name).split('/');
    if name.contains('\\') {
        Some("the name has a backslash, for which clients refuse the zip")
    } else if name.contains('\0') {
        Some("the name has a NUL character, where some clients end it")
    } else if name.starts_with('/') {
        Some("the name is an absolute path, for which clients refuse the zip")
    } else if has_drive(name) {
        Some("the name begins like a drive of Windows (`C:`), for which clients refuse the zip")
    } else if parts.clone().any(|part| part == "..") {
        Some("the name leads out of the bundle by `..`, for which clients refuse the zip")
    } else if parts.any(|part| part.is_empty() || part == ".") {
        Some("the name has an empty part or `.` in it, for which clients refuse the zip or install it elsewhere")
    } else {
        None
    }
}

fn has_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn length(name: &str) -> Option<ZipFault> {
    let long = |what: &str, limit| ZipFault::new(ZipRule::LongName, format!("{what} of more than {limit} bytes"));
    if name.len() > LONGEST_PATH {
        return Some(long("devices cannot unpack a path", LONGEST_PATH));
    }
    let too_long = name.split('/').any(|part| part.len() > LONGEST_PART);
    too_long.then(|| long("devices cannot store a name", LONGEST_PART))
}

fn second_name(listed: &Listed<'_>) -> Option<ZipFault> {
    let differs = extra::read(listed.extra).name.is_some_and(|name| name != listed.name);
    differs.then(|| {
        ZipFault::new(ZipRule::HeaderMismatch, "the zip gives the file a second name, which only some clients use")
    })
}

fn unmarked(listed: &Listed<'_>) -> Option<ZipFault> {
    let unmarked = !listed.name.is_ascii() && listed.flags & UTF8 == 0;
    // Android reads every name as UTF-8, the others take an unmarked one for code page 437.
    unmarked.then(|| {
        ZipFault::new(
            ZipRule::UnmarkedUtf8,
            "the name is not marked as UTF-8, so the file is unpacked under another name",
        )
        .refusing([Platform::Ios, Platform::Electron])
    })
}

/// A warning only: an Electron app is as often for another system.
fn windows(name: &str) -> Option<ZipFault> {
    let why = name.trim_end_matches('/').split('/').find_map(strange_to_windows)?;
    let message = format!("{why}, so an Electron app that runs there cannot install the bundle");
    Some(ZipFault::new(ZipRule::WindowsName, message).refusing([]))
}

/// Why no file or folder on Windows can have that name.
fn strange_to_windows(part: &str) -> Option<String> {
    let is_odd = |c: &char| c.is_ascii_control() || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    if let Some(odd) = part.chars().find(is_odd) {
        return Some(format!("Windows has no file with `{}` in its name", odd.escape_default()));
    }
    if part.ends_with(['.', ' ']) {
        return Some("Windows has no file whose name ends with a dot or a space".to_owned());
    }
    // with any ending: `aux.js` is the device too
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_numbered = |device| stem.strip_prefix(device).is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']));
    let is_device = ["con", "prn", "aux", "nul"].contains(&&*stem) || is_numbered("com") || is_numbered("lpt");
    is_device.then(|| format!("`{stem}` is a device of Windows, with any ending"))
}
