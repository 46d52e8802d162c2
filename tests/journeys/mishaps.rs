//! What happens around a daemon and must not end it, or what it serves.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{Daemon, Team, Wire, World, pushlive, request, stored, web_app};

const APP: &str = "com.example.app";
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A daemon whose log nobody reads, killed when it is dropped.
struct Unheard {
    child: Child,
    address: SocketAddr,
}

impl Unheard {
    fn start(mut command: Command) -> Unheard {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        command.args(["--operator-listen", "off", "--poll", "100ms", "--listen", &free.to_string()]);
        Unheard { child: command.stdout(Stdio::null()).spawn().expect("a daemon"), address: free }
    }

    fn offers(&self) -> Value {
        let check = json!({ "app_id": APP, "device_id": "d", "platform": "ios", "version_build": "1.0.0" });
        request(self.address, "POST", "/updates", &[], check.to_string().as_bytes()).json()["version"].clone()
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    if !Path::new("/dev/full").exists() {
        return eprintln!("skipped: this system has no /dev/full");
    }
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    team.publish("Begin");
    let mut command = world.command("sh");
    command.args(["-c", "exec \"$@\" 2>/dev/full", "sh", pushlive(), "serve"]).arg(&repo);
    let daemon = Unheard::start(command);
    until("it to listen", || std::net::TcpStream::connect(daemon.address).is_ok());
    until("the first release", || daemon.offers() == "1.0.1");
    for version in ["1.0.2", "1.0.3"] {
        team.add_release(APP, version);
        team.publish(version);
        until(version, || daemon.offers() == version);
    }
    assert_eq!(request(daemon.address, "POST", "/stats", &[], b"{}").status, 200);
}

fn serving(world: &World) -> (Team<'_>, Daemon) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    let tip = team.publish("Begin");
    let daemon = Daemon::start(world, &repo, &["--poll", "100ms"]);
    daemon.wait_for_commit(&tip);
    (team, daemon)
}

fn downloads(daemon: &Daemon, version: &str) -> bool {
    let offer = daemon.check(APP, "builtin");
    let url = offer["url"].as_str().expect("an offer").to_owned();
    let path = url.strip_prefix(&format!("http://{}", daemon.address())).expect("its own URL").to_owned();
    let reply = daemon.request("GET", &path, &[], b"");
    offer["version"] == version && reply.status == 200 && reply.body == web_app(version)
}

#[test]
fn a_data_directory_that_is_gone_is_made_again() {
    let world = World::new();
    let (team, daemon) = serving(&world);
    let data = world.path("releases.git/pushlive");
    fs::rename(&data, world.path("gone")).expect("the data directory");
    team.add_release(APP, "1.0.2");
    let tip = team.publish("Next");
    daemon.wait_for_commit(&tip);
    until("both bundles", || downloads(&daemon, "1.0.2") && data.join("store/tmp").is_dir());
    let second = world.run(pushlive(), ["serve", "releases.git", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code(), 2, "the new directory is held like the old one");
    assert!(second.stderr().contains("is in use by process"), "{}", second.stderr());
}

#[test]
fn bundles_that_are_gone_are_read_from_the_repository_again() {
    let world = World::new();
    let (_team, daemon) = serving(&world);
    let store = world.path("releases.git/pushlive/store/sha256");
    for folder in fs::read_dir(&store).expect("the store").flatten() {
        fs::remove_dir_all(folder.path()).expect("a folder of it");
    }
    until("the bundle", || downloads(&daemon, "1.0.1"));
    let said = daemon.unread_lines();
    assert!(
        said.iter().any(|line| line["message"].as_str().is_some_and(|m| m.contains("read from the repository again")))
    );
}

#[test]
fn a_second_signal_ends_what_the_first_lets_finish() {
    let world = World::new();
    let (team, daemon) = serving(&world);
    team.without_compression();
    team.write(&format!("{APP}/1.0.2/bundle.zip"), stored([("index.html", vec![b'x'; 32 << 20].as_slice())]));
    daemon.wait_for_commit(&team.publish("A large one"));
    let url = daemon.check(APP, "builtin")["url"].as_str().expect("an offer").to_owned();
    let mut reader = Wire::to(daemon.address());
    assert_eq!(reader.send(format!("GET {url} HTTP/1.1\r\nHost: a\r\n\r\n")).take(12), b"HTTP/1.1 200");
    daemon.signal("TERM");
    daemon.wait_for_line("the stop", |line| line["message"].as_str().is_some_and(|m| m.starts_with("stopping")));
    daemon.signal("TERM");
    assert_eq!(daemon.end(), Some(130));
}
