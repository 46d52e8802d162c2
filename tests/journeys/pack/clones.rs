//! `pack` in clones of all kinds, and with what their git is told.

use std::fs;
use std::path::Path;

use super::{APP, CODE, built, pack, pack_in, team, web_app};
use crate::world::{Ran, World, pushlive};

#[test]
fn a_zip_that_git_ignores_is_told_with_the_way_to_add_it() {
    let world = World::new();
    fs::create_dir_all(world.path(".config/git")).expect("a folder");
    fs::write(world.path(".config/git/ignore"), "*.zip\n").expect("what is ignored");
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let calm = pack(&world, &team, &dist, &["--version", "1.0.0"]);
    assert_eq!(calm.stderr(), "", "the repository that `init` made has git add zips");
    calm.success();
    team.git(&["rm", "--quiet", ".gitignore"]).success();
    let ran = pack(&world, &team, &dist, &["--version", "1.0.1"]);
    assert!(ran.stderr().starts_with("warning[ignored-bundle]: git is told to ignore"), "{}", ran.stderr());
    assert!(ran.stderr().contains("`git add -f com.example.app/1.0.1`"), "{}", ran.stderr());
    let said = ran.success();
    assert!(said.contains("\n  git add -f com.example.app/1.0.1\n"), "{said}");
    team.git(&["add", "-f", "com.example.app/1.0.1"]).success();
    assert!(team.git(&["status", "--porcelain"]).success().contains("A  com.example.app/1.0.1/bundle.zip\n"));
    team.git(&["commit", "--quiet", "-m", "Release 1.0.1"]).success();
    let again = pack(&world, &team, &dist, &["--version", "1.0.1"]);
    assert_eq!(again.stderr(), "", "git has it");
    let second = pack(&world, &team, &dist, &["--version", "1.0.1", "--platform", "ios"]);
    assert!(second.stderr().contains("`git check-ignore -v"), "one file of it is not all: {}", second.stderr());
    let said = second.success();
    assert!(said.contains("\n  git add -f com.example.app/1.0.1\n"), "{said}");
}

#[test]
fn the_work_tree_is_found_from_within_or_said() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let bundle = |version: &str| team.folder().join(APP).join(version).join("bundle.zip").is_file();
    fs::create_dir_all(team.folder().join("docs")).expect("a folder");
    let said = pack_in(&world, &team.folder().join("docs"), &dist, &["--version", "1.0.0"]).success();
    assert!(
        bundle("1.0.0") && said.contains("  git -C ") && said.contains("/work add com.example.app/1.0.0\n"),
        "{said}"
    );
    let into = team.folder().to_str().expect("a name");
    pack_in(&world, &world.path("dist"), Path::new("."), &["--version", "1.0.1", "--into", into]).success();
    assert!(bundle("1.0.1"));

    let nowhere = pack_in(&world, &dist, Path::new("."), &["--version", "1.0.2"]);
    assert_eq!(nowhere.code(), 2);
    assert!(nowhere.stderr().contains("is not a git repository") && nowhere.stderr().contains("--into <dir>"));
    let bare = pack_in(&world, &world.path("releases.git"), &dist, &["--version", "1.0.2"]);
    assert_eq!(bare.code(), 2);
    assert!(
        bare.stderr().contains("is a bare repository") && bare.stderr().contains("help: clone it"),
        "{}",
        bare.stderr()
    );
}

#[test]
fn a_clone_without_the_old_zips_is_enough() {
    let world = World::new();
    let team = team(&world);
    pack(&world, &team, &web_app(&world, "dist"), &["--version", "1.0.0"]).success();
    team.publish("Release 1.0.0");
    fs::remove_dir_all(team.folder().join(APP)).expect("no release here");
    let url = format!("file://{}", world.path("releases.git").display());
    world.run("git", ["clone", "--quiet", "--filter=blob:none", "--no-checkout", &url, "partial"]).success();
    world.run("git", ["-C", "partial", "checkout", "--quiet", "main", "--", "releases.toml"]).success();
    let partial = world.path("partial");
    let other = built(&world, "other", &[("index.html", CODE)]);
    let refused = pack_in(&world, &partial, &other, &["--version", "1.0.0"]);
    assert!(refused.stderr().contains("bytes are for ever"), "{}", refused.stderr());
    pack_in(&world, &partial, &other, &["--version", "1.0.1"]).success();
    assert!(partial.join(APP).join("1.0.1/bundle.zip").is_file());
}

