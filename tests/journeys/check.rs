//! `pushlive check` as a team meets it: what it takes, what it prints, how it exits.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::world::{Ran, Team, World, pushlive, web_app};

pub const APP: &str = "com.example.app";

/// Checks from a folder.
fn check_in(world: &World, folder: &Path, args: &[&str]) -> Ran {
    let mut command = world.command(pushlive());
    command.current_dir(folder).arg("check").args(args);
    Ran::of(command)
}

/// Checks a repository by its path.
pub fn check(world: &World, repository: &Path) -> Ran {
    world.run(pushlive(), [OsStr::new("check"), repository.as_os_str()])
}

/// A team whose app has a first release, all pushed.
pub fn team_with_release(world: &World) -> Team<'_> {
    let team = world.team(&world.init("releases.git"));
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.0");
    team.publish("Release 1.0.0");
    team
}

/// The first twelve digits of a commit, as a summary names it.
fn shown(commit: &str) -> &str {
    &commit[..12]
}

#[test]
fn a_bare_repository_is_read_at_its_branch_and_a_work_tree_at_its_head() {
    let world = World::new();
    let team = team_with_release(&world);
    let pushed = team.head();
    let committed = team.commit("Not pushed yet");
    let said = |commit: &str| format!("{}: no problems\n", shown(commit));
    assert_eq!(check(&world, &world.path("releases.git")).success(), said(&pushed));
    assert_eq!(check(&world, team.folder()).success(), said(&committed));
    assert_eq!(check_in(&world, team.folder(), &[]).success(), said(&committed));
    fs::create_dir(team.folder().join("docs")).expect("a folder");
    assert_eq!(check_in(&world, &team.folder().join("docs"), &[]).success(), said(&committed));
}

#[test]
fn one_word_is_a_path_where_there_is_one_and_else_a_revision() {
    let world = World::new();
    let team = team_with_release(&world);
    let first = team.head();
    team.git(&["tag", "first"]).success();
    let second = team.commit("The second");
    let said = |commit: &str| format!("{}: no problems\n", shown(commit));
    for revision in ["first", "HEAD~1", "origin/main", shown(&first)] {
        assert_eq!(check_in(&world, team.folder(), &[revision]).success(), said(&first), "{revision}");
        assert_eq!(check_in(&world, team.folder(), &[".", revision]).success(), said(&first), "{revision}");
    }
    fs::rename(world.path("releases.git"), team.folder().join("first")).expect("a path like the tag");
    assert_eq!(check_in(&world, team.folder(), &["first"]).success(), said(&first));
    assert_eq!(check_in(&world, team.folder(), &["first", "main"]).success(), said(&first));
    assert_eq!(check_in(&world, team.folder(), &["."]).success(), said(&second));
}

#[test]
fn the_exit_code_says_who_has_to_act() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write("com.example.other/1.0.0/bundle.zip", web_app("other"));
    team.commit("A directory that looks like an app");
    let warned = check(&world, team.folder());
    assert_eq!((warned.code(), warned.stderr()), (0, String::new()), "warnings do not count: {}", warned.stdout());
    assert!(warned.stdout().ends_with(": 1 warning\n"));

    team.write("releases.toml", "[apps");
    team.commit("A slip");
    let refused = check(&world, team.folder());
    assert_eq!((refused.code(), refused.stderr()), (1, String::new()), "the report says it all: {}", refused.stdout());

    for args in [&["nowhere"][..], &[".", "nowhere"], &["a", "b", "c"], &["--max-entries", "none"]] {
        let failed = check_in(&world, team.folder(), args);
        assert_eq!((failed.code(), failed.stdout()), (2, String::new()), "{args:?}");
    }
}

