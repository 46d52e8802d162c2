//! What changes, with the places that decided; and as programs read it.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::headline::{Headline, Turn};
use super::spots::{Decided, Spots};
use super::{Change as Asked, Compared, skips, whom};
use crate::cli::time;
use crate::documents::at::At;
use crate::protocol::refusal::reason;
use crate::release::changes;
use crate::release::plan::{self, Change, Effect, Gets, Kind, Natives, NewDefault, Plan, Reassigned, Runs, Who};
use crate::release::platform::{Platform, PlatformSet};
use crate::release::policy::{What, Who as Named};
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;

/// What changes, with the places that decided.
pub struct Told<'t> {
    /// What changes.
    pub(super) plan: Plan<'t>,
    /// Where each of its changes was decided.
    pub(super) at: Vec<Decided>,
    /// Whom the channel of each serves, where that is not every device that asks for it.
    pub(super) serves: Vec<Option<String>>,
    /// Where each new default channel is named.
    pub(super) defaults_at: Vec<Option<At>>,
    /// Where each override is.
    pub(super) overrides_at: Vec<Option<At>>,
    /// What the tags do that are asked about.
    pub(super) headlines: Vec<Headline>,
    /// What differs of apps and releases, whether or not a device sees it.
    pub(super) meant: Vec<String>,
    /// The problems of the refs after, and rollouts that leave out a step.
    pub problems: Vec<Problem>,
}

impl<'t> Told<'t> {
    pub(super) fn new(
        plan: Plan<'t>,
        compared: &Compared,
        reader: &Reader,
        turns: &[Turn],
        problems: Vec<Problem>,
    ) -> Result<Told<'t>, ReadError> {
        let objects = reader.objects()?;
        let mut spots = Spots::new(compared, &objects);
        let at = plan.changes.iter().map(|change| spots.decided(change)).collect::<Result<_, _>>()?;
        let defaults_at = plan.defaults.iter().map(|new| spots.find(new.app, new.at)).collect::<Result<_, _>>()?;
        let overrides_at =
            plan.overrides.iter().map(|change| spots.find(change.app, Some(change.at))).collect::<Result<_, _>>()?;
        let meant =
            changes::changes(compared.old_table(), compared.new_table()).iter().map(ToString::to_string).collect();
        let headlines = plan::Headlines::new(&plan, compared.old_table(), compared.new_table(), compared.now);
        let headline = |turn: &Turn| {
            let before = (&compared.old.problems, compared.old.table.is_some());
            let (problems, is_served) = if turn.is_gone { before } else { (&problems, compared.new.table.is_some()) };
            Headline::of(turn, &headlines, problems, is_served)
        };
        let headlines = turns.iter().map(headline).collect();
        let serves = |change: &Change<'_>| whom::serves(compared, change.app, change.channel);
        let serves = plan.changes.iter().map(serves).collect();
        Ok(Told { plan, at, serves, defaults_at, overrides_at, headlines, meant, problems })
    }

    /// Rollouts that leave out a step, as warnings.
    pub fn skipped(&self) -> Vec<Problem> {
        self.problems.iter().filter(|problem| problem.rule == skips::RULE).cloned().collect()
    }

    pub(super) fn document<'d>(&'d self, asked: &'d Asked) -> Document<'d> {
        let tip = |refs: &Refs| refs.branch.map(|tip| tip.to_string());
        let rows = self.plan.changes.iter().zip(&self.at).map(|(change, at)| Row::of(change, at));
        let overrides = self.plan.overrides.iter().zip(&self.overrides_at);
        let defaults = self.plan.defaults.iter().zip(&self.defaults_at);
        Document {
            old: tip(&asked.before),
            new: tip(&asked.after),
            notes: &asked.notes,
            headlines: &self.headlines,
            meant: &self.meant,
            changes: rows.collect(),
            default_channels: defaults.map(|(new, at)| DefaultChannel::of(new, at.as_ref())).collect(),
            overrides: overrides.map(|(change, at)| Override::of(change, at.as_ref())).collect(),
            tags: self.plan.effects.iter().map(Tag::of).collect(),
            later: self.plan.later.iter().map(Later::of).collect(),
            off: self.plan.off.iter().map(Later::of).collect(),
            problems: &self.problems,
        }
    }
}

/// The document of `--json`.
#[derive(Serialize)]
pub(super) struct Document<'d> {
    old: Option<String>,
    new: Option<String>,
    /// What whoever reads the plan should know of its two sides.
    notes: &'d [String],
    /// What the tags do that are asked about.
    headlines: &'d [Headline],
    /// In a few words each.
    meant: &'d [String],
    changes: Vec<Row<'d>>,
    default_channels: Vec<DefaultChannel<'d>>,
    overrides: Vec<Override<'d>>,
    tags: Vec<Tag<'d>>,
    later: Vec<Later<'d>>,
    /// What would have started by itself, and does not.
    off: Vec<Later<'d>>,
    problems: &'d [Problem],
}

impl Document<'_> {
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}

/// Some devices get something else.
#[derive(Serialize)]
struct Row<'d> {
    app: &'d str,
    channel: &'d str,
    platform: &'static str,
    /// `null`: a native version that cannot be read.
    native: Option<String>,
    /// Which of the channel's devices.
    devices: &'static str,
    /// What they run; `null`: whatever is not above what they get.
    runs: Option<&'d str>,
    from: Option<&'d str>,
    to: Option<&'d str>,
    /// What they are told from now on, where the channel does not serve them.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// What they were told, where it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_code: Option<&'static str>,
    percent: f64,
    why: &'static str,
    at: Option<&'d At>,
    /// What decided as well, where neither alone explains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    also: Option<Also<'d>>,
}

