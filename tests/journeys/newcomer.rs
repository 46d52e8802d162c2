//! Someone who has just come by types in what pushlive and its README say, as it stands.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::world::{Daemon, Ran, World, is_installed, pushlive, web_app};

const README: &str = include_str!("../../README.md");
const APP: &str = "com.example.demo";
/// What every walk is answered: as it is, to an old plugin, after a push, after its revert.
const ANSWERS: [&str; 4] = ["1.0.2", "1.0.2", "1.0.3", "1.0.2"];

/// A demo that runs, and what it printed.
struct Demo {
    daemon: Daemon,
    folder: PathBuf,
    printed: Vec<String>,
}

impl Demo {
    /// In a folder, on a free port.
    fn start(world: &World, folder: &Path) -> Demo {
        let mut command = world.command(pushlive());
        command.arg("demo").arg(folder);
        Demo::of(Daemon::spawn(command), folder.to_owned())
    }

    fn of(mut daemon: Daemon, folder: PathBuf) -> Demo {
        daemon.wait_for_line("its first table", |line| line["message"] == "published");
        let printed = daemon.printed_until(|line| line.starts_with("Ctrl-C"));
        Demo { daemon, folder, printed }
    }

    /// The commands that it says to type.
    fn commands(&self) -> Vec<&str> {
        let begin = self.printed.iter().position(|line| line == "In another terminal:").expect("commands");
        let lines = self.printed[begin + 1..].iter().map(String::as_str);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("Ctrl-C")).collect()
    }

    /// Types a line. A push is waited for; the version that an answer names is returned.
    fn type_in(&self, world: &World, line: &str) -> Option<String> {
        let folder = self.folder.to_str().expect("a folder's name");
        let server = format!("http://{}", self.daemon.address());
        let printed = world.type_in(line, &[("DEMO", folder), ("SERVER", &server)]).success();
        if line.ends_with(" push -q") {
            self.daemon.wait_for_tip(&self.tip(world));
        }
        let answer: Value = line.starts_with("curl").then(|| serde_json::from_str(&printed).expect("an answer"))?;
        Some(answer["version"].as_str().unwrap_or_else(|| panic!("no version in {answer}")).to_owned())
    }

    fn tip(&self, world: &World) -> String {
        let repository = self.folder.join("releases.git");
        let tip = world.run("git", [OsStr::new("-C"), repository.as_os_str(), "rev-parse".as_ref(), "main".as_ref()]);
        tip.success().trim().to_owned()
    }
}

/// A newcomer whose git ignores zips in every repository, as that of many does.
fn newcomer() -> World {
    let world = World::new();
    fs::create_dir_all(world.path(".config/git")).expect("a folder");
    fs::write(world.path(".config/git/ignore"), "*.zip\n").expect("what is ignored");
    world
}

/// The walks need curl, as a newcomer does.
fn curl_is_here() -> bool {
    let here = is_installed("curl");
    if !here {
        eprintln!("curl is not installed, so the commands that use it were not typed in");
    }
    here
}

/// The text of the first block of shell commands behind a place in README.
fn block_after(place: &str) -> &'static str {
    let (_, after) = README.split_once(place).unwrap_or_else(|| panic!("no {place:?} in README.md"));
    let (_, block) = after.split_once("```sh\n").expect("a block");
    block.split_once("```").expect("its end").0
}

#[test]
fn every_command_that_demo_prints_works_as_printed() {
    if !curl_is_here() {
        return;
    }
    let world = newcomer();
    let demo = Demo::start(&world, &world.path("it's a \"demo\" of $HOME"));
    let answers: Vec<_> = demo.commands().into_iter().filter_map(|line| demo.type_in(&world, line)).collect();
    assert_eq!(answers, ANSWERS);
}

#[test]
fn the_walk_in_the_readme_works_as_written() {
    if !curl_is_here() {
        return;
    }
    let world = newcomer();
    let demo = Demo::start(&world, &world.path("demo"));
    let walk = block_after("<!-- walk -->");
    let ask = walk.lines().find(|line| line.starts_with("curl")).expect("a question");
    let mut answers = Vec::new();
    for step in walk.split("# ").filter(|step| !step.is_empty()) {
        let (says, commands) = step.split_once('\n').expect("commands");
        answers.extend(commands.lines().filter_map(|line| demo.type_in(&world, line)));
        answers.extend(says.ends_with("ask again").then(|| demo.type_in(&world, ask)).flatten());
    }
    assert_eq!(answers, ANSWERS);
}

