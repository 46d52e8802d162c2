//! What runs, who gets it, and what comes next: of a repository, and of a running daemon.

use std::path::Path;

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::world::{Daemon, Ran, Team, World, pushlive, take_guard_off};

const APP: &str = "com.example.app";
const SETTINGS: &str = r#"[apps."com.example.app"]
name = "Example"
[apps."com.example.app".channels.production]
tags = true
[apps."com.example.app".channels.beta]
[apps."com.example.app".channels.canary]
pin = "1.1.0"
[apps."org.example.other"]
"#;

/// Releases in every state. Their steps began long ago or begin long from now, so that the day does not matter.
fn publish(team: &Team<'_>) {
    team.write("releases.toml", SETTINGS);
    for (version, descriptor) in [
        ("1.0.1", ""),
        ("1.1.0", ""),
        ("1.2.0", "rollout = [\"1% for 2h\", \"10% for 1000000d\", \"100%\"]\n"),
        (
            "1.3.0",
            "rollout = [\"1% for 2h\", \"100%\"]\nrollout_start = 2999-01-01T00:00:00Z\nchannels = [\"production\"]\n",
        ),
        ("1.4.0", "channels = [\"production\"]\n"),
        ("1.5.0", "not_before = 2999-01-01T00:00:00Z\nplatforms = [\"ios\"]\n"),
        ("1.6.0", "yanked = true\n"),
    ] {
        team.add_release(APP, version);
        team.write(&format!("{APP}/{version}/release.toml"), descriptor);
    }
    let tip = team.publish("Releases");
    let tags = ["1.0.1", "1.1.0@2.5%", "1.1.0@halt", "1.2.0", "1.3.0", "1.4.0@halt", "1.5.0", "1.6.0"];
    for tag in tags {
        team.tag(&format!("{APP}/production/{tag}"), &tip);
    }
}

fn status(world: &World, args: &[&str]) -> Ran {
    world.run(pushlive(), ["status"].iter().chain(args))
}

fn document(ran: Ran) -> Value {
    serde_json::from_str(&ran.stdout()).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr()))
}

