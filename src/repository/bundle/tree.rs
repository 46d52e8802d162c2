//! The names of a zip together: where each client finds `index.html`, and which names cannot be next to each other.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::directory::Listed;
use super::fault::{Faults, ZipFault, ZipRule, printable};
use super::name;
use crate::release::platform::Platform;

const INDEX: &str = "index.html";
/// Where macOS keeps what a zip has no place for.
const MACOSX: &str = "__MACOSX";

/// Adds what is wrong with the names as a whole. Where a name by itself is wrong that must be mended first.
pub(super) fn check(entries: &[Listed<'_>], faults: &mut Faults) {
    if !entries.iter().all(|listed| name::is_safe(listed.name)) {
        return;
    }
    let names: Vec<&str> = entries.iter().filter_map(|listed| std::str::from_utf8(listed.name).ok()).collect();
    clashes(&names, faults);
    index(&names, faults);
    metadata(&names, faults);
}

fn index(names: &[&str], faults: &mut Faults) {
    let tops = tops(names);
    let has_index = |platform| {
        let path = format!("{}{INDEX}", root(&tops, platform));
        names.contains(&path.as_str())
    };
    let lacking: Vec<Platform> = Platform::ALL.into_iter().filter(|platform| !has_index(*platform)).collect();
    if lacking.len() == Platform::ALL.len() {
        faults.add(missing(names));
    } else if !lacking.is_empty() {
        faults.add(wrapped(lacking));
    }
}

fn wrapped(lacking: Vec<Platform>) -> ZipFault {
    let listed: Vec<&str> = lacking.iter().map(|platform| platform.name()).collect();
    let message = format!("`{INDEX}` lies in a folder, and these clients do not look there: {}", listed.join(", "));
    ZipFault::new(ZipRule::WrapperFolder, message).refusing(lacking)
}

fn missing(names: &[&str]) -> ZipFault {
    let resembles = |name: &&&str| name.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(INDEX));
    let why = "without it clients download the bundle, never apply it, and never ask for that version again";
    match names.iter().filter(resembles).min_by_key(|name| name.len()) {
        Some(near) => {
            let message =
                format!("there is no `{INDEX}` at the root of the zip, only `{}`; {why}", printable(near.as_bytes()));
            ZipFault::new(ZipRule::IndexMissing, message).of(near.as_bytes())
        }
        None => ZipFault::new(ZipRule::IndexMissing, format!("there is no `{INDEX}` in the zip; {why}")),
    }
}

/// What lies at the root of the zip: names, folders with a `/` at the end.
fn tops<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().map(|name| name.find('/').map_or(*name, |end| &name[..=end])).collect()
}

/// What a client takes for the root of the bundle: empty, or the one folder that it takes away, with its `/`.
fn root<'a>(tops: &BTreeSet<&'a str>, platform: Platform) -> &'a str {
    let mut counted = tops.iter().filter(|top| match platform {
        Platform::Android => !top.starts_with('.') && !top.starts_with(MACOSX),
        Platform::Ios => true,
        Platform::Electron => false,
    });
    match (counted.next(), counted.next()) {
        (Some(only), None) if only.ends_with('/') && only.trim_end_matches('/') != INDEX => only,
        _ => "",
    }
}

fn metadata(names: &[&str], faults: &mut Faults) {
    let theirs = |name: &&&str| name.starts_with("__MACOSX/") || name.rsplit('/').next() == Some(".DS_Store");
    let mut found = names.iter().filter(theirs);
    if let Some(first) = found.next() {
        let count = found.count() + 1;
        let message =
            format!("macOS left {count} files of its own in the zip, which every device downloads for nothing");
        faults.add(ZipFault::new(ZipRule::MacMetadata, message).refusing([]).of(first.as_bytes()));
    }
}

/// An entry as a file system sees it to which upper and lower case are the same, and each way to write an accent.
struct Folded<'a> {
    // With `\0`, which no safe name has, in place of `/`: what is in a folder then sorts right behind it.
    path: String,
    name: &'a str,
}

impl<'a> Folded<'a> {
    fn new(name: &'a str) -> Self {
        let fold = |c: char| c.to_uppercase().flat_map(char::to_lowercase);
        // in parts first: some capitals with an accent have no small letter in one piece
        let path = name.strip_suffix('/').unwrap_or(name).nfd().flat_map(fold).nfc();
        Folded { path: path.map(|c| if c == '/' { '\0' } else { c }).collect(), name }
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    fn is_below(&self, other: &Folded<'_>) -> bool {
        self.path.strip_prefix(other.path.as_str()).is_some_and(|rest| rest.starts_with('\0'))
    }
}

fn clashes(names: &[&str], faults: &mut Faults) {
    let mut folded: Vec<Folded<'_>> = names.iter().map(|name| Folded::new(name)).collect();
    folded.sort_by(|a, b| (&a.path, a.name).cmp(&(&b.path, b.name)));
    for pair in folded.windows(2) {
        let [first, second] = pair else { continue };
        if let Some(fault) = clash(first, second) {
            faults.add(fault.of(second.name.as_bytes()));
        }
    }
}

fn clash(first: &Folded<'_>, second: &Folded<'_>) -> Option<ZipFault> {
    let other = printable(first.name.as_bytes());
    if first.name == second.name {
        return Some(ZipFault::new(
            ZipRule::DuplicateName,
            "the zip has two entries of this name, and clients take either",
        ));
    }
    if first.path == second.path && first.is_folder() && second.is_folder() {
        return None;
    }
    if first.path == second.path && first.is_folder() == second.is_folder() {
        let message = match first.name.nfc().eq(second.name.nfc()) {
            true => {
                "on iOS and macOS this and another are one file: the names differ only in how an accent is written \
                     (in Unicode: NFC and NFD)"
                    .to_owned()
            }
            false => format!("where upper and lower case are the same this and `{other}` are one file"),
        };
        return Some(ZipFault::new(ZipRule::CaseClash, message));
    }
    let both = first.path == second.path || !first.is_folder() && second.is_below(first);
    both.then(|| ZipFault::new(ZipRule::FileAndFolder, format!("`{other}` and this cannot both be there")))
}
