//! What a change of files does: releases that go, channels, apps.

use std::fs;

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::{APP, SETTINGS, describe, document, plan_in, planned, release, rows, team};
use crate::world::{World, pushlive};

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
        format!(
            "native >=1.0.0, <1.4.3  everyone gets 1.4.1 instead of 1.4.2; native 1.4.2 gets nothing any more {at}\n"
        ),
        format!("devices that run 1.4.2 go to 1.4.1 {at}\n"),
        format!("devices that run 1.4.2 go back to builtin {at}\n"),
    ] {
        assert!(yank.contains(&line), "{line} in {yank}");
    }
    let back = planned(&world, &team, &["HEAD", "HEAD~1"]);
    assert!(
        back.contains("everyone gets 1.4.2 instead of 1.4.1; native 1.4.2 got nothing before (no longer yanked: com.example.app/1.4.2/release.toml:2 as it was)"),
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
changed channel `production` of com.example.app

production of com.example.app, all platforms
  native <1.0.0 or >=1.4.3 or unreadable
                          everyone goes back to builtin, and got nothing before (pinned: releases.toml:3)
  native >=1.0.0, <1.4.3  everyone goes back to builtin instead of 1.4.2 (pinned: releases.toml:3)

"#]]
    );
}

#[test]
fn what_rollouts_gave_is_named_where_all_are_shut_out_and_whom_a_channel_serves_beside_it() {
    let world = World::new();
    let team = team(&world);
    team.tag("production/1.4.2@10%", "HEAD");
    release(&team, "1.4.4", "native = \">=1.0.1\"\n");
    team.publish("Release 1.4.4");
    team.tag("production/1.4.4@5%", "HEAD");
    team.write("releases.toml", "[apps.\"org.other\"]\n");
    team.commit("Another app");
    let gone = plan_in(&world, team.folder(), &[]);
    let gone = gone.stdout();
    let line = "production of com.example.app, all platforms\n  \
                native >=1.0.0, <1.4.5  devices are told `app_not_found` instead of getting 1.4.4, 1.4.2 or 1.4.1 (app removed";
    assert!(gone.contains(line), "{gone}");

    team.write("releases.toml", format!("{SETTINGS}builds = [\"dev\"]\nhardware = [\"emulator\"]\n"));
    team.commit("Beta for ourselves");
    release(&team, "1.4.5", "");
    team.commit("Release 1.4.5");
    let released = planned(&world, &team, &["HEAD~1"]);
    let line = "beta of com.example.app, all platforms; it serves development builds on emulators alone\n";
    assert!(released.contains(line), "{released}");
}

