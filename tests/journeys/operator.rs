//! Who runs the daemon asks it what it serves: on this machine, or with a token, and never by way of a web page.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::world::{Daemon, Reply, Team, World, pushlive, request, take_guard_off};

const APP: &str = "com.example.app";
const ROUTES: [(&str, &str); 5] = [
    ("GET", "/api/table"),
    ("GET", "/api/apps/com.example.app"),
    ("GET", "/api/problems"),
    ("POST", "/hooks/push"),
    ("POST", "/hooks/coming"),
];

/// Two apps, one release, one mistake, and a daemon.
pub fn served<'w>(world: &'w World, args: &[&str]) -> (PathBuf, Team<'w>, Daemon) {
    let repo = world.init("releases.git");
    take_guard_off(&repo);
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n[apps.\"org.example.other\"]\n"));
    team.add_release(APP, "1.0.1");
    team.add_release("org.example.other", "v1.0.0");
    let tip = team.publish("Begin");
    let daemon = Daemon::start_for_operators(world, &repo, args);
    daemon.wait_for_commit(&tip);
    (repo, team, daemon)
}

pub fn get(at: SocketAddr, path: &str) -> Reply {
    request(at, "GET", path, &[], b"")
}

fn assert_refused(reply: &Reply, status: u16, code: &str, what: &str) {
    let body = String::from_utf8_lossy(&reply.body);
    assert_eq!((reply.status, &reply.json()["error"]), (status, &json!(code)), "{what}: {body}");
    assert!(reply.json()["message"].as_str().is_some_and(|message| message.len() > 10), "{what}: {body}");
    assert_eq!(reply.header("access-control-allow-origin"), None, "{what}: no web page reads this");
}

#[test]
fn the_table_its_apps_and_its_problems() {
    let world = World::new();
    let (_repo, team, daemon) = served(&world, &[]);
    let reply = get(daemon.operator(), "/api/table");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert_eq!((reply.header("cache-control"), reply.header("access-control-allow-origin")), (Some("no-store"), None));
    let table = reply.json();
    let head = json!(team.head());
    assert_eq!((&table["commit"], &table["tip"]), (&head, &head));
    assert_eq!(table["table"], daemon.check_by(&[], APP, json!({})).header("x-release-table").expect("a digest"));
    assert_eq!(table["daemon"]["repository"], json!({ "readable": true }));
    let time = |key: &str| table["daemon"][key].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    assert!(time("published").expect("a time") >= time("since").expect("a time"), "{table}");
    assert_eq!(table["apps"][0]["channels"][0]["releases"][0]["version"], "1.0.1");
    assert_eq!(table["apps"].as_array().expect("apps").len(), 2);
    assert_eq!(table["problems"][0]["app"], "org.example.other");

    let app = get(daemon.operator(), "/api/apps/com.example.app/").json();
    assert_eq!((&app["commit"], &app["table"], &app["problems"]), (&head, &table["table"], &json!([])));
    assert_eq!((&app["id"], &app["channels"]), (&json!(APP), &table["apps"][0]["channels"]));
    let other = get(daemon.operator(), "/api/apps/org.example.other").json();
    assert_eq!(other["problems"], table["problems"]);
    assert_refused(&get(daemon.operator(), "/api/apps/org.unknown"), 404, "app_not_found", "an app that is none");

    let problems = get(daemon.operator(), "/api/problems").json();
    let check = world.run(pushlive(), ["check", "releases.git", "--json"]).stdout();
    let check: Value = serde_json::from_str(&check).expect("JSON");
    assert_eq!(problems["problems"], check["problems"]);
    assert_eq!((&problems["commit"], &problems["tip"]), (&check["commit"], &head));

    team.write(
        "releases.toml",
        format!("[apps.\"{APP}\"]\n[apps.\"org.example.other\"]\n[apps.\"org.broken\"]\nfoo = 1\n"),
    );
    daemon.wait_for_tip(&team.publish("An app that was never right"));
    let broken = get(daemon.operator(), "/api/apps/org.broken").json();
    assert_eq!((&broken["id"], &broken["channels"]), (&json!("org.broken"), &json!([])));
    assert!(
        broken["problems"].as_array().is_some_and(|all| all.iter().any(|one| one["rule"] == "unknown-key")),
        "{broken}"
    );
}

