//! What a change would do to devices, asked before anybody makes it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
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

production of com.example.app, all platforms
  native >=1.0.0, <1.4.2  10% of the devices get 1.4.2 instead of 1.4.1 (tag production/1.4.2@10%)
  native =1.4.2           10% of the devices get 1.4.2, and got nothing before (tag production/1.4.2@10%)

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
    assert!(text.contains("everyone gets 1.4.3 instead of 1.4.2 (released)"), "{text}");
    assert!(!text.contains("production"), "nothing is tagged: {text}");
    // the same by its revisions, in every way to name them
    for args in [
        &["HEAD~1"][..],
        &["origin/main", "HEAD"],
        &["origin/main..HEAD"],
        &["origin/main.."],
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
production of com.example.app, all platforms
  native >=1.0.0, <1.4.2  10% of the devices get 1.4.1 instead of 1.4.2 (without tag production/1.4.2@10%)
  native =1.4.2           10% of the devices no longer get 1.4.2 (without tag production/1.4.2@10%)
  native >=1.0.0, <1.4.2  devices that run 1.4.2 go to 1.4.1 (without tag production/1.4.2@10%)

"#]]
    );
    assert_data_eq!(
        planned(&world, &team, &["--tag", "production/1.4.2@halt"]),
        str![[r#"
production of com.example.app, all platforms
  native >=1.0.0, <1.4.2  10% of the devices get 1.4.1 instead of 1.4.2; who runs 1.4.2 keeps it (tag production/1.4.2@halt)
  native =1.4.2           10% of the devices no longer get 1.4.2; who runs 1.4.2 keeps it (tag production/1.4.2@halt)

tags
  production/1.4.2@halt stops 1.4.2: who runs it keeps it, nobody else gets it

"#]]
    );
    let wider = planned(&world, &team, &["--tag", "production/1.4.2@25%", "--untag", "production/1.4.2@10%"]);
    assert!(wider.contains("15% of the devices get 1.4.2 instead of 1.4.1 (tag production/1.4.2@25%)"), "{wider}");
    // a tag that a wider one covers changes nothing
    assert!(planned(&world, &team, &["--tag", "production/1.4.2@5%"]).contains("nothing changes for any device"));
}

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
fn a_clone_that_lacks_what_the_remote_has_is_told_so() {
    let world = World::new();
    let team = team(&world);
    let colleague = world.team(&world.path("releases.git"));
    release(&colleague, "1.4.3", "");
    colleague.publish("Release 1.4.3");
    team.git(&["fetch", "--quiet"]).success();
    let behind = plan_in(&world, team.folder(), &[]).success();
    assert!(behind.contains("looks withdrawn here: `git pull --rebase` first"), "{behind}");
    let meant = plan_in(&world, team.folder(), &["origin/main", "HEAD"]).success();
    assert!(!meant.contains("note:"), "a way back that was asked for: {meant}");
    team.git(&["tag", "production/1.4.2"]).success();
    let local = plan_in(&world, team.folder(), &["--tag", "production/1.4.2"]).success();
    assert!(local.contains("note: `production/1.4.2` is in this clone already"), "{local}");
    team.git(&["remote", "rename", "origin", "hub"]).success();
    team.git(&["branch", "--unset-upstream"]).success();
    let alone = plan_in(&world, team.folder(), &[]).success();
    assert!(alone.contains("note: no branch of a remote is known here"), "{alone}");
}

#[test]
fn what_is_yanked_withdrawn_or_pinned_away() {
    let world = World::new();
    let team = team(&world);
    team.tag("production/1.4.2", "HEAD");
    describe(&team, "1.4.2", "comment = \"x\"\nyanked = \"crashes\"\n");
    team.commit("Yank");
    let yank = planned(&world, &team, &[]);
    let at = "(yanked: com.example.app/1.4.2/release.toml:2)";
    for line in [
        "yanked com.example.app 1.4.2\n".to_owned(),
        format!("native >=1.0.0, <1.4.2  everyone gets 1.4.1 instead of 1.4.2 {at}\n"),
        format!("native =1.4.2           nobody gets 1.4.2 any more, nor anything else {at}\n"),
        format!("devices that run 1.4.2 go to 1.4.1 {at}\n"),
        format!("devices that run 1.4.2 go back to builtin {at}\n"),
    ] {
        assert!(yank.contains(&line), "{line} in {yank}");
    }
    let back = planned(&world, &team, &["HEAD", "HEAD~1"]);
    assert!(
        back.contains("everyone gets 1.4.2 instead of 1.4.1 (no longer yanked: com.example.app/1.4.2/release.toml:2)"),
        "{back}"
    );
    team.git(&["reset", "--quiet", "--hard", "HEAD~1"]).success();
    team.git(&["revert", "--no-edit", "HEAD"]).success();
    let revert = document(&world, &team, &[]);
    let ios = rows(&revert, "ios");
    let of = |from: &str, to: &str, runs: &str| {
        ios.iter()
            .find(|row| row["channel"] == "production" && row["from"] == from && row["to"] == to && row["runs"] == runs)
    };
    assert_eq!(of("1.4.2", "1.4.1", "1.4.2").expect("it is moved")["why"], "withdrawn");
    assert_eq!(of("1.4.2", "builtin", "1.4.2").expect("it goes back")["percent"], 100.0);
    team.git(&["reset", "--quiet", "--hard", "HEAD~1"]).success();
    team.write("releases.toml", SETTINGS.replace("tags = true", "tags = true\npin = \"builtin\""));
    team.commit("Pin");
    assert_data_eq!(
        planned(&world, &team, &[]),
        str![[r#"
changed the settings of com.example.app

production of com.example.app, all platforms
  native <1.0.0 or >=1.4.3 or unreadable
                          everyone goes back to builtin, and got nothing before (pinned: releases.toml:3)
  native >=1.0.0, <1.4.3  everyone goes back to builtin instead of 1.4.2 (pinned: releases.toml:3)

"#]]
    );
}

#[test]
fn channels_and_apps_that_go_and_what_devices_are_told_then() {
    let world = World::new();
    let team = team(&world);
    team.write("releases.toml", SETTINGS.replace("channels.beta", "channels.next"));
    team.commit("Rename beta");
    let renamed = planned(&world, &team, &[]);
    for line in [
        "beta of com.example.app, all platforms\n  native >=1.0.0, <1.4.3  everyone is told `no_channel` instead of getting 1.4.2 (channel removed: releases.toml:4)\n",
        "next of com.example.app, all platforms\n  native >=1.0.0, <1.4.3  everyone gets 1.4.2, and was told `no_channel` before (channel added: releases.toml:4)\n",
    ] {
        assert!(renamed.contains(line), "{line} in {renamed}");
    }
    let closed = document(&world, &team, &[]);
    let beta = rows(&closed, "android").into_iter().find(|row| row["channel"] == "beta" && row["from"] == "1.4.2");
    let beta = beta.unwrap_or_else(|| panic!("{closed:#}"));
    assert_eq!(
        (&beta["to"], &beta["code"], &beta["why"]),
        (&Value::Null, &json!("no_channel"), &json!("channel removed"))
    );

    let private = "public = false\nplatforms = [\"ios\"]\nbuilds = [\"prod\"]\n";
    team.write("releases.toml", format!("{SETTINGS}{private}"));
    team.commit("Close beta");
    let closed = planned(&world, &team, &[]);
    for line in [
        "devices that name the channel are told `cannot_update_via_private_channel` instead of getting 1.4.2 (public: releases.toml:5)",
        "everyone is told `disabled_platform_android` instead of getting 1.4.2 (platforms: releases.toml:6)",
        "development builds are told `disable_dev_build` instead of getting 1.4.2 (builds: releases.toml:7)",
    ] {
        assert!(closed.contains(line), "{line} in {closed}");
    }

    let default = "default_channel = \"beta\"\n[[apps.\"com.example.app\".overrides]]\ncustom_id = \"qa-1\"\nversion = \"1.4.1\"\n";
    let default = format!("[apps.\"com.example.app\"]\n{default}{SETTINGS}");
    team.write("releases.toml", &default);
    team.commit("Another default");
    let other = planned(&world, &team, &[]);
    for line in [
        "devices that name no channel get 1.4.2 instead of 1.4.1 (default_channel: releases.toml:2)",
        "overrides\n  custom_id qa-1 of com.example.app gets 1.4.1 (releases.toml:3)\n",
    ] {
        assert!(other.contains(line), "{line} in {other}");
    }
    team.write("releases.toml", default.replace("version = \"1.4.1\"", "channel = \"production\""));
    team.commit("Another override");
    let other = planned(&world, &team, &["HEAD~1"]);
    assert!(
        other.contains("custom_id qa-1 of com.example.app gets channel production instead of 1.4.1 (releases.toml:3)"),
        "{other}"
    );

    team.write("releases.toml", &default);
    describe(&team, "1.4.1", "platforms = [\"ios\"]\n");
    team.commit("The first override again, with less in it");
    let less = planned(&world, &team, &["HEAD~2"]);
    assert!(less.contains("custom_id qa-1 of com.example.app gets 1.4.1, which is otherwise than before"), "{less}");

    team.write("releases.toml", "[apps.\"com.example.other\"]\n");
    team.commit("Another app");
    let gone = plan_in(&world, team.folder(), &[]);
    assert_eq!(gone.code(), 1, "the tags name an app that is not there: {}", gone.stdout());
    assert!(
        gone.stdout().contains("removed the app com.example.app\nadded the app com.example.other\n"),
        "{}",
        gone.stdout()
    );
    assert!(
        gone.stdout().contains("everyone is told `app_not_found` instead of getting 1.4.1 (app removed)"),
        "{}",
        gone.stdout()
    );
    assert!(gone.stdout().contains("error[tag-unknown-app]"), "{}", gone.stdout());
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
production of com.example.app, ios
  native >=1.2.0, <1.4.2  1% of the devices get 1.5.0 instead of 1.4.1 (tag production/1.5.0)
  native >=1.4.2, <1.5.1  1% of the devices get 1.5.0, and got nothing before (tag production/1.5.0)

production of com.example.app, android
  native >=1.3.0, <1.4.2  1% of the devices get 1.5.0 instead of 1.4.1 (tag production/1.5.0)
  native >=1.4.2, <1.5.1  1% of the devices get 1.5.0, and got nothing before (tag production/1.5.0)

production of com.example.app, electron
  native >=1.0.0, <1.4.2  1% of the devices get 1.5.0 instead of 1.4.1 (tag production/1.5.0)
  native >=1.4.2, <1.5.1  1% of the devices get 1.5.0, and got nothing before (tag production/1.5.0)

tags
  production/1.5.0 lets in 1% now

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
fn a_release_candidate_reaches_betas_of_the_native_app_up_to_its_own() {
    let world = World::new();
    let team = team(&world);
    release(&team, "1.5.0-rc.1", "");
    team.commit("A release candidate");
    let beta = planned(&world, &team, &[]);
    for line in [
        "native >=1.0.0, <1.4.3           everyone gets 1.5.0-rc.1 instead of 1.4.2 (released)",
        "native >=1.4.3, <=1.5.0-rc.1     everyone gets 1.5.0-rc.1, and got nothing before (released)",
    ] {
        let spaceless = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(spaceless(&beta).contains(&spaceless(line)), "{line} in {beta}");
    }
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
    assert!(late.contains("tags\n  production/1.5.0 lets in 50% now\n"), "{late}");
    let words = late.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("warning[step-skipped]: 1.5.0 of com.example.app comes to 50% of production at once and leaves out its steps of 1%, 10%, since its steps began at 2026-01-02T03:04:05Z"), "{late}");
    // by a tag that is made now the steps begin now
    let now = planned(&world, &team, &["--untag", "production/1.5.0", "--tag", "production/1.5.0=HEAD"]);
    assert!(now.contains("production/1.5.0 lets in 1% now") && !now.contains("step-skipped"), "{now}");
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
fn the_document_of_json() {
    let world = World::new();
    let team = team(&world);
    let tip = team.head();
    let document = document(&world, &team, &["--tag", "production/1.4.2@10%"]);
    assert_eq!((&document["old"], &document["new"]), (&json!(tip), &json!(tip)));
    let row = json!({
        "app": APP, "channel": "production", "platform": "ios", "native": ">=1.0.0, <1.4.2", "devices": "all", "runs": null,
        "from": "1.4.1", "to": "1.4.2", "percent": 10.0, "why": "tagged", "at": { "tag": "production/1.4.2@10%" },
    });
    assert_eq!(document["changes"][0], row);
    let tag = json!([{ "tag": "production/1.4.2@10%", "app": APP, "channel": "production", "version": "1.4.2", "percent": 10.0 }]);
    assert_eq!(document["tags"], tag);
    for empty in ["later", "problems", "overrides", "meant"] {
        assert_eq!(document[empty], json!([]), "{empty}");
    }
    let nothing = super::plan::document(&world, &team, &[]);
    assert_eq!((&nothing["changes"], &nothing["tags"]), (&json!([]), &json!([])));
}

#[test]
fn what_cannot_be_planned_is_said_with_the_mend() {
    let world = World::new();
    let team = team(&world);
    for (args, said) in [
        (
            &["--tag", "production/1.4"][..],
            "error: `production/1.4` is no release tag\nhelp: write `<channel>/<version>`",
        ),
        (
            &["--tag", "production/1.4.2@101%"],
            "error: `@101%` at the end of `production/1.4.2@101%` means nothing\nhelp: write",
        ),
        (&["--tag", "production/1.4.2=nowhere"], "error: `nowhere` names no commit here\n"),
        (
            &["--untag", "production/1.4.2"],
            "error: there is no release tag `production/1.4.2` to take away\nhelp: did you mean `production/1.4.1`?\n",
        ),
        (&["--untag", "x"], "error: there is no release tag `x` to take away\nhelp: `git tag` shows those that are\n"),
        (
            &["../releases.git", "--tag", "production/1.4.1"],
            "error: there is a tag `production/1.4.1` already\nhelp: to plan what moving it would do, say where to: `--tag production/1.4.1=<revision>`\n",
        ),
        (
            &["relaeses.git"],
            "error: `relaeses.git` names no commit here\nhelp: `git log --oneline --all` shows those that are\nhelp: if `relaeses.git` was meant as a repository: there is no such path\n",
        ),
        (&["nowhere", "HEAD", "HEAD"], "is not a git repository\n"),
    ] {
        let failed = plan_in(&world, team.folder(), args);
        assert_eq!((failed.code(), failed.stdout()), (2, String::new()), "{args:?}");
        assert!(failed.stderr().contains(said), "{said} in {}", failed.stderr());
    }
    // a tag that does nothing is an error of what would be
    let unknown = plan_in(&world, team.folder(), &["--tag", "prodution/1.4.2@10%"]);
    assert_eq!((unknown.code(), unknown.stderr()), (1, String::new()));
    assert!(
        unknown.stdout().contains("nothing changes for any device\n\nerror[tag-unknown-channel]"),
        "{}",
        unknown.stdout()
    );
    assert!(unknown.stdout().contains("help: did you mean `production`?"), "{}", unknown.stdout());
    // and so is a mistake in a commit
    describe(&team, "1.4.2", "platfroms = [\"ios\"]\n");
    team.commit("A slip");
    let slip = plan_in(&world, team.folder(), &[]);
    assert_eq!(slip.code(), 1);
    assert!(slip.stdout().contains("error[unknown-key]"), "{}", slip.stdout());
}

#[test]
fn the_first_push_of_all() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    team.commit("Begin");
    let first = planned(&world, &team, &[]);
    assert!(first.starts_with("added the app com.example.app\nreleased com.example.app 1.0.1\n\n"), "{first}");
    assert!(
        first.contains("everyone gets 1.0.1, and was told `app_not_found` before (app added: releases.toml:1)"),
        "{first}"
    );
    fs::create_dir(world.path("empty")).expect("a folder");
    world.run("git", ["init", "--quiet", "--bare", "empty"]).success();
    let nothing = world.run(pushlive(), ["plan", "empty"]).success();
    assert!(nothing.starts_with("plan of nothing\n\nnothing changes for any device\n"), "{nothing}");
}
