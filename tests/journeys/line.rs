//! What holds when history disagrees: for the daemon that saw it happen, after a restart, and for one with nothing kept.

use std::path::PathBuf;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::world::{Daemon, Ran, Team, World, web_app};

const APP: &str = "com.example.app";
const OTHER: &str = "org.example.other";
const SETTINGS: &str = "[apps.\"com.example.app\"]\n[apps.\"org.example.other\"]\n";

/// What devices run, in the questions on which all daemons must agree.
const RUN: [&str; 6] = ["builtin", "1.0.0", "1.0.1", "1.0.2", "1.0.3", "7.7.7"];

/// A history that is being made, and the daemon that follows it.
struct Story<'w> {
    world: &'w World,
    repo: PathBuf,
    team: Team<'w>,
    daemon: Daemon,
}

impl<'w> Story<'w> {
    /// Two apps, each with 1.0.0.
    fn begin(world: &'w World) -> Story<'w> {
        let repo = world.init_without_hooks("releases.git");
        let team = world.team(&repo);
        team.write("releases.toml", SETTINGS);
        team.add_release(APP, "1.0.0");
        team.add_release(OTHER, "1.0.0");
        let first = team.publish("Begin");
        let daemon = Daemon::start(world, &repo, &[]);
        daemon.wait_for_commit(&first);
        Story { world, repo, team, daemon }
    }

    /// Commits what the team did, pushes, and waits until the daemon has looked at it.
    fn publish(&self, message: &str) -> String {
        let tip = self.team.publish(message);
        self.daemon.wait_for_tip(&tip);
        tip
    }

    fn release(&self, app: &str, version: &str) -> String {
        self.team.add_release(app, version);
        self.publish(&format!("Release {app} {version}"))
    }

    fn remove(&self, path: &str) {
        self.team.git(&["rm", "-r", "--quiet", path]).success();
    }

    /// What a device that runs this gets: a version, or the code of why not.
    fn gets(&self, app: &str, runs: &str) -> String {
        let answer = self.daemon.check(app, runs);
        answer["error"].as_str().or(answer["version"].as_str()).expect("an answer").to_owned()
    }

    /// The bytes that a device on builtin gets.
    fn bytes(&self, app: &str) -> Vec<u8> {
        self.daemon.download(&self.daemon.check(app, "builtin"))
    }

    /// The commit that the answers are from.
    fn stands_at(&self) -> String {
        let reply = self.daemon.check_by(&[], APP, json!({}));
        reply.header("x-release-commit").expect("the commit").to_owned()
    }

    /// A restarted daemon, which goes on with the story, and one with an empty data directory must answer as the one
    /// that runs.
    fn everyone_agrees(self) -> Story<'w> {
        let Story { world, repo, team, daemon } = self;
        let tip = world.run("git", ["-C", repo.to_str().expect("a path"), "rev-parse", "main"]).success();
        let said = testimony(&daemon);
        daemon.kill();
        let restarted = Daemon::start(world, &repo, &[]);
        restarted.wait_for_tip(tip.trim());
        assert_eq!(testimony(&restarted), said, "after a restart");
        let data = tempfile::tempdir().expect("a folder");
        let second = Daemon::start(world, &repo, &["--data", data.path().to_str().expect("a path")]);
        second.wait_for_tip(tip.trim());
        assert_eq!(testimony(&second), said, "with an empty data directory");
        Story { world, repo, team, daemon: restarted }
    }
}

/// All that devices are told, and the hashes of what they download.
fn testimony(daemon: &Daemon) -> Vec<String> {
    let asked = [APP, OTHER].into_iter().flat_map(|app| RUN.map(|runs| (app, runs)));
    let devices = asked.flat_map(|(app, runs)| ["ios", "android"].map(|platform| (app, runs, platform)));
    let mut said: Vec<String> = devices.map(|(app, runs, platform)| answer(daemon, app, runs, platform)).collect();
    said.push(daemon.readyz().json().to_string());
    said
}

fn answer(daemon: &Daemon, app: &str, runs: &str, platform: &str) -> String {
    const HOST: &str = "releases.example";
    let fields = json!({ "version_name": runs, "platform": platform });
    let reply = daemon.check_by(&[&format!("Host: {HOST}")], app, fields);
    let told = reply.json();
    let path =
        told["url"].as_str().map(|url| url.strip_prefix(&format!("http://{HOST}")).expect("our host").to_owned());
    let bytes = path.map_or_else(Vec::new, |path| daemon.request("GET", &path, &[], b"").body);
    let [commit, table] = ["x-release-commit", "x-release-table"].map(|name| reply.header(name).expect("its table"));
    format!("{app} {runs} {platform}: {told} {:x?} from {commit} {table}", &Sha256::digest(bytes)[..4])
}