#[test]
fn channels_and_apps_that_go_and_what_devices_are_told_then() {
    let world = World::new();
    let team = team(&world);
    team.write("releases.toml", SETTINGS.replace("channels.beta", "channels.next"));
    team.commit("Rename beta");
    let renamed = planned(&world, &team, &[]);
    for line in [
        "beta of com.example.app, all platforms\n  native >=1.0.0, <1.4.3  everyone is told `no_channel` instead of getting 1.4.2 (channel removed: releases.toml:4 as it was)\n",
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
        "devices that name no channel get 1.4.2 instead of 1.4.1; native 1.4.2 got nothing before (default_channel: releases.toml:2)",
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
    let line = "custom_id qa-1 of com.example.app no longer gets 1.4.1 on android and electron (releases.toml:3)";
    assert!(less.contains(line), "{less}");
    describe(&team, "1.4.1", "native = { ios = \">=2\" }\n");
    team.commit("Another native version");
    let native = planned(&world, &team, &["HEAD~1"]);
    let line = "custom_id qa-1 of com.example.app gets 1.4.1 on ios on native >=2 instead of on all native versions; \
                it gets 1.4.1 on android and electron, and did not before (releases.toml:3)";
    assert!(native.contains(line), "{native}");
    let new = planned(&world, &team, &["HEAD~2", "HEAD"]);
    let line = "custom_id qa-1 of com.example.app gets 1.4.1 on ios with native >=2 and on android and electron instead of \
                channel production (releases.toml:3)";
    assert!(new.contains(line), "{new}");

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
fn another_default_channel_is_told_of_though_no_device_gets_anything_else_there() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    let settings = "[apps.\"com.example.app\"]\n\n[apps.\"com.example.app\".channels.production]\n\n\
                    [apps.\"com.example.app\".channels.beta]\nself_assign = true\n";
    team.write("releases.toml", settings);
    for version in ["1.0.1", "1.0.2", "1.1.0-rc.1"] {
        release(&team, version, "");
    }
    team.publish("Two releases and what is to be the next");
    team.write("releases.toml", settings.replacen("]\n", "]\ndefault_channel = \"beta\"\n", 1));
    team.commit("Another default");
    assert_data_eq!(
        planned(&world, &team, &[]),
        str![[r#"
changed `default_channel` of com.example.app

default channel
  devices that name no channel of com.example.app come to beta instead of production; they get there what they got (releases.toml:2)

beta of com.example.app, all platforms
  native >=1.0.0, <1.0.3        devices that name the channel or are put there get 1.0.2 instead of 1.1.0-rc.1 (default_channel: releases.toml:2)
  native >=1.0.3, <=1.1.0-rc.1  devices that name the channel or are put there no longer get 1.1.0-rc.1 (default_channel: releases.toml:2)
  native >=1.0.0, <1.0.3        devices that name the channel or are put there and run 1.1.0-rc.1 go to 1.0.2 (default_channel: releases.toml:2)

production of com.example.app, all platforms
  native >=1.0.0, <1.0.3        devices that name the channel or are put there get 1.1.0-rc.1 instead of 1.0.2 (default_channel: releases.toml:2)
  native >=1.0.3, <=1.1.0-rc.1  devices that name the channel or are put there get 1.1.0-rc.1, and got nothing before (default_channel: releases.toml:2)

"#]]
    );
    let document = document(&world, &team, &[]);
    let at = json!({ "file": "releases.toml", "line": 2 });
    let default = json!([{ "app": "com.example.app", "from": "production", "to": "beta", "at": at }]);
    assert_eq!(document["default_channels"], default);
    for row in rows(&document, "ios") {
        assert_eq!((&row["devices"], &row["why"], &row["at"]), (&json!("staying"), &json!("default_channel"), &at));
    }

    // where a channel says it for itself, that it is the default one changes nothing but for who names none
    let said = settings
        .replace("production]\n", "production]\nprereleases = false\n")
        .replace("beta]\n", "beta]\nprereleases = true\n");
    team.write("releases.toml", &said);
    team.commit("As it was, in words");
    team.write("releases.toml", said.replacen("]\n", "]\ndefault_channel = \"beta\"\n", 1));
    team.commit("Another default");
    let unnamed = planned(&world, &team, &["HEAD~1", "HEAD"]);
    assert!(!unnamed.contains("production of") && !unnamed.contains("they get there what they got"), "{unnamed}");
    let line = "devices that name no channel get 1.1.0-rc.1 instead of 1.0.2 (default_channel: releases.toml:2)";
    assert!(unnamed.contains(line), "{unnamed}");

    // steps without a start hold in the default channel alone, where that is an error
    release(&team, "1.2.0", "rollout = [\"10% for 1d\", \"100%\"]\n");
    team.commit("Release 1.2.0");
    team.write("releases.toml", &said);
    team.commit("The default channel as it was");
    let back = plan_in(&world, team.folder(), &["HEAD~1", "HEAD"]).stdout();
    let lines: Vec<&str> = back.lines().filter(|line| line.contains("are put there")).collect();
    assert_eq!(lines.len(), 4, "{back}");
    assert!(lines.iter().all(|line| line.contains("90% of the") && line.contains("(default_channel: ")), "{back}");
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
fn the_first_push_of_all() {
    let world = World::new();
    let team = world.team(&world.init("releases.git"));
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.add_release(APP, "1.0.1");
    team.commit("Begin");
    let first = planned(&world, &team, &[]);
    assert!(first.starts_with("added the app com.example.app\nreleased com.example.app 1.0.1\n\n"), "{first}");
    assert!(
        first.contains("everyone gets 1.0.1, and was told `not_ready` before (app added: releases.toml:1)"),
        "{first}"
    );
    fs::create_dir(world.path("empty")).expect("a folder");
    world.run("git", ["init", "--quiet", "--bare", "empty"]).success();
    let nothing = world.run(pushlive(), ["plan", "empty"]).success();
    assert!(nothing.starts_with("plan of nothing\n\nnothing changes for any device\n"), "{nothing}");
}

#[test]
fn what_is_frozen_is_said_first_and_why() {
    let world = World::new();
    let team = team(&world);
    team.write("releases.toml", SETTINGS.replace("tags = true", "tagz = true"));
    release(&team, "1.4.3", "");
    team.commit("A slip, and a release that it keeps back");
    let frozen = plan_in(&world, team.folder(), &[]);
    let said = frozen.stdout();
    assert_eq!(frozen.code(), 1);
    let (_, said) = said.split_once("\n\n").expect("a first line");
    let order =
        ["warning[app-frozen]: com.example.app is served as of", "error[unknown-key]", "nothing changes for any"];
    let places: Vec<Option<usize>> = order.iter().map(|part| said.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted() && places[0] == Some(0), "{said}");
    assert!(said.ends_with("nothing changes for any device\n\n1 error, 1 warning\n"), "{said}");
    team.git(&["reset", "--quiet", "--hard", "HEAD~1"]).success();
    team.write("releases.toml", "[apps.\"com.example.app\"\n");
    team.commit("Worse");
    let kept = plan_in(&world, team.folder(), &[]).stdout();
    assert!(kept.contains("\n\nwarning[settings-kept]: everything is served as of"), "{kept}");
    assert!(kept.ends_with("nothing changes for any device\n\n1 error, 1 warning\n"), "{kept}");
}

#[test]
fn a_rollout_that_draws_others_and_is_wider_is_told_by_what_explains_each_group() {
    let world = World::new();
    let team = team(&world);
    team.tag("production/1.4.2@10%", "HEAD");
    describe(&team, "1.4.2", "rollout_as = \"1.4.1\"\n");
    team.commit("Draw the devices of 1.4.1");
    let redrawn = "(rollout_as: com.example.app/1.4.2/release.toml:1)";
    let both = "(tag production/1.4.2@40% and rollout_as: com.example.app/1.4.2/release.toml:1)";
    let wider = ["origin/main", "HEAD", "--tag", "production/1.4.2@40%"];
    for (args, gain, loss) in [
        (
            &["origin/main"][..],
            format!("9% of the devices get 1.4.2 instead of 1.4.1; native 1.4.2 got nothing before {redrawn}"),
            format!(
                "9% of the devices get 1.4.1 instead of 1.4.2; who runs 1.4.2 keeps it; native 1.4.2 gets nothing any more {redrawn}"
            ),
        ),
        (
            &wider,
            format!("36% of the devices get 1.4.2 instead of 1.4.1; native 1.4.2 got nothing before {both}"),
            format!(
                "6% of the devices get 1.4.1 instead of 1.4.2; who runs 1.4.2 keeps it; native 1.4.2 gets nothing any more {redrawn}"
            ),
        ),
    ] {
        let told = planned(&world, &team, args);
        assert!(told.contains(&gain), "{gain} in {told}");
        assert!(told.contains(&loss), "{loss} in {told}");
    }
    let document = document(&world, &team, &wider);
    let also = json!({ "why": "rollout_as", "at": { "file": "com.example.app/1.4.2/release.toml", "line": 1 } });
    let gains: Vec<Value> = rows(&document, "ios").into_iter().filter(|row| row["to"] == "1.4.2").collect();
    assert!(!gains.is_empty() && gains.iter().all(|row| row["also"] == also), "{document:#}");
    // to everyone it does not matter who is drawn
    let all = planned(&world, &team, &["origin/main", "HEAD", "--tag", "production/1.4.2"]);
    assert!(all.contains("(tag production/1.4.2)\n") && !all.contains("rollout_as:"), "{all}");
    // a date in the past is no cause
    describe(&team, "1.4.2", "not_before = 2020-01-01T00:00:00Z\n");
    team.git(&["commit", "--quiet", "--amend", "-a", "-m", "Another date"]).success();
    let wider = planned(&world, &team, &wider);
    assert!(wider.contains("native 1.4.2 got nothing before (tag production/1.4.2@40%)\n"), "{wider}");
}

#[test]
fn what_others_typed_does_nothing_to_a_terminal() {
    let world = World::new();
    let team = team(&world);
    let odd = "\n[[apps.\"com.example.app\".overrides]]\ncustom_id = \"qa\\u001b[31m\\u202e\"\nversion = \"1.4.1\"\n";
    team.write("releases.toml", format!("{SETTINGS}{odd}"));
    team.commit("Somebody to test");
    let told = planned(&world, &team, &[]);
    assert!(told.contains(r"custom_id qa\u{1b}[31m\u{202e} of com.example.app gets 1.4.1"), "{told}");
    assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told}");
}

#[test]
fn a_channel_that_opens_nothing_is_told_of_also_where_a_version_was_withdrawn() {
    let world = World::new();
    let team = team(&world);
    let added = format!("{SETTINGS}\n[apps.\"com.example.app\".channels.pilot]\ntags = true\n");
    let said = |gone: &str| {
        team.write("releases.toml", &added);
        team.commit("A channel");
        let said = planned(&world, &team, &[]);
        assert!(
            said.contains("everyone is served, which was told `no_channel`; there is nothing to get yet"),
            "{gone}{said}"
        );
        team.git(&["reset", "--quiet", "--hard", "HEAD~1"]).success();
    };
    said("");
    team.git(&["rm", "--quiet", "-r", "com.example.app/1.4.1"]).success();
    team.publish("Withdraw 1.4.1");
    said("with 1.4.1 withdrawn: ");
}
