//! Who pushed says so: it spares a wait, it is believed of its own push alone, and whoever says it again and again costs
//! next to nothing.

use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::operator::{get, served};
use crate::world::{Daemon, Team, World, request};

const APP: &str = "com.example.app";

/// A repository with two tagged releases, whose hooks find a daemon, and the name of a lock that nobody will release.
fn with_a_stale_lock<'w>(world: &'w World, daemon: impl Fn(&PathBuf) -> Daemon) -> (Team<'w>, Daemon, PathBuf) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.add_release(APP, "1.0.1");
    team.add_release(APP, "1.0.2");
    let tip = team.publish("Begin");
    let daemon = daemon(&repo);
    daemon.wait_for_commit(&tip);
    for version in ["1.0.1", "1.0.2"] {
        team.tag(&format!("production/{version}"), "HEAD");
        daemon.wait_for_line("the tag", |line| line["message"] == "published");
    }
    let lock = repo.join("refs/heads/other.lock");
    std::fs::write(&lock, "").expect("a lock");
    (team, daemon, lock)
}

#[test]
fn a_hook_that_says_that_all_is_in_ends_the_wait_for_a_push_to_settle() {
    let world = World::new();
    // a poll that comes too late for anything, and a token that the hook finds in the settings of the repository
    let (team, daemon, lock) = with_a_stale_lock(&world, |repo| {
        std::fs::write(repo.join("pushlive.toml"), "operator_token = \"s3cret\"\n").expect("settings");
        Daemon::start_for_operators(&world, repo, &["--poll", "1h"])
    });
    let pushed = team.git(&["push", "--quiet", "origin", ":production/1.0.2"]);
    let published = daemon.wait_for_line("the push", |line| line["message"] == "published");
    assert_eq!(published["settled_by"], "push", "{published}");
    assert!(pushed.stderr().contains(" ms: production 1.0.2 -> 1.0.1"), "{}", pushed.stderr());
    assert!(lock.exists());
    assert_eq!(daemon.check(APP, "builtin")["version"], "1.0.1");
}

/// Held as long as a file is there, once a ref of that name is about to change: a push that is half in.
const HOLD: &str = "#!/bin/sh\n[ \"$1\" = prepared ] || exit 0\ngrep -q '@50%$' || exit 0\n: > half-in\n\
                    for _ in $(seq 500); do [ -e hold ] || exit 0; sleep 0.02; done\n";

#[test]
fn a_hook_that_speaks_for_its_own_push_ends_no_wait_for_another() {
    let world = World::new();
    let repo = world.init("releases.git");
    let (team, other) = (world.team(&repo), world.team(&repo));
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.add_release(APP, "1.0.1");
    team.add_release(APP, "1.0.2");
    team.publish("Begin");
    team.tag("production/1.0.1", "HEAD");
    team.tag("production/1.0.2@99.99%", "HEAD");
    let daemon = Daemon::start_for_operators(&world, &repo, &["--poll", "1h", "--log", "debug"]);
    daemon.wait_for_commit(&team.head());
    assert_eq!(daemon.check(APP, "1.0.2")["error"], "no_new_version_available");
    let hook = repo.join("hooks/reference-transaction");
    std::fs::write(&hook, HOLD).expect("a hook");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("a hook that runs");
    std::fs::write(repo.join("hold"), "").expect("a file");

    team.git(&["tag", "production/1.0.2@50%"]).success();
    other.git(&["pull", "--quiet"]).success();
    other.git(&["tag", "production/1.0.1@10%"]).success();
    std::thread::scope(|scope| {
        let half = scope.spawn(|| {
            let replace = [":production/1.0.2@99.99%", "production/1.0.2@50%"];
            team.git(&[&["push", "--quiet", "origin"], &replace[..]].concat()).success();
        });
        while !repo.join("half-in").exists() {
            std::thread::yield_now();
        }
        let whole = scope.spawn(|| other.git(&["push", "--quiet", "origin", "production/1.0.1@10%"]).code());
        daemon.wait_for_line("the hint", |line| line["path"] == "/hooks/push");
        for _ in 0..100 {
            let told = daemon.check(APP, "1.0.2");
            assert_eq!(told["error"], "no_new_version_available", "moved by half a push: {told}");
        }
        std::fs::remove_file(repo.join("hold")).expect("the file");
        half.join().expect("a push");
        whole.join().expect("a push");
    });
    let published = daemon.wait_for_line("both", |line| line["message"] == "published");
    assert_ne!(published["settled_by"], "limit", "{published}");
    assert_eq!(daemon.check(APP, "1.0.2")["error"], "no_new_version_available");
}

