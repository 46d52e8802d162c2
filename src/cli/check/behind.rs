//! Tags of releases that a clone lacks: `git fetch` brings the tags of a remote, and leaves what is checked out as it is.

use crate::repository::problem::Problem;
use crate::repository::push::may_come_with_branch;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;

/// The problems, with that as the first mend of those that may come of it. In a bare repository there is nothing to pull.
///
/// # Errors
/// The repository cannot be read.
pub fn advised(reader: &Reader, refs: &Refs, problems: Vec<Problem>) -> Result<Vec<Problem>, ReadError> {
    if reader.is_bare() {
        return Ok(problems);
    }
    problems.into_iter().map(|problem| of(reader, refs, problem)).collect()
}

fn of(reader: &Reader, refs: &Refs, problem: Problem) -> Result<Problem, ReadError> {
    let named = problem.tag.as_deref().filter(|_| may_come_with_branch(problem.rule)).and_then(|tag| refs.tag(tag));
    let Some((named, tip)) = named.zip(refs.branch) else { return Ok(problem) };
    let commit = reader.objects()?.tagged(named)?.commit;
    let is_ahead = match commit {
        Some(commit) => commit != tip && !reader.is_ancestor(commit, tip)?,
        None => false,
    };
    if !is_ahead {
        return Ok(problem);
    }
    let help = format!(
        "{} does not have the commit that it names: where this clone is behind, `git pull --rebase`; else {}",
        tip.short(),
        problem.help
    );
    Ok(Problem { help, ..problem })
}
