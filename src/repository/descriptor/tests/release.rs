use super::*;
use crate::release::platform::{Platform, PlatformSet};
use crate::release::policy::{Descriptor, Yank};
use crate::release::rollout::Step;
use crate::release::time::Timestamp;

fn descriptor(text: &str) -> Descriptor {
    let read = release(text);
    assert_eq!(read.problems, []);
    read.descriptor.unwrap()
}

fn requirement(text: &str) -> Option<semver::VersionReq> {
    Some(text.parse().unwrap())
}

#[test]
fn an_empty_file_says_what_an_absent_one_does() {
    for text in ["", "yanked = false\ncomment = \"\"\nplatforms = [\"electron\", \"ios\", \"android\"]\n[bundle]\n"] {
        assert_eq!(descriptor(text), Descriptor::default());
    }
}

#[test]
fn every_problem_names_its_release() {
    let problem = release("comment = 1").problems.remove(0);
    assert_eq!((problem.app.as_deref(), problem.version.as_deref()), (Some(ID), Some("1.4.2")));
    assert_eq!(problem.file.as_deref(), Some("com.example.app/1.4.2/release.toml"));
}

#[test]
fn notes_may_have_lines() {
    let read = descriptor("comment = \"\"\"\nFixes\nthe login\"\"\"\nlink = \"https://example.com\"");
    assert_eq!(read.comment.as_deref(), Some("Fixes\nthe login"));
    assert_eq!(read.link.as_deref(), Some("https://example.com"));
}

#[test]
fn native_is_one_requirement_or_one_for_each_platform() {
    let all = descriptor("native = \">=2.0.0,   <3.0.0\"").native;
    assert_eq!((all.ios, all.electron), (requirement(">=2.0.0, <3.0.0"), requirement(">=2.0.0, <3.0.0")));
    let each = descriptor("native = { ios = \">=2\", android = \"2.1\" }").native;
    assert_eq!((each.ios, each.android, each.electron), (requirement(">=2"), requirement("^2.1"), None));
    assert_eq!(descriptor("native = {}"), Descriptor::default());
}

#[test]
fn native_is_cargos_grammar() {
    for text in ["", " ", ">=2.0.0 <3.0.0", "v2", "two", ">=", "1.2.3.4", ">=2 || <1"] {
        breaks_release(&format!("native = \"{text}\""), &["bad-requirement 1:10"]);
    }
    for text in [">=2, <1", ">=2.0.0, <2.0.0", "=1.2.3, =1.2.4", "<0.0.0", ">=2.0.0-rc.1, <1.0.0", ">=1, <1.0.0-rc.1"] {
        breaks_release(&format!("native = \"{text}\""), &["impossible-requirement 1:10"]);
    }
    for text in ["=1.0.0-rc.1", ">=1.0.0-rc.1, <1.0.0", ">1.0.0-rc.1, <1.0.0-rc.2", ">=2, <2.0.1", "*"] {
        descriptor(&format!("native = \"{text}\""));
    }
    breaks_release("native = 2", &["wrong-type 1:10"]);
    breaks_release(
        "native = { ios = 2, andriod = \"2\", electron = \"v\" }",
        &["wrong-type 1:18", "unknown-key 1:21", "bad-requirement 1:47"],
    );
}

#[test]
fn platforms_are_a_set_with_a_place() {
    let read = release("platforms = [\"android\", \"ios\", \"ios\"]");
    let expected = PlatformSet::from_iter([Platform::Ios, Platform::Android]);
    assert_eq!(read.descriptor.unwrap().platforms, expected);
    assert_eq!(read.platforms_place, Some(12..37));
    assert_eq!(release("").platforms_place, None);
    breaks_release("platforms = [\"andriod\"]", &["unknown-value 1:14"]);
    assert_eq!(rules(&release("platforms = []").problems), ["serves-nobody? 1:13"]);
}