#[test]
fn the_readme_names_the_commands_that_try_it() {
    let (_, try_it) = README.split_once("## Try it").expect("how to try it");
    assert!(try_it.contains("```sh\ncargo run --release -- demo\n```"));
    assert!(try_it.contains("```sh\ncargo test --locked\n```"));
}

#[test]
fn a_demo_without_a_folder_makes_one_and_says_where() {
    let world = World::new();
    let mut command = world.command(pushlive());
    let temporary = fs::canonicalize(world.path(".")).expect("a folder");
    command.arg("demo").env("TMPDIR", &temporary);
    let demo = Demo::of(Daemon::spawn(command), PathBuf::new());
    let said = demo.printed[0].strip_prefix("The demo is in ").and_then(|text| text.split_once(" and is served at "));
    let (folder, at) = said.unwrap_or_else(|| panic!("{:?}", demo.printed[0]));
    assert_eq!(at, format!("http://{}", demo.daemon.address()));
    assert_eq!(Path::new(folder).parent(), Some(&*temporary));
    assert!(Path::new(folder).join("releases.git").is_dir());
}

#[test]
fn a_demo_goes_on_where_it_was_left() {
    let world = World::new();
    let folder = world.path("demo");
    let first = Demo::start(&world, &folder);
    let team = world.team(&folder.join("releases.git"));
    team.add_release(APP, "1.0.9");
    first.daemon.wait_for_commit(&team.publish("Release 1.0.9"));
    let again = first.printed.last().expect("how to go on").clone();
    drop(first);

    assert!(
        again.contains(&format!("{} demo {}", pushlive(), folder.canonicalize().expect("it").display())),
        "{again}"
    );
    let second = Demo::start(&world, &folder);
    assert_eq!(second.daemon.check(APP, "builtin")["version"], "1.0.9");
}

#[test]
fn a_demo_takes_free_ports_where_the_usual_ones_are_taken() {
    let world = World::new();
    // whether this test has it or somebody else: it is taken
    let _taken = ["127.0.0.1:8080", "127.0.0.1:8081"].map(TcpListener::bind);
    let mut command = world.command(pushlive());
    command.arg("demo").arg(world.path("demo"));
    let demo = Demo::of(Daemon::spawn_as_it_is(command), world.path("demo"));
    assert_ne!(demo.daemon.address().port(), 8080);
    assert_ne!(demo.daemon.operator().port(), 8081);
    assert!(demo.commands()[0].contains(&format!("http://{}/updates", demo.daemon.address())));
    assert_eq!(demo.daemon.check(APP, "builtin")["version"], "1.0.2");
}

#[test]
fn a_demo_leaves_a_folder_alone_that_has_something_else_in_it() {
    let world = World::new();
    let photos = world.path("photos");
    fs::create_dir(&photos).expect("a folder");
    fs::write(photos.join("cat.jpg"), "").expect("a photo");
    let demo = world.run(pushlive(), [OsStr::new("demo"), photos.as_os_str()]);
    assert_eq!(demo.code(), 2);
    let said = demo.stderr();
    assert!(said.contains("has something else in it\nhelp: give a folder that is empty"), "{said}");
    assert_eq!(fs::read_dir(&photos).expect("the folder").count(), 1);
}

/// What a demo leaves that was cut short.
fn begin(world: &World, folder: &Path) {
    fs::create_dir_all(folder.join("next/1.0.3")).expect("a folder");
    let begun = folder.join("begun.git");
    world.run("git", [OsStr::new("init"), "-q".as_ref(), "--bare".as_ref(), begun.as_os_str()]).success();
    fs::remove_file(begun.join("HEAD")).expect("no HEAD");
}

