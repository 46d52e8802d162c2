//! What `pack` refuses or warns of in a web app, a version or a flag.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use snapbox::{assert_data_eq, str};

use super::{CODE, PAGE, built, listing, pack, team, web_app};
use crate::world::World;

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let world = World::new();
    let team = team(&world);
    let good = web_app(&world, "good");
    let with = |name: &str, file: &str| {
        let folder = web_app(&world, name);
        fs::write(folder.join(file), "x").expect("a file");
        folder
    };
    let linked = web_app(&world, "linked");
    symlink("index.html", linked.join("home.html")).expect("a symlink");
    let headless = built(&world, "headless", &[("www/index.html", CODE), ("app.js", CODE)]);
    let cases: Vec<(&Path, &[&str], i32, &str)> = vec![
        (&linked, &["--version", "1.0.0"], 1, "error[special-file]: this is a symlink"),
        (&linked, &["--version", "1.0.0"], 1, "/linked/home.html"),
        (&headless, &["--version", "1.0.0"], 1, "error[index-missing]"),
        (&headless, &["--version", "1.0.0"], 1, "/headless/www`"),
        (&good, &["--version", "v1.0.0"], 2, "help: write `--version 1.0.0`"),
        (&good, &["--version", "1.0.0", "--app", "a..b"], 2, "`a..b` cannot be an app's id"),
        (&good, &["--version", "1.0.0", "--platform", "windows"], 2, "the platforms are ios, android, electron"),
        (&good, &["--version", "1.0.0", "--native", "two"], 2, "error: `--native`: `two` is no requirement"),
        (&good, &["--version", "1.0.0", "--rollout", "10%, 5%"], 2, "error: `--rollout`: this step has no end"),
        (&good, &["--version", "1.0.0", "--channels", "prodution"], 2, "help: did you mean `production`?"),
        (&good, &["--version", "1.0.0", "--rollout", "10% for 1d, 100%"], 2, "say when: `--rollout-start 2026"),
        (&good, &["--version", "1.0.0", "--max-entries", "2"], 1, "error[too-many-entries]"),
        (&good, &["--version", "1.0.0", "--max-bundle", "100"], 1, "error[zip-too-large]"),
        (&good, &["--version", "1.0.0", "--max-unpacked", "20"], 1, "error[unpacks-too-large]"),
        (&good, &["--version", "1.0.0", "--into", "/nowhere"], 2, "/nowhere"),
    ];
    let odd = [(with("twins", "INDEX.html"), "case-clash"), (with("windows", "a\\b.js"), "unsafe-name")];
    let odd = odd.iter().map(|(folder, rule)| (&**folder, &["--version", "1.0.0"][..], 1, *rule));
    let before = listing(team.folder());
    for (folder, args, code, said) in cases.into_iter().chain(odd) {
        let refused = pack(&world, &team, folder, args);
        assert_eq!((refused.code(), refused.stdout()), (code, String::new()), "{args:?}: {}", refused.stderr());
        assert!(refused.stderr().contains(said), "{said} is not in {}", refused.stderr());
        assert_eq!(listing(team.folder()), before, "{args:?}");
    }
}

