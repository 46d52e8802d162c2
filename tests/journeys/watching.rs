//! The daemon follows its repository through whatever git and people do to it, and rests when they rest.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Daemon, Team, World, take_hooks_off, web_app};

const APP: &str = "com.example.app";

fn settings() -> String {
    format!("[apps.\"{APP}\"]\n")
}

/// Runs git in a repository.
fn git(world: &World, repo: &Path, args: &[&str]) -> String {
    let mut all = vec!["-C", repo.to_str().expect("a path")];
    all.extend(args);
    world.run("git", all).success()
}

/// A bare repository with 1.0.0, a clone and a daemon whose data lies elsewhere.
fn served(world: &World) -> (Team<'_>, Daemon) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", settings());
    team.add_release(APP, "1.0.0");
    let tip = team.publish("Begin");
    let data = world.path("data");
    let daemon = Daemon::start(world, &repo, &["--data", data.to_str().expect("a path")]);
    daemon.wait_for_commit(&tip);
    (team, daemon)
}

/// What a device on builtin is told. Its native version is 1.0.0, but written so that release 1.0.0 is another.
fn told(daemon: &Daemon) -> Value {
    daemon.check_with(APP, json!({ "version_build": "1.0" }))
}

fn gives(daemon: &Daemon, version: &str) {
    let answer = told(daemon);
    assert_eq!(answer["version"], version, "{answer}");
    assert_eq!(daemon.download(&answer), web_app(version));
}

fn release(team: &Team<'_>, daemon: &Daemon, version: &str) -> String {
    team.add_release(APP, version);
    let tip = team.publish(&format!("Release {version}"));
    daemon.wait_for_commit(&tip);
    gives(daemon, version);
    tip
}

fn complaints(daemon: &Daemon) -> Vec<String> {
    daemon.log().into_iter().filter(|line| line.contains("\"ERROR\"") || line.contains("\"WARN\"")).collect()
}

#[test]
fn housekeeping_changes_nothing_and_hides_nothing() {
    let world = World::new();
    let (team, daemon) = served(&world);
    let repo = world.path("releases.git");
    for (minor, housekeeping) in [
        &["gc", "--quiet", "--prune=now"][..],
        &["pack-refs", "--all"],
        &["repack", "-a", "-d", "--quiet"],
        &["gc", "--quiet", "--aggressive", "--prune=now"],
    ]
    .into_iter()
    .enumerate()
    {
        release(&team, &daemon, &format!("1.{minor}.1"));
        git(&world, &repo, housekeeping);
        gives(&daemon, &format!("1.{minor}.1"));
        release(&team, &daemon, &format!("1.{minor}.2"));
    }
    assert_eq!(complaints(&daemon), [""; 0]);
}

#[test]
fn refs_are_followed_however_they_change() {
    let world = World::new();
    let (team, daemon) = served(&world);
    let repo = world.path("releases.git");
    take_hooks_off(&repo);
    let first = team.head();
    let second = release(&team, &daemon, "1.0.1");

    git(&world, &repo, &["update-ref", "refs/heads/main", &first]);
    daemon.wait_for_commit(&first);
    gives(&daemon, "1.0.0");
    git(&world, &repo, &["update-ref", "refs/heads/main", &second]);
    daemon.wait_for_commit(&second);
    gives(&daemon, "1.0.1");

    team.git(&["reset", "--quiet", "--hard", &first]).success();
    team.add_release(APP, "1.0.2");
    let rewritten = team.commit("Another history");
    assert_ne!(team.push().code(), 0, "git itself refuses it without --force");
    team.git(&["push", "--quiet", "--force", "origin", "HEAD:main"]).success();
    daemon.wait_for_line("the report", |line| line["left"] == second);
    daemon.wait_for_commit(&rewritten);
    gives(&daemon, "1.0.2");
}

#[test]
fn a_deleted_branch_keeps_its_table_where_one_runs_and_comes_back() {
    let world = World::new();
    let (team, daemon) = served(&world);
    let repo = world.path("releases.git");
    git(&world, &repo, &["update-ref", "-d", "refs/heads/main"]);
    daemon.wait_for_tip("none");
    gives(&daemon, "1.0.0");
    assert_eq!(daemon.readyz().status, 200);
    assert_eq!(daemon.problems(), (0, 1));

    let data = world.path("fresh");
    let fresh = Daemon::start(&world, &repo, &["--data", data.to_str().expect("a path")]);
    fresh.wait_for_tip("none");
    assert_eq!(fresh.readyz().status, 503);
    let blocked = fresh.check(APP, "1.0.0");
    assert_eq!((&blocked["error"], &blocked["kind"]), (&Value::from("not_ready"), &Value::from("blocked")));

    team.add_release(APP, "1.0.1");
    let tip = team.publish("Back again");
    for daemon in [daemon, fresh] {
        daemon.wait_for_commit(&tip);
        gives(&daemon, "1.0.1");
        assert_eq!(daemon.problems(), (0, 0));
    }
}

