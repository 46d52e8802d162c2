//! A team's day with tags: a few devices, more, all; a halt, a fix, and the ways back. All of it by `git push`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{Daemon, Line, Phone, Team, World, phones, take_hooks_off};

const APP: &str = "com.example.app";
const SETTINGS: &str = "[apps.\"com.example.app\".channels]\nproduction = { tags = true }\nbeta = {}\n";
const FLEET: usize = 2000;

/// A release repository, who works in it, the daemon, and its devices.
struct Day<'w> {
    world: &'w World,
    repo: PathBuf,
    team: Team<'w>,
    daemon: Daemon,
    production: Vec<Phone>,
}

impl<'w> Day<'w> {
    /// Version 1.0.1 is on every device.
    fn begin(world: &'w World) -> Day<'w> {
        let repo = world.init("releases.git");
        let team = world.team(&repo);
        team.write("releases.toml", SETTINGS);
        team.add_release(APP, "1.0.1");
        let tip = team.publish("Begin");
        let daemon = Daemon::start(world, &repo, &[]);
        daemon.wait_for_commit(&tip);
        let mut day = Day { world, repo, team, daemon, production: phones(FLEET) };
        day.production_has("nothing is tagged", &[]);
        day.tag("production/1.0.1");
        day.production_has("the first is open to all", &[("1.0.1", 10_000, "1.0.1")]);
        day
    }

    fn release(&self, version: &str, descriptor: &str) -> String {
        self.team.add_release(APP, version);
        self.team.write(&format!("{APP}/{version}/release.toml"), descriptor);
        self.publish(&format!("Release {version}"))
    }

    fn publish(&self, message: &str) -> String {
        let tip = self.team.publish(message);
        self.daemon.wait_for_commit(&tip);
        tip
    }

    /// Tags the tip, and waits until that is live.
    fn tag(&self, name: &str) {
        self.push_tags(|| self.team.tag(name, "HEAD"));
    }

    fn push_tags(&self, push: impl FnOnce()) {
        push();
        self.daemon.wait_for_line("the tags", |line| line["message"] == "published");
    }

    /// Every device of production asks and does as it is told; then it has the highest release that it is in by its
    /// position, of those that are open to so many hundredths of a percent, or keeps what it has where that is higher.
    fn production_has(&mut self, when: &str, open: &[(&str, u64, &str)]) {
        let before: Vec<String> = self.production.iter().map(|phone| phone.runs.clone()).collect();
        Line::to(self.daemon.address(), APP, "").update(&mut self.production);
        let listed = |version: &str| open.iter().any(|(open, ..)| *open == version);
        for (phone, before) in self.production.iter().zip(before) {
            let is_in = |percent: u64, name: &str| phone.position(APP, "production", name) < percent;
            let mut best =
                open.iter().filter(|(_, percent, name)| is_in(*percent, name)).map(|(version, ..)| *version).max();
            if listed(&before) {
                best = best.max(Some(&before));
                assert!(phone.runs >= before, "{when}: {phone:?} was moved down from {before}");
            }
            let expected = best.unwrap_or(&before);
            assert_eq!(phone.runs, expected, "{when}: {phone:?}, which ran {before}");
        }
    }

    /// How many devices run each version.
    fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        self.production.iter().for_each(|phone| *counts.entry(&*phone.runs).or_default() += 1);
        counts
    }
}

