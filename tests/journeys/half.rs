//! A push that takes its time: git calls the `update` hook before each ref that it changes, and some of those are slow.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::world::{Daemon, Line, Phone, Team, World, phones};

const APP: &str = "com.example.app";
const SETTINGS: &str = "[apps.\"com.example.app\".channels]\nproduction = { tags = true }\n";
/// Many times what two readings of the refs have between them.
const LONG: Duration = Duration::from_millis(600);

/// A hook that stops before it lets a ref be changed, until it may go on.
struct Gate {
    open: PathBuf,
    reached: PathBuf,
}

impl Gate {
    /// Before that ref; `end` is the hook's exit code then.
    fn before(world: &World, repo: &Path, name: &str, end: u8) -> Gate {
        let gate = Gate { open: world.path("open"), reached: world.path("reached") };
        let (open, reached) = (gate.open.display(), gate.reached.display());
        let hook = repo.join("hooks/update");
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = '{name}' ] || exit 0\n: >'{reached}'\nwhile [ ! -e '{open}' ]; do sleep 0.01; done\nexit {end}\n"
        );
        fs::write(&hook, script).expect("a hook");
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("a hook that runs");
        gate
    }

    fn is_reached(&self) -> bool {
        self.reached.exists()
    }

    fn open(&self) {
        fs::write(&self.open, "").expect("the gate opens");
    }
}

/// Whoever fails leaves no push behind that waits.
impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

/// 1.0.1 is open to all of production, 1.1.0 to a tenth.
fn begin(world: &World) -> (PathBuf, Team<'_>, Daemon) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", SETTINGS);
    team.add_release(APP, "1.0.1");
    team.add_release(APP, "1.1.0");
    team.commit("Two releases");
    let tags = ["production/1.0.1", "production/1.1.0@10%", "production/1.1.0@5%"];
    tags.iter().for_each(|tag| drop(team.git(&["tag", tag]).success()));
    let daemon = Daemon::start_for_operators(world, &repo, &[]);
    let pushed = team.git(&["push", "--quiet", "origin", "HEAD:main", "production/1.0.1", "production/1.1.0@10%"]);
    assert!(pushed.stderr().contains("live in "), "{}", pushed.stderr());
    pushed.success();
    (repo, team, daemon)
}

/// One that stays in at 5%, and one that does not, both on 1.1.0.
fn two() -> [Phone; 2] {
    let one = |from, upto| {
        let is_there = |phone: &Phone| (from..upto).contains(&phone.position(APP, "production", "1.1.0"));
        let phone = phones(2000).into_iter().find(is_there).expect("a phone there");
        Phone { runs: "1.1.0".to_owned(), ..phone }
    };
    [one(0, 500), one(500, 1000)]
}

#[test]
fn half_a_push_moves_no_device_while_the_other_half_takes_its_time() {
    let world = World::new();
    let (repo, team, daemon) = begin(&world);
    let (phones, mut line) = (two(), Line::to(daemon.address(), APP, ""));
    let mut nobody_moves = |when: &str| {
        for phone in &phones {
            assert_eq!(line.ask(phone)["error"], "no_new_version_available", "{when}: {phone:?}");
        }
    };
    thread::scope(|scope| {
        let gate = Gate::before(&world, &repo, "refs/tags/production/1.1.0@5%", 0);
        let push = || team.git(&["push", "--quiet", "origin", ":production/1.1.0@10%", "production/1.1.0@5%"]);
        let push = scope.spawn(push);
        while !gate.is_reached() {
            nobody_moves("before");
        }
        assert!(!repo.join("refs/tags/production/1.1.0@10%").exists(), "half of it is in");
        let until = Instant::now() + LONG;
        while Instant::now() < until {
            nobody_moves("between");
        }
        gate.open();
        let pushed = push.join().expect("a push");
        assert!(pushed.stderr().contains("production 1.1.0 for 10% -> 5%"), "{}", pushed.stderr());
        pushed.success();
    });
    nobody_moves("after");
    let newcomer = Phone { runs: "builtin".to_owned(), ..phones[1].clone() };
    assert_eq!(line.ask(&newcomer)["version"], "1.0.1", "it is out at 5%");
}

#[test]
fn half_a_push_moves_no_device_where_the_data_directory_is_lost_in_between() {
    let world = World::new();
    let (repo, team, daemon) = begin(&world);
    let (phone, mut line) = (&two()[0], Line::to(daemon.address(), APP, ""));
    thread::scope(|scope| {
        let gate = Gate::before(&world, &repo, "refs/tags/production/1.1.0@5%", 0);
        let push = || team.git(&["push", "--quiet", "origin", ":production/1.1.0@10%", "production/1.1.0@5%"]);
        let push = scope.spawn(push);
        while !gate.is_reached() {
            thread::yield_now();
        }
        assert!(!repo.join("refs/tags/production/1.1.0@10%").exists(), "half of it is in");
        fs::rename(repo.join("pushlive"), world.path("lost")).expect("the data directory is gone");
        daemon.signal("HUP");
        let is_missed = |line: &serde_json::Value| {
            line["message"].as_str().is_some_and(|message| message.starts_with("the data directory lost"))
        };
        daemon.wait_for_line("what is lost is missed", is_missed);
        let until = Instant::now() + LONG;
        while Instant::now() < until {
            assert_eq!(line.ask(phone)["error"], "no_new_version_available", "it stays on 1.1.0");
        }
        gate.open();
        push.join().expect("a push").success();
    });
    assert_eq!(line.ask(phone)["error"], "no_new_version_available", "it is in at 5% too");
}

#[test]
fn a_half_that_git_is_left_with_counts_as_soon_as_that_is_told() {
    let world = World::new();
    let (repo, team, daemon) = begin(&world);
    let gate = Gate::before(&world, &repo, "refs/tags/production/1.1.0@5%", 1);
    gate.open();
    let pushed = team.git(&["push", "--quiet", "origin", ":production/1.1.0@10%", "production/1.1.0@5%"]);
    assert!(pushed.stderr().contains("hook declined"), "{}", pushed.stderr());
    assert!(pushed.stderr().contains(" ms: production 1.1.0 -> 1.0.1"), "{}", pushed.stderr());
    let mut line = Line::to(daemon.address(), APP, "");
    assert_eq!(line.ask(&two()[0])["version"], "1.0.1", "it is open to nobody");
    let published = daemon.log().into_iter().rfind(|line| line.contains("\"published\"")).expect("a table");
    assert!(published.contains("\"settled_by\":\"push\""), "{published}");
}
