use snapbox::{assert_data_eq, str};

use super::*;
use crate::cli::time::Typed;
use crate::documents::status::Next;
use crate::documents::time::Time;

fn time(text: &str) -> Time {
    Time(text.parse::<Typed>().unwrap().0)
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

fn release(version: &str, percent: f64, native: &[&str]) -> Release {
    let serves = Serves { platforms: texts(&["ios", "android", "electron"]), native: texts(native) };
    Release {
        version: version.to_owned(),
        percent,
        halted: false,
        next: None,
        platforms: texts(&["ios", "android", "electron"]),
        serves: if native.is_empty() { Vec::new() } else { vec![serves] },
        shares: Vec::new(),
    }
}

fn next(percent: f64, when: &str) -> Option<Next> {
    Some(Next { percent, when: time(when) })
}

fn channel(name: &str, releases: Vec<Release>) -> Channel {
    let (name, platforms) = (name.to_owned(), texts(&["ios", "android", "electron"]));
    let (builds, hardware) = (Some(texts(&["prod", "dev"])), Some(texts(&["device", "emulator"])));
    Channel {
        name,
        default: false,
        tags: false,
        pin: None,
        platforms,
        builds,
        hardware,
        public: true,
        releases,
        closed: Vec::new(),
    }
}

fn document(channels: Vec<Channel>) -> Document {
    let id = "com.example.app".to_owned();
    Document {
        commit: Some("0123456789abcdef".to_owned()),
        committed: Some(time("2026-12-01T11:03:00Z")),
        tip: Some("0123456789abcdef".to_owned()),
        table: Some("fedcba9876543210".to_owned()),
        time: time("2026-12-01T13:33:00Z"),
        note: None,
        daemon: None,
        apps: vec![App { id, name: Some("Example".to_owned()), channels, tags: Vec::new(), withdrawn: Vec::new() }],
        problems: Vec::new(),
    }
}

fn written(document: &Document) -> String {
    let mut out = Vec::new();
    write(document, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn what_each_channel_serves_to_whom_and_what_comes_next() {
    let mut few = release("1.4.2", 1.0, &[">=1.0.0, <1.4.3"]);
    few.next = next(10.0, "2026-12-01T14:05:00Z");
    let mut later = release("1.5.0-rc.1", 0.0, &[]);
    later.next = next(100.0, "2026-12-03T08:00:00Z");
    let mut halted = release("1.4.1", 12.25, &[]);
    halted.halted = true;
    let mut apart = release("1.4.0", 50.0, &["*"]);
    let share = |platform: &str, percent| {
        let next = next(60.0, "2026-12-01T13:33:20Z");
        crate::documents::status::Share { platforms: texts(&[platform]), percent, next }
    };
    apart.shares = vec![share("ios", 50.0), share("android", 5.0)];
    let mut split = release("1.3.9", 100.0, &[]);
    let serves = |platform: &str, native: &[&str]| Serves { platforms: texts(&[platform]), native: texts(native) };
    split.serves = vec![serves("ios", &["<1.0.0", ">=2.0.0"]), serves("android", &["*"])];
    let production = Channel {
        default: true,
        tags: true,
        ..channel("production", vec![later, few, halted, apart, split, release("1.3.8", 100.0, &[])])
    };
    let beta = Channel { builds: Some(texts(&["dev"])), public: false, ..channel("beta", Vec::new()) };
    let silent = Channel { builds: None, hardware: None, ..channel("of an older daemon", Vec::new()) };
    let shut = Channel { hardware: Some(Vec::new()), ..channel("shut", Vec::new()) };
    let pinned = Channel { pin: Some("builtin".to_owned()), ..channel("old", Vec::new()) };
    assert_data_eq!(
        written(&document(vec![production, beta, silent, shut, pinned])),
        str![[r#"
commit 0123456789, made 3 h ago
2026-12-01T13:33:00Z; all times are in UTC

com.example.app, Example
  production, the default, opened by tags
    1.5.0-rc.1      0%  goes to 100% on 2026-12-03 at 08:00, in 42 h
    1.4.2           1%  goes to 10% at 14:05, in 32 min; native >=1.0.0, <1.4.3
    1.4.1       12.25%  halted
    1.4.0          50%  android: 5%, goes to 60% at 13:33, in 20 s; native every version
    1.3.9         100%  ios: native <1.0.0 or >=2.0.0; android: native every version
    and an older one
  beta, private, serves development builds alone
    nothing is open
  of an older daemon
    nothing is open
  shut, serves nobody
    nothing is open
  old, pinned to builtin
    devices go back to the bundle that came with the app

"#]]
    );
}

#[test]
fn of_ten_thousand_releases_those_are_shown_that_somebody_gets() {
    let mut releases: Vec<Release> = (0..9998).rev().map(|n| release(&format!("1.{n}.0"), 100.0, &[])).collect();
    releases.insert(0, release("2.0.0", 100.0, &[">=2.0.0"]));
    releases.insert(0, release("3.0.0", 100.0, &[]));
    let text = written(&document(vec![channel("production", releases)]));
    let lines: Vec<&str> = text.lines().skip(4).collect();
    let expected = [
        "  production",
        "    3.0.0    100%  nobody is sent to it",
        "    2.0.0    100%  native >=2.0.0",
        "    and 9,998 older ones",
    ];
    assert_eq!(lines, expected);
    let all = (0..10_000).rev().map(|n| release(&format!("1.{n}.0"), 100.0, &["*"])).collect();
    let text = written(&document(vec![channel("production", all)]));
    assert!(text.lines().count() < 40 && text.ends_with("    and 9,980 older ones\n"), "{text}");
}

#[test]
fn a_branch_that_is_ahead_of_what_is_served() {
    let mut document = document(Vec::new());
    document.tip = Some("fedcba9876543210".to_owned());
    assert_data_eq!(
        written(&document),
        str![[r#"
commit 0123456789, made 3 h ago
the branch is at fedcba9876, of which nothing is served: see the problems
2026-12-01T13:33:00Z; all times are in UTC

com.example.app, Example

"#]]
    );
}

#[test]
fn lengths_of_time_are_rounded_to_a_unit_that_fits() {
    let in_seconds = |seconds: i64| length(Timestamp(0), Timestamp(seconds * 1000));
    let told = [0, 59, 61, 119 * 60, 7200, 47 * 3600, 3 * 86_400, 10_000 * 31_556_952].map(in_seconds);
    assert_eq!(told, ["0 s", "59 s", "1 min", "119 min", "2 h", "47 h", "3 d", "10,000 years"]);
    assert_eq!(length(Timestamp(5), Timestamp(0)), "0 s", "a clock that was set back");
}