#[test]
fn a_moved_release_tag_is_a_problem_until_it_is_moved_back() {
    let world = World::new();
    let repo = world.init_without_hooks("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.add_release(APP, "1.0.1");
    let first = team.publish("Begin");
    let tag = format!("{APP}/production/1.0.1");
    let in_repo = |args: &[&str]| world.run("git", [&["-C", "releases.git"], args].concat()).success();
    in_repo(&["tag", &tag, &first]);
    let second = team.publish("Notes");
    let start = || {
        let daemon = Daemon::start_for_operators(&world, &repo, &["--poll", "100ms"]);
        daemon.wait_for_line("its first look", |line| line["message"] == "published");
        daemon
    };
    let is_told = |daemon: &Daemon, old: &str, new: &str| {
        let log = daemon.log().join("\n");
        let line = log.lines().find(|line| line.contains("a release tag was moved to another commit"));
        let line = line.unwrap_or_else(|| panic!("no move in {log}"));
        assert!(line.contains(old) && line.contains(new), "{line}");
    };
    let problems = |daemon: &Daemon| get(daemon.operator(), "/api/problems").json()["problems"].clone();
    let published = |daemon: &Daemon| drop(daemon.wait_for_line("a table", |line| line["message"] == "published"));
    let daemon = start();
    assert_eq!(problems(&daemon), json!([]));
    in_repo(&["tag", "--force", &tag, &second]);
    published(&daemon);
    is_told(&daemon, &first, &second);
    let told = problems(&daemon);
    let [rule, severity, of] = ["rule", "severity", "tag"].map(|key| told[0][key].clone());
    assert_eq!((rule, severity, of), (json!("tag-moved"), json!("warning"), json!(tag)));
    let message = told[0]["message"].as_str().expect("a message");
    assert!(message.contains(&first[..10]) && message.contains(&second[..10]), "{message}");
    assert_eq!(get(daemon.operator(), &format!("/api/apps/{APP}")).json()["problems"], told);
    in_repo(&["tag", "--force", &tag, &first]);
    published(&daemon);
    assert_eq!(problems(&daemon), json!([]), "it is back where it was");
    daemon.kill();

    in_repo(&["tag", "--force", &tag, &second]);
    team.git(&["commit", "--quiet", "--amend", "--allow-empty", "--message", "Another end"]).success();
    team.git(&["push", "--quiet", "--force", "origin", "HEAD:main"]).success();
    let daemon = start();
    is_told(&daemon, &first, &second);
    assert_eq!(problems(&daemon)[0]["rule"], "tag-moved");
    let log = daemon.log().join("\n");
    assert!(log.contains("the branch was rewritten") && log.contains(&second), "{log}");
    in_repo(&["tag", "--delete", &tag]);
    published(&daemon);
    assert_eq!(problems(&daemon), json!([]), "one that is gone is nowhere");
}

/// A repository of one app with a short tag on its first commit, and a second commit.
fn tagged(world: &World) -> (std::path::PathBuf, [String; 2]) {
    let repo = world.init_without_hooks("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\".channels.production]\ntags = true\n"));
    team.add_release(APP, "1.0.1");
    let first = team.publish("Begin");
    let second = team.publish("Notes");
    world.run("git", ["-C", "releases.git", "tag", "production/1.0.1", &first]).success();
    (repo, [first, second])
}

/// What two daemons say, started and ended one after the other: the problems of both, with their logs.
fn of_two_daemons(world: &World, repo: &std::path::Path) -> [(Value, String); 2] {
    [(); 2].map(|()| {
        let daemon = Daemon::start_for_operators(world, repo, &[]);
        daemon.wait_for_line("its first look", |line| line["message"] == "published");
        let told = get(daemon.operator(), &format!("/api/apps/{APP}")).json()["problems"].clone();
        let log = daemon.log().join("\n");
        daemon.kill();
        (told, log)
    })
}

