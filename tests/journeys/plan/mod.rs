//! What a change would do to devices, asked before anybody makes it.

mod arguments;
mod changes;
mod clock;
mod headlines;
mod keeping;

use std::path::Path;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::world::{Daemon, Line, Ran, Team, World, phones, pushlive};

const APP: &str = "com.example.app";
const SETTINGS: &str = "[apps.\"com.example.app\".channels.production]\ntags = true\n\n\
                        [apps.\"com.example.app\".channels.beta]\n";
/// After every commit and tag of a world, which have a fixed date.
const NOW: &str = "2026-02-03T04:05:06Z";

/// A team whose production has 1.4.1, and whose branch has 1.4.2 as well, all pushed.
fn team(world: &World) -> Team<'_> {
    let team = world.team(&world.init("releases.git"));
    team.write("releases.toml", SETTINGS);
    release(&team, "1.4.1", "");
    team.publish("Release 1.4.1");
    team.tag("production/1.4.1", "HEAD");
    release(&team, "1.4.2", "");
    team.publish("Release 1.4.2");
    team
}

fn release(team: &Team<'_>, version: &str, descriptor: &str) {
    team.add_release(APP, version);
    if !descriptor.is_empty() {
        describe(team, version, descriptor);
    }
}

fn describe(team: &Team<'_>, version: &str, descriptor: &str) {
    team.write(&format!("{APP}/{version}/release.toml"), descriptor);
}

/// Plans in a folder, at the fixed time.
fn plan_in(world: &World, folder: &Path, args: &[&str]) -> Ran {
    let mut command = world.command(pushlive());
    command.current_dir(folder).args(["plan", "--time", NOW]).args(args);
    Ran::of(command)
}

/// What a plan in the team's clone says after its first line.
fn planned(world: &World, team: &Team<'_>, args: &[&str]) -> String {
    let said = plan_in(world, team.folder(), args).success();
    said.split_once("\n\n").expect("a first line").1.to_owned()
}

fn document(world: &World, team: &Team<'_>, args: &[&str]) -> Value {
    let document = plan_in(world, team.folder(), &[&["--json"], args].concat());
    serde_json::from_str(&document.stdout()).expect("JSON")
}

/// The rows of one platform, without what is the same in all of them.
fn rows(document: &Value, platform: &str) -> Vec<Value> {
    let rows = document["changes"].as_array().expect("changes").iter();
    rows.filter(|row| row["platform"] == platform).cloned().collect()
}

