//! `pushlive status`: what runs, who gets it, and what comes next.

mod remote;
mod words;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::report::{self, Style};
use super::{branch, kept, table, time};
use crate::documents::problem::Told;
use crate::documents::status::{Commits, Document};
use crate::repository::problem::Severity;
use crate::repository::reader::Reader;
use crate::settings::{Settings, SettingsArgs};

/// Tell what runs: commit, channels, percentages, what comes next and when, problems
///
/// Of a repository it tells what the branch and the tags say now; of a running daemon what that one serves. Exits with 1
/// where the repository has errors, and with 2 where a daemon cannot read its own.
#[derive(Args)]
pub struct Arguments {
    /// The repository, or a daemon's operator listener, like http://127.0.0.1:8081 [default: the repository around the
    /// current folder]
    #[arg(value_name = "REPO|URL")]
    target: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Prints the status.
///
/// # Errors
/// The repository has errors; it, the settings or the daemon cannot be read, or the daemon cannot read its repository.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let target = arguments.target.as_deref();
    let document = match target.and_then(Path::to_str).filter(|text| is_url(text)) {
        Some(url) => remote::fetch(url, &arguments.settings)?,
        None => of_repository(target, &arguments.settings)?,
    };
    let printed = if arguments.json { as_json(&document, out) } else { as_text(&document, out) };
    verdict(&document, printed.map_err(Failure::output))
}

fn is_url(text: &str) -> bool {
    let starts_with = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    starts_with("http://") || starts_with("https://")
}

fn of_repository(repository: Option<&Path>, settings: &SettingsArgs) -> Result<Document, Failure> {
    let reader = match repository {
        Some(repository) => Reader::open(repository)?,
        None => Reader::discover(Path::new("."))?,
    };
    let settings = Settings::load(settings, reader.common_dir())?;
    let refs = reader.refs(&settings.branch)?;
    let (_, build) = table::build(&reader, &settings, &refs, &[])?;
    let mut problems: Vec<Told> = build.problems.iter().map(Told::from).collect();
    if let Some(help) = branch::instead(&reader, &settings.branch) {
        problems
            .iter_mut()
            .filter(|problem| problem.rule == "no-branch")
            .for_each(|problem| problem.help = help.clone());
    }
    let table = build.table.as_deref();
    let commits = Commits::of(&reader, table, build.tip);
    let document = Document::new(table, &build.sources, &commits, problems, time::now());
    let note = table.is_none().then(|| still_served(&settings)).flatten();
    Ok(Document { note, ..document })
}

/// What a daemon goes on with where the repository offers nothing.
fn still_served(settings: &Settings) -> Option<String> {
    let is_kept = kept::is_kept(settings);
    let how = kept::operator(settings).map(|operator| format!(": `pushlive status {operator}` tells of it"));
    is_kept.then(|| format!("a running daemon goes on with what it had served before{}", how.unwrap_or_default()))
}

fn as_json(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    writeln!(out)
}

fn as_text(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    words::write(document, &mut text)?;
    // names of apps and files, and all that a URL says, are somebody else's words
    for line in String::from_utf8_lossy(&text).lines() {
        writeln!(out, "{}", report::printable(line))?;
    }
    match &document.problems[..] {
        [] => Ok(()),
        problems => write!(out, "\n{}", report::render(problems, Style::of_stdout())),
    }
}

/// Errors are errors, whether or not somebody read to their end.
fn verdict(document: &Document, printed: Result<(), Failure>) -> Result<(), Failure> {
    match printed {
        Err(failure) if !failure.is_broken_pipe() => Err(failure),
        _ if document.daemon.as_ref().is_some_and(|daemon| !daemon.repository.readable) => {
            Err(Failure::environment("the daemon cannot read its repository"))
        }
        _ if document.problems.iter().any(|problem| problem.severity == Severity::Error) => Err(Failure::reported()),
        printed => printed,
    }
}
