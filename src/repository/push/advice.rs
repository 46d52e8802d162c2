//! The mends that only someone who sees the push can name.

use super::bundles::BundleFault;
use super::{Judge, SWITCHES};
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::tag::faults::if_pushed;
use crate::repository::tag::version_tree;

const UNKNOWN_RELEASE: &str = "tag-unknown-release";

/// A problem with what the push adds to its mend, and without what it makes needless.
pub fn added(judge: &Judge<'_>, problem: Problem, fault: Option<&BundleFault<'_>>) -> Result<Problem, ReadError> {
    let problem = of_new_tag(judge, problem);
    let more = match (&problem.tag, fault) {
        (Some(tag), _) if may_come_with_branch(problem.rule) && brings(judge, tag, &problem)? => {
            let both = push_both(judge, tag);
            if problem.rule == UNKNOWN_RELEASE {
                // that is the mend, and not one of several
                return Ok(Problem { help: both, ..problem });
            }
            both
        }
        (_, Some(fault)) if fault.is_within(judge.builder) => {
            "the first bundle is in a commit of this very push: squash the two, and it never was there".to_owned()
        }
        _ => return Ok(problem),
    };
    Ok(Problem { help: format!("{more}; {}", problem.help), ..problem })
}

/// A tag that the push would make is not on the server, and needs not be taken back there.
fn of_new_tag(judge: &Judge<'_>, problem: Problem) -> Problem {
    let tag = problem.tag.as_deref().filter(|tag| judge.tags.get(tag).is_some_and(|update| update.old.is_none()));
    let Some(tag) = tag else { return problem };
    let help = problem.help.replacen(&if_pushed(tag), "", 1);
    Problem { help, ..problem }
}

/// Release tags of the push where nothing is served yet, so that nobody reads what they name.
pub fn unread_tags(judge: &Judge<'_>) -> Vec<Problem> {
    let mut tags: Vec<&str> =
        judge.tags.iter().filter(|(_, update)| update.new.is_some()).map(|(tag, _)| *tag).collect();
    tags.sort_unstable();
    let problem = |tag: &str| {
        let message = "nothing is served yet, so there is no release that the tag could open";
        Problem::error(UNKNOWN_RELEASE, message, push_both(judge, tag)).of_tag(tag)
    };
    tags.into_iter().map(problem).collect()
}

fn push_both(judge: &Judge<'_>, tag: &str) -> String {
    let branch = judge.push.after.branch_name();
    format!("push its commit to `{branch}` as well: `git push origin {branch} {tag}`")
}

/// Whether a tag may have that fault only because its commit is not there yet.
pub fn may_come_with_branch(rule: &str) -> bool {
    matches!(rule, UNKNOWN_RELEASE | "tag-unknown-app" | "tag-unknown-channel" | "tag-other-bytes" | "tag-elsewhere")
}

/// Whether a tag of this push names a commit that the branch does not have, and that has the release that is missing.
fn brings(judge: &Judge<'_>, tag: &str, problem: &Problem) -> Result<bool, ReadError> {
    let Some(new) = judge.tags.get(tag).and_then(|update| update.new) else { return Ok(false) };
    let commit = judge.objects.tagged(new)?.commit.filter(|commit| !judge.builder.is_on_line(*commit));
    Ok(match (commit, &problem.app, &problem.version) {
        (None, ..) => false,
        (Some(commit), Some(app), Some(version)) if problem.rule == UNKNOWN_RELEASE => {
            version_tree(judge.objects, commit, app, version)?.is_some()
        }
        _ => true,
    })
}

/// Says how a rule is switched off, of one that can be.
pub fn switchable(problem: Problem) -> Problem {
    if !SWITCHES.contains(&problem.rule) {
        return problem;
    }
    let help = format!(
        "{}; where it is meant, `allow = [\"{}\"]` in the repository's pushlive.toml lets it pass",
        problem.help, problem.rule
    );
    Problem { help, ..problem }
}
