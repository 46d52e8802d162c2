//! What lies in the folder of the release before `pack`, and while it writes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use super::{APP, CODE, PAGE, built, listing, pack, team, web_app};
use crate::world::{Ran, World, pushlive, take_hooks_off};

#[test]
fn the_bytes_of_a_version_are_for_ever_once_they_are_committed() {
    let world = World::new();
    let team = team(&world);
    let (first, other) = (web_app(&world, "first"), built(&world, "other", &[("index.html", CODE)]));
    let version = ["--version", "1.0.0"];
    let with = |more: &[&'static str]| [&version[..], more].concat();

    let made = pack(&world, &team, &first, &version).success();
    let again = pack(&world, &team, &first, &version).success();
    assert_eq!(again, made.replace("made ", "there already, with these very bytes: "));

    let in_the_way = pack(&world, &team, &other, &version);
    assert_eq!(in_the_way.code(), 2);
    assert!(in_the_way.stderr().contains("1.0.0/bundle.zip is there already"), "{}", in_the_way.stderr());
    assert!(in_the_way.stderr().contains("help: `--force` replaces it"));
    pack(&world, &team, &other, &with(&["--force"])).success();
    pack(&world, &team, &first, &with(&["--force"])).success();
    let ios = pack(&world, &team, &other, &with(&["--platform", "ios"])).success();
    assert!(ios.starts_with("made com.example.app/1.0.0/bundle.ios.zip: 1 file, "), "{ios}");
    assert!(
        pack(&world, &team, &first, &with(&["--comment", "Hello"]))
            .success()
            .contains("made com.example.app/1.0.0/release.toml")
    );

    let commit = team.publish("Release 1.0.0");
    let committed = pack(&world, &team, &first, &version).success();
    assert!(committed.ends_with("it is committed: nothing is left to do\n"), "{committed}");
    for more in [&[][..], &["--force"], &["--platform", "android"], &["--platform", "android", "--force"]] {
        let refused = pack(&world, &team, &other, &with(more));
        assert_eq!(refused.code(), 2, "{more:?}");
        let said = format!("error: {APP} 1.0.0 has other bytes since commit {}", &commit[..10]);
        assert!(refused.stderr().starts_with(&said), "{}", refused.stderr());
        assert!(refused.stderr().ends_with("help: take a higher version\n"));
    }

    team.revert(&commit);
    let refused = pack(&world, &team, &other, &version);
    assert!(refused.stderr().contains("bytes are for ever"), "withdrawn, and its name is taken: {}", refused.stderr());
    assert!(pack(&world, &team, &first, &version).success().starts_with("made "), "the same bytes may come back");
}

#[test]
fn a_version_whose_zip_nobody_could_install_is_free() {
    let world = World::new();
    let team = team(&world);
    take_hooks_off(&world.path("releases.git"));
    team.write(&format!("{APP}/1.0.0/bundle.zip"), "no zip");
    team.publish("A slip");
    let dist = web_app(&world, "dist");
    assert_eq!(pack(&world, &team, &dist, &["--version", "1.0.0"]).code(), 2, "it lies in the way");
    pack(&world, &team, &dist, &["--version", "1.0.0", "--force"]).success();
    let commit = team.publish("Its mend");
    let checked = world.run(pushlive(), [OsStr::new("check"), team.folder().as_os_str()]).success();
    assert_eq!(checked, format!("{}: no problems\n", &commit[..12]));
}

#[test]
fn a_descriptor_that_is_there_already_is_kept_and_judged() {
    let world = World::new();
    let team = team(&world);
    let wrapped = built(&world, "wrapped", &[("www/index.html", CODE)]);
    team.write(&format!("{APP}/1.0.0/release.toml"), "platforms = [\"ios\", \"android\"]\n");
    let fits = pack(&world, &team, &wrapped, &["--version", "1.0.0"]);
    assert_eq!(fits.stderr(), "", "what Electron lacks is nothing to those that get it");
    fits.success();
    let nobody = pack(&world, &team, &wrapped, &["--version", "1.0.0", "--platform", "electron"]);
    assert_eq!(nobody.code(), 2);
    assert!(nobody.stderr().starts_with("error: the release is for no platform that would get bundle.electron.zip"));
    let electron = pack(&world, &team, &wrapped, &["--version", "1.0.1"]);
    assert_eq!(electron.code(), 1, "only Electron wants it at the root");
    assert!(electron.stderr().starts_with("error[wrapper-folder]"), "{}", electron.stderr());
    team.write(&format!("{APP}/1.0.2/release.toml"), "channels = [\"prodution\"]\n");
    let refused = pack(&world, &team, &web_app(&world, "dist"), &["--version", "1.0.2"]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr().starts_with("error[unknown-channel]"), "{}", refused.stderr());
    assert!(refused.stderr().contains("com.example.app/1.0.2/release.toml:1:13"), "{}", refused.stderr());
}

#[test]
fn a_signal_while_it_writes_comes_too_late_to_leave_a_half() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(8 << 20)
    .collect();
    fs::write(dist.join("video.mp4"), noise).expect("a large file");
    let before: Vec<PathBuf> = listing(team.folder()).into_keys().collect();
    let mut command = world.command(pushlive());
    command.current_dir(team.folder()).arg("pack").arg(&dist).args(["--version", "1.0.0"]).stdout(Stdio::null());
    let mut child = command.spawn().expect("the binary");
    let begun = || {
        let names = fs::read_dir(team.folder()).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        names.into_iter().any(|name| name.to_string_lossy().starts_with(".pushlive-pack-"))
    };
    let mut ended = None;
    while ended.is_none() && !begun() {
        ended = child.try_wait().expect("its state");
    }
    let _ = kill_process(Pid::from_child(&child), Signal::INT);
    assert!(child.wait().expect("its end").success());
    let mut after: Vec<PathBuf> = listing(team.folder()).into_keys().collect();
    let release = team.folder().join(APP);
    assert!(release.join("1.0.0/bundle.zip").is_file());
    after.retain(|path| !path.starts_with(&release));
    assert_eq!(after, before);
}

