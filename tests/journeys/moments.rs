//! What a daemon answered at a moment, told afterwards by its journal.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::explain::{APP, DEVICE, SETTINGS, publish};
use crate::world::{Daemon, World, pushlive};

/// What `explain --at` says of a device.
fn explained(world: &World, at: &str) -> Value {
    let device = ["--platform", "ios", "--version-build", "1.0.0", "--plugin-version", "8.43.0", "--device-id", DEVICE];
    let command = ["explain", "releases.git", "--app", APP, "--json", "--at", at].into_iter().chain(device);
    serde_json::from_str(&world.run(pushlive(), command).success()).expect("JSON")
}

/// The note of such a document.
fn note(document: &Value) -> &str {
    document["note"].as_str().unwrap_or_default()
}

/// The clock, with nothing else of the same millisecond.
fn moment() -> String {
    let now = jiff::Timestamp::now();
    while jiff::Timestamp::now().as_millisecond() == now.as_millisecond() {}
    now.to_string()
}

/// Waits until it has published once more.
fn published(daemon: &Daemon) {
    daemon.wait_for_line("what was pushed", |line| line["message"] == "published");
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
    let words = "the daemon's journal does not reach there, so this is the branch at ";
    for at in ["2026-01-02T03:04:06Z", "main"] {
        let told = explained(&world, at);
        assert!(note(&told).starts_with(words) && note(&told).ends_with("with the tags of today"), "{told}");
    }
    let before =
        world.run(pushlive(), ["explain", "releases.git", "--platform", "ios", "--at", "2020-01-01T00:00:00Z"]);
    assert_eq!((before.code(), before.stderr().contains("no commit from before")), (2, true));
}

#[test]
fn where_what_a_tag_named_is_gone_the_tags_are_those_of_today() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", SETTINGS);
    team.add_release(APP, "1.0.1");
    team.add_release(APP, "1.1.0");
    let tip = team.publish("Two");
    let daemon = Daemon::start(&world, &repo, &[]);
    daemon.wait_for_commit(&tip);
    team.tag("production/1.0.1", "HEAD");
    published(&daemon);
    team.git(&["checkout", "--quiet", "-b", "side"]).success();
    team.commit("A commit that only the tag holds");
    team.tag("production/1.1.0", "HEAD");
    published(&daemon);
    let then = moment();
    assert_eq!(explained(&world, &then)["answer"]["version"], "1.1.0");
    team.git(&["push", "--quiet", "origin", ":production/1.1.0"]).success();
    published(&daemon);
    world.run("git", ["--git-dir=releases.git", "gc", "--quiet", "--prune=now"]).success();
    let told = explained(&world, &then);
    assert_eq!((&told["answer"]["version"], &told["commit"]), (&json!("1.0.1"), &json!(tip)));
    let words = "what tag production/1.1.0 named then is gone from the repository, so this is the branch at ";
    assert!(note(&told).starts_with(words) && note(&told).ends_with("with the tags of today"), "{told}");
}
