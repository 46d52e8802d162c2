//! `pushlive check --staged`: what somebody is about to commit, alone and in git's `pre-commit`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::{Value, json};

use crate::check::{APP, team_with_release};
use crate::world::{Ran, Team, World, pushlive, web_app};

const README: &str = include_str!("../../README.md");
const FINE: &str = "what is staged: no problems\n";
const SLIP: &str = "platfroms = [\"ios\"]\n";

fn check_in(world: &World, folder: &Path, args: &[&str]) -> Ran {
    let mut command = world.command(pushlive());
    command.current_dir(folder).args(["check", "--staged"]).args(args);
    Ran::of(command)
}

fn check(world: &World, team: &Team<'_>) -> Ran {
    check_in(world, team.folder(), &[])
}

fn descriptor(version: &str) -> String {
    format!("{APP}/{version}/release.toml")
}

/// Everything below the git directory that is an object or a ref, or says where one is.
fn stored(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(stored(&entry));
        } else {
            found.push((entry.display().to_string(), fs::read(&entry).expect("a file")));
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_staged_is_judged_and_what_is_not_is_not() {
    let world = World::new();
    let team = team_with_release(&world);
    assert_eq!(check(&world, &team).success(), FINE);
    team.write(&descriptor("1.0.0"), SLIP);
    assert_eq!(check(&world, &team).success(), FINE, "not staged yet");
    team.git(&["add", "."]).success();
    team.write(&descriptor("1.0.0"), "platforms = [\"ios\"]\n");
    let refused = check(&world, &team);
    assert_eq!((refused.code(), refused.stderr()), (1, String::new()));
    let said = refused.stdout();
    assert!(said.starts_with("error[unknown-key]: unknown key `platfroms` in release.toml\n --> "), "{said}");
    assert!(said.ends_with("what is staged: 1 error, 1 warning\n"), "{said}");
    team.git(&["add", "."]).success();
    assert_eq!(check(&world, &team).success(), FINE, "the mend is staged");
}

#[test]
fn zips_that_are_committed_are_taken_for_sound_until_something_beside_them_is_staged() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write(&format!("{APP}/1.1.0/bundle.zip"), "no zip");
    team.commit("A slip");
    team.add_release(APP, "1.2.0");
    team.git(&["add", "."]).success();
    assert_eq!(check(&world, &team).success(), FINE, "nobody reads what is not new");
    team.write(&format!("{APP}/1.3.0/bundle.zip"), "no zip either");
    team.write(&descriptor("1.1.0"), "comment = \"beside it\"\n");
    team.git(&["add", "."]).success();
    let said = check(&world, &team).stdout();
    let (others, own) =
        said.split_once("error[not-a-zip]: ").and_then(|(_, rest)| rest.split_once("error[not-a-zip]: ")).expect("two");
    assert!(said.starts_with("Not of what is staged, and nothing that stops a commit:\n\n"), "{said}");
    assert!(others.contains("1.1.0/bundle.zip") && own.contains("1.3.0/bundle.zip"), "{said}");
    assert!(own.ends_with("what is staged: 1 error\n"), "{own}");
}

#[test]
fn what_is_wrong_already_keeps_nobody_from_committing_something_else() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n[apps.\"com.example.other\"]\nfoo = 1\n"));
    team.commit("A slip in the part of another app");
    team.git(&["tag", "production/9.9.9"]).success();
    team.write(&descriptor("1.0.0"), "yanked = \"crashes\"\n");
    team.git(&["add", "."]).success();
    let said = check(&world, &team).success();
    assert!(said.starts_with("Not of what is staged, and nothing that stops a commit:\n\nerror["), "{said}");
    for part in ["error[unknown-key]: unknown key `foo`", "error[tag-app-unclear]"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(
        said.ends_with("\na warning was there before: `pushlive check` shows it\nwhat is staged: no problems\n"),
        "{said}"
    );
    let document: Value = serde_json::from_str(&check_in(&world, team.folder(), &["--json"]).success()).expect("JSON");
    assert_eq!(document["problems"], json!([]));
    assert_eq!(document["others"].as_array().map(Vec::len), Some(2), "{document:#}");

    // what is frozen by it would not change: that is the fault of neither, and stops the commit as it stops the push
    team.write("com.example.other/1.0.0/bundle.zip", web_app("other"));
    team.git(&["add", "."]).success();
    let refused = check(&world, &team);
    assert_eq!(refused.code(), 1);
    let said = refused.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
    let mend =
        "it was there before, and until it is mended no commit changes anything of com.example.other, only tags do";
    assert!(said.contains(mend) && said.ends_with("what is staged: 1 error, 1 warning"), "{said}");
    team.git(&["stash", "--quiet"]).success();
    let whole = world.run(pushlive(), ["check", &team.folder().display().to_string()]);
    assert_eq!(whole.code(), 1, "a check of what is committed tells all of it");
}

