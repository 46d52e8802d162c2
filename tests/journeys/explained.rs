//! What an explanation must not leave unsaid: who is shut out, what was taken back, what is not what the tip says.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::world::{Daemon, Ran, Team, World, pushlive, request};

const APP: &str = "com.example.app";
const DEVICE: &str = "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40";

/// Explains what an iPhone with the native version 1.0.0 gets.
fn explain(world: &World, args: &[&str]) -> String {
    let fixed = ["explain", "releases.git", "--app", APP, "--version-build", "1.0.0", "--plugin-version", "8.43.0"];
    let fixed = fixed.iter().chain(&["--time", "2026-02-03T04:05:06Z", "--device-id", DEVICE]);
    let platform = ["--platform", "ios"].into_iter().filter(|_| !args.contains(&"--platform"));
    world.run(pushlive(), fixed.copied().chain(platform).chain(args.iter().copied())).success()
}

fn document(world: &World, args: &[&str]) -> Value {
    serde_json::from_str(&explain(world, &[args, &["--json"]].concat())).expect("JSON")
}

fn has(text: &str, words: &str) {
    assert!(text.contains(words), "no {words:?} in {text}");
}

fn line(line: u32) -> Value {
    json!({ "file": "releases.toml", "line": line })
}

const SHUT: &str = r#"[apps."com.example.app"]

[apps."com.example.app".channels.production]
builds = ["prod"]
hardware = ["device"]
platforms = ["ios"]

[apps."com.example.app".channels.private]
public = false

[apps."com.example.app".channels.android]
platforms = ["android"]

[[apps."com.example.app".overrides]]
custom_id = "qa-1"
channel = "android"
"#;

fn team_with_settings<'w>(world: &'w World, settings: &str) -> Team<'w> {
    let team = world.team(&world.init_without_hooks("releases.git"));
    team.write("releases.toml", settings);
    team
}

