//! Why a device gets what it gets: the channel, each release with the rule and the place that decided, the answer.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::at::At;
use super::{time, unlisted};
use crate::protocol::answer::{answer, device_of};
use crate::protocol::check::Check;
use crate::protocol::refusal::reason;
use crate::release::decide::{By, Refusal};
use crate::release::explain::{Because, Explanation, Judged, Verdict, explain};
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::descriptor::Way;
use crate::repository::places::{Places, Sources};
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;

/// The document of `pushlive explain --json` and of `/api/explain`.
#[derive(Serialize)]
pub struct Document<'a> {
    /// The commit of the table.
    pub commit: &'a str,
    /// The clock that it was decided by.
    pub time: String,
    /// Where it is not what the daemon went by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The channel and the releases.
    #[serde(flatten)]
    pub told: Told<'a>,
    /// The very body that the device gets.
    pub answer: Box<RawValue>,
}

/// The channel and the releases, each with the place that decided.
#[derive(Serialize)]
pub struct Told<'a> {
    /// The device's channel.
    pub channel: Channel<'a>,
    /// Every release of the app, highest first. Where the channel does not serve the device, as if it did.
    pub releases: Vec<Release<'a>>,
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
    /// What keeps it from serving the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Rule>,
}

/// A rule that said no.
#[derive(Serialize)]
pub struct Rule {
    /// The code on the wire.
    pub rule: &'static str,
    /// What decided.
    pub at: Option<At>,
}

/// One release.
#[derive(Serialize)]
pub struct Release<'a> {
    /// Its version.
    pub version: &'a str,
    /// `target`, `eligible`, `refused` or `not listed`.
    pub verdict: &'static str,
    /// The code on the wire, or the key that keeps it off the list.
    pub rule: Option<&'static str>,
    /// 0 to 9,999.
    pub position: Option<u16>,
    /// How many are let in.
    pub percent: Option<f64>,
    /// What decided.
    pub at: Option<At>,
}

/// What explanations are made from.
#[derive(Clone, Copy)]
pub struct Served<'t> {
    /// The table that decides.
    pub table: &'t Table,
    /// The files that it was read from.
    pub sources: &'t Sources,
    /// What URLs in answers start with, without a slash at its end.
    pub base: &'t str,
}

impl<'t> Served<'t> {
    /// Explains what a check is answered at a time, as the core has it and as a document.
    ///
    /// # Errors
    /// A file of the repository cannot be read.
    pub fn explain(
        &self,
        reader: &Reader,
        check: &'t Check<'_>,
        now: Timestamp,
    ) -> Result<(Explanation<'t>, Document<'t>), ReadError> {
        let explanation = explain(self.table, &device_of(check), now);
        let body = answer(Some(self.table), check, self.base, now);
        let objects = reader.objects()?;
        let mut places = Places::new(&objects, &check.app_id, self.sources.of(&check.app_id));
        let told = Told::new(&explanation, &mut places)?;
        // an answer is JSON by itself; anything else would be a fault that the reader should see
        let answer = RawValue::from_string(String::from_utf8_lossy(&body).into_owned()).unwrap_or_default();
        let document = Document { commit: &self.table.commit, time: time::shown(now), note: None, told, answer };
        Ok((explanation, document))
    }
}

impl Document<'_> {
    /// Writes it, and the end of a line.
    ///
    /// # Errors
    /// What the output says.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}

impl<'a> Told<'a> {
    /// Finds the places of what decided.
    fn new(explanation: &Explanation<'a>, places: &mut Places<'_>) -> Result<Told<'a>, ReadError> {
        let channel = channel(explanation, places)?;
        let name = channel.name.unwrap_or_default();
        let releases = explanation.releases.iter().map(|judged| release(judged, name, places));
        Ok(Told { releases: releases.collect::<Result<_, _>>()?, channel })
    }
}

fn channel<'a>(explanation: &Explanation<'a>, places: &mut Places<'_>) -> Result<Channel<'a>, ReadError> {
    let name = explanation.channel.map(|channel| channel.name);
    let refused = match explanation.shut {
        Some((why, because)) => {
            Some(Rule { rule: reason(why).code, at: at_of_door(why, because, name.unwrap_or_default(), places)? })
        }
        None => None,
    };
    let Some(channel) = explanation.channel else {
        return Ok(Channel { name, why: reason(Refusal::UnknownApp).code, at: None, refused });
    };
    let at = match explanation.shut {
        // what the device itself names stands nowhere
        Some((Refusal::UnknownChannel, _)) if channel.by == By::Named => None,
        _ => at_of_channel(channel.name, channel.by, places)?,
    };
    Ok(Channel { name, why: why(channel.by), at, refused })
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

fn release<'a>(judged: &Judged<'a>, channel: &str, places: &mut Places<'_>) -> Result<Release<'a>, ReadError> {
    let (position, percent) = judged.share.unzip();
    Ok(Release {
        version: &judged.release.name,
        verdict: verdict(judged.verdict),
        rule: rule(judged.verdict),
        position: position.flatten().map(|position| position.number()),
        percent: percent.map(|percent| f64::from(percent.hundredths()) / 100.0),
        at: at(judged, channel, places)?,
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

fn at(judged: &Judged<'_>, channel: &str, places: &mut Places<'_>) -> Result<Option<At>, ReadError> {
    let place = match judged.because {
        Because::Tag(tag) => return Ok(Some(At::Tag { tag: tag.to_owned() })),
        Because::Release(key) => places.in_release(&judged.release.name, key)?,
        Because::Channel(key) => places.in_settings(&[Way::Key("channels"), Way::Key(channel), Way::Key(key)])?,
        Because::Override(at) => places.in_settings(&[Way::Key("overrides"), Way::Item(at)])?,
        Because::Default => None,
    };
    Ok(place.map(At::from))
}
