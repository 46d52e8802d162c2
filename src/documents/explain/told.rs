//! What an explanation tells, each with the place that decided.

use serde::Serialize;

use crate::documents::at::At;
use crate::documents::{problem, time, unlisted};
use crate::protocol::refusal::reason;
use crate::release::decide::{By, Leaving, Refusal};
use crate::release::explain::{self, Because, Explanation, Judged, Standing, Verdict};
use crate::repository::descriptor::Way;
use crate::repository::names;
use crate::repository::places::{Kept, Places};
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::unserved::Unserved;

/// The channel and the releases, each with the place that decided.
#[derive(Serialize)]
pub struct Told<'a> {
    /// The device's channel.
    pub channel: Channel<'a>,
    /// Overrides that name the device and list a release that nobody may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver<'a>>,
    /// Every version of the app that is there, highest first. Where the channel does not serve the device, as if it did.
    pub releases: Vec<Release<'a>>,
    /// What the device runs, where it cannot simply go on with that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<Runs<'a>>,
}

/// The device's channel.
#[derive(Serialize)]
pub struct Channel<'a> {
    /// Its name; `None`: nobody knows the app. There may be no channel of that name.
    pub name: Option<&'a str>,
    /// How the device came to it, or the code of why it came to none.
    pub why: &'static str,
    /// What decided.
    pub at: Option<At>,
    /// The override that lists one release alone for the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_at: Option<At>,
    /// What keeps it from serving the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Rule>,
    /// What is wrong with the app's part of `releases.toml`, where that never was valid and so nobody knows the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<problem::Told>,
    /// The commit that took the app out of `releases.toml`, where it was there once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<String>,
}

/// A rule that said no.
#[derive(Serialize)]
pub struct Rule {
    /// The code on the wire.
    pub rule: &'static str,
    /// What decided.
    pub at: Option<At>,
}

/// An override that lists a release which nobody may have.
#[derive(Serialize)]
pub struct PassedOver<'a> {
    /// The version that it lists.
    pub version: &'a str,
    /// `yanked`, `withdrawn`, `left_out` or `unknown`.
    pub rule: &'static str,
    /// The override.
    pub at: Option<At>,
}

/// What the device runs, where it cannot simply go on with that.
#[derive(Serialize)]
pub struct Runs<'a> {
    /// The version.
    pub version: &'a str,
    /// `pin`, `withdrawn`, `yanked`, `platforms` or `native`; where it is none that was ever served, `left_out` or
    /// `unknown`.
    pub rule: &'static str,
    /// What decided.
    pub at: Option<At>,
    /// The commit that took it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// One version.
#[derive(Serialize)]
pub struct Release<'a> {
    /// Its version.
    pub version: Box<str>,
    /// `target`, `eligible`, `refused` or `not listed`.
    pub verdict: &'static str,
    /// The code on the wire, the key that keeps it off the list, or the rule that leaves it out.
    pub rule: Option<Box<str>>,
    /// 0 to 9,999.
    pub position: Option<u16>,
    /// How many are let in.
    pub percent: Option<f64>,
    /// What decided.
    pub at: Option<At>,
    /// What refuses who does not run it, where this device does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Rule>,
    /// When its steps begin, where nobody is in before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<String>,
    /// Where it is not read from the newest commit that changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptFiles>,
    /// What is wrong with a version that is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<problem::Told>,
    /// What it was made from; `None`: it is left out.
    #[serde(skip)]
    pub judged: Option<Judged<'a>>,
}

/// What is read from an older commit than the newest.
#[derive(Serialize)]
pub struct KeptFiles {
    /// The app that alone is; of a table or a release there is none to name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The commit that counts.
    pub commit: String,
    /// What keeps the newest from counting.
    pub fault: Option<problem::Told>,
}

impl KeptFiles {
    pub(super) fn of(app: Option<&str>, kept: &Kept) -> KeptFiles {
        let fault = kept.fault.as_ref().map(problem::Told::from);
        KeptFiles { app: app.map(str::to_owned), commit: kept.commit.to_string(), fault }
    }
}

