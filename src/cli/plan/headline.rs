//! What each tag that is asked about does, in a sentence of its own.

use serde::Serialize;

use super::document::names;
use super::words::{how_many, listed};
use crate::cli::time;
use crate::release::plan::{self, Does, Headlines, Idle};
use crate::release::platform::PlatformSet;
use crate::release::policy::Pin;
use crate::release::rollout::Percent;
use crate::release::tags::Says;
use crate::repository::problem::Problem;

/// A tag that comes, is moved, or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its name below `refs/tags/`.
    pub name: String,
    /// Whether it goes.
    pub is_gone: bool,
}

/// A tag that comes or goes, as people and programs read of it.
#[derive(Debug, Serialize)]
pub(super) struct Headline {
    pub tag: String,
    gone: bool,
    /// What it does, by platforms; empty: no app has such a tag.
    parts: Vec<Part>,
    /// All of that in a sentence.
    pub says: String,
}

/// What a tag does on some platforms.
#[derive(Debug, Serialize)]
struct Part {
    platforms: Vec<&'static str>,
    does: &'static str,
    /// How many devices its release was open to; `null`: it was not open.
    from: Option<f64>,
    /// How many it is open to; `null`: it is not.
    to: Option<f64>,
}

impl Headline {
    /// `problems` are those of the refs that have the tag: before where it goes, else after. `is_served`: whether they offer
    /// anything.
    pub fn of(turn: &Turn, headlines: &Headlines<'_>, problems: &[Problem], is_served: bool) -> Headline {
        let Turn { name, is_gone } = turn.clone();
        let told = if is_gone { headlines.of_gone(&name) } else { headlines.of_new(&name) };
        let subject = if is_gone { format!("deleting {name}") } else { name.clone() };
        let (does, parts) = match &told {
            Some(told) => (does(told, is_gone), told.parts.iter().map(Part::of).collect()),
            None => (unknown(turn, problems, is_served), Vec::new()),
        };
        Headline { says: format!("{subject} {does}"), tag: name, gone: is_gone, parts }
    }
}

