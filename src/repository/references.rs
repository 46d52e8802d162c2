//! What an app's settings and its releases say of each other. Nothing here breaks anything: it is only reported.

use std::ops::Range;
use std::sync::Arc;

use semver::Version;

use super::catalog::Catalog;
use super::descriptor::AppPlaces;
use super::problem::Problem;
use super::served::{Places, Served};
use super::standing::Settings;
use super::walk::SETTINGS;
use crate::release::fits::{Limits, fits};
use crate::release::native::Native;
use crate::release::opening::{NotOpen, opens};
use crate::release::platform::Platform;
use crate::release::policy::{AppPolicy, ChannelPolicy, Override, Pin, What};
use crate::release::requirement::named;
use crate::release::span::Span;
use crate::release::table::{App, Release};

/// Compares an app's settings with its releases.
pub fn check(settings: &Settings, app: &App, places: &AppPlaces, catalog: &Catalog) -> Vec<Problem> {
    let mut problems = pins(settings, app, places);
    problems.extend(overrides(settings, app, places));
    let of_served = |served: &Arc<Served>| match &served.release {
        Some(one) => release(&app.policy, one, served.places.as_ref(), &|version| catalog.ever_had(version)),
        None => Vec::new(),
    };
    let mut of_releases: Vec<Problem> = catalog.served().flat_map(of_served).collect();
    of_releases.sort_by(|a, b| a.position().cmp(&b.position()));
    problems.extend(of_releases);
    problems
}

fn in_settings(settings: &Settings, app: &App, problem: Problem, place: Range<usize>) -> Problem {
    problem.in_file(SETTINGS).at(&settings.text, place).of_app(&*app.policy.id)
}

fn pins(settings: &Settings, app: &App, places: &AppPlaces) -> Vec<Problem> {
    let problem = |channel: &ChannelPolicy| {
        let Some(Pin::Version(version)) = &channel.pin else { return None };
        let (rule, why) = match app.release(version).map(|release| is_open(app, channel, release)) {
            Some(Ok(())) => return None,
            None => ("pin-without-release", "is not among the releases"),
            Some(Err(NotOpen::Yanked)) => ("pin-not-open", "is yanked"),
            Some(Err(NotOpen::Elsewhere)) => ("pin-not-open", "may not go there by its own `channels`"),
            Some(Err(NotOpen::Prerelease)) => ("pin-not-open", "is a pre-release, which is not open there"),
            Some(Err(NotOpen::NotTagged)) => ("pin-not-open", "is not tagged for it"),
        };
        let message = format!("{version} {why}, so `{}` lists nothing", channel.name);
        let help = "pin a version that is open there, or take the pin out";
        let place = places.pins.iter().find(|(name, _)| *name == channel.name)?.1.clone();
        Some(in_settings(settings, app, Problem::warning(rule, message, help), place))
    };
    app.policy.channels.iter().filter_map(problem).collect()
}

fn overrides(settings: &Settings, app: &App, places: &AppPlaces) -> Vec<Problem> {
    let passed_over = |(one, place): (&Override, &Range<usize>)| {
        let What::Version(version) = &one.what else { return None };
        let (rule, why) = match app.release(version) {
            None => ("override-without-release", "is not among the releases"),
            Some(release) if release.descriptor.yanked.is_some() => ("override-yanked", "is yanked"),
            Some(_) => return None,
        };
        let message = format!("{version} {why}, so this override is passed over");
        let problem = Problem::warning(rule, message, "name a version that devices may have");
        Some(in_settings(settings, app, problem, place.clone()))
    };
    app.policy.overrides.iter().zip(&places.overrides).filter_map(passed_over).collect()
}

/// The same for one release; `written` is where its descriptor says what only the rest of the repository can judge, and
/// `ever_had` tells of a version whether it is or was there.
pub fn release(
    policy: &AppPolicy,
    release: &Release,
    written: Option<&Places>,
    ever_had: &dyn Fn(&str) -> bool,
) -> Vec<Problem> {
    let mut problems = unknown_channels(policy, release, written);
    problems.extend(steps_without_start(policy, release, written));
    problems.extend(drawn_as_nothing(policy, release, written, ever_had));
    problems.extend(out_of_reach(policy, release, written));
    problems.extend(unopened(policy, release));
    problems
}

fn unknown_channels(policy: &AppPolicy, release: &Release, written: Option<&Places>) -> Vec<Problem> {
    let Some(written) = written else { return Vec::new() };
    let unknown = written.mentions.channels.iter().filter(|(name, _)| !has_channel(policy, name));
    let problem = |name: &str, place: &Range<usize>| {
        let message = format!("`{name}` is no channel of {}, so the release cannot go there", policy.id);
        let problem = Problem::error("unknown-channel", message, meant(policy, name));
        of_release(policy, release, problem, "/release.toml").at(&written.text, place.clone())
    };
    unknown.map(|(name, place)| problem(name, place)).collect()
}

/// Steps in the default channel that begin at no time, where no tag says when.
fn steps_without_start(policy: &AppPolicy, release: &Release, written: Option<&Places>) -> Option<Problem> {
    let descriptor = &release.descriptor;
    let channel = policy.channels.iter().find(|channel| channel.name == policy.default_channel)?;
    let steps = descriptor.steps(&channel.name).filter(|_| !channel.tags && descriptor.rollout_start.is_none())?;
    opens(policy, channel, release, Platform::Ios, &[]).ok()?;
    let (written, place) = written.and_then(|written| Some((written, written.mentions.rollout.clone()?)))?;
    let message = format!(
        "nothing says when these steps begin in `{}`, which takes no tags, so {} stays at {} of the devices there",
        channel.name,
        release.name,
        steps.first()
    );
    let help = "say when: `rollout_start = 2026-12-01T08:00:00Z`; or open releases there by tags, with `tags = true`";
    let problem = Problem::error("rollout-without-start", message, help);
    Some(of_release(policy, release, problem, "/release.toml").at(&written.text, place))
}