/// What else decided.
#[derive(Serialize)]
struct Also<'d> {
    why: &'static str,
    at: Option<&'d At>,
}

impl<'d> Row<'d> {
    fn of(change: &'d Change<'d>, decided: &'d Decided) -> Row<'d> {
        let row = &change.row;
        Row {
            app: change.app,
            channel: change.channel,
            platform: change.platform.name(),
            native: (change.native != Natives::Unreadable).then(|| change.native.to_string()),
            devices: devices(row.who),
            runs: match row.runs {
                Runs::Any => None,
                Runs::Version(version) => Some(version),
                Runs::TakenBack => Some("taken back"),
            },
            from: got(row.from),
            to: got(row.to),
            code: code(row.to),
            old_code: code(row.from),
            percent: row.share.percent(),
            why: row.why.name(),
            at: decided.at.as_ref(),
            also: row.also.map(|(why, _)| Also { why: why.name(), at: decided.also.as_ref() }),
        }
    }
}

fn devices(who: Who) -> &'static str {
    match who {
        Who::In(Kind::Any) => "all",
        Who::In(Kind::Prod) => "prod",
        Who::In(Kind::Dev) => "dev",
        Who::In(Kind::Real) => "device",
        Who::In(Kind::Emulator) => "emulator",
        Who::Staying(Kind::Any) => "staying",
        Who::Staying(Kind::Prod) => "staying prod",
        Who::Staying(Kind::Dev) => "staying dev",
        Who::Staying(Kind::Real) => "staying device",
        Who::Staying(Kind::Emulator) => "staying emulator",
        Who::Naming => "naming",
        Who::Unnamed(Kind::Any) => "unnamed",
        Who::Unnamed(Kind::Prod) => "unnamed prod",
        Who::Unnamed(Kind::Dev) => "unnamed dev",
        Who::Unnamed(Kind::Real) => "unnamed device",
        Who::Unnamed(Kind::Emulator) => "unnamed emulator",
    }
}

fn got(gets: Gets<'_>) -> Option<&str> {
    match gets {
        Gets::Version(version) => Some(version),
        Gets::Builtin => Some("builtin"),
        Gets::Nothing | Gets::Refused(_) => None,
    }
}

fn code(gets: Gets<'_>) -> Option<&'static str> {
    if let Gets::Refused(why) = gets { Some(reason(why).code) } else { None }
}

/// An app that has another default channel.
#[derive(Serialize)]
struct DefaultChannel<'d> {
    app: &'d str,
    from: &'d str,
    to: &'d str,
    at: Option<&'d At>,
}

impl<'d> DefaultChannel<'d> {
    fn of(new: &NewDefault<'d>, at: Option<&'d At>) -> DefaultChannel<'d> {
        DefaultChannel { app: new.app, from: new.from, to: new.to, at }
    }
}

/// An override.
#[derive(Serialize)]
struct Override<'d> {
    app: &'d str,
    #[serde(serialize_with = "named")]
    who: &'d Named,
    from: Option<Given<'d>>,
    to: Option<Given<'d>>,
    at: Option<&'d At>,
}

/// What an override gives.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Given<'d> {
    Channel(&'d str),
    Version(&'d str),
}

impl<'d> Override<'d> {
    fn of(change: &'d Reassigned<'d>, at: Option<&'d At>) -> Override<'d> {
        let given = |what: &'d What| match what {
            What::Channel(name) => Given::Channel(name),
            What::Version(name) => Given::Version(name),
        };
        Override { app: change.app, who: change.who, from: change.from.map(given), to: change.to.map(given), at }
    }
}

/// As `releases.toml` has it.
fn named<S: Serializer>(who: &&Named, serializer: S) -> Result<S::Ok, S::Error> {
    let (key, value) = key_and_value(who);
    serializer.collect_map([(key, value)])
}

/// Whom an override names, by the key and the value in `releases.toml`.
pub(super) fn key_and_value(who: &Named) -> (&'static str, String) {
    match who {
        Named::Device(id) => ("device", id.to_string()),
        Named::DeviceSha256(hash) => ("device", format!("sha256:{}", hex::encode(hash))),
        Named::CustomId(id) => ("custom_id", id.to_string()),
    }
}

/// A tag that is new.
#[derive(Serialize)]
struct Tag<'d> {
    tag: &'d str,
    app: &'d str,
    channel: &'d str,
    version: &'d str,
    /// How many it lets in by itself now.
    percent: f64,
}

impl<'d> Tag<'d> {
    fn of(effect: &'d Effect<'d>) -> Tag<'d> {
        let tag = effect.tag;
        let percent = f64::from(effect.percent.hundredths()) / 100.0;
        Tag { tag: &tag.name, app: effect.app, channel: &tag.channel, version: &tag.version, percent }
    }
}

/// What starts by itself.
#[derive(Serialize)]
struct Later<'d> {
    when: String,
    app: &'d str,
    channel: &'d str,
    version: &'d str,
    percent: f64,
    platforms: Vec<&'static str>,
    /// A higher release that everyone gets by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    behind: Option<&'d str>,
}

impl<'d> Later<'d> {
    fn of(later: &'d plan::Later<'d>) -> Later<'d> {
        Later {
            when: time::shown(later.when),
            app: later.app,
            channel: later.channel,
            version: later.version,
            percent: f64::from(later.percent.hundredths()) / 100.0,
            platforms: names(later.platforms),
            behind: later.behind,
        }
    }
}

/// The names of platforms.
pub(super) fn names(platforms: PlatformSet) -> Vec<&'static str> {
    Platform::ALL.into_iter().filter(|platform| platforms.contains(*platform)).map(Platform::name).collect()
}
