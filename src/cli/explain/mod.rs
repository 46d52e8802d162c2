//! `pushlive explain`: which release a device gets, and every rule on the way.

mod moment;
mod nothing;
mod words;

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use super::failure::Failure;
use super::time::Typed;
use super::{layout, table};
use crate::documents::explain::Served;
use crate::protocol::check::Check;
use crate::release::table::Table;
use crate::repository::reader::Reader;
use crate::settings::{Settings, SettingsArgs};
use moment::Then;

/// Explain which release a device gets: every rule on the way, and the file and line or the tag that decided
#[derive(Args)]
pub struct Arguments {
    /// The repository [default: the one around the current folder]
    repo: Option<PathBuf>,
    /// Explain what the daemon answered then: a time, for example 2026-12-01T08:00:00Z, or a revision, for when the branch
    /// last was there
    #[arg(long, value_name = "REV|TIME")]
    at: Option<String>,
    /// Decide as if it were this time [default: that moment]
    #[arg(long, value_name = "TIME")]
    time: Option<Typed>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// What the device says of itself, by the names of the check's fields.
#[derive(Args)]
#[command(next_help_heading = "The device, as its update check says")]
struct DeviceArgs {
    /// The app id [default: the app of the repository, where there is one only]
    #[arg(long)]
    app: Option<String>,
    /// ios, android or electron
    #[arg(long)]
    platform: String,
    /// Its id
    #[arg(long, default_value = "", hide_default_value = true)]
    device_id: String,
    /// The bundle that it runs [default: the one that came with the app]
    #[arg(long, default_value = "builtin", hide_default_value = true)]
    version_name: String,
    /// The native version of the app
    #[arg(long, default_value = "", hide_default_value = true)]
    version_build: String,
    /// The version of the plugin; without it the oldest that there is
    #[arg(long, default_value = "", hide_default_value = true)]
    plugin_version: String,
    /// The channel that it names
    #[arg(long, default_value = "", hide_default_value = true)]
    default_channel: String,
    /// What the app calls it
    #[arg(long, default_value = "", hide_default_value = true)]
    custom_id: String,
    /// The beginning of its public key; not compared yet, since no release can have a key
    #[arg(long, default_value = "", hide_default_value = true)]
    key_id: String,
    /// Whether it is a build from a store [default: true]
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, default_value_t = true, default_missing_value = "true", hide_default_value = true)]
    is_prod: bool,
    /// Whether it is an emulator [default: false]
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, default_value_t = false, default_missing_value = "true", hide_default_value = true)]
    is_emulator: bool,
}

/// Explains and prints.
///
/// # Errors
/// The repository or the settings cannot be read; there is nothing to explain by; the app cannot be told.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let reader = match &arguments.repo {
        Some(repo) => Reader::open(repo)?,
        None => Reader::discover(Path::new("."))?,
    };
    let settings = Settings::load(&arguments.settings, reader.common_dir())?;
    let Then { moment, note } = match &arguments.at {
        Some(at) => moment::named(&reader, &settings, at)?,
        None => moment::present(&reader, &settings)?,
    };
    let (_, build) = table::build(&reader, &settings, &moment.refs, &moment.tagged)?;
    let Some(table) = build.table else {
        return Err(match note {
            Some(note) => nothing::offered_then(&moment.refs, note),
            None => nothing::offered(&reader, &settings, &moment.refs),
        });
    };
    let now = arguments.time.map_or(moment.time, |Typed(time)| time);
    let check = check(&arguments.device, &table)?;
    let base = settings.artefact_base(settings.listen);
    let served = Served { table: &table, sources: &build.sources, base: &base };
    let (explanation, mut document) = served.explain(&reader, &check, now)?;
    document.note = note;
    let printed = if arguments.json {
        document.write(out)
    } else {
        let width = layout::columns(&io::stdout()).unwrap_or(usize::MAX);
        words::write(&document, &check, &explanation, width, out)
    };
    printed.map_err(Failure::output)
}

/// The check that such a device would send.
fn check<'a>(device: &'a DeviceArgs, table: &'a Table) -> Result<Check<'a>, Failure> {
    let borrowed = |text: &'a String| Cow::Borrowed(text.as_str());
    Ok(Check {
        platform: borrowed(&device.platform),
        device_id: borrowed(&device.device_id),
        app_id: Cow::Borrowed(app(device, table)?),
        custom_id: borrowed(&device.custom_id),
        version_build: borrowed(&device.version_build),
        version_name: borrowed(&device.version_name),
        plugin_version: borrowed(&device.plugin_version),
        default_channel: borrowed(&device.default_channel),
        is_emulator: device.is_emulator,
        is_prod: device.is_prod,
    })
}

/// The app that was named, or the only one.
fn app<'a>(device: &'a DeviceArgs, table: &'a Table) -> Result<&'a str, Failure> {
    if let Some(app) = &device.app {
        return Ok(app);
    }
    table.only_app().map_err(|ids| {
        if ids.is_empty() {
            return Failure::usage("the repository has no app that is served: which one is meant?")
                .hint("name one with `--app`, and its fault is told; `pushlive check` has those of all");
        }
        Failure::usage(format!("the repository has {} apps: which one?", ids.len()))
            .hint(format!("name one with --app: {}", ids.join(", ")))
    })
}
