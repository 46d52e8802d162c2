//! The record of who opened, widened, halted and withdrew what.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::{Daemon, Ran, Team, World, pushlive};

const A: &str = "com.a";
const B: &str = "com.b";
const TAGGED: &str = "[apps.\"com.a\".channels.production]\ntags = true\n";

/// A repository with the first app and a daemon on it.
fn begin(world: &World) -> (Team<'_>, Daemon) {
    let repo = world.init_without_hooks("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", TAGGED);
    team.add_release(A, "1.0.0");
    team.add_release(A, "1.1.0");
    let tip = team.publish("Begin");
    let daemon = Daemon::start(world, &repo, &[]);
    daemon.wait_for_commit(&tip);
    (team, daemon)
}

/// The same with 1.0.0 open, and another app that is not pushed yet.
fn begin_with_another_app(world: &World) -> (Team<'_>, Daemon) {
    let (team, daemon) = begin(world);
    mark(&team, "production/1.0.0");
    published(&daemon);
    team.write("releases.toml", format!("{TAGGED}[apps.\"{B}\"]\n"));
    team.add_release(B, "1.0.0");
    (team, daemon)
}

fn published(daemon: &Daemon) {
    daemon.wait_for_line("what was pushed", |line| line["message"] == "published");
}

fn log(world: &World, app: &[&str]) -> String {
    world.run(pushlive(), [&["log", "releases.git"], app].concat()).success()
}

/// Makes a lightweight tag and pushes it.
fn mark(team: &Team<'_>, name: &str) {
    team.git(&["tag", name]).success();
    team.git(&["push", "--quiet", "origin", name]).success();
}

#[test]
fn nobody_is_named_who_may_not_have_done_it() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    mark(&team, "production/1.0.0");
    published(&daemon);
    team.tag("production/1.1.0", "HEAD");
    published(&daemon);
    let told = log(&world, &[]);
    for words in [
        "  tag production/1.1.0, by Team <team@example.com>\n",
        "  tag production/1.0.0\n    opens 1.0.0 to production\n",
        "  main, a commit by Team <team@example.com>\n",
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
    team.write("note", "tagger Eve <eve@example.com> 1767323045 +0000\n");
    let blob = team.git(&["hash-object", "-w", "note"]).success();
    team.git(&["tag", "production/1.1.0@halt", blob.trim()]).success();
    team.git(&["push", "--quiet", "origin", "production/1.1.0@halt"]).success();
    published(&daemon);
    assert!(
        log(&world, &[A]).contains("  tag production/1.1.0@halt\n"),
        "a file is nobody's word: {}",
        log(&world, &[A])
    );
    let journal = std::fs::read_to_string(world.path("releases.git/pushlive/journal")).expect("the journal");
    assert_eq!(journal.matches("\"tagger\"").count(), 1, "{journal}");
}

#[test]
fn an_app_is_named_in_a_work_tree_where_it_has_a_folder() {
    let world = World::new();
    let (team, _daemon) = begin(&world);
    let run = |args: &[&str]| {
        let mut command = world.command(pushlive());
        command.current_dir(team.folder()).arg("log").args(args).args(["--data", "../releases.git/pushlive"]);
        Ran::of(command)
    };
    assert!(team.folder().join(A).is_dir());
    let told = run(&[A]).success();
    assert!(told.contains("served from now on, with 2 releases"), "{told}");
    assert_eq!(run(&[".", A]).success(), told);
    let neither = run(&["com.a/1.0.0"]);
    assert_eq!((neither.code(), neither.stderr().contains("is not a git repository")), (2, true));
}

#[test]
fn of_several_apps_each_has_a_log_of_its_own() {
    let world = World::new();
    let (team, daemon) = begin_with_another_app(&world);
    (0..30).for_each(|number| team.add_release(A, &format!("1.2.{number}")));
    let tip = team.publish("Many");
    daemon.wait_for_commit(&tip);
    team.git(&["push", "--quiet", "origin", ":production/1.0.0"]).success();
    published(&daemon);
    drop(daemon);
    team.git(&["rm", "--quiet", "-r", "com.b/1.0.0"]).success();
    team.publish("Withdraw");
    let daemon = Daemon::start(&world, &world.path("releases.git"), &[]);
    published(&daemon);

    let (of_a, of_b) = (log(&world, &[A]), log(&world, &[B]));
    for words in [
        "    while no daemon ran, withdrew com.b 1.0.0\n    com.b production 1.0.0 -> nothing\n",
        "    added the app com.b, released com.b 1.0.0\n    com.b production nothing -> 1.0.0\n",
    ] {
        assert!(of_b.contains(words), "{words} in {of_b}");
    }
    assert!(!of_b.contains("com.a") && !of_b.contains("tag "), "{of_b}");
    assert!(of_a.contains("released com.a 1.2.2, ") && of_a.contains(", released com.a 1.2.29\n"), "{of_a}");
    assert!(of_a.find("released com.a 1.2.9,") < of_a.find("released com.a 1.2.10,"), "by version: {of_a}");
    assert!(
        of_a.contains("  tag production/1.0.0\n    is taken back; it opened com.a 1.0.0 to production\n"),
        "{of_a}"
    );
    assert!(!of_a.contains("com.b"), "{of_a}");
    let unknown = log(&world, &["com.zzz"]);
    assert_eq!(unknown, "there is no app com.zzz here, and the journal has nothing about one; there is com.a, com.b\n");
}