#[test]
fn a_move_is_told_by_every_daemon_that_comes_until_it_is_taken_back_also_of_a_short_tag() {
    let world = World::new();
    let (repo, [first, second]) = tagged(&world);
    let tag = |at: &str| drop(world.run("git", ["-C", "releases.git", "tag", "-f", "production/1.0.1", at]).success());
    for (told, _) in of_two_daemons(&world, &repo) {
        assert_eq!(told, json!([]));
    }
    tag(&second);
    let [one, other] = of_two_daemons(&world, &repo);
    assert!(one.1.contains("a release tag was moved to another commit"), "{}", one.1);
    assert!(!other.1.contains("a release tag was moved"), "it was said: {}", other.1);
    let message = one.0[0]["message"].as_str().expect("a message");
    assert!(message.contains(&first[..10]) && message.contains(&second[..10]), "{message}");
    assert_eq!((&one.0[0]["rule"], &one.0[0]["app"]), (&json!("tag-moved"), &json!(APP)));
    assert_eq!(other.0, one.0);
    tag(&first);
    for (told, _) in of_two_daemons(&world, &repo) {
        assert_eq!(told, json!([]), "it is back where it was");
    }
    tag(&second);
    of_two_daemons(&world, &repo);
    world.run("git", ["-C", "releases.git", "tag", "--delete", "production/1.0.1"]).success();
    of_two_daemons(&world, &repo);
    tag(&second);
    for (told, _) in of_two_daemons(&world, &repo) {
        assert_eq!(told, json!([]), "it is another one");
    }
}

#[test]
fn where_the_journal_lacks_lines_no_tag_is_said_to_be_moved() {
    let world = World::new();
    let (repo, [_, second]) = tagged(&world);
    of_two_daemons(&world, &repo);
    world.run("git", ["-C", "releases.git", "tag", "--delete", "production/1.0.1"]).success();
    of_two_daemons(&world, &repo);
    let journal = repo.join("pushlive/journal");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let (all, deleted) = text.trim_end().rsplit_once('\n').expect("several lines");
    assert!(deleted.contains("is taken back"), "{deleted}");
    std::fs::write(&journal, format!("{all}\n{}\n", &deleted[..30])).expect("a journal");
    world.run("git", ["-C", "releases.git", "tag", "production/1.0.1", &second]).success();
    for (told, log) in of_two_daemons(&world, &repo) {
        assert_eq!(told, json!([]));
        assert!(!log.contains("a release tag was moved"), "{log}");
    }
}

#[test]
fn what_is_told_follows_each_push_and_outlives_the_repository() {
    let world = World::new();
    let repo = world.init("releases.git");
    let data = world.path("data");
    let args = ["--poll", "100ms", "--data", data.to_str().expect("a path")];
    let daemon = Daemon::start_for_operators(&world, &repo, &args);
    daemon.wait_for_line("its first look", |line| line["message"] == "published");
    let table = || get(daemon.operator(), "/api/table").json();
    assert_eq!((&table()["commit"], &table()["apps"]), (&Value::Null, &json!([])));
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    let tip = team.publish("Begin");
    daemon.wait_for_commit(&tip);
    assert_eq!(table()["commit"], tip);
    world.run("git", ["-C", "releases.git", "update-ref", "-d", "refs/heads/main"]).success();
    daemon.wait_for_tip("none");
    let kept = table();
    assert_eq!(
        (&kept["commit"], &kept["tip"], &kept["problems"][0]["rule"]),
        (&json!(tip), &Value::Null, &json!("no-branch"))
    );
    assert_eq!(kept["committed"], "2026-01-02T03:04:05Z");
    std::fs::rename(&repo, world.path("away.git")).expect("moved away");
    daemon.wait_for_line("the complaint", |line| line["level"] == "ERROR" && line["reason"].is_string());
    let kept = table();
    assert_eq!((&kept["commit"], &kept["daemon"]["repository"]["readable"]), (&json!(tip), &json!(false)));
    assert!(kept["daemon"]["repository"]["error"].is_string(), "{kept}");
}

#[test]
fn before_anything_was_read_nothing_is_told() {
    let world = World::new();
    let repo = world.init("releases.git");
    std::fs::write(repo.join("packed-refs"), "what is this\n").expect("a file that cannot be read");
    let daemon = Daemon::start_for_operators(&world, &repo, &[]);
    daemon.wait_for_line("the complaint", |line| line["level"] == "ERROR");
    assert_refused(&get(daemon.operator(), "/api/table"), 503, "not_ready", "nothing was ever read");
}

