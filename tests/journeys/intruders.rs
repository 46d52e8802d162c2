//! Clients that do not behave, against the real binary: each gets a clear refusal or a closed connection, and nobody else
//! waits for it. What takes many seconds by design, like the limit of a slow head, is only begun here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{Daemon, Reply, Team, Wire, World, request, stored, web_app};

const APP: &str = "com.example.app";

/// A daemon with one release of a few bytes, or of more than sockets hold.
fn serving<'w>(world: &'w World, bundle: &[u8]) -> (Team<'w>, Daemon) {
    let (team, daemon) = world.with_app(APP);
    team.without_compression();
    team.write(&format!("{APP}/1.0.1/bundle.zip"), bundle);
    daemon.wait_for_commit(&team.publish("Release 1.0.1"));
    (team, daemon)
}

/// Runs something while another client asks for updates all the time, and is always answered at once.
fn while_others_are_served(daemon: &Daemon, intrude: impl FnOnce()) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = scope.spawn(|| {
            let (mut count, mut slowest) = (0, Duration::ZERO);
            while count < 5 || !is_over.load(Ordering::Relaxed) {
                let started = Instant::now();
                assert_eq!(daemon.check(APP, "builtin")["version"], "1.0.1");
                slowest = slowest.max(started.elapsed());
                count += 1;
            }
            slowest
        });
        // Also where the intruder's own part fails: the scope waits for the others.
        let intruded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(intrude));
        is_over.store(true, Ordering::Relaxed);
        let slowest = others.join().expect("the others are served");
        // The shortest limit of a slow client is ten seconds: nobody waited for one.
        assert!(slowest < Duration::from_secs(5), "a check took {slowest:?}");
        intruded.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// A refusal as programs and people can read it.
fn assert_refused(reply: &Reply, status: u16, code: &str, what: &str) {
    let body = String::from_utf8_lossy(&reply.body);
    assert_eq!(reply.status, status, "{what}: {body}");
    let body = reply.json();
    assert_eq!(body["error"], code, "{what}");
    assert!(body["message"].as_str().is_some_and(|message| message.len() > 10), "{what}: {body}");
    assert_eq!(reply.header("content-type"), Some("application/json"), "{what}");
}

fn post(daemon: &Daemon, path: &str, body: &[u8]) -> Reply {
    daemon.request("POST", path, &["Content-Type: application/json"], body)
}

