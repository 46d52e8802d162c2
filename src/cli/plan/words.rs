//! What changes, as a person reads it.

use std::collections::HashSet;
use std::io::{self, Write};

use super::document::{Told, names};
use super::lines::{Line, lines};
use super::overrides::reassigned;
use super::spots::Decided;
use crate::cli::layout::{hung, laid};
use crate::cli::time;
use crate::documents::at::At;
use crate::release::plan::{Change, Effect, Later, NewDefault};
use crate::release::platform::{Platform, PlatformSet};
use crate::release::rollout::Percent;
use crate::release::tags::Says;

/// Lines of a kind that are shown; the rest is counted.
const MOST: usize = 12;
/// Where the column of native versions ends at the latest.
const COLUMN: usize = 36;

/// Writes it: what each tag does that is asked about, whose default channel
/// is another one, by channel who gets what instead of what, whom overrides name, what new tags do, what starts later. No
/// line is wider than `width` where words can be put on the next.
pub fn write(told: &Told<'_>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let plan = &told.plan;
    if !told.headlines.is_empty() {
        some(&told.headlines, out, |headline, out| write!(out, "{}", laid("", "  ", &headline.says, width)))?;
        writeln!(out)?;
    }
    if !told.meant.is_empty() {
        some(&told.meant, out, |line, out| write!(out, "{}", laid("", "  ", line, width)))?;
        writeln!(out)?;
    }
    if plan.is_empty() {
        return writeln!(out, "nothing changes for any device");
    }
    let mut sections: Vec<String> = Vec::new();
    let defaults = plan.defaults.iter().zip(&told.defaults_at);
    sections.extend(section("default channel", defaults.map(|(new, at)| new_default(new, at.as_ref())), width));
    sections.extend(channels(told, width));
    let overrides = plan.overrides.iter().zip(&told.overrides_at);
    sections.extend(section("overrides", overrides.map(|(change, at)| reassigned(change, at.as_ref())), width));
    let headed: HashSet<&str> = told.headlines.iter().map(|headline| &*headline.tag).collect();
    let is_said = |effect: &&Effect<'_>| is_said(effect) || headed.contains(&*effect.tag.name);
    sections.extend(section("tags", plan.effects.iter().filter(|effect| !is_said(effect)).map(effect), width));
    sections.extend(section(
        "later",
        plan.later
            .iter()
            .map(|starts| later(starts, "goes"))
            .chain(plan.off.iter().map(|starts| later(starts, "no longer goes"))),
        width,
    ));
    write!(out, "{}", sections.join("\n"))
}

fn some<T>(
    all: &[T],
    out: &mut dyn Write,
    mut write: impl FnMut(&T, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    all.iter().take(MOST).try_for_each(|one| write(one, out))?;
    match all.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => writeln!(out, "and {more} more"),
    }
}

/// A heading and its lines; nothing without lines.
fn section(heading: &str, lines: impl Iterator<Item = String>, width: usize) -> Option<String> {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return None;
    }
    let mut text = format!("{heading}\n");
    for line in lines.iter().take(MOST) {
        text += &hung("  ", line, width);
    }
    if let more @ 1.. = lines.len().saturating_sub(MOST) {
        text += &format!("  and {more} more\n");
    }
    Some(text)
}

/// Each channel with what changes there, platforms that see the same together.
fn channels(told: &Told<'_>, width: usize) -> Vec<String> {
    let rows: Vec<(&Change<'_>, &Decided)> = told.plan.changes.iter().zip(&told.at).collect();
    let mut serves = told.serves.iter();
    let of_channel = rows.chunk_by(|(a, _), (b, _)| (a.app, a.channel) == (b.app, b.channel));
    let mut sections = Vec::new();
    for rows in of_channel {
        let whom = serves.by_ref().take(rows.len()).last().cloned().flatten();
        let mut groups: Vec<(PlatformSet, Vec<Line<'_>>)> = Vec::new();
        for platform in Platform::ALL {
            let own: Vec<_> = rows.iter().filter(|(change, _)| change.platform == platform).copied().collect();
            let lines = lines(&own);
            match groups.iter_mut().find(|(_, same)| *same == lines) {
                _ if lines.is_empty() => {}
                Some((platforms, _)) => {
                    platforms.insert(platform);
                }
                None => groups.push(([platform].into_iter().collect(), lines)),
            }
        }
        if let Some((change, _)) = rows.first() {
            let heading = format!("{} of {}", change.channel, change.app);
            let serves = whom.map(|whom| format!("; {whom}")).unwrap_or_default();
            sections.extend(groups.iter().map(|(on, lines)| channel(&heading, *on, &serves, lines, width)));
        }
    }
    sections
}

fn channel(heading: &str, platforms: PlatformSet, serves: &str, lines: &[Line<'_>], width: usize) -> String {
    let on = if platforms == PlatformSet::ALL { "all platforms".to_owned() } else { listed(&names(platforms)) };
    let mut text = format!("{heading}, {on}{serves}\n");
    let shown: Vec<String> = lines.iter().map(Line::shown).collect();
    let column = shown.iter().map(String::len).filter(|len| *len <= COLUMN).max().unwrap_or(0);
    for (native, line) in shown.iter().zip(lines).take(MOST * 2) {
        let start = format!("  {native:column$}  ");
        text += &if native.len() > column {
            format!("  {native}\n{}", hung(&" ".repeat(column + 4), &line.text, width))
        } else {
            hung(&start, &line.text, width)
        };
    }
    if let more @ 1.. = lines.len().saturating_sub(MOST * 2) {
        text += &format!("  and {more} more\n");
    }
    text
}

fn new_default(new: &NewDefault<'_>, at: Option<&At>) -> String {
    let NewDefault { app, from, to, is_felt, .. } = new;
    let place = at.map(|at| format!(" ({at})")).unwrap_or_default();
    let same = if *is_felt { "" } else { "; they get there what they got" };
    format!("devices that name no channel of {app} come to {to} instead of {from}{same}{place}")
}

/// Whether a tag does just what its name says.
fn is_said(effect: &Effect<'_>) -> bool {
    effect.tag.says == Says::Percent(effect.percent)
}

fn effect(effect: &Effect<'_>) -> String {
    let tag = effect.tag;
    match tag.says {
        Says::Halt => format!("{} stops {}: who runs it keeps it, nobody else gets it", tag.name, tag.version),
        _ => format!("{} lets in {} now", tag.name, how_many(effect.percent, "everyone")),
    }
}

pub(super) fn how_many(percent: Percent, all: &str) -> String {
    match percent {
        Percent::NONE => "nobody".to_owned(),
        Percent::ALL => all.to_owned(),
        percent => percent.to_string(),
    }
}

fn later(later: &Later<'_>, goes: &str) -> String {
    let on = if later.platforms == PlatformSet::ALL {
        String::new()
    } else {
        format!(" on {}", listed(&names(later.platforms)))
    };
    let to = how_many(later.percent, "everyone");
    let behind = later.behind.map(|above| format!(", behind {above}, which everyone gets by then")).unwrap_or_default();
    let (when, version) = (time::shown(later.when), later.version);
    format!("{when}  {version} {goes} to {to} in {} of {}{on}{behind}", later.channel, later.app)
}

pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
