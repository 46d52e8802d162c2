//! A push into a repository that `pushlive init` made: what the one who pushes reads, and when it comes back.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use snapbox::{assert_data_eq, str};

use crate::world::{Daemon, Ran, Team, World, pushlive};

const APP: &str = "com.example.app";
const NO_DAEMON: &str = "pushlive: no daemon is seen here, so nothing tells when this is live\n";

/// A team whose app is pushed and has no release.
fn team_with_app<'w>(world: &'w World, repository: &Path) -> Team<'w> {
    let team = world.team(repository);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.publish("Add the app");
    team
}

/// What the hooks say of a push, without git's own words; the push is taken.
fn said_of(team: &Team<'_>, repository: &Path) -> String {
    let pushed = team.push();
    let said = pushed.stderr();
    pushed.success();
    let taken = team.git(&["-C", repository.to_str().expect("a name"), "rev-parse", "main"]).success();
    assert_eq!(taken.trim(), team.head(), "the push is taken");
    let lines = said.lines().filter_map(|line| line.strip_prefix("remote:"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())).collect()
}

#[test]
fn a_good_push_is_told_what_it_does_to_devices_and_where_the_branch_is() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = team_with_app(&world, &repository);
    team.add_release(APP, "1.0.0");
    team.commit("Release 1.0.0");
    assert_data_eq!(
        said_of(&team, &repository),
        str![[r#"
released com.example.app 1.0.0

production of com.example.app, all platforms
  native =1.0.0  everyone gets 1.0.0, and got nothing before (released)

pushlive: main is at [..]
pushlive: no daemon is seen here, so nothing tells when this is live

"#]]
    );
    team.write("notes.txt", "for ourselves");
    team.commit("Notes");
    assert!(said_of(&team, &repository).starts_with("nothing changes for any device\n\npushlive: main is at "));
}

#[test]
fn who_pushes_no_branch_that_is_read_is_told_where_nothing_is() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = team_with_app(&world, &repository);
    let side = || team.git(&["push", "origin", "+HEAD:side"]);
    assert!(!side().stderr().contains("pushlive"), "main is there, and no business of this push");
    fs::write(repository.join("pushlive.toml"), "branch = \"mian\"\n").expect("its settings");
    team.commit("Again");
    let said = side().stderr();
    assert!(
        said.contains("releases are read from the branch `mian`, which is not there, and not in this push"),
        "{said}"
    );
}

#[test]
fn a_push_is_told_first_what_each_of_its_tags_does() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = world.team(&repository);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.add_release(APP, "1.1.0");
    team.publish("Release 1.1.0");
    team.tag("production/1.1.0@10%", "HEAD");
    team.git(&["tag", "production/1.1.0@5%"]).success();
    let refs = ["production/1.1.0@5%", ":production/1.1.0@10%", "HEAD:refs/heads/other"];
    let pushed = team.git(&[&["push", "--quiet", "origin"], &refs[..]].concat());
    let said: Vec<String> = pushed.stderr().lines().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(
        said[..4],
        [
            "remote: production/1.1.0@5% narrows 1.1.0 to 5% of production, from 10%",
            "remote: deleting production/1.1.0@10% narrows 1.1.0 to 5% of production, from",
            "remote:   10%",
            "remote:",
        ]
    );
}

#[test]
fn a_push_is_told_that_a_tag_comes_to_a_later_step_at_once() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = world.team(&repository);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.add_release(APP, "1.1.0");
    let steps = "rollout = [\"1% for 1h\", \"10% for 5000w\", \"100%\"]\nrollout_start = 2026-01-01T00:00:00Z\n";
    team.write(&format!("{APP}/1.1.0/release.toml"), steps);
    team.publish("Release 1.1.0");
    team.git(&["tag", "production/1.1.0"]).success();
    let pushed = team.git(&["push", "--quiet", "origin", "production/1.1.0"]);
    let said = pushed.stderr();
    pushed.success();
    for part in [
        "warning[step-skipped]: 1.1.0 of com.example.app comes to 10% of",
        "taken all the same",
        "10% of the devices get 1.1.0",
    ] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    assert!(!said.contains("main is at"), "the branch stays where it was: {said}");
}

#[test]
fn a_release_that_comes_to_a_later_step_at_once_is_told_with_its_line() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = team_with_app(&world, &repository);
    team.add_release(APP, "1.1.0");
    let steps = "rollout = [\"1% for 1h\", \"10% for 5000w\", \"100%\"]\nrollout_start = 2026-01-01T00:00:00Z\n";
    team.write(&format!("{APP}/1.1.0/release.toml"), steps);
    team.commit("Release 1.1.0");
    let said = said_of(&team, &repository);
    assert!(said.contains("warning[step-skipped]"), "{said}");
    assert!(said.contains("--> com.example.app/1.1.0/release.toml:2\n"), "{said}");
}