impl Part {
    fn of((platforms, does): &(PlatformSet, Does<'_>)) -> Part {
        let percent = |percent: Percent| f64::from(percent.hundredths()) / 100.0;
        let (does, from, to) = match *does {
            Does::Opens { from, to: None } => ("closes", from, None),
            Does::Opens { from: Some(from), to: Some(to) } if from == to => ("keeps", Some(from), Some(to)),
            Does::Opens { from: Some(from), to: Some(to) } if from > to => ("narrows", Some(from), Some(to)),
            Does::Opens { from, to } => ("opens", from, to),
            Does::Halts(from) => ("halts", Some(from), Some(Percent::NONE)),
            Does::Resumes(to) => ("opens", Some(Percent::NONE), Some(to)),
            Does::Keeps(_) => ("keeps", None, Some(Percent::NONE)),
            Does::Nothing(_) => ("nothing", None, None),
        };
        Part { platforms: names(*platforms), does, from: from.map(percent), to: to.map(percent) }
    }
}

/// Why a tag is none of an app's: its problem says so, and where it has none its release is withdrawn or yanked, unless
/// nobody read it.
fn unknown(turn: &Turn, problems: &[Problem], is_served: bool) -> String {
    let own = problems.iter().find(|problem| problem.tag.as_deref() == Some(&*turn.name));
    let why = own.and_then(|problem| problem.message.split(", so the tag").next());
    let why = why.unwrap_or(match (is_served, turn.is_gone) {
        (true, _) => "its release is withdrawn or yanked",
        (false, true) => "nothing was served",
        (false, false) => "nothing is served yet",
    });
    format!("changes nothing: {why}")
}

fn does(told: &plan::Headline<'_>, is_gone: bool) -> String {
    let part = |(platforms, does): &(PlatformSet, Does<'_>)| {
        let on = match *platforms {
            PlatformSet::ALL => String::new(),
            platforms => format!(" on {}", listed(&names(platforms))),
        };
        of_part(told, *does, is_gone, &on)
    };
    told.parts.iter().map(part).collect::<Vec<_>>().join("; it ")
}

fn of_part(told: &plan::Headline<'_>, does: Does<'_>, is_gone: bool, on: &str) -> String {
    let (version, channel) = (&told.tag.version, &told.tag.channel);
    let steps = if told.tag.says == Says::Open && !is_gone { ", by its steps" } else { "" };
    let steps = |to: Percent| if to == Percent::ALL { "" } else { steps };
    let of = |percent: Percent| match percent {
        Percent::NONE => format!("nobody in {channel}{on}"),
        percent => format!("{} of {channel}{on}", how_many(percent, "all")),
    };
    match does {
        Does::Opens { from: None | Some(Percent::NONE), to: Some(to) } => {
            format!("opens {version} to {}{}", of(to), steps(to))
        }
        Does::Opens { from: Some(from), to: Some(to) } if from == to => {
            format!("keeps {version} open to {}{}", of(to), steps(to))
        }
        Does::Opens { from: Some(from), to: Some(to) } => {
            let verb = if from < to { "opens" } else { "narrows" };
            format!("{verb} {version} to {}, from {}{}", of(to), how_many(from, "all"), steps(to))
        }
        Does::Opens { from: Some(from), to: None } if from > Percent::NONE => {
            format!("closes {version} to {channel}{on}, from {}", how_many(from, "all"))
        }
        Does::Opens { to: None, .. } => format!("closes {version} to {channel}{on}, before anybody was let in"),
        Does::Halts(Percent::NONE) => format!("stops {version} in {channel}{on}, where it lets nobody in yet"),
        Does::Halts(from) => {
            let at = if from == Percent::ALL { format!("in {channel}{on}") } else { format!("at {}", of(from)) };
            format!("stops {version} {at}: who runs it keeps it, nobody else gets it")
        }
        Does::Resumes(to) => format!("opens {version} to {} again", of(to)),
        Does::Keeps(why) if is_gone => {
            format!("matters only to devices that run {version}{on}: {}", idle(told, why, is_gone))
        }
        Does::Keeps(Idle::Nobody) => format!("lets nobody new in{on}"),
        Does::Keeps(why) => format!("lets nobody new in{}{on}: {}", yet(why), idle(told, why, is_gone)),
        Does::Nothing(why) => {
            let when = if yet(why).is_empty() { " now" } else { yet(why) };
            format!("changes nothing{when}{on}: {}", idle(told, why, is_gone))
        }
    }
}

const fn yet(why: Idle<'_>) -> &'static str {
    if matches!(why, Idle::NotBefore(_) | Idle::Starts(_)) { " yet" } else { "" }
}

fn idle(told: &plan::Headline<'_>, why: Idle<'_>, is_gone: bool) -> String {
    let (version, channel) = (&told.tag.version, &told.tag.channel);
    match why {
        Idle::Same => "it was there before and did the same".to_owned(),
        Idle::NoApp => format!("there is no app {} any more", told.app),
        Idle::NoChannel => format!("there is no channel {channel} any more"),
        Idle::NoRelease => format!("there is no release {version}"),
        Idle::Withdrawn => format!("{version} is withdrawn"),
        Idle::Yanked => format!("{version} is yanked"),
        Idle::Elsewhere => format!("the `channels` of {version} leave {channel} out"),
        Idle::NoTags => format!("the branch alone opens releases to {channel}"),
        Idle::Pinned(Pin::Builtin) => format!("{channel} is pinned to builtin"),
        Idle::Pinned(Pin::Version(pin)) => format!("{channel} is pinned to {pin}"),
        Idle::Platform => format!("{version} is for no platform of {channel}"),
        Idle::OtherBytes => format!("its commit has not the bundle of {version} that is served"),
        Idle::Halted(tag) => format!("{tag} stops {version}"),
        Idle::NotBefore(time) => format!("nobody gets {version} before {}", time::shown(time)),
        Idle::Starts(time) => format!("the steps of {version} begin at {}", time::shown(time)),
        Idle::Nobody => "it lets nobody in".to_owned(),
        Idle::Covered(tag, percent) => {
            let still = if is_gone { "still " } else { "" };
            format!("{tag} {still}opens {version} to {} of {channel}", how_many(percent, "all"))
        }
        Idle::NotOpen => format!("{version} is not open to {channel}"),
        Idle::NoNative => format!("{version} fits no native version there"),
        Idle::Behind(above) => format!("everyone gets {above} there, which is higher"),
    }
}