#[test]
fn a_day_with_tags() {
    let world = World::new();
    let mut day = Day::begin(&world);

    day.release("1.1.0", "");
    let mut beta = phones(FLEET);
    Line::to(day.daemon.address(), APP, "beta").update(&mut beta);
    assert!(beta.iter().all(|phone| phone.runs == "1.1.0"), "a commit is a release to beta");
    day.production_has("a commit alone opens nothing", &[("1.0.1", 10_000, "1.0.1")]);

    day.tag("production/1.1.0@1%");
    day.production_has("one in a hundred", &[("1.0.1", 10_000, "1.0.1"), ("1.1.0", 100, "1.1.0")]);
    day.tag("production/1.1.0@10%");
    day.production_has("one in ten", &[("1.0.1", 10_000, "1.0.1"), ("1.1.0", 1000, "1.1.0")]);
    assert!((140..260).contains(&day.counts()["1.1.0"]), "{:?}", day.counts());

    day.release("1.2.0", "");
    day.tag("production/1.2.0@5%");
    let open = [("1.0.1", 10_000, "1.0.1"), ("1.1.0", 1000, "1.1.0"), ("1.2.0", 500, "1.2.0")];
    day.production_has("a second release while the first is partial", &open);

    day.release("1.1.1", "rollout_as = \"1.1.0\"");
    day.tag("production/1.1.1@10%");
    let open = [open[0], open[1], ("1.1.1", 1000, "1.1.0"), open[2]];
    day.production_has("a hotfix for the same devices", &open);
    assert_eq!(day.counts().get("1.1.0"), None, "all who had 1.1.0 have the fix: {:?}", day.counts());

    let had_it = day.counts()["1.2.0"];
    day.tag("production/1.2.0@halt");
    let open = [open[0], open[1], open[2], ("1.2.0", 0, "1.2.0")];
    day.production_has("a halt takes it from nobody", &open);
    assert_eq!(day.counts()["1.2.0"], had_it);
    day.tag("production/1.2.0@50%");
    day.production_has("and lets nobody in, whatever else is tagged", &open);
    assert_eq!(day.counts()["1.2.0"], had_it);

    day.tag("production/1.1.1");
    let open = [open[0], open[1], ("1.1.1", 10_000, "1.1.0"), open[3]];
    day.production_has("the fix is open to all", &open);

    day.team.write(&format!("{APP}/1.2.0/release.toml"), "yanked = \"crashes\"");
    let yank = day.publish("Yank 1.2.0");
    day.production_has("who had what is yanked goes on with the best of the rest", &open[..3]);
    assert_eq!(day.counts(), BTreeMap::from([("1.1.1", FLEET)]));

    day.daemon.wait_for_commit(&day.team.revert(&yank));
    day.production_has("what is back is halted still", &open);

    day.push_tags(|| {
        day.team.git(&["push", "--quiet", "origin", ":production/1.2.0@halt"]).success();
    });
    let open = [open[0], open[1], open[2], ("1.2.0", 5000, "1.2.0")];
    day.production_has("without the halt the half of before counts", &open);

    let release = day.release("1.3.0", "");
    day.tag("production/1.3.0@20%");
    day.production_has("one in five", &[open[0], open[1], open[2], open[3], ("1.3.0", 2000, "1.3.0")]);
    assert!((320..480).contains(&day.counts()["1.3.0"]), "{:?}", day.counts());
    day.daemon.wait_for_commit(&day.team.revert(&release));
    day.production_has("who had what is withdrawn goes on with the best of the rest", &open);
    assert_eq!(day.counts().get("1.3.0"), None, "{:?}", day.counts());

    day.team.write("releases.toml", SETTINGS.replace("tags = true", "tags = true, pin = \"builtin\""));
    day.publish("Back to the store's");
    Line::to(day.daemon.address(), APP, "").update(&mut day.production);
    assert_eq!(day.counts(), BTreeMap::from([("builtin", FLEET)]));

    let fresh = Daemon::start(&world, &day.repo, &["--data", &world.path("fresh").to_string_lossy()]);
    fresh.wait_for_commit(&day.team.head());
    let table = |daemon: &Daemon| daemon.check_by(&[], APP, json!({})).header("x-release-table").map(str::to_owned);
    assert_eq!(table(&fresh), table(&day.daemon), "a replica with the same refs says that it is the same");
}

#[test]
fn a_smaller_share_in_place_of_a_larger_one_moves_nobody_down() {
    let world = World::new();
    let mut day = Day::begin(&world);
    day.release("1.1.0", "");
    day.tag("production/1.1.0@10%");
    day.production_has("one in ten", &[("1.0.1", 10_000, "1.0.1"), ("1.1.0", 1000, "1.1.0")]);
    day.team.git(&["tag", "production/1.1.0@5%"]).success();
    let have_it: Vec<Phone> = day.production.iter().filter(|phone| phone.runs == "1.1.0").cloned().collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (address, is_over, have_it) = (day.daemon.address(), &is_over, &have_it);
        let asking = scope.spawn(move || {
            let mut line = Line::to(address, APP, "");
            let mut asked = 0;
            while !is_over.load(Ordering::Relaxed) {
                for phone in have_it {
                    let answer = line.ask(phone);
                    assert_eq!(answer["error"], "no_new_version_available", "{phone:?} is told {answer}");
                    asked += 1;
                }
            }
            asked
        });
        for turn in 0..6 {
            let (old, new) = if turn % 2 == 0 { ("10%", "5%") } else { ("5%", "10%") };
            let (old, new) =
                (format!(":refs/tags/production/1.1.0@{old}"), format!("refs/tags/production/1.1.0@{new}"));
            day.push_tags(|| {
                day.team.git(&["push", "--quiet", "origin", &old, &new]).success();
            });
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(asking.join().expect("nobody is moved") > 100);
    });
}

#[test]
fn old_native_versions_go_on_getting_what_fits_them() {
    let world = World::new();
    let mut day = Day::begin(&world);
    day.production.truncate(100);
    for phone in day.production.iter_mut().step_by(2) {
        phone.native = "1.5.0";
        phone.runs = "builtin".to_owned();
    }
    day.release("1.6.0", "native = \">=1.5.0\"");
    day.tag("production/1.6.0");
    day.release("1.0.2", "");
    day.tag("production/1.0.2");
    Line::to(day.daemon.address(), APP, "").update(&mut day.production);
    assert_eq!(day.counts(), BTreeMap::from([("1.0.2", 50), ("1.6.0", 50)]));
}

