//! How a daemon stops: it finishes what it began, takes nothing new, and makes room for the next at once.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::{Daemon, Wire, World, pushlive, stored};

const APP: &str = "com.example.app";
/// More than the buffers of two sockets hold.
const SIZE: usize = 32 << 20;

/// A daemon with one large bundle, and its bytes.
fn serving_a_large_bundle(world: &World, args: &[&str]) -> (PathBuf, Daemon, Vec<u8>) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.without_compression();
    let bundle = stored([("index.html", &b"<!doctype html>"[..]), ("film.bin", &vec![7; SIZE])]);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.write(&format!("{APP}/1.0.1/bundle.zip"), &bundle);
    let tip = team.publish("A large one");
    let daemon = Daemon::start(world, &repo, args);
    daemon.wait_for_commit(&tip);
    (repo, daemon, bundle)
}

/// A download that has begun.
fn download(daemon: &Daemon) -> Wire {
    let url = daemon.check(APP, "builtin")["url"].as_str().expect("a url").to_owned();
    let mut reader = Wire::to(daemon.address());
    reader.send(format!("GET {url} HTTP/1.1\r\nHost: a\r\n\r\n"));
    let start = reader.take(12);
    assert_eq!(start, b"HTTP/1.1 200");
    reader
}

/// A connection that got one answer and stays open.
fn idle(daemon: &Daemon) -> Wire {
    let mut idle = Wire::to(daemon.address());
    idle.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").take(12);
    idle
}

fn wait_until_refused(daemon: &Daemon) {
    let until = Instant::now() + Duration::from_secs(30);
    while !TcpStream::connect(daemon.address()).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused) {
        assert!(Instant::now() < until, "connections are still taken");
        thread::sleep(Duration::from_millis(10));
    }
}

fn says(text: &str) -> impl Fn(&Value) -> bool {
    move |line| line["message"].as_str().is_some_and(|message| message.starts_with(text))
}

fn finishes_what_it_began(signal: &str) {
    let world = World::new();
    let (repo, daemon, bundle) = serving_a_large_bundle(&world, &[]);
    let (mut reader, mut idle) = (download(&daemon), idle(&daemon));
    let address = daemon.address();

    daemon.signal(signal);
    daemon.wait_for_line("the stop", says("stopping"));
    wait_until_refused(&daemon);
    assert!(idle.rest().ends_with(b"{\"status\":\"ok\"}"), "an idle connection is closed");
    let mut received = Vec::new();
    while received.len() < SIZE / 4 {
        received.extend(reader.take(64 * 1024));
    }
    received.extend(reader.rest());
    assert!(received.ends_with(&bundle), "the download is whole");
    assert_eq!(daemon.end(), Some(0));

    let mut next = world.command(pushlive());
    next.arg("serve").arg(&repo);
    let next = Daemon::spawn_on(&address.to_string(), next);
    next.wait_for_line("the table", |line| line["message"] == "published");
    assert_eq!((next.address(), &next.check(APP, "builtin")["version"]), (address, &Value::from("1.0.1")));
}

#[test]
fn a_terminated_daemon_finishes_what_it_began() {
    finishes_what_it_began("TERM");
}

#[test]
fn an_interrupted_daemon_finishes_what_it_began() {
    finishes_what_it_began("INT");
}

#[test]
fn a_reader_that_never_ends_is_cut_and_counted() {
    let world = World::new();
    let (_, daemon, bundle) = serving_a_large_bundle(&world, &["--shutdown-grace", "300ms"]);
    let mut reader = download(&daemon);
    daemon.signal("TERM");
    daemon.wait_for_line("the cut", |line| line["level"] == "WARN" && line["cut"] == 1);
    assert_eq!(daemon.end(), Some(0));
    assert!(reader.rest().len() < bundle.len(), "it did not get all");
}

#[test]
fn a_stop_while_nothing_goes_on_is_immediate() {
    let world = World::new();
    let (_team, daemon) = world.with_app(APP);
    let (silent, mut idle) = (Wire::to(daemon.address()), idle(&daemon));
    let started = Instant::now();
    daemon.signal("TERM");
    assert_eq!(daemon.end(), Some(0));
    // The grace is thirty seconds, and nobody may use it up by doing nothing.
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    idle.rest();
    drop(silent);
}

#[test]
fn a_standard_output_that_nobody_reads_is_no_reason_to_stop() {
    let world = World::new();
    let repository = world.init("releases.git");
    for (name, at) in [("serve", repository), ("demo", world.path("demo"))] {
        let mut command = world.command("sh");
        // no reader is left by the time that it writes
        let script = "mkfifo \"$1.out\"; : < \"$1.out\" & exec 3> \"$1.out\"; wait; exec \"$0\" \"$@\" >&3";
        command.args(["-c", script, pushlive(), name]).arg(&at);
        let daemon = Daemon::spawn(command);
        daemon.wait_for_line("its table", |line| line["message"] == "published");
        assert!(daemon.log().iter().any(|line| line.contains("the standard output takes no words")), "{name}");
        assert_eq!(daemon.request("GET", "/livez", &[], b"").status, 200, "{name}");
        daemon.signal("TERM");
        assert_eq!(daemon.end(), Some(0), "{name}");
    }
}

#[test]
fn a_stop_is_heeded_while_bundles_are_read() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.without_compression();
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.write(&format!("{APP}/1.0.1/bundle.zip"), stored([("index.html", &b"x"[..]), ("film.bin", &vec![7; SIZE])]));
    let tip = team.publish("A large one");
    let daemon = Daemon::start(&world, &repo, &[]);
    daemon.signal("TERM");
    assert_eq!(daemon.end(), Some(0));
    let next = Daemon::start(&world, &repo, &[]);
    next.wait_for_commit(&tip);
}
