//! `pushlive check`: what is wrong with a repository, and how to mend it.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::report::{self, Style};
use super::table;
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;
use crate::settings::{Settings, SettingsArgs};

/// Validate a release repository: each problem with file, line and mend
#[derive(Args)]
pub struct Arguments {
    /// The repository [default: the one around the current folder]; if no such path exists, a revision of that one
    repo: Option<PathBuf>,
    /// The revision to read as if it were the tip [default: the release branch; in a work tree HEAD]
    revision: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Arguments {
    /// A single word that is no path was taken for a revision, and may have been meant as a path.
    fn explain(&self, failure: Failure) -> Failure {
        match (&self.repo, &self.revision) {
            (Some(word), None) if !word.exists() => {
                failure.hint(format!("if `{}` was meant as a repository: there is no such path", word.display()))
            }
            _ => failure,
        }
    }
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    commit: Option<String>,
    problems: &'a [Problem],
}

/// Checks and prints.
///
/// # Errors
/// The repository has errors; or it, the revision or the settings cannot be read.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let (reader, revision) = target(arguments)?;
    let settings = Settings::load(&arguments.settings, reader.common_dir())?;
    let tip = tip(&reader, revision.as_deref(), &settings.branch).map_err(|failure| arguments.explain(failure))?;
    // with the tags of today: those of then are known to nobody
    let problems = problems(&reader, &settings, &reader.refs(&settings.branch)?.with_branch(tip))?;
    let commit = tip.map(|tip| tip.to_string());
    let printed = if arguments.json { as_json(out, commit, &problems) } else { as_text(out, commit, &problems) };
    verdict(&problems, printed.map_err(Failure::output))
}

/// Errors are errors, whether or not somebody read to their end.
fn verdict(problems: &[Problem], printed: Result<(), Failure>) -> Result<(), Failure> {
    match printed {
        Err(failure) if !failure.is_broken_pipe() => Err(failure),
        _ if problems.iter().any(Problem::is_error) => Err(Failure::reported()),
        printed => printed,
    }
}

/// One argument is a repository if such a path exists, else a revision of the repository here.
fn target(arguments: &Arguments) -> Result<(Reader, Option<String>), Failure> {
    let here = || Reader::discover(Path::new("."));
    Ok(match (&arguments.repo, &arguments.revision) {
        (Some(repo), Some(revision)) => (Reader::open(repo)?, Some(revision.clone())),
        (Some(repo), None) if repo.exists() => (Reader::open(repo)?, None),
        (Some(word), None) => {
            let reader = here().map_err(|error| arguments.explain(error.into()))?;
            (reader, Some(word.to_string_lossy().into_owned()))
        }
        (None, _) => (here()?, None),
    })
}

fn tip(reader: &Reader, revision: Option<&str>, branch: &str) -> Result<Option<CommitId>, Failure> {
    Ok(match revision {
        Some(revision) => Some(reader.resolve(revision)?),
        None if reader.is_bare() => reader.refs(branch)?.branch,
        None => reader.head()?,
    })
}

/// Every problem of the repository as these refs would have it.
pub(super) fn problems(reader: &Reader, settings: &Settings, refs: &Refs) -> Result<Vec<Problem>, Failure> {
    table::build(reader, settings, refs, &[]).map(|(_, build)| build.problems)
}

fn as_json(out: &mut dyn Write, commit: Option<String>, problems: &[Problem]) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Document { commit, problems })?;
    writeln!(out)
}

fn as_text(out: &mut dyn Write, commit: Option<String>, problems: &[Problem]) -> io::Result<()> {
    let style = if io::stdout().is_terminal() { Style::Terminal } else { Style::Plain };
    write!(out, "{}", report::render(problems, style))?;
    if !problems.is_empty() {
        writeln!(out)?;
    }
    match commit {
        None => writeln!(out, "there is no commit yet: nothing to check"),
        Some(commit) => writeln!(out, "{}: {}", commit.get(..12).unwrap_or(&commit), report::summary(problems)),
    }
}