#[test]
fn where_nobody_says_so_a_push_is_waited_for_until_the_limit() {
    let world = World::new();
    let (team, daemon, lock) = with_a_stale_lock(&world, |repo| Daemon::start(&world, repo, &[]));
    team.git(&["push", "--quiet", "origin", ":production/1.0.2"]).success();
    let published = daemon.wait_for_line("the push", |line| line["message"] == "published");
    assert_eq!(published["settled_by"], "limit", "{published}");
    std::fs::remove_file(lock).expect("no lock");
    team.git(&["push", "--quiet", "origin", ":production/1.0.1"]).success();
    let published = daemon.wait_for_line("the push", |line| line["message"] == "published");
    assert_eq!(published["settled_by"], "readings", "{published}");
}

#[test]
fn a_hint_is_a_look_and_an_address_of_a_daemon_that_is_gone_does_no_harm() {
    let world = World::new();
    let (repo, team, daemon) = served(&world, &["--poll", "1h", "--log", "debug"]);
    let hint = |body: &[u8]| request(daemon.operator(), "POST", "/hooks/push", &[], body);
    for body in [&b""[..], b"{\"ref\":\"refs/heads/main\",\"after\":\"0123\"}", b"\xff\0"] {
        assert_eq!(hint(body).status, 202);
    }
    assert_eq!(get(daemon.operator(), "/api/table").json()["commit"], team.head(), "what it says is not believed");
    daemon.kill();
    assert!(repo.join("pushlive/operator").exists(), "nobody was there to remove it");
    team.add_release(APP, "1.0.2");
    team.commit("After the end");
    let said = team.push().stderr();
    assert!(said.contains("pushlive: no daemon is seen here"), "{said}");
    let without = Daemon::start(&world, &repo, &[]);
    without.wait_for_commit(&team.head());
    assert!(!repo.join("pushlive/operator").exists(), "this one has no listener");
    team.add_release(APP, "1.0.3");
    team.commit("Without a listener");
    let said = team.push().stderr();
    assert!(said.contains(" ms: com.example.app production 1.0.2 -> 1.0.3"), "{said}");
}

/// Says that something was pushed, again and again, as long as that work goes on.
fn while_somebody_hints(daemon: &Daemon, work: impl FnOnce()) {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                assert_eq!(request(daemon.operator(), "POST", "/hooks/push", &[], b"").status, 202);
            }
        });
        let worked = catch_unwind(AssertUnwindSafe(work));
        // also where the work failed: the scope waits for who hints
        is_done.store(true, Ordering::Relaxed);
        worked.unwrap_or_else(|panic| resume_unwind(panic));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn hints_that_tell_nothing_new_have_the_refs_read_now_and_then_only() {
    const READINGS: u32 = 8;
    let world = World::new();
    let (repo, _team, daemon) = served(&world, &["--poll", "1h"]);
    let openings = crate::world::Openings::of(&repo.join("refs/heads/main"));
    while_somebody_hints(&daemon, || {
        let started = std::time::Instant::now();
        openings.wait_for(READINGS);
        let (found, took) = (openings.until_now(), started.elapsed());
        // a tenth of a second apart, but for what was on its way when it began
        let at_most = took.as_millis() / 100 + 5;
        assert!(u128::from(found) <= at_most, "{found} readings in {took:?}");
    });
}

#[test]
fn a_push_amid_hints_that_tell_nothing_new_is_taken_up() {
    let world = World::new();
    let (_repo, team, daemon) = served(&world, &["--poll", "1h"]);
    while_somebody_hints(&daemon, || {
        team.add_release(APP, "1.0.2");
        daemon.wait_for_commit(&team.publish("Amid hints"));
    });
}
