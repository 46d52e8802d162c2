//! What an app's settings and its releases say of each other. Nothing here breaks anything: it is only reported.

use std::ops::Range;

use super::catalog::Catalog;
use super::descriptor::AppPlaces;
use super::problem::Problem;
use super::served::Served;
use super::standing::Settings;
use super::walk::SETTINGS;
use crate::release::policy::{AppPolicy, ChannelPolicy, Pin, What};
use crate::release::table::{App, Release};

/// Compares an app's settings with its releases.
pub fn check(settings: &Settings, app: &App, places: &AppPlaces, catalog: &Catalog) -> Vec<Problem> {
    let mut problems = pins(settings, app, places);
    problems.extend(overrides(settings, app, places));
    let mut of_releases: Vec<Problem> = catalog.served().flat_map(|served| release(&app.policy, served)).collect();
    of_releases.sort_by(|a, b| a.position().cmp(&b.position()));
    problems.extend(of_releases);
    problems
}

fn in_settings(settings: &Settings, app: &App, problem: Problem, place: Range<usize>) -> Problem {
    problem.in_file(SETTINGS).at(&settings.text, place).of_app(&*app.policy.id)
}

fn pins(settings: &Settings, app: &App, places: &AppPlaces) -> Vec<Problem> {
    let unlisted = |channel: &ChannelPolicy| match &channel.pin {
        Some(Pin::Version(version)) if app.release(version).is_none() => Some(version.clone()),
        _ => None,
    };
    let missing = |channel: &ChannelPolicy| {
        let version = unlisted(channel)?;
        let message = format!("{version} is not among the releases, so `{}` lists nothing", channel.name);
        let help = "pin a version that is there, or take the pin out";
        let place = places.pins.iter().find(|(name, _)| *name == channel.name)?.1.clone();
        Some(in_settings(settings, app, Problem::warning("pin-without-release", message, help), place))
    };
    app.policy.channels.iter().filter_map(missing).collect()
}

fn overrides(settings: &Settings, app: &App, places: &AppPlaces) -> Vec<Problem> {
    let missing = |(one, place): (&crate::release::policy::Override, &Range<usize>)| match &one.what {
        What::Version(version) if app.release(version).is_none() => {
            let message = format!("{version} is not among the releases, so this override is passed over");
            let problem = Problem::warning("override-without-release", message, "name a version that is there");
            Some(in_settings(settings, app, problem, place.clone()))
        }
        _ => None,
    };
    app.policy.overrides.iter().zip(&places.overrides).filter_map(missing).collect()
}

fn release(policy: &AppPolicy, served: &Served) -> Vec<Problem> {
    let Some(release) = &served.release else { return Vec::new() };
    let mut problems = unknown_channels(policy, release, served);
    problems.extend(unopened(policy, release));
    problems
}

fn unknown_channels(policy: &AppPolicy, release: &Release, served: &Served) -> Vec<Problem> {
    let (Some(channels), Some(written)) = (&release.descriptor.channels, &served.channels) else { return Vec::new() };
    let unknown = channels.iter().zip(&written.places).filter(|(name, _)| !has_channel(policy, name));
    let problem = |name: &str, place: &Range<usize>| {
        let message = format!("`{name}` is no channel of {}, so the release cannot go there", policy.id);
        let problem = Problem::error("unknown-channel", message, meant(policy, name));
        of_release(policy, release, problem, "/release.toml").at(&written.text, place.clone())
    };
    unknown.map(|(name, place)| problem(name, place)).collect()
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

/// A release that the branch opens nowhere.
fn unopened(policy: &AppPolicy, release: &Release) -> Option<Problem> {
    let opens = |channel: &ChannelPolicy| {
        let allowed = release.descriptor.channels.as_ref().is_none_or(|names| names.contains(&channel.name));
        let prereleases = channel.prereleases.unwrap_or(channel.name != policy.default_channel);
        allowed && (release.version.pre.is_empty() || prereleases)
    };
    if release.descriptor.yanked.is_some() || policy.channels.iter().any(opens) {
        return None;
    }
    let message = format!("no channel opens {}, so no device gets it", release.name);
    let help = "name a channel that takes it in `channels` of its release.toml; a pre-release needs a channel beside the \
                default one, or `prereleases = true`";
    Some(of_release(policy, release, Problem::warning("release-not-open", message, help), ""))
}
