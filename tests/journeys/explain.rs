//! Why a device gets what it gets: the same as the daemon says, and where that was decided.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::world::{Daemon, Team, World, pushlive};

const APP: &str = "com.example.app";
const SETTINGS: &str = r#"[apps."com.example.app"]

[apps."com.example.app".channels.production]
tags = true

[apps."com.example.app".channels.beta]

[[apps."com.example.app".overrides]]
custom_id = "qa-1"
channel = "beta"
"#;
const DEVICE: &str = "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40";

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

/// What a few devices are told, as the daemon says.
fn told(daemon: &Daemon) -> Vec<Value> {
    ASKED
        .iter()
        .map(|(id, channel)| daemon.check_with(APP, json!({ "device_id": id, "defaultChannel": channel })))
        .collect()
}

const ASKED: [(&str, &str); 4] = [(DEVICE, ""), ("d-1", ""), ("d-2", "beta"), ("d-3", "")];

/// The same as `explain` says of then.
fn told_of(world: &World, at: &str) -> Vec<Value> {
    let told = |(id, channel): &(&str, &str)| {
        let device = ["--platform", "ios", "--version-build", "1.0.0", "--plugin-version", "8.43.0", "--app", APP];
        let who = ["--device-id", id, "--default-channel", channel, "--json", "--at", at];
        let url = ["--public-url", "https://updates.example.com"];
        let document = world.run(pushlive(), ["explain", "releases.git"].iter().chain(&device).chain(&who).chain(&url));
        let document: Value = serde_json::from_str(&document.success()).expect("JSON");
        assert!(document.get("note").is_none(), "{document}");
        document["answer"].clone()
    };
    ASKED.iter().map(told).collect()
}

#[test]
fn what_the_daemon_answered_then_also_after_its_tags_are_gone() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    let mut daemon = Daemon::start(&world, &repo, &["--public-url", "https://updates.example.com"]);
    let mut moments = Vec::new();
    let mut moment = |daemon: &Daemon| {
        daemon.wait_for_line("what was pushed", |line| line["message"] == "published" && line["commit"] != "none");
        let now = jiff::Timestamp::now();
        moments.push((now.to_string(), told(daemon)));
        // so that the next change is not of the same millisecond
        while jiff::Timestamp::now().as_millisecond() == now.as_millisecond() {}
    };
    let release = |version: &str, descriptor: &str| {
        team.add_release(APP, version);
        team.write(&format!("{APP}/{version}/release.toml"), descriptor);
        team.publish(version)
    };
    let push = |what: &str| team.git(&["push", "--quiet", "origin", what]).success();
    team.write("releases.toml", SETTINGS);
    let first = release("1.0.1", "");
    moment(&daemon);
    team.tag("production/1.0.1", "HEAD");
    moment(&daemon);
    release("1.1.0", "rollout = [\"50% for 1h\", \"100%\"]\nrollout_start = 2999-01-01T00:00:00Z");
    moment(&daemon);
    team.tag("production/1.1.0@40%", "HEAD");
    moment(&daemon);
    team.tag("production/1.1.0", "HEAD");
    moment(&daemon);
    drop(daemon);
    daemon = Daemon::start(&world, &repo, &["--public-url", "https://updates.example.com"]);
    moment(&daemon);
    push(":production/1.1.0@40%");
    moment(&daemon);
    team.tag("production/1.0.1@halt", "HEAD");
    moment(&daemon);
    team.write(&format!("{APP}/1.1.0/release.toml"), "yanked = true\n");
    team.publish("Yank");
    moment(&daemon);
    push(":production/1.0.1@halt");
    moment(&daemon);
    push(":production/1.0.1");
    daemon.wait_for_line("the last", |line| line["message"] == "published");
    world.run("git", ["--git-dir=releases.git", "gc", "--quiet", "--prune=now"]).success();

    assert_eq!(moments.len(), 10);
    assert!(moments.windows(2).filter(|pair| pair[0].1 != pair[1].1).count() >= 6, "they differ: {moments:#?}");
    for (time, told) in &moments {
        assert_eq!(told_of(&world, time), *told, "at {time}");
    }
    // the branch was at the first commit until the second came, with the tag of then
    assert_eq!(told_of(&world, &first), moments[1].1);
    let log = world.run(pushlive(), ["log", "releases.git", APP]).success();
    for words in [
        "  main, by Team <team@example.com>\n    added the app com.example.app, released com.example.app 1.0.1\n",
        "  main, by Team <team@example.com>\n    released com.example.app 1.1.0\n",
        "  tag production/1.1.0@40%, by Team <team@example.com>\n    opens 1.1.0 to 40% of production\n    production 1.0.1 -> 1.1.0 for 40%\n",
        "  tag production/1.0.1@halt\n    is taken back; it halted 1.0.1 in production\n",
        "    yanked com.example.app 1.1.0\n",
    ] {
        assert!(log.contains(words), "{words} in {log}");
    }
    let other = world.run(pushlive(), ["log", "releases.git", "org.other", "--json"]).success();
    let other: Value = serde_json::from_str(&other).expect("JSON");
    let entries = other["entries"].as_array().expect("entries");
    assert!(entries.iter().all(|entry| entry["ref"].as_str().is_some_and(|name| name.starts_with("refs/tags/"))));
    assert_eq!(entries[0]["meant"], "is taken back; it opened 1.0.1 to production");
    assert_eq!(entries[0]["became"], json!(["production 1.0.1 -> nothing"]));
}