impl<'a> Told<'a> {
    /// Finds the places of what decided. `unserved`: why nobody knows the app.
    pub(super) fn new(
        explanation: &Explanation<'a>,
        unserved: Option<Unserved>,
        places: &mut Places<'_>,
    ) -> Result<Told<'a>, ReadError> {
        let channel = channel(explanation, unserved, places)?;
        let name = channel.name.unwrap_or_default();
        let passed_over =
            explanation.passed_over.iter().map(|one| passed_over(one, places)).collect::<Result<_, _>>()?;
        let runs = match explanation.runs {
            Some((version, standing)) => Some(runs(version, standing, name, places)?),
            None => None,
        };
        Ok(Told { passed_over, releases: releases(explanation, name, places)?, runs, channel })
    }
}

fn channel<'a>(
    explanation: &Explanation<'a>,
    unserved: Option<Unserved>,
    places: &mut Places<'_>,
) -> Result<Channel<'a>, ReadError> {
    let name = explanation.channel.map(|channel| channel.name);
    let refused = match explanation.shut {
        Some((why, because)) => {
            Some(Rule { rule: reason(why).code, at: at_of_door(why, because, name.unwrap_or_default(), places)? })
        }
        None => None,
    };
    let Some(channel) = explanation.channel else {
        return Ok(no_channel(unserved));
    };
    let at = match explanation.shut {
        // what the device itself names stands nowhere
        Some((Refusal::UnknownChannel, _)) if channel.by == By::Named => None,
        _ => at_of_channel(channel.name, channel.by, places)?,
    };
    let only_at = match channel.only {
        Some(at) => places.in_settings(&[Way::Key("overrides"), Way::Item(at)])?.map(At::from),
        None => None,
    };
    Ok(Channel { name, why: why(channel.by), at, only_at, refused, fault: None, removed_by: None })
}

/// Of an app that nobody knows.
fn no_channel<'a>(unserved: Option<Unserved>) -> Channel<'a> {
    let (fault, removed_by) = match unserved {
        Some(Unserved::NeverValid(fault)) => (Some(fault), None),
        Some(Unserved::Removed(commit)) => (None, Some(commit.to_string())),
        None => (None, None),
    };
    let why = reason(Refusal::UnknownApp).code;
    let refused = Some(Rule { rule: why, at: fault.as_ref().and_then(place_of) });
    Channel {
        name: None,
        why,
        at: None,
        only_at: None,
        refused,
        fault: fault.as_ref().map(problem::Told::from),
        removed_by,
    }
}

/// The line that a fault is on.
fn place_of(fault: &Problem) -> Option<At> {
    let (file, line) = fault.file.clone().zip(fault.line)?;
    Some(At::Line { file, line, commit: None, before: false })
}

/// What shuts a device out; where the channel is not there, the app that has none of that name.
fn at_of_door(
    why: Refusal,
    because: Because<'_>,
    channel: &str,
    places: &mut Places<'_>,
) -> Result<Option<At>, ReadError> {
    let place = match because {
        Because::Channel(key) => places.in_settings(&[Way::Key("channels"), Way::Key(channel), Way::Key(key)])?,
        _ if why == Refusal::UnknownChannel => places.in_settings(&[])?,
        _ => None,
    };
    Ok(place.map(At::from))
}

fn why(by: By) -> &'static str {
    match by {
        By::Override(_) => "override",
        By::Named => "defaultChannel",
        By::Default => "default_channel",
    }
}

fn at_of_channel(name: &str, by: By, places: &mut Places<'_>) -> Result<Option<At>, ReadError> {
    let place = match by {
        By::Override(at) => places.in_settings(&[Way::Key("overrides"), Way::Item(at)])?,
        By::Named => places.in_settings(&[Way::Key("channels"), Way::Key(name)])?,
        By::Default => places.in_settings(&[Way::Key("default_channel")])?,
    };
    Ok(place.map(At::from))
}

fn passed_over<'a>(one: &explain::PassedOver<'a>, places: &mut Places<'_>) -> Result<PassedOver<'a>, ReadError> {
    let at = places.in_settings(&[Way::Key("overrides"), Way::Item(one.at)])?;
    Ok(PassedOver { version: one.version, rule: standing(one.why, one.version, places), at: at.map(At::from) })
}