#[test]
fn a_token_that_is_set_is_asked_for_on_loopback_too() {
    let world = World::new();
    let (_repo, _team, daemon) = served(&world, &["--operator-token", "s3cret"]);
    for (method, path) in ROUTES.iter().chain(&[("GET", "/"), ("GET", "/nothing")]) {
        let ask = |headers: &[&str]| request(daemon.operator(), method, path, headers, b"");
        let missing = ask(&[]);
        assert_refused(&missing, 401, "unauthorized", path);
        assert_eq!(missing.header("www-authenticate"), Some("Bearer realm=\"pushlive\""));
        for wrong in ["Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret"] {
            assert_refused(&ask(&[&format!("Authorization: {wrong}")]), 401, "unauthorized", wrong);
        }
        let right = ask(&["Authorization: Bearer s3cret", "Host: ops.example.com"]);
        // the explanation lacks a device
        assert!([200, 202, 400, 404].contains(&right.status), "{path}: {}", right.status);
    }
    assert!(!daemon.log().join("\n").contains("s3cret"), "a secret stays one");
}

#[test]
fn strangers_that_were_refused_or_say_nothing_do_not_keep_an_operator_out() {
    let world = World::new();
    let (_repo, _team, daemon) = served(&world, &["--operator-token", "s3cret"]);
    let stranger = |_| {
        let mut wire = crate::world::Wire::to(daemon.operator());
        wire.send("GET /api/problems HTTP/1.1\r\nHost: localhost\r\n\r\n");
        wire
    };
    let mut refused: Vec<_> = (0..40).map(stranger).collect();
    let silent: Vec<_> = (0..40).map(|_| crate::world::Wire::to(daemon.operator())).collect();
    let right = request(daemon.operator(), "GET", "/api/problems", &["Authorization: Bearer s3cret"], b"");
    assert_eq!(right.status, 200);
    for wire in &mut refused {
        assert_eq!(wire.answer().expect("an answer, and the end").status, 401);
    }
    drop(silent);
}

#[test]
fn who_says_nothing_to_the_operator_s_listener_is_let_go_sooner_than_a_phone() {
    let world = World::new();
    let daemon = Daemon::start_for_operators(&world, &world.init("releases.git"), &[]);
    let phone = crate::world::Wire::to(daemon.address());
    let mut begun = crate::world::Wire::to(daemon.operator());
    begun.send("GET /api/ta");
    let mut silent = crate::world::Wire::to(daemon.operator());
    assert_eq!((silent.rest(), begun.rest()), (Vec::new(), Vec::new()), "closed without a word");
    assert!(phone.is_silent(), "which came first, and has longer");
}

#[test]
fn without_a_token_no_web_page_gets_anything() {
    let world = World::new();
    let (_repo, _team, daemon) = served(&world, &[]);
    for (method, path) in ROUTES {
        let ask = |headers: &[&str]| request(daemon.operator(), method, path, headers, b"");
        assert_refused(&ask(&["Host: rebound.example:8081"]), 403, "forbidden_host", path);
        for origin in ["http://evil.example", "http://localhost:3000", "null"] {
            assert_refused(&ask(&[&format!("Origin: {origin}")]), 403, "forbidden_origin", path);
        }
        let own = [format!("Host: {}", daemon.operator()), format!("Origin: http://{}", daemon.operator())];
        assert!([200, 202, 400].contains(&ask(&[&own[0], &own[1]]).status), "{path}");
    }
}

#[test]
fn what_is_not_there_and_methods_that_are_not() {
    let world = World::new();
    let (_repo, _team, daemon) = served(&world, &[]);
    for path in ["/", "/metrics", "/updates", "/readyz", "/api", "/api/apps/", "/bundles/a/b/c.zip"] {
        assert_refused(&get(daemon.operator(), path), 404, "not_found", path);
    }
    for (method, path) in ROUTES {
        let other = if method == "GET" { "POST" } else { "GET" };
        for method in [other, "OPTIONS", "DELETE"] {
            let reply = request(daemon.operator(), method, path, &[], b"");
            assert_refused(&reply, 405, "method_not_allowed", path);
            assert!(reply.header("allow").is_some(), "{path}");
        }
    }
    let large = request(daemon.operator(), "POST", "/hooks/push", &[], &vec![b'x'; 2_000_000]);
    assert_refused(&large, 413, "body_too_large", "a body that nobody reads");
    assert_eq!(daemon.request("GET", "/api/table", &[], b"").status, 404, "none of it is public");
}