#[test]
fn bodies_that_are_no_check_are_refused_with_a_sentence() {
    let world = World::new();
    let (_team, daemon) = serving(&world, &web_app("1.0.1"));
    let deep = [vec![b'['; 60_000], vec![b']'; 60_000]].concat();
    while_others_are_served(&daemon, || {
        for (body, code) in [
            (&b"{"[..], "invalid_json_parse_body"),
            (b"", "invalid_json_parse_body"),
            (b"app_id=com.example.app", "invalid_json_parse_body"),
            (b"{\"app_id\":\"\xff\"}", "invalid_json_parse_body"),
            (b"{} {}", "invalid_json_parse_body"),
            (b"\0", "invalid_json_parse_body"),
            (b"[]", "invalid_json_body"),
            (b"null", "invalid_json_body"),
            (b"17", "invalid_json_body"),
            (b"{}", "missing_app_id"),
            (br#"{"app_id":7,"device_id":"a"}"#, "missing_app_id"),
            (br#"{"app_id":null,"device_id":"a"}"#, "missing_app_id"),
            (br#"{"app_id":"com.example.app"}"#, "missing_device_id"),
            (br#"{"app_id":"com.example.app","device_id":["a"]}"#, "missing_device_id"),
        ] {
            let what = String::from_utf8_lossy(body).into_owned();
            assert_refused(&post(&daemon, "/updates", body), 400, code, &what);
        }
        for path in ["/updates", "/stats"] {
            assert_eq!(post(&daemon, path, &deep[..60_000]).status, 400, "{path}: only opened");
        }
        assert!(post(&daemon, "/stats", b"{").status == 400);
    });
    // What has a wrong type and is not needed counts as absent.
    let odd = json!({ "platform": ["ios"], "is_prod": "yes", "version_build": 1.0, "custom_id": {} });
    assert!(daemon.check_with(APP, odd)["error"].is_string());
}

#[test]
fn bodies_over_the_limit_are_refused() {
    let world = World::new();
    let (_team, daemon) = serving(&world, &web_app("1.0.1"));
    let padded =
        |size: usize| [br#"{"app_id":"a","device_id":"b","x":""#.to_vec(), vec![b'x'; size], b"\"}".to_vec()].concat();
    let chunked = |size: usize| {
        let head = b"POST /updates HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        [head.to_vec(), format!("{size:x}\r\n").into_bytes(), vec![b' '; size], b"\r\n0\r\n\r\n".to_vec()].concat()
    };
    while_others_are_served(&daemon, || {
        assert_refused(&post(&daemon, "/updates", &padded(65 << 10)), 413, "body_too_large", "65 KiB");
        assert_refused(&post(&daemon, "/stats", &padded((1 << 20) + 1)), 413, "body_too_large", "1 MiB of events");
        assert_eq!(post(&daemon, "/updates", &padded(60 << 10)).status, 200);
        assert_eq!(post(&daemon, "/stats", &padded(1000 << 10)).status, 200);
        let by_chunks = Wire::to(daemon.address()).send(chunked(65 << 10)).answer().expect("an answer");
        assert_refused(&by_chunks, 413, "body_too_large", "65 KiB in a chunk");
        // One that says so is not read at all.
        let said = "POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n";
        let said = Wire::to(daemon.address()).send(said).answer().expect("an answer");
        assert_refused(&said, 413, "body_too_large", "a hundred gigabytes");
    });
}

#[test]
fn there_is_nothing_elsewhere() {
    let world = World::new();
    let (_team, daemon) = serving(&world, &web_app("1.0.1"));
    let bundle = format!("/bundles/{APP}/1.0.1/{}.zip", "0".repeat(64));
    while_others_are_served(&daemon, || {
        for path in [
            "/admin",
            "/updates/../updates",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/bundles/../../../../etc/passwd",
            "/bundles/com.example.app/1.0.1/..%2f..%2fx.zip",
            "//",
            "/updates\\",
            "/.git/config",
            &bundle,
            &format!("/{}", "a".repeat(8000)),
        ] {
            let reply = daemon.request("GET", path, &[], b"");
            // Slashes at the end change nothing.
            if path != "//" {
                assert_refused(&reply, 404, "not_found", path);
            }
        }
        for (method, path) in [
            ("PUT", "/updates"),
            ("DELETE", "/stats"),
            ("POST", "/livez"),
            ("TRACE", "/updates"),
            ("PATCH", bundle.as_str()),
            ("BREW", "/readyz"),
        ] {
            let reply = daemon.request(method, path, &[], b"");
            assert_refused(&reply, 405, "method_not_allowed", &format!("{method} {path}"));
            assert!(reply.header("allow").is_some_and(|allow| allow.contains("OPTIONS")));
        }
        assert_eq!(daemon.request("CONNECT", "example.com:443", &[], b"").status / 100, 4);
    });
}

#[test]
fn absurd_ranges_get_the_file_or_a_refusal() {
    let world = World::new();
    let bundle = web_app("1.0.1");
    let (_team, daemon) = serving(&world, &bundle);
    let url = daemon.check(APP, "builtin")["url"].as_str().expect("a url").to_owned();
    let get = |range: &str| request(daemon.address(), "GET", &url, &[&format!("Range: {range}")], b"");
    let many = format!("bytes={}", vec!["0-0"; 1000].join(","));
    while_others_are_served(&daemon, || {
        for nonsense in ["bytes", "bytes=", "bytes=x-y", "bytes=5-2", "lines=0-1", "bytes=-", "bytes=0-1,4-5", &many] {
            let reply = get(nonsense);
            assert_eq!((reply.status, reply.body == bundle), (200, true), "{nonsense}");
        }
        for whole in ["bytes=0-99999999999999999999999999", "bytes=-99999999999999999999999999", "bytes=0-"] {
            let reply = get(whole);
            assert!([200, 206].contains(&reply.status) && reply.body == bundle, "{whole}: {}", reply.status);
        }
        for past in ["bytes=99999999-", "bytes=18446744073709551615-", "bytes=99999999999999999999999999-"] {
            let reply = get(past);
            assert!([200, 416].contains(&reply.status), "{past}: {}", reply.status);
        }
        assert_refused(&get("bytes=99999999-"), 416, "range_not_satisfiable", "past the end");
    });
}

#[test]
fn heads_that_are_none_are_refused_or_closed() {
    let world = World::new();
    let (_team, daemon) = serving(&world, &web_app("1.0.1"));
    let flood: String = (0..500).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "y".repeat(40 << 10));
    let check = r#"{"app_id":"a","device_id":"b"}"#;
    let length = check.len();
    let both =
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n");
    let heads = [
        ("garbage", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n".to_owned()),
        ("zeros", "\0".repeat(100)),
        ("HTTP/0.9", "GET /livez\r\n\r\n".to_owned()),
        ("HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("another protocol", "HELO example.com\r\n\r\n".to_owned()),
        ("an unknown version", "GET /livez HTTP/1.7\r\nHost: a\r\n\r\n".to_owned()),
        ("no host", "GET /livez HTTP/1.1\r\n\r\n".to_owned()),
        ("two hosts", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned()),
        ("a host with a path", "GET /livez HTTP/1.1\r\nHost: a/b\r\n\r\n".to_owned()),
        ("a host with a quote", "POST /updates HTTP/1.1\r\nHost: a\"b\r\n\r\n".to_owned()),
        ("a host with a space", "GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned()),
        ("a host with an absurd port", "GET /livez HTTP/1.1\r\nHost: a:99999\r\n\r\n".to_owned()),
        ("a header without a colon", "GET /livez HTTP/1.1\r\nHost: a\r\nodd\r\n\r\n".to_owned()),
        ("a header with a space in its name", "GET /livez HTTP/1.1\r\nHost: a\r\no d: 1\r\n\r\n".to_owned()),
        ("a NUL in a header", "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n".to_owned()),
        ("a folded header", "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n".to_owned()),
        ("a flood of headers", format!("GET /livez HTTP/1.1\r\nHost: a\r\n{flood}\r\n")),
        ("a long header", format!("GET /livez HTTP/1.1\r\nHost: a\r\n{long}\r\n")),
        ("a long path", format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(70 << 10))),
        (
            "two lengths",
            format!(
                "POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nContent-Length: 3\r\n\r\n{check}"
            ),
        ),
        ("a negative length", format!("POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{check}")),
        (
            "a length with a sign",
            format!("POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: +{length}\r\n\r\n{check}"),
        ),
        ("a length and chunks", format!("POST /updates HTTP/1.1\r\nHost: a\r\n{both}")),
        (
            "chunks that are not last",
            format!("POST /updates HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n{check}"),
        ),
        (
            "chunks in disguise",
            "POST /updates HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "a chunk of no size",
            "POST /updates HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n".to_owned(),
        ),
        (
            "a chunk of every size",
            "POST /updates HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n".to_owned(),
        ),
        ("a body that ends early", "POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{".to_owned()),
    ];
    while_others_are_served(&daemon, || {
        for (what, head) in &heads {
            let mut wire = Wire::to(daemon.address());
            let bytes = wire.send(head).close_half().rest();
            let text = String::from_utf8_lossy(&bytes);
            let is_refused = text.starts_with("HTTP/1.1 4") || text.starts_with("HTTP/1.0 4");
            assert!(bytes.is_empty() || is_refused, "{what}: {text}");
            assert_eq!(text.matches("HTTP/1.").count(), usize::from(is_refused), "{what}: one answer at most: {text}");
        }
    });
}

/// Bytes above 127 are no reason to refuse what does not matter, and no way into an answer.
#[test]
fn odd_bytes_in_headers_harm_nothing() {
    let world = World::new();
    let (_team, daemon) = serving(&world, &web_app("1.0.1"));
    let mut head = b"GET /updates HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: ".to_vec();
    head.extend((0x80..=0xff).chain([b'\t', b'"', b'\\']));
    head.extend(b"\r\ncap_app_id: com.example.\xfe\xff\r\ncap_device_id: \xc3\x28\r\ncap_version_name: \"}{\r\n\r\n");
    let reply = Wire::to(daemon.address()).send(head).answer().expect("an answer");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["error"], "app_not_found");
}

/// Five hundred connections on which nothing more comes: silent ones, halves of heads and of bodies, idle ones, and
/// downloads that nobody reads.
#[test]
fn who_holds_connections_open_holds_up_nobody() {
    let world = World::new();
    let large = stored([("index.html", &b"<!doctype html>"[..]), ("film.bin", &vec![7; 16 << 20])]);
    let (team, daemon) = serving(&world, &large);
    let url = daemon.check(APP, "builtin")["url"].as_str().expect("a url").to_owned();
    let begun = [
        String::new(),
        "POST /upd".to_owned(),
        "POST /updates HTTP/1.1\r\nHost: a\r\nContent-Le".to_owned(),
        "POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{\"app_id\"".to_owned(),
        "POST /stats HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[".to_owned(),
        "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        format!("GET {url} HTTP/1.1\r\nHost: a\r\n\r\n"),
    ];
    let mut held = Vec::new();
    while_others_are_served(&daemon, || {
        for number in 0..500 {
            let mut wire = Wire::to(daemon.address());
            wire.send(&begun[number % begun.len()]);
            held.push(wire);
        }
    });
    while_others_are_served(&daemon, || {
        // A push goes through as well.
        team.add_release(APP, "0.9.0");
        daemon.wait_for_commit(&team.publish("Another"));
    });
    assert_eq!(held.len(), 500);
    let unread = daemon.unread_lines().into_iter().filter(|line| line["level"] != "INFO").collect::<Vec<_>>();
    assert!(unread.is_empty(), "{unread:?}");
}