#[test]
fn what_comes_of_a_change_elsewhere_is_told_as_that() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels]\nproduction = {{}}\nbeta = {{ tags = true }}\n"));
    team.publish("A channel");
    team.tag("beta/1.0.0", "HEAD");
    team.write("releases.toml", format!("[apps.\"{APP}\".channels]\nproduction = {{}}\n"));
    team.git(&["add", "."]).success();
    let said = check(&world, &team).success();
    let heading = "This shows with what is staged, and stops no commit:\n\nerror[tag-unknown-channel]";
    assert!(said.starts_with(heading) && said.ends_with(FINE), "{said}");
    let document: Value = serde_json::from_str(&check_in(&world, team.folder(), &["--json"]).success()).expect("JSON");
    assert_eq!((&document["follows"][0]["rule"], &document["others"]), (&json!("tag-unknown-channel"), &json!([])));
    team.commit("Without the channel");
    team.write("notes.txt", "for ourselves");
    team.git(&["add", "."]).success();
    assert!(check(&world, &team).success().starts_with("Not of what is staged"), "now it was there before");
}

#[test]
fn a_clone_that_is_behind_is_told_so_also_where_that_shows_only_now() {
    let world = World::new();
    let team = team_with_release(&world);
    let settings = format!("[apps.\"{APP}\".channels.production]\ntags = true\n");
    team.write("releases.toml", &settings);
    team.publish("Tags");
    let colleague = world.team(&world.path("releases.git"));
    colleague.add_release(APP, "1.4.0");
    colleague.publish("Release 1.4.0");
    colleague.tag("production/1.4.0", "HEAD");
    team.git(&["fetch", "--quiet", "--tags"]).success();
    team.write("releases.toml", format!("{settings}foo = 1\n"));
    team.commit("A slip, by which the app is frozen");
    team.write("releases.toml", format!("# mended\n{settings}"));
    team.git(&["add", "."]).success();
    let said = check(&world, &team).success().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.starts_with("This shows with what is staged, and stops no commit: error[tag-unknown-release]"),
        "{said}"
    );
    assert!(said.contains("where this clone is behind, `git pull --rebase`"), "{said}");
}

#[test]
fn a_mend_names_no_commit_that_is_not_made() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.write(&format!("{APP}/1.1.0/bundle.zip"), "no zip");
    team.commit("A slip");
    team.git(&["tag", "production/1.1.0"]).success();
    team.write(&format!("{APP}/1.1.0/bundle.zip"), web_app("1.1.0"));
    team.git(&["add", "."]).success();
    let said = check(&world, &team).success().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("This shows with what is staged") && said.contains("error[tag-other-bytes]"), "{said}");
    assert!(said.contains("`git tag -f production/1.1.0 HEAD && git push origin production/1.1.0`"), "{said}");
}

#[test]
fn a_clone_that_is_behind_commits_and_is_told_that_it_lacks_what_a_tag_opens() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.publish("Tags");
    let colleague = world.team(&world.path("releases.git"));
    colleague.add_release(APP, "1.4.0");
    colleague.publish("Release 1.4.0");
    colleague.tag("production/1.4.0@10%", "HEAD");
    team.git(&["fetch", "--quiet", "--tags"]).success();
    let git = with_hook(&world, &team.folder().join(".git/hooks"));
    team.add_release(APP, "1.5.0");
    git(team.folder(), &["add", "."]).success();
    let mend = format!(
        "help: {} does not have the commit that it names: where this clone is behind, `git pull --rebase`; else",
        &team.head()[..10]
    );
    let staged = check(&world, &team).success().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(staged.contains(&mend), "{staged}");
    git(team.folder(), &["commit", "--quiet", "-m", "Release 1.5.0"]).success();
    let whole = world.run(pushlive(), ["check", &team.folder().display().to_string()]);
    assert_eq!(whole.code(), 1);
    assert!(whole.stdout().contains("`git pull --rebase`"), "{}", whole.stdout());
    team.git(&["tag", "production/1.0.0@101%", "production/1.4.0@10%"]).success();
    let whole = world.run(pushlive(), ["check", &team.folder().display().to_string()]).stdout();
    assert_eq!(whole.matches("`git pull --rebase`").count(), 1, "no pull mends a name: {whole}");
    let older = world.run(pushlive(), ["check", &team.folder().display().to_string(), "HEAD~1"]).stdout();
    assert!(older.contains("tag-unknown-release") && !older.contains("git pull"), "{older}");
    team.git(&["tag", "--delete", "production/1.0.0@101%"]).success();
    git(team.folder(), &["pull", "--quiet", "--rebase"]).success();
    git(team.folder(), &["push", "--quiet", "origin", "main"]).success();
    assert!(!world.run(pushlive(), ["check", &team.folder().display().to_string()]).success().contains("error"));
}

