//! Names, by themselves and together.

use super::*;

#[test]
fn index_html_must_be_where_each_client_looks() {
    let place = |names: &[&str]| faults(&raw(&names.iter().map(text).collect::<Vec<_>>()));
    let none = |near: Option<&str>| vec![(ZipRule::IndexMissing, near.map(str::to_owned), EVERYONE.to_vec())];
    let wrapped = |refuses: &[Platform]| vec![(ZipRule::WrapperFolder, None, refuses.to_vec())];
    assert_eq!(place(&["index.html", "www/a"]), []);
    assert_eq!(place(&["www/index.html", "www/a"]), wrapped(&[Electron]));
    assert_eq!(place(&["www/index.html", ".htaccess"]), wrapped(&[Ios, Electron]));
    assert_eq!(place(&["www/index.html", ".hidden/a"]), wrapped(&[Ios, Electron]));
    assert_eq!(place(&["www/index.html", "www/a/index.html"]), wrapped(&[Electron]));
    assert_eq!(place(&[".www/index.html"]), wrapped(&[Android, Electron]));
    assert_eq!(place(&["www/index.html", "readme"]), none(Some("www/index.html")));
    assert_eq!(place(&["www/a/index.html"]), none(Some("www/a/index.html")));
    assert_eq!(place(&["Index.html", "a/b/index.html"]), none(Some("Index.html")));
    assert_eq!(place(&["www/index.htm"]), none(None));
    assert_eq!(faults(&raw(&[Part::stored("index.html/", b"")])), none(None));
    assert_eq!(place(&["index.html/index.html"]), none(Some("index.html/index.html")));
}

#[test]
fn what_macos_adds_is_a_warning_or_stops_the_flattening() {
    let mac = ["www/index.html", "__MACOSX/www/._index.html"].map(text);
    assert_eq!(
        faults(&raw(&mac)).iter().map(|fault| fault.2.clone()).collect::<Vec<_>>(),
        [vec![Ios, Electron], vec![]]
    );
    one_fault(
        &raw(&["index.html", ".DS_Store", "a/.DS_Store"].map(text)),
        ZipRule::MacMetadata,
        Some(".DS_Store"),
        &[],
    );
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let names = [
        "/etc/passwd",
        "../a",
        "a/../b",
        "a/..",
        "..",
        "a\\b",
        "C:/a",
        "c:a",
        "a\0b",
        "a//b",
        "./a",
        "a/./b",
        "./",
        ".",
        "/",
        "",
        "a//",
    ];
    for name in names {
        let part = if name.ends_with('/') { Part::stored(name, b"") } else { text(name) };
        one_bad(&[part], ZipRule::UnsafeName, &EVERYONE);
    }
}

#[test]
fn where_a_name_leads_elsewhere_the_names_together_are_not_judged() {
    let rules = faults(&raw(&["../index.html", "a", "A"].map(text))).into_iter().map(|fault| fault.0);
    assert_eq!(rules.collect::<Vec<_>>(), [ZipRule::UnsafeName]);
}

#[test]
fn names_are_utf8_and_marked_as_such() {
    one_bad(&[text(b"caf\xe9")], ZipRule::NotUtf8, &EVERYONE);
    one_bad(&[text("café").with(|fields| fields.flags = 0)], ZipRule::UnmarkedUtf8, &[Ios, Electron]);
}

#[test]
fn names_fit_the_file_systems_of_devices() {
    good(&raw(&[index(), text(["a".repeat(255), "b".repeat(255), "c".repeat(255)].join("/"))]));
    one_bad(&[text("é".repeat(128))], ZipRule::LongName, &EVERYONE);
    one_bad(&[text("abc/".repeat(200) + "d")], ZipRule::LongName, &EVERYONE);
}

#[test]
fn names_that_windows_cannot_hold_are_a_warning() {
    let odd = ["a?.js", "a|b/c.js", "a*", "x/a<b>.js", "what\".js", "a/b:c.js", "tab\tbed.js"];
    let ends = ["a/b./c.js", "name ", "..."];
    let devices = ["aux.js", "chunks/con.123.js", "NUL", "Com1.txt", "lpt9/x.js", "prn .js"];
    for name in odd.into_iter().chain(ends).chain(devices) {
        one_bad(&[text(name)], ZipRule::WindowsName, &[]);
    }
    let sound =
        ["auxiliary.js", "com0.js", "com10.js", "a.b.c", ".well-known/x", "icon.png", "[slug]-{x}~$&'`;,=@!%^#.js"];
    good(&raw(&[&[index()], &sound.map(text)[..]].concat()));
    let message = inspect(&raw(&[index(), text("js/aux.js")]), &Limits::default()).faults.remove(0).message;
    assert_eq!(
        message,
        "`aux` is a device of Windows, with any ending, so an Electron app that runs there cannot install the bundle"
    );
}

#[test]
fn names_that_windows_cannot_hold_hide_nothing() {
    let odd: Vec<Part> = (0..40).map(|n| text(format!("aux/{n}.js"))).collect();
    let zip = raw(&[&[index()], &odd[..], &[text("a\\b.js")]].concat());
    let faults = inspect(&zip, &Limits::default()).faults;
    let rules: Vec<ZipRule> = faults.iter().map(|fault| fault.rule).collect();
    assert_eq!(rules, [ZipRule::UnsafeName, ZipRule::WindowsName]);
    assert!(faults[1].message.ends_with("; and 39 more such names"), "{}", faults[1].message);
}

#[test]
fn a_printed_name_is_harmless_and_short() {
    let zip = raw(&[index(), text("\x1b[2J\n".to_owned() + &"x".repeat(300))]);
    let entry = inspect(&zip, &Limits::default()).faults.remove(0).entry.unwrap();
    assert!(entry.starts_with("\\u{1b}[2J\\n") && entry.len() < 250, "{entry}");
}

#[test]
fn names_that_meet_on_some_file_system_are_refused() {
    one_bad(&[text("a"), text("a")], ZipRule::DuplicateName, &EVERYONE);
    one_bad(&[Part::stored("a/", b""), Part::stored("a/", b"")], ZipRule::DuplicateName, &EVERYONE);
    one_bad(&[text("A.js"), text("a.js")], ZipRule::CaseClash, &EVERYONE);
    one_bad(&[text("straSSe"), text("straße")], ZipRule::CaseClash, &EVERYONE);
    one_bad(&[text("dir/É"), text("dir/é")], ZipRule::CaseClash, &EVERYONE);
    one_bad(&[text("DIR/x"), text("dir/x")], ZipRule::CaseClash, &EVERYONE);
    one_bad(&[text("cafe\u{301}.js"), text("caf\u{e9}.js")], ZipRule::CaseClash, &EVERYONE);
    one_bad(&[text("CAFE\u{301}/x.js"), text("caf\u{e9}/x.js")], ZipRule::CaseClash, &EVERYONE);
    one_bad(&[text("a"), Part::stored("a/", b"")], ZipRule::FileAndFolder, &EVERYONE);
    one_bad(&[text("a"), text("a b"), text("a-b/c"), text("A/b")], ZipRule::FileAndFolder, &EVERYONE);
    good(&raw(&[
        index(),
        text("a/b"),
        text("A/c"),
        Part::stored("a/", b""),
        Part::stored("A/", b""),
        text("ab"),
        text("a-"),
    ]));
}
