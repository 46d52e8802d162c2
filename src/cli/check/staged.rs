//! What is staged in a clone, judged as the hook judges a push: by what it changes. An old fault, or a tag whose release this
//! clone lacks, keeps nobody from committing something else.

use std::collections::HashSet;

use super::skips::Came;
use super::{Found, Subject, behind, steps};
use crate::cli::failure::Failure;
use crate::cli::table;
use crate::release::time::Timestamp;
use crate::repository::build_error::BuildError;
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;
use crate::repository::push::{Judged, Push};
use crate::repository::reader::Reader;
use crate::settings::Settings;

/// Checks what would be committed on top of `HEAD`, without reading the zips that were committed before.
///
/// # Errors
/// There is no index here, or it cannot be read; or the repository cannot.
pub fn check(reader: Reader, revision: Option<&str>, settings: &Settings, now: Timestamp) -> Result<Found, Failure> {
    let (reader, tip) = in_clone(reader, revision)?.staged()?;
    let Some(tip) = tip else { return super::committed(&reader, None, settings, now) };
    let after = reader.refs(&settings.branch)?.with_branch(Some(tip));
    let before = after.clone().with_branch(reader.head()?);
    let mut builder = table::builder(settings, &[]);
    let push = Push { before: &before, after: &after, updates: &[] };
    let judged = push.judge(&reader, &mut builder, &settings.allow).map_err(|error| match error {
        BuildError::Read(error) => reader.explain(error).into(),
        error => table::failed(error),
    })?;
    let Judged { was, is, refused, told, old_warnings } = judged;
    let to_come = |problem: Problem| to_come(problem, tip);
    let (errors, warnings): (Vec<_>, Vec<_>) = told.into_iter().map(to_come).partition(Problem::is_error);
    let (others, follows) = apart(&errors, &was.problems);
    let came = |build, staged| Came { reader: &reader, builder: &builder, build, staged, now }.skipped();
    let skipped = came(&was, None).and_then(|old| Ok(apart(&came(&is, Some(tip))?, &old)));
    let (old, new) = skipped.map_err(|error| reader.explain(error))?;
    Ok(Found {
        subject: Subject::Staged,
        problems: refused.into_iter().map(to_come).chain(warnings).chain(new).collect(),
        follows: behind::advised(&reader, &before, follows)?,
        others: behind::advised(&reader, &before, others)?,
        old_warnings: old_warnings + old.len(),
        tags: is.table.as_ref().map(|table| steps::at_step(table, now)).unwrap_or_default(),
    })
}

/// A problem, without the name of a commit that nobody will ever find: once it is made, it is `HEAD`.
fn to_come(problem: Problem, staged: CommitId) -> Problem {
    let name = staged.short();
    let message = problem.message.replace(&format!("commit {name}"), "what is staged");
    Problem { message, help: problem.help.replace(&name, "HEAD"), ..problem }
}

/// The problems that were there before, and the others.
fn apart(found: &[Problem], before: &[Problem]) -> (Vec<Problem>, Vec<Problem>) {
    let known: HashSet<_> = before.iter().map(Problem::identity).collect();
    let (old, new): (Vec<_>, Vec<_>) = found.iter().partition(|problem| known.contains(&problem.identity()));
    (old.into_iter().cloned().collect(), new.into_iter().cloned().collect())
}

/// A clone, as git's environment has it.
fn in_clone(reader: Reader, revision: Option<&str>) -> Result<Reader, Failure> {
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
    Ok(reader.as_in_hook())
}