#[test]
fn the_app_is_told_by_the_settings_or_said() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let named = pack(&world, &team, &dist, &["--version", "1.0.0", "--app", "com.example.ap"]);
    let said = named.stderr().replace("\n      ", " ");
    assert!(said.starts_with("warning[unnamed-app]: releases.toml does not name com.example.ap"), "{said}");
    assert!(
        said.contains("did you mean `--app com.example.app`?") && said.contains("`[apps.\"com.example.ap\"]`"),
        "{said}"
    );
    named.success();
    team.write("releases.toml", "[apps.\"com.example.app\"]\n[apps.\"com.example.other\"]\n");
    let which = pack(&world, &team, &dist, &["--version", "1.0.1"]);
    assert_eq!(which.code(), 2);
    assert!(
        which.stderr().contains("more than one app: com.example.app, com.example.other\nhelp: say which one"),
        "{}",
        which.stderr()
    );
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_there_all_the_same() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    pack(&world, &team, &dist, &["--version", "1.1.0"]).success();
    team.write(&format!("{APP}/1.0.0/release.toml"), "yanked = \"crashes\"\n");
    team.write(&format!("{APP}/1.1.0/bundle.ios.zip"), "no zip");
    team.commit("Two releases");
    team.git(&["sparse-checkout", "set", "--cone", "docs"]).success();
    assert!(!team.folder().join(APP).exists());

    let refused = |args: &[&str], code: i32, said: &str| {
        let ran = pack(&world, &team, &dist, args);
        assert_eq!((ran.code(), ran.stdout()), (code, String::new()), "{args:?}: {}", ran.stderr());
        assert!(ran.stderr().contains(said), "{said} is not in {}", ran.stderr());
        assert!(!team.folder().join(APP).exists(), "{args:?}");
    };
    refused(&["--version", "1.0.0", "--native", ">=1"], 2, "1.0.0/release.toml is committed");
    refused(&["--version", "1.0.0+2"], 2, "1.0.0+2 and 1.0.0, which is there, are one version");
    refused(&["--version", "1.1.0", "--platform", "android"], 1, "error[not-a-zip]");
    let there = pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    assert!(there.ends_with("it is committed: nothing is left to do\n"), "{there}");

    let said = pack(&world, &team, &dist, &["--version", "1.0.0", "--platform", "ios"]).success();
    let add = said.lines().find_map(|line| line.strip_prefix("  git add ")).expect("what to type");
    assert_eq!(add, "--sparse com.example.app/1.0.0");
    team.git(&[&["add"][..], &add.split(' ').collect::<Vec<_>>()].concat()).success();
    let staged = team.git(&["diff", "--cached", "--name-status"]).success();
    assert_eq!(staged, "A\tcom.example.app/1.0.0/bundle.ios.zip\n", "and nothing is taken away");

    // what it does not leave out may be gone by itself
    team.git(&["sparse-checkout", "set", "--cone", &format!("{APP}/1.0.0")]).success();
    std::fs::remove_file(team.folder().join(APP).join("1.0.0/release.toml")).expect("it is checked out");
    let gone = pack(&world, &team, &dist, &["--version", "1.0.0"]);
    assert_eq!(gone.code(), 2, "{}", gone.stdout());
    assert!(gone.stderr().contains("release.toml is in git and gone from the work tree"), "{}", gone.stderr());
}

