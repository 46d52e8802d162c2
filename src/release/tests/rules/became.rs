//! What became of each channel between two tables.

use super::status::{percent, tagged};
use super::*;
use crate::release::became::became;
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
    assert_eq!(told(&few(), &few().tag("1.0.2", Says::Halt, None)), ["production 1.0.2 -> 1.0.1"]);
    let nobody = base().tag("1.0.2", Says::Percent(Percent::NONE), None);
    assert_eq!(told(&base(), &nobody), ["production 1.0.2 not open -> open to 0%"]);
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
