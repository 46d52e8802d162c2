//! What a daemon answered at a moment, told afterwards by its journal.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::explain::{APP, DEVICE, SETTINGS, publish};
use crate::world::{Daemon, Team, World, pushlive};

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

/// The lines of the journal, for who damages it.
fn journal(world: &World) -> Vec<String> {
    let text = std::fs::read_to_string(world.path("releases.git/pushlive/journal")).expect("the journal");
    text.lines().map(str::to_owned).collect()
}

fn write_journal(world: &World, lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(world.path("releases.git/pushlive/journal"), text).expect("a journal");
}

/// A daemon on two releases, of which the first is open to production by a tag.
fn begin(world: &World) -> (Team<'_>, Daemon) {
    let repo = world.init_without_hooks("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", SETTINGS);
    team.add_release(APP, "1.0.1");
    team.add_release(APP, "1.1.0");
    let tip = team.publish("Two");
    let daemon = Daemon::start(world, &repo, &["--public-url", "https://updates.example.com"]);
    daemon.wait_for_commit(&tip);
    team.tag("production/1.0.1", "HEAD");
    published(&daemon);
    (team, daemon)
}

/// What the daemon tells the device.
fn answer(daemon: &Daemon) -> Value {
    daemon.check(APP, "builtin")["version"].clone()
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
        "  main, a commit by Team <team@example.com>\n    added the app com.example.app, released com.example.app 1.0.1\n",
        "  main, a commit by Team <team@example.com>\n    released com.example.app 1.1.0\n",
        "  tag production/1.1.0@40%, by Team <team@example.com>\n    opens 1.1.0 to 40% of production\n    production 1.0.1 -> 1.1.0 for 40%\n",
        "  tag production/1.0.1@halt\n    is taken back; it halted 1.0.1 in production\n",
        "    yanked com.example.app 1.1.0\n",
    ] {
        assert!(log.contains(words), "{words} in {log}");
    }
    let as_json = world.run(pushlive(), ["log", "releases.git", APP, "--json"]).success();
    let as_json: Value = serde_json::from_str(&as_json).expect("JSON");
    let last = &as_json["entries"][0];
    assert_eq!(last["meant"], "is taken back; it opened 1.0.1 to production");
    assert_eq!((&last["app"], &last["ref"]), (&json!(APP), &json!("refs/tags/production/1.0.1")));
    assert_eq!(as_json["became"][0], json!({ "time": last["time"], "channels": ["production 1.0.1 -> nothing"] }));
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
    let first = world.run("git", ["--git-dir=releases.git", "rev-list", "--max-parents=0", "main"]).success();
    let nothing = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios", "--at", first.trim()]);
    let said =
        format!("error: the branch `main` offers nothing there, at {}\nhelp: the daemon's journal", &first[..10]);
    assert!(nothing.code() == 2 && nothing.stderr().starts_with(&said), "{}", nothing.stderr());
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

#[test]
fn where_the_branch_offers_nothing_the_daemon_goes_on_and_that_is_explained() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    let tip = team.head();
    let bare = |args: &[&str]| {
        world.run("git", [&["--git-dir=releases.git"], args].concat()).success();
        published(&daemon);
    };
    let is_kept = |told: &Value| {
        assert_eq!((&told["answer"]["version"], &told["commit"]), (&answer(&daemon), &json!(tip)));
        assert_eq!(told["answer"]["version"], "1.0.1");
        assert_eq!(
            note(told),
            "the branch offered nothing then, and the daemon went on with what it had served before"
        );
    };
    bare(&["update-ref", "-d", "refs/heads/main"]);
    is_kept(&explained(&world, &moment()));
    bare(&["tag", "production/1.0.1@halt", &tip]);
    is_kept(&explained(&world, &moment()));
    let plain = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios"]);
    let said = plain.stderr();
    assert_eq!(plain.code(), 2);
    assert!(said.contains("the branch `main` is not there, so the repository offers nothing now"), "{said}");
    let (_, hint) = said.split_once("a running daemon goes on with what it had: `--at ").expect("how to ask it");
    is_kept(&explained(&world, hint.split('`').next().unwrap()));
    let status = world.run(pushlive(), ["status", "releases.git"]).success();
    let goes_on = "a running daemon goes on with what it had served before";
    let head = format!("the branch is not there, so the repository offers nothing now\n{goes_on}");
    assert!(status.starts_with(&head) && !status.contains("nothing is served"), "{status}");
    let status = world.run(pushlive(), ["status", "releases.git", "--json"]).success();
    let status: Value = serde_json::from_str(&status).expect("JSON");
    assert!(status["note"].as_str().is_some_and(|note| note.starts_with(goes_on)), "{status}");
    bare(&["tag", "-d", "production/1.0.1"]);
    is_kept(&explained(&world, &moment()));
    team.git(&["checkout", "--quiet", "--orphan", "nothing"]).success();
    team.git(&["rm", "--quiet", "-r", "--force", "."]).success();
    let without = team.publish("Nothing");
    published(&daemon);
    is_kept(&explained(&world, &moment()));
    is_kept(&explained(&world, &without));
    let status = world.run(pushlive(), ["status", "releases.git"]);
    assert!(status.stdout().contains(&format!("has settings that count\n{goes_on}")), "{}", status.stdout());

    drop(daemon);
    let daemon = Daemon::start(&world, &world.path("releases.git"), &[]);
    published(&daemon);
    assert_eq!(daemon.check(APP, "builtin")["error"], "not_ready");
    assert!(world.run(pushlive(), ["status", "releases.git"]).stdout().starts_with("nothing is served: "));
    let nothing = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios", "--at", &moment()]);
    assert_eq!((nothing.code(), nothing.stderr().contains("started with nothing to serve")), (2, true));
}