fn runs<'a>(version: &'a str, why: Standing, channel: &str, places: &mut Places<'_>) -> Result<Runs<'a>, ReadError> {
    let rule = standing(why, version, places);
    let place = match why {
        Standing::Pinned => places.in_settings(&[Way::Key("channels"), Way::Key(channel), Way::Key(rule)])?,
        Standing::Left(Leaving::Yanked | Leaving::Platforms | Leaving::Native) => places.in_release(version, rule)?,
        Standing::Left(Leaving::Withdrawn) | Standing::NeverThere => None,
    };
    let commit = places.sources().withdrawn_by(version).map(|commit| commit.to_string());
    Ok(Runs { version, rule, at: place.map(At::from), commit })
}

/// The key that decided, or what became of the version.
fn standing(standing: Standing, version: &str, places: &Places<'_>) -> &'static str {
    match standing {
        Standing::Pinned => "pin",
        Standing::Left(Leaving::Withdrawn) => "withdrawn",
        Standing::Left(Leaving::Yanked) => "yanked",
        Standing::Left(Leaving::Platforms) => "platforms",
        Standing::Left(Leaving::Native) => "native",
        Standing::NeverThere if places.sources().is_left_out(version) => "left_out",
        Standing::NeverThere => "unknown",
    }
}

/// Those that are judged, and those that are left out, highest first. None where releases mean nothing to the device.
fn releases<'a>(
    explanation: &Explanation<'a>,
    channel: &str,
    places: &mut Places<'_>,
) -> Result<Vec<Release<'a>>, ReadError> {
    let judged = explanation.releases.iter().map(|judged| release(judged, channel, places));
    let mut releases: Vec<Release<'_>> = judged.collect::<Result<_, _>>()?;
    if explanation.channel.is_some() && (explanation.shut.is_none() || !releases.is_empty()) {
        let left_out = places.sources().left_out();
        if left_out.is_empty() {
            return Ok(releases);
        }
        releases.extend(left_out.into_iter().map(|(version, fault)| of_fault(version, &fault)));
        let precedence = |release: &Release<'_>| (names::version(&release.version), release.version.clone());
        releases.sort_by_cached_key(|release| std::cmp::Reverse(precedence(release)));
    }
    Ok(releases)
}

fn of_fault<'a>(version: &str, fault: &Problem) -> Release<'a> {
    Release {
        version: version.into(),
        verdict: "not listed",
        rule: Some(fault.rule.into()),
        position: None,
        percent: None,
        at: place_of(fault),
        entry: None,
        begins: None,
        kept: None,
        fault: Some(fault.into()),
        judged: None,
    }
}

fn release<'a>(judged: &Judged<'a>, channel: &str, places: &mut Places<'_>) -> Result<Release<'a>, ReadError> {
    let (position, percent) = judged.share.unzip();
    Ok(Release {
        version: judged.release.name.clone(),
        verdict: verdict(judged.verdict),
        rule: rule(judged.verdict).map(Box::from),
        position: position.flatten().map(|position| position.number()),
        percent: percent.map(|percent| f64::from(percent.hundredths()) / 100.0),
        at: at(judged, judged.because, channel, places)?,
        entry: match judged.entry {
            Some((why, because)) => Some(Rule { rule: reason(why).code, at: at(judged, because, channel, places)? }),
            None => None,
        },
        begins: judged.begins.map(time::shown),
        kept: places.sources().kept_release(&judged.release.name).map(|kept| KeptFiles::of(None, &kept)),
        fault: None,
        judged: Some(*judged),
    })
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Target => "target",
        Verdict::Eligible => "eligible",
        Verdict::Refused(_) => "refused",
        Verdict::NotListed(_) => "not listed",
    }
}

/// The code on the wire, or the key that keeps it off the list.
fn rule(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Target | Verdict::Eligible => None,
        Verdict::Refused(why) => Some(reason(why).code),
        Verdict::NotListed(why) => Some(unlisted::key(why)),
    }
}

fn at(
    judged: &Judged<'_>,
    because: Because<'_>,
    channel: &str,
    places: &mut Places<'_>,
) -> Result<Option<At>, ReadError> {
    let place = match because {
        Because::Tag(tag) => return Ok(Some(At::Tag { tag: tag.to_owned() })),
        Because::Release(key) => places.in_release(&judged.release.name, key)?,
        Because::Channel(key) => places.in_settings(&[Way::Key("channels"), Way::Key(channel), Way::Key(key)])?,
        Because::Override(at) => places.in_settings(&[Way::Key("overrides"), Way::Item(at)])?,
        Because::Default => None,
    };
    Ok(place.map(At::from))
}
