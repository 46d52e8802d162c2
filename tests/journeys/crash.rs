//! Power cuts and full disks while bundles are read and the journal is written: nothing half is ever served or told, and all
//! ends well.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Daemon, Team, World, pushlive, stored, web_app};

const APP: &str = "com.example.app";
const BUNDLES: usize = 200;
const BUNDLE_SIZE: usize = 100_000;

/// A web app of about that size, different for each number.
fn bulky(number: usize) -> Vec<u8> {
    let mut state = number as u64 + 1;
    let mut noise = Vec::new();
    while noise.len() < BUNDLE_SIZE {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.extend_from_slice(&state.to_be_bytes());
    }
    stored([("index.html", &b"<!doctype html>"[..]), ("noise.bin", &noise)])
}

/// A repository with a release 1.n.0 for each bundle, of which a device gets the one for its own native 1.n.
fn many_bundles(world: &World) -> (PathBuf, String, Vec<Vec<u8>>) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.without_compression();
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\nstay_within = \"minor\"\n"));
    let bundles: Vec<Vec<u8>> = (0..BUNDLES).map(bulky).collect();
    for (number, bundle) in bundles.iter().enumerate() {
        team.write(&format!("{APP}/1.{number}.0/bundle.zip"), bundle);
    }
    (repo, team.publish("Many"), bundles)
}

/// How many bundles a store holds.
fn artefacts(data: &Path) -> usize {
    let folders = fs::read_dir(data.join("store/sha256")).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
    files.count()
}

/// That each is what its name says.
fn assert_whole(data: &Path) {
    for folder in fs::read_dir(data.join("store/sha256")).expect("the store").flatten() {
        for file in fs::read_dir(folder.path()).expect("a folder").flatten() {
            let named = format!("{}{}", folder.file_name().display(), file.file_name().display());
            let hash = Sha256::digest(fs::read(file.path()).expect("an artefact"));
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(named, hash, "a file is not what its name says");
        }
    }
}

