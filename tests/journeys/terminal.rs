//! The terminal as README shows it: what is typed there is typed here, and gives the very text.

use std::path::Path;

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use crate::world::{Daemon, Ran, Team, World, pushlive, web_app};

const README: &str = include_str!("../../README.md");
const APP: &str = "com.example.app";

/// Each command of the block of that name, with what README says that it prints.
fn block(name: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mark = format!("<!-- terminal: {name} -->\n```console\n");
    let (_, after) = README.split_once(&mark).unwrap_or_else(|| panic!("no block {name:?} in README.md"));
    let (block, _) = after.split_once("\n```").expect("its end");
    let mut typed: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), typed.last_mut()) {
            (Some(command), _) => typed.push((command, Vec::new())),
            (None, Some((_, printed))) => printed.push(line),
            (None, None) => panic!("{line:?} belongs to no command"),
        }
    }
    typed
}

/// A line without what is another one each time: ids of commits, how long something took, and what time it is.
fn lasting(line: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([',', '.', ';', ':', '`']);
        let is_id = bare.len() == 10 && bare.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
        let is_number = bare.bytes().all(|b| b.is_ascii_digit()) && !bare.is_empty();
        let is_time = bare.parse::<Timestamp>().is_ok() || bare.len() == 5 && bare.parse::<Time>().is_ok();
        match bare.parse::<Date>() {
            // said of another day than today, which begins at midnight
            Ok(_) if bare == word => "on #".to_owned(),
            _ if is_id || is_number || is_time => word.replace(bare, "#"),
            _ => word.to_owned(),
        }
    };
    let line = line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    line.replace(" on on #", "").trim_end().to_owned()
}

/// Types the commands of a block, and compares. Of git's own lines those are left out that README leaves out.
fn is_as_shown(world: &World, folder: &Path, name: &str) {
    let bin = Path::new(pushlive()).parent().expect("its folder").to_str().expect("a path");
    let path = format!("{bin}:{}", std::env::var("PATH").expect("a path"));
    for (command, expected) in block(name) {
        let mut shell = world.command("sh");
        shell.current_dir(folder).env("PATH", &path).args(["-c", &format!("{command} 2>&1")]);
        let output = shell.output().expect("sh");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let is_git = command.starts_with("git");
        let kept = |line: &&str| !is_git || line.starts_with("remote:") || line.starts_with(" ! ");
        let printed: Vec<String> = printed.lines().filter(kept).map(lasting).collect();
        let expected: Vec<String> = expected.into_iter().map(lasting).collect();
        assert_eq!(printed.join("\n"), expected.join("\n"), "README shows something else for `{command}`");
    }
}

/// Production has 1.4.1 by a tag, and the branch has 1.4.2.
fn team<'w>(world: &'w World, repo: &Path) -> Team<'w> {
    let team = world.team(repo);
    let channels = "[apps.\"com.example.app\".channels.production]\ntags = true\n";
    team.write("releases.toml", channels);
    team.add_release(APP, "1.4.1");
    team.publish("Release 1.4.1");
    team.tag("production/1.4.1", "HEAD");
    team.add_release(APP, "1.4.2");
    team.publish("Release 1.4.2");
    team
}

fn take_back(team: &Team<'_>) {
    team.git(&["reset", "--quiet", "--hard", "origin/main"]).success();
}

#[test]
fn refusals_a_plan_and_an_explanation_are_as_the_readme_shows_them() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = team(&world, &repo);
    let daemon = Daemon::start(&world, &repo, &[]);
    daemon.wait_for_commit(&team.head());

    team.add_release(APP, "1.5.0");
    team.write(&format!("{APP}/1.5.0/release.toml"), "comment = \"Faster\"\nplatfroms = [\"ios\"]\n");
    team.commit("Release 1.5.0");
    is_as_shown(&world, team.folder(), "a slip");
    take_back(&team);

    team.write(&format!("{APP}/1.4.2/bundle.zip"), web_app("1.4.2, built again"));
    team.commit("Build 1.4.2 again");
    is_as_shown(&world, team.folder(), "other bytes");
    take_back(&team);

    let colleague = world.team(&repo);
    colleague.add_release(APP, "1.4.3");
    colleague.publish("Release 1.4.3");
    team.add_release(APP, "1.4.4");
    team.commit("Release 1.4.4");
    team.git(&["pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"]).success();
    is_as_shown(&world, team.folder(), "a merge");
    take_back(&team);

    is_as_shown(&world, team.folder(), "a plan");
    is_as_shown(&world, team.folder(), "a tag");
    is_as_shown(&world, team.folder(), "an explanation");
}

#[test]
fn a_status_is_as_the_readme_shows_it() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    let settings = "[apps.\"com.example.app\"]\nname = \"Example\"\nchannels.production.tags = true\n";
    team.write("releases.toml", settings);
    let older: Vec<String> = (1..=12).map(|patch| format!("1.3.{patch}")).collect();
    let all = older.iter().map(String::as_str).chain(["1.4.1", "1.4.2"]);
    all.clone().for_each(|version| team.add_release(APP, version));
    let begun = Timestamp::now() - SignedDuration::from_mins(88);
    let steps = format!("rollout = [\"1% for 2h\", \"10% for 1d\", \"100%\"]\nrollout_start = {begun}\n");
    team.write(&format!("{APP}/1.4.2/release.toml"), steps);
    team.git(&["add", "--all"]).success();
    let mut commit = world.command("git");
    let made = (Timestamp::now() - SignedDuration::from_hours(3)).to_string();
    commit.current_dir(team.folder()).args(["commit", "--quiet", "-m", "Releases"]).env("GIT_COMMITTER_DATE", made);
    Ran::of(commit).success();
    all.for_each(|version| drop(team.git(&["tag", &format!("production/{version}")]).success()));
    team.git(&["push", "--quiet", "--tags", "origin", "HEAD:main"]).success();
    is_as_shown(&world, team.folder(), "a status");
}
