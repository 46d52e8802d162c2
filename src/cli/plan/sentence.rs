//! One row of a plan, as a sentence.

use super::spots::Decided;
use crate::documents::at::At;
use crate::protocol::refusal::reason;
use crate::release::plan::{Gets, Kind, Natives, Row, Runs, Share, Who, Why};

/// Native versions among others that got nothing where those got something lower, or get nothing where those do.
pub(super) struct But {
    pub native: Natives,
    /// Whether that was before.
    pub got_nothing: bool,
}

/// What happens to which devices, and what decided. `lost`: what shares of them had who are shut out.
pub(super) fn sentence(row: &Row<'_>, decided: &Decided, but: Option<&But>, lost: &[&str]) -> String {
    let also = row.also.map(|(why, _)| format!(" and {}", cause(why, decided.also.as_ref()))).unwrap_or_default();
    let because = format!(" ({}{also})", cause(row.why, decided.at.as_ref()));
    let is_one = row.share == Share::ALL && row.runs == Runs::Any && row.who == Who::In(Kind::Any);
    let is_end = matches!((row.from, row.to), (Gets::Version(_), Gets::Nothing));
    let subject = match (is_one, is_end) {
        (true, true) => "nobody".to_owned(),
        (true, false) => "everyone".to_owned(),
        (false, _) => subject(row),
    };
    let but = but.map_or_else(String::new, |But { native, got_nothing }| {
        let gets = if *got_nothing { "got nothing before" } else { "gets nothing any more" };
        format!("; native {} {gets}", native.to_string().trim_start_matches('='))
    });
    let lost = match lost {
        [] => String::new(),
        [one] => format!(" instead of getting {one}"),
        [all @ .., last] => format!(" instead of getting {} or {last}", all.join(", ")),
    };
    format!("{subject} {}{lost}{}{but}{because}", verb(row, is_one), kept(row))
}

fn cause(why: Why, at: Option<&At>) -> String {
    match (why, at) {
        (Why::Tagged | Why::Raised | Why::Halted | Why::Released, Some(at @ At::Tag { .. })) => at.to_string(),
        (Why::Untagged | Why::Lowered | Why::Resumed, Some(At::Tag { tag })) => format!("without tag {tag}"),
        (why, Some(at)) => format!("{why}: {at}"),
        (why, None) => why.to_string(),
    }
}

/// Where only entry is closed, who is in stays.
fn kept(row: &Row<'_>) -> String {
    let is_entry = matches!(row.why, Why::Halted | Why::Lowered | Why::NotBefore | Why::Redrawn);
    match (row.runs, row.from) {
        (Runs::Any, Gets::Version(from)) if is_entry && row.at.is_some_and(|spot| spot.version == from) => {
            format!("; who runs {from} keeps it")
        }
        _ => String::new(),
    }
}

fn subject(row: &Row<'_>) -> String {
    let who = match row.who {
        Who::In(kind) => kinds(kind).to_owned(),
        Who::Staying(kind) => format!("{} that name the channel or are put there", kinds(kind)),
        Who::Naming => "devices that name the channel".to_owned(),
        Who::Unnamed(kind) => format!("{} that name no channel", kinds(kind)),
    };
    let runs = match row.runs {
        Runs::Any => String::new(),
        Runs::Version(version) if matches!(row.who, Who::In(_)) => format!(" that run {version}"),
        Runs::Version(version) => format!(" and run {version}"),
        Runs::TakenBack if matches!(row.who, Who::In(_)) => {
            " that run a version that is taken back or not for them".to_owned()
        }
        Runs::TakenBack => " and run a version that is taken back or not for them".to_owned(),
    };
    // who is shut out is, whatever rollout it is in
    let is_all = row.share == Share::ALL || matches!(row.to, Gets::Refused(_));
    if is_all { format!("{who}{runs}") } else { format!("{} of the {who}{runs}", row.share) }
}

fn kinds(kind: Kind) -> &'static str {
    match kind {
        Kind::Any => "devices",
        Kind::Prod => "store builds",
        Kind::Dev => "development builds",
        Kind::Real => "real devices",
        Kind::Emulator => "emulators",
    }
}

/// `is_one`: of one subject, in the singular.
fn verb(row: &Row<'_>, is_one: bool) -> String {
    let s = if is_one { "s" } else { "" };
    let es = if is_one { "es" } else { "" };
    let (are, were, keep) = if is_one { ("is", "was", "keeps") } else { ("are", "were", "keep") };
    match (row.runs, row.from, row.to) {
        (_, from, Gets::Refused(why)) => match from {
            Gets::Version(_) if row.share != Share::ALL => format!("{are} told `{}`", reason(why).code),
            Gets::Version(version) => format!("{are} told `{}` instead of getting {version}", reason(why).code),
            Gets::Refused(old) => format!("{are} told `{}` instead of `{}`", reason(why).code, reason(old).code),
            Gets::Builtin | Gets::Nothing => format!("{are} told `{}`", reason(why).code),
        },
        (Runs::Any, Gets::Refused(old), Gets::Nothing) => {
            format!("{are} served, which {were} told `{}`; there is nothing to get yet", reason(old).code)
        }
        (Runs::Any, Gets::Refused(old), to) => {
            format!("{}, and {were} told `{}` before", get(to, s, es), reason(old).code)
        }
        (Runs::Any, Gets::Version(from), Gets::Version(to)) if from == to => format!("get{s} other bytes of {to}"),
        (Runs::Any, Gets::Version(from), Gets::Nothing) if is_one => format!("gets {from} any more, nor anything else"),
        (Runs::Any, Gets::Version(from), Gets::Nothing) => format!("no longer get {from}"),
        (Runs::Any, Gets::Nothing, to) => format!("{}, and got nothing before", get(to, s, es)),
        (Runs::Any, Gets::Builtin, Gets::Nothing) => format!("{are} no longer sent to builtin"),
        (Runs::Any, from, to) => format!("{} instead of {}", get(to, s, es), named(from)),
        (Runs::Version(version), from, Gets::Version(to)) if version == to => match from {
            // others keep it instead of something else, or kept it before
            Gets::Version(from) if row.share != Share::ALL => format!("{keep} it instead of going to {from}"),
            Gets::Builtin if row.share != Share::ALL => format!("{keep} it instead of going back to builtin"),
            _ => format!("{keep} it"),
        },
        (_, Gets::Builtin, Gets::Nothing) => format!("{keep} it instead of going back to builtin"),
        (_, _, Gets::Nothing) => format!("get{s} nothing"),
        (_, _, Gets::Builtin) => format!("go{es} back to builtin"),
        (_, _, to) => format!("go{es} to {}", named(to)),
    }
}

fn get(to: Gets<'_>, s: &str, es: &str) -> String {
    match to {
        Gets::Builtin => format!("go{es} back to builtin"),
        to => format!("get{s} {}", named(to)),
    }
}

fn named(gets: Gets<'_>) -> &str {
    match gets {
        Gets::Version(version) => version,
        Gets::Builtin => "builtin",
        Gets::Nothing => "nothing",
        Gets::Refused(why) => reason(why).code,
    }
}
