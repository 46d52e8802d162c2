//! `pushlive pack`: from a built web app to a device that runs it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use snapbox::{assert_data_eq, str};

use crate::world::{Ran, Team, World, pushlive, take_hooks_off};

const APP: &str = "com.example.app";
const PAGE: &str = "<!doctype html><script src=assets/app.js></script>";
const CODE: &str = "CapacitorUpdater.notifyAppReady();";

/// A folder as a build leaves it.
fn built(world: &World, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = world.path(name);
    fs::create_dir_all(&folder).expect("a folder");
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

/// A web app of a few files that says it runs.
fn web_app(world: &World, name: &str) -> PathBuf {
    built(world, name, &[("index.html", PAGE), ("assets/app.js", CODE), ("assets/app.css", "body { color: teal }")])
}

/// A clone with an app and no release.
fn team(world: &World) -> Team<'_> {
    let team = world.team(&world.init("releases.git"));
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.publish("Add the app");
    team
}

fn pack_in(world: &World, at: &Path, folder: &Path, args: &[&str]) -> Ran {
    let mut command = world.command(pushlive());
    command.current_dir(at).arg("pack").arg(folder).args(args);
    Ran::of(command)
}

fn pack(world: &World, team: &Team<'_>, folder: &Path, args: &[&str]) -> Ran {
    pack_in(world, team.folder(), folder, args)
}

