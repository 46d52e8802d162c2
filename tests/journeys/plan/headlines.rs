//! What a tag does, said first of all.

use serde_json::json;

use super::{SETTINGS, describe, document, plan_in, planned, release, team};
use crate::world::{Team, World};

/// What is said first of a plan: the headline of each tag.
fn first(world: &World, team: &Team<'_>, args: &[&str]) -> String {
    planned(world, team, args).lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_tag_opens_narrows_closes_and_stops() {
    let world = World::new();
    let team = team(&world);
    team.tag("production/1.4.2@20%", "HEAD");
    for (args, said) in [
        (&["--tag", "production/1.4.2@40%"][..], "production/1.4.2@40% opens 1.4.2 to 40% of production, from 20%"),
        (&["--tag", "production/1.4.2"], "production/1.4.2 opens 1.4.2 to all of production, from 20%"),
        (
            &["--tag", "production/1.4.2@5%"],
            "production/1.4.2@5% changes nothing now: production/1.4.2@20% opens 1.4.2 to 20% of production",
        ),
        (
            &["--tag", "production/1.4.2@5%", "--untag", "production/1.4.2@20%"],
            "production/1.4.2@5% narrows 1.4.2 to 5% of production, from 20%\n\
             deleting production/1.4.2@20% narrows 1.4.2 to 5% of production, from 20%",
        ),
        (
            &["--tag", "production/1.4.2@40%", "--untag", "production/1.4.2@20%"],
            "production/1.4.2@40% opens 1.4.2 to 40% of production, from 20%\n\
             deleting production/1.4.2@20% changes nothing now: production/1.4.2@40% still opens 1.4.2 to 40% of production",
        ),
        (
            &["--tag", "production/1.4.2@halt"],
            "production/1.4.2@halt stops 1.4.2 at 20% of production: who runs it keeps it, nobody else gets it",
        ),
        (
            &["--tag", "production/1.4.2@halt", "--tag", "production/1.4.2@40%"],
            "production/1.4.2@halt stops 1.4.2 at 40% of production: who runs it keeps it, nobody else gets it\n\
             production/1.4.2@40% changes nothing now: production/1.4.2@halt stops 1.4.2",
        ),
        (&["--untag", "production/1.4.2@20%"], "deleting production/1.4.2@20% closes 1.4.2 to production, from 20%"),
        (&["--tag", "production/1.4.2@20%=HEAD"], "production/1.4.2@20% opens 1.4.2 to 20% of production"),
    ] {
        assert_eq!(first(&world, &team, args), said, "{args:?}");
    }
    // what a clone has may not be pushed yet; the repository itself knows
    let known = plan_in(&world, &world.path("releases.git"), &["--tag", "production/1.4.2@20%=main"]).success();
    let said = "production/1.4.2@20% changes nothing now: it was there before and did the same\n";
    assert!(known.contains(said), "{known}");
    let headline = &document(&world, &team, &["--tag", "production/1.4.2@40%"])["headlines"];
    let part = json!({ "platforms": ["ios", "android", "electron"], "does": "opens", "from": 20.0, "to": 40.0 });
    let says = "production/1.4.2@40% opens 1.4.2 to 40% of production, from 20%";
    assert_eq!(*headline, json!([{ "tag": "production/1.4.2@40%", "gone": false, "parts": [part], "says": says }]));
    team.tag("production/1.4.2@halt", "HEAD");
    for (args, said) in [
        (
            &["--untag", "production/1.4.2@halt"][..],
            "deleting production/1.4.2@halt opens 1.4.2 to 20% of production again",
        ),
        (
            &["--tag", "production/1.4.2@40%"],
            "production/1.4.2@40% changes nothing now: production/1.4.2@halt stops 1.4.2",
        ),
        (
            &["--tag", "production/1.4.1@halt"],
            "production/1.4.1@halt stops 1.4.1 in production: who runs it keeps it, nobody else gets it",
        ),
        (&["--tag", "beta/1.4.3@halt"], "beta/1.4.3@halt changes nothing: com.example.app has no release 1.4.3"),
    ] {
        let said_now = super::plan_in(&world, team.folder(), args).stdout();
        assert!(said_now.contains(&format!("\n\n{said}\n\n")), "{args:?}: {said_now}");
    }
}

#[test]
fn why_a_tag_does_nothing_now() {
    let world = World::new();
    let team = team(&world);
    let steps = "rollout = [\"1% for 2h\", \"100%\"]\n";
    release(&team, "1.4.3", &format!("{steps}rollout_start = 2999-01-01T00:00:00Z\n"));
    release(&team, "1.4.4", "not_before = 2999-01-01T00:00:00Z\n");
    release(&team, "1.4.5", "yanked = true\n");
    release(&team, "1.4.6", "channels = [\"beta\"]\n");
    release(&team, "1.4.7", "native = \">=3\"\n");
    release(&team, "1.4.8", "platforms = [\"ios\"]\nrollout = [\"1% for 2h\", \"100%\"]\n");
    team.publish("Releases of every kind");
    let says = |tag: &str| super::plan_in(&world, team.folder(), &["--tag", tag]).stdout();
    for (tag, said) in [
        ("production/1.4.3", "lets nobody new in yet: the steps of 1.4.3 begin at 2999-01-01T00:00:00Z"),
        ("production/1.4.4", "lets nobody new in yet: nobody gets 1.4.4 before 2999-01-01T00:00:00Z"),
        ("production/1.4.5", "changes nothing now: 1.4.5 is yanked"),
        ("production/1.4.6", "changes nothing now: the `channels` of 1.4.6 leave production out"),
        ("production/1.4.7", "changes nothing now: 1.4.7 fits no native version there"),
        ("production/1.4.8", "opens 1.4.8 to 1% of production on ios, by its steps"),
        ("production/1.4.9", "changes nothing: com.example.app has no release 1.4.9"),
        ("produktion/1.4.2", "changes nothing: com.example.app has no channel `produktion`"),
        ("com.example.ap/beta/1.4.2", "changes nothing: there is no app `com.example.ap` in releases.toml"),
        ("production/1.4.2@0%", "lets nobody new in"),
        ("beta/1.4.2@10%", "changes nothing now: the branch alone opens releases to beta"),
    ] {
        let text = says(tag);
        assert!(text.contains(&format!("\n\n{tag} {said}\n\n")), "{tag}: {text}");
    }
    team.tag("production/1.4.2", "HEAD");
    assert_eq!(
        first(&world, &team, &["--tag", "production/1.4.1@10%"]),
        "production/1.4.1@10% changes nothing now: production/1.4.1 opens 1.4.1 to all of production"
    );
    assert_eq!(
        first(&world, &team, &["--untag", "production/1.4.1"]),
        "deleting production/1.4.1 changes nothing now: everyone gets 1.4.2 there, which is higher"
    );
    assert_eq!(
        first(&world, &team, &["--tag", "production/1.4.1@halt"]),
        "production/1.4.1@halt changes nothing now: everyone gets 1.4.2 there, which is higher"
    );
    assert_eq!(
        super::plan_in(&world, team.folder(), &["--tag", "production/1.4.3@10%=HEAD~1"]).stdout().lines().nth(2),
        Some("production/1.4.3@10% changes nothing now: its commit has not the bundle of 1.4.3 that is served")
    );
    describe(&team, "1.4.2", "comment = \"pinned away\"\n");
    team.write("releases.toml", SETTINGS.replace("tags = true", "tags = true\npin = \"1.4.1\""));
    team.publish("Pin");
    assert_eq!(
        first(&world, &team, &["--tag", "production/1.4.4"]),
        "production/1.4.4 changes nothing now: production is pinned to 1.4.1"
    );
    team.git(&["rm", "--quiet", "-r", "com.example.app/1.4.5"]).success();
    team.publish("Withdraw");
    assert!(
        says("production/1.4.5").contains("production/1.4.5 changes nothing: its release is withdrawn or yanked\n")
    );
}

#[test]
fn a_tag_that_lets_in_nobody_is_told_of_to_who_runs_its_release() {
    let world = World::new();
    let team = team(&world);
    team.tag("production/1.4.2@halt", "HEAD");
    assert_eq!(
        first(&world, &team, &["--tag", "production/1.4.2"]),
        "production/1.4.2 lets nobody new in: production/1.4.2@halt stops 1.4.2"
    );
    team.git(&["push", "--quiet", "origin", ":production/1.4.2@halt"]).success();
    team.git(&["tag", "-d", "production/1.4.2@halt"]).success();
    assert_eq!(first(&world, &team, &["--tag", "production/1.4.2@0%"]), "production/1.4.2@0% lets nobody new in");
    assert_eq!(
        first(&world, &team, &["--tag", "production/1.4.2@0%", "--tag", "production/1.4.2@10%"]),
        "production/1.4.2@0% changes nothing now: it lets nobody in\n\
         production/1.4.2@10% opens 1.4.2 to 10% of production"
    );
}

#[test]
fn a_tag_that_goes_where_its_channel_or_app_is_gone_does_nothing_for_that() {
    let world = World::new();
    let team = team(&world);
    let says = |tag: &str, said: &str| {
        let text = super::plan_in(&world, team.folder(), &["--untag", tag]).stdout();
        assert!(text.contains(&format!("\n\ndeleting {tag} changes nothing{said}\n")), "{said}: {text}");
    };
    let pilot = format!("{SETTINGS}\n[apps.\"com.example.app\".channels.pilot]\ntags = true\n");
    let both = format!("{pilot}\n[apps.\"com.example.other\".channels.production]\ntags = true\n");
    let (of_pilot, of_other) = ("com.example.app/pilot/1.4.2@10%", "com.example.other/production/1.0.0");
    team.add_release("com.example.other", "1.0.0");
    team.write("releases.toml", &both);
    team.publish("A channel and another app");
    team.tag(of_pilot, "HEAD");
    team.tag(of_other, "HEAD");

    // together with its tag, in one push
    team.write("releases.toml", &pilot);
    team.commit("Drop the other app");
    says(of_other, " now: there is no app com.example.other any more");
    team.write("releases.toml", SETTINGS);
    team.commit("Drop the channel");
    says(of_pilot, " now: there is no channel pilot any more");

    // and where it went before
    team.publish("And push");
    says(of_other, ": the app `com.example.other` is in releases.toml no longer");
    says(of_pilot, ": com.example.app has no channel `pilot`");
}

#[test]
fn a_tag_where_nothing_is_served_does_nothing_for_that() {
    let world = World::new();
    let team = team(&world);
    team.git(&["rm", "--quiet", "-r", "."]).success();
    team.git(&["checkout", "--quiet", "--orphan", "empty"]).success();
    team.write("README.md", "nothing yet");
    team.commit("Begin");
    team.git(&["tag", "production/1.5.0"]).success();
    for (args, said) in [
        (["--tag", "production/1.5.1"], "production/1.5.1 changes nothing: nothing is served yet"),
        (["--untag", "production/1.5.0"], "deleting production/1.5.0 changes nothing: nothing was served"),
    ] {
        let text = super::plan_in(&world, team.folder(), &[&["HEAD", "HEAD"], &args[..]].concat()).stdout();
        assert!(text.contains(&format!("\n\n{said}\n")), "{said}: {text}");
    }
}