#[test]
fn a_push_of_another_branch_is_not_remarked_upon() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = team_with_app(&world, &repository);
    team.write(&format!("{APP}/v1.0.0/bundle.zip"), "not yet");
    team.commit("Work in progress");
    let pushed = team.git(&["push", "--quiet", "origin", "HEAD:refs/heads/work"]);
    assert_eq!(pushed.stderr(), "");
    pushed.success();
}

#[test]
fn a_refused_push_leaves_nothing_behind_and_its_mend_is_taken() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = team_with_app(&world, &repository);
    team.add_release(APP, "v1.0.0");
    let commit = team.commit("A slip");
    let refused = team.push();
    assert_ne!(refused.code(), 0);
    assert!(refused.stderr().contains("error[not-a-version]: `v1.0.0` is no version"), "{}", refused.stderr());
    // it was judged by objects that git holds in quarantine
    let there = team.git(&["-C", "../releases.git", "cat-file", "-e", &commit]);
    assert_ne!(there.code(), 0, "the commit stayed outside");

    team.git(&["mv", &format!("{APP}/v1.0.0"), &format!("{APP}/1.0.0")]).success();
    let commit = team.commit("Its mend");
    assert!(said_of(&team, &repository).ends_with(&format!("\n\npushlive: main is at {}\n{NO_DAEMON}", &commit[..10])));
}

/// Pushes without a word on where pushlive is, by a path that holds git and a shell and no pushlive.
fn push_plainly(world: &World, team: &Team<'_>) -> Ran {
    let mut command = world.command("git");
    command.current_dir(team.folder()).args(["push", "--quiet", "origin", "HEAD:main"]).env_remove("PUSHLIVE_BIN");
    Ran::of(command)
}

/// A copy of the binary that can be moved away.
fn installed(world: &World) -> PathBuf {
    let binary = world.path("the one that installed");
    fs::hard_link(pushlive(), &binary).or_else(|_| fs::copy(pushlive(), &binary).map(drop)).expect("a copy");
    binary
}

#[test]
fn hooks_call_the_binary_that_installed_them_and_do_without_it_in_a_sentence() {
    let world = World::new();
    let (repository, binary) = (world.path("releases.git"), installed(&world));
    world.run(&binary, [OsStr::new("init"), repository.as_os_str()]).success();
    let team = team_with_app(&world, &repository);
    let commit = team.commit("Something");
    let pushed = push_plainly(&world, &team);
    assert!(pushed.stderr().contains(&format!("pushlive: main is at {}", &commit[..10])), "{}", pushed.stderr());

    fs::rename(&binary, world.path("elsewhere")).expect("a move");
    team.commit("Something else");
    let pushed = push_plainly(&world, &team);
    assert_eq!(pushed.code(), 0, "the push is taken");
    let sentence = format!(
        "remote: pushlive is neither at PUSHLIVE_BIN, nor at {}, nor on the PATH: this push is not looked at.",
        binary.display()
    );
    assert!(pushed.stderr().contains(&sentence), "{}", pushed.stderr());
}

#[test]
fn a_push_is_live_when_it_comes_back() {
    let world = World::new();
    let repository = world.init("releases.git");
    let team = team_with_app(&world, &repository);
    let daemon = Daemon::start(&world, &repository, &[]);
    daemon.wait_for_commit(&team.head());
    for (before, version) in [("nothing", "1.0.1"), ("1.0.1", "1.0.2"), ("1.0.2", "1.0.3")] {
        team.add_release(APP, version);
        team.commit(version);
        let said = said_of(&team, &repository);
        assert_eq!(daemon.check(APP, "builtin")["version"], version, "asked at once, without waiting");
        assert!(said.contains("pushlive: live in "), "{said}");
        assert!(said.ends_with(&format!(" ms: production {before} -> {version}\n")), "{said}");
    }
    team.git(&["tag", "production/1.0.3@halt"]).success();
    let tagged = team.git(&["push", "--quiet", "origin", "production/1.0.3@halt"]);
    assert!(tagged.stderr().contains(" ms: production 1.0.3 halted, new devices get 1.0.2"), "{}", tagged.stderr());
    assert_eq!(daemon.check(APP, "builtin")["version"], "1.0.2");
    team.write("notes.txt", "for ourselves");
    team.commit("Notes");
    let said = said_of(&team, &repository);
    assert!(said.ends_with(" ms; it changed nothing that devices see\n"), "{said}");
    daemon.kill();
    team.add_release(APP, "1.0.4");
    team.commit("1.0.4");
    assert!(said_of(&team, &repository).contains(NO_DAEMON));
}