#[test]
fn a_share_of_the_devices_by_a_tag_that_is_not_there_yet() {
    let world = World::new();
    let team = team(&world);
    assert_data_eq!(
        plan_in(&world, team.folder(), &["--tag", "production/1.4.2@10%"]).success(),
        str![[r#"
plan of [..], with tag production/1.4.2@10%

production/1.4.2@10% opens 1.4.2 to 10% of production

production of com.example.app, all platforms
  native >=1.0.0, <1.4.3  10% of the devices get 1.4.2 instead of 1.4.1; native 1.4.2 got nothing before (tag production/1.4.2@10%)

"#]]
    );
    assert_eq!(team.git(&["tag", "--list", "production/1.4.2*"]).success(), "", "it was not made");
    // made and not pushed it is planned as it is, and in the repository itself it is not there
    team.git(&["tag", "--annotate", "--message", "Go", "production/1.4.2@10%"]).success();
    assert!(planned(&world, &team, &["--tag", "production/1.4.2@10%"]).contains("10% of the devices get 1.4.2"));
    let bare = plan_in(&world, &world.path("releases.git"), &["--tag", "production/1.4.2@10%"]).success();
    assert!(bare.contains("10% of the devices get 1.4.2 instead of 1.4.1"), "{bare}");
}

#[test]
fn devices_get_what_was_planned() {
    let world = World::new();
    let team = team(&world);
    let daemon = Daemon::start(&world, &world.path("releases.git"), &[]);
    daemon.wait_for_commit(&team.head());
    let mut fleet = phones(500);
    Line::to(daemon.address(), APP, "").update(&mut fleet);
    assert!(fleet.iter().all(|phone| phone.runs == "1.4.1"));
    for (tag, percent) in [("production/1.4.2@10%", 1000), ("production/1.4.2@30%", 3000)] {
        let plan = document(&world, &team, &["--tag", tag]);
        let row = rows(&plan, "ios").into_iter().find(|row| row["from"] == "1.4.1" && row["runs"] == Value::Null);
        let row = row.unwrap_or_else(|| panic!("{plan:#}"));
        let before = fleet.iter().filter(|phone| phone.runs == "1.4.2").count();
        team.tag(tag, "HEAD");
        daemon.wait_for_line("the tag", |line| line["message"] == "published");
        Line::to(daemon.address(), APP, "").update(&mut fleet);
        for phone in &fleet {
            let is_in = phone.position(APP, "production", "1.4.2") < percent;
            assert_eq!(phone.runs, if is_in { "1.4.2" } else { "1.4.1" }, "{phone:?}");
        }
        let more = fleet.iter().filter(|phone| phone.runs == "1.4.2").count() - before;
        let share = more as f64 / 5.0;
        let expected = row["percent"].as_f64().expect("a number");
        assert!((share - expected).abs() < 5.0, "{expected}% were planned, {share}% were moved");
        assert_eq!(row["to"], "1.4.2");
    }
    let rest = document(&world, &team, &["--tag", "production/1.4.2"]);
    assert_eq!(rows(&rest, "ios")[0]["percent"], 70.0, "the rest: {rest:#}");
}

#[test]
fn a_push_is_planned_from_what_the_remote_has_to_what_is_checked_out() {
    let world = World::new();
    let team = team(&world);
    let nothing = "nothing changes for any device\n";
    assert_eq!(planned(&world, &team, &[]), nothing);
    assert!(plan_in(&world, &world.path("releases.git"), &[]).success().ends_with(nothing));
    release(&team, "1.4.3", "");
    let pushed = team.head();
    let tip = team.commit("Release 1.4.3");
    let text = plan_in(&world, team.folder(), &[]).success();
    assert!(text.starts_with(&format!(
        "plan from {} to {}\n\nreleased com.example.app 1.4.3\n",
        &pushed[..10],
        &tip[..10]
    )));
    assert!(text.contains("beta of com.example.app, all platforms\n"), "{text}");
    assert!(
        text.contains("everyone gets 1.4.3 instead of 1.4.2; native 1.4.3 got nothing before (released)"),
        "{text}"
    );
    assert!(!text.contains("production"), "nothing is tagged: {text}");
    // the same by its revisions, in every way to name them
    for args in [
        &["HEAD~1"][..],
        &["origin/main", "HEAD"],
        &["origin/main..HEAD"],
        &["."],
        &[".", "HEAD~1"],
        &[".", "HEAD~1", &tip],
    ] {
        assert_eq!(plan_in(&world, team.folder(), args).success(), text, "{args:?}");
    }
    let back = planned(&world, &team, &["HEAD", "HEAD~1"]);
    assert!(back.contains("devices that run 1.4.3 go to 1.4.2 (gone)"), "{back}");
    team.publish("And push");
    assert_eq!(planned(&world, &team, &[]), nothing);
    let all = plan_in(&world, &world.path("releases.git"), &["HEAD~1"]).success();
    assert!(all.contains(nothing) && all.contains("plan from"), "an empty commit: {all}");
}

#[test]
fn tags_that_are_taken_away_and_tags_that_halt() {
    let world = World::new();
    let team = team(&world);
    team.tag("production/1.4.2@10%", "HEAD");
    assert_data_eq!(
        planned(&world, &team, &["--untag", "production/1.4.2@10%"]),
        str![[r#"
deleting production/1.4.2@10% closes 1.4.2 to production, from 10%

production of com.example.app, all platforms
  native >=1.0.0, <1.4.3  10% of the devices get 1.4.1 instead of 1.4.2; native 1.4.2 gets nothing any more (without tag production/1.4.2@10%)
  native >=1.0.0, <1.4.2  devices that run 1.4.2 go to 1.4.1 (without tag production/1.4.2@10%)

"#]]
    );
    assert_data_eq!(
        planned(&world, &team, &["--tag", "production/1.4.2@halt"]),
        str![[r#"
production/1.4.2@halt stops 1.4.2 at 10% of production: who runs it keeps it, nobody else gets it

production of com.example.app, all platforms
  native >=1.0.0, <1.4.3  10% of the devices get 1.4.1 instead of 1.4.2; who runs 1.4.2 keeps it; native 1.4.2 gets nothing any more (tag production/1.4.2@halt)

"#]]
    );
    let wider = planned(&world, &team, &["--tag", "production/1.4.2@25%", "--untag", "production/1.4.2@10%"]);
    assert!(
        wider.contains(
            "15% of the devices get 1.4.2 instead of 1.4.1; native 1.4.2 got nothing before (tag production/1.4.2@25%)"
        ),
        "{wider}"
    );
    // a tag that a wider one covers changes nothing
    assert!(planned(&world, &team, &["--tag", "production/1.4.2@5%"]).contains("nothing changes for any device"));
}