/// A draw by the name of what never was: most likely a slip of the fingers, and then other devices are drawn than is meant.
fn drawn_as_nothing(
    policy: &AppPolicy,
    release: &Release,
    written: Option<&Places>,
    ever_had: &dyn Fn(&str) -> bool,
) -> Option<Problem> {
    let drawn_as = release.descriptor.rollout_as.as_deref().filter(|version| !ever_had(version))?;
    let (written, place) = written.and_then(|written| Some((written, written.mentions.rollout_as.clone()?)))?;
    let message =
        format!("{drawn_as} was never a version of {}, so no release drew the devices that this draws", policy.id);
    let help = "name the version whose devices are meant, or take the line out to draw by its own name";
    let problem = Problem::warning("unknown-draw", message, help);
    Some(of_release(policy, release, problem, "/release.toml").at(&written.text, place))
}

/// A release for native versions that no channel gives it to: an update is never below what came with the app, and not of
/// another major version, unless a channel says so.
fn out_of_reach(policy: &AppPolicy, release: &Release, written: Option<&Places>) -> Option<Problem> {
    let descriptor = &release.descriptor;
    let is_given = |entry: &Override| matches!(&entry.what, What::Version(name) if **name == *release.name);
    if descriptor.yanked.is_some() || policy.overrides.iter().any(is_given) {
        return None;
    }
    let allowed = |name: &str| descriptor.channels.as_ref().is_none_or(|names| names.iter().any(|one| **one == *name));
    let mut channels = policy.channels.iter().filter(|channel| allowed(&channel.name)).peekable();
    channels.peek()?;
    let for_some = |channel: &ChannelPolicy| {
        let mut served =
            descriptor.platforms.iter().filter(|platform| channel.platforms.contains(*platform)).peekable();
        served.peek().is_none() || served.any(|platform| reaches(channel, release, platform))
    };
    if channels.any(for_some) {
        return None;
    }
    let (written, place) = written.and_then(|written| Some((written, written.mentions.native.clone()?)))?;
    let message = format!(
        "no device gets {}: the native versions that may run it are all ones to which no channel gives it, since it is lower \
         than they are (`below_native`) or too far from them (`stay_within`)",
        release.name
    );
    let help = "give the release a version that is not below the native versions it is for, or let a channel say \
                `below_native = true`";
    let problem = Problem::warning("native-out-of-reach", message, help);
    Some(of_release(policy, release, problem, "/release.toml").at(&written.text, place))
}

/// Whether a native version that may run a release may get it from a channel. The finished ones stand in a row; among betas
/// of the native app those that the requirement names, and the release's own, stand for all.
fn reaches(channel: &ChannelPolicy, release: &Release, platform: Platform) -> bool {
    let Some(requirement) = release.descriptor.native.get(platform) else { return true };
    let betas =
        named(requirement).map(|((major, minor, patch), pre)| Version { pre, ..Version::new(major, minor, patch) });
    let mut betas = betas.chain([release.version.clone()]).map(Native::Known);
    Span::of_release(channel, platform, release).is_some()
        || betas.any(|native| fits(Limits::of(channel), release, platform, &native).is_ok())
}

fn of_release(policy: &AppPolicy, release: &Release, problem: Problem, file: &str) -> Problem {
    let path = format!("{}/{}{file}", policy.id, release.name);
    problem.in_file(path).of_app(&*policy.id).of_version(&*release.name)
}

fn has_channel(policy: &AppPolicy, name: &str) -> bool {
    policy.channels.iter().any(|channel| *channel.name == *name)
}

fn meant(policy: &AppPolicy, name: &str) -> String {
    /// Differences that a slip of the fingers explains.
    const CLOSE: usize = 3;
    let distance = |channel: &ChannelPolicy| strsim::damerau_levenshtein(&channel.name, name);
    let nearest = policy.channels.iter().min_by_key(|channel| distance(channel));
    match nearest.filter(|channel| distance(channel) <= CLOSE.min(name.chars().count() / 2)) {
        Some(channel) => format!("did you mean `{}`?", channel.name),
        None => "name a channel of the app's part of releases.toml, or add this one there".into(),
    }
}

/// Whether a release is open to a channel on any platform.
fn is_open(app: &App, channel: &ChannelPolicy, release: &Release) -> Result<(), NotOpen> {
    let tags = app.tags().of(&channel.name, &release.name);
    let on = |platform| opens(&app.policy, channel, release, platform, tags).map(drop);
    Platform::ALL.into_iter().map(on).reduce(Result::or).unwrap_or(Ok(()))
}

/// A release that the branch opens nowhere, and that no tag could.
fn unopened(policy: &AppPolicy, release: &Release) -> Option<Problem> {
    let may_open =
        |channel: &ChannelPolicy| channel.tags || opens(policy, channel, release, Platform::Ios, &[]).is_ok();
    if release.descriptor.yanked.is_some() || policy.channels.iter().any(may_open) {
        return None;
    }
    let message = format!("no channel opens {}, so no device gets it", release.name);
    let help = "name a channel that takes it in `channels` of its release.toml; a pre-release needs a channel beside the \
                default one, or `prereleases = true`";
    Some(of_release(policy, release, Problem::warning("release-not-open", message, help), ""))
}
