//! What holds for every app, every device and every time.

use std::cmp::Ordering;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::oracle;
use super::worlds::{Check, World, worlds};
use crate::release::decide::{Decision, Refusal, decide};
use crate::release::device::{Device, Running};
use crate::release::explain::{Standing, Verdict, explain};
use crate::release::native::{Native, meets};
use crate::release::policy::{Descriptor, Override, What};
use crate::release::status::of_app;
use crate::release::table::Release;
use crate::release::time::Timestamp;

proptest! {
    #[test]
    fn a_decision_is_what_the_naive_oracle_says((world, checks) in worlds()) {
        let table = world.table();
        for check in &checks {
            let device = check.device();
            prop_assert_eq!(decide(&table, &device, check.now), oracle::decide(&world, &device, check.now), "{:?}", check);
        }
    }

    #[test]
    fn an_explanation_is_of_the_decision((world, checks) in worlds()) {
        let table = world.table();
        for check in &checks {
            let device = check.device();
            let decision = decide(&table, &device, check.now);
            let explained = explain(&table, &device, check.now);
            prop_assert_eq!(&explained.decision, &decision);
            let with = |wanted: fn(&Verdict) -> bool| explained.releases.iter().filter(move |judged| wanted(&judged.verdict));
            let targets: Vec<_> = with(|verdict| *verdict == Verdict::Target).map(|judged| judged.release).collect();
            let refused = with(|verdict| matches!(verdict, Verdict::Refused(_))).next();
            let eligible = with(|verdict| *verdict == Verdict::Eligible).next();
            match decision {
                Decision::Offer { release, .. } => prop_assert_eq!(targets, [release]),
                Decision::UpToDate if !targets.is_empty() => {
                    let runs = match device.running { Running::Release(name) => name, Running::Builtin => device.version_build };
                    prop_assert_eq!(&*targets[0].name, runs);
                }
                Decision::UpToDate | Decision::Builtin => prop_assert!(targets.is_empty() && eligible.is_none()),
                Decision::Refused { why, withheld: Some(release) } => {
                    let first = refused.map(|judged| (judged.release, judged.verdict));
                    prop_assert_eq!(first, Some((release, Verdict::Refused(why))));
                    prop_assert!(targets.is_empty() && eligible.is_none());
                }
                Decision::Refused { why: Refusal::NothingListed, withheld: None } => {
                    let listed = with(|verdict| !matches!(verdict, Verdict::NotListed(_))).next();
                    prop_assert!(explained.shut.is_none() && listed.is_none());
                }
                Decision::Refused { why, withheld: None } => {
                    prop_assert_eq!(explained.shut.map(|(why, _)| why), Some(why));
                    prop_assert_eq!(explained.channel.is_none(), why == Refusal::UnknownApp);
                    prop_assert!(targets.is_empty());
                }
            }
        }
    }

    #[test]
    fn a_device_that_is_sent_back_has_a_reason_and_who_runs_a_release_hears_what_others_are_refused_for(
        (world, checks) in worlds(),
    ) {
        let table = world.table();
        for check in &checks {
            let device = check.device();
            let explained = explain(&table, &device, check.now);
            let reason = explained.runs.map(|(_, standing)| standing);
            match explained.decision {
                Decision::Builtin => prop_assert!(reason.is_some_and(|reason| reason != Standing::NeverThere)),
                _ => prop_assert!(reason != Some(Standing::Pinned)),
            }
            let anew = Device { running: Running::Builtin, ..device.clone() };
            let anew = explain(&table, &anew, check.now).releases;
            let entries = explained.releases.iter().zip(&anew);
            for (judged, anew) in entries.filter(|(judged, _)| device.running == Running::Release(&judged.release.name)) {
                let may = matches!(judged.verdict, Verdict::Target | Verdict::Eligible);
                match (judged.entry, anew.verdict) {
                    (Some((why, _)), verdict) if may => prop_assert_eq!(verdict, Verdict::Refused(why)),
                    (None, verdict) if may => prop_assert!(!matches!(verdict, Verdict::Refused(_))),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_status_serves_a_release_to_whom_it_is_the_target_of((world, checks) in worlds()) {
        let table = world.table();
        for check in &checks {
            let device = check.device();
            let explained = explain(&table, &device, check.now);
            let (Some(platform), Native::Known(native), Some(channel)) = (device.platform, &device.native, explained.channel)
                else { continue };
            let is_new = device.running == Running::Builtin && channel.only.is_none();
            let target = explained.releases.iter().find(|judged| judged.verdict == Verdict::Target);
            let Some(target) = target.filter(|_| is_new) else { continue };
            let app = table.app(device.app).expect("the app");
            let told = of_app(app, check.now);
            let channel = told.channels.iter().find(|told| *told.policy.name == *channel.name).expect("the channel");
            let told = channel.releases.iter().find(|told| told.release == target.release).expect("it is open");
            let share = told.shares.iter().find(|share| share.platforms.contains(platform)).expect("it is open there");
            prop_assert!(!told.halted && Some(share.percent) == target.share.map(|(_, percent)| percent));
            let serves = told.serves.iter().filter(|serves| serves.platforms.contains(platform));
            let requirements: Vec<&String> = serves.flat_map(|serves| &serves.native).collect();
            let holds = |text: &&String| text.parse().is_ok_and(|requirement| meets(native, &requirement));
            // betas of the native app are passed over where finished ones get it
            let is_passed_over = |text: &&String| !native.pre.is_empty() && !text.contains('-');
            let is_told = requirements.iter().any(|text| holds(text) || is_passed_over(text));
            prop_assert!(is_told, "{} is not in {:?}", native, told.serves);
        }
    }

    #[test]
    fn what_is_offered_is_listed((world, checks) in worlds()) {
        let table = world.table();
        for check in &checks {
            let device = check.device();
            let Decision::Offer { release, bundle } = decide(&table, &device, check.now) else { continue };
            let platform = device.platform.expect("an offer is for a platform");
            let app = table.app(device.app).expect("an offer is of an app");
            prop_assert!(release.serves(platform) && release.descriptor.yanked.is_none());
            prop_assert_eq!(Some(bundle), release.bundles.get(platform).as_deref());
            prop_assert_eq!(app.release(&release.name), Some(release));
            let in_channel = |channel: Box<str>| {
                let listed = app.channel(&channel).map(|channel| channel.listed(platform));
                listed.is_some_and(|listed| listed.iter().any(|listing| *listing.release == *release))
            };
            let mut channels = channels_of(&world, check).into_iter();
            prop_assert!(forced(&world, check, &release.name) || channels.any(in_channel));
        }
    }

    #[test]
    fn a_device_whose_release_stays_listed_and_fits_it_is_never_moved_down(
        (world, checks) in worlds(),
        kept in vec(any::<bool>(), 60),
    ) {
        let table = world.table();
        for check in &checks {
            let mut device = check.device();
            let Decision::Offer { release, .. } = decide(&table, &device, check.now) else { continue };
            device.running = Running::Release(&release.name);
            let later = later(&world, &release.name, &kept).table();
            match decide(&later, &device, check.now) {
                Decision::UpToDate => (),
                Decision::Offer { release: next, .. } => {
                    prop_assert_eq!(next.version.cmp_precedence(&release.version), Ordering::Greater);
                }
                other => prop_assert!(false, "{:?} for {:?} on {}", other, check, release.name),
            }
        }
    }

    #[test]
    fn the_order_of_what_an_app_is_made_from_does_not_matter((world, checks) in worlds(), by in any::<Index>()) {
        let table = world.table();
        for check in &checks {
            let device = check.device();
            let turned = turned(&world, &device, by).table();
            prop_assert_eq!(decide(&table, &device, check.now), decide(&turned, &device, check.now), "{:?}", check);
        }
    }

    #[test]
    fn equal_input_gives_an_equal_answer((world, checks) in worlds()) {
        let (table, again) = (world.table(), world.clone().table());
        for check in &checks {
            let first = decide(&table, &check.device(), check.now);
            prop_assert_eq!(&first, &decide(&table, &check.device(), check.now));
            prop_assert_eq!(&first, &decide(&again, &check.clone().device(), check.now));
        }
    }
}

/// The channels that the device can be in: the one that it names or the default, and those of overrides.
fn channels_of(world: &World, check: &Check) -> Vec<Box<str>> {
    let named = if check.default_channel.is_empty() { &*world.policy.default_channel } else { check.default_channel };
    let overrides = world.policy.overrides.iter().filter_map(|entry| match &entry.what {
        What::Channel(name) if oracle::names(&entry.who, &check.device()) => Some(name.clone()),
        _ => None,
    });
    overrides.chain([named.into()]).collect()
}

/// Whether an override lists the release for the device.
fn forced(world: &World, check: &Check, name: &str) -> bool {
    let of_version = |entry: &Override| matches!(&entry.what, What::Version(version) if **version == *name);
    world.policy.overrides.iter().any(|entry| of_version(entry) && oracle::names(&entry.who, &check.device()))
}

/// The same app after some of the other releases are gone, and the one that is kept may no longer be entered.
fn later(world: &World, running: &str, kept: &[bool]) -> World {
    let mut world = world.clone();
    let mut kept = kept.iter().cycle();
    world.releases.retain(|release| *release.name == *running || kept.next() == Some(&true));
    for release in world.releases.iter_mut().filter(|release| *release.name == *running) {
        let descriptor = Descriptor { not_before: Some(Timestamp(i64::MAX)), ..(*release.descriptor).clone() };
        let (name, version) = (release.name.clone(), release.version.clone());
        *release =
            Arc::new(Release { name, version, descriptor: Arc::new(descriptor), bundles: release.bundles.clone() });
    }
    world
}

/// The same app with its releases and channels in another order, and the overrides of other devices after this one's.
fn turned(world: &World, device: &Device<'_>, by: Index) -> World {
    let mut world = world.clone();
    let by = by.index(world.releases.len() + 1);
    world.releases.rotate_left(by);
    world.releases.reverse();
    world.policy.channels.reverse();
    world.policy.overrides.sort_by_key(|entry| !oracle::names(&entry.who, device));
    world
}
