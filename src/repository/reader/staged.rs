//! What is staged, as if it were committed. The commit is made in memory: neither refs nor objects on disk know of it.

use git2::{ErrorCode, Index, Repository, Signature, Time};

use super::{CommitId, Origin, Reader, failed, from_oid};
use crate::repository::read_error::ReadError;

/// Before all other places for objects, so that new ones go here. Those on disk have 1 and 2.
const FIRST: i32 = 1000;
/// Flag of an entry of the index: `git add -N` announced it, and nothing of it is staged yet.
const INTENT_TO_ADD: u16 = 1 << 13;

impl Reader {
    /// The repository as it would be after a `git commit` of what is staged, and that commit; `None` where there is none
    /// yet and nothing is staged. In a merge it goes on top of `HEAD` alone: other parents are not on the line.
    ///
    /// # Errors
    /// The index cannot be read, or cannot be committed.
    pub fn staged(self) -> Result<(Reader, Option<CommitId>), ReadError> {
        let index = self.repository.index().map_err(|error| unreadable(&error))?;
        if let Some(path) = conflict(&index) {
            return Err(unmerged(&path));
        }
        let head = self.head()?;
        if head.is_none() && index.is_empty() {
            return Ok((self, None));
        }
        if self.is_partial {
            // libgit2 would have each file of the tree here
            git2::opts::strict_object_creation(false);
        }
        let commit = commit(&self.repository, &index).map_err(|error| failed(&error))?;
        let origin = Origin::Staged(Box::new(self.origin));
        Ok((Reader { origin, ..self }, Some(commit)))
    }

    /// The same repository by the environment that git gives to a hook, where that is about this one: the index that a
    /// `git commit <file>` commits is another than the usual one.
    pub fn as_in_hook(self) -> Reader {
        match Reader::from_env_in_part() {
            Ok(reader) if reader.repository.path() == self.repository.path() => reader,
            _ => self,
        }
    }
}

fn commit(repository: &Repository, index: &Index) -> Result<CommitId, git2::Error> {
    let objects = repository.odb()?;
    objects.add_new_mempack_backend(FIRST)?;
    let tree = repository.find_tree(without_announced(index)?.write_tree_to(repository)?)?;
    let head = match repository.head() {
        Ok(head) => Some(head.peel_to_commit()?),
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => None,
        Err(error) => return Err(error),
    };
    // the same at each try: whoever opens the repository anew finds the same commit
    let time = head.as_ref().map_or(Time::new(0, 0), |head| head.time());
    let nobody = Signature::new("pushlive", "pushlive@localhost", &time)?;
    let parents: Vec<_> = head.iter().collect();
    repository.commit(None, &nobody, &nobody, "What is staged\n", &tree, &parents).map(|id| CommitId(from_oid(id)))
}

/// What git would commit of it.
fn without_announced(index: &Index) -> Result<Index, git2::Error> {
    let mut staged = Index::new()?;
    for entry in index.iter().filter(|entry| entry.flags_extended & INTENT_TO_ADD == 0) {
        staged.add(&entry)?;
    }
    Ok(staged)
}

fn conflict(index: &Index) -> Option<String> {
    let conflict = index.conflicts().ok()?.flatten().next()?;
    let side = conflict.our.or(conflict.their).or(conflict.ancestor)?;
    Some(String::from_utf8_lossy(&side.path).into_owned())
}

fn unmerged(path: &str) -> ReadError {
    ReadError::Refused {
        why: format!("`{}` is not merged yet, so what is staged is no commit", path.escape_debug()),
        mend: "settle what is in conflict (`git status` names it), and `git add` it".into(),
    }
}

fn unreadable(error: &git2::Error) -> ReadError {
    let why = format!("the index cannot be read: {}", error.message());
    let mend = match error.message() {
        message if message.contains("'sdir'") => "it is a sparse one: `git sparse-checkout reapply --no-sparse-index`",
        message if message.contains("'link'") => "it is a split one: `git update-index --no-split-index`",
        _ => "`git status` tells whether git can read it; `git reset` makes it anew",
    };
    ReadError::Refused { why, mend: mend.into() }
}