#[test]
fn no_browser_guesses_what_an_answer_is() {
    let world = World::new();
    let (_repo, _team, daemon) = served(&world, &[]);
    let ask = |method: &str, path: &str, headers: &[&str], body: &[u8]| {
        let reply = request(daemon.operator(), method, path, headers, body);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
        reply.status
    };
    assert_eq!(ROUTES.map(|(method, path)| ask(method, path, &[], b"")), [200, 200, 200, 202, 202]);
    assert_eq!(ask("HEAD", "/api/table", &[], b""), 200);
    assert_eq!(ask("POST", "/api/explain", &[], br#"{"app_id":"com.example.app","platform":"ios"}"#), 200);
    assert_eq!(ask("POST", "/api/explain", &[], b"{"), 400);
    assert_eq!(ask("GET", "/api/table", &["Origin: http://evil.example"], b""), 403);
    assert_eq!(ask("GET", "/", &[], b""), 404);
    assert_eq!(ask("OPTIONS", "/api/table", &[], b""), 405);
    assert_eq!(ask("POST", "/hooks/push", &[], &vec![b'x'; 2_000_000]), 413);
    let closed = Daemon::start_for_operators(&world, &world.init("other.git"), &["--operator-token", "s3cret"]);
    let refused = request(closed.operator(), "GET", "/api/table", &[], b"");
    assert_eq!((refused.status, refused.header("x-content-type-options")), (401, Some("nosniff")));
}

#[test]
fn a_listener_that_others_reach_wants_a_token_and_a_taken_port_is_said() {
    let world = World::new();
    let repo = world.init("releases.git");
    let serve = |args: &[&str]| {
        let fixed = ["serve", "releases.git", "--listen", "127.0.0.1:0"];
        let ran = world.run(pushlive(), fixed.iter().chain(args));
        assert_eq!(ran.code(), 2, "{args:?}");
        ran.stderr()
    };
    let open = serve(&["--operator-listen", "0.0.0.0:0"]);
    assert!(open.starts_with("error: `--operator-listen` is `0.0.0.0:0`, which others"), "{open}");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let said = serve(&["--operator-listen", &address]);
    assert!(said.starts_with(&format!("error: cannot listen for operators on {address}: ")), "{said}");
    assert!(said.contains("take another with --operator-listen"), "{said}");

    let mut command = world.command(pushlive());
    command.args(["serve", "releases.git", "--listen", "127.0.0.1:0"]);
    command.args(["--operator-listen", "0.0.0.0:0", "--operator-token", "s3cret"]);
    let daemon = Daemon::spawn_as_it_is(command);
    let port = daemon.operator().port();
    let told = std::fs::read_to_string(repo.join("pushlive/operator")).expect("its address");
    assert_eq!(told, format!("127.0.0.1:{port}\n"), "as it is reached from here");
    let reached = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(request(reached, "POST", "/hooks/push", &["Authorization: Bearer s3cret"], b"").status, 202);
    daemon.signal("TERM");
    assert_eq!(daemon.end(), Some(0));
    assert!(!repo.join("pushlive/operator").exists(), "nobody is sent there any more");
}

#[test]
fn a_data_directory_that_comes_anew_says_where_the_listener_is() {
    let world = World::new();
    let (repo, _team, daemon) = served(&world, &["--poll", "100ms"]);
    std::fs::rename(repo.join("pushlive"), world.path("gone")).expect("the data directory");
    daemon.wait_for_line("its return", |line| line["message"] == "published");
    let told = std::fs::read_to_string(repo.join("pushlive/operator")).expect("its address");
    assert_eq!(told, format!("{}\n", daemon.operator()));
}

#[test]
fn both_listeners_stop_together() {
    let world = World::new();
    let (_repo, _team, daemon) = served(&world, &[]);
    let mut idle = crate::world::Wire::to(daemon.operator());
    idle.send("GET /api/problems HTTP/1.1\r\nHost: localhost\r\n\r\n").take(12);
    let operator = daemon.operator();
    daemon.signal("TERM");
    assert_eq!(daemon.end(), Some(0));
    idle.rest();
    assert!(std::net::TcpStream::connect(operator).is_err());
}

#[test]
fn an_explanation_is_the_very_one_of_the_command() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    crate::explain::publish(&team);
    let url = ["--public-url", "https://updates.example.com"];
    let daemon = Daemon::start_for_operators(&world, &repo, &url);
    daemon.wait_for_commit(&team.head());
    let explain = |device: &Value| {
        let body = device.to_string();
        request(daemon.operator(), "POST", "/api/explain", &["Content-Type: application/json"], body.as_bytes())
    };
    for (more, flags) in [
        (json!({}), &[][..]),
        (json!({ "app_id": APP, "version_os": "17.4" }), &["--app", APP]),
        (json!({ "custom_id": "qa-1" }), &["--custom-id", "qa-1"]),
        (json!({ "defaultChannel": "nightly" }), &["--default-channel", "nightly"]),
        (json!({ "is_prod": false, "version_name": "1.1.0" }), &["--is-prod", "false", "--version-name", "1.1.0"]),
        (json!({ "app_id": "org.unknown" }), &["--app", "org.unknown"]),
        (json!({ "app_id": "" }), &["--app", ""]),
    ] {
        let mut device = json!({ "platform": "ios", "device_id": "5F0A1C2E-7B1D-4C55-9A31-0C6C1D2E3F40",
            "version_build": "1.0.0", "plugin_version": "8.43.0" });
        device.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        let reply = explain(&device);
        assert_eq!(reply.status, 200, "{device}");
        let time = reply.json()["time"].as_str().expect("a time").to_owned();
        let fixed = ["explain", "releases.git", "--json", "--platform", "ios", "--version-build", "1.0.0"];
        let id = ["--plugin-version", "8.43.0", "--device-id", "5F0A1C2E-7B1D-4C55-9A31-0C6C1D2E3F40", "--time", &time];
        let command = world.run(pushlive(), fixed.iter().chain(&id).chain(flags).chain(&url)).success();
        assert_eq!(command, format!("{}\n", String::from_utf8_lossy(&reply.body)), "{device}");
    }
    assert_refused(&explain(&json!([])), 400, "invalid_json_body", "no device");

    // what the deleted branch left is explained as it is served
    world.run("git", ["-C", "releases.git", "update-ref", "-d", "refs/heads/main"]).success();
    daemon.wait_for_tip("none");
    let told = explain(&json!({ "platform": "ios", "version_build": "1.0.0" })).json();
    assert_eq!(
        (&told["commit"], &told["channel"]["at"]),
        (&json!(team.head()), &json!({ "file": "releases.toml", "line": 1 }))
    );
}

#[test]
fn a_slash_at_the_end_of_a_url_changes_no_explanation_of_either() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    let tip = team.publish("Begin");
    let with_and_without = [
        ["--public-url", "https://updates.example.com"],
        ["--public-url", "https://updates.example.com/"],
        ["--artefact-url", "https://cdn.example.com/live"],
        ["--artefact-url", "https://cdn.example.com/live//"],
    ];
    let told = with_and_without.map(|url| {
        let daemon = Daemon::start_for_operators(&world, &repo, &url);
        daemon.wait_for_commit(&tip);
        let device = br#"{"platform":"ios","version_build":"1.0.0"}"#;
        let reply = request(daemon.operator(), "POST", "/api/explain", &[], device);
        let (of_daemon, document) = (String::from_utf8_lossy(&reply.body).into_owned(), reply.json());
        let time = document["time"].as_str().expect("a time");
        let fixed = ["explain", "releases.git", "--json", "--platform", "ios", "--version-build", "1.0.0", "--time"];
        let of_command = world.run(pushlive(), fixed.iter().chain([&time]).chain(&url)).success();
        assert_eq!(of_command, format!("{of_daemon}\n"), "{url:?}");
        document["answer"]["url"].as_str().unwrap_or_else(|| panic!("no url in {document}")).to_owned()
    });
    assert_eq!((&told[0], &told[2]), (&told[1], &told[3]));
    assert!(told[0].starts_with("https://updates.example.com/bundles/"), "{}", told[0]);
    assert!(told[2].starts_with("https://cdn.example.com/live/bundles/"), "{}", told[2]);
}

#[test]
fn of_several_apps_one_has_to_be_named_and_without_a_table_nothing_is_explained() {
    let world = World::new();
    let (_repo, _team, daemon) = served(&world, &[]);
    let explain = |daemon: &Daemon| request(daemon.operator(), "POST", "/api/explain", &[], b"{\"platform\":\"ios\"}");
    let which = explain(&daemon);
    assert_refused(&which, 400, "missing_app_id", "which app?");
    assert!(which.json()["message"].as_str().is_some_and(|m| m.contains("com.example.app, org.example.other")));
    let empty = Daemon::start_for_operators(&world, &world.init("empty.git"), &[]);
    empty.wait_for_line("its first look", |line| line["message"] == "published");
    assert_refused(&explain(&empty), 503, "not_ready", "nothing is served");
}