#[test]
fn the_clock_of_then_counts() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", SETTINGS.replace("tags = true", ""));
    team.publish("Add the app");
    let daemon = Daemon::start(&world, &repo, &["--public-url", "https://updates.example.com"]);
    // on a slow machine the dates may be past before anybody asks: then there are later ones
    let then = [4, 16, 59].into_iter().find_map(|seconds| {
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        let steps = format!("\"0% for 1m\", \"100%\"]\nrollout_start = {}", soon - jiff::SignedDuration::from_secs(60));
        for (version, channel, descriptor) in [
            (format!("1.{seconds}.0"), "production", format!("rollout = [{steps}\n")),
            (format!("1.{seconds}.1"), "beta", format!("not_before = {soon}\n")),
        ] {
            team.add_release(APP, &version);
            let descriptor = format!("channels = [\"{channel}\"]\n{descriptor}");
            team.write(&format!("{APP}/{version}/release.toml"), descriptor);
        }
        daemon.wait_for_commit(&team.publish("Two for later"));
        let then = jiff::Timestamp::now();
        let told = told(&daemon);
        (!told.iter().any(|answer| offers(answer, seconds))).then_some((seconds, then, told))
    });
    let (seconds, then, told_then) = then.expect("somebody asks in time");
    let patience = Instant::now() + Duration::from_secs(100);
    while !told(&daemon).iter().all(|answer| offers(answer, seconds)) {
        assert!(Instant::now() < patience, "the dates never come");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(told_of(&world, &then.to_string()), told_then);
    assert_eq!(told_of(&world, &jiff::Timestamp::now().to_string()), told(&daemon));
}

/// Whether it offers a release of that minor version.
fn offers(answer: &Value, minor: i64) -> bool {
    let of_minor = |version: &str| version.starts_with(&format!("1.{minor}."));
    answer.get("url").is_some() && answer["version"].as_str().is_some_and(of_minor)
}

#[test]
fn where_no_journal_reaches_the_tags_are_those_of_today() {
    let world = World::new();
    publish(&world.team(&world.init("releases.git")));
    let document = explain(&world, &["--at", "2026-01-02T03:04:06Z", "--json"]);
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert!(document["note"].as_str().is_some_and(|note| note.contains("the tags of today")), "{document}");
    assert!(explain(&world, &["--at", "main"]).contains("with the tags of today"));
    let before =
        world.run(pushlive(), ["explain", "releases.git", "--platform", "ios", "--at", "2020-01-01T00:00:00Z"]);
    assert_eq!((before.code(), before.stderr().contains("no commit from before")), (2, true));
}
