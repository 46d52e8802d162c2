//! `pushlive log`: who opened, widened, halted, withdrew what, and when.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::time;
use crate::release::time::Timestamp;
use crate::repository::journal::{self, Entry};
use crate::repository::reader::Reader;
use crate::settings::{Settings, SettingsArgs};
use crate::store::Store;

/// Tell who opened, widened, halted, withdrew what, and when
///
/// Reads the journal that the daemon keeps in its data directory; the newest comes first.
#[derive(Args)]
pub struct Arguments {
    /// The repository [default: the one around the current folder]; if no such path exists, an app
    repo: Option<PathBuf>,
    /// Only what is about this app
    app: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    entries: Vec<Shown<'a>>,
}

/// An entry with its time in words.
#[derive(Serialize)]
struct Shown<'a> {
    time: String,
    #[serde(rename = "ref")]
    name: &'a str,
    old: Option<String>,
    new: Option<String>,
    by: Option<&'a str>,
    meant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    became: Option<&'a [String]>,
}

impl<'a> Shown<'a> {
    fn of(entry: &'a Entry) -> Shown<'a> {
        Shown {
            time: time::shown(Timestamp(entry.time)),
            name: &entry.name,
            old: entry.old.map(|id| id.to_string()),
            new: entry.new.map(|id| id.to_string()),
            by: entry.by.as_deref(),
            meant: &entry.meant,
            became: entry.became.as_deref(),
        }
    }
}

/// Prints the journal.
///
/// # Errors
/// The repository, the settings or the journal cannot be read.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let (reader, app) = target(arguments)?;
    let settings = Settings::load(&arguments.settings, reader.common_dir())?;
    let text = Store::read_only(&settings.data).journal().map_err(|error| Failure::environment(error.to_string()))?;
    let entries = journal::entries(&text);
    let wanted: Vec<&Entry> = entries.iter().rev().filter(|entry| app.is_none_or(|app| is_about(entry, app))).collect();
    let printed = if arguments.json { as_json(&wanted, out) } else { as_text(&wanted, &entries, out) };
    printed.map_err(Failure::output)
}

/// One argument is a repository if such a path exists, else an app of the repository here.
fn target(arguments: &Arguments) -> Result<(Reader, Option<&str>), Failure> {
    let app = arguments.app.as_deref();
    Ok(match &arguments.repo {
        Some(repo) if app.is_some() || repo.exists() => (Reader::open(repo)?, app),
        Some(word) => (Reader::discover(Path::new("."))?, word.to_str()),
        None => (Reader::discover(Path::new("."))?, None),
    })
}

/// Whether an entry is about an app. A short tag does not say, and may be about any.
fn is_about(entry: &Entry, app: &str) -> bool {
    let mut words = entry.meant.split([' ', ',']);
    entry.is_of_short_tag() || words.any(|word| word == app)
}

fn as_json(entries: &[&Entry], out: &mut dyn Write) -> io::Result<()> {
    let entries = entries.iter().map(|entry| Shown::of(entry)).collect();
    serde_json::to_writer(&mut *out, &Document { entries })?;
    writeln!(out)
}

fn as_text(wanted: &[&Entry], entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    let mut before = None;
    for entry in wanted {
        let by = entry.by.as_deref().map(|by| format!(", by {by}")).unwrap_or_default();
        writeln!(out, "{}  {}{by}", time::shown(Timestamp(entry.time)), entry.short_name())?;
        writeln!(out, "    {}", entry.meant)?;
        if before.replace(entry.time) != Some(entry.time) {
            let became = journal::became(entries, entry.time).unwrap_or_default();
            became.iter().try_for_each(|channel| writeln!(out, "    {channel}"))?;
        }
    }
    match (entries.is_empty(), wanted.is_empty()) {
        (true, _) => writeln!(out, "the journal is empty: a daemon that serves this repository writes it"),
        (false, true) => writeln!(out, "the journal has nothing about that app"),
        (false, false) => Ok(()),
    }
}
