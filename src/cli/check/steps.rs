//! Tags that follow the steps of their release: how many each lets in now, which no name of a tag says.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::layout::laid;
use crate::cli::when::goes;
use crate::documents::status::{Next, next};
use crate::release::opening::{Gate, opens, pin_allows};
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
    /// The percentage of devices that it lets in by itself, now; a halt aside.
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
    for tag in app.tags().iter().filter(|tag| tag.says == Says::Open) {
        let Some(gates) = gates(app, tag) else { continue };
        let halted = app.tags().of(&tag.channel, &tag.version).iter().any(|tag| tag.says == Says::Halt);
        let Some(shown) = gates.iter().map(|gate| gate.share(now)).max() else { continue };
        if halted || shown < Percent::ALL {
            let percent = f64::from(shown.hundredths()) / 100.0;
            let next = gates.iter().find_map(|gate| gate.next_share(now)).map(next);
            found.push(AtStep { tag: tag.name.to_string(), percent, halted, next, shown });
        }
    }
    found
}

/// What the tag alone lets devices through, on each platform where it opens its release. `None` where it opens none by steps.
fn gates(app: &App, tag: &ReleaseTag) -> Option<Vec<Gate>> {
    let (channel, release) = app.channel(&tag.channel).zip(app.release(&tag.version))?;
    release.descriptor.steps(&tag.channel)?;
    if !channel.policy.tags || !pin_allows(&channel.policy, release) {
        return None;
    }
    let platforms = channel.policy.platforms.iter().filter(|platform| release.serves(*platform));
    let alone = std::slice::from_ref(tag);
    Some(platforms.filter_map(|platform| opens(&app.policy, &channel.policy, release, platform, alone).ok()).collect())
}

/// Writes them, a line each where that is not wider than `width`.
pub fn write(tags: &[AtStep], now: Timestamp, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    writeln!(out, "tags at their steps")?;
    for tag in tags.iter().take(MOST) {
        write!(out, "{}", laid("  ", "    ", &line(tag, now), width))?;
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
