use super::*;
use crate::release::platform::{Platform, PlatformSet};
use crate::release::policy::{Builds, ChannelPolicy, Hardware, Pin, StayWithin};

fn channel(text: &str) -> ChannelPolicy {
    let policy = policy(&format!("channels.production = {{ {text} }}"));
    policy.channels.into_iter().next().unwrap()
}

/// The column is that of a value written behind `production = { `.
#[track_caller]
fn breaks_channel(text: &str, expected: &[&str]) {
    breaks(&format!("channels.production = {{\n{text} }}"), expected);
}

#[test]
fn nothing_written_is_the_default() {
    assert_eq!(channel(""), ChannelPolicy::named("production"));
    let spelt_out = "tags = false, signed = false, public = true, self_assign = false, below_native = false, \
                     platforms = [\"ios\", \"android\", \"electron\"], builds = [\"dev\", \"prod\"], \
                     hardware = [\"emulator\", \"device\"], stay_within = \"major\"";
    assert_eq!(channel(spelt_out), ChannelPolicy::named("production"));
}

#[test]
fn each_switch_is_read() {
    let read = channel(
        "public = false, self_assign = true, below_native = true, prereleases = false, platforms = [\"electron\"], \
         builds = [\"dev\"], hardware = [\"emulator\"], stay_within = \"patch\", pin = \"1.4.1\"",
    );
    let expected = ChannelPolicy {
        tags: false,
        name: "production".into(),
        public: false,
        self_assign: true,
        prereleases: Some(false),
        platforms: PlatformSet::from_iter([Platform::Electron]),
        builds: Builds { prod: false, dev: true },
        hardware: Hardware { device: false, emulator: true },
        stay_within: StayWithin::Patch,
        below_native: true,
        pin: Some(Pin::Version("1.4.1".into())),
    };
    assert_eq!(read, expected);
}

#[test]
fn how_far_from_the_native_version_is_one_of_four() {
    let names = ["major", "minor", "patch", "any"];
    let read = names.map(|name| channel(&format!("stay_within = \"{name}\"")).stay_within);
    assert_eq!(read, [StayWithin::Major, StayWithin::Minor, StayWithin::Patch, StayWithin::Any]);
    breaks_channel("stay_within = \"mayor\"", &["unknown-value 3:15"]);
    breaks_channel("stay_within = false", &["wrong-type 3:15"]);
}

#[test]
fn a_pin_is_a_version_or_builtin() {
    assert_eq!(channel("pin = \"builtin\"").pin, Some(Pin::Builtin));
    assert_eq!(channel("pin = \"1.5.0-rc.1+7\"").pin, Some(Pin::Version("1.5.0-rc.1+7".into())));
    for pin in ["v1.4.1", "1.4", "01.2.3", "latest", "", " 1.0.0", "1.0.0-a.lock", "99999999999999999999.0.0"] {
        breaks_channel(&format!("pin = \"{pin}\""), &["bad-version 3:7"]);
    }
    breaks_channel("pin = 1.4", &["wrong-type 3:7"]);
    let part = part("channels.production = { pin = \"v1.4\" }");
    assert_eq!(part.problems[0].help, "write \"1.4.0\"");
}

#[test]
fn only_a_pin_to_a_version_has_a_place_to_check() {
    let text = "channels = { production = { pin = \"1.4.1\" }, beta = { pin = \"builtin\" } }";
    let places = part(text).places;
    let header = "[apps.\"com.example.app\"]\n".len();
    assert_eq!(places.pins, [("production".into(), header + 34..header + 41)]);
}

#[test]
fn misspelt_names_in_lists_are_each_found() {
    breaks_channel("platforms = [\"iOS\", \"ios\", \"web\"]", &["unknown-value 3:14", "unknown-value 3:28"]);
    breaks_channel("builds = [\"production\"]", &["unknown-value 3:11"]);
    breaks_channel("hardware = [\"emulater\", 1]", &["unknown-value 3:13", "wrong-type 3:25"]);
    let part = part("channels.production = { platforms = [\"iOS\"], builds = \"dev\" }");
    assert_eq!(part.problems[0].help, "did you mean `ios`?");
    assert_eq!(part.problems[1].help, "write `builds = [\"dev\"]`");
}

#[test]
fn an_empty_list_serves_nobody_which_is_a_warning() {
    let part = part("channels.production = { platforms = [], builds = [], hardware = [] }");
    assert_eq!(rules(&part.problems), ["serves-nobody? 2:37", "serves-nobody? 2:50", "serves-nobody? 2:65"]);
    let policy = part.policy.unwrap();
    assert_eq!(policy.channels[0].platforms, PlatformSet::NONE);
    assert_eq!(policy.channels[0].builds, Builds { prod: false, dev: false });
}

#[test]
fn what_is_not_there_yet_is_refused_and_its_absence_is_not() {
    breaks_channel("signed = true", &["not-available-yet 3:1"]);
    breaks_channel("halt = { failures = \"5%\" }", &["not-available-yet 3:1"]);
    breaks_channel("tags = \"true\"", &["wrong-type 3:8"]);
    breaks_channel("public = 1, self_assign = \"x\"", &["wrong-type 3:10", "wrong-type 3:27"]);
}

#[test]
fn a_channel_name_fits_in_a_tag() {
    breaks("channels = { production = {}, \"be ta\" = {}, builtin = {} }", &["bad-name 2:31", "bad-name 2:45"]);
}