/// Waits until the store holds so many.
fn wait_for_artefacts(data: &Path, count: usize) {
    let until = Instant::now() + Duration::from_secs(30);
    while artefacts(data) < count {
        assert!(Instant::now() < until, "{} of {count} artefacts", artefacts(data));
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn power_cuts_during_the_first_read_lose_nothing_but_time() {
    let world = World::new();
    let (repo, tip, bundles) = many_bundles(&world);
    let data = repo.join("pushlive");
    for count in [0, 1, 50, 51, 120, 199] {
        let daemon = Daemon::start(&world, &repo, &[]);
        wait_for_artefacts(&data, count);
        daemon.kill();
        assert_whole(&data);
    }

    let daemon = Daemon::start(&world, &repo, &[]);
    daemon.wait_for_commit(&tip);
    for (number, bundle) in bundles.iter().enumerate() {
        let answer = daemon.check_with(APP, json!({ "version_build": format!("1.{number}") }));
        assert_eq!(answer["version"], format!("1.{number}.0"));
        assert!(daemon.download(&answer) == *bundle, "the bytes of 1.{number}.0");
    }
    assert_eq!(artefacts(&data), BUNDLES);
    assert_eq!(daemon.problems(), (0, 0));
    let left = fs::read_dir(data.join("store/tmp")).expect("the folder of what is being written").count();
    assert_eq!(left, 0, "what was half written is cleared away");
}

/// Bundles that do not fit, and room for them later.
fn a_full_disk_is_said_and_mends_itself(team: &Team<'_>, daemon: &Daemon, make_room: impl FnOnce()) {
    let old = daemon.check(APP, "builtin");
    assert_eq!(old["version"], "1.0.1");
    team.write(&format!("{APP}/1.0.2/bundle.zip"), stored([("index.html", vec![b'x'; 4 << 20].as_slice())]));
    let tip = team.publish("More than fits");
    let said = daemon.wait_for_line("the full disk", |line| line["level"] == "ERROR" && line["reason"].is_string());
    assert!(said["reason"].as_str().is_some_and(|why| why.contains("cannot be kept")), "{said}");
    assert_eq!(said["message"], "there is no new table; the answers stay as they are", "the repository is well");
    let ready = daemon.readyz();
    assert_eq!((ready.status, &ready.json()["repository"]["error"]), (200, &said["reason"]));
    assert_eq!(daemon.check(APP, "builtin"), old, "old answers go on");
    assert_eq!(daemon.download(&old), web_app("1.0.1"));

    make_room();
    daemon.wait_for_commit(&tip);
    let answer = daemon.check(APP, "builtin");
    assert_eq!((&answer["version"], daemon.download(&answer).len() > 4 << 20), (&json!("1.0.2"), true));
    assert_eq!(daemon.readyz().json()["repository"], json!({ "readable": true }));
}

/// A small release, and a daemon on it that is started by a shell's command.
fn started_by<'w>(world: &'w World, program: &str, args: &[&str], data: &Path) -> (Team<'w>, Daemon) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    let tip = team.publish("A small one");
    let mut command = world.command(program);
    command.args(args).arg("serve").arg(&repo).args(["--poll", "100ms", "--data"]).arg(data);
    let daemon = Daemon::spawn(command);
    daemon.wait_for_commit(&tip);
    (team, daemon)
}

/// Whether a program can be used here; says so where not.
fn works(world: &World, program: &str, args: &[&str]) -> bool {
    let mut command = world.command(program);
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let works = command.status().is_ok_and(|status| status.success());
    if !works {
        eprintln!("skipped: `{program} {}` does not work here", args.join(" "));
    }
    works
}

#[test]
fn a_file_system_that_is_full() {
    let world = World::new();
    let data = world.path("disk");
    fs::create_dir(&data).expect("a folder");
    let mount = format!("mount -t tmpfs -o size=4m,mode=700 none '{}'", data.display());
    // A mount of its own in a namespace of its own: any user may make one, where the system allows it.
    if !works(&world, "unshare", &["-Urm", "sh", "-c", &mount]) {
        return;
    }
    let script = format!("{mount} && exec \"$@\"");
    let args = ["-Urm", "sh", "-c", &script, "sh", pushlive()];
    let (team, daemon) = started_by(&world, "unshare", &args, &data);
    let mended = format!("mount -o remount,size=64m '{}'", data.display());
    let pid = daemon.id().to_string();
    a_full_disk_is_said_and_mends_itself(&team, &daemon, || {
        world.run("nsenter", ["-t", &pid, "-U", "-m", "--preserve-credentials", "sh", "-c", &mended]).success();
    });
}

#[test]
fn files_that_may_not_grow() {
    let world = World::new();
    if !works(&world, "prlimit", &["--fsize=1000000:", "true"]) {
        return;
    }
    // A write past the limit is an error like that of a full disk, once its signal is ignored.
    let args = ["-c", "trap '' XFSZ; exec prlimit --fsize=1000000: \"$@\"", "sh", pushlive()];
    let (team, daemon) = started_by(&world, "sh", &args, &world.path("data"));
    let pid = daemon.id().to_string();
    a_full_disk_is_said_and_mends_itself(&team, &daemon, || {
        world.run("prlimit", ["--pid", &pid, "--fsize=100000000:"]).success();
    });
}

#[test]
fn a_journal_that_could_be_written_only_in_part_is_whole_again_with_the_next_push() {
    let world = World::new();
    if !works(&world, "prlimit", &["--fsize=1000000:", "true"]) {
        return;
    }
    let args = ["-c", "trap '' XFSZ; exec \"$@\"", "sh", pushlive()];
    let data = world.path("data");
    let (team, daemon) = started_by(&world, "sh", &args, &data);
    let pid = daemon.id().to_string();
    let limit = |bytes: usize| world.run("prlimit", ["--pid", &pid, &format!("--fsize={bytes}:")]).success();
    let journal = || fs::read_to_string(data.join("journal")).expect("the journal");
    let before = journal();
    limit(before.len() + 50);
    team.write("README.md", "Hello");
    daemon.wait_for_commit(&team.publish("Notes"));
    assert!(daemon.log().join("\n").contains("what was taken up is not in the journal"), "it did not fit");
    assert_eq!(journal(), before, "no half of it is left");

    limit(100_000_000);
    team.add_release(APP, "1.0.2");
    let tip = team.publish("Release 1.0.2");
    daemon.wait_for_commit(&tip);
    let told = world.run(pushlive(), ["log", "releases.git", "--json", "--data", "data"]).success();
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let entries = told["entries"].as_array().expect("entries");
    let meant: Vec<&str> = entries.iter().filter_map(|entry| entry["meant"].as_str()).collect();
    assert_eq!(meant, [&format!("released {APP} 1.0.2"), "served from now on"], "{told}");
    assert_eq!((&entries[0]["new"], &entries[0]["old"]), (&json!(tip), &entries[1]["new"]), "{told}");
    assert_eq!(told["gaps"], json!([]));
}
