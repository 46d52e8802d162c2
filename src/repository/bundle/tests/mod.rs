mod build;
mod laws;
mod names;

use Platform::{Android, Electron, Ios};

use self::build::{Fields, Part, end, ordinary, raw};
use super::*;

const EVERYONE: [Platform; 3] = Platform::ALL;

/// What is wrong with a zip: rule, entry, whom it stops.
fn faults(zip: &[u8]) -> Vec<(ZipRule, Option<String>, Vec<Platform>)> {
    let inspection = inspect(zip, &Limits::default());
    let refused: Vec<Platform> = inspection.faults.iter().flat_map(|fault| fault.refuses.clone()).collect();
    for platform in EVERYONE {
        assert_eq!(inspection.installable().contains(platform), !refused.contains(&platform), "{inspection:#?}");
    }
    inspection.faults.into_iter().map(|fault| (fault.rule, fault.entry, fault.refuses)).collect()
}

/// That a zip has one fault, and which.
#[track_caller]
fn one_fault(zip: &[u8], rule: ZipRule, entry: Option<&str>, refuses: &[Platform]) {
    assert_eq!(faults(zip), [(rule, entry.map(str::to_owned), refuses.to_vec())]);
}

/// That these entries beside an `index.html` have one fault, in the last of them.
#[track_caller]
fn one_bad(parts: &[Part], rule: ZipRule, refuses: &[Platform]) {
    let last = fault::printable(&parts.last().unwrap().listed.name);
    one_fault(&raw(&[&[index()], parts].concat()), rule, Some(&last), refuses);
}

fn index() -> Part {
    Part::deflated("index.html", b"<!doctype html><title>App</title>")
}

fn text(name: impl AsRef<[u8]>) -> Part {
    Part::deflated(name, b"text text text")
}

#[track_caller]
fn good(zip: &[u8]) {
    assert_eq!(faults(zip), []);
}

#[test]
fn an_ordinary_zip_is_for_everyone_and_its_bytes_are_known() {
    let zip = ordinary(&[("index.html", b"<!doctype html>"), ("assets/", b""), ("assets/app.js", b"let a = 1;")]);
    let inspection = inspect(&zip, &Limits::default());
    assert_eq!(inspection.faults, []);
    assert_eq!(inspection.installable(), PlatformSet::ALL);
    let bundle = inspection.bundle();
    assert_eq!(bundle.sha256, <[u8; 32]>::from(Sha256::digest(&zip)));
    assert_eq!((bundle.crc32, bundle.size), (crc32fast::hash(&zip), zip.len() as u64));
}

#[test]
fn every_usual_form_of_entry_is_good() {
    good(&raw(&[index(), Part::stored("a.txt", b"a"), Part::stored("empty", b""), Part::deflated("also empty", b"")]));
    good(&raw(&[index().streamed(true), text("b").streamed(false)]));
    good(&raw(&[index().mode(0o100_644), Part::stored("dir/", b"").mode(0o040_755), text("dir/ü.txt")]));
    good(&raw(&[index(), text("a").with(|fields| fields.extra = b"UT\x05\0\x01....\0\0".to_vec())]));
    // `zip` to a pipe puts a guess in front of the file.
    let mut guessed = text("a").streamed(true);
    guessed.local.unpacked = 99;
    good(&raw(&[index(), guessed]));
    good(&raw(&[index(), text(".well-known/assetlinks.json"), text("a..b"), text("...a")]));
    let mut commented = raw(&[index()]);
    let length = commented.len();
    commented[length - 2] = 7;
    commented.extend(b"comment");
    good(&commented);
}