#[test]
fn a_check_leaves_no_trace_in_the_repository() {
    let world = World::new();
    let team = team_with_release(&world);
    team.add_release(APP, "1.0.1");
    team.write(&format!("{APP}/1.0.0/bundle.zip"), web_app("other bytes"));
    team.git(&["add", "."]).success();
    let before = stored(&team.folder().join(".git"));
    let refused = check(&world, &team);
    assert_eq!(refused.code(), 1);
    assert!(refused.stdout().contains("error[bundle-changed]"), "the line is that of the clone: {}", refused.stdout());
    assert!(before == stored(&team.folder().join(".git")), "nothing was written");
}

#[test]
fn the_document_of_json_has_no_commit() {
    let world = World::new();
    let team = team_with_release(&world);
    team.write(&descriptor("1.0.0"), SLIP);
    team.git(&["add", "."]).success();
    let ran = check_in(&world, team.folder(), &["--json"]);
    assert_eq!(ran.code(), 1);
    let document: Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    assert_eq!(document["commit"], Value::Null);
    let problems = document["problems"].as_array().expect("problems");
    let slip = problems.iter().find(|problem| problem["severity"] == "error").expect("the slip");
    assert_eq!((&slip["file"], &slip["line"]), (&json!(descriptor("1.0.0")), &json!(1)));
}

#[test]
fn what_makes_no_sense_is_told() {
    let world = World::new();
    let team = team_with_release(&world);
    let bare = world.path("releases.git");
    let bare = bare.to_str().expect("a name");
    for (at, args, said) in [
        (team.folder(), &["HEAD"][..], "`--staged` is about what is in no commit yet, and `HEAD` names one"),
        (team.folder(), &[".", "HEAD"], "`HEAD` names one"),
        (Path::new(bare), &[], "is a bare repository, where nothing can be staged"),
        (team.folder(), &[bare], "is a bare repository, where nothing can be staged"),
    ] {
        let refused = check_in(&world, at, args);
        assert_eq!((refused.code(), refused.stdout()), (2, String::new()), "{args:?}");
        assert!(refused.stderr().contains(said) && refused.stderr().contains("\nhelp: "), "{}", refused.stderr());
    }
}

#[test]
fn a_repository_without_a_commit_is_read_by_its_index() {
    let world = World::new();
    world.run("git", ["init", "-q", "-b", "main", "new"]).success();
    let new = world.path("new");
    let nothing = check_in(&world, &new, &[]);
    assert!(nothing.stdout().ends_with("there is no commit yet: nothing to check\n"), "{}", nothing.stdout());
    fs::write(new.join("releases.toml"), format!("[apps.\"{APP}\"]\n")).expect("settings");
    world.run("git", ["-C", "new", "add", "."]).success();
    assert_eq!(check_in(&world, &new, &[]).success(), FINE);
}

#[test]
fn a_merge_is_read_as_what_it_will_be_and_not_before_it_is_settled() {
    let world = World::new();
    let team = team_with_release(&world);
    team.git(&["checkout", "--quiet", "-b", "side"]).success();
    team.add_release(APP, "1.1.0");
    team.write("notes.txt", "theirs");
    team.commit("Theirs");
    team.git(&["checkout", "--quiet", "main"]).success();
    team.write("notes.txt", "ours");
    team.commit("Ours");
    assert_ne!(team.git(&["merge", "--quiet", "side"]).code(), 0);
    let unsettled = check(&world, &team);
    assert_eq!(unsettled.code(), 2);
    assert!(unsettled.stderr().starts_with("error: `notes.txt` is not merged yet"), "{}", unsettled.stderr());
    team.write("notes.txt", "both");
    team.git(&["add", "notes.txt"]).success();
    assert_eq!(check(&world, &team).success(), FINE);
    team.write(&format!("{APP}/1.1.0/bundle.zip"), "no zip");
    team.git(&["add", "."]).success();
    let refused = check(&world, &team);
    assert!(refused.stdout().contains("error[not-a-zip]"), "{}", refused.stdout());
}

