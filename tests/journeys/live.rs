//! What someone who pushed reads once the daemon has it: what became of each channel.

use crate::world::{Daemon, Team, World, pushlive, web_app};

const APP: &str = "com.example.app";
const SETTINGS: &str = "[apps.\"com.example.app\".channels]\nproduction = { tags = true }\nbeta = {}\n";

/// What the hook says of a push of these, without how long it took.
fn live(team: &Team<'_>, refs: &[&str]) -> String {
    let pushed = team.git(&[&["push", "--quiet", "origin"], refs].concat());
    let said = pushed.stderr();
    pushed.success();
    let line = said.lines().rfind(|line| line.contains(" ms")).unwrap_or_else(|| panic!("no such line in {said}"));
    let (start, rest) = line.trim_end().split_once(" in ").expect("how long");
    let (_, words) = rest.split_once(" ms").expect("how long");
    format!("{}{words}", start.trim_start_matches("remote: pushlive: "))
}

fn begin<'w>(world: &'w World, settings: &str) -> (Team<'w>, Daemon) {
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.write("releases.toml", settings);
    team.add_release(APP, "1.0.1");
    let tip = team.publish("Begin");
    let daemon = Daemon::start_for_operators(world, &repo, &[]);
    daemon.wait_for_commit(&tip);
    (team, daemon)
}

#[test]
fn a_tag_is_told_by_what_devices_get_and_not_by_what_it_asks() {
    let world = World::new();
    let (team, _daemon) = begin(&world, SETTINGS);
    let tag = |name: &str| {
        team.git(&["tag", name]).success();
        live(&team, &[&format!("refs/tags/{name}")])
    };
    assert_eq!(tag("production/1.0.1"), "live: production nothing -> 1.0.1");
    team.add_release(APP, "1.1.0");
    team.commit("Release 1.1.0");
    team.git(&["tag", "production/1.1.0@10%"]).success();
    let both = live(&team, &["HEAD:main", "production/1.1.0@10%"]);
    let mut channels: Vec<&str> = both.trim_start_matches("live: ").split(", ").collect();
    // git changes one ref after the other, and the daemon may see both at once or not
    channels.sort_unstable();
    assert_eq!(channels, ["beta 1.0.1 -> 1.1.0", "production 1.0.1 -> 1.1.0 for 10%"]);
    assert_eq!(tag("production/1.1.0@12.5%"), "live: production 1.1.0 for 10% -> 12.5%");
    assert_eq!(tag("production/1.1.0@5%"), "taken up; it changed nothing that devices see");
    assert_eq!(tag("beta/1.1.0"), "taken up; it changed nothing that devices see");
    assert_eq!(tag("production/1.0.1@halt"), "live: production 1.0.1 open to all -> halted");
    assert_eq!(tag("production/1.1.0@halt"), "live: production 1.1.0 halted, new devices get nothing");
    assert_eq!(live(&team, &[":production/1.1.0@halt"]), "live: production nothing -> 1.1.0 for 12.5%");

    team.write(&format!("{APP}/1.1.0/release.toml"), "comment = \"For the few\"\n");
    team.commit("A comment");
    assert_eq!(live(&team, &["HEAD:main"]), format!("taken up: changed `comment` of {APP} 1.1.0"));
    let log = world.run(pushlive(), ["log", "releases.git"]).success();
    assert!(log.contains("    opens 1.1.0 to 12.5% of production\n    production 1.1.0 for 10% -> 12.5%\n"), "{log}");
    assert_eq!(log.matches("beta 1.0.1 -> 1.1.0\n").count(), 1, "what was taken up at once is told once: {log}");
}

#[test]
fn of_several_apps_each_is_named_and_what_goes_is_told() {
    let world = World::new();
    let (team, _daemon) = begin(&world, &format!("{SETTINGS}[apps.\"org.other\"]\n"));
    team.add_release("org.other", "2.0.0");
    team.commit("Another");
    assert_eq!(live(&team, &["HEAD:main"]), "live: org.other production nothing -> 2.0.0");
    team.write("releases.toml", SETTINGS.replace("beta = {}\n", ""));
    team.commit("Fewer");
    let told = live(&team, &["HEAD:main"]);
    assert_eq!(told, "live: com.example.app beta is gone, org.other production is gone");
    team.write("releases.toml", "[apps.\"org.third\"]\n");
    team.add_release("org.third", "3.0.0");
    team.commit("Another in its place");
    let told = live(&team, &["HEAD:main"]);
    assert_eq!(told, "live: com.example.app production is gone, org.third production nothing -> 3.0.0");
}

