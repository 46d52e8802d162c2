//! What a table serves to whom, in sum.

use super::*;
use crate::release::platform::PlatformSet;
use crate::release::policy::RolloutPlan;
use crate::release::rollout::{Percent, Step, Steps};
use crate::release::status::{OfRelease, status};
use crate::release::tags::{ReleaseTag, Says};

impl World {
    pub(super) fn tag(mut self, version: &str, says: Says, date: Option<i64>) -> World {
        let (channel, version) = ("production".into(), version.into());
        let (name, date) = (format!("production/{version}{says:?}").into(), date.map(Timestamp));
        self.tags.push(ReleaseTag { name, channel, version, says, platforms: PlatformSet::ALL, date });
        self
    }

    /// The releases of the default channel at a time, each in short.
    fn shown(&self, now: i64) -> Vec<String> {
        let table = self.table();
        let apps = status(&table, Timestamp(now));
        apps[0].channels[0].releases.iter().map(short).collect()
    }
}

pub(super) fn tagged<const N: usize>(versions: [&str; N]) -> World {
    app(versions).production(|c| c.tags = true)
}

pub(super) fn percent(percent: u16) -> Percent {
    Percent::from_hundredths(percent * 100).unwrap()
}

fn in_steps(d: &mut Descriptor) {
    let steps = [(1, Some(100)), (10, Some(100)), (100, None)];
    let steps = steps.map(|(of, lasts)| Step { percent: percent(of), lasts });
    d.rollout = Some(RolloutPlan::Everywhere(Steps::new(steps.to_vec()).unwrap().into()));
}

fn short(shown: &OfRelease<'_>) -> String {
    let halted = if shown.halted { " halted" } else { "" };
    let next = shown.shares.first().and_then(|share| share.next);
    let next = next.map(|(when, percent)| format!(", {percent} at {}", when.0)).unwrap_or_default();
    let names = |of: PlatformSet| of.iter().map(|platform| platform.name()).collect::<Vec<_>>().join("+");
    let name = |of: PlatformSet| if of == PlatformSet::ALL { String::new() } else { format!("{} ", names(of)) };
    let serves =
        shown.serves.iter().map(|serves| format!("; {}{}", name(serves.platforms), serves.native.join(" or ")));
    format!("{} {}{halted}{next}{}", shown.release.name, shown.percent(), serves.collect::<String>())
}

#[test]
fn each_channel_with_the_default_one_first() {
    let world = app(["1.0.1"]).channel("beta", |_| {}).channel("alpha", |_| {});
    let table = world.table();
    let apps = status(&table, Timestamp(0));
    let names: Vec<&str> = apps[0].channels.iter().map(|channel| &*channel.policy.name).collect();
    assert_eq!(names, ["production", "alpha", "beta"]);
}

#[test]
fn the_highest_first_each_with_the_native_versions_that_it_is_the_best_of() {
    let world = app(["1.0.1", "1.0.2", "2.1.0"]).release("1.3.0", requires(">=1.2")).release("1.4.0", yanked);
    let expected = [
        "2.1.0 100%; >=2.0.0, <2.1.1",
        "1.3.0 100%; ios >=1.2.0, <1.3.1; android+electron >=1.0.0, <1.3.1",
        "1.0.2 100%; ios >=1.0.0, <1.0.3",
        "1.0.1 100%",
    ];
    assert_eq!(world.shown(0), expected);
}

#[test]
fn the_clock_moves_the_percentage_and_tells_the_next() {
    let world = tagged(["1.0.1"]).release("1.1.0", in_steps).tag("1.0.1", Says::Open, None);
    let world = world.tag("1.1.0", Says::Open, Some(1000));
    let first = |now| world.shown(now).swap_remove(0);
    assert_eq!(first(999), "1.1.0 0%, 1% at 1000");
    assert_eq!(first(1000), "1.1.0 1%, 10% at 1100; >=1.0.0, <1.1.1");
    assert_eq!(first(1199), "1.1.0 10%, 100% at 1200; >=1.0.0, <1.1.1");
    assert_eq!(first(1200), "1.1.0 100%; >=1.0.0, <1.1.1");
    assert_eq!(world.shown(1199)[1], "1.0.1 100%; >=1.0.0, <1.0.2", "it has those who are not drawn");
    assert_eq!(world.shown(1200)[1], "1.0.1 100%", "everyone has a higher one");
}

#[test]
fn a_higher_percentage_of_a_tag_counts_until_the_steps_pass_it() {
    let world = tagged([]).release("1.1.0", in_steps).tag("1.1.0", Says::Open, Some(1000));
    let world = world.tag("1.1.0", Says::Percent(percent(10)), None);
    assert_eq!(world.shown(0), ["1.1.0 10%, 100% at 1200; >=1.0.0, <1.1.1"]);
}

