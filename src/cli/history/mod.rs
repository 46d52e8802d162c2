//! `pushlive log`: who opened, widened, halted, withdrew what, and when.

mod document;
mod text;
mod told;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::kept;
use super::layout;
use super::table;
use crate::repository::names::is_app_id;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;
use crate::settings::{Settings, SettingsArgs};

/// Tell who opened, widened, halted, withdrew what, and when
///
/// Reads the journal that the daemon keeps in its data directory; the newest comes first. A lightweight tag, and a move of
/// the branch, do not say who made them.
#[derive(Args)]
pub struct Arguments {
    /// The repository [default: the one around the current folder]; what is none, and reads as the id of an app, is an app
    repo: Option<PathBuf>,
    /// Only what is about this app
    app: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Prints the journal.
///
/// # Errors
/// The repository, the settings or the journal cannot be read.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let (reader, app) = target(arguments)?;
    let settings = Settings::load(&arguments.settings, reader.common_dir())?;
    let record = kept::record(&settings)?;
    let told = told::newest_first(&record, app);
    let printed = match app {
        _ if arguments.json => document::write(&told, out),
        _ if record.entries.is_empty() => {
            writeln!(out, "the journal is empty: a daemon that serves this repository writes it")
        }
        Some(app) if !told::apps(&record).contains(app) => {
            writeln!(out, "{}", nothing_about(app, &reader, &settings))
        }
        _ => text::write(&told, layout::columns(&io::stdout()).unwrap_or(usize::MAX), out),
    };
    printed.map_err(Failure::output)
}

/// One argument is a repository if it is one, else an app of the repository here.
fn target(arguments: &Arguments) -> Result<(Reader, Option<&str>), Failure> {
    let Some(word) = &arguments.repo else { return Ok((Reader::discover(Path::new("."))?, None)) };
    if let Some(app) = &arguments.app {
        return Ok((Reader::open(word)?, Some(app)));
    }
    match (Reader::open(word), word.to_str().filter(|word| is_app_id(word))) {
        // in a work tree an app has a folder of its name
        (Err(ReadError::NotARepository(path)), Some(app)) => match Reader::discover(Path::new(".")) {
            Ok(reader) => Ok((reader, Some(app))),
            Err(_) => Err(ReadError::NotARepository(path).into()),
        },
        (opened, _) => Ok((opened?, None)),
    }
}

fn nothing_about(app: &str, reader: &Reader, settings: &Settings) -> String {
    let build = || {
        let refs = reader.refs(&settings.branch).ok()?;
        table::build(reader, settings, &refs, &[]).ok()?.1.table
    };
    let shown = super::report::printable(app);
    match build() {
        Some(table) if table.app(app).is_none() => {
            let mut apps: Vec<&str> = table.apps().map(|app| &*app.policy.id).collect();
            apps.sort_unstable();
            format!("there is no app {shown} here, and the journal has nothing about one; there is {}", apps.join(", "))
        }
        _ => format!("the journal has nothing about {shown}"),
    }
}
