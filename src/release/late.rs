//! Rollouts that came to a later step at once, as their dates alone tell: nobody has to know what there was before.

use super::channel::{Channel, Listing};
use super::opening::start_of_steps;
use super::plan::Skipped;
use super::platform::Platform;
use super::rollout::Percent;
use super::table::{App, Release};
use super::tags::{ReleaseTag, Says};
use super::time::Timestamp;

/// What opened a release to a channel: a tag, or the branch.
pub type Opener<'t> = Option<&'t ReleaseTag>;

/// The rollouts of an app of which the steps began before anything opened the release, and that are still ahead of where
/// they would be without that. `came` tells when it was opened at the earliest; `None`: nobody knows.
///
/// # Errors
/// Those of `came`.
pub fn late<'t, E>(
    app: &'t App,
    now: Timestamp,
    mut came: impl FnMut(&Release, Opener<'_>) -> Result<Option<Timestamp>, E>,
) -> Result<Vec<Skipped<'t>>, E> {
    let mut channels: Vec<&Channel> = app.channels().collect();
    channels.sort_unstable_by_key(|channel| &channel.policy.name);
    let mut found: Vec<Skipped<'t>> = Vec::new();
    for channel in channels {
        for platform in channel.policy.platforms.iter() {
            for listing in channel.listed(platform).iter().filter(|listing| is_under_way(listing, now)) {
                let skipped = of_listing(app, channel, platform, listing, now, &mut came)?;
                found.extend(skipped.filter(|skipped| !found.contains(skipped)));
            }
        }
    }
    Ok(found)
}

/// Whether its steps came to another one than the first, and let devices in.
fn is_under_way(listing: &Listing, now: Timestamp) -> bool {
    let steps = listing.gate.rollout.as_ref().and_then(|rollout| rollout.steps.as_ref());
    !listing.gate.halted && steps.is_some_and(|(steps, since)| steps.at(*since, now) > steps.first())
}

fn of_listing<'t, E>(
    app: &'t App,
    channel: &'t Channel,
    platform: Platform,
    listing: &'t Listing,
    now: Timestamp,
    came: &mut impl FnMut(&Release, Opener<'_>) -> Result<Option<Timestamp>, E>,
) -> Result<Option<Skipped<'t>>, E> {
    let release = &*listing.release;
    let Some(rollout) = &listing.gate.rollout else { return Ok(None) };
    let Some((steps, since)) = &rollout.steps else { return Ok(None) };
    let openers = openers(app, channel, platform, release);
    // one that opened it in time makes all the others good
    let mut opened = None;
    for opener in &openers {
        let Some(time) = came(release, *opener)? else { return Ok(None) };
        let start = opener.map_or(Some(*since), |tag| start_of_steps(release, tag));
        let began = start.map_or(time, |start| start.max(time)).min(now);
        opened = Some(opened.map_or(began, |known: Timestamp| known.min(began)));
    }
    let Some(opened) = opened else { return Ok(None) };
    let (to, in_time) = (steps.at(*since, opened), steps.at(opened, now).max(rollout.fixed));
    let before = |percent: &Percent| rollout.fixed < *percent && *percent < to;
    let left_out: Vec<Percent> = steps.iter().map(|step| step.percent).filter(before).collect();
    let is_ahead = rollout.percent(now) > in_time && !left_out.is_empty();
    Ok(is_ahead.then(|| Skipped {
        app: &app.policy.id,
        channel: &channel.policy.name,
        version: &release.name,
        from: rollout.fixed,
        to,
        steps: left_out,
        since: *since,
        was_halted: false,
        tag: openers.first().copied().flatten().map(|tag| &*tag.name),
    }))
}

/// What opened a release by its steps.
fn openers<'t>(app: &'t App, channel: &Channel, platform: Platform, release: &Release) -> Vec<Opener<'t>> {
    if !channel.policy.tags {
        return vec![None];
    }
    let tags = app.tags().of(&channel.policy.name, &release.name).iter();
    let opens = |tag: &&ReleaseTag| tag.says == Says::Open && tag.platforms.contains(platform);
    tags.filter(opens).filter(|tag| start_of_steps(release, tag).is_some()).map(Some).collect()
}