#[test]
fn a_descriptor_that_is_committed_is_edited_and_never_replaced() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    let descriptor = format!("{APP}/1.0.0/release.toml");
    team.write(&descriptor, "yanked = \"crashes\"\n");
    team.commit("A yank");
    let place = team.folder().join(&descriptor);
    for gone in [false, true] {
        if gone {
            fs::remove_file(&place).expect("it was there");
        }
        let refused = pack(&world, &team, &dist, &["--version", "1.0.0", "--native", ">=1", "--force"]);
        assert_eq!(refused.code(), 2);
        assert!(refused.stderr().starts_with(&format!("error: {descriptor} is committed")), "{}", refused.stderr());
        assert!(refused.stderr().ends_with("and edit the file\n"));
    }
    assert!(!place.exists(), "nothing was made");
    team.git(&["checkout", "--", &descriptor]).success();
    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    assert_eq!(fs::read_to_string(place).expect("it"), "yanked = \"crashes\"\n");
}

/// Types the command that brings a file back.
fn typed(world: &World, at: &Path, said: &str) {
    let (_, mend) = said.split_once("bring it back: `").expect("a mend");
    let mut command = world.command("sh");
    command.current_dir(at).args(["-c", mend.split('`').next().expect("its end")]);
    Ran::of(command).success();
}

#[test]
fn what_git_has_of_the_release_and_the_work_tree_has_not_is_not_taken_away_unsaid() {
    let world = World::new();
    let team = team(&world);
    let (shared, ios) = (web_app(&world, "shared"), built(&world, "ios", &[("index.html", CODE)]));
    pack(&world, &team, &shared, &["--version", "1.0.0"]).success();
    pack(&world, &team, &ios, &["--version", "1.0.0", "--platform", "ios"]).success();
    let folder = format!("{APP}/1.0.0");
    let descriptor = format!("{folder}/release.toml");
    team.write(&descriptor, "yanked = \"crashes\"\n");
    team.publish("Release 1.0.0, and yank it");
    fs::remove_dir_all(team.folder().join(&folder)).expect("it is there");
    for path in [format!("{folder}/bundle.ios.zip"), descriptor] {
        let refused = pack(&world, &team, &shared, &["--version", "1.0.0"]);
        assert_eq!((refused.code(), refused.stdout()), (2, String::new()));
        let said = format!("error: {path} is in git and gone from the work tree");
        assert!(refused.stderr().starts_with(&said), "{}", refused.stderr());
        assert!(!team.folder().join(&folder).join("bundle.zip").exists(), "nothing is left behind");
        typed(&world, team.folder(), &refused.stderr());
    }
    pack(&world, &team, &shared, &["--version", "1.0.0"]).success();
    team.git(&["add", "."]).success();
    assert_eq!(team.git(&["status", "--porcelain"]).success(), "", "all of it is there again");

    // a descriptor may go by a commit of its own
    team.git(&["rm", "--quiet", &format!("{folder}/release.toml")]).success();
    let staged = pack(&world, &team, &shared, &["--version", "1.0.0"]);
    assert_eq!(staged.code(), 2);
    let said = format!("error: the removal of {folder}/release.toml is staged and not committed");
    assert!(staged.stderr().starts_with(&said), "{}", staged.stderr());
    team.commit("Offer 1.0.0 again");
    pack(&world, &team, &shared, &["--version", "1.0.0"]).success();
}

