//! Laws for all bytes. `PROPTEST_CASES=1000000 cargo test --release --lib bundle::tests::laws` is the long run.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::build::{Part, ordinary, raw};
use super::*;

const LIMITS: Limits = Limits { max_bundle: 1 << 20, max_entries: 100, max_unpacked: 1 << 20 };

/// Zips of several makes that everyone can install.
static GOOD: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    vec![
        ordinary(&[("index.html", b"<!doctype html>"), ("a/", b""), ("a/app.js", b"let a = 1;"), ("a/b.css", b"a {}")]),
        raw(&[index(), Part::stored("a.txt", b"plain text"), text("ü").streamed(true), text("b/c").streamed(false)]),
    ]
});

#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, u8),
    Copy(Index, Index, u8),
}

impl Change {
    fn apply(&self, zip: &mut Vec<u8>) {
        if zip.is_empty() {
            return;
        }
        let span = |at: usize, length: u8| at..(at + usize::from(length)).min(zip.len());
        match self {
            Change::Flip(at, bits) => *at.get_mut(zip) ^= bits,
            Change::Cut(at) => zip.truncate(at.index(zip.len())),
            Change::Insert(at, bytes) => {
                drop(zip.splice(at.index(zip.len())..at.index(zip.len()), bytes.iter().copied()))
            }
            Change::Remove(at, length) => drop(zip.drain(span(at.index(zip.len()), *length))),
            Change::Copy(from, to, length) => {
                let copied = zip[span(from.index(zip.len()), *length)].to_vec();
                zip.splice(to.index(zip.len())..to.index(zip.len()), copied);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => (any::<Index>(), 1u8..).prop_map(|(at, bits)| Change::Flip(at, bits)),
        1 => any::<Index>().prop_map(Change::Cut),
        1 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (any::<Index>(), 1u8..).prop_map(|(at, length)| Change::Remove(at, length)),
        1 => (any::<Index>(), any::<Index>(), 1u8..).prop_map(|(from, to, length)| Change::Copy(from, to, length)),
    ]
}

/// An entry that may be right, or wrong in one way.
fn part() -> impl Strategy<Value = Part> {
    let name =
        prop::sample::select(vec!["index.html", "a", "A", "a/b", "a/", "ü", "..", "a//b", "www/index.html", ".x"]);
    let content = prop::collection::vec(0u8..4, 0..50);
    (name, content, 0..12u8, any::<u32>()).prop_map(|(name, content, make, wrong)| {
        let mut part = match make {
            0 => Part::stored(name, &content),
            1 => Part::deflated(name, &content).streamed(true),
            2 => Part::deflated(name, &content).streamed(false),
            3 => Part::stored(name, &content).streamed(true),
            _ => Part::deflated(name, &content),
        };
        match make {
            4 => part.local.name = b"other".to_vec(),
            5 => part.offset = Some(wrong % 200),
            6 => part.attributes = wrong,
            7 => part = part.with(|fields| fields.flags ^= 1 << (wrong % 16)),
            8 => part.packed.extend(wrong.to_le_bytes()),
            9 => part = part.with(|fields| fields.packed = fields.packed.wrapping_add(wrong % 8)),
            _ => {}
        }
        part
    })
}

/// The name of every file, as a reader from the start finds them.
fn from_the_start(mut zip: &[u8]) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    while zip.starts_with(b"PK\x03\x04") {
        let at = |n: usize| usize::from(u16::from_le_bytes([zip[n], zip[n + 1]]));
        names.push(zip[30..30 + at(26)].to_vec());
        let data = &zip[30 + at(26) + at(28)..];
        let packed = if at(8) == 8 { length_of_deflate(data) } else { at(18) | at(20) << 16 };
        let rest = &data[packed..];
        let after = match (at(6) & 8 != 0, rest.starts_with(b"PK\x07\x08")) {
            (false, _) => 0,
            (true, false) => 12,
            (true, true) => 16,
        };
        zip = &rest[after..];
    }
    assert!(zip.starts_with(b"PK\x01\x02"), "the directory follows the last file");
    names
}

fn length_of_deflate(data: &[u8]) -> usize {
    let mut inflate = flate2::bufread::DeflateDecoder::new(data);
    std::io::copy(&mut inflate, &mut std::io::sink()).unwrap();
    inflate.total_in() as usize
}

/// The same by the directory; the library reads the files too.
fn from_the_end(zip: &[u8]) -> Vec<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let count = archive.len();
    let read = |n| {
        let mut file = archive.by_index(n).unwrap();
        std::io::copy(&mut file, &mut std::io::sink()).unwrap();
        file.name_raw().to_vec()
    };
    (0..count).map(read).collect()
}

/// What no zip that everyone is said to install may break.
fn holds_its_promise(zip: &[u8]) {
    if inspect(zip, &LIMITS).installable() == PlatformSet::ALL {
        let (mut start, mut end) = (from_the_start(zip), from_the_end(zip));
        start.sort();
        end.sort();
        assert_eq!(start, end);
        assert!(end.contains(&b"index.html".to_vec()));
    }
}

#[test]
fn the_zips_that_are_changed_are_good_before() {
    for zip in GOOD.iter() {
        assert_eq!(inspect(zip, &LIMITS).faults, []);
        holds_its_promise(zip);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_inspected(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let inspection = inspect(&bytes, &LIMITS);
        prop_assert_eq!(inspection.installable(), PlatformSet::NONE);
    }

    #[test]
    fn any_bytes_behind_signatures_are_inspected(
        local in prop::collection::vec(any::<u8>(), 0..60),
        listed in prop::collection::vec(any::<u8>(), 0..60),
        tail in prop::collection::vec(any::<u8>(), 0..24),
    ) {
        let zip = [b"PK\x03\x04".as_slice(), &local, b"PK\x01\x02", &listed, b"PK\x05\x06", &tail].concat();
        holds_its_promise(&zip);
        let placed = super::build::end(1, listed.len() as u32 + 4, local.len() as u32 + 4);
        let zip = [b"PK\x03\x04".as_slice(), &local, b"PK\x01\x02", &listed, &placed].concat();
        holds_its_promise(&zip);
    }

    #[test]
    fn any_changed_zip_is_the_same_for_every_client_or_refused(
        which in any::<Index>(),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let mut zip = which.get(&GOOD).clone();
        changes.iter().for_each(|change| change.apply(&mut zip));
        holds_its_promise(&zip);
    }
    #[test]
    fn any_zip_of_any_entries_is_the_same_for_every_client_or_refused(
        parts in prop::collection::vec(part(), 0..5),
        with_index in any::<bool>(),
    ) {
        let first = with_index.then(index);
        holds_its_promise(&raw(&first.into_iter().chain(parts).collect::<Vec<_>>()));
    }
}
