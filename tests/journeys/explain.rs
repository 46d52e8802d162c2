//! Why a device gets what it gets: the same as the daemon says, and where that was decided.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::world::{Daemon, Team, World, pushlive};

/// The app of these stories.
pub const APP: &str = "com.example.app";
/// Its settings.
pub const SETTINGS: &str = r#"[apps."com.example.app"]

[apps."com.example.app".channels.production]
tags = true

[apps."com.example.app".channels.beta]

[[apps."com.example.app".overrides]]
custom_id = "qa-1"
channel = "beta"
"#;
/// A device.
pub const DEVICE: &str = "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40";

/// Releases of every kind, and tags.
pub fn publish(team: &Team<'_>) {
    team.write("releases.toml", SETTINGS);
    for (version, descriptor) in [
        ("1.0.1", ""),
        ("1.1.0", ""),
        ("1.2.0", "comment = \"few\"\nrollout_as = \"1.1.0\"\n"),
        ("1.2.1", "not_before = 2999-01-01T00:00:00Z\n"),
        ("1.3.0-rc.1", ""),
        ("1.4.0", "\nyanked = \"crashes\"\n"),
        ("1.5.0", "native = \">=1.5\"\n"),
        ("1.6.0", "channels = [\"beta\"]\n"),
        ("2.0.0", ""),
    ] {
        team.add_release(APP, version);
        team.write(&format!("{APP}/{version}/release.toml"), descriptor);
    }
    let tip = team.publish("Releases");
    for tag in ["1.0.1", "1.1.0", "1.1.0@halt", "1.2.0@10%", "1.2.1", "1.5.0", "2.0.0"] {
        team.tag(&format!("production/{tag}"), &tip);
    }
}

fn explain(world: &World, args: &[&str]) -> String {
    let fixed = ["explain", "releases.git", "--platform", "ios", "--time", "2026-02-03T04:05:06Z"];
    let plugin = ["--plugin-version", "8.43.0"];
    world.run(pushlive(), fixed.iter().chain(&plugin).chain(args)).success()
}

