//! Rollouts that leave out a step, as warnings.

use crate::cli::time;
use crate::release::plan::Skipped;
use crate::repository::places::{Places, Sources};
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;

/// The rule of such a warning.
pub const RULE: &str = "step-skipped";

/// The warnings. `sources` are the files that the apps were read from.
///
/// # Errors
/// A file that is pointed to cannot be read any more.
pub fn problems(skipped: &[Skipped<'_>], sources: &Sources, objects: &Objects<'_>) -> Result<Vec<Problem>, ReadError> {
    let placed = |skipped: &Skipped<'_>| {
        let problem = problem(skipped);
        if skipped.tag.is_some() {
            return Ok(problem);
        }
        let mut places = Places::new(objects, skipped.app, sources.of(skipped.app));
        Ok(match places.in_release(skipped.version, "rollout_start")? {
            Some(place) => problem.in_file(place.file).on_line(place.line),
            None => problem,
        })
    };
    skipped.iter().map(placed).collect()
}

fn problem(skipped: &Skipped<'_>) -> Problem {
    let Skipped { app, channel, version, to, .. } = skipped;
    let steps: Vec<String> = skipped.steps.iter().map(ToString::to_string).collect();
    let why = if skipped.was_halted {
        "a halt does not stop the clock".to_owned()
    } else {
        format!("its steps began at {}", time::shown(skipped.since))
    };
    let message = format!(
        "{version} of {app} comes to {to} of {channel} at once and leaves out its step{} of {}, since {why}",
        if steps.len() == 1 { "" } else { "s" },
        steps.join(", "),
    );
    let first = skipped.steps.first().copied().unwrap_or(*to);
    let help = match skipped.tag {
        Some(tag) => format!(
            "where that is not meant, open it by a percentage: `git tag -a {tag}@{first}` in place of the plain tag"
        ),
        None => "where that is not meant, say a later `rollout_start` in its release.toml".to_owned(),
    };
    let problem = Problem::warning(RULE, message, help).of_app(*app).of_version(*version);
    match skipped.tag {
        Some(tag) => problem.of_tag(tag),
        None => problem,
    }
}
