//! What is explained, as a person reads it.

use std::io::{self, Write};

use crate::cli::layout::{hung, laid};
use crate::cli::report::printable;
use crate::cli::time;
use crate::documents::at::At;
use crate::documents::explain::{Channel, Document, KeptFiles, PassedOver, Release, Rule, Runs};
use crate::documents::problem::Told as Fault;
use crate::protocol::answer::{device_of, is_told_by_url, resets_to_builtin};
use crate::protocol::check::Check;
use crate::protocol::refusal::reason;
use crate::release::decide::{By, Decision, Refusal};
use crate::release::device::Running;
use crate::release::explain::{Explanation, Judged, NotListed, Verdict};
use crate::release::opening::NotOpen;
use crate::release::policy::{Pin, StayWithin};
use crate::release::rollout::{Percent, Position};
use crate::release::time::Timestamp;

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
    let told = &document.told;
    let mut say = |text: &str| write!(out, "{}", laid("", "", text, width));
    say(&who(check))?;
    say(&format!("commit {}, {}", short(document.commit), document.time))?;
    document.kept.iter().map(kept).chain(document.note.clone()).try_for_each(|note| say(&note))?;
    say("")?;
    say(&channel(&told.channel, explanation))?;
    told.passed_over.iter().try_for_each(|one| say(&passed_over(one)))?;
    if explanation.shut.is_some() && !told.releases.is_empty() {
        say("but for that:")?;
    }
    say("")?;
    releases(&told.releases, &pinned(explanation), width, out)?;
    if let Some(runs) = &told.runs {
        let text =
            format!("It runs {}, {}", runs.version, standing(runs, explanation.decision, !document.kept.is_empty()));
        write!(out, "{}", laid("", "", &text, width))?;
    }
    write!(out, "{}", laid("", "", &answered(explanation.decision, check, document), width))?;
    writeln!(out, "{}", printable(document.answer.get()))
}

/// What is read from an older commit, and why.
fn kept(kept: &KeptFiles) -> String {
    let fault = kept.fault.as_ref().map(|fault| format!(", for a fault of the newest: {}", words_of(fault)));
    let fault = fault.unwrap_or_default();
    match &kept.app {
        Some(app) => format!(
            "{app} is read from commit {}, the newest where its part of releases.toml is valid{fault}",
            short(&kept.commit)
        ),
        None => format!("this commit is the newest whose releases.toml counts{fault}"),
    }
}

fn words_of(fault: &Fault) -> String {
    let line = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = fault.file.as_ref().map(|file| format!(" ({file}{line})")).unwrap_or_default();
    format!("{}{place}", fault.message)
}

fn passed_over(one: &PassedOver<'_>) -> String {
    let why = match one.rule {
        "yanked" => "is yanked",
        "withdrawn" => "is withdrawn",
        "left_out" => "is left out for its errors",
        _ => "was never a release here",
    };
    format!("an override is passed over, as {} {why}{}", one.version, place(one.at.as_ref()))
}

/// What is the matter with what it runs. `is_kept`: the app is read from an older commit, which may lack what there is.
fn standing(runs: &Runs<'_>, decision: Decision<'_>, is_kept: bool) -> String {
    let at = place(runs.at.as_ref());
    match runs.rule {
        "pin" => format!("and the channel is pinned to builtin{at}"),
        "yanked" => format!("which is yanked{at}"),
        "platforms" => format!("whose own `platforms` leaves this one out{at}"),
        "native" => format!("whose `native` does not hold for this native version{at}"),
        "withdrawn" => {
            let by = runs.commit.as_deref().map(|commit| format!(": commit {} took it away", short(commit)));
            format!("which is withdrawn{}", by.unwrap_or_default())
        }
        rule => {
            let was = match rule {
                "left_out" => "which is left out for its errors",
                _ if is_kept => "which is no release in that older commit",
                _ => "which was never a release here",
            };
            let is_left = matches!(decision, Decision::Refused { .. });
            format!("{was}{}", if is_left { ", and is left alone" } else { "" })
        }
    }
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
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
    let runs = match &*check.version_name {
        "" | "builtin" => "builtin".to_owned(),
        // its plugin calls that by the native version
        name if is_builtin(check) => format!("{name}, the bundle that came with the app"),
        name => name.to_owned(),
    };
    format!(
        "{} on {}, {}, runs {runs}, {}, {}{}{}{kind}",
        check.app_id,
        check.platform,
        named("native version", &check.version_build),
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
            let refused = refused.map(|refused| format!("; {refused}")).unwrap_or_default();
            let only =
                channel.only.map(|_| format!("; an override lists one release alone{}", place(told.only_at.as_ref())));
            let (name, at) = (channel.name, place(told.at.as_ref()));
            format!("channel {name}, {}{at}{}{refused}", by(channel.by), only.unwrap_or_default())
        }
        (None, _) => format!("no channel: {}{}", lower_first(reason(Refusal::UnknownApp).message), unserved(told)),
    }
}

/// Why nobody knows the app.
fn unserved(told: &Channel<'_>) -> String {
    match (&told.fault, &told.removed_by) {
        (Some(fault), _) => format!("; its part of releases.toml never was valid since it came: {}", words_of(fault)),
        (None, Some(commit)) => format!("; commit {} took it out of releases.toml", short(commit)),
        (None, None) => String::new(),
    }
}