#[test]
fn a_descriptor_that_is_staged_comes_back_as_it_was_staged_from_wherever_that_is_typed() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    let descriptor = format!("{APP}/1.0.0/release.toml");
    let place = team.folder().join(&descriptor);
    let yanked = "yanked = \"crashes\"\n";
    for (committed, index) in
        [("", "--no-split-index"), ("comment = \"hi\"\n", "--no-split-index"), ("", "--split-index")]
    {
        if !committed.is_empty() {
            team.write(&descriptor, committed);
            team.commit("A comment");
        }
        team.write(&descriptor, yanked);
        team.git(&["add", "."]).success();
        team.git(&["update-index", index]).success();
        fs::remove_file(&place).expect("it was there");
        let within = team.folder().join(APP);
        let mut command = world.command(pushlive());
        command.current_dir(&within).args(["pack".as_ref(), dist.as_os_str()]).args(["--version", "1.0.0"]);
        let refused = Ran::of(command);
        assert_eq!(refused.code(), 2, "{}", refused.stdout());
        typed(&world, &within, &refused.stderr());
        assert_eq!(fs::read_to_string(&place).expect("it"), yanked, "{committed}");
    }
}

#[test]
fn the_folder_is_judged_as_it_will_be() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let refused = |version: &str, code: i32, said: &str| {
        let before = listing(team.folder());
        let ran = pack(&world, &team, &dist, &["--version", version]);
        assert_eq!((ran.code(), ran.stdout()), (code, String::new()), "{}", ran.stderr());
        assert!(ran.stderr().contains(said), "{said} is not in {}", ran.stderr());
        assert_eq!(listing(team.folder()), before);
    };
    team.write(&format!("{APP}/2.0.0/release.toml"), format!("[bundle]\nsha256 = \"{}\"\n", "0".repeat(64)));
    refused("2.0.0", 1, "error[sha256-mismatch]");
    team.write(&format!("{APP}/2.0.1/bundle.ios.zip"), "no zip");
    refused("2.0.1", 1, "error[not-a-zip]");
    team.write(&format!("{APP}/2.0.2/bundle.ios.zip"), "version https://git-lfs.github.com/spec/v1\n");
    refused("2.0.2", 1, "error[lfs-pointer]");
    fs::create_dir_all(team.folder().join(APP).join("2.0.3/bundle.android.zip")).expect("a folder");
    refused("2.0.3", 1, "error[no-file]");

    pack(&world, &team, &dist, &["--version", "1.0.0"]).success();
    let made = |version: &str, name: &str| team.folder().join(APP).join(version).join(name);
    fs::create_dir_all(made("2.0.4", "")).expect("a folder");
    symlink(made("1.0.0", "bundle.zip"), made("2.0.4", "bundle.zip")).expect("a link");
    refused("2.0.4", 2, "2.0.4/bundle.zip is there, and is no regular file");
}

#[test]
fn what_would_be_read_for_ever_is_not_read() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let pipe = |path: &str| {
        let path = team.folder().join(path);
        fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
        let _ = fs::remove_file(&path);
        world.run("mkfifo", [path]).success();
    };
    for path in ["com.example.app/1.0.0/bundle.zip", "com.example.app/1.0.1/release.toml", "releases.toml"] {
        pipe(path);
        let version = path.split('/').nth(1).unwrap_or("1.0.2");
        let refused = pack(&world, &team, &dist, &["--version", version, "--force"]);
        assert_eq!(refused.code(), 2, "{path}");
        assert!(refused.stderr().contains(&format!("{path} is there, and is no regular file")), "{}", refused.stderr());
    }
}