#[test]
fn what_is_only_announced_is_not_staged_and_odd_indexes_are_told() {
    let world = World::new();
    let team = team_with_release(&world);
    team.add_release(APP, "1.0.1");
    team.git(&["add", "-N", "."]).success();
    assert_eq!(check(&world, &team).success(), FINE);
    team.git(&["reset", "--quiet", "--hard"]).success();
    team.git(&["update-index", "--split-index"]).success();
    let split = check(&world, &team);
    assert_eq!(split.code(), 2);
    assert!(
        split.stderr().contains("help: it is a split one: `git update-index --no-split-index`"),
        "{}",
        split.stderr()
    );
    team.git(&["update-index", "--no-split-index"]).success();
    assert_eq!(check(&world, &team).success(), FINE);
    team.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "docs"]).success();
    let sparse = check(&world, &team);
    assert_eq!(sparse.code(), 2);
    assert!(sparse.stderr().contains("it is a sparse one: `git sparse-checkout"), "{}", sparse.stderr());
    team.git(&["sparse-checkout", "reapply", "--no-sparse-index"]).success();
    assert_eq!(check(&world, &team).success(), FINE, "files that are not checked out are there");
}

/// Installs the hook that the README shows, with pushlive on the path, and hands back what commits.
fn with_hook<'w>(world: &'w World, hooks: &Path) -> impl Fn(&Path, &[&str]) -> Ran + 'w {
    let (_, after) = README.split_once("<!-- pre-commit -->\n```sh\n").expect("the hook");
    let (hook, _) = after.split_once("```").expect("its end");
    let path = hooks.join("pre-commit");
    fs::create_dir_all(hooks).expect("a folder");
    fs::write(&path, hook).expect("a hook");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    let bin = world.path("bin");
    fs::create_dir_all(&bin).expect("a folder");
    symlink(pushlive(), bin.join("pushlive")).expect("a link");
    move |at: &Path, args: &[&str]| {
        let mut command = world.command("git");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
        command.current_dir(at).env("PATH", path).args(args);
        Ran::of(command)
    }
}

#[test]
fn the_hook_of_the_readme_stops_a_bad_commit_and_lets_a_good_one_pass() {
    let world = World::new();
    let team = team_with_release(&world);
    let slip = descriptor("1.0.0");
    team.write(&slip, "comment = \"Good\"\n");
    team.publish("A comment");
    let git = with_hook(&world, &team.folder().join(".git/hooks"));
    let here = team.folder();
    let refused = |at: &Path, args: &[&str]| {
        let head = team.head();
        let refused = git(at, args);
        assert_eq!(refused.code(), 1, "{args:?}: {}{}", refused.stdout(), refused.stderr());
        assert!(refused.stderr().contains("error[unknown-key]: unknown key `platfroms`"), "{}", refused.stderr());
        assert_eq!(team.head(), head, "{args:?}");
    };

    team.write(&slip, SLIP);
    refused(here, &["commit", "--quiet", "-a", "-m", "All"]);
    refused(here, &["commit", "--quiet", "-m", "That file", "--", &slip]);
    refused(&here.join(APP), &["commit", "--quiet", "-a", "-m", "All, from below"]);
    let (git_dir, work_tree) =
        (format!("--git-dir={}/.git", here.display()), format!("--work-tree={}", here.display()));
    refused(&world.path("."), &[&git_dir, &work_tree, "commit", "--quiet", "-a", "-m", "All, from elsewhere"]);

    team.add_release(APP, "1.0.1");
    git(here, &["add", &format!("{APP}/1.0.1")]).success();
    git(here, &["commit", "--quiet", "-m", "What is staged alone is committed"]).success();
    git(here, &["add", &slip]).success();
    refused(here, &["commit", "--quiet", "-m", "Now it is staged"]);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\nname = \"App\"\n"));
    git(here, &["commit", "--quiet", "-m", "One good file", "--", "releases.toml"]).success();
    team.write(&slip, "platforms = [\"ios\"]\n");
    git(here, &["commit", "--quiet", "-a", "-m", "The mend"]).success();
    assert_eq!(check(&world, &team).success(), FINE);

    // as some keep it: nothing in the folder tells where the repository is
    let away = world.path("away.git");
    fs::rename(here.join(".git"), &away).expect("a move");
    team.write(&slip, SLIP);
    let git_dir = format!("--git-dir={}", away.display());
    let refused = git(here, &[&git_dir, &work_tree, "commit", "--quiet", "-a", "-m", "A slip"]);
    assert!(refused.stderr().contains("error[unknown-key]"), "{}", refused.stderr());
}