#[test]
fn a_journal_that_lacks_lines_says_so_until_a_daemon_has_told_all_again() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    team.tag("production/1.1.0", "HEAD");
    published(&daemon);
    team.tag("beta/1.1.0", "HEAD");
    published(&daemon);
    let then = moment();
    drop(daemon);
    let whole = journal(&world);
    assert_eq!(note(&explained(&world, &then)), "");
    let missing = "lines of the daemon's journal are missing before that moment";
    let log = || world.run(pushlive(), ["log", "releases.git"]).success();
    let begun_anew = whole[1..].to_vec();
    let other_branch =
        [begun_anew.clone(), vec![whole[0].replace("\"old\":null", &format!("\"old\":\"{}\"", "1".repeat(40)))]];
    for damaged in [[&whole[..2], &["{\"time\":17955".to_owned()], &whole[3..]].concat(), other_branch.concat()] {
        write_journal(&world, &damaged);
        assert!(note(&explained(&world, &then)).contains(missing), "{damaged:#?}");
        assert!(log().contains("lines are missing here"), "{}", log());
        let told = world.run(pushlive(), ["log", "releases.git", "--json"]).success();
        assert!(told.contains("\"gaps\":[{"), "{told}");
    }
    write_journal(&world, &[&whole[..2], &["{\"time\":17955".to_owned()], &whole[3..]].concat());
    let daemon = Daemon::start(&world, &world.path("releases.git"), &["--public-url", "https://updates.example.com"]);
    published(&daemon);
    let healed = explained(&world, &moment());
    assert_eq!((note(&healed), &healed["answer"]["version"]), ("", &answer(&daemon)));
    assert!(note(&explained(&world, &then)).contains(missing), "what was lost stays lost");
    assert!(log().contains("the journal tells all again from here on"), "{}", log());

    std::fs::remove_file(world.path("releases.git/pushlive/journal")).expect("the journal");
    team.git(&["push", "--quiet", "origin", ":production/1.1.0"]).success();
    published(&daemon);
    let anew = explained(&world, &moment());
    assert_eq!((note(&anew), &anew["answer"]["version"]), ("", &answer(&daemon)));
    assert_eq!(answer(&daemon), "1.0.1");
    assert!(note(&explained(&world, &then)).contains("journal does not reach there"));
}

#[test]
fn a_clock_that_was_set_back_changes_no_revision_and_is_told_of_where_it_matters() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    let first = team.head();
    team.write("README.md", "Hello");
    let second = team.publish("Words");
    daemon.wait_for_commit(&second);
    drop(daemon);
    let mut lines = journal(&world);
    for (line, time) in lines.iter_mut().zip([1_000_000_000_000_i64, 1_000_000_090_000, 1_000_000_030_000]) {
        let mut entry: Value = serde_json::from_str(line).expect("an entry");
        entry["time"] = json!(time);
        *line = entry.to_string();
    }
    assert_eq!(lines.len(), 3);
    write_journal(&world, &lines);
    for (at, commit, words) in [
        (&*first, &first, ""),
        (&second, &second, ""),
        ("2001-09-09T01:46:45Z", &first, ""),
        ("2001-09-09T01:47:40Z", &second, "may have come twice"),
    ] {
        let told = explained(&world, at);
        assert_eq!(told["commit"], json!(commit), "{at}: {told}");
        assert!(note(&told).contains(words) && (words.is_empty() == note(&told).is_empty()), "{at}: {told}");
    }
}

#[test]
fn what_is_neither_a_time_nor_a_revision_is_told_how_times_are_written_and_the_future_is_not_known() {
    let world = World::new();
    publish(&world.team(&world.init("releases.git")));
    for (typed, words) in [
        ("2026-11-24T20:53:10", "help: a time: nobody can tell in which time zone that is: put `Z` behind it"),
        ("2026-11-24", "help: a time: write it as 2026-12-01T08:00:00Z, or with an offset"),
        ("yesterday", "help: a time: write it as 2026-12-01T08:00:00Z, or with an offset"),
        ("2026-13-24T20:53:10Z", "help: a time: the calendar has no such time"),
    ] {
        let said = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios", "--at", typed]);
        assert_eq!(said.code(), 2, "{typed}");
        let said = said.stderr();
        assert!(said.starts_with(&format!("error: `{typed}` names no commit here, and is no time\n{words}")), "{said}");
        assert!(said.ends_with("\nhelp: a commit: `git log --oneline --all` shows those that are\n"), "{said}");
    }
    let daemon = Daemon::start(&world, &world.path("releases.git"), &[]);
    published(&daemon);
    let told = explained(&world, "9998-01-01T00:00:00Z");
    assert_eq!((&told["time"], told["answer"]["version"].is_string()), (&json!("9998-01-01T00:00:00Z"), true));
    assert!(note(&told).starts_with("that is in the future"), "{told}");
}