fn by(by: By) -> &'static str {
    match by {
        By::Override(_) => "by an override",
        By::Named => "which the device names",
        By::Default => "the app's default",
    }
}

/// What the channel is pinned to, where it is.
fn pinned(explanation: &Explanation<'_>) -> String {
    match explanation.channel.and_then(|channel| channel.pin) {
        Some(Pin::Version(pin)) if explanation.releases.iter().any(|judged| judged.release.name == *pin) => {
            pin.to_string()
        }
        Some(Pin::Version(pin)) => format!("{pin}, which is no release here"),
        Some(Pin::Builtin) | None => "builtin".to_owned(),
    }
}

fn releases(releases: &[Release<'_>], pinned: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let longest = releases.iter().map(|release| release.version.len()).max().unwrap_or(0);
    let best = releases.iter().position(|release| matches!(release.verdict, "target" | "eligible"));
    let shown = best.map_or(releases.len(), |best| best + 1 + LOWER);
    for (at, release) in releases.iter().enumerate().take(shown) {
        let mark = if release.verdict == "target" { ">" } else { " " };
        let verdict = if release.judged.is_some() { release.verdict } else { "left out" };
        let head = format!("{mark} {:longest$}  {verdict:10}  ", release.version);
        write!(out, "{}", hung(&head, &because(release, pinned, best == Some(at)), width))?;
    }
    let rest = releases.len().saturating_sub(shown);
    if rest > 0 {
        writeln!(out, "  and {rest} lower one{}", if rest == 1 { "" } else { "s" })?;
    }
    if releases.is_empty() { Ok(()) } else { writeln!(out) }
}

/// `is_best`: of those that it may have there is no higher one.
fn because(release: &Release<'_>, pinned: &str, is_best: bool) -> String {
    let Some(judged) = &release.judged else {
        return release.fault.as_ref().map(words_of).unwrap_or_default();
    };
    let text = match judged.verdict {
        Verdict::Target | Verdict::Eligible => may_have(release, judged, is_best),
        Verdict::Refused(why) => format!("{}{}", refused(why, judged.begins), place(release.at.as_ref())),
        Verdict::NotListed(NotListed::Pin) => {
            format!("the channel is pinned to {pinned}{}", place(release.at.as_ref()))
        }
        Verdict::NotListed(why) => format!("{}{}", not_listed(why), place(release.at.as_ref())),
    };
    let kept = release.kept.as_ref().and_then(|kept| kept.fault.as_ref());
    let kept = kept.map(|fault| format!("; its newest form does not count: {}", words_of(fault)));
    format!("{text}{}", kept.unwrap_or_default())
}

fn may_have(release: &Release<'_>, judged: &Judged<'_>, is_best: bool) -> String {
    let text = if is_best { "the highest that it may have" } else { "it may have it, and a higher one" };
    let at = place(release.at.as_ref());
    match (judged.entry, &release.entry) {
        (Some((why, _)), Some(entry)) => {
            let why = match why {
                Refusal::Halted => "it is halted, so nobody else gets it".to_owned(),
                why => format!("anew it would not get it, as {}", refused(why, judged.begins)),
            };
            format!("{text}{at}; the device runs it and keeps it; {why}{}", place(entry.at.as_ref()))
        }
        _ => format!("{text}{}{at}", share(judged.share)),
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

fn refused(why: Refusal, begins: Option<Timestamp>) -> String {
    match why {
        Refusal::NotYet(_) | Refusal::NotInRollout { .. } if let Some(begins) = begins => {
            format!("nobody enters before its steps begin at {}", time::shown(begins))
        }
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
        NotListed::NotApproved => "the commit of its tag has not the bundle that is served to this platform",
        NotListed::Pin => "the channel is pinned",
        NotListed::Platforms => "its own `platforms` leaves this one out",
        NotListed::Bundle => "it has no bundle that this platform can install",
        NotListed::Override => "an override lists another release alone",
    }
}

/// What of being up to date does not speak for itself.
fn up_to_date(check: &Check<'_>, document: &Document<'_>) -> String {
    let is_target = |release: &Release<'_>| release.verdict == "target" && *release.version == *check.version_build;
    if is_builtin(check) && document.told.releases.iter().any(is_target) {
        return format!(", as what came with the app is {} itself", check.version_build);
    }
    if !is_builtin(check) && is_told_by_url(check) {
        ", which its plugin understands by the URL of what it runs".to_owned()
    } else {
        String::new()
    }
}

fn is_builtin(check: &Check<'_>) -> bool {
    device_of(check).running == Running::Builtin
}

fn answered(decision: Decision<'_>, check: &Check<'_>, document: &Document<'_>) -> String {
    match decision {
        Decision::Offer { release, .. } => format!("It is offered {}:", release.name),
        Decision::UpToDate => format!("It is up to date{}:", up_to_date(check, document)),
        Decision::Builtin if resets_to_builtin(check) => {
            "It goes back to the bundle that came with the app:".to_owned()
        }
        Decision::Builtin => format!(
            "It should go back to the bundle that came with the app, which its plugin cannot do, so it stays on {}:",
            check.version_name
        ),
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
