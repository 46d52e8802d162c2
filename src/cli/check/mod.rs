//! `pushlive check`: what is wrong with a repository, and how to mend it.

mod behind;
mod skips;
mod staged;
mod steps;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::layout;
use super::report::{self, Style};
use super::{table, time};
use crate::release::time::Timestamp;
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;
use crate::repository::reader::Reader;
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
    /// Judge what is staged in a clone as if it were committed and pushed; zips that are committed are taken for sound
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
    /// Errors that show with what is staged, and are in something that it leaves alone.
    follows: &'a [Problem],
    /// Errors that were there before what is staged.
    others: &'a [Problem],
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

/// What a check found.
struct Found {
    subject: Subject,
    problems: Vec<Problem>,
    /// Errors that show with what is staged, and are in a file or a tag that it leaves alone. They stop nothing.
    follows: Vec<Problem>,
    /// Errors that were there before what is staged. They stop nothing.
    others: Vec<Problem>,
    /// How many warnings were there before, and are not shown.
    old_warnings: usize,
    tags: Vec<AtStep>,
}

/// Checks and prints.
///
/// # Errors
/// The repository has errors, or what is staged would bring some; or it, the revision or the settings cannot be read.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let (reader, revision) = target(arguments)?;
    let settings = Settings::load(&arguments.settings, reader.common_dir())?;
    let now = time::now();
    let found = if arguments.staged {
        staged::check(reader, revision.as_deref(), &settings, now)?
    } else {
        let tip = tip(&reader, revision.as_deref(), &settings.branch).map_err(|failure| arguments.explain(failure))?;
        committed(&reader, tip, &settings, now)?
    };
    let printed = if arguments.json { as_json(out, &found) } else { as_text(out, &found, now) };
    verdict(&found.problems, printed.map_err(Failure::output))
}

/// A commit, as if it were the tip.
fn committed(reader: &Reader, tip: Option<CommitId>, settings: &Settings, now: Timestamp) -> Result<Found, Failure> {
    // with the tags of today: those of then are known to nobody
    let refs = reader.refs(&settings.branch)?.with_branch(tip);
    let (builder, build) = table::build(reader, settings, &refs, &[])?;
    let tags = build.table.as_ref().map(|table| steps::at_step(table, now)).unwrap_or_default();
    let came = Came { reader, builder: &builder, build: &build, staged: None, now };
    let skipped = came.skipped().map_err(|error| reader.explain(error))?;
    let is_head = tip.is_some() && tip == reader.head()?;
    let problems = if is_head { behind::advised(reader, &refs, build.problems)? } else { build.problems };
    let problems = [problems, skipped].concat();
    Ok(Found {
        subject: Subject::Commit(tip),
        problems,
        follows: Vec::new(),
        others: Vec::new(),
        old_warnings: 0,
        tags,
    })
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

fn as_json(out: &mut dyn Write, found: &Found) -> io::Result<()> {
    let Found { subject, problems, follows, others, tags, .. } = found;
    serde_json::to_writer(&mut *out, &Document { commit: subject.commit(), problems, follows, others, tags })?;
    writeln!(out)
}

fn as_text(out: &mut dyn Write, found: &Found, now: Timestamp) -> io::Result<()> {
    let style = Style::of_stdout();
    for (heading, errors) in [
        ("Not of what is staged, and nothing that stops a commit:", &found.others),
        ("This shows with what is staged, and stops no commit:", &found.follows),
    ] {
        if !errors.is_empty() {
            writeln!(out, "{heading}\n\n{}", report::render(errors, style))?;
        }
    }
    if !found.problems.is_empty() {
        writeln!(out, "{}", report::render(&found.problems, style))?;
    }
    steps::write(&found.tags, now, layout::columns(&io::stdout()).unwrap_or(usize::MAX), out)?;
    if let Some(older) = report::older(found.old_warnings) {
        writeln!(out, "{older}")?;
    }
    summary(out, &found.subject, &found.problems)
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
