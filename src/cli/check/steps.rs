//! Tags that follow the steps of their release: how many each lets in now, which no name of a tag says.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::when::goes;
use crate::documents::status::{Next, next};
use crate::release::opening::opens;
use crate::release::plan::effects;
use crate::release::platform::Platform;
use crate::release::rollout::Percent;
use crate::release::table::{App, Table};
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;

/// Lines that are shown; the rest is counted.
const MOST: usize = 12;

/// A tag at its present step.
#[derive(Debug, Serialize)]
pub struct AtStep {
    /// The tag's name.
    tag: String,
    /// The percentage of devices that it lets in by itself, now.
    percent: f64,
    /// Whether a halt keeps it from letting in any.
    halted: bool,
    /// The next percentage.
    next: Option<Next>,
    #[serde(skip)]
    shown: Percent,
}

/// Each tag that has not come to everyone yet, or is halted on its way, by app and name.
pub fn at_step(table: &Table, now: Timestamp) -> Vec<AtStep> {
    let mut apps: Vec<&App> = table.apps().map(|app| &**app).collect();
    apps.sort_unstable_by_key(|app| &app.policy.id);
    apps.into_iter().flat_map(|app| of_app(app, now)).collect()
}

fn of_app(app: &App, now: Timestamp) -> Vec<AtStep> {
    let mut found = Vec::new();
    for effect in effects(None, app, now) {
        let tag = effect.tag;
        let halted = app.tags().of(&tag.channel, &tag.version).iter().any(|tag| tag.says == Says::Halt);
        if has_steps(app, tag) && (halted || effect.percent < Percent::ALL) {
            let percent = f64::from(effect.percent.hundredths()) / 100.0;
            let next = next_of(app, tag, now).map(next);
            found.push(AtStep { tag: tag.name.to_string(), percent, halted, next, shown: effect.percent });
        }
    }
    found
}

fn has_steps(app: &App, tag: &ReleaseTag) -> bool {
    let release = app.release(&tag.version);
    tag.says == Says::Open && release.is_some_and(|release| release.descriptor.steps(&tag.channel).is_some())
}

/// When the tag lets in more for the next time.
fn next_of(app: &App, tag: &ReleaseTag, now: Timestamp) -> Option<(Timestamp, Percent)> {
    let (channel, release) = app.channel(&tag.channel).zip(app.release(&tag.version))?;
    let gate = |platform| opens(&app.policy, &channel.policy, release, platform, std::slice::from_ref(tag)).ok();
    Platform::ALL.into_iter().find_map(gate)?.next_share(now)
}

/// Writes them, a line each.
pub fn write(tags: &[AtStep], now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    writeln!(out, "tags at their steps")?;
    for tag in tags.iter().take(MOST) {
        writeln!(out, "  {}", line(tag, now))?;
    }
    match tags.len().saturating_sub(MOST) {
        0 => writeln!(out),
        more => writeln!(out, "  and {more} more\n"),
    }
}

fn line(at: &AtStep, now: Timestamp) -> String {
    let how_many = match at.shown {
        Percent::NONE => "nobody".to_owned(),
        Percent::ALL => "everyone".to_owned(),
        percent => percent.to_string(),
    };
    let next = at.next.as_ref().map(|next| format!(", {}", goes(next, now))).unwrap_or_default();
    if at.halted {
        return format!("{} is halted; without the halt it lets in {how_many} now{next}", at.tag);
    }
    format!("{} lets in {how_many} now{next}", at.tag)
}
