//! What an explanation must not leave unsaid: who is shut out, what was taken back, what is not what the tip says.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::world::{Team, World, pushlive};

const APP: &str = "com.example.app";
const DEVICE: &str = "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40";

/// Explains what an iPhone with the native version 1.0.0 gets.
fn explain(world: &World, args: &[&str]) -> String {
    let fixed = ["explain", "releases.git", "--app", APP, "--version-build", "1.0.0", "--plugin-version", "8.43.0"];
    let fixed = fixed.iter().chain(&["--time", "2026-02-03T04:05:06Z", "--device-id", DEVICE]);
    let platform = ["--platform", "ios"].into_iter().filter(|_| !args.contains(&"--platform"));
    world.run(pushlive(), fixed.copied().chain(platform).chain(args.iter().copied())).success()
}

fn document(world: &World, args: &[&str]) -> Value {
    serde_json::from_str(&explain(world, &[args, &["--json"]].concat())).expect("JSON")
}

fn has(text: &str, words: &str) {
    assert!(text.contains(words), "no {words:?} in {text}");
}

fn line(line: u32) -> Value {
    json!({ "file": "releases.toml", "line": line })
}

const SHUT: &str = r#"[apps."com.example.app"]

[apps."com.example.app".channels.production]
builds = ["prod"]
hardware = ["device"]
platforms = ["ios"]

[apps."com.example.app".channels.private]
public = false

[apps."com.example.app".channels.android]
platforms = ["android"]

[[apps."com.example.app".overrides]]
custom_id = "qa-1"
channel = "android"
"#;

fn team_with_settings<'w>(world: &'w World, settings: &str) -> Team<'w> {
    let team = world.team(&world.init_without_hooks("releases.git"));
    team.write("releases.toml", settings);
    team
}

#[test]
fn who_is_shut_out_is_told_of_which_channel_how_it_came_there_and_by_which_line() {
    let world = World::new();
    let team = team_with_settings(&world, SHUT);
    team.add_release(APP, "1.0.1");
    team.add_release(APP, "2.0.0");
    team.publish("Releases");
    assert_data_eq!(
        explain(&world, &["--custom-id", "qa-1"]),
        str![[r#"
com.example.app on ios, native version 1.0.0, runs builtin, plugin version 8.43.0, device id 5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40, custom id qa-1
commit [..], 2026-02-03T04:05:06Z

channel android, by an override (releases.toml:14); the channel does not serve this platform (releases.toml:12)
but for that:

  2.0.0  refused     it is not within the major version of the native one (releases.toml:11)
  1.0.1  eligible    the highest that it may have

It gets nothing (disabled_platform_ios):
{"error":"disabled_platform_ios","message":"The channel does not serve this platform","kind":"blocked"}

"#]]
    );
    let named = explain(&world, &["--default-channel", "private"]);
    has(&named, ", names the channel private\n");
    has(
        &named,
        "channel private, which the device names (releases.toml:8); the channel is neither public nor self-assignable (releases.toml:9)",
    );
    let unknown = explain(&world, &["--default-channel", "nightly"]);
    has(&unknown, "channel nightly, which the device names; the app has no channel of that name (releases.toml:1)\n");
    let told = |args: &[&str]| document(&world, args)["channel"].clone();
    let production = |rule: &str, at: u32| {
        let refused = json!({ "rule": rule, "at": line(at) });
        json!({ "name": "production", "why": "default_channel", "at": line(1), "refused": refused })
    };
    assert_eq!(told(&["--is-prod", "false"]), production("disable_dev_build", 4));
    assert_eq!(told(&["--is-emulator"]), production("disable_emulator", 5));
    assert_eq!(told(&["--platform", "electron"]), production("disabled_platform_electron", 6));
    assert_eq!(told(&["--platform", "tv"]), production("disabled_platform_unknown", 6));
    let private = json!({ "rule": "cannot_update_via_private_channel", "at": line(9) });
    let private = json!({ "name": "private", "why": "defaultChannel", "at": line(8), "refused": private });
    assert_eq!(told(&["--default-channel", "private"]), private);
    let unknown = json!({ "rule": "no_channel", "at": line(1) });
    let unknown = json!({ "name": "nightly", "why": "defaultChannel", "at": null, "refused": unknown });
    assert_eq!(told(&["--default-channel", "nightly"]), unknown);
    assert_eq!(document(&world, &["--is-emulator"])["releases"][1]["verdict"], "eligible");
    assert_eq!(document(&world, &["--platform", "tv"])["releases"], json!([]));
}