#[test]
fn a_refusal_reads_as_that_of_check_does() {
    let world = World::new();
    let team = team(&world);
    let folder = built(&world, "dist", &[("index.html", PAGE), ("a.js", CODE), ("A.js", "")]);
    fs::create_dir_all(team.folder().join("dist")).expect("a folder");
    for file in ["index.html", "a.js", "A.js"] {
        fs::copy(folder.join(file), team.folder().join("dist").join(file)).expect("a copy");
    }
    assert_data_eq!(
        pack(&world, &team, Path::new("dist"), &["--version", "1.0.0"]).stderr(),
        str![[r#"
error[case-clash]: where upper and lower case are the same this and
                   `A.js` are one file
--> dist/a.js
 |
help: rename or leave out one of the two in the web app

1 error; nothing was made

"#]]
    );
}

#[test]
fn a_web_app_that_never_says_that_it_runs_is_warned_of() {
    let world = World::new();
    let team = team(&world);
    built(&world, "work/dist", &[("index.html", PAGE), ("assets/app.js", "start()")]);
    let ran = pack(&world, &team, Path::new("dist"), &["--version", "1.0.0"]);
    assert_data_eq!(
        ran.stderr(),
        str![[r#"
warning[notify-app-ready]: nothing in the web app calls
                           `notifyAppReady`, by which the plugin knows
                           that a release runs: every device rolls back
                           ten seconds after it starts this one, and
                           downloads it again at its next check
--> dist
 |
help: call it where the app starts: `CapacitorUpdater.notifyAppReady()`,
      of `@capgo/capacitor-updater`


"#]]
    );
    assert!(ran.success().starts_with("made com.example.app/1.0.0/bundle.zip: 2 files"));
}

#[test]
fn a_draw_by_a_version_that_never_was_is_warned_of() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    let drawn_as = |version: &str, named: &str| {
        let ran = pack(&world, &team, &dist, &["--version", version, "--rollout-as", named]);
        let said = ran.stderr();
        ran.success();
        said
    };
    let slip = drawn_as("1.0.1", "1.0.9");
    assert!(slip.starts_with("warning[unknown-draw]: 1.0.9 was never a version of"), "{slip}");
    assert!(slip.contains("--> com.example.app/1.0.1/release.toml:1:14"), "{slip}");
    assert_eq!(drawn_as("1.0.2", "1.0.0"), "", "it lies in the work tree");
    let commit = team.publish("Releases");
    fs::remove_dir_all(team.folder().join("com.example.app/1.0.0")).expect("it is there");
    assert_eq!(drawn_as("1.0.3", "1.0.0"), "", "it is committed");
    team.revert(&commit);
    assert_eq!(drawn_as("1.0.4", "1.0.0"), "", "it was withdrawn, and has drawn devices");
    assert_eq!(drawn_as("1.0.5", "1.0.5"), "", "by its own name");
}

#[test]
fn a_version_that_devices_cannot_tell_from_another_is_refused() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    let twin = pack(&world, &team, &dist, &["--version", "1.0.0+2"]);
    assert!(
        twin.stderr().starts_with("error: 1.0.0+2 and 1.0.0, which is there, are one version"),
        "{}",
        twin.stderr()
    );
}

#[test]
fn a_folder_around_the_releases_is_no_web_app() {
    let world = World::new();
    let team = team(&world);
    team.write("index.html", PAGE);
    team.write("com.example.app/1.0.0/index.html", PAGE);
    fs::create_dir(team.folder().join("docs")).expect("a folder");
    let before = listing(team.folder());
    for (folder, said) in [
        (".", "error: . is the work tree of the releases, and no web app"),
        ("docs/..", "is the work tree of the releases"),
        ("..", "error: .. holds the work tree of the releases"),
        ("com.example.app", "error: com.example.app holds the place of the release"),
        ("com.example.app/1.0.0", "1.0.0 is the place of the release"),
    ] {
        let refused = pack(&world, &team, Path::new(folder), &["--version", "1.0.0"]);
        assert_eq!(refused.code(), 2, "{folder}");
        assert!(refused.stderr().contains(said), "{}", refused.stderr());
        assert_eq!(listing(team.folder()), before);
    }
}

#[test]
fn a_web_app_that_only_brings_the_plugin_along_is_warned_of() {
    let world = World::new();
    let team = team(&world);
    let bundled = "class W{async notifyAppReady(){console.warn('no')}}";
    let dist = built(&world, "dist", &[("index.html", PAGE), ("app.js", bundled), (".env", "TOKEN=x")]);
    let ran = pack(&world, &team, &dist, &["--version", "1.0.0"]);
    assert!(ran.stderr().contains("warning[notify-app-ready]"), "{}", ran.stderr());
    assert!(ran.stderr().contains("warning[not-built]: `.env` is packed"), "{}", ran.stderr());
    ran.success();
}