#[test]
fn who_runs_what_is_withdrawn_goes_down_and_back_to_builtin_where_nothing_is_left() {
    let world = World::new();
    let mut day = Day::begin(&world);
    let release = day.release("1.1.0", "");
    day.tag("production/1.1.0");
    day.production_has("open to all", &[("1.0.1", 10_000, "1.0.1"), ("1.1.0", 10_000, "1.1.0")]);
    assert_eq!(day.counts(), BTreeMap::from([("1.1.0", FLEET)]));

    day.daemon.wait_for_commit(&day.team.revert(&release));
    day.production_has("taken back", &[("1.0.1", 10_000, "1.0.1")]);
    assert_eq!(day.counts(), BTreeMap::from([("1.0.1", FLEET)]));

    day.team.git(&["rm", "--quiet", "-r", APP]).success();
    day.publish("Nothing is left");
    Line::to(day.daemon.address(), APP, "").update(&mut day.production);
    assert_eq!(day.counts(), BTreeMap::from([("builtin", FLEET)]));
}

#[test]
fn steps_begin_at_the_latest_of_their_dates() {
    let world = World::new();
    let day = Day::begin(&world);
    // its steps began long ago, by the date of the tag: the fixed date of this world
    day.release("1.1.0", "rollout = [\"1% for 1h\", \"100%\"]");
    day.tag("production/1.1.0");
    assert_eq!(day.daemon.check(APP, "1.0.1")["version"], "1.1.0");
    day.release("1.2.0", "rollout = [\"0% for 1h\", \"100%\"]\nrollout_start = 2999-01-01T00:00:00Z");
    day.tag("production/1.2.0");
    let told = day.daemon.check(APP, "1.1.0");
    assert_eq!(told["error"], "no_new_version_available", "a later start counts: {told}");
}

#[test]
fn the_clock_moves_a_rollout_on_without_a_push_and_without_another_table() {
    let world = World::new();
    let mut day = Day::begin(&world);
    // on a slow machine a step may be over before anybody asks: then there is a longer one
    let moved = [("1.1.0", 4), ("1.2.0", 16), ("1.3.0", 59)];
    let moved = (0..moved.len()).any(|turn| moved_on_by_itself(&mut day, &moved[..=turn]));
    assert!(moved, "no step was seen before it was over");
}

/// Opens the last of these releases to a tenth, with a next step that begins in so many seconds, and sees it begin. `false`
/// where it had begun before anybody asked, as with the releases before.
fn moved_on_by_itself(day: &mut Day<'_>, releases: &[(&str, i64)]) -> bool {
    let (version, seconds) = *releases.last().expect("a release");
    let stands_in = |range: Range<u64>| {
        let stands = |phone: &&Phone| range.contains(&phone.position(APP, "production", version));
        day.production.iter().find(stands).expect("a phone").clone()
    };
    let (at_once, later) = (stands_in(0..1000), stands_in(1000..5000));
    let begun = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds - 60);
    day.release(version, &format!("rollout = [\"10% for 1m\", \"50%\"]\nrollout_start = {begun}"));
    day.tag(&format!("production/{version}"));
    let mut line = Line::to(day.daemon.address(), APP, "");
    let mut is_offered = |phone: &Phone| line.ask(phone)["version"] == version;
    assert!(is_offered(&at_once), "a tenth is in");
    if is_offered(&later) {
        return false;
    }
    let patience = Instant::now() + Duration::from_secs(100);
    while !is_offered(&later) {
        assert!(Instant::now() < patience, "the next step never begins");
        thread::sleep(Duration::from_millis(10));
    }
    let half = releases.iter().map(|(version, _)| (*version, 5000, *version));
    let open: Vec<_> = [("1.0.1", 10_000, "1.0.1")].into_iter().chain(half).collect();
    day.production_has("the next step", &open);
    let published = day.daemon.unread_lines().into_iter().filter(|line| line["message"] == "published");
    assert_eq!(published.count(), 0, "nothing was pushed, so nothing is published");
    true
}

#[test]
fn tags_that_open_nothing_are_reported_and_so_is_one_that_moves() {
    let world = World::new();
    let day = Day::begin(&world);
    let first = day.team.head();
    take_hooks_off(&day.repo);
    day.release("1.1.0", "");
    day.push_tags(|| day.team.tag("production/1.1.0", &first));
    assert_eq!(day.daemon.problems(), (1, 0));
    let check = day.world.run(crate::world::pushlive(), ["check", "releases.git"]);
    assert_eq!(check.code(), 1);
    assert!(check.stdout().contains("tag production/1.1.0"), "{}", check.stdout());
    day.push_tags(|| {
        day.team.git(&["tag", "--force", "production/1.1.0", "HEAD"]).success();
        day.team.git(&["push", "--quiet", "--force", "origin", "production/1.1.0"]).success();
    });
    assert_eq!(day.daemon.problems(), (0, 1), "that it was moved");
    assert_eq!(day.daemon.check(APP, "1.0.1")["version"], "1.1.0");
    let log = day.daemon.log().join("\n");
    assert!(log.contains("a release tag was moved to another commit"), "{log}");
}