#[test]
fn a_place_that_is_no_folder_is_refused() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let app = team.folder().join(APP);
    let elsewhere = world.path("elsewhere");
    fs::create_dir_all(elsewhere.join("1.0.0")).expect("a folder");
    let refused = |path: &Path| {
        let ran = pack(&world, &team, &dist, &["--version", "1.0.0", "--force"]);
        assert_eq!((ran.code(), ran.stdout()), (2, String::new()));
        let said = format!("{} is there, and is no folder\nhelp: move it elsewhere", path.display());
        assert!(ran.stderr().contains(&said), "{}", ran.stderr());
        fs::remove_file(path).expect("it is as it was");
    };
    fs::write(&app, "").expect("a file");
    refused(&app);
    symlink(&elsewhere, &app).expect("a link");
    refused(&app);
    fs::create_dir(&app).expect("a folder");
    symlink(elsewhere.join("1.0.0"), app.join("1.0.0")).expect("a link");
    refused(&app.join("1.0.0"));
    assert_eq!(listing(&elsewhere).len(), 1, "nothing went there");
}

#[test]
fn a_disk_that_takes_no_more_leaves_nothing_behind() {
    let world = World::new();
    let team = team(&world);
    let before = listing(team.folder());
    let mut command = world.command("sh");
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" pack \"$1\" --version 1.0.0";
    command.current_dir(team.folder()).args(["-c", script, pushlive()]).arg(web_app(&world, "dist"));
    let failed = Ran::of(command);
    assert_eq!(failed.code(), 2);
    assert_eq!(listing(team.folder()), before);
}

#[test]
fn those_who_pack_the_same_at_once_all_get_it() {
    let world = World::new();
    let team = team(&world);
    let dist = web_app(&world, "dist");
    let one = || {
        let mut command = world.command(pushlive());
        command.current_dir(team.folder()).arg("pack").arg(&dist).args(["--version", "1.0.0", "--comment", "One"]);
        command.stdout(Stdio::null()).spawn().expect("the binary")
    };
    let mut all: Vec<_> = std::iter::repeat_with(one).take(8).collect();
    for child in &mut all {
        assert!(child.wait().expect("its end").success());
    }
}

#[test]
fn a_commit_that_is_not_pushed_can_be_taken_back() {
    let world = World::new();
    let team = team(&world);
    let (first, other) = (web_app(&world, "first"), built(&world, "other", &[("index.html", PAGE), ("a.js", CODE)]));
    pack(&world, &team, &first, &["--version", "1.0.0"]).success();
    team.commit("Release 1.0.0");
    team.write("notes.txt", "more");
    team.commit("More");
    let refused = pack(&world, &team, &other, &["--version", "1.0.0", "--force"]).stderr();
    let typed = refused.split('`').find_map(|word| word.strip_prefix("git ")).unwrap_or_else(|| panic!("{refused}"));
    team.git(&typed.split(' ').collect::<Vec<_>>()).success();
    pack(&world, &team, &other, &["--version", "1.0.0", "--force"]).success();
    team.publish("Release 1.0.0");
    let checked = world.run(pushlive(), [OsStr::new("check"), team.folder().as_os_str()]).success();
    assert!(checked.ends_with(": no problems\n"), "{checked}");
    let pushed = pack(&world, &team, &first, &["--version", "1.0.0", "--force"]).stderr();
    assert!(pushed.ends_with("help: take a higher version\n"), "{pushed}");
}

#[test]
fn a_release_that_nobody_can_be_told_of_is_said_to_be_there() {
    let world = World::new();
    let team = team(&world);
    let mut command = world.command("sh");
    command.current_dir(team.folder()).args(["-c", "exec \"$0\" pack \"$1\" --version 1.0.0 > /dev/full", pushlive()]);
    command.arg(web_app(&world, "dist"));
    let ran = Ran::of(command);
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr().ends_with("help: com.example.app/1.0.0/bundle.zip was made all the same\n"),
        "{}",
        ran.stderr()
    );
}