#[test]
fn nobody_is_in_before_not_before_and_then_as_many_as_the_rest_says() {
    let later = |d: &mut Descriptor| d.not_before = Some(Timestamp(1000));
    assert_eq!(app([]).release("1.1.0", later).shown(999), ["1.1.0 0%, 100% at 1000"]);
    let few = tagged([]).release("1.1.0", later).tag("1.1.0", Says::Percent(percent(5)), None);
    assert_eq!(few.shown(999), ["1.1.0 0%, 5% at 1000"]);
    let none = tagged([]).release("1.1.0", later).tag("1.1.0", Says::Percent(Percent::NONE), None);
    assert_eq!(none.shown(999), ["1.1.0 0%"]);
}

#[test]
fn a_halt_lets_nobody_in_and_stops_no_clock() {
    let world = tagged(["1.0.1"]).release("1.1.0", in_steps).tag("1.0.1", Says::Open, None);
    let world = world.tag("1.1.0", Says::Open, Some(1000)).tag("1.1.0", Says::Halt, None);
    assert_eq!(world.shown(1100), ["1.1.0 10% halted, 100% at 1200", "1.0.1 100%; >=1.0.0, <1.0.2"]);
}

#[test]
fn a_halt_of_what_is_not_open_is_told_and_none_of_what_cannot_be() {
    let world = tagged(["1.0.1"]).release("1.1.0", yanked);
    let world = world.release("1.2.0", |d| d.channels = Some([].into())).tag("1.0.1", Says::Halt, None);
    let world = world.tag("1.1.0", Says::Halt, None).tag("1.2.0", Says::Halt, None).tag("9.9.9", Says::Halt, None);
    assert_eq!(world.shown(0), ["1.0.1 0% halted"]);
}

#[test]
fn a_pin_leaves_the_others_out() {
    let pinned = |pin| app(["1.0.1", "1.0.2"]).production(|c| c.pin = Some(pin)).shown(0);
    assert_eq!(pinned(Pin::Version("1.0.1".into())), ["1.0.1 100%; >=1.0.0, <1.0.2"]);
    assert_eq!(pinned(Pin::Builtin), [""; 0]);
}

#[test]
fn platforms_that_the_channel_does_not_serve_do_not_count() {
    let only = |of: &[Platform]| of.iter().copied().collect::<PlatformSet>();
    let world = app(["1.0.1"]).production(|c| c.platforms = only(&[Platform::Ios, Platform::Android]));
    let world = world.release("1.0.2", |d| d.platforms = only(&[Platform::Electron]));
    assert_eq!(world.shown(0), ["1.0.1 100%; ios+android >=1.0.0, <1.0.2"]);
}

#[test]
fn a_tag_that_approves_one_platform_opens_that_share_alone() {
    let mut world = tagged(["1.0.1"]).tag("1.0.1", Says::Open, None).tag("1.0.1", Says::Percent(percent(5)), None);
    world.tags[0].platforms = [Platform::Ios].into_iter().collect();
    let table = world.table();
    let apps = status(&table, Timestamp(0));
    let shares = &apps[0].channels[0].releases[0].shares;
    let told: Vec<_> = shares.iter().map(|share| (share.percent.to_string(), share.platforms.iter().count())).collect();
    assert_eq!(told, [("100%".to_owned(), 1), ("5%".to_owned(), 2)]);
}

#[test]
fn who_runs_a_beta_of_the_native_app_is_told_of_where_no_finished_one_gets_it() {
    let world = || {
        let releases = tagged(["1.0.1", "1.1.0-rc.2"]).production(|c| c.stay_within = StayWithin::Minor);
        releases.tag("1.0.1", Says::Open, None).tag("1.1.0-rc.2", Says::Open, None)
    };
    let of_beta = "1.1.0-rc.2 100%; >=1.1.0-0, <=1.1.0-rc.2";
    assert_eq!(world().shown(0), [of_beta, "1.0.1 100%; >=1.0.0, <1.0.2"]);
    let finished = world().release("1.1.0", |_| {}).tag("1.1.0", Says::Percent(percent(1)), None);
    assert_eq!(finished.shown(0)[..2], ["1.1.0 1%; =1.1.0", of_beta], "those who are not drawn");
    assert_eq!(finished.tag("1.1.0", Says::Open, None).shown(0)[..2], ["1.1.0 100%; =1.1.0", "1.1.0-rc.2 100%"]);
    let wider = world().production(|c| c.stay_within = StayWithin::Major);
    assert_eq!(wider.shown(0)[0], "1.1.0-rc.2 100%; >=1.0.0, <1.1.0", "those who run a finished one are enough");
}

#[test]
fn of_releases_that_draw_alike_a_lower_one_reaches_whom_the_higher_one_leaves() {
    let shares = |higher: u16, lower: u16| {
        let world = tagged(["1.0.1", "1.0.2"]).release("1.0.3", |d| d.rollout_as = Some("1.0.2".into()));
        let world = world.tag("1.0.1", Says::Open, None).tag("1.0.2", Says::Percent(percent(lower)), None);
        world.tag("1.0.3", Says::Percent(percent(higher)), None).shown(0).swap_remove(1)
    };
    assert_eq!(shares(10, 10), "1.0.2 10%", "nobody");
    assert_eq!(shares(20, 10), "1.0.2 10%", "nobody");
    assert_eq!(shares(10, 20), "1.0.2 20%; >=1.0.0, <1.0.3");
}
