//! The release that README and the example make: one that devices get, and not only one that can be written.

use semver::{Version, VersionReq};
use serde_json::Value;

use super::{CODE, PAGE, built, team};
use crate::world::{Ran, World, pushlive};

const README: &str = include_str!("../../../README.md");
const EXAMPLE: &str = include_str!("../../../releases.example.toml");

#[test]
fn what_the_readme_packs_comes_to_devices() {
    let world = World::new();
    let team = team(&world);
    built(&world, "app/dist", &[("index.html", PAGE), ("assets/app.js", CODE)]);
    let (_, after) = README.split_once("## Making a release\n\n```sh\n").expect("its section");
    let (typed, _) = after.split_once("\n```").expect("its end");
    let bin = std::path::Path::new(pushlive()).parent().expect("its folder").to_str().expect("a path");
    let path = format!("{bin}:{}", std::env::var("PATH").expect("a path"));
    let mut command = world.command("sh");
    command.current_dir(team.folder()).env("PATH", path).args(["-c", typed]);
    Ran::of(command).success();
    team.publish("Release 1.4.2");

    let told = |native: &str, time: &str| {
        let device = ["--platform", "ios", "--plugin-version", "8.43.0", "--version-build", native];
        let explain = ["explain", "releases.git", "--json", "--time", time].into_iter().chain(device);
        let document: Value = serde_json::from_str(&world.run(pushlive(), explain).success()).expect("JSON");
        document["answer"].clone()
    };
    let all = "2026-12-03T00:00:00Z";
    assert_eq!(told("1.2.0", all)["version"], "1.4.2");
    assert!(told("1.2.0", all).get("error").is_none(), "{}", told("1.2.0", all));
    assert_eq!(told("1.2.0", "2026-12-01T07:00:00Z")["error"], "not_in_rollout");
    assert_eq!(told("1.1.0", all)["error"], "native_incompatible");
}

/// Devices on a higher native version are not offered it, so it must fit one that is no higher.
#[test]
fn what_a_descriptor_shows_fits_the_version_that_it_is_of() {
    let version = Version::new(1, 4, 2);
    for text in [README, EXAMPLE] {
        let line = text.lines().find(|line| line.contains("native = \"") && line.contains("ios = "));
        let line = line.expect("a descriptor with both forms");
        let required: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        assert_eq!(required.len(), 3, "{line}");
        for required in required {
            assert!(VersionReq::parse(required).expect("a requirement").matches(&version), "{line}");
        }
    }
}