#[test]
fn what_comes_to_one_platform_is_told_with_its_name() {
    let world = World::new();
    let (team, _daemon) = begin(&world, "[apps.\"com.example.app\"]\n");
    let bundle = |platform: &str| format!("{APP}/1.1.0/bundle.{platform}.zip");
    let push = |platform: &str| {
        team.write(&bundle(platform), web_app(platform));
        team.commit(platform);
        live(&team, &["HEAD:main"])
    };
    assert_eq!(push("ios"), "live: production on ios 1.0.1 -> 1.1.0");
    assert_eq!(push("android"), "live: production on android 1.0.1 -> 1.1.0");
}

#[test]
fn what_goes_to_some_native_versions_is_told_with_them() {
    let world = World::new();
    let settings = "[apps.\"com.example.app\".channels.production]\nbelow_native = true\n";
    let (team, _daemon) = begin(&world, settings);
    team.add_release(APP, "1.1.0");
    team.commit("Release 1.1.0");
    assert_eq!(live(&team, &["HEAD:main"]), "live: production 1.0.1 -> 1.1.0");
    team.write(&format!("{APP}/1.1.0/release.toml"), "native = \">=2\"\n");
    team.commit("For the new shell alone");
    let said = "production 1.1.0 -> 1.0.1 for native >=1.0.0, <2.0.0";
    assert_eq!(live(&team, &["HEAD:main"]), format!("live: {said}"));
    let log = world.run(pushlive(), ["log", "releases.git"]).success();
    assert!(log.contains(&format!("changed `native` of {APP} 1.1.0\n    {said}\n")), "{log}");
}

#[test]
fn what_no_channel_opens_is_not_called_live() {
    let world = World::new();
    let (team, _daemon) = begin(&world, "[apps.\"com.example.app\".channels.production]\ntags = true\n");
    team.add_release(APP, "1.1.0");
    team.commit("Release 1.1.0");
    assert_eq!(live(&team, &["HEAD:main"]), format!("taken up: released {APP} 1.1.0"));
}

#[test]
fn a_pipe_in_place_of_the_daemons_address_is_not_waited_for() {
    let world = World::new();
    let (team, _daemon) = begin(&world, SETTINGS);
    let place = world.path("releases.git/pushlive/operator");
    std::fs::remove_file(&place).expect("the address");
    world.run("mkfifo", [&place]).success();
    team.add_release(APP, "1.1.0");
    team.commit("Release 1.1.0");
    assert_eq!(live(&team, &["HEAD:main"]), "live: beta 1.0.1 -> 1.1.0");
}

#[test]
fn of_many_channels_as_many_are_told_as_a_person_reads_and_each_app_has_its_own() {
    let world = World::new();
    let (team, _daemon) = begin(&world, SETTINGS);
    let apps: Vec<String> = (10..60).map(|at| format!("org.app{at}")).collect();
    let more: String = apps.iter().map(|app| format!("[apps.\"{app}\"]\n")).collect();
    team.write("releases.toml", format!("{SETTINGS}{more}"));
    apps.iter().for_each(|app| team.add_release(app, "1.0.0"));
    team.commit("Many apps");
    let said = live(&team, &["HEAD:main"]);
    assert_eq!(said.matches(" production nothing -> 1.0.0").count(), 20, "{said}");
    assert!(said.ends_with("org.app29 production nothing -> 1.0.0, and 30 more"), "{said}");
    let log = |args: &[&str]| world.run(pushlive(), [&["log", "releases.git"], args].concat()).success();
    let all = log(&[]);
    assert_eq!(all.matches(" production nothing -> 1.0.0\n").count(), 40, "{all}");
    let advice = "    and 10 more; `pushlive log <app>` tells what is about one app\n";
    assert!(all.contains(&format!("    org.app49 production nothing -> 1.0.0\n{advice}")), "{all}");
    let last = log(&["org.app59"]);
    let own = "    added the app org.app59, released org.app59 1.0.0\n    org.app59 production nothing -> 1.0.0\n";
    assert!(last.contains(own) && !last.contains("more"), "{last}");
    assert!(log(&["--json"]).contains("\"org.app59 production nothing -> 1.0.0\""), "a program reads all");
}
