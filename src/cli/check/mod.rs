//! `pushlive check`: what is wrong with a repository, and how to mend it.

mod skips;
mod steps;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::layout;
use super::report::{self, Style};
use super::{table, time};
use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;
use crate::repository::push::Both;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;
use crate::settings::{Settings, SettingsArgs};
use skips::Came;
use steps::AtStep;

/// Validate a release repository: each problem with file, line and mend
#[derive(Args)]
pub struct Arguments {
    /// The repository [default: the one around the current folder]; if no such path exists, a revision of that one
    repo: Option<PathBuf>,
    /// The revision to read as if it were the tip [default: the release branch; in a work tree HEAD]
    revision: Option<String>,
    /// Read what is staged in a clone as if it were committed; zips that are committed already are taken for sound
    #[arg(long)]
    staged: bool,
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
    /// Those that follow the steps of their release.
    tags: &'a [AtStep],
}

/// What is checked.
enum Subject {
    /// A commit; `None` where there is none yet.
    Commit(Option<CommitId>),
    /// What is staged.
    Staged,
}

impl Subject {
    fn commit(&self) -> Option<String> {
        match self {
            Subject::Commit(commit) => commit.map(|commit| commit.to_string()),
            Subject::Staged => None,
        }
    }
}

/// Checks and prints.
///
/// # Errors
/// The repository has errors; or it, the revision or the settings cannot be read.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let (reader, revision) = target(arguments)?;
    let settings = Settings::load(&arguments.settings, reader.common_dir())?;
    let (reader, tip) = if arguments.staged {
        staged(reader, revision.as_deref())?
    } else {
        let tip = tip(&reader, revision.as_deref(), &settings.branch).map_err(|failure| arguments.explain(failure))?;
        (reader, tip)
    };
    // with the tags of today: those of then are known to nobody
    let refs = reader.refs(&settings.branch)?.with_branch(tip);
    let (builder, build) = if arguments.staged {
        on_head(&reader, &settings, &refs)?
    } else {
        table::build(&reader, &settings, &refs, &[])?
    };
    let now = time::now();
    let tags = build.table.as_ref().map(|table| steps::at_step(table, now)).unwrap_or_default();
    let came =
        Came { reader: &reader, builder: &builder, build: &build, staged: tip.filter(|_| arguments.staged), now };
    let skipped = came.skipped().map_err(|error| reader.explain(error))?;
    let problems = [build.problems, skipped].concat();
    let subject = if arguments.staged && tip.is_some() { Subject::Staged } else { Subject::Commit(tip) };
    let printed = if arguments.json {
        as_json(out, &Document { commit: subject.commit(), problems: &problems, tags: &tags })
    } else {
        as_text(out, &problems)
            .and_then(|()| steps::write(&tags, now, layout::columns(&io::stdout()).unwrap_or(usize::MAX), out))
            .and_then(|()| summary(out, &subject, &problems))
    };
    verdict(&problems, printed.map_err(Failure::output))
}

/// The clone as it would be once what is staged is committed.
fn staged(reader: Reader, revision: Option<&str>) -> Result<(Reader, Option<CommitId>), Failure> {
    if let Some(revision) = revision {
        return Err(Failure::usage(format!(
            "`--staged` is about what is in no commit yet, and `{revision}` names one"
        ))
        .hint("leave out one of the two"));
    }
    if reader.is_bare() {
        let path = reader.common_dir().display().to_string();
        return Err(Failure::usage(format!("{path} is a bare repository, where nothing can be staged"))
            .hint("call it in a clone; without `--staged` it checks what is committed"));
    }
    Ok(reader.as_in_hook().staged()?)
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
    // a hook is told by git's environment where it is
    let staged = arguments.staged;
    let here = || if staged { Reader::from_env_in_part() } else { Reader::discover(Path::new(".")) };
    let open = |repo: &Path| if staged { Reader::open_in_part(repo) } else { Reader::open(repo) };
    Ok(match (&arguments.repo, &arguments.revision) {
        (Some(repo), Some(revision)) => (open(repo)?, Some(revision.clone())),
        (Some(repo), None) if repo.exists() => (open(repo)?, None),
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

/// What is staged, without reading the zips that were committed before.
fn on_head(reader: &Reader, settings: &Settings, staged: &Refs) -> Result<(Builder, Build), Failure> {
    let head = staged.clone().with_branch(reader.head()?);
    let mut builder = table::builder(settings, &[]);
    let both = Both::build(reader, &mut builder, &head, staged, &[]);
    let build = both.map(|both| both.is).map_err(|error| match error {
        BuildError::Read(error) => reader.explain(error).into(),
        error => table::failed(error),
    })?;
    Ok((builder, build))
}

fn as_json(out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    writeln!(out)
}

fn as_text(out: &mut dyn Write, problems: &[Problem]) -> io::Result<()> {
    write!(out, "{}", report::render(problems, Style::of_stdout()))?;
    if !problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn summary(out: &mut dyn Write, subject: &Subject, problems: &[Problem]) -> io::Result<()> {
    let summary = report::summary(problems);
    match subject {
        Subject::Commit(None) => writeln!(out, "there is no commit yet: nothing to check"),
        Subject::Commit(Some(commit)) => {
            let commit = commit.to_string();
            writeln!(out, "{}: {summary}", commit.get(..12).unwrap_or(&commit))
        }
        Subject::Staged => writeln!(out, "what is staged: {summary}"),
    }
}