#[test]
fn channels_are_a_set_with_places() {
    let text = "channels = [\"production\", \"beta\", \"beta\"]";
    let read = release(text);
    let shown: Vec<&str> = read.mentions.channels.iter().map(|(_, span)| &text[span.clone()]).collect();
    assert_eq!(shown, ["\"beta\"", "\"production\""]);
    let expected: [Box<str>; 2] = ["beta".into(), "production".into()];
    assert_eq!(read.descriptor.unwrap().channels.as_deref(), Some(&expected[..]));
    breaks_release("channels = []", &["empty-list 1:12"]);
    breaks_release("channels = \"beta\"", &["wrong-type 1:12"]);
    breaks_release("channels = [\"a b\", 1]", &["bad-name 1:13", "wrong-type 1:20"]);
}

#[test]
fn a_time_is_exact_to_the_millisecond() {
    for (text, expected) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-12-01T08:00:00Z", 1_796_112_000_000),
        ("2026-12-01 09:30:00+01:30", 1_796_112_000_000),
        ("2026-12-01T03:00:00.123456-05:00", 1_796_112_000_123),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("1969-12-31T23:59:59Z", -1_000),
    ] {
        assert_eq!(descriptor(&format!("not_before = {text}")).not_before, Some(Timestamp(expected)), "{text}");
    }
}

#[test]
fn a_time_has_date_clock_and_offset() {
    for text in ["2026-12-01T08:00:00", "2026-12-01", "08:00:00"] {
        breaks_release(&format!("not_before = {text}"), &["bad-time 1:14"]);
    }
    breaks_release("not_before = \"2026-12-01T08:00:00Z\"", &["wrong-type 1:14"]);
    breaks_release("not_before = 1796112000", &["wrong-type 1:14"]);
    let help = |text: &str| release(&format!("not_before = {text}")).problems.remove(0).help;
    assert!(help("2026-12-01T08:00:00").contains("`2026-12-01T08:00:00Z`"));
    assert!(help("2026-12-01").contains("`2026-12-01T00:00:00Z`"));
}

#[test]
fn a_time_that_there_is_not_is_an_error() {
    let never = |text: &str| descriptor(&format!("not_before = {text}")).not_before;
    assert_eq!(never("9999-12-31T23:59:59Z"), Some(Timestamp(253_402_300_799_000)));
    for text in ["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z"] {
        let read = release(&format!("not_before = {text}"));
        assert!(read.descriptor.is_none() && read.problems.len() == 1, "{text}: {:?}", read.problems);
    }
}

#[test]
fn yanked_is_a_flag_or_a_reason() {
    let yanked = |text: &str| descriptor(&format!("yanked = {text}")).yanked;
    assert_eq!(yanked("false"), None);
    assert_eq!(yanked("true"), Some(Yank { reason: None }));
    assert_eq!(yanked("\"\""), Some(Yank { reason: None }));
    assert_eq!(yanked("\"crashes\""), Some(Yank { reason: Some("crashes".into()) }));
    assert_eq!(yanked("\"false\""), Some(Yank { reason: Some("false".into()) }));
    breaks_release("yanked = 1", &["wrong-type 1:10"]);
}

#[test]
fn the_bundles_hash_is_64_hex_digits() {
    let text = format!("[bundle]\nsha256 = \"{}\"", "aB".repeat(32));
    assert_eq!(release(&text).bundle_sha256, Some(([0xab; 32], 18..84)));
    assert_eq!(descriptor(&text), Descriptor::default());
    breaks_release("[bundle]\nsha256 = \"abc\"", &["bad-sha256 2:10"]);
    breaks_release("bundle = true", &["wrong-type 1:10"]);
}

#[test]
fn what_is_not_there_yet_is_refused() {
    for key in ["url", "size", "session_key", "key_id", "checksum", "checksum_old"] {
        breaks_release(&format!("[bundle]\n{key} = \"x\""), &["not-available-yet 2:1"]);
    }
}

