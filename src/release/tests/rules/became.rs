//! What became of each channel between two tables.

use super::status::{percent, tagged};
use super::*;
use proptest::prelude::*;

use super::super::worlds::pairs;
use crate::release::became::{Became, became};
use crate::release::plan::{Gets, Kind, Natives, Runs, Who, plan};
use crate::release::rollout::Percent;
use crate::release::table::Table;
use crate::release::tags::Says;

fn told(old: &World, new: &World) -> Vec<String> {
    words(Some(&old.table()), &new.table())
}

fn words(old: Option<&Table>, new: &Table) -> Vec<String> {
    became(old, new, Timestamp(1000)).iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_newest_instead_of_what() {
    let one = app(["1.0.1"]);
    let two = app(["1.0.1", "1.0.2"]).channel("beta", |_| {});
    assert_eq!(told(&app([]), &one), ["production nothing -> 1.0.1"]);
    assert_eq!(told(&one, &two), ["production 1.0.1 -> 1.0.2", "beta nothing -> 1.0.2"]);
    assert_eq!(told(&two, &one), ["production 1.0.2 -> 1.0.1", "beta is gone"]);
    assert_eq!(told(&one, &app([])), ["production 1.0.1 -> nothing"]);
    assert_eq!(told(&one, &app(["1.0.1"]).production(|c| c.pin = Some(Pin::Builtin))), ["production 1.0.1 -> builtin"]);
    assert_eq!(words(None, &one.table()), ["production nothing -> 1.0.1"]);
    assert_eq!(told(&two, &two), [""; 0]);
}

#[test]
fn to_how_many() {
    let base = || tagged(["1.0.1", "1.0.2"]).tag("1.0.1", Says::Open, None);
    let few = || base().tag("1.0.2", Says::Percent(percent(10)), None);
    let all = || few().tag("1.0.2", Says::Open, None);
    assert_eq!(told(&base(), &few()), ["production 1.0.1 -> 1.0.2 for 10%"]);
    assert_eq!(told(&few(), &all()), ["production 1.0.2 for 10% -> 100%"]);
    assert_eq!(told(&few(), &few().tag("1.0.2", Says::Halt, None)), ["production 1.0.2 halted, new devices get 1.0.1"]);
    let nobody = base().tag("1.0.2", Says::Percent(Percent::NONE), None);
    assert_eq!(told(&base(), &nobody), ["production 1.0.2 not open -> open to 0%"]);
}

#[test]
fn whom_the_newest_lets_in_and_what_the_others_get() {
    let none = || tagged(["1.0.1", "1.0.2", "1.0.3"]);
    let all = || none().tag("1.0.1", Says::Open, None);
    let few = all().tag("1.0.3", Says::Percent(percent(1)), None);
    assert_eq!(told(&none(), &few), ["production nothing -> 1.0.3 for 1% and 1.0.1 for the others"]);
    assert_eq!(told(&all(), &few), ["production 1.0.1 -> 1.0.3 for 1%"], "the others get what they got");
    let more = few.tag("1.0.2", Says::Percent(percent(5)), None);
    assert_eq!(told(&none(), &more), ["production nothing -> 1.0.3 for 1%, 1.0.2 for 5% and 1.0.1 for the others"]);
    let whole = || all().tag("1.0.3", Says::Open, None);
    let narrowed = "production 1.0.3 for 100% -> 1%, 1.0.2 for 5% and 1.0.1 for the others";
    assert_eq!(told(&whole(), &more), [narrowed]);
    let halted = whole().tag("1.0.3", Says::Halt, None).tag("1.0.2", Says::Percent(percent(5)), None);
    let said = "production 1.0.3 halted, new devices get 1.0.2 for 5% and 1.0.1 for the others";
    assert_eq!(told(&whole(), &halted), [said]);
    let alone = none().tag("1.0.3", Says::Percent(percent(1)), None);
    assert_eq!(told(&all(), &alone), ["production 1.0.1 -> 1.0.3 for 1% and nothing for the others"]);
}

#[test]
fn what_is_open_to_others_below_the_newest() {
    let base = || tagged(["1.0.1", "1.0.2", "1.0.3"]).tag("1.0.3", Says::Open, None);
    let lower = base().tag("1.0.1", Says::Open, None).tag("1.0.2", Says::Percent(percent(5)), None);
    assert_eq!(told(&base(), &lower), ["production 1.0.2 not open -> open to 5% and 1 more"]);
    let halted = base().tag("1.0.1", Says::Open, None).tag("1.0.1", Says::Halt, None);
    assert_eq!(told(&base().tag("1.0.1", Says::Open, None), &halted), ["production 1.0.1 open to all -> halted"]);
    assert_eq!(told(&base(), &base().tag("1.0.1", Says::Halt, None)), [""; 0], "nobody had it");
}

#[test]
fn native_versions_that_get_something_else_than_the_others_are_named() {
    let below = |world: World| world.production(|c| c.below_native = true);
    let free = || app(["1.0.0", "1.1.0"]);
    let from_2 = |d: &mut Descriptor| d.native = PerPlatform::from_fn(|_| Some(">=2".parse().unwrap()));
    let bound = || app(["1.0.0"]).release("1.1.0", from_2);
    assert_eq!(told(&free(), &bound()), ["production 1.1.0 -> 1.0.0"], "all that had it");
    let some = "production 1.1.0 -> 1.0.0 for native >=1.0.0, <2.0.0";
    assert_eq!(told(&below(free()), &below(bound())), [some]);
    let patch = told(&free(), &free().production(|c| c.stay_within = StayWithin::Patch));
    let moved =
        ["production 1.1.0 -> 1.0.0 for native =1.0.0", "production 1.1.0 -> nothing for native >=1.0.1, <1.1.0"];
    assert_eq!(patch, moved);
    assert_eq!(told(&below(free()), &free()), ["production 1.1.0 -> nothing for native >=1.1.1"]);
    let major = || app(["1.0.0", "2.0.0"]);
    assert_eq!(told(&app(["1.0.0"]), &major()), ["production nothing -> 2.0.0 for native =2.0.0"]);
    let hotfix = told(&major(), &app(["1.0.0", "1.0.1", "2.0.0"]));
    assert_eq!(hotfix, ["production 1.0.0 -> 1.0.1"], "2.0.0 is another, which says whom it concerns");
}

#[test]
fn what_changes_for_devices_hides_what_does_not() {
    let open = |world: World, name: &str, share: u16| world.tag(name, Says::Percent(percent(share)), None);
    let releases = ["1.0.0", "1.0.3", "1.0.4", "1.1.0"];
    let before = || open(tagged(releases).tag("1.0.0", Says::Open, None), "1.1.0", 1);
    let after = open(before(), "1.0.4", 2).tag("1.0.4", Says::Halt, None);
    assert_eq!(told(&before(), &open(after, "1.0.3", 5)), ["production 1.0.3 not open -> open to 5%"]);
    let halted = || before().tag("1.0.3", Says::Halt, None);
    assert_eq!(told(&halted(), &open(halted(), "1.0.3", 5)), [""; 0], "nobody gets it, before and after");
}

#[test]
fn what_those_had_who_get_the_newest() {
    let open = |world: World, name: &str, share: u16| world.tag(name, Says::Percent(percent(share)), None);
    let base = || open(tagged(["1.0.0", "1.0.1", "1.0.2"]).tag("1.0.0", Says::Open, None), "1.0.1", 20);
    let few = || open(base(), "1.0.2", 1);
    assert_eq!(told(&base(), &few()), ["production 1.0.1 and 1.0.0 -> 1.0.2 for 1%"]);
    assert_eq!(told(&few(), &base()), ["production 1.0.2 -> 1.0.1 for 20% and 1.0.0 for the others"]);
    let all = base().tag("1.0.2", Says::Open, None);
    assert_eq!(told(&base(), &all), ["production 1.0.1 and 1.0.0 -> 1.0.2"]);
}

#[test]
fn who_runs_a_beta_of_the_native_app_is_told_of_where_nobody_else_got_the_same() {
    let base = || {
        let releases = tagged(["1.0.1", "1.1.0-rc.2", "1.1.0"]).production(|c| c.stay_within = StayWithin::Minor);
        releases.tag("1.0.1", Says::Open, None)
    };
    let beta = || base().tag("1.1.0-rc.2", Says::Open, None);
    let said = "production nothing -> 1.1.0-rc.2 for native >=1.1.0-0, <=1.1.0-rc.2";
    assert_eq!(told(&base(), &beta()), [said]);
    let newer = |world: World| world.release("1.1.0-rc.3", |_| {}).tag("1.1.0-rc.3", Says::Open, None);
    let said = "production nothing -> 1.1.0-rc.3 for native >=1.1.0-0, <=1.1.0-rc.3";
    assert_eq!(told(&base(), &newer(beta())), [said], "of what is below it nobody is told");
    assert_eq!(told(&beta(), &newer(beta())), ["production 1.1.0-rc.2 -> 1.1.0-rc.3"], "nobody else had that");
    let besides = [
        "production nothing -> 1.0.1 for native >=1.0.0, <1.0.2",
        "production nothing -> 1.1.0-rc.2 for native >=1.1.0-0, <=1.1.0-rc.2",
    ];
    let nothing = tagged(["1.0.1", "1.1.0-rc.2"]).production(|c| c.stay_within = StayWithin::Minor);
    let all = tagged(["1.0.1", "1.1.0-rc.2"]).production(|c| c.stay_within = StayWithin::Minor);
    let all = all.tag("1.0.1", Says::Open, None).tag("1.1.0-rc.2", Says::Open, None);
    assert_eq!(told(&nothing, &all), besides, "others get something else");
    let both = beta().tag("1.1.0", Says::Open, None);
    assert_eq!(told(&base(), &both), ["production nothing -> 1.1.0 for native =1.1.0"], "those of the finished one");
}

#[test]
fn of_releases_that_draw_alike_only_those_are_named_that_somebody_gets() {
    let none = || tagged(["1.0.1", "1.0.2"]).release("1.0.3", |d| d.rollout_as = Some("1.0.2".into()));
    let shares = |of: [u16; 2]| {
        let world = none().tag("1.0.1", Says::Open, None).tag("1.0.2", Says::Percent(percent(of[1])), None);
        world.tag("1.0.3", Says::Percent(percent(of[0])), None)
    };
    let few = "production nothing -> 1.0.3 for 10% and 1.0.1 for the others";
    assert_eq!(told(&none(), &shares([10, 10])), [few]);
    assert_eq!(told(&none(), &shares([10, 5])), [few]);
    let more = "production nothing -> 1.0.3 for 10%, 1.0.2 for 20% and 1.0.1 for the others";
    assert_eq!(told(&none(), &shares([10, 20])), [more]);
}

#[test]
fn of_several_apps_each_is_named() {
    let table = |ids: &[&str]| {
        let of = |id: &&str| {
            let mut world = app(["1.0.1"]);
            world.policy.id = (*id).into();
            std::sync::Arc::new(world.app())
        };
        Table::new(String::new(), String::new(), ids.iter().map(of).collect::<Vec<_>>())
    };
    let expected = ["b production is gone", "c production nothing -> 1.0.1"];
    let told = words(Some(&table(&["a", "b"])), &table(&["a", "c"]));
    assert_eq!(told, expected, "and nothing of one that is as it was");
}

#[test]
fn what_differs_between_platforms_names_them() {
    let tag = |world: World, share, platform| {
        let mut world = world.tag("1.0.1", Says::Percent(percent(share)), None);
        world.tags.last_mut().unwrap().platforms = PlatformSet::from_iter([platform]);
        world
    };
    let ios = || tag(tagged(["1.0.1"]), 50, Platform::Ios);
    let both = tag(ios(), 10, Platform::Android);
    assert_eq!(told(&ios(), &both), ["production on android nothing -> 1.0.1 for 10%"]);
    assert_eq!(told(&both, &ios()), ["production on android 1.0.1 -> nothing"]);
    let wider = tag(ios(), 40, Platform::Android);
    assert_eq!(told(&both, &wider), ["production on android 1.0.1 for 10% -> 40%"]);
    assert_eq!(told(&tagged(["1.0.1"]), &ios()), ["production nothing -> 1.0.1 for 50%"], "the only one with any");
    let narrowed = app(["1.0.1"]).production(|c| c.platforms = PlatformSet::from_iter([Platform::Ios]));
    assert_eq!(told(&app(["1.0.1"]), &narrowed), ["production on android and electron 1.0.1 -> nothing"]);
}

#[test]
fn what_opens_later_tells_when() {
    let later = |c: &mut Descriptor| c.not_before = Some(Timestamp(1_780_000_000_000));
    let told = told(&app(["1.0.1"]), &app(["1.0.1"]).release("1.1.0", later));
    assert_eq!(told, ["production 1.1.0 not open -> open to all from 2026-05-28T20:26:40Z on"]);
}

proptest! {
    #[test]
    fn where_devices_get_something_else_their_channel_is_told((old, new, checks) in pairs()) {
        let (before, after) = (old.table(), new.table());
        for check in &checks {
            let told = became(Some(&before), &after, check.now);
            for change in plan(Some(&before), &after, check.now).changes {
                let is_of_lane = matches!(change.native, Natives::Lane { .. }) && change.row.runs == Runs::Any;
                let is_anyone = matches!(change.row.who, Who::In(Kind::Any) | Who::Staying(Kind::Any));
                // other bytes of the same release are told by what the branch says
                if is_of_lane && is_anyone && change.row.from != change.row.to {
                    let is_named = |became: &Became| became.to_string().starts_with(&format!("{} ", change.channel));
                    let is_nothing = |gets| matches!(gets, Gets::Nothing | Gets::Refused(_));
                    let is_nothing = is_nothing(change.row.from) && is_nothing(change.row.to);
                    prop_assert!(is_nothing || told.iter().any(is_named), "{told:?}\n{change:?}");
                }
            }
        }
    }
}