#[test]
fn a_branch_that_goes_or_leaves_its_line_and_bytes_that_change_are_told_as_that() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    let old = team.head();
    team.git(&["checkout", "--quiet", "--orphan", "other"]).success();
    team.write("com.a/1.1.0/bundle.zip", crate::world::web_app("other bytes"));
    team.commit("Other bytes");
    team.git(&["push", "--quiet", "--force", "origin", "other:main"]).success();
    published(&daemon);
    let told = log(&world, &[A]);
    let words = format!("    rewritten ({} is not on its line any more), changed the bytes of com.a 1.1.0", &old[..10]);
    assert!(told.contains(&words), "{told}");
    world.run("git", ["--git-dir=releases.git", "update-ref", "-d", "refs/heads/main"]).success();
    published(&daemon);
    let told = log(&world, &[A]);
    assert!(told.contains("  main\n    deleted; what was served goes on\n"), "{told}");
    assert!(
        log(&world, &["com.zzz"]).starts_with("the journal has nothing about com.zzz"),
        "a deleted branch is no news of it"
    );
}

#[test]
fn what_could_not_be_written_down_is_told_with_the_next_push() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    let (journal, away) = (world.path("releases.git/pushlive/journal"), world.path("away"));
    std::fs::rename(&journal, &away).expect("the journal is away");
    std::fs::create_dir(&journal).expect("something that nobody can write to");
    team.add_release(A, "1.2.0");
    let tip = team.publish("Missed");
    daemon.wait_for_commit(&tip);
    assert!(daemon.log().join("\n").contains("what was taken up is not in the journal"));
    std::fs::remove_dir(&journal).expect("and it can");
    std::fs::rename(&away, &journal).expect("the journal is back");
    team.write("README.md", "Hello");
    let tip = team.publish("Notes");
    daemon.wait_for_commit(&tip);
    let told = log(&world, &[]);
    assert_eq!(told.matches("    released com.a 1.2.0\n").count(), 1, "{told}");
    assert_eq!(told.matches("  main").count(), 2, "one push is told with the other: {told}");
}

#[test]
fn another_branch_is_no_move_of_the_first() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    drop(daemon);
    let repo = world.path("releases.git");
    team.write("README.md", "Hello");
    let live = team.commit("Live");
    team.git(&["push", "--quiet", "origin", "HEAD:live"]).success();
    let daemon = Daemon::start(&world, &repo, &["--branch", "live"]);
    daemon.wait_for_commit(&live);
    drop(daemon);
    let told = log(&world, &[]);
    assert!(
        told.contains(
            "  live, a commit by Team <team@example.com>\n    served from now on, in place of another branch\n"
        ),
        "{told}"
    );
    assert_eq!(told.matches("  main").count(), 1, "{told}");
    let daemon = Daemon::start(&world, &repo, &[]);
    published(&daemon);
    let told = log(&world, &[]);
    let (newest, _) = told.split_once("  live").expect("the other one below");
    assert!(
        newest.contains(
            "  main, a commit by Team <team@example.com>\n    served from now on, in place of another branch\n"
        ),
        "{told}"
    );
}

#[test]
fn what_others_typed_does_nothing_to_a_terminal_and_what_became_of_a_push_stands_below_all_of_it() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    drop(daemon);
    let name = ["-c", "user.name=Ev\u{1b}[31mil\u{202e}", "tag", "-a", "-m", "x"];
    let mut command = world.command("git");
    command.env_remove("GIT_COMMITTER_NAME").current_dir(team.folder()).args(name).arg("production/1.0.0");
    Ran::of(command).success();
    team.git(&["tag", "production/1.1.0@5%"]).success();
    team.git(&["push", "--quiet", "origin", "production/1.0.0", "production/1.1.0@5%"]).success();
    let daemon = Daemon::start(&world, &world.path("releases.git"), &[]);
    published(&daemon);
    let told = log(&world, &[]);
    let (_, push) = told.split_once("  2 changes at once\n").expect("a push of two");
    let expected = "    tag production/1.0.0, by Ev\\u{1b}[31mil\\u{202e} <team@example.com>
        opens 1.0.0 to production; that was while no daemon ran
    tag production/1.1.0@5%
        opens 1.1.0 to 5% of production; that was while no daemon ran
    by all of them
        production nothing -> 1.1.0 for 5% and 1.0.0 for the others
