//! People whose own settings of git are not the usual ones: hooks elsewhere for all repositories, zips ignored everywhere.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use snapbox::{assert_data_eq, str};

use crate::world::{Daemon, Ran, World, pushlive};

const APP: &str = "com.example.demo";

/// A world whose user has those settings.
fn world_with(settings: &str) -> World {
    let world = World::new();
    fs::write(world.path(".gitconfig"), settings).expect("settings");
    world
}

/// A command that heeds them.
fn command(world: &World, program: &str, args: &[&str]) -> Command {
    let mut command = world.command(program);
    command.args(args).env_remove("GIT_CONFIG_GLOBAL");
    command
}

fn run(world: &World, program: &str, args: &[&str]) -> Ran {
    Ran::of(command(world, program, args))
}

/// What is printed, with the world's folder taken out.
fn shown(world: &World, printed: &str) -> String {
    printed.replace(world.path("").to_str().expect("a name").trim_end_matches('/'), "<home>")
}

/// A world whose user keeps a hook of a push for all repositories.
fn world_with_hooks() -> World {
    let world = world_with("[core]\n\thooksPath = ~/hooks\n");
    fs::create_dir(world.path("hooks")).expect("a folder");
    let hook = world.path("hooks/pre-receive");
    fs::write(&hook, "#!/bin/sh\necho from the hook of all repositories >&2\n").expect("a hook");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("its mode");
    world
}

/// The folder with the hooks of all repositories is as it was.
fn assert_untouched(world: &World) {
    let names =
        fs::read_dir(world.path("hooks")).expect("the folder").map(|entry| entry.expect("an entry").file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["pre-receive"]);
    let hook = fs::read_to_string(world.path("hooks/pre-receive")).expect("the hook");
    assert!(hook.contains("from the hook of all repositories"), "{hook}");
}

/// What a push of an empty commit is told.
fn said_of_push(world: &World, repository: &Path) -> String {
    let repository = repository.to_str().expect("a name");
    let push =
        "git clone -q \"$0\" clone && cd clone && git commit -q --allow-empty -m x && git push -q origin HEAD:main";
    let pushed = run(world, "sh", &["-ec", push, repository]);
    let said = pushed.stderr();
    pushed.success();
    said
}

#[test]
fn hooks_of_all_repositories_are_left_alone_and_a_bare_one_calls_its_own() {
    let world = world_with_hooks();
    let made = run(&world, pushlive(), &["init", "releases.git"]).success();
    assert_data_eq!(
        shown(&world, &made),
        str![[r#"
made the bare repository <home>/releases.git
wrote releases.toml, README.md and .gitignore to the branch main, commit [..]
installed <home>/releases.git/hooks/pre-receive
installed <home>/releases.git/hooks/post-receive
set core.hooksPath to `hooks` in this repository: git's settings of the user or the system lead to `~/hooks`, and its own hooks would not be called
...
"#]]
    );
    assert_untouched(&world);
    let again = run(&world, pushlive(), &["init", "releases.git"]).success();
    assert_eq!(shown(&world, &again), "<home>/releases.git is as it should be; nothing to do\n");
    let said = said_of_push(&world, &world.path("releases.git"));
    assert!(said.contains("pushlive: main is at ") && !said.contains("from the hook of all"), "{said}");
}

#[test]
fn a_user_without_hooks_at_all_gets_those_of_a_release_repository() {
    let world = world_with("[core]\n\thooksPath = /dev/null\n");
    run(&world, "git", &["init", "-q", "--bare", "-b", "main", "releases.git"]).success();
    let said = run(&world, pushlive(), &["init", "releases.git"]).success();
    assert!(said.contains("set core.hooksPath to `hooks` in this repository: "), "{said}");
    assert!(said_of_push(&world, &world.path("releases.git")).contains("pushlive: main is at "));
}

#[test]
fn a_work_tree_is_told_that_its_hooks_are_not_called_and_what_to_type() {
    let world = world_with_hooks();
    run(&world, "git", &["init", "-q", "-b", "other", "the team's"]).success();
    let init = || run(&world, pushlive(), &["init", "the team's"]).success();
    let said = init();
    assert!(world.path("the team's/.git/hooks/pre-receive").is_file(), "its own folder has them: {said}");
    assert_untouched(&world);
    assert!(said_of_push(&world, &world.path("the team's")).contains("from the hook of all repositories"));
    assert!(init().contains("these hooks are not called yet"), "as long as it is so, it is said");

    let (_, typed) = said.split_once("type `").expect("what to type");
    let (typed, _) = typed.split_once('`').expect("its end");
    run(&world, "sh", &["-c", typed]).success();
    fs::remove_dir_all(world.path("clone")).expect("no clone");
    assert!(!init().contains("not called"));
    let push = "cd clone && git commit -q --allow-empty -m y && git push -q origin HEAD:main";
    run(&world, "git", &["clone", "-q", "-b", "main", "the team's", "clone"]).success();
    let pushed = run(&world, "sh", &["-ec", push]);
    assert!(pushed.stderr().contains("pushlive: main is at "), "{}", pushed.stderr());
}

#[test]
fn a_demo_touches_no_hooks_but_its_own() {
    let world = world_with_hooks();
    let demo = Daemon::spawn(command(&world, pushlive(), &["demo", "demo"]));
    assert_untouched(&world);
    let said = said_of_push(&world, &world.path("demo/releases.git"));
    assert!(said.contains("pushlive: main is at ") && !said.contains("from the hook of all"), "{said}");
    drop(demo);

    let world = world_with("[core]\n\thooksPath = /dev/null\n");
    let demo = Daemon::spawn(command(&world, pushlive(), &["demo", "demo"]));
    demo.wait_for_line("its table", |line| line["message"] == "published");
    assert_eq!(demo.check(APP, "builtin")["version"], "1.0.2");
}

#[test]
fn zips_are_added_by_who_has_git_ignore_them_everywhere() {
    let world = world_with("[core]\n\texcludesFile = ~/ignored\n");
    fs::write(world.path("ignored"), "*.zip\n").expect("what is ignored");
    let _demo = Daemon::spawn(command(&world, pushlive(), &["demo", "demo"]));
    run(&world, pushlive(), &["init", "releases.git"]).success();
    for repository in ["demo/releases.git", "releases.git"] {
        let add = "rm -rf clone && git clone -q \"$0\" clone && cd clone && mkdir -p a/1.0.0 && : > a/1.0.0/bundle.zip && \
                   git add . && git status --porcelain";
        assert_eq!(run(&world, "sh", &["-ec", add, repository]).success(), "A  a/1.0.0/bundle.zip\n", "{repository}");
    }
}

#[test]
fn a_clone_may_leave_out_old_zips() {
    let world = World::new();
    let _demo = Daemon::spawn(command(&world, pushlive(), &["demo", "demo"]));
    world.init("releases.git");
    for repository in ["demo/releases.git", "releases.git"] {
        let url = format!("file://{}", world.path(repository).display());
        let cloned = world.run("git", ["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "clone"]);
        assert_eq!(cloned.stderr(), "", "{repository}");
        let missing = world.run("git", ["-C", "clone", "rev-list", "--objects", "--missing=print", "HEAD"]).success();
        assert!(missing.lines().any(|line| line.starts_with('?')), "{repository}: {missing}");
        fs::remove_dir_all(world.path("clone")).expect("no clone");
    }
}