#[test]
fn who_is_shut_out_is_told_of_which_channel_how_it_came_there_and_by_which_line() {
    let world = World::new();
    let team = team_with_settings(&world, SHUT);
    team.add_release(APP, "1.0.1");
    team.add_release(APP, "2.0.0");
    team.publish("Releases");
    assert_data_eq!(
        explain(&world, &["--custom-id", "qa-1"]),
        str![[r#"
com.example.app on ios, native version 1.0.0, runs builtin, plugin version 8.43.0, device id 5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40, custom id qa-1
commit [..], 2026-02-03T04:05:06Z

channel android, by an override (releases.toml:14); the channel does not serve this platform (releases.toml:12)
but for that:

  2.0.0  refused     it is not within the major version of the native one (releases.toml:11)
  1.0.1  eligible    the highest that it may have

It gets nothing (disabled_platform_ios):
{"error":"disabled_platform_ios","message":"The channel does not serve this platform","kind":"blocked"}

"#]]
    );
    let named = explain(&world, &["--default-channel", "private"]);
    has(&named, ", names the channel private\n");
    has(
        &named,
        "channel private, which the device names (releases.toml:8); the channel is neither public nor self-assignable (releases.toml:9)",
    );
    let unknown = explain(&world, &["--default-channel", "nightly"]);
    has(&unknown, "channel nightly, which the device names; the app has no channel of that name (releases.toml:1)\n");
    let told = |args: &[&str]| document(&world, args)["channel"].clone();
    let production = |rule: &str, at: u32| {
        let refused = json!({ "rule": rule, "at": line(at) });
        json!({ "name": "production", "why": "default_channel", "at": line(1), "refused": refused })
    };
    assert_eq!(told(&["--is-prod", "false"]), production("disable_dev_build", 4));
    assert_eq!(told(&["--is-emulator"]), production("disable_emulator", 5));
    assert_eq!(told(&["--platform", "electron"]), production("disabled_platform_electron", 6));
    assert_eq!(told(&["--platform", "tv"]), production("disabled_platform_unknown", 6));
    let private = json!({ "rule": "cannot_update_via_private_channel", "at": line(9) });
    let private = json!({ "name": "private", "why": "defaultChannel", "at": line(8), "refused": private });
    assert_eq!(told(&["--default-channel", "private"]), private);
    let unknown = json!({ "rule": "no_channel", "at": line(1) });
    let unknown = json!({ "name": "nightly", "why": "defaultChannel", "at": null, "refused": unknown });
    assert_eq!(told(&["--default-channel", "nightly"]), unknown);
    assert_eq!(document(&world, &["--is-emulator"])["releases"][1]["verdict"], "eligible");
    assert_eq!(document(&world, &["--platform", "tv"])["releases"], json!([]));
}

const TAGGED: &str = "[apps.\"com.example.app\"]\n\n[apps.\"com.example.app\".channels.production]\ntags = true\n";

#[test]
fn why_a_device_leaves_what_it_runs_is_told() {
    let world = World::new();
    let team = team_with_settings(&world, &SHUT.replace("channel = \"android\"", "version = \"1.4.0\""));
    for version in ["1.1.0", "1.2.0", "1.3.0", "1.4.0"] {
        team.add_release(APP, version);
    }
    team.publish("Releases");
    std::fs::remove_dir_all(team.folder().join(APP).join("1.1.0")).expect("its folder");
    let gone = team.publish("Withdraw 1.1.0");
    team.write(&format!("{APP}/1.2.0/release.toml"), "\nyanked = true\n");
    team.write(&format!("{APP}/1.3.0/release.toml"), "native = \">=1.5\"\n");
    team.write(&format!("{APP}/1.4.0/release.toml"), "platforms = [\"android\"]\n");
    team.write(&format!("{APP}/1.5.0/bundle.zip"), "no zip");
    team.publish("Take back the rest");
    let runs = |version: &str| {
        let told = document(&world, &["--version-name", version]);
        let is_sent_back = told["answer"]["version"] == "builtin";
        assert_eq!(is_sent_back, !["unknown", "left_out"].contains(&told["runs"]["rule"].as_str().expect("a rule")));
        (told["runs"].clone(), explain(&world, &["--version-name", version]))
    };
    let at = |version: &str, line: u32| json!({ "file": format!("{APP}/{version}/release.toml"), "line": line });
    let (told, text) = runs("1.1.0");
    assert_eq!(told, json!({ "version": "1.1.0", "rule": "withdrawn", "at": null, "commit": gone }));
    has(&text, &format!("\nIt runs 1.1.0, which is withdrawn: commit {} took it away\nIt goes back", &gone[..10]));
    let (told, text) = runs("1.2.0");
    assert_eq!(told, json!({ "version": "1.2.0", "rule": "yanked", "at": at("1.2.0", 2) }));
    has(&text, "\nIt runs 1.2.0, which is yanked (com.example.app/1.2.0/release.toml:2)\n");
    assert_eq!(runs("1.3.0").0, json!({ "version": "1.3.0", "rule": "native", "at": at("1.3.0", 1) }));
    assert_eq!(runs("1.4.0").0, json!({ "version": "1.4.0", "rule": "platforms", "at": at("1.4.0", 1) }));
    has(&runs("0.9.0").1, "\nIt runs 0.9.0, which was never a release here, and is left alone\nIt gets nothing");
    let (told, text) = runs("1.5.0");
    assert_eq!(told["rule"], "left_out");
    has(&text, "\n  1.5.0  left out    ");
    let release = &document(&world, &[])["releases"][0];
    assert_eq!((&release["version"], &release["verdict"]), (&json!("1.5.0"), &json!("not listed")));
    assert_eq!(release["fault"]["file"], format!("{APP}/1.5.0/bundle.zip"));
    assert_eq!(release["rule"], release["fault"]["rule"]);

    // a lower one that is offered has its reason too
    team.add_release(APP, "1.0.1");
    team.publish("Something lower");
    has(&explain(&world, &["--version-name", "1.1.0"]), "took it away\nIt is offered 1.0.1:\n");
    let listed = explain(&world, &["--custom-id", "qa-1"]);
    has(&listed, "; an override lists one release alone");
    team.write("releases.toml", SHUT.replace("channel = \"android\"", "version = \"1.2.0\""));
    team.publish("Override by what is yanked");
    has(
        &explain(&world, &["--custom-id", "qa-1"]),
        "\nan override is passed over, as 1.2.0 is yanked (releases.toml:14)\n",
    );
    let told = document(&world, &["--custom-id", "qa-1"]);
    assert_eq!(told["passed_over"], json!([{ "version": "1.2.0", "rule": "yanked", "at": line(14) }]));
    team.write("releases.toml", TAGGED.replace("tags = true", "pin = \"builtin\""));
    team.publish("Send all back");
    has(&explain(&world, &[]), "  1.0.1  not listed  the channel is pinned to builtin (releases.toml:4)\n");
    let (told, text) = runs("1.0.1");
    assert_eq!(told, json!({ "version": "1.0.1", "rule": "pin", "at": line(4) }));
    has(&text, "\nIt runs 1.0.1, and the channel is pinned to builtin (releases.toml:4)\nIt goes back");

    // an old plugin cannot
    for plugin in [&[][..], &["--plugin-version", "4.0.0"]] {
        let fixed =
            ["explain", "releases.git", "--platform", "ios", "--version-build", "1.0.0", "--version-name", "1.0.1"];
        let text = world.run(pushlive(), fixed.iter().chain(plugin)).success();
        has(
            &text,
            "\nIt should go back to the bundle that came with the app, which its plugin cannot do, so it stays on 1.0.1:\n{\"error\":\"revert_to_builtin_plugin_version_too_old\"",
        );
        assert!(!text.contains("It goes back"), "{text}");
    }
}

#[test]
fn a_tag_that_approves_other_bytes_is_told_of() {
    let world = World::new();
    let team = team_with_settings(&world, TAGGED);
    team.publish("Nothing yet");
    team.add_release(APP, "1.0.1");
    team.publish("A release");
    team.tag("production/1.0.1", "HEAD~1");
    let told = explain(&world, &[]);
    has(&told, "the commit of its tag has not the bundle that is served to this platform (tag production/1.0.1)");
}

#[test]
fn who_runs_a_release_keeps_it_and_is_told_what_keeps_others_out() {
    let world = World::new();
    let team = team_with_settings(&world, TAGGED);
    for (version, descriptor) in [
        ("1.1.0", ""),
        ("1.2.0", "rollout = [\"1% for 1h\", \"100%\"]\n"),
        ("1.3.0", "rollout = [\"1% for 1h\", \"100%\"]\nrollout_start = 2999-01-01T00:00:00Z\n"),
        ("1.4.0", "rollout = [\"1% for 1h\", \"100%\"]\nnot_before = 2998-01-01T00:00:00Z\n"),
    ] {
        team.add_release(APP, version);
        team.write(&format!("{APP}/{version}/release.toml"), descriptor);
    }
    team.publish("Releases");
    for tag in ["1.1.0@5%", "1.1.0@halt", "1.2.0", "1.3.0", "1.4.0"] {
        team.tag(&format!("production/{tag}"), "HEAD");
    }
    let at = ["--time", "2026-01-01T00:00:00Z"];
    let text = |version: &str| {
        let fixed = ["explain", "releases.git", "--platform", "ios", "--version-build", "1.0.0", "--device-id", DEVICE];
        let who = ["--version-name", version, "--plugin-version", "8.43.0"];
        world.run(pushlive(), fixed.iter().chain(&who).chain(&at)).success()
    };
    let halted = text("1.1.0");
    has(
        &halted,
        "> 1.1.0  target      the highest that it may have (tag production/1.1.0@5%); the device runs it and keeps it; it is halted, so nobody else gets it (tag production/1.1.0@halt)\n",
    );
    let new = text("builtin");
    // the tag is of the next day
    has(
        &new,
        "1.2.0  refused     nobody enters before its steps begin at 2026-01-02T03:04:05Z (tag production/1.2.0)\n",
    );
    has(
        &new,
        "1.3.0  refused     nobody enters before its steps begin at 2999-01-01T00:00:00Z (com.example.app/1.3.0/release.toml:2)\n",
    );
    has(
        &new,
        "1.4.0  refused     nobody enters before its steps begin at 2998-01-01T00:00:00Z (com.example.app/1.4.0/release.toml:2)\n",
    );
    has(
        &text("1.3.0"),
        "(tag production/1.3.0); the device runs it and keeps it; anew it would not get it, as nobody enters before its steps begin at 2999-01-01T00:00:00Z (com.example.app/1.3.0/release.toml:2)\n",
    );
    let told = document(&world, &["--version-name", "1.1.0"]);
    let of = |version: &str| {
        told["releases"].as_array().expect("releases").iter().find(|one| one["version"] == version).expect("it")
    };
    assert_eq!(of("1.1.0")["entry"], json!({ "rule": "halted", "at": { "tag": "production/1.1.0@halt" } }));
    assert_eq!(of("1.1.0")["at"], json!({ "tag": "production/1.1.0@5%" }));
    assert_eq!(of("1.3.0")["begins"], "2999-01-01T00:00:00Z");
}

#[test]
fn what_is_kept_of_an_older_commit_names_that_and_the_fault_of_the_newest() {
    let world = World::new();
    let team = team_with_settings(&world, TAGGED);
    team.add_release(APP, "1.0.1");
    team.write(&format!("{APP}/1.0.1/release.toml"), "\n\nnative = \">=1.5\"\n");
    let good = team.publish("Good");
    team.write(&format!("{APP}/1.0.1/release.toml"), "platfroms = []\n");
    let slip = team.publish("A slip in a release");
    team.git(&["tag", "production/1.0.1"]).success();
    team.git(&["push", "--quiet", "origin", "production/1.0.1"]).success();
    let release = &document(&world, &[])["releases"][0];
    let at = json!({ "file": format!("{APP}/1.0.1/release.toml"), "line": 3, "commit": good });
    assert_eq!((&release["rule"], &release["at"]), (&json!("native_incompatible"), &at));
    assert_eq!((&release["kept"]["commit"], &release["kept"]["fault"]["line"]), (&json!(good), &json!(1)));
    has(&explain(&world, &[]), &format!("release.toml:3 in commit {}); its newest form does not count: ", &good[..10]));
    has(&explain(&world, &[]), "(com.example.app/1.0.1/release.toml:1)\n");

    team.write("releases.toml", format!("# more\n{}", TAGGED.replace("tags", "tgas")));
    team.add_release(APP, "1.1.0");
    let tip = team.publish("A slip in the app");
    let told = document(&world, &[]);
    assert_eq!(told["commit"], tip);
    assert_eq!(told["channel"]["at"], json!({ "file": "releases.toml", "line": 1, "commit": slip }));
    let kept = &told["kept"][0];
    assert_eq!((&kept["app"], &kept["commit"], &kept["fault"]["line"]), (&json!(APP), &json!(slip), &json!(5)));
    let text = explain(&world, &[]);
    has(
        &text,
        &format!(
            "\n{APP} is read from commit {}, the newest where its part of releases.toml is valid, for a fault of the newest: ",
            &slip[..10]
        ),
    );
    has(&text, &format!("(releases.toml:1 in commit {})", &slip[..10]));
    has(&explain(&world, &["--version-name", "1.1.0"]), "It runs 1.1.0, which is no release in that older commit");

    team.write("releases.toml", "[apps\n");
    team.publish("No TOML");
    let told = document(&world, &[]);
    assert_eq!((&told["commit"], &told["kept"][0]["fault"]["line"]), (&json!(tip), &json!(1)));
    has(&explain(&world, &[]), "\nthis commit is the newest whose releases.toml counts, for a fault of the newest: ");
}

#[test]
fn the_repository_is_where_gits_environment_says() {
    let world = World::new();
    let team = team_with_settings(&world, TAGGED);
    team.publish("Begin");
    for command in [&["explain", "--platform", "ios"][..], &["status"], &["log"]] {
        let mut elsewhere = world.command(pushlive());
        elsewhere.args(command).env("GIT_DIR", world.path("releases.git"));
        Ran::of(elsewhere).success();
        let mut wrong = world.command(pushlive());
        wrong.current_dir(team.folder()).args(command).env("GIT_DIR", world.path("nowhere"));
        let wrong = Ran::of(wrong);
        assert_eq!(wrong.code(), 2);
        has(&wrong.stderr(), "nowhere is not a git repository");
    }
}

#[test]
fn where_the_releases_are_on_another_branch_that_is_named() {
    let world = World::new();
    world.run(pushlive(), ["init", "--branch", "live", "releases.git"]).success();
    let team = world.team(&world.path("releases.git"));
    team.write("releases.toml", TAGGED);
    team.add_release(APP, "1.0.1");
    team.commit("Begin");
    team.git(&["push", "--quiet", "origin", "HEAD:live"]).success();
    let here = |args: &[&str]| {
        let mut command = world.command(pushlive());
        command.current_dir(team.folder()).args(args);
        Ran::of(command)
    };
    let readme = world.run("git", ["-C", "releases.git", "show", "live:README.md"]).success();
    has(&readme, "    export PUSHLIVE_BRANCH=live\n    pushlive check\n    pushlive plan\n");
    let named = "`live` is the branch of this repository: read it with `--branch live`";
    let explained = here(&["explain", "--platform", "ios"]);
    assert_eq!(explained.code(), 2);
    has(
        &explained.stderr(),
        &format!("there is no branch `main`, so the repository offers nothing yet\nhelp: {named}"),
    );
    let status = here(&["status"]).success();
    has(&status, "nothing is served: there is no such branch yet\n");
    has(&status.split_whitespace().collect::<Vec<_>>().join(" "), named);
    here(&["explain", "--platform", "ios", "--branch", "live"]).success();
    has(&here(&["status", "--branch", "live"]).success(), "production, the default");

    // what another remote or nobody names is not made up
    team.git(&["remote", "set-head", "origin", "--delete"]).success();
    has(&here(&["explain", "--platform", "ios"]).stderr(), named);
    team.git(&["checkout", "--quiet", "--detach"]).success();
    has(
        &here(&["explain", "--platform", "ios"]).stderr(),
        "help: push a commit to it, or name another with `--branch`",
    );
}

#[test]
fn why_nobody_knows_an_app_is_told() {
    let world = World::new();
    let repo = world.init_without_hooks("releases.git");
    let team = world.team(&repo);
    let good = "[apps.\"com.example.first\"]\n";
    team.write("releases.toml", format!("{good}[apps.\"{APP}\"]\n"));
    team.publish("Two apps");
    team.write("releases.toml", format!("# more\n{good}"));
    let removed = team.publish("Take one out");
    let told = document(&world, &[]);
    assert_eq!((&told["channel"]["removed_by"], &told["channel"]["fault"]), (&json!(removed), &Value::Null));
    has(
        &explain(&world, &[]),
        &format!("does not know the app; commit {} took it out of releases.toml\n", &removed[..10]),
    );

    // with a fault, since it came again
    team.write("releases.toml", format!("{good}[apps.\"{APP}\"]\nfoo = 1\n"));
    team.publish("A slip");
    let daemon = Daemon::start_for_operators(&world, &repo, &[]);
    daemon.wait_for_commit(&team.head());
    has(
        &explain(&world, &[]),
        "no channel: this server does not know the app; its part of releases.toml never was valid since it came: unknown key `foo`",
    );
    let told = document(&world, &[])["channel"].clone();
    assert_eq!(told["refused"], json!({ "rule": "app_not_found", "at": line(3) }));
    assert_eq!((&told["fault"]["rule"], &told["fault"]["line"]), (&json!("unknown-key"), &json!(3)));
    let body = json!({ "app_id": APP, "platform": "ios" }).to_string();
    let of_daemon = request(daemon.operator(), "POST", "/api/explain", &[], body.as_bytes()).json();
    assert_eq!(of_daemon["channel"], told);
    let third = ["explain", "releases.git", "--json", "--platform", "ios", "--app", "com.example.third"];
    let never: Value = serde_json::from_str(&world.run(pushlive(), third).success()).expect("JSON");
    let never = never["channel"].clone();
    assert_eq!(
        never,
        json!({ "name": null, "why": "app_not_found", "at": null,
        "refused": { "rule": "app_not_found", "at": null } })
    );
}

#[test]
fn an_app_id_without_quotes_is_told_as_the_reason_why_nobody_knows_the_app() {
    let world = World::new();
    let team = team_with_settings(&world, &format!("[apps.\"com.example.first\"]\n[apps.{APP}]\n"));
    team.publish("No quotes");
    has(&explain(&world, &[]), "never was valid since it came: ");
    assert_eq!(document(&world, &[])["channel"]["refused"]["at"], line(2));
    team.write("releases.toml", format!("[apps.{APP}]\n"));
    team.publish("Alone");
    let nobody = world.run(pushlive(), ["explain", "releases.git", "--platform", "ios"]);
    has(&nobody.stderr(), "has no app that is served");
}

#[test]
fn an_override_that_lists_one_release_has_its_own_line() {
    let world = World::new();
    let team = team_with_settings(&world, &SHUT.replace("channel = \"android\"", "version = \"1.0.1\""));
    team.add_release(APP, "1.0.1");
    team.publish("A release");
    has(
        &explain(&world, &["--custom-id", "qa-1"]),
        "\nchannel production, the app's default (releases.toml:1); an override lists one release alone (releases.toml:14)\n",
    );
    let channel = document(&world, &["--custom-id", "qa-1"])["channel"].clone();
    assert_eq!((&channel["at"], &channel["only_at"]), (&line(1), &line(14)));
}

#[test]
fn a_pin_is_named_and_what_others_typed_breaks_no_line() {
    let world = World::new();
    let team = team_with_settings(&world, &TAGGED.replace("tags = true", "pin = \"9.9.9\""));
    team.add_release(APP, "1.0.1");
    team.publish("Pin what is not there");
    let text = explain(&world, &["--custom-id", "a\nchannel beta\r\u{202e}b"]);
    has(&text, "  1.0.1  not listed  the channel is pinned to 9.9.9, which is no release here (releases.toml:4)\n");
    has(&text, ", custom id a\\nchannel beta\\r\\u{202e}b\ncommit ");
}

#[test]
fn what_counts_as_the_bundle_that_came_with_the_app_and_why_a_device_is_up_to_date_are_told() {
    let world = World::new();
    let team = team_with_settings(&world, "[apps.\"com.example.app\"]\n");
    team.add_release(APP, "1.0.1");
    team.publish("A release");
    let explain = |plugin: &str, build: &str, runs: &str| {
        let device = ["--plugin-version", plugin, "--version-build", build, "--version-name", runs];
        let fixed = ["explain", "releases.git", "--platform", "ios", "--device-id", DEVICE];
        world.run(pushlive(), fixed.iter().chain(&device)).success()
    };
    let up_to_date = |text: &str, why: &str| has(text, &format!("\nIt is up to date{why}:\n"));
    let itself = ", as what came with the app is 1.0.1 itself";
    let new = explain("8.44.0", "1.0.1", "1.0.1");
    has(&new, ", runs 1.0.1, the bundle that came with the app, plugin version 8.44.0,");
    up_to_date(&new, itself);
    let named = explain("8.44.0", "1.0.1", "builtin");
    has(&named, ", runs builtin, plugin version 8.44.0,");
    up_to_date(&named, itself);
    let old = explain("8.43.0", "1.0.1", "1.0.1");
    has(&old, ", runs 1.0.1, plugin version 8.43.0,");
    up_to_date(&old, "");
    up_to_date(&explain("8.43.0", "1.0.0", "1.0.1"), "");
    let by_url = explain("6.0.0", "1.0.0", "1.0.1");
    up_to_date(&by_url, ", which its plugin understands by the URL of what it runs");
    has(&by_url, "\"url\":");
}