#[test]
fn settings_that_are_not_staged_are_told_and_go_along() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    let dist = web_app(&world, "dist");
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    let ran = pack(&world, &team, &dist, &["--version", "1.0.0"]);
    assert!(
        ran.stderr().contains("warning[settings-not-staged]: it names com.example.app, and is not"),
        "{}",
        ran.stderr()
    );
    assert!(ran.success().contains("\n  git add releases.toml com.example.app/1.0.0\n"));
    team.git(&["add", "releases.toml", "com.example.app/1.0.0"]).success();
    let staged = pack(&world, &team, &dist, &["--version", "1.0.0"]);
    assert_eq!(staged.stderr(), "", "a commit takes it along");
    team.publish("Release 1.0.0");
    team.write("releases.toml", format!("# more\n[apps.\"{APP}\"]\n[apps.\"a.b\"]\n"));
    let other = pack(&world, &team, &dist, &["--version", "1.0.1", "--app", APP]);
    assert_eq!(other.stderr(), "", "that is nothing to this app");
    team.write("releases.toml", format!("[apps.\"{APP}\"]\nname = \"App\"\n"));
    let changed = pack(&world, &team, &dist, &["--version", "1.0.2"]);
    assert!(changed.stderr().contains("what it says of com.example.app is not"), "{}", changed.stderr());
}

#[test]
fn what_git_is_told_to_make_of_zips_is_warned_of() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    for (version, attribute, said) in
        [("1.0.0", "filter=lfs", "the filter `lfs`"), ("1.0.1", "text", "for text"), ("1.0.2", "text=auto -diff", "")]
    {
        team.write(".gitattributes", format!("*.zip {attribute}\n"));
        let ran = pack(&world, &team, &dist, &["--version", version]);
        assert_eq!(ran.stderr().contains("warning[converted-bundle]"), !said.is_empty(), "{}", ran.stderr());
        assert!(ran.stderr().replace("\n                           ", " ").contains(said), "{}", ran.stderr());
        let mend = ran.stderr().split('`').find(|word| word.starts_with(APP)).map(str::to_owned);
        if let Some(mend) = mend {
            team.write(".gitattributes", format!("*.zip {attribute}\n{mend}\n"));
            assert_eq!(pack(&world, &team, &dist, &["--version", version]).stderr(), "", "mended by {mend}");
        }
    }
}

#[test]
fn a_shallow_clone_is_told_what_it_cannot_know() {
    let world = World::new();
    let team = team(&world);
    team.write("notes.txt", "more");
    team.publish("More");
    let url = format!("file://{}", world.path("releases.git").display());
    world.run("git", ["clone", "--quiet", "--depth", "1", &url, "shallow"]).success();
    let dist = web_app(&world, "dist");
    let ran = pack_in(&world, &world.path("shallow"), &dist, &["--version", "1.0.0"]);
    assert!(ran.stderr().contains("warning[shallow-repository]"), "{}", ran.stderr());
    ran.success();
    world.run("git", ["-C", "shallow", "fetch", "--quiet", "--unshallow"]).success();
    assert_eq!(pack_in(&world, &world.path("shallow"), &dist, &["--version", "1.0.0"]).stderr(), "");
}

#[test]
fn the_work_tree_is_the_one_that_git_would_work_in() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let elsewhere = world.path("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    fs::copy(team.folder().join("releases.toml"), elsewhere.join("releases.toml")).expect("a copy");
    let mut command = world.command(pushlive());
    command.current_dir(&elsewhere).env("GIT_DIR", team.folder().join(".git")).arg("pack").arg(&dist);
    command.args(["--version", "1.0.0"]);
    Ran::of(command).success();
    assert!(elsewhere.join(APP).join("1.0.0/bundle.zip").is_file());
    assert!(!team.folder().join(APP).exists());
}

#[test]
fn a_work_tree_that_lies_elsewhere_by_its_setting_is_the_one() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let elsewhere = world.path("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    fs::copy(team.folder().join("releases.toml"), elsewhere.join("releases.toml")).expect("a copy");
    team.git(&["config", "core.worktree", elsewhere.to_str().expect("a name")]).success();
    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    assert!(elsewhere.join(APP).join("1.0.0/bundle.zip").is_file());
    assert!(!team.folder().join(APP).exists());
    team.git(&["add", &format!("{APP}/1.0.0")]).success();
    team.git(&["commit", "--quiet", "-m", "Release 1.0.0"]).success();
}