/// Every file and folder below one, with its bytes.
fn listing(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with(".git") {
            all.extend(listing(&path));
        }
        all.insert(path.clone(), fs::read(&path).unwrap_or_default());
    }
    all
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_is_packed_and_pushed_as_it_says_is_what_devices_download() {
    let world = World::new();
    let (team, daemon) = world.with_app(APP);
    let ran = pack(&world, &team, &web_app(&world, "dist"), &["--version", "1.4.2"]);
    assert_eq!(ran.stderr(), "", "nothing is wrong, and nobody looks at a progress bar");
    let said = ran.success();
    assert_data_eq!(
        said.clone(),
        str![[r#"
made com.example.app/1.4.2/bundle.zip: 3 files, [..] bytes
sha256 [..]

Next:

  git add com.example.app/1.4.2
  git commit -m 'Release 1.4.2'
  git push

"#]]
    );
    for line in said.lines().filter_map(|line| line.strip_prefix("  git ")) {
        let words: Vec<String> =
            line.replace("'Release 1.4.2'", "Release+1.4.2").split(' ').map(str::to_owned).collect();
        let words: Vec<String> = words.into_iter().map(|word| word.replace('+', " ")).collect();
        team.git(&words.iter().map(String::as_str).collect::<Vec<_>>()).success();
    }
    assert_eq!(team.git(&["status", "--porcelain"]).success(), "", "nothing is left over");
    daemon.wait_for_commit(&team.head());
    let zip = fs::read(team.folder().join(APP).join("1.4.2/bundle.zip")).expect("the zip");
    assert!(said.contains(&format!("sha256 {}\n", sha256(&zip))));
    for platform in ["ios", "android", "electron"] {
        let answer = daemon.check_with(APP, json!({ "platform": platform }));
        assert_eq!(answer["version"], "1.4.2", "{platform}");
        assert!(daemon.download(&answer) == zip, "{platform}");
    }
}

#[test]
fn a_web_app_that_is_built_again_elsewhere_has_the_same_bytes() {
    let world = World::new();
    let team = team(&world);
    let first = web_app(&world, "first");
    let second = world.path("second");
    // in another order, at another time, by somebody with other habits
    for name in ["assets/app.css", "index.html", "assets/app.js"] {
        let to = second.join(name);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(first.join(name), &to).expect("a copy");
        fs::set_permissions(&to, fs::Permissions::from_mode(0o700)).expect("a mode");
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        File::open(&to).expect("it").set_times(FileTimes::new().set_modified(long_ago)).expect("a time");
    }
    fs::create_dir(second.join("empty")).expect("a folder");
    fs::write(second.join("assets/.DS_Store"), "macOS").expect("a leaving");
    pack(&world, &team, &first, &["--version", "1.0.0"]).success();
    let mut command = world.command("sh");
    let script = "umask 077; TZ=Asia/Tokyo LC_ALL=de_DE.UTF-8 exec \"$0\" pack ../second --version 1.0.1";
    command.current_dir(team.folder()).args(["-c", script, pushlive()]);
    assert!(Ran::of(command).success().contains("left out, as no device needs it: assets/.DS_Store\n"));
    let zip = |version: &str| fs::read(team.folder().join(APP).join(version).join("bundle.zip")).expect("a zip");
    assert_eq!(sha256(&zip("1.0.0")), sha256(&zip("1.0.1")));
    assert_eq!(
        sha256(&zip("1.0.0")),
        "d8b3aae6df2a09c203ad38bf526737d2b0f6edb6dd7d5eb6972a6c22346db40e",
        "as on every other machine"
    );
}

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
fn flags_make_a_descriptor_that_check_reads() {
    let world = World::new();
    let (team, daemon) = world.with_app(APP);
    team.write(
        "releases.toml",
        format!("[apps.\"{APP}\".channels]\nproduction = {{}}\nbeta = {{ self_assign = true }}\n"),
    );
    team.commit("A second channel");
    let flags = [
        &["--version", "1.4.2", "--comment", "Fixes the \"login\" loop", "--link", "https://example.com/1.4.2"][..],
        &[
            "--native",
            "ios=>=1.0.0",
            "--native",
            "android=>=2.1",
            "--platforms",
            "ios,android",
            "--channels",
            "production",
        ],
        &[
            "--rollout",
            "production=0% for 1h, 100%",
            "--rollout-start",
            "2020-01-01T00:00:00Z",
            "--rollout-as",
            "1.4.1",
        ],
    ];
    let said = pack(&world, &team, &web_app(&world, "dist"), &flags.concat()).success();
    assert!(said.contains("\nmade com.example.app/1.4.2/release.toml\n"), "{said}");
    let commit = team.publish("Release 1.4.2");
    let checked = world.run(pushlive(), [OsStr::new("check"), team.folder().as_os_str()]);
    assert_eq!(checked.success(), format!("{}: no problems\n", &commit[..12]));
    daemon.wait_for_commit(&commit);
    let ios = daemon.check(APP, "builtin");
    assert_eq!(
        (&ios["version"], &ios["comment"], &ios["link"]),
        (&json!("1.4.2"), &json!("Fixes the \"login\" loop"), &json!("https://example.com/1.4.2"))
    );
    let of = |platform: &str| {
        daemon.check_with(APP, json!({ "platform": platform, "version_build": "2.0.0" }))["error"].clone()
    };
    assert_eq!(of("android"), "native_incompatible");
    assert_eq!(of("electron"), "no_release");
}

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
fn the_document_of_json_says_what_was_made_or_what_is_wrong() {
    let world = World::new();
    let team = team(&world);
    let json = |folder: &Path, args: &[&str]| {
        let ran = pack(&world, &team, folder, &[&["--version", "1.0.0", "--json"], args].concat());
        assert_eq!(ran.stderr(), "");
        (ran.code(), serde_json::from_str::<Value>(&ran.stdout()).expect("JSON"))
    };
    let (code, refused) = json(&built(&world, "empty", &[]), &[]);
    assert_eq!((code, &refused["bundle"], &refused["problems"][0]["rule"]), (1, &Value::Null, &json!("empty-zip")));
    let (code, made) = json(&web_app(&world, "dist"), &["--link", "https://example.com"]);
    let zip = fs::read(team.folder().join(APP).join("1.0.0/bundle.zip")).expect("the zip");
    assert_eq!(code, 0);
    assert_eq!(
        made,
        json!({
            "app": APP, "version": "1.0.0", "descriptor": "com.example.app/1.0.0/release.toml", "problems": [],
            "bundle": {
                "path": "com.example.app/1.0.0/bundle.zip", "sha256": sha256(&zip), "size": zip.len(), "files": 3,
            },
        })
    );
}