#[test]
fn a_repository_that_goes_away_is_missed_and_found_again() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", settings());
    team.add_release(APP, "1.0.0");
    let tip = team.publish("Begin");
    let data = world.path("data");
    let daemon = Daemon::start(&world, &repo, &["--poll", "100ms", "--data", data.to_str().expect("a path")]);
    daemon.wait_for_commit(&tip);

    let away = world.path("away.git");
    for version in ["1.0.1", "1.0.2"] {
        let before = told(&daemon);
        fs::rename(&repo, &away).expect("moved away");
        daemon.wait_for_line("the complaint", |line| line["level"] == "ERROR" && line["reason"].is_string());
        let ready = daemon.readyz();
        assert_eq!((ready.status, &ready.json()["repository"]["readable"]), (200, &Value::from(false)));
        assert_eq!(told(&daemon), before);
        daemon.download(&before);
        team.git(&["remote", "set-url", "origin", away.to_str().expect("a path")]).success();
        team.add_release(APP, version);
        let tip = team.publish("Meanwhile");
        fs::rename(&away, &repo).expect("moved back");
        daemon.wait_for_commit(&tip);
        gives(&daemon, version);
        assert_eq!(daemon.readyz().json()["repository"]["readable"], true);
    }
    team.git(&["remote", "set-url", "origin", repo.to_str().expect("a path")]).success();
    release(&team, &daemon, "1.0.3");
}

#[test]
fn a_repository_that_comes_back_unchanged_is_well_again() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", settings());
    let tip = team.publish("Begin");
    // With its data inside, which moves along.
    let daemon = Daemon::start(&world, &repo, &["--poll", "100ms"]);
    daemon.wait_for_commit(&tip);
    let away = world.path("away.git");
    fs::rename(&repo, &away).expect("moved away");
    daemon.wait_for_line("the complaint", |line| line["level"] == "ERROR" && line["reason"].is_string());
    fs::rename(&away, &repo).expect("moved back");
    daemon.wait_for_line("relief", |line| {
        line["message"].as_str().is_some_and(|message| message.contains("can be read again"))
    });
    assert_eq!(daemon.readyz().json()["repository"]["readable"], true);
    release(&team, &daemon, "1.0.0");
}

#[test]
fn work_trees_are_followed_where_people_commit_in_them() {
    let world = World::new();
    let main = world.path("project");
    git(&world, &world.path(""), &["init", "--quiet", "--initial-branch=main", main.to_str().expect("a path")]);
    fs::write(main.join("releases.toml"), settings()).expect("the settings");
    let commit = |folder: &Path, version: &str| {
        let bundle = folder.join(APP).join(version);
        fs::create_dir_all(&bundle).expect("a folder");
        fs::write(bundle.join("bundle.zip"), web_app(version)).expect("a bundle");
        git(&world, folder, &["add", "--all"]);
        git(&world, folder, &["commit", "--quiet", "-m", version]);
        git(&world, folder, &["rev-parse", "HEAD"]).trim().to_owned()
    };
    let first = commit(&main, "1.0.0");
    let linked = world.path("linked");
    git(&world, &main, &["worktree", "add", "--quiet", "-b", "aside", linked.to_str().expect("a path")]);

    let data = world.path("data");
    let daemon = Daemon::start(&world, &main, &[]);
    let by_link = Daemon::start(&world, &linked, &["--data", data.to_str().expect("a path")]);
    for daemon in [&daemon, &by_link] {
        daemon.wait_for_commit(&first);
        gives(daemon, "1.0.0");
    }
    commit(&linked, "1.0.9");
    let second = commit(&main, "1.0.1");
    for daemon in [&daemon, &by_link] {
        daemon.wait_for_commit(&second);
        gives(daemon, "1.0.1");
    }
    git(&world, &main, &["merge", "--quiet", "-m", "Merge", "aside"]);
    for daemon in [&daemon, &by_link] {
        daemon.wait_for_line("the merge", |line| line["message"] == "published" && line["commit"] != second.as_str());
        gives(daemon, "1.0.9");
    }
}

#[test]
fn a_repository_without_a_commit_waits_for_the_first_push() {
    let world = World::new();
    let bare = world.path("empty.git");
    git(
        &world,
        &world.path(""),
        &["init", "--quiet", "--bare", "--initial-branch=main", bare.to_str().expect("a path")],
    );
    let daemon = Daemon::start(&world, &bare, &[]);
    daemon.wait_for_line("that it waits", |line| {
        line["message"].as_str().is_some_and(|message| message.contains("waiting for the first push"))
    });
    let blocked = daemon.check(APP, "1.0.0");
    assert_eq!((&blocked["error"], &blocked["kind"]), (&Value::from("not_ready"), &Value::from("blocked")));
    let ready = daemon.readyz();
    assert_eq!((ready.status, &ready.json()["status"]), (503, &Value::from("not_ready")));
    assert_eq!(daemon.request("GET", "/livez", &[], b"").status, 200);

    let team = world.team(&bare);
    team.write("releases.toml", settings());
    release(&team, &daemon, "1.0.0");
    assert_eq!(daemon.readyz().status, 200);
}

/// Each poll opens the repository and reads its refs, which must not look like a change to it.
#[test]
fn an_idle_daemon_builds_nothing_and_costs_nothing() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", settings());
    team.add_release(APP, "1.0.0");
    let tip = team.publish("Begin");
    let daemon = Daemon::start(&world, &repo, &["--poll", "1s", "--log", "debug"]);
    daemon.wait_for_commit(&tip);
    // What the start left to do.
    daemon.lines_for(Duration::from_millis(500));
    let before = daemon.cpu_ticks();
    let said = daemon.lines_for(Duration::from_secs(4));
    assert_eq!(said, Vec::<Value>::new());
    if let (Some(before), Some(after)) = (before, daemon.cpu_ticks()) {
        assert!(after - before <= 5, "{} ticks of idling", after - before);
    }
    release(&team, &daemon, "1.0.1");
}