";
    assert!(push.starts_with(expected), "{told}");
    let document = world.run(pushlive(), ["log", "releases.git", "--json"]).success();
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["became"][0]["channels"][0], "production nothing -> 1.1.0 for 5% and 1.0.0 for the others");
    assert!(document["entries"][0].get("became").is_none(), "{document}");
}

#[test]
fn a_tag_that_opens_nothing_and_a_branch_that_comes_back_are_told_as_that() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    team.write("releases.toml", "[apps.\"com.a\".channels]\nproduction = { tags = true }\nbeta = {}\n");
    team.publish("Another channel");
    published(&daemon);
    team.tag("production/1.0.0", "HEAD");
    published(&daemon);
    let past_the_hook = |args: &[&str]| {
        world.run("git", [&["-C", "releases.git", "update-ref"], args].concat()).success();
        published(&daemon);
    };
    for tag in ["production/9.9.9", "beta/1.0.0", "nope/1.0.0"] {
        past_the_hook(&[&format!("refs/tags/{tag}"), &team.head()]);
    }
    past_the_hook(&["-d", "refs/heads/main"]);
    past_the_hook(&["refs/tags/production/1.1.0", &team.head()]);
    past_the_hook(&["refs/heads/main", &team.head()]);
    let told = log(&world, &[]);
    for line in [
        "opens 9.9.9 to production; it has no effect now\n",
        "opens 1.0.0 to beta; it has no effect now\n",
        "opens 1.0.0 to nope; it has no effect now\n",
        "opens 1.1.0 to production; it has no effect now\n",
        "    served again\n",
    ] {
        assert!(told.contains(line), "{line}{told}");
    }
    assert!(!told.contains("changed nothing"), "{told}");
}

#[test]
fn the_first_release_after_a_daemon_was_started_is_not_served_again() {
    let world = World::new();
    let repo = world.init_without_hooks("releases.git");
    let team = world.team(&repo);
    let daemon = Daemon::start(&world, &repo, &[]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !world.run(pushlive(), ["log", "releases.git"]).stdout().contains("has nothing to serve") {
        assert!(Instant::now() < deadline, "{:?}", daemon.log());
        thread::yield_now();
    }
    team.write("releases.toml", TAGGED);
    team.add_release(A, "1.0.0");
    let tip = team.publish("Begin");
    daemon.wait_for_commit(&tip);
    let told = log(&world, &[]);
    assert!(told.contains("    served now: added the app com.a, released com.a 1.0.0\n"), "{told}");
    assert!(!told.contains("again"), "{told}");
}

#[test]
fn a_tag_at_other_bytes_than_those_that_are_served_is_told_to_have_no_effect() {
    let world = World::new();
    let (team, daemon) = begin(&world);
    team.write("com.a/1.1.0/bundle.zip", crate::world::web_app("other bytes"));
    let tip = team.publish("Other bytes");
    daemon.wait_for_tip(&tip);
    mark(&team, "production/1.1.0");
    published(&daemon);
    assert!(log(&world, &[]).contains("    opens 1.1.0 to production; it has no effect now\n"), "{}", log(&world, &[]));
    assert_eq!(daemon.check(A, "builtin")["error"], "no_release", "and it has none");
    team.tag("production/1.1.0@100%", "HEAD~");
    published(&daemon);
    assert!(log(&world, &[]).contains("    opens 1.1.0 to 100% of production\n"), "{}", log(&world, &[]));
    assert_eq!(daemon.check(A, "builtin")["version"], "1.1.0");
}

#[test]
fn a_tag_that_is_of_no_app_any_more_stays_in_the_log_of_the_one_that_it_was_of() {
    let world = World::new();
    let (team, daemon) = begin_with_another_app(&world);
    daemon.wait_for_commit(&team.publish("Another app"));
    team.git(&["tag", "--force", "production/1.0.0"]).success();
    team.git(&["push", "--quiet", "--force", "origin", "production/1.0.0"]).success();
    published(&daemon);
    let of_a = log(&world, &[A]);
    let (_, tag) = of_a.split_once("  tag production/1.0.0\n").expect("the tag");
    assert!(tag.contains("\n    com.a production 1.0.0 -> nothing\n"), "{of_a}");
    let of_b = log(&world, &[B]);
    assert!(!of_b.contains("  tag "), "{of_b}");

    // and likewise where it is another app's now
    let back = team.git(&["rev-parse", "HEAD~"]).success();
    team.git(&["tag", "--force", "production/1.0.0", back.trim()]).success();
    team.git(&["push", "--quiet", "--force", "origin", "production/1.0.0"]).success();
    published(&daemon);
    team.write("releases.toml", format!("[apps.\"{B}\"]\n"));
    team.commit("Only the other app");
    team.git(&["tag", "--force", "production/1.0.0"]).success();
    team.git(&["push", "--quiet", "--force", "origin", "production/1.0.0"]).success();
    published(&daemon);
    let of_a = log(&world, &[A]);
    assert_eq!(of_a.matches("\n    com.a production 1.0.0 -> nothing\n").count(), 2, "{of_a}");
}