#[test]
fn a_demo_that_was_cut_short_is_made_again() {
    let world = World::new();
    let folder = world.path("demo");
    begin(&world, &folder);
    let demo = Demo::start(&world, &folder);
    assert_eq!(demo.daemon.check(APP, "builtin")["version"], "1.0.2");
    assert!(folder.join("next/1.0.3/bundle.zip").is_file() && !folder.join("begun.git").exists());
}

#[test]
fn what_was_begun_beside_something_else_is_left_alone() {
    let world = World::new();
    let folder = world.path("demo");
    begin(&world, &folder);
    fs::write(folder.join("cat.jpg"), "").expect("a photo");
    let demo = world.run(pushlive(), [OsStr::new("demo"), folder.as_os_str()]);
    assert!(demo.stderr().contains("has something else in it"), "{}", demo.stderr());
    assert!(folder.join("begun.git").exists());
}

#[test]
fn a_repository_with_nothing_in_it_is_no_demo() {
    let world = World::new();
    let folder = world.path("demo");
    let repository = folder.join("releases.git");
    world.run("git", [OsStr::new("init"), "-q".as_ref(), "--bare".as_ref(), repository.as_os_str()]).success();
    // with a data directory that cannot be, so that it ends even if it goes on
    let refused = [OsStr::new("demo"), folder.as_os_str(), "--data".as_ref(), "/dev/null/data".as_ref()];
    let refused = world.run(pushlive(), refused);
    assert_eq!(refused.code(), 2);
    assert!(refused.stderr().contains("has something else in it"), "{}", refused.stderr());

    fs::remove_dir_all(&repository).expect("no repository");
    fs::create_dir(&repository).expect("an empty folder");
    let demo = Demo::start(&world, &folder);
    assert_eq!(demo.daemon.check(APP, "builtin")["version"], "1.0.2");
}

#[test]
fn a_demo_of_another_branch_goes_on_with_it() {
    let world = World::new();
    let folder = world.path("demo");
    let mut command = world.command(pushlive());
    command.arg("demo").arg(&folder).env("PUSHLIVE_BRANCH", "live");
    drop(Demo::of(Daemon::spawn(command), folder.clone()));
    let demo = Demo::start(&world, &folder);
    assert_eq!(demo.daemon.check(APP, "builtin")["version"], "1.0.2");
}

#[test]
fn a_repository_that_grew_too_large_is_begun_anew_as_the_readme_says() {
    let world = World::new();
    let old = world.init("releases.git");
    let team = world.team(&old);
    team.write("releases.toml", "[apps.\"com.example.app\".channels]\nproduction = { tags = true }\nbeta = {}\n");
    team.add_release("com.example.app", "1.0.1");
    team.write("com.example.app/1.0.1/release.toml", "rollout = [\"0% for 1h\", \"100%\"]\n");
    team.publish("Release 1.0.1");
    let mut tag = world.command("git");
    tag.current_dir(team.folder()).env("GIT_COMMITTER_DATE", "1767322921 +0230");
    tag.args(["tag", "--annotate", "--message", "Go", "production/1.0.1"]);
    Ran::of(tag).success();
    team.git(&["push", "--quiet", "origin", "production/1.0.1"]).success();
    // taken back elsewhere, and still in this clone
    team.add_release("com.example.app", "1.0.2");
    team.publish("Release 1.0.2");
    team.tag("production/1.0.2", "HEAD");
    team.git(&["--git-dir=../releases.git", "tag", "--delete", "production/1.0.2"]).success();
    // this clone is behind
    let tree = team.git(&["rev-parse", "HEAD^{tree}"]).success();
    team.git(&["reset", "--quiet", "--hard", "HEAD~1"]).success();
    let typed = block_after("## How the repository grows").replace("/srv/fresh.git", &shown(&world.path("fresh.git")));
    let typed = typed.replace("you@host:", "").replace("pushlive init", &format!("'{}' init", pushlive()));
    let mut command = world.command("sh");
    command.current_dir(team.folder()).args(["-ec", &typed]);
    Ran::of(command).success();
    let daemon = Daemon::start(&world, &world.path("fresh.git"), &[]);
    daemon.wait_for_commit(&team.head());
    assert_eq!(daemon.check("com.example.app", "builtin")["version"], "1.0.1");
    assert_eq!(team.git(&["-C", "../fresh.git", "rev-list", "--count", "--all"]).success(), "1\n");
    assert_eq!(team.git(&["-C", "../fresh.git", "rev-parse", "main^{tree}"]).success(), tree, "all that is released");
    let dates = ["-C", "../fresh.git", "for-each-ref", "--format=%(refname) %(creatordate:raw)", "refs/tags"];
    assert_eq!(team.git(&dates).success(), "refs/tags/production/1.0.1 1767322921 +0230\n", "steps go on from then");
}

