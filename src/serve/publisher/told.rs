//! What the log says of the repository: what is published, its problems, and what only someone who watched can know.

use std::collections::HashSet;
use std::time::Instant;

use tracing::{error, info, warn};

use super::settled::By;
use crate::http::live::Live;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::problem::Problem;
use crate::repository::reader::Moved;
use crate::repository::refs::Refs;

/// A table of these refs is published.
pub fn published(live: &Live, branch: &str, refs: &Refs, started: Instant, waited: Option<By>) {
    let Live { table, errors, warnings, .. } = live;
    info!(
        commit = table.as_ref().map_or("none", |table| &table.commit),
        table = table.as_ref().map_or("none", |table| &table.digest),
        tip = refs.branch.map_or_else(|| "none".to_owned(), |tip| tip.to_string()),
        errors,
        warnings,
        settled_by = waited.map(By::name),
        took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "published"
    );
    if refs.branch.is_none() && table.is_none() {
        info!(branch, "the branch has no commit yet; waiting for the first push");
    }
}

/// Logs each problem when it comes, not as long as it stays. Returns those that are there now.
pub fn problems(before: &[Problem], now: Vec<Problem>) -> Vec<Problem> {
    for problem in news(before, &now) {
        let Problem { rule, message, help, file, line, column, tag, app, version, .. } = problem;
        if problem.is_error() {
            error!(rule, file, line, column, tag, app, version, help, "{message}");
        } else {
            warn!(rule, file, line, column, tag, app, version, help, "{message}");
        }
    }
    now
}

/// Those that were not there before, wherever they stood in their files.
fn news<'n>(before: &[Problem], now: &'n [Problem]) -> impl Iterator<Item = &'n Problem> {
    let what = |problem| (Problem::is_error(problem), Problem::identity(problem));
    let before: HashSet<_> = before.iter().map(what).collect();
    let is_new: Vec<bool> = now.iter().map(|problem| !before.contains(&what(problem))).collect();
    now.iter().zip(is_new).filter_map(|(problem, is_new)| is_new.then_some(problem))
}

/// The branch left its own line. No problem of the table, which knows nothing of what was there before.
pub fn left_line(left: CommitId, tip: CommitId) {
    let help = "where this was no purpose, push the old tip again; before the next push of a branch that others pushed to, \
                use `git pull --rebase`, not `git pull`";
    warn!(
        %left, %tip, help,
        "the branch was rewritten, or merged into another: its old tip is not among the first parents of the new one, so \
         releases, first bytes and what was withdrawn are those of the new history alone"
    );
}

/// What to do about a tag that was moved.
pub const MOVED_TAG_HELP: &str =
    "a tag is a record: where this was no purpose, move it back; delete a wrong one and make another";

/// A tag names something else than before. One that cannot be read any more is told of by the build.
pub fn moved_tag(tag: &str, old: ObjectId, new: ObjectId, how: Moved) {
    let help = MOVED_TAG_HELP;
    match how {
        Moved::Commit => warn!(tag, %old, %new, help, "a release tag was moved to another commit"),
        Moved::Rewritten => warn!(tag, %old, %new, help, "an annotated release tag was rewritten"),
        Moved::Annotated => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_news_when_it_comes_or_gets_worse_not_when_its_file_grows_above_it() {
        let problem = |message: &str| Problem::warning("a-rule", message, "").in_file("releases.toml");
        let (before, moved) = (problem("a").on_line(1), problem("a").on_line(2));
        let worse = Problem::error("a-rule", "a", "").in_file("releases.toml");
        let told = |now: &[Problem]| news(std::slice::from_ref(&before), now).cloned().collect::<Vec<_>>();
        assert_eq!(told(&[moved.clone(), problem("b")]), [problem("b")]);
        assert_eq!(told(std::slice::from_ref(&worse)), [worse]);
        assert_eq!(news(&[], std::slice::from_ref(&moved)).count(), 1);
    }
}