/// The steps in a channel, as they would be written.
fn steps(text: &str, channel: &str) -> Option<String> {
    let descriptor = descriptor(text);
    let minutes = |step: &Step| step.lasts.map(|lasts| format!(" for {}m", lasts / 60_000)).unwrap_or_default();
    let steps = descriptor.steps(channel)?;
    Some(steps.iter().map(|step| format!("{}{}", step.percent, minutes(step))).collect::<Vec<_>>().join(", "))
}

#[test]
fn a_rollout_is_a_list_of_steps_or_one_by_channel() {
    let everywhere = "rollout = [\"0% for 5m\", \"0.25% for 2h\", \"10%  for 1d\", \"100%\"]";
    assert_eq!(steps(everywhere, "any").as_deref(), Some("0% for 5m, 0.25% for 120m, 10% for 1440m, 100%"));
    let by_channel = "rollout = { production = [\"1% for 1w\"], beta = [\"100%\"] }";
    assert_eq!(steps(by_channel, "production").as_deref(), Some("1% for 10080m"));
    assert_eq!(steps(by_channel, "alpha"), None);
    let more = descriptor("rollout_start = 2026-12-01T08:00:00Z\nrollout_as = \"1.4.1\"");
    assert_eq!(more.rollout_start, Some(Timestamp(1_796_112_000_000)));
    assert_eq!(more.rollout_as.as_deref(), Some("1.4.1"));
}

#[test]
fn a_fault_of_a_step_is_shown_where_it_is() {
    for (value, expected) in [
        ("[\"10% for 1x\"]", &["bad-rollout 1:21"][..]),
        ("[\"101%\"]", &["bad-rollout 1:13"]),
        ("[\"10\"]", &["bad-rollout 1:13"]),
        ("[\"\"]", &["bad-rollout 1:12"]),
        ("[\"10% until 1d\"]", &["bad-rollout 1:17"]),
        ("[\"10% for 1d and more\"]", &["bad-rollout 1:17"]),
        ("[\"10% for\"]", &["bad-rollout 1:17"]),
        ("[\"10% for 1d\", \"10%\"]", &["bad-rollout 1:26"]),
        ("[\"10%\", \"20%\"]", &["bad-rollout 1:12"]),
        ("[\"10%\", \"5%\", \"x\"]", &["bad-rollout 1:26"]),
        ("[]", &["empty-list 1:11"]),
        ("\"10%\"", &["wrong-type 1:11"]),
        ("[10]", &["wrong-type 1:12"]),
        ("{ production = \"10%\" }", &["wrong-type 1:26"]),
        ("{ \"a b\" = [\"10%\"] }", &["bad-name 1:13"]),
    ] {
        breaks_release(&format!("rollout = {value}"), expected);
    }
    breaks_release("rollout_start = 2026-12-01", &["bad-time 1:17"]);
    breaks_release("rollout_as = \"1.4\"", &["bad-version 1:14"]);
}

#[test]
fn every_fault_is_found_at_once() {
    breaks_release(
        "coment = 1\ntags = true\nyanked = 1\nnative = \"two\"\n[bundle]\nsha = \"x\"",
        &["unknown-key 1:1", "unknown-key 2:1", "wrong-type 3:10", "bad-requirement 4:10", "unknown-key 6:1"],
    );
    breaks_release("comment = ", &["syntax 1:11"]);
}

#[test]
fn a_release_that_a_native_version_is_named_like_is_a_warning() {
    for (native, warns) in
        [("\">=1.4.2\"", true), ("{ ios = \"=1.4.2\" }", true), ("\"<1.4.2\"", false), ("\"1.4\"", false)]
    {
        let read = release(&format!("native = {native}"));
        assert!(read.descriptor.is_some());
        let expected: &[&str] = if warns { &["named-like-native? 1:10"] } else { &[] };
        assert_eq!(rules(&read.problems), expected, "{native}");
    }
}