#[test]
fn from_nothing_to_the_first_update_as_the_readme_says() {
    let world = newcomer();
    let repository = world.path("releases.git");
    let serve = block_after("**1. Make a repository").replace("/srv/releases.git", &shown(&repository));
    assert!(serve.starts_with("cargo install --path .\n"));
    let commands: Vec<Vec<&str>> = serve.lines().skip(1).map(|line| line.split(' ').skip(1).collect()).collect();
    world.run(pushlive(), &commands[0]).success();
    let mut command = world.command(pushlive());
    command.args(&commands[1]);
    let daemon = Daemon::spawn(command);

    fs::create_dir_all(world.path("app/dist")).expect("a built web app");
    fs::write(world.path("app/dist/index.html"), "<!doctype html><p>1.0.1").expect("its page");
    release(&world, &repository).success();
    daemon.wait_for_tip(&tip(&world));
    let answer = daemon.check("com.example.app", "builtin");
    assert_eq!(answer["version"], "1.0.1");
    assert!(daemon.download(&answer).starts_with(b"PK"));

    assert!(README.contains("`git revert HEAD && git push` takes it back"));
    world.run("sh", ["-c", "cd releases && GIT_EDITOR=true git revert HEAD && git push"]).success();
    daemon.wait_for_tip(&tip(&world));
    assert_eq!(daemon.check("com.example.app", "1.0.1"), json!({"version": "builtin"}));

    release_by_hand(&world).success();
    daemon.wait_for_tip(&tip(&world));
    assert_eq!(daemon.check("com.example.app", "builtin")["version"], "1.0.2");
}

/// Types in the step that releases.
fn release(world: &World, repository: &Path) -> Ran {
    let typed = block_after("**4. Release.**").replace("you@host:/srv/releases.git", &shown(repository));
    world.run("sh", ["-ec", &typed.replace("pushlive pack", &format!("'{}' pack", pushlive()))])
}

/// The same with a zip made by hand, and one of our own where `zip` is not installed.
fn release_by_hand(world: &World) -> Ran {
    let mut typed = block_after("By hand,").replace("1.4.2", "1.0.2");
    if !is_installed("zip") {
        eprintln!("zip is not installed, so the zip is one of the test's own");
        fs::write(world.path("app.zip"), web_app("1.0.2")).expect("a zip");
        typed = typed.replace("(cd ../app/dist && zip -qr - .)", "cat ../app.zip");
    }
    world.run("sh", ["-ec", &format!("cd releases\n{typed}git add . && git commit -m 'Release 1.0.2' && git push")])
}

fn shown(path: &Path) -> String {
    path.to_str().expect("a name").to_owned()
}

fn tip(world: &World) -> String {
    world.run("git", ["-C", "releases.git", "rev-parse", "main"]).success().trim().to_owned()
}

#[test]
fn the_readme_names_every_setting_and_no_other() {
    let world = World::new();
    let help = world.run(pushlive(), ["serve", "--help"]).success();
    let flags = help.lines().filter_map(|line| line.trim_start().strip_prefix("--")?.split([' ', '\n']).next());
    let flags: BTreeSet<_> = flags.filter(|flag| *flag != "config").map(|flag| flag.replace('-', "_")).collect();
    let (_, table) = README.split_once("| setting | default | meaning |").expect("a table");
    let rows = table.trim_start().lines().take_while(|line| line.starts_with('|')).skip(1);
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split(','));
    let names: BTreeSet<_> = names.map(|name| name.trim().trim_matches('`').to_owned()).collect();
    assert_eq!(flags, names);
}
