//! The protocol's test vectors: what a client of each era sends, and what it must be told, against the running binary.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Daemon, Reply, Team, World, web_app};

const VECTORS: &str = include_str!("../data/vectors.json");
const APP: &str = "com.example.app";

/// Cases of parts that do not exist yet: manifests and their sizes, what failed on a device, encrypted bundles.
const NOT_YET: [&str; 5] = ["U15", "U30", "U31", "U32", "U41"];

const SETTINGS: &str = r#"
[apps."com.example.app".channels]
production = { self_assign = true, below_native = true }
beta = { public = false, self_assign = true, below_native = true }
delta = { public = false, self_assign = true, below_native = true }
reset = { public = false, self_assign = true, pin = "builtin" }
alpha = { public = false }
"#;

#[test]
fn every_case_holds() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    let fixture = Fixture::new(&team);
    let daemon = Daemon::start(&world, &repo, &[]);
    daemon.wait_for_commit(&team.head());

    let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors");
    let mut ran = 0;
    let mut failed = Vec::new();
    for case in vectors["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("an id");
        // channels from the device come later
        if NOT_YET.contains(&id) || id.starts_with('C') {
            continue;
        }
        ran += 1;
        if let Err(why) = run(&daemon, &fixture, case) {
            failed.push(format!("{id} ({}): {why}", case["why"]));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(ran, 46, "as many cases as there are");
}

/// What the vectors' placeholders stand for.
struct Fixture {
    bundles: Vec<(&'static str, Vec<u8>)>,
}

impl Fixture {
    fn new(team: &Team<'_>) -> Fixture {
        team.write("releases.toml", SETTINGS);
        let releases = [("1.2.0", "production\", \"delta\", \"alpha"), ("1.3.0-beta.1", "beta")];
        let bundles = releases.map(|(version, channels)| {
            let bytes = web_app(version);
            team.write(&format!("{APP}/{version}/bundle.zip"), &bytes);
            team.write(&format!("{APP}/{version}/release.toml"), format!("channels = [\"{channels}\"]\n"));
            (version, bytes)
        });
        team.publish("The fixture of the vectors");
        Fixture { bundles: bundles.to_vec() }
    }

    fn bundle(&self, version: &str) -> &[u8] {
        let found = self.bundles.iter().find(|(name, _)| *name == version);
        found.map(|(_, bytes)| bytes.as_slice()).unwrap_or_else(|| panic!("no bundle {version}"))
    }

    /// The value of one placeholder, without its braces.
    fn value(&self, daemon: &Daemon, name: &str) -> String {
        let size = self.bundle("1.2.0").len();
        match name.split_once(':') {
            None if name == "size" => size.to_string(),
            None if name == "size-1" => (size - 1).to_string(),
            Some(("sha256", version)) => hex(&Sha256::digest(self.bundle(version))),
            Some(("crc32", version)) => format!("{:08x}", crc32fast::hash(self.bundle(version))),
            Some(("url", version)) => {
                let hash = hex(&Sha256::digest(self.bundle(version)));
                format!("http://{}/bundles/{APP}/{version}/{hash}.zip", daemon.address())
            }
            _ => panic!("an unknown placeholder: {name}"),
        }
    }

    /// A text with its placeholders replaced.
    fn fill(&self, daemon: &Daemon, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').expect("a closed placeholder");
            filled += before;
            filled += &self.value(daemon, name);
            rest = after;
        }
        filled + rest
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn run(daemon: &Daemon, fixture: &Fixture, case: &Value) -> Result<(), String> {
    let reply = send(daemon, fixture, &case["req"]);
    let expected = &case["exp"];
    same("status", &json!(reply.status), &expected["s"])?;
    if let Some(headers) = expected["h"].as_object() {
        headers_match(daemon, fixture, &reply, headers)?;
    }
    if let Some(body) = expected["body"].as_str() {
        let from = body.strip_prefix("${bytes:").and_then(|rest| rest.strip_suffix("-}"));
        let from: usize = from.and_then(|from| from.parse().ok()).expect("bytes from somewhere");
        if reply.body != fixture.bundle("1.2.0")[from..] {
            return Err("the body differs".to_owned());
        }
    }
    let body = if expected["j"].is_object() || expected["absent"].is_array() { reply.json() } else { Value::Null };
    for (name, value) in expected["j"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.clone(), |text| json!(fixture.fill(daemon, text)));
        same(name, &body[name], &value)?;
    }
    for name in expected["absent"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if let Some(value) = body.get(name) {
            return Err(format!("{name} is there: {value}"));
        }
    }
    if body.as_object().is_some_and(|members| members.values().any(Value::is_null)) {
        return Err(format!("a null in {body}"));
    }
    Ok(())
}

fn send(daemon: &Daemon, fixture: &Fixture, request: &Value) -> Reply {
    let path = fixture.fill(daemon, request["p"].as_str().expect("a path"));
    let base = format!("http://{}", daemon.address());
    let headers: Vec<String> = request["h"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}: {}", fixture.fill(daemon, value.as_str().expect("a header"))))
        .collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let body = match (request["raw"].as_str(), request.get("b")) {
        (Some(raw), _) => raw.to_owned(),
        (None, Some(body)) => body.to_string(),
        (None, None) => String::new(),
    };
    let method = request["m"].as_str().expect("a method");
    daemon.request(method, path.strip_prefix(&base).unwrap_or(&path), &headers, body.as_bytes())
}

fn headers_match(
    daemon: &Daemon,
    fixture: &Fixture,
    reply: &Reply,
    expected: &Map<String, Value>,
) -> Result<(), String> {
    for (name, value) in expected {
        let value = value.as_str().map(|text| fixture.fill(daemon, text));
        match (reply.header(name), value.as_deref()) {
            (Some(_), Some("*")) | (None, None) => {}
            (found, wanted) if found == wanted => {}
            (found, wanted) => return Err(format!("header {name}: {found:?}, expected {wanted:?}")),
        }
    }
    Ok(())
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found}, expected {expected}")) }
}
