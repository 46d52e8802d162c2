//! `pushlive pack`: from a built web app to a device that runs it.

mod clones;
mod readme;
mod refusals;
mod there;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use snapbox::{assert_data_eq, str};

use crate::world::{Ran, Team, World, pushlive};

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
fn flags_make_a_descriptor_that_check_reads() {
    let world = World::new();
    let (team, daemon) = world.with_app(APP);
    team.write(
        "releases.toml",
        format!("[apps.\"{APP}\".channels]\nproduction = {{}}\nbeta = {{ self_assign = true }}\n"),
    );
    pack(&world, &team, &web_app(&world, "before"), &["--version", "1.4.1", "--channels", "beta"]).success();
    team.commit("A second channel, and the release whose devices are drawn again");
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
