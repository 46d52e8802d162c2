//! The client for Electron as it is published: it runs under Node, with a stand-in for Electron alone.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io::{Cursor, Read, Write, stderr};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::world::{Daemon, Ran, World, pushlive, web_app};

const APP: &str = "com.example.app";

/// Where `.ci/run` installs the client.
const INSTALLED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/electron/node_modules");

#[test]
fn the_published_client_follows_releases_and_a_revert() {
    if !is_installed() {
        return;
    }
    let world = World::new();
    let (team, daemon) = world.with_app(APP);
    let device = Device { world: &world, daemon: &daemon, folder: world.path("device") };

    team.add_release(APP, "1.0.1");
    let first = team.publish("Release 1.0.1");
    daemon.wait_for_commit(&first);
    let start = device.start();
    assert_eq!(start.get("runs")["bundle"]["id"], "builtin");
    start.took(&daemon, "1.0.1");
    device.start().runs_and_stays(&daemon, "1.0.1");

    team.add_release(APP, "1.0.2");
    let second = team.publish("Release 1.0.2");
    daemon.wait_for_commit(&second);
    device.start().took(&daemon, "1.0.2");
    device.start().runs_and_stays(&daemon, "1.0.2");

    daemon.wait_for_commit(&team.revert(&second));
    device.start().took(&daemon, "1.0.1");
    device.start().runs_and_stays(&daemon, "1.0.1");

    daemon.wait_for_commit(&team.revert(&first));
    device.start().runs_and_cannot_leave("1.0.1");
}

#[test]
fn the_published_client_installs_what_pack_makes() {
    if !is_installed() {
        return;
    }
    let world = World::new();
    let (team, daemon) = world.with_app(APP);
    let device = Device { world: &world, daemon: &daemon, folder: world.path("device") };
    let files = [("index.html", "<script src=\"Größe/app.js\"></script>"), ("Größe/app.js", "notifyAppReady()")];
    for (name, text) in files {
        let path = world.path("dist").join(name);
        std::fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let mut command = world.command(pushlive());
    command.current_dir(team.folder()).args(["pack", "../dist", "--version", "1.0.1"]);
    Ran::of(command).success();
    daemon.wait_for_commit(&team.publish("Release 1.0.1"));
    device.start();
    let start = device.start();
    let runs = start.get("runs");
    assert_eq!(runs["bundle"]["version"], "1.0.1");
    assert_eq!(runs["files"], json!(BTreeMap::from(files)));
}

/// Says on the terminal itself, which the test runner does not hold back, that nothing is tested here.
fn is_installed() -> bool {
    let found = Path::new(INSTALLED).join("@capgo/electron-updater").is_dir();
    assert!(found || env::var_os("PUSHLIVE_REQUIRE_ELECTRON").is_none(), "no Electron client in {INSTALLED}");
    if !found {
        writeln!(stderr(), "SKIPPED: the test with the real Electron client; .ci/run installs it").expect("a message");
    }
    found
}

/// An app on a device: what it keeps lies in a folder.
struct Device<'w> {
    world: &'w World,
    daemon: &'w Daemon,
    folder: PathBuf,
}

impl Device<'_> {
    /// Starts the app, lets it check once, and ends it.
    fn start(&self) -> Start {
        let electron = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/electron");
        std::fs::create_dir_all(&self.folder).expect("the app's folder");
        let output = self
            .world
            .command("node")
            .arg(electron.join("drive.js"))
            .args([OsString::from(format!("http://{}", self.daemon.address())), APP.into()])
            .arg(&self.folder)
            .env("NODE_PATH", env::join_paths([Path::new(INSTALLED), &electron]).expect("a path"))
            .output()
            .expect("node");
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success(), "{lines}");
        Start { steps: lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect() }
    }
}

/// What happened in one run of the app.
struct Start {
    steps: Vec<Value>,
}

impl Start {
    fn names(&self) -> Vec<&str> {
        self.steps.iter().filter_map(|step| step["step"].as_str()).collect()
    }

    fn get(&self, name: &str) -> &Value {
        self.steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no {name} in {:?}", self.steps))
    }

    /// It was offered that version, has downloaded, verified and unpacked it, and will run it from the next start on.
    fn took(&self, daemon: &Daemon, version: &str) {
        let sha256 = hex(&Sha256::digest(web_app(version)));
        let url = format!("http://{}/bundles/{APP}/{version}/{sha256}.zip", daemon.address());
        let answer = &self.get("answered")["answer"];
        assert_eq!(*answer, json!({"version": version, "url": url, "checksum": sha256}));
        assert_eq!(self.names(), ["runs", "answered", "updateAvailable", "downloadComplete", "next"]);
        let next = &self.get("next")["bundle"];
        assert_eq!([&next["version"], &next["checksum"], &next["status"]], [version, &sha256, "success"]);
        daemon.wait_for_line("the event of a download", |line| is_event(line, "download_complete", version));
    }

    /// It now runs what it took before, has all its files, and is told that this is the newest.
    fn runs_and_stays(&self, daemon: &Daemon, version: &str) {
        self.runs(version);
        let answer = &self.get("answered")["answer"];
        assert_eq!([&answer["error"], &answer["version"]], ["no_new_version_available", version]);
        assert_eq!(answer.get("url"), None);
        assert_eq!(self.names(), ["appReloaded", "appReloaded", "runs", "answered", "noNeedUpdate", "next"]);
        daemon.wait_for_line("the event of an install", |line| is_event(line, "set", version));
    }

    /// Its release is withdrawn and nothing is left, but this client has no way back to what it was built with.
    fn runs_and_cannot_leave(&self, version: &str) {
        self.runs(version);
        assert_eq!(self.get("answered")["answer"]["error"], "revert_to_builtin_plugin_version_too_old");
        assert_eq!(self.names(), ["runs", "answered", "next"]);
    }

    fn runs(&self, version: &str) {
        let runs = self.get("runs");
        assert_eq!(runs["bundle"]["version"], version);
        assert_eq!(runs["files"], json!(unpacked(&web_app(version))));
    }
}

fn is_event(line: &Value, action: &str, version: &str) -> bool {
    let wanted = json!({"message": "event", "app": APP, "platform": "electron", "action": action, "version": version});
    wanted.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| line[key] == *value))
}

fn unpacked(bundle: &[u8]) -> BTreeMap<String, String> {
    let mut zip = ZipArchive::new(Cursor::new(bundle)).expect("a zip");
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).expect("an entry");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("its text");
        files.insert(file.name().expect("a name").into_owned(), text);
    }
    files
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
