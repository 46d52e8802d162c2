//! What starts by itself, and what no longer does.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{APP, describe, document, planned, release, team};
use crate::world::World;

#[test]
fn what_would_have_started_by_itself_and_does_not() {
    let world = World::new();
    let team = team(&world);
    let steps = "rollout = [\"1% for 5000w\", \"10% for 5000w\", \"100%\"]\n";
    release(&team, "1.5.0", &format!("not_before = 2999-01-01T00:00:00Z\n{steps}"));
    team.publish("Release 1.5.0");
    team.tag("production/1.5.0", "HEAD");
    let off = "2999-01-01T00:00:00Z  1.5.0 no longer goes to 1% in production of com.example.app\n";
    for change in [["--tag", "production/1.5.0@halt"], ["--untag", "production/1.5.0"]] {
        let told = planned(&world, &team, &change);
        assert!(told.contains(off) && !told.contains("nothing changes"), "{told}");
    }
    let document = document(&world, &team, &["--untag", "production/1.5.0"]);
    assert_eq!(document["off"][0]["percent"], 1.0);
    assert_eq!(document["off"].as_array().map(Vec::len), Some(3));
    // who comes in earlier or in greater numbers loses nothing
    let wider = planned(&world, &team, &["--tag", "production/1.5.0@100%"]);
    assert!(!wider.contains("no longer goes"), "{wider}");
}

#[test]
fn what_starts_later_behind_something_higher_is_said_to_be() {
    let world = World::new();
    let team = team(&world);
    release(&team, "1.4.3", "");
    describe(&team, "1.4.2", "not_before = 2999-01-01T00:00:00Z\n");
    team.publish("Release 1.4.3");
    team.tag("production/1.4.3", "HEAD");
    let told = planned(&world, &team, &["--tag", "production/1.4.2"]);
    let line = "1.4.2 goes to everyone in production of com.example.app, behind 1.4.3, which everyone gets by then\n";
    assert!(told.contains(line), "{told}");
    let alone = planned(&world, &team, &["--tag", "production/1.4.2", "--untag", "production/1.4.3"]);
    assert!(alone.contains("1.4.2 goes to everyone") && !alone.contains("behind"), "{alone}");
}

#[test]
fn native_versions_move_on_apart_and_steps_come_later() {
    let world = World::new();
    let team = team(&world);
    release(
        &team,
        "1.5.0",
        "native = { ios = \">=1.2\", android = \">=1.3\" }\nrollout = [\"1% for 2h\", \"10% for 1d\", \"100%\"]\n",
    );
    team.publish("Release 1.5.0");
    assert_data_eq!(
        planned(&world, &team, &["--tag", "production/1.5.0"]),
        str![[r#"
production/1.5.0 opens 1.5.0 to 1% of production, by its steps

production of com.example.app, ios
  native >=1.2.0, <1.4.2  1% of the devices get 1.5.0 instead of 1.4.1 (tag production/1.5.0)
  native >=1.4.2, <1.5.1  1% of the devices get 1.5.0, and got nothing before (tag production/1.5.0)

production of com.example.app, android
  native >=1.3.0, <1.4.2  1% of the devices get 1.5.0 instead of 1.4.1 (tag production/1.5.0)
  native >=1.4.2, <1.5.1  1% of the devices get 1.5.0, and got nothing before (tag production/1.5.0)

production of com.example.app, electron
  native >=1.0.0, <1.4.2  1% of the devices get 1.5.0 instead of 1.4.1 (tag production/1.5.0)
  native >=1.4.2, <1.5.1  1% of the devices get 1.5.0, and got nothing before (tag production/1.5.0)

later
  2026-02-03T06:05:06Z  1.5.0 goes to 10% in production of com.example.app
  2026-02-04T06:05:06Z  1.5.0 goes to everyone in production of com.example.app

"#]]
    );
    let later = &document(&world, &team, &["--tag", "production/1.5.0"])["later"];
    assert_eq!(
        *later,
        json!([
            { "when": "2026-02-03T06:05:06Z", "app": APP, "channel": "production", "version": "1.5.0", "percent": 10.0, "platforms": ["ios", "android", "electron"] },
            { "when": "2026-02-04T06:05:06Z", "app": APP, "channel": "production", "version": "1.5.0", "percent": 100.0, "platforms": ["ios", "android", "electron"] },
        ])
    );
}

#[test]
fn a_step_that_is_left_out_is_warned_of() {
    let world = World::new();
    let team = team(&world);
    release(
        &team,
        "1.5.0",
        "rollout = [\"1% for 1h\", \"10% for 1d\", \"50% for 90d\", \"100%\"]\nrollout_start = 2026-01-02T03:04:05Z\n",
    );
    team.publish("Release 1.5.0");
    // without a date of its own the tag goes by a start that is long past
    team.git(&["tag", "production/1.5.0"]).success();
    let late = planned(&world, &team, &["--tag", "production/1.5.0"]);
    assert!(late.starts_with("production/1.5.0 opens 1.5.0 to 50% of production, by its steps\n\n"), "{late}");
    let words = late.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("warning[step-skipped]: 1.5.0 of com.example.app comes to 50% of production at once and leaves out its steps of 1%, 10%, since its steps began at 2026-01-02T03:04:05Z"), "{late}");
    // by a tag that is made now the steps begin now
    let now = planned(&world, &team, &["--tag", "production/1.5.0=HEAD"]);
    assert!(
        now.contains("production/1.5.0 opens 1.5.0 to 1% of production, by its steps\n")
            && !now.contains("step-skipped"),
        "{now}"
    );
    // a halt does not stop the clock
    team.git(&["push", "--quiet", "origin", "production/1.5.0"]).success();
    team.tag("production/1.5.0@halt", "HEAD");
    let on = document(&world, &team, &["--untag", "production/1.5.0@halt"]);
    let warning = on["problems"].as_array().expect("problems").iter().find(|problem| problem["rule"] == "step-skipped");
    let warning = warning.unwrap_or_else(|| panic!("{on:#}"));
    assert_eq!((&warning["tag"], &warning["severity"]), (&json!("production/1.5.0"), &json!("warning")));
    let message = warning["message"].as_str().expect("a message");
    assert_eq!(
        message,
        "1.5.0 of com.example.app comes to 50% of production at once and leaves out its step of 10%, since a halt does not stop the clock"
    );
}

#[test]
fn what_comes_to_nobody_is_not_said_to_come() {
    let world = World::new();
    let team = team(&world);
    // no device gets what is below its own native version
    let far = "native = \">=2.0.0\"\nrollout = [\"1% for 2h\", \"100%\"]\nrollout_start = 2999-01-01T00:00:00Z\n";
    release(&team, "1.5.0", far);
    team.publish("Release 1.5.0");
    let told = planned(&world, &team, &["--tag", "production/1.5.0"]);
    assert!(!told.contains("goes to"), "{told}");
    team.tag("production/1.4.2@halt", "HEAD");
    let halted = document(&world, &team, &["--tag", "production/1.4.2"]);
    assert_eq!((&halted["tags"][0]["tag"], &halted["tags"][0]["percent"]), (&json!("production/1.4.2"), &json!(0.0)));
}