#[test]
fn a_word_that_is_neither_path_nor_revision_is_told_so() {
    let world = World::new();
    let team = team_with_release(&world);
    assert_data_eq!(
        check_in(&world, team.folder(), &["relaeses.git"]).stderr(),
        str![[r#"
error: `relaeses.git` names no commit here
help: `git log --oneline --all` shows those that are
help: if `relaeses.git` was meant as a repository: there is no such path

"#]]
    );
    fs::create_dir(world.path("photos")).expect("a folder");
    assert_data_eq!(
        check_in(&world, &world.path("photos"), &["relaeses.git"]).stderr(),
        str![[r#"
error: [..]/photos is not a git repository
help: name one, or make one with `pushlive init <repo>`
help: if `relaeses.git` was meant as a repository: there is no such path

"#]]
    );
    assert_data_eq!(
        check(&world, &world.path("photos")).stderr(),
        str![[r#"
error: [..]/photos is not a git repository
help: name one, or make one with `pushlive init <repo>`

"#]]
    );
}

#[test]
fn a_repository_without_a_commit_is_fine() {
    let world = World::new();
    for args in [&["init", "-q", "-b", "main", "empty"][..], &["init", "-q", "--bare", "-b", "main", "empty.git"]] {
        world.run("git", args).success();
        let empty = args[args.len() - 1];
        let text = check(&world, &world.path(empty));
        assert_data_eq!(
            text.success(),
            str![[r#"
warning[no-branch]: there is no branch `main`, so the repository offers
                    nothing
 |
help: push a commit to it, or name another branch than `main`

there is no commit yet: nothing to check

"#]]
        );
        let document = world.run(pushlive(), ["check", empty, "--json"]).success();
        let document: Value = serde_json::from_str(&document).expect("JSON");
        assert_eq!(document["commit"], Value::Null);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_the_mend() {
    let world = World::new();
    let team = team_with_release(&world);
    team.git(&["-C", "../releases.git", "config", "uploadpack.allowFilter", "true"]).success();
    let url = format!("file://{}", world.path("releases.git").display());
    let cases = [
        (vec!["init", "-q", "--ref-format=reftable", "refs"], "refs migrate --ref-format=files"),
        (vec!["init", "-q", "--object-format=sha256", "ids"], "git init --bare --object-format=sha1"),
        (vec!["clone", "-q", "--filter=blob:none", &url, "partial"], "without `--filter`"),
    ];
    for (make, mend) in cases {
        let name = make[make.len() - 1];
        if world.run("git", &make).code() != 0 {
            eprintln!("the installed git cannot `{}`, so that was not tried", make.join(" "));
            continue;
        }
        let refused = check(&world, &world.path(name));
        assert_eq!(refused.code(), 2, "{name}");
        let said = refused.stderr();
        assert!(said.starts_with("error: ") && said.contains("\nhelp: ") && said.contains(mend), "{said}");
    }
}

#[test]
fn the_document_of_json_has_every_problem_with_its_place() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write(&format!("{APP}/1.0.0/release.toml"), "comment = \"x\"\nplatfroms = [\"ios\"]\n");
    team.write("com.example.other/1.0.0/bundle.zip", web_app("other"));
    let commit = team.commit("A slip");
    let checked = check_in(&world, team.folder(), &["--json"]);
    assert_eq!((checked.code(), checked.stderr()), (1, String::new()));
    let document: Value = serde_json::from_str(&checked.stdout()).expect("JSON");
    assert_eq!(document["commit"], commit);
    let problems = document["problems"].as_array().expect("problems");
    let of_rule = |rule: &str| problems.iter().find(|p| p["rule"] == rule).unwrap_or_else(|| panic!("{document:#}"));
    assert_eq!(
        *of_rule("unknown-key"),
        json!({
            "severity": "error", "rule": "unknown-key", "message": "unknown key `platfroms` in release.toml",
            "help": "did you mean `platforms`?", "file": "com.example.app/1.0.0/release.toml", "line": 2, "column": 1,
            "app": APP, "version": "1.0.0",
        })
    );
    let warning = of_rule("unnamed-app");
    assert_eq!(warning["severity"], "warning");
    assert_eq!(warning["file"], "com.example.other");
    assert_eq!(warning.get("line"), None, "a directory has no lines");
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_hides_none() {
    let world = World::new();
    let team = team_with_release(&world);
    // more than a pipe holds, so that the rest cannot be written
    for number in 0..500 {
        team.write(&format!("com.example.other{number}/1.0.0/bundle.zip"), "");
    }
    team.commit("Many warnings");
    let first_line = |args: &[&str]| {
        let mut command = world.command(pushlive());
        command.current_dir(team.folder()).arg("check").args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary");
        let mut out = child.stdout.take().expect("its standard output");
        out.read_exact(&mut [0; 8]).expect("the first bytes");
        drop(out);
        let ended = child.wait_with_output().expect("its end");
        (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
    };
    assert_eq!(first_line(&[]), (Some(0), String::new()));
    assert_eq!(first_line(&["--json"]), (Some(0), String::new()));
    team.write(&format!("{APP}/v2.0.0/bundle.zip"), "");
    team.commit("An error among them");
    assert_eq!(first_line(&[]), (Some(1), String::new()));
}

#[test]
fn tags_that_follow_steps_are_told_with_what_they_let_in_now() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    let long = "rollout = [\"1% for 1h\", \"10% for 5000w\", \"100%\"]\n";
    for (version, descriptor) in [
        ("1.0.0", ""),
        ("1.1.0", long),
        ("1.2.0", "rollout = [\"1% for 1h\", \"100%\"]\nrollout_start = 2999-01-01T00:00:00Z\n"),
        ("1.3.0", "rollout = [\"1% for 1h\", \"100%\"]\n"),
        ("1.4.0", long),
    ] {
        team.add_release(APP, version);
        team.write(&format!("{APP}/{version}/release.toml"), descriptor);
    }
    let tip = team.publish("Releases");
    for tag in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.4.0@halt"] {
        team.tag(&format!("production/{tag}"), &tip);
    }
    let checked = world.run(pushlive(), ["check", "releases.git"]).success();
    assert_data_eq!(
        checked,
        str![[r#"
tags at their steps
  production/1.1.0 lets in 10% now, goes to 100% on 2121-[..], in [..] years
  production/1.2.0 lets in nobody now, goes to 1% on 2999-01-01 at 00:00, in [..] years
  production/1.4.0 is halted; without the halt it lets in 10% now, goes to 100% on 2121-[..], in [..] years

[..]: no problems

"#]]
    );
    let document = world.run(pushlive(), ["check", "releases.git", "--json"]).success();
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let tag = &document["tags"][2];
    assert_eq!(
        (&tag["tag"], &tag["percent"], &tag["halted"]),
        (&"production/1.4.0".into(), &10.0.into(), &true.into())
    );
    assert_eq!(document["tags"][1]["next"]["when"], "2999-01-01T00:00:00Z");
}

/// Steps that last for longer than anybody watches, so that the day does not matter.
const SLOW: &str = "rollout = [\"1% for 5000w\", \"10% for 5000w\", \"100%\"]\n";

#[test]
fn steps_that_nobody_was_let_in_by_are_warned_of_with_the_tag_or_the_line() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    let production = format!("[apps.\"{APP}\".channels.production]\ntags = true\n");
    team.write("releases.toml", format!("{production}[apps.\"{APP}\".channels.beta]\n"));
    for (version, start, only) in [
        ("1.0.0", "1900-01-01", "production"),
        ("1.1.0", "2026-01-01", "production"),
        ("1.2.0", "1900-01-01", "beta"),
        ("1.3.0", "2026-01-01", "beta"),
        ("1.4.0", "1900-01-01", "production"),
    ] {
        team.add_release(APP, version);
        let descriptor = format!("channels = [\"{only}\"]\n{SLOW}rollout_start = {start}T00:00:00Z\n");
        team.write(&format!("{APP}/{version}/release.toml"), descriptor);
    }
    team.publish("Releases");
    for tag in ["1.0.0", "1.1.0", "1.4.0", "1.4.0@halt"] {
        team.git(&["tag", &format!("production/{tag}")]).success();
    }
    team.git(&["push", "--quiet", "origin", "--tags"]).success();
    let checked = world.run(pushlive(), ["check", "releases.git"]).success();
    assert_data_eq!(
        checked,
        str![[r#"
warning[step-skipped]: 1.0.0 of com.example.app comes to 10% of
                       production at once and leaves out its step of 1%,
                       since its steps began at 1900-01-01T00:00:00Z
--> tag production/1.0.0
 |
help: where that is not meant, open it by a percentage:
      `git tag -a production/1.0.0@1%` in place of the plain tag

warning[step-skipped]: 1.2.0 of com.example.app comes to 10% of beta at
                       once and leaves out its step of 1%, since its
                       steps began at 1900-01-01T00:00:00Z
--> com.example.app/1.2.0/release.toml:3
 |
help: where that is not meant, say a later `rollout_start` in its
      release.toml

tags at their steps
  production/1.0.0 lets in 10% now, goes to 100% on [..], in [..] years
  production/1.1.0 lets in 1% now, goes to 10% on [..], in [..] years
  production/1.4.0 is halted; without the halt it lets in 10% now, goes to 100% on [..], in [..] years

[..]: 2 warnings

"#]]
    );
}

#[test]
fn a_step_that_is_skipped_by_what_is_staged_is_warned_of() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.commit("The app");
    team.add_release(APP, "1.0.0");
    let steps = "rollout = [\"1% for 1h\", \"10% for 1000000d\", \"100%\"]\nrollout_start = 2026-01-03T00:00:00Z\n";
    team.write(&format!("{APP}/1.0.0/release.toml"), steps);
    team.git(&["add", "--all"]).success();
    // the commit that it goes on top of is older than the steps
    let staged = check_in(&world, team.folder(), &["--staged"]).success();
    for part in ["warning[step-skipped]", "--> com.example.app/1.0.0/release.toml:2"] {
        assert!(staged.contains(part), "no `{part}` in {staged}");
    }
}
