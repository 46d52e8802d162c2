//! Rollouts that leave out a step, as warnings.

use crate::cli::time;
use crate::release::plan::Skipped;
use crate::repository::problem::Problem;

/// The warning.
pub fn problem(skipped: &Skipped<'_>) -> Problem {
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
    let problem = Problem::warning("step-skipped", message, help).of_app(*app).of_version(*version);
    match skipped.tag {
        Some(tag) => problem.of_tag(tag),
        None => problem,
    }
}