#[test]
fn settings_that_do_not_parse_or_are_gone_change_nothing() {
    let world = World::new();
    let story = Story::begin(&world);
    let good = story.release(APP, "1.0.1");
    assert_eq!(story.daemon.problems(), (0, 0));

    story.team.write("releases.toml", "[apps\n");
    story.release(APP, "1.0.2");
    assert_eq!((story.gets(APP, "builtin").as_str(), story.stands_at()), ("1.0.1", good.clone()));
    assert_eq!(story.daemon.problems(), (1, 1), "the syntax; that an older commit counts");
    let story = story.everyone_agrees();

    story.remove("releases.toml");
    story.remove(&format!("{APP}/1.0.1"));
    story.publish("Lose the settings and a release");
    assert_eq!((story.gets(APP, "1.0.1").as_str(), story.stands_at()), ("no_new_version_available", good));
    let story = story.everyone_agrees();

    story.team.write("releases.toml", SETTINGS);
    let mended = story.publish("Mend");
    assert_eq!((story.gets(APP, "1.0.1").as_str(), story.stands_at()), ("1.0.2", mended));
    assert_eq!(story.daemon.problems(), (0, 0));
    story.everyone_agrees();
}

#[test]
fn a_broken_rule_freezes_one_app_while_another_goes_on() {
    let world = World::new();
    let story = Story::begin(&world);
    story.release(APP, "1.0.1");

    story.team.write("releases.toml", SETTINGS.replace("app\"]\n", "app\"]\nstay_inside = true\n"));
    story.team.add_release(OTHER, "1.0.1");
    story.remove(&format!("{APP}/1.0.1"));
    story.release(APP, "1.0.2");
    assert_eq!(story.gets(APP, "1.0.0"), "1.0.1", "frozen as it was");
    assert_eq!(story.gets(OTHER, "1.0.0"), "1.0.1", "goes on");
    assert_eq!(story.daemon.problems(), (1, 1), "the key; that the app is frozen");
    let story = story.everyone_agrees();

    story.team.write("releases.toml", SETTINGS);
    story.publish("Mend");
    assert_eq!(story.gets(APP, "1.0.1"), "1.0.2");
    story.everyone_agrees();
}

#[test]
fn a_release_that_a_later_commit_breaks_keeps_its_last_valid_form() {
    let world = World::new();
    let story = Story::begin(&world);
    let descriptor = format!("{APP}/1.0.1/release.toml");
    story.team.write(&descriptor, "comment = \"first\"\n");
    story.release(APP, "1.0.1");
    story.team.write(&descriptor, "comment = \"second\"\n");
    story.publish("Say it better");

    story.team.write(&descriptor, "comment = second\n");
    story.publish("Break it");
    assert_eq!(story.gets(APP, "1.0.1"), "no_new_version_available", "who runs it is not moved");
    let offered = story.daemon.check(APP, "1.0.0");
    assert_eq!((&offered["version"], &offered["comment"]), (&json!("1.0.1"), &json!("second")));
    assert_eq!(story.daemon.problems(), (1, 1), "the syntax; that an older form counts");
    let story = story.everyone_agrees();

    story.team.write(&format!("{APP}/1.0.2/bundle.zip"), b"no zip at all");
    story.publish("A release that never was valid");
    assert_eq!(story.gets(APP, "1.0.0"), "1.0.1", "it is left out, alone");
    assert_eq!(story.gets(APP, "1.0.2"), "1.0.1", "and is not withdrawn, so nobody is sent back to builtin");
    story.everyone_agrees();
}

#[test]
fn a_version_keeps_its_first_bytes_for_ever() {
    let world = World::new();
    let story = Story::begin(&world);
    let (bundle, folder) = (format!("{APP}/1.0.1/bundle.zip"), format!("{APP}/1.0.1"));
    story.release(APP, "1.0.1");
    let first = web_app("1.0.1");

    story.team.write(&bundle, web_app("changed"));
    story.publish("Change the zip");
    assert_eq!(story.bytes(APP), first);
    assert_eq!(story.daemon.problems().0, 1);
    let story = story.everyone_agrees();

    story.remove(&bundle);
    story.team.write(&format!("{folder}/release.toml"), "comment = \"x\"\n");
    story.publish("Take the zip away");
    assert_eq!(story.bytes(APP), first);
    let story = story.everyone_agrees();

    story.remove(&folder);
    story.publish("Remove the release");
    assert_eq!(story.gets(APP, "1.0.1"), "1.0.0");
    story.team.write(&bundle, web_app("others"));
    story.publish("Bring it back with others");
    assert_eq!((story.gets(APP, "builtin").as_str(), story.bytes(APP)), ("1.0.1", first));
    let story = story.everyone_agrees();

    story.team.write(&format!("{folder}/release.toml"), "yanked = \"crashes\"\n");
    story.publish("Yank it, whatever its bytes");
    assert_eq!(story.gets(APP, "1.0.1"), "1.0.0");
    story.everyone_agrees();
}