#[test]
fn a_person_reads_who_gets_what() {
    let world = World::new();
    publish(&world.team(&world.init("releases.git")));
    assert_data_eq!(
        status(&world, &["releases.git"]).success(),
        str![[r#"
commit [..], made [..] ago
[..]Z; all times are in UTC

com.example.app, Example
  production, the default, opened by tags
    1.5.0      0%  goes to 100% on 2999-01-01 at 00:00, in [..] years
    1.4.0      0%  halted, and not open
    1.3.0      0%  goes to 1% on 2999-01-01 at 00:00, in [..] years
    1.2.0     10%  goes to 100% on [..], in [..] years; native >=1.0.0, <1.2.1
    1.1.0    2.5%  halted
    1.0.1    100%  native >=1.0.0, <1.0.2
  beta
    1.5.0      0%  goes to 100% on 2999-01-01 at 00:00, in [..] years
    1.2.0    100%  native >=1.0.0, <1.2.1
    and 2 older ones
  canary, pinned to 1.1.0
    1.1.0    100%  native >=1.0.0, <1.1.1

org.example.other
  production, the default
    nothing is open

"#]]
    );
}

#[test]
fn programs_read_the_same() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    publish(&team);
    let document = document(status(&world, &["releases.git", "--json"]));
    assert_eq!((&document["commit"], &document["tip"]), (&json!(team.head()), &json!(team.head())));
    assert_eq!((&document["committed"], &document["problems"]), (&json!("2026-01-02T03:04:05Z"), &json!([])));
    let app = &document["apps"][0];
    assert_eq!((&app["id"], &app["name"]), (&json!(APP), &json!("Example")));
    let channel = |at: usize| {
        let Value::Object(mut channel) = app["channels"][at].clone() else { panic!("no channel in {app}") };
        let releases = channel.remove("releases").expect("releases");
        (Value::Object(channel), releases)
    };
    let all = json!(["ios", "android", "electron"]);
    let (production, releases) = channel(0);
    let expected = json!({ "name": "production", "default": true, "tags": true, "pin": null, "platforms": all,
        "builds": ["prod", "dev"], "hardware": ["device", "emulator"], "public": true,
        "closed": [{ "version": "1.6.0", "rule": "yanked" }] });
    assert_eq!(production, expected);
    let later = json!({ "percent": 100.0, "when": "2999-01-01T00:00:00Z" });
    let first = json!({ "percent": 1.0, "when": "2999-01-01T00:00:00Z" });
    // by the date of the tag, that of this world
    let last = json!({ "percent": 100.0, "when": "4763-11-30T05:04:05Z" });
    let few = json!([{ "platforms": all, "native": [">=1.0.0, <1.2.1"] }]);
    let rest = json!([{ "platforms": all, "native": [">=1.0.0, <1.0.2"] }]);
    let release = |version: &str, percent: f64, halted: bool, next: &Value, platforms: &Value, serves: &Value| {
        json!({ "version": version, "percent": percent, "halted": halted, "next": next, "platforms": platforms,
            "serves": serves })
    };
    let (none, nobody) = (Value::Null, json!([]));
    let expected = json!([
        release("1.5.0", 0.0, false, &later, &json!(["ios"]), &nobody),
        release("1.4.0", 0.0, true, &none, &nobody, &nobody),
        release("1.3.0", 0.0, false, &first, &all, &nobody),
        release("1.2.0", 10.0, false, &last, &all, &few),
        release("1.1.0", 2.5, true, &none, &all, &nobody),
        release("1.0.1", 100.0, false, &none, &all, &rest),
    ]);
    assert_eq!(releases, expected);
    let (beta, releases) = channel(1);
    let versions: Vec<_> =
        releases.as_array().expect("releases").iter().filter_map(|release| release["version"].as_str()).collect();
    assert_eq!((&beta["name"], versions), (&json!("beta"), vec!["1.5.0", "1.2.0", "1.1.0", "1.0.1"]));
    assert_eq!(channel(2).0["pin"], "1.1.0");
}

#[test]
fn programs_read_of_each_tag_and_of_each_release_that_is_not_open() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    publish(&team);
    let tagged = team.head();
    team.write("releases.toml", SETTINGS.replace("\ntags = true", "\ntags = true\nplatforms = [\"android\"]"));
    team.git(&["rm", "--quiet", "-r", &format!("{APP}/1.0.1")]).success();
    team.add_release(APP, "1.7.0-rc.1");
    team.add_release("org.example.other", "1.0.0-rc.1");
    team.publish("Withdraw one");
    let document = document(status(&world, &["releases.git", "--json"]));
    let app = &document["apps"][0];
    let all = json!(["ios", "android", "electron"]);
    let tag = |version: &str, name: &str, percent: Value, halt: bool, platforms: &Value| {
        json!({ "tag": format!("{APP}/production/{name}"), "channel": "production", "version": version, "commit": tagged,
            "date": "2026-01-02T03:04:05Z", "percent": percent, "halt": halt, "platforms": platforms })
    };
    let tags = app["tags"].as_array().expect("tags");
    assert_eq!(tags.len(), 8);
    assert_eq!(tags[0], tag("1.0.1", "1.0.1", Value::Null, false, &json!([])), "of a withdrawn release");
    assert_eq!(tags[1], tag("1.1.0", "1.1.0@2.5%", json!(2.5), false, &all));
    assert_eq!(tags[2], tag("1.1.0", "1.1.0@halt", Value::Null, true, &all));
    assert_eq!(app["withdrawn"], json!(["1.0.1"]));
    let closed = |app: usize, channel: usize| {
        let closed = document["apps"][app]["channels"][channel]["closed"].as_array().expect("releases").iter();
        closed.map(|one| format!("{} {}", one["version"], one["rule"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(closed(0, 0), ["1.7.0-rc.1 tags", "1.6.0 yanked", "1.5.0 platforms"]);
    assert_eq!(closed(0, 1), ["1.6.0 yanked", "1.4.0 channels", "1.3.0 channels"]);
    let pinned = ["1.7.0-rc.1 pin", "1.6.0 yanked", "1.5.0 pin", "1.4.0 channels", "1.3.0 channels", "1.2.0 pin"];
    assert_eq!(closed(0, 2), pinned);
    assert_eq!(closed(1, 0), ["1.0.0-rc.1 prereleases"]);
}

#[test]
fn errors_are_told_and_are_the_exit_code() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    take_guard_off(&world.path("releases.git"));
    let empty = status(&world, &["releases.git"]);
    assert_eq!(empty.code(), 0);
    assert!(empty.stdout().starts_with("nothing is served: "), "{}", empty.stdout());
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    let served = team.publish("Begin");
    team.write("releases.toml", "[apps.");
    let tip = team.publish("A mistake");
    let ran = status(&world, &["releases.git"]);
    assert_eq!(ran.code(), 1);
    let told = ran.stdout();
    assert!(told.starts_with(&format!("commit {}, made ", &served[..10])), "{told}");
    assert!(told.contains(&format!("the branch is at {}, of which nothing is served", &tip[..10])), "{told}");
    assert!(told.contains("\nerror[syntax]: ") && told.contains("--> releases.toml:1:7\n"), "{told}");
    let ran = status(&world, &["releases.git", "--json"]);
    assert_eq!((ran.code(), &document(ran)["problems"][0]["severity"]), (1, &json!("error")));
    let elsewhere = status(&world, &["nowhere"]);
    assert_eq!((elsewhere.code(), elsewhere.stdout().as_str()), (2, ""));
    let mut here = world.command(pushlive());
    here.current_dir(team.folder().join(Path::new("."))).args(["status", "--json"]);
    assert_eq!(document(Ran::of(here))["commit"], served, "the repository around the folder");
}

/// Its lines but for that with the clock and that with the age, and but for what only a daemon knows.
fn lasting(text: &str) -> Vec<String> {
    let passing = |line: &&str| line.ends_with("times are in UTC") || line.starts_with("published ");
    text.lines().filter(|line| !passing(line)).map(str::to_owned).collect()
}

#[test]
fn a_running_daemon_says_the_same_and_what_it_alone_knows() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    publish(&team);
    let daemon = Daemon::start_for_operators(&world, &repo, &[]);
    daemon.wait_for_commit(&team.head());
    let url = format!("http://{}", daemon.operator());
    let text = status(&world, &[&url]).success();
    assert_eq!(lasting(&text), lasting(&status(&world, &["releases.git"]).success()));
    assert!(text.contains("\npublished ") && text.contains(" ago by a daemon that has run for "), "{text}");

    let without_clock = |ran: Ran| {
        let Value::Object(mut document) = document(ran) else { panic!("no document") };
        assert!(document.remove("time").is_some());
        (document.remove("daemon"), Value::Object(document))
    };
    let (told, of_daemon) = without_clock(status(&world, &[&format!("{url}/"), "--json"]));
    let (nothing, of_repository) = without_clock(status(&world, &["releases.git", "--json"]));
    assert_eq!(of_daemon, of_repository);
    assert_eq!(nothing, None);
    let told = told.expect("what a daemon knows");
    assert!(told["published"].is_string() && told["since"].is_string() && told["repository"]["readable"] == true);
}

#[test]
fn what_is_wrong_with_a_daemon_is_the_exit_code_too() {
    let world = World::new();
    let repo = world.init("releases.git");
    take_guard_off(&repo);
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    let first = team.publish("Begin");
    let data = world.path("data");
    let args = ["--poll", "100ms", "--data", data.to_str().expect("a path")];
    let daemon = Daemon::start_for_operators(&world, &repo, &args);
    daemon.wait_for_commit(&first);
    let url = format!("http://{}", daemon.operator());
    team.add_release(APP, "v1.0.0");
    daemon.wait_for_commit(&team.publish("A mistake"));
    let ran = status(&world, &[&url]);
    assert_eq!(ran.code(), 1);
    let told = ran.stdout();
    assert!(told.contains("\n\nerror[not-a-version]: "), "{told}");
    assert!(told.contains("--> com.example.app/v1.0.0\n"), "{told}");
    std::fs::rename(&repo, world.path("away.git")).expect("moved away");
    daemon.wait_for_line("the complaint", |line| line["level"] == "ERROR" && line["reason"].is_string());
    let ran = status(&world, &[&url]);
    assert_eq!((ran.code(), ran.stderr().as_str()), (2, "error: the daemon cannot read its repository\n"));
    assert!(ran.stdout().contains("\nthe daemon cannot read its repository: "), "{}", ran.stdout());
}

#[test]
fn a_url_where_no_daemon_answers_an_operator_is_told_what_to_do() {
    let world = World::new();
    let repo = world.init("releases.git");
    // a token that belongs to this repository alone
    std::fs::write(repo.join("pushlive.toml"), "operator_token = \"s3cret\"\n").expect("settings");
    let daemon = Daemon::start_for_operators(&world, &repo, &[]);
    daemon.wait_for_line("its first look", |line| line["message"] == "published");
    let url = format!("http://{}", daemon.operator());
    let refusal = |args: &[&str]| {
        let mut command = world.command(pushlive());
        command.current_dir(&repo).arg("status").args(args);
        let ran = Ran::of(command);
        assert_eq!((ran.code(), ran.stdout().as_str()), (2, ""), "{args:?}");
        ran.stderr()
    };
    let unknown = refusal(&[&url]);
    assert!(unknown.contains("answers 401 Unauthorized: this asks for the operator_token"), "{unknown}");
    assert!(unknown.contains("help: give it with PUSHLIVE_OPERATOR_TOKEN"), "{unknown}");
    assert!(refusal(&[&url, "--operator-token", "wrong"]).contains("401"));
    let mut known = world.command(pushlive());
    known.args(["status", &url, "--json"]).env("PUSHLIVE_OPERATOR_TOKEN", "s3cret");
    assert_eq!(document(Ran::of(known))["commit"], Value::Null);

    let public = refusal(&[&format!("http://{}", daemon.address())]);
    assert!(public.contains("404") && public.contains("help: the public listener knows no status"), "{public}");
    assert!(refusal(&["https://127.0.0.1:8081"]).contains("https is not available here yet"));
    assert!(refusal(&["http://u:p@127.0.0.1:1"]).contains("names no host that can be asked"));
    daemon.kill();
    let gone = refusal(&[&url]);
    assert!(gone.starts_with("error: cannot ask 127.0.0.1:") && gone.contains("refused"), "{gone}");
}

#[test]
fn words_of_others_change_no_terminal() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\nname = \"A\\u001b[31mB\"\n"));
    team.add_release(APP, "1.0.1");
    team.publish("Begin");
    let said = status(&world, &["releases.git"]).success();
    assert!(said.contains("com.example.app, A\\u{1b}[31mB\n"), "{said:?}");
}
