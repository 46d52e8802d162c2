//! What is explained, as a person reads it.

use std::io::{self, Write};

use crate::cli::time;
use crate::documents::at::At;
use crate::documents::explain::{Channel, Document, Rule};
use crate::protocol::check::Check;
use crate::protocol::refusal::reason;
use crate::release::decide::{By, Decision, Refusal};
use crate::release::explain::{Explanation, Judged, NotListed, Verdict};
use crate::release::opening::NotOpen;
use crate::release::policy::StayWithin;
use crate::release::rollout::{Percent, Position};

/// Releases below the target that are shown; the rest is counted.
const LOWER: usize = 5;

/// Writes it: who asks, the channel, the releases from the highest down, the answer. No line is wider than `width` but for
/// the answer itself.
pub(super) fn write(
    document: &Document<'_>,
    check: &Check<'_>,
    explanation: &Explanation<'_>,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", who(check))?;
    writeln!(out, "commit {}, {}", document.commit.get(..10).unwrap_or(document.commit), document.time)?;
    for line in document.note.iter().flat_map(|note| wrapped(note, width)) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    for line in wrapped(&channel(&document.told.channel, explanation), width) {
        writeln!(out, "{line}")?;
    }
    if explanation.shut.is_some() && !explanation.releases.is_empty() {
        writeln!(out, "but for that:")?;
    }
    writeln!(out)?;
    releases(document, explanation, width, out)?;
    writeln!(out, "{}", answered(explanation.decision))?;
    writeln!(out, "{}", document.answer)
}

fn who(check: &Check<'_>) -> String {
    let named = |what: &str, text: &str| if text.is_empty() { format!("no {what}") } else { format!("{what} {text}") };
    let kind = match (check.is_prod, check.is_emulator) {
        (true, false) => "",
        (true, true) => ", an emulator",
        (false, false) => ", a development build",
        (false, true) => ", a development build on an emulator",
    };
    let more = |what: &str, text: &str| if text.is_empty() { String::new() } else { format!(", {what} {text}") };
    format!(
        "{} on {}, {}, runs {}, {}, {}{}{}{kind}",
        check.app_id,
        check.platform,
        named("native version", &check.version_build),
        check.version_name,
        named("plugin version", &check.plugin_version),
        named("device id", &check.device_id),
        more("custom id", &check.custom_id),
        more("names the channel", &check.default_channel),
    )
}

/// The channel, how the device came to it, and what keeps it from serving the device.
fn channel(told: &Channel<'_>, explanation: &Explanation<'_>) -> String {
    let refused = |refused: &Rule, why| format!("{}{}", lower_first(reason(why).message), place(refused.at.as_ref()));
    let refused = told.refused.as_ref().zip(explanation.shut).map(|(told, (why, _))| refused(told, why));
    match (explanation.channel, refused) {
        (Some(channel), refused) => {
            let by = by(channel.by, channel.only.is_some());
            let refused = refused.map(|refused| format!("; {refused}")).unwrap_or_default();
            format!("channel {}, {by}{}{refused}", channel.name, place(told.at.as_ref()))
        }
        (None, refused) => format!("no channel: {}", refused.unwrap_or_default()),
    }
}

fn by(by: By, only: bool) -> String {
    let by = match by {
        By::Override(_) => "by an override",
        By::Named => "which the device names",
        By::Default => "the app's default",
    };
    if only { format!("{by}; an override lists one release alone") } else { by.to_owned() }
}

fn releases(
    document: &Document<'_>,
    explanation: &Explanation<'_>,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let longest = explanation.releases.iter().map(|judged| judged.release.name.len()).max().unwrap_or(0);
    let may_have = |judged: &Judged<'_>| matches!(judged.verdict, Verdict::Target | Verdict::Eligible);
    let best = explanation.releases.iter().position(may_have);
    let shown = best.map_or(explanation.releases.len(), |best| best + 1 + LOWER);
    for (at, (judged, told)) in explanation.releases.iter().zip(&document.told.releases).enumerate().take(shown) {
        let mark = if judged.verdict == Verdict::Target { ">" } else { " " };
        let head = format!("{mark} {:longest$}  {:10}  ", told.version, told.verdict);
        let text = format!("{}{}", because(judged, best == Some(at)), place(told.at.as_ref()));
        let room = width.saturating_sub(head.len()).max(20);
        for (at, line) in wrapped(&text, room).iter().enumerate() {
            let start = if at == 0 { head.clone() } else { " ".repeat(head.len()) };
            writeln!(out, "{}", format!("{start}{line}").trim_end())?;
        }
    }
    let rest = explanation.releases.len().saturating_sub(shown);
    if rest > 0 {
        writeln!(out, "  and {rest} lower ones")?;
    }
    if explanation.releases.is_empty() { Ok(()) } else { writeln!(out) }
}