#[test]
fn an_inspection_survives_being_written_down() {
    let inspection = inspect(&ordinary(&[("dist/index.html", b""), ("dist/.DS_Store", b"")]), &Limits::default());
    let json = serde_json::to_string(&inspection).unwrap();
    assert_eq!(serde_json::from_str::<Inspection>(&json).unwrap(), inspection);
    assert!(json.contains(r#""installable":["ios","android"]"#), "{json}");
    assert!(json.contains(r#""rule":"wrapper-folder""#), "{json}");
    assert!(json.contains(&format!(r#""sha256":"{}""#, hex::encode(inspection.bundle.sha256))), "{json}");
    assert!(serde_json::from_str::<Inspection>(&json.replace("\"ios\"", "\"symbian\"")).is_err());
}

#[test]
fn the_code_of_a_rule_is_what_is_written_down() {
    use ZipRule::*;
    let rules = [
        NotAZip,
        EmptyZip,
        ZipTooLarge,
        TooManyEntries,
        UnpacksTooLarge,
        SplitZip,
        Zip64,
        HiddenData,
        HeaderMismatch,
        Damaged,
        Encrypted,
        CompressionMethod,
        StoredWithDescriptor,
        UnsafeName,
        NotUtf8,
        UnmarkedUtf8,
        LongName,
        WindowsName,
        SpecialFile,
        DuplicateName,
        CaseClash,
        FileAndFolder,
        IndexMissing,
        WrapperFolder,
        MacMetadata,
        MoreFaults,
    ];
    for rule in rules {
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.code());
    }
}

#[test]
fn what_is_no_zip_is_told_from_what_was_cut_off() {
    let message = |bytes: &[u8]| inspect(bytes, &Limits::default()).faults.remove(0).message;
    assert_eq!(message(b""), "the file is empty");
    assert_eq!(message(b"<!doctype html>"), "the file is not a zip");
    let zip = ordinary(&[("index.html", b"<!doctype html>")]);
    for length in 4..zip.len() {
        let inspection = inspect(&zip[..length], &Limits::default());
        assert_eq!(inspection.installable(), PlatformSet::NONE);
        assert!(inspection.faults[0].message.contains("cut off"), "{length}: {inspection:?}");
    }
    one_fault(&end(0, 0, 0), ZipRule::EmptyZip, None, &EVERYONE);
}

#[test]
fn limits_hold_and_are_named() {
    let zip = raw(&[index(), Part::deflated("zeros", &[0; 1_000_000])]);
    let with = |limits: Limits| inspect(&zip, &limits);
    let limits = Limits { max_bundle: zip.len() as u64, max_entries: 2, max_unpacked: 1_000_033 };
    assert_eq!(with(limits).faults, []);
    let cases = [
        (Limits { max_bundle: limits.max_bundle - 1, ..limits }, ZipRule::ZipTooLarge, "`max_bundle`"),
        (Limits { max_entries: 1, ..limits }, ZipRule::TooManyEntries, "`max_entries`"),
        (Limits { max_unpacked: 1_000_032, ..limits }, ZipRule::UnpacksTooLarge, "`max_unpacked`"),
    ];
    for (limits, rule, named) in cases {
        let inspection = with(limits);
        let [fault] = &inspection.faults[..] else { panic!("{inspection:?}") };
        assert_eq!((fault.rule, &fault.refuses[..]), (rule, &EVERYONE[..]));
        assert!(fault.message.contains(named), "{fault:?}");
    }
    assert_eq!(too_large(600 << 20, &Limits::default()).installable(), PlatformSet::NONE);
}

#[test]
fn what_unpacks_is_counted_not_believed() {
    let bomb = Part::deflated("bomb", &vec![0; 10_000_000]).with(|fields| fields.unpacked = 10);
    one_bad(&[bomb], ZipRule::Damaged, &EVERYONE);
}

#[test]
fn only_plain_files_and_folders_are_taken() {
    one_bad(&[text("link").mode(0o120_777)], ZipRule::SpecialFile, &EVERYONE);
    one_bad(&[text("fifo").mode(0o010_644)], ZipRule::SpecialFile, &EVERYONE);
    one_bad(&[text("dir").mode(0o040_755)], ZipRule::SpecialFile, &EVERYONE);
    one_bad(&[Part { attributes: 0x10, ..text("dir") }], ZipRule::SpecialFile, &EVERYONE);
    one_bad(&[Part::stored("file/", b"").mode(0o100_644)], ZipRule::SpecialFile, &EVERYONE);
    one_bad(&[text("full/")], ZipRule::SpecialFile, &EVERYONE);
}

#[test]
fn only_what_every_client_unpacks_is_taken() {
    for flag in [1, 1 << 6 | 1, 1 << 13] {
        let secret = Part { packed: vec![0xa5; 16], ..text("a") };
        let secret = secret.with(|fields| (fields.flags, fields.packed) = (flag, 16));
        one_bad(&[secret], ZipRule::Encrypted, &EVERYONE);
    }
    for method in [1, 9, 12, 14, 93, 99] {
        one_bad(&[text("a").with(|fields| fields.method = method)], ZipRule::CompressionMethod, &EVERYONE);
    }
    one_bad(&[text("a").with(|fields| fields.flags = 1 << 5)], ZipRule::CompressionMethod, &EVERYONE);
    one_bad(&[Part::stored("a", b"a").streamed(true)], ZipRule::StoredWithDescriptor, &[Android]);
}

#[test]
fn zip64_and_split_zips_are_refused() {
    let zip64 = |fields: &mut Fields| fields.extra = [1, 0, 16, 0].into_iter().chain([0; 16]).collect();
    let mut local = text("a");
    zip64(&mut local.local);
    one_bad(&[local], ZipRule::Zip64, &EVERYONE);
    let mut listed = text("a");
    zip64(&mut listed.listed);
    one_bad(&[listed], ZipRule::Zip64, &EVERYONE);
    let mut zip = raw(&[index()]);
    let at = zip.len() - 22;
    zip.splice(at..at, [b"PK\x06\x07".as_slice(), &[0; 16]].concat());
    one_fault(&zip, ZipRule::Zip64, None, &EVERYONE);
    let mut split = raw(&[index()]);
    let at = split.len() - 18;
    split[at] = 1;
    one_fault(&split, ZipRule::SplitZip, None, &EVERYONE);
    one_bad(&[Part { disk: 1, ..text("a") }], ZipRule::SplitZip, &EVERYONE);
}

#[test]
fn no_byte_may_be_outside_of_files_or_in_two() {
    one_fault(&[b"#!".as_slice(), &raw(&[index()])].concat(), ZipRule::HiddenData, None, &EVERYONE);
    one_fault(&[&raw(&[index()]), b"more".as_slice()].concat(), ZipRule::HiddenData, None, &EVERYONE);
    let before = raw(&[Part { before: b"hidden".to_vec(), ..index() }]);
    one_fault(&before, ZipRule::HiddenData, Some("index.html"), &EVERYONE);
    one_bad(&[Part { before: b"hidden".to_vec(), ..text("a") }], ZipRule::HiddenData, &EVERYONE);
    one_fault(&raw(&[Part { after: b"hidden".to_vec(), ..index() }]), ZipRule::HiddenData, None, &EVERYONE);
    // A whole file that the directory does not list.
    let hidden = raw(&[text("hidden")]);
    let hidden = hidden[..hidden.windows(4).position(|w| w == b"PK\x01\x02").unwrap()].to_vec();
    one_bad(&[Part { before: hidden, ..text("a") }], ZipRule::HiddenData, &EVERYONE);
    // Two entries for the same bytes.
    let twice = faults(&raw(&[
        index(),
        Part { offset: Some(0), ..index().with(|fields| fields.name = b"again.html".to_vec()) },
    ]));
    assert!(
        twice.iter().any(|fault| fault.0 == ZipRule::HiddenData && fault.1.as_deref() == Some("again.html")),
        "{twice:?}"
    );
}

#[test]
fn a_second_end_in_the_comment_is_refused() {
    let inner = end(0, 0, 0);
    let mut zip = raw(&[index()]);
    let length = zip.len();
    zip[length - 2] = inner.len() as u8;
    zip.extend(&inner);
    assert_eq!(inspect(&zip, &Limits::default()).installable(), PlatformSet::NONE);
}

#[test]
fn both_headers_of_a_file_say_the_same() {
    let changes: [fn(&mut Fields); 6] = [
        |fields| fields.name = b"other".to_vec(),
        |fields| fields.method = 0,
        |fields| fields.flags = 8,
        |fields| fields.crc32 ^= 1,
        |fields| fields.unpacked += 1,
        |fields| fields.extra = b"up\x0a\0\x01....other".to_vec(),
    ];
    for change in changes {
        let mut part = text("right");
        change(&mut part.local);
        one_bad(&[part], ZipRule::HeaderMismatch, &EVERYONE);
    }
    let mut second_name = text("right");
    second_name.listed.extra = b"up\x0a\0\x01....other".to_vec();
    one_bad(&[second_name], ZipRule::HeaderMismatch, &EVERYONE);
    let mut descriptor = text("right").streamed(true);
    descriptor.after[5] ^= 1;
    one_bad(&[descriptor], ZipRule::HeaderMismatch, &EVERYONE);
}

#[test]
fn what_does_not_unpack_to_what_it_was_is_refused() {
    one_bad(&[text("a").with(|fields| fields.crc32 ^= 1)], ZipRule::Damaged, &EVERYONE);
    one_bad(&[Part::stored("a", b"a").with(|fields| fields.crc32 ^= 1)], ZipRule::Damaged, &EVERYONE);
    one_bad(&[text("a").with(|fields| fields.unpacked += 1)], ZipRule::Damaged, &EVERYONE);
    one_bad(&[text("a").with(|fields| fields.unpacked -= 1)], ZipRule::Damaged, &EVERYONE);
    one_bad(&[Part::stored("a", b"a").with(|fields| fields.unpacked = 2)], ZipRule::Damaged, &EVERYONE);
    one_bad(
        &[Part { packed: vec![0xff; 16], ..text("a") }.with(|fields| fields.packed = 16)],
        ZipRule::Damaged,
        &EVERYONE,
    );
    let broken = b"UT\xff\0....".to_vec();
    let (mut local, mut listed) = (text("a"), text("a"));
    (local.local.extra, listed.listed.extra) = (broken.clone(), broken);
    one_bad(&[local], ZipRule::Damaged, &EVERYONE);
    one_bad(&[listed], ZipRule::Damaged, &EVERYONE);
    one_bad(&[Part { offset: Some(u32::MAX - 1), ..text("a") }], ZipRule::Damaged, &EVERYONE);
}

#[test]
fn compressed_bytes_end_where_the_file_does() {
    // A client that reads from the start would take the bytes in between for the next file.
    let mut longer = text("a");
    longer.packed.extend([0; 8]);
    one_bad(&[longer.with(|fields| fields.packed += 8)], ZipRule::Damaged, &EVERYONE);
    let mut shorter = text("a");
    shorter.packed.pop();
    one_bad(&[shorter.with(|fields| fields.packed -= 1)], ZipRule::Damaged, &EVERYONE);
}

#[test]
fn many_faults_are_counted_not_listed() {
    let mut parts = vec![index()];
    parts.extend((0..30).map(|n| Part::stored(format!("{n}"), b"a").streamed(true)));
    parts.push(text("link").mode(0o120_777));
    let inspection = inspect(&raw(&parts), &Limits::default());
    assert_eq!(inspection.faults.len(), 21);
    let last = inspection.faults.last().unwrap();
    assert_eq!((last.rule, &last.message[..]), (ZipRule::MoreFaults, "and 11 more"));
    assert_eq!(inspection.installable(), PlatformSet::NONE);
    assert_eq!(last.refuses.len(), 3);
}

/// `cargo test --release --lib one_megabyte -- --ignored --nocapture`
#[test]
#[ignore = "prints a measurement"]
fn one_megabyte_is_inspected_in_about_ten_milliseconds() {
    let mut seed = 1u32;
    let mut script = || -> Vec<u8> {
        let mut word = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("let v{} = f{}(x);\n", seed >> 22, seed >> 12 & 1023)
        };
        (0..1500).flat_map(|_| word().into_bytes()).collect()
    };
    let mut parts = vec![index()];
    parts.extend((0..150).map(|n| Part::deflated(format!("assets/{n}.js"), &script())));
    let zip = raw(&parts);
    let started = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(inspect(&zip, &Limits::default()).faults, []);
    }
    println!("{} bytes in {:?}", zip.len(), started.elapsed() / 20);
}