#[test]
fn a_hook_in_a_linked_work_tree_reads_the_index_of_that() {
    let world = World::new();
    let team = team_with_release(&world);
    let git = with_hook(&world, &team.folder().join(".git/hooks"));
    git(team.folder(), &["worktree", "add", "--quiet", "../linked", "-b", "linked"]).success();
    let linked = world.path("linked");
    fs::write(linked.join(descriptor("1.0.0")), SLIP).expect("a slip");
    git(&linked, &["add", "."]).success();
    let refused = git(&linked, &["commit", "--quiet", "-m", "A slip"]);
    assert_eq!(refused.code(), 1, "{}", refused.stderr());
    assert!(refused.stderr().contains("error[unknown-key]"), "{}", refused.stderr());
    assert_eq!(check_in(&world, &linked, &["."]).code(), 1);
    let mut elsewhere = world.command(pushlive());
    let index = team.folder().join(".git/worktrees/linked/index");
    elsewhere.current_dir(team.folder()).args(["check", "--staged", "."]).env("GIT_INDEX_FILE", index);
    assert_eq!(Ran::of(elsewhere).code(), 1, "git says which index it is about");
    assert_eq!(check(&world, &team).success(), FINE, "nothing is staged in the first one");
}

#[test]
fn a_partial_clone_has_all_that_a_commit_is_judged_by() {
    let world = World::new();
    let team = team_with_release(&world);
    let slip = descriptor("1.0.0");
    for comment in ["One", "Two"] {
        team.write(&slip, format!("comment = \"{comment}\"\n"));
        team.publish(comment);
    }
    let url = format!("file://{}", world.path("releases.git").display());
    for (name, how) in [("partial", "--no-sparse"), ("sparse", "--sparse")] {
        world.run("git", ["clone", "--quiet", "--filter=blob:none", how, &url, name]).success();
        let (at, is_sparse) = (world.path(name), how == "--sparse");
        assert_eq!(at.join(APP).exists(), !is_sparse);
        let git = |args: &[&str]| world.run("git", [&["-C", name][..], args].concat()).success();
        assert_eq!(check_in(&world, &at, &[]).success(), FINE);
        assert_eq!(check_in(&world, &world.path("."), &[name]).success(), FINE);
        let write = |path: &str, bytes: &[u8]| {
            let path = at.join(path);
            fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
            fs::write(path, bytes).expect("a file");
            git(&["add", "--sparse", "."]);
        };
        let refused = |said: &str| {
            let ran = check_in(&world, &at, &[]);
            assert_eq!(ran.code(), 1, "{}", ran.stderr());
            assert!(ran.stdout().contains(said), "{}", ran.stdout());
        };
        write(&format!("{APP}/1.1.0/bundle.zip"), b"no zip");
        refused("error[not-a-zip]");
        write(&format!("{APP}/1.1.0/bundle.zip"), &web_app("1.1.0"));
        write(&slip, b"yanked = \"crashes\"\n");
        assert_eq!(check_in(&world, &at, &[]).success(), FINE, "{name}");
        write(&slip, SLIP.as_bytes());
        refused("error[unknown-key]");
        write(&slip, b"");
        write(&format!("{APP}/1.0.0/bundle.zip"), &web_app("other bytes"));
        refused("error[bundle-changed]");
        let whole = world.run(pushlive(), ["check", name]);
        assert_eq!(whole.code(), 2, "what is committed is read whole: {}", whole.stdout());
    }
}

#[test]
fn what_a_partial_clone_lacks_and_must_be_read_is_fetched_as_it_says() {
    let world = World::new();
    let team = team_with_release(&world);
    team.git(&["tag", "production/1.0.0"]).success();
    team.git(&["push", "--quiet", "origin", "production/1.0.0"]).success();
    team.write("releases.toml", format!("[apps.\"{APP}\"]\nname = \"App\"\n"));
    team.publish("A name");
    let url = format!("file://{}", world.path("releases.git").display());
    world.run("git", ["clone", "--quiet", "--filter=blob:none", &url, "partial"]).success();
    let partial = world.path("partial");
    let lacking = check_in(&world, &partial, &[]);
    assert_eq!(lacking.code(), 2, "{}", lacking.stdout());
    assert!(lacking.stderr().starts_with("error: this is a partial clone, and it left out"), "{}", lacking.stderr());
    let said = lacking.stderr();
    let typed: Vec<&str> = said.split('`').filter_map(|word| word.strip_prefix("git ")).collect();
    assert_eq!(typed.len(), 2);
    for line in typed {
        let words = [&["-C", "partial"][..], &line.split(' ').collect::<Vec<_>>()].concat();
        world.run("git", words).success();
    }
    assert_eq!(check_in(&world, &partial, &[]).code(), 0);
}