/// `is_best`: of those that it may have there is no higher one.
fn because(judged: &Judged<'_>, is_best: bool) -> String {
    match judged.verdict {
        Verdict::Target | Verdict::Eligible if is_best => {
            format!("the highest that it may have{}", share(judged.share))
        }
        Verdict::Target | Verdict::Eligible => format!("it may have it, and a higher one{}", share(judged.share)),
        Verdict::Refused(why) => refused(why),
        Verdict::NotListed(why) => not_listed(why).to_owned(),
    }
}

fn share(share: Option<(Option<Position>, Percent)>) -> String {
    match share {
        Some((_, Percent::ALL)) | None => String::new(),
        Some((Some(position), percent)) => format!("; it stands at {}, and {percent} are let in", stands(position)),
        Some((None, percent)) => format!("; {percent} are let in"),
    }
}

/// A position as a percentage: who stands at 61.23% is in from 61.24% on.
fn stands(position: Position) -> String {
    Percent::from_hundredths(position.number()).unwrap_or(Percent::ALL).to_string()
}

fn refused(why: Refusal) -> String {
    match why {
        Refusal::Native => "its `native` does not hold for this native version".to_owned(),
        Refusal::NativeUnreadable => "the native version cannot be read, and a rule needs it".to_owned(),
        Refusal::StayWithin(level) => format!("it is not within the {} version of the native one", level_name(level)),
        Refusal::BelowNative => "it is lower than the native version".to_owned(),
        Refusal::Halted => "it is halted, and the device does not run it".to_owned(),
        Refusal::NotYet(time) => format!("nobody enters before {}", time::shown(time)),
        Refusal::NotInRollout { position: Some(position), percent } => {
            format!("it is not in: it stands at {}, and {percent} are let in", stands(position))
        }
        Refusal::NotInRollout { position: None, percent } => {
            format!("it has no id that stays, so it is in only at 100%, and {percent} are let in")
        }
        other => lower_first(reason(other).message),
    }
}

fn level_name(level: StayWithin) -> &'static str {
    match level {
        StayWithin::Major => "major",
        StayWithin::Minor => "minor",
        StayWithin::Patch => "patch",
        StayWithin::Any => "any",
    }
}

fn not_listed(why: NotListed) -> &'static str {
    match why {
        NotListed::NotOpen(NotOpen::Yanked) => "it is yanked",
        NotListed::NotOpen(NotOpen::Elsewhere) => "its own `channels` leaves this one out",
        NotListed::NotOpen(NotOpen::Prerelease) => "it is a pre-release, which the branch does not open here",
        NotListed::NotOpen(NotOpen::NotTagged) => "it is not tagged for this channel",
        NotListed::Pin => "the channel is pinned to something else",
        NotListed::Platforms => "its own `platforms` leaves this one out",
        NotListed::Bundle => "it has no bundle that this platform can install",
        NotListed::Override => "an override lists another release alone",
    }
}

fn answered(decision: Decision<'_>) -> String {
    match decision {
        Decision::Offer { release, .. } => format!("It is offered {}:", release.name),
        Decision::UpToDate => "It is up to date:".to_owned(),
        Decision::Builtin => "It goes back to the bundle that came with the app:".to_owned(),
        Decision::Refused { why, .. } => format!("It gets nothing ({}):", reason(why).code),
    }
}

fn place(at: Option<&At>) -> String {
    at.map(|at| format!(" ({at})")).unwrap_or_default()
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
