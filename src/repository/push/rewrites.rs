//! What a push takes back that others rely on: the line of the branch, and what release tags name.

use super::{BRANCH_REWRITTEN, Push, TAG_MOVED};
use crate::repository::builder::Builder;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Moved, Objects, Reader};

/// The old tip of the branch, where the new line lacks it. `builder` has read the line that the push leaves.
pub(super) fn of_branch(push: &Push<'_>, reader: &Reader, builder: &Builder) -> Result<Option<Problem>, ReadError> {
    let Some(old) = push.before.branch else { return Ok(None) };
    let branch = push.before.branch_name();
    Ok(match push.after.branch {
        None => Some(deleted(branch, old)),
        Some(_) if builder.is_on_line(old) => None,
        Some(new) if reader.is_ancestor(old, new)? => Some(merged(branch, old, merge_of(reader, old, new)?)),
        Some(new) => Some(rewritten(branch, old, new)),
    })
}

/// First parents that are looked through for a merge; below that the lowest of them will do.
const FAR: usize = 10_000;

/// The oldest commit, from that one down its first parents, that has the old tip among its ancestors. Once one has it, so do
/// all above, which leaves few to be walked from.
fn merge_of(reader: &Reader, old: CommitId, new: CommitId) -> Result<CommitId, ReadError> {
    let objects = reader.objects()?;
    let mut line = vec![new];
    let mut next = objects.commit(new)?.first_parent;
    while let Some(parent) = next.filter(|_| line.len() < FAR) {
        line.push(parent);
        next = objects.commit(parent)?.first_parent;
    }
    // the one at `above` has it, and the one at `below`, where there is any, has it not
    let (mut above, mut below) = (0, line.len());
    while below - above > 1 {
        let middle = above.midpoint(below);
        match line.get(middle) {
            Some(commit) if reader.is_ancestor(old, *commit)? => above = middle,
            _ => below = middle,
        }
    }
    Ok(line.get(above).copied().unwrap_or(new))
}

fn deleted(branch: &str, old: CommitId) -> Problem {
    let message = format!("this deletes `{branch}`, which says what every device gets; its tip is {}", old.short());
    Problem::error(BRANCH_REWRITTEN, message, "to take a release back, revert its commit: `git revert <commit>`")
}

fn merged(branch: &str, old: CommitId, new: CommitId) -> Problem {
    let message = format!(
        "commit {} merges `{branch}` into something else: the tip {} is not among its first parents, so what was released, \
         and which bytes a version had first, would be read from another history",
        new.short(),
        old.short()
    );
    Problem::error(BRANCH_REWRITTEN, message, "put your commits on top: `git pull --rebase`, then push again")
}

fn rewritten(branch: &str, old: CommitId, new: CommitId) -> Problem {
    let message = format!(
        "`{branch}` would leave its tip {} for {}, and lose the commits that say what was released, which bytes a version \
         had first, and what was withdrawn",
        old.short(),
        new.short()
    );
    Problem::error(BRANCH_REWRITTEN, message, "keep them: `git pull --rebase`, then push without --force")
}

/// Release tags that name something else than before.
pub(super) fn of_tags(push: &Push<'_>, objects: &Objects<'_>) -> Result<Vec<Problem>, ReadError> {
    let mut problems = Vec::new();
    for update in push.updates {
        let (Some(tag), Some(old), Some(new)) = (update.release_tag(), update.old, update.new) else { continue };
        match objects.moved(old, new) {
            Ok(Moved::Annotated) => {}
            Ok(Moved::Rewritten) => problems.push(tag_rewritten(tag)),
            Ok(Moved::Commit) => problems.push(tag_moved(tag, commit(objects, old)?, commit(objects, new)?)),
            // what it named is gone, so nobody can tell that it is the same
            Err(ReadError::Missing(id)) if id == old => problems.push(tag_rewritten(tag)),
            Err(error) => return Err(error),
        }
    }
    Ok(problems)
}

fn commit(objects: &Objects<'_>, id: ObjectId) -> Result<String, ReadError> {
    Ok(objects.tagged(id)?.commit.map_or_else(|| "no commit".to_owned(), |commit| format!("commit {}", commit.short())))
}

fn tag_moved(tag: &str, old: String, new: String) -> Problem {
    let message = format!(
        "the tag would move from {old} to {new}; a release tag records what was opened and when, and others that fetched it \
         keep the old one"
    );
    Problem::error(TAG_MOVED, message, mend(tag)).of_tag(tag)
}

fn tag_rewritten(tag: &str) -> Problem {
    let message = "the tag would be replaced by another one; a release tag records what was opened and when, and the steps \
                   of a rollout begin at its date";
    Problem::error(TAG_MOVED, message, mend(tag)).of_tag(tag)
}

fn mend(tag: &str) -> String {
    format!(
        "`git fetch --force origin tag {tag}` brings the old one back; to replace it, delete it first, with a push of its \
         own: `git push origin :{tag}`"
    )
}

#[cfg(test)]
mod tests;