#[test]
fn every_rule_on_the_way_with_its_file_and_line_or_tag() {
    let world = World::new();
    publish(&world.team(&world.init("releases.git")));
    let device = ["--device-id", DEVICE, "--version-build", "1.0.0"];
    assert_data_eq!(
        explain(&world, &device),
        str![[r#"
com.example.app on ios, native version 1.0.0, runs builtin, plugin version 8.43.0, device id 5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40
commit [..], 2026-02-03T04:05:06Z

channel production, the app's default (releases.toml:1)

  2.0.0       refused     it is not within the major version of the native one (releases.toml:3)
  1.6.0       not listed  its own `channels` leaves this one out (com.example.app/1.6.0/release.toml:1)
  1.5.0       refused     its `native` does not hold for this native version (com.example.app/1.5.0/release.toml:1)
  1.4.0       not listed  it is yanked (com.example.app/1.4.0/release.toml:2)
  1.3.0-rc.1  not listed  it is not tagged for this channel (releases.toml:4)
  1.2.1       refused     nobody enters before 2999-01-01T00:00:00Z (com.example.app/1.2.1/release.toml:1)
  1.2.0       refused     it is not in: it stands at 93.77%, and 10% are let in (tag production/1.2.0@10%)
  1.1.0       refused     it is halted, and the device does not run it (tag production/1.1.0@halt)
> 1.0.1       target      the highest that it may have (tag production/1.0.1)

It is offered 1.0.1:
{"version":"1.0.1","url":"http://127.0.0.1:8080/bundles/com.example.app/1.0.1/[..].zip","checksum":"[..]"}

"#]]
    );
    let lower = explain(&world, &["--device-id", DEVICE, "--version-build", "what", "--version-name", "1.1.0"]);
    assert!(lower.contains("the native version cannot be read"), "{lower}");
    assert!(explain(&world, &["--app", "org.unknown"]).contains("this server does not know the app"));
    let nameless = explain(&world, &["--version-build", "1.0.0"]);
    assert!(nameless.contains("it has no id that stays, so it is in only at 100%, and 10% are let in"), "{nameless}");
}

#[test]
fn the_answer_is_the_very_one_of_the_daemon() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    publish(&team);
    let url = ["--public-url", "https://updates.example.com"];
    let daemon = Daemon::start(&world, &repo, &url);
    daemon.wait_for_commit(&team.head());
    for (fields, args) in [
        (json!({}), &[][..]),
        (json!({ "version_name": "1.4.0" }), &["--version-name", "1.4.0"]),
        (json!({ "custom_id": "qa-1" }), &["--custom-id", "qa-1"]),
        (json!({ "defaultChannel": "beta" }), &["--default-channel", "beta"]),
        (json!({ "defaultChannel": "nightly" }), &["--default-channel", "nightly"]),
        (json!({ "version_build": "1.5.0" }), &["--version-build", "1.5.0"]),
        (json!({ "platform": "electron", "is_prod": false }), &["--platform", "electron", "--is-prod", "false"]),
        (json!({ "plugin_version": "5.9.5" }), &["--plugin-version", "5.9.5"]),
    ] {
        let usual = [("--platform", "ios"), ("--version-build", "1.0.0"), ("--plugin-version", "8.43.0")];
        let usual = usual.iter().filter(|(name, _)| !args.contains(name)).flat_map(|(name, value)| [*name, *value]);
        let command = ["explain", "releases.git", "--json", "--device-id", DEVICE].into_iter().chain(usual);
        let document = world.run(pushlive(), command.chain(args.iter().copied()).chain(url)).success();
        let document: Value = serde_json::from_str(&document).expect("JSON");
        assert_eq!(document["answer"], daemon.check_with(APP, fields.clone()), "{fields}");
        assert_eq!(document["commit"], team.head());
    }
}

#[test]
fn programs_read_the_same() {
    let world = World::new();
    publish(&world.team(&world.init("releases.git")));
    let document = explain(&world, &["--device-id", DEVICE, "--version-build", "1.0.0", "--json"]);
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["time"], "2026-02-03T04:05:06Z");
    let at = json!({ "file": "releases.toml", "line": 1 });
    assert_eq!(document["channel"], json!({ "name": "production", "why": "default_channel", "at": at }));
    let of = |version: &str| {
        let releases = document["releases"].as_array().expect("releases");
        releases.iter().find(|release| release["version"] == version).expect("it is told").clone()
    };
    // the position is that of 1.1.0, whose devices it draws
    let at = json!({ "tag": "production/1.2.0@10%" });
    let refused = json!({ "version": "1.2.0", "verdict": "refused", "rule": "not_in_rollout", "position": 9377,
        "percent": 10.0, "at": at });
    assert_eq!(of("1.2.0"), refused);
    assert_eq!((&of("1.0.1")["verdict"], &of("1.0.1")["at"]["tag"]), (&json!("target"), &json!("production/1.0.1")));
    assert_eq!((&of("1.1.0")["rule"], &of("1.1.0")["at"]["tag"]), (&json!("halted"), &json!("production/1.1.0@halt")));
    let yanked = json!({ "version": "1.4.0", "verdict": "not listed", "rule": "yanked", "position": null,
        "percent": null, "at": { "file": "com.example.app/1.4.0/release.toml", "line": 2 } });
    assert_eq!(of("1.4.0"), yanked);
    assert_eq!(of("1.3.0-rc.1")["rule"], "tags");
    assert_eq!(document["answer"]["version"], "1.0.1");
}

#[test]
fn what_cannot_be_explained_is_said() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    let empty = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios"]);
    assert_eq!(empty.code(), 2);
    assert!(empty.stderr().contains("offers nothing yet"), "{}", empty.stderr());
    team.write("releases.toml", "[apps.\"a.b\"]\n[apps.\"c.d\"]\n");
    team.publish("Two");
    let two = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios"]);
    assert_eq!((two.code(), two.stderr().contains("name one with --app: a.b, c.d")), (2, true));
    let odd = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios", "--time", "tomorrow"]);
    assert_eq!(odd.code(), 2);
}