#[test]
fn what_was_withdrawn_is_known_and_what_never_was_there_is_left_alone() {
    let world = World::new();
    let story = Story::begin(&world);
    let only = story.release(APP, "1.0.1");
    story.daemon.wait_for_commit(&story.team.revert(&only));
    story.remove(&format!("{APP}/1.0.0"));
    story.publish("Nothing is left");
    for gone in ["1.0.0", "1.0.1"] {
        assert_eq!(story.daemon.check(APP, gone), json!({ "version": "builtin" }));
    }
    assert_eq!(story.gets(APP, "7.7.7"), "no_release");
    let story = story.everyone_agrees();
    assert_eq!(story.daemon.check(APP, "1.0.1"), json!({ "version": "builtin" }));
    story.release(APP, "1.0.2");
    assert_eq!(story.gets(APP, "1.0.1"), "1.0.2");
    story.everyone_agrees();
}

#[test]
fn a_feature_that_is_merged_comes_in_at_the_merge() {
    let world = World::new();
    let story = Story::begin(&world);
    let bundle = format!("{APP}/1.0.1/bundle.zip");
    story.team.git(&["checkout", "--quiet", "-b", "feature"]).success();
    for content in ["a draft", "1.0.1"] {
        story.team.write(&bundle, web_app(content));
        story.team.commit("On the feature");
    }
    story.team.git(&["checkout", "--quiet", "main"]).success();
    story.release(OTHER, "1.0.1");
    story.team.git(&["merge", "--quiet", "--no-ff", "-m", "Merge", "feature"]).success();
    story.team.push().success();
    story.daemon.wait_for_commit(&story.team.head());
    assert_eq!(story.bytes(APP), web_app("1.0.1"), "the draft was never on the line");
    assert_eq!(story.gets(OTHER, "builtin"), "1.0.1");
    assert_eq!(story.daemon.problems(), (0, 0));
    story.everyone_agrees();
}

#[test]
fn a_merge_by_pull_makes_another_line_and_is_reported() {
    let world = World::new();
    let story = Story::begin(&world);
    let colleague = world.team(&story.repo);
    let bundle = format!("{APP}/1.0.1/bundle.zip");
    story.release(APP, "1.0.1");
    story.team.write(&bundle, web_app("changed"));
    let pushed = story.publish("Change the zip, which counts for nothing");
    assert_eq!(story.bytes(APP), web_app("1.0.1"));

    colleague.add_release(OTHER, "1.0.1");
    colleague.commit("Meanwhile");
    colleague.git(&["pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"]).success();
    colleague.push().success();
    let said = story.daemon.wait_for_line("the report", |line| line["left"] == pushed);
    assert!(said["help"].as_str().is_some_and(|help| help.contains("git pull --rebase")), "{said}");
    story.daemon.wait_for_commit(&colleague.head());
    assert_eq!(story.bytes(APP), web_app("changed"), "on the line as it is now, it came with the merge");
    assert_eq!(story.gets(OTHER, "builtin"), "1.0.1");
    story.everyone_agrees();
}

#[test]
fn a_line_that_is_rewritten_after_its_deletion_is_reported_too() {
    let world = World::new();
    let story = Story::begin(&world);
    story.release(APP, "1.0.1");
    let left = story.team.head();
    let bare = |args: &[&str]| {
        let mut command = world.command("git");
        command.arg("--git-dir").arg(&story.repo).args(args);
        Ran::of(command).success()
    };
    bare(&["update-ref", "-d", "refs/heads/main"]);
    story.daemon.wait_for_tip("none");
    story.team.git(&["commit", "--quiet", "--amend", "-m", "Another one"]).success();
    story.team.push().success();
    story.daemon.wait_for_line("the report", |line| line["left"] == left);
    story.daemon.wait_for_commit(&story.team.head());
}

#[test]
fn a_shallow_repository_that_is_filled_up_serves_its_first_bytes() {
    let world = World::new();
    let repo = world.init_without_hooks("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    team.publish("The first bytes");
    team.write(&format!("{APP}/1.0.1/bundle.zip"), web_app("changed"));
    team.publish("Other bytes");
    let url = format!("file://{}", repo.display());
    let args = ["clone", "--quiet", "--bare", "--depth", "1", &url, "shallow.git"];
    world.run("git", args).success();

    let daemon = Daemon::start(&world, &world.path("shallow.git"), &[]);
    daemon.wait_for_commit(&team.head());
    assert_eq!(daemon.download(&daemon.check(APP, "builtin")), web_app("changed"));
    world.run("git", ["--git-dir=shallow.git", "fetch", "--quiet", "--unshallow", "origin", "main"]).success();
    daemon.wait_for_commit(&team.head());
    assert_eq!(daemon.download(&daemon.check(APP, "builtin")), web_app("1.0.1"));
}
