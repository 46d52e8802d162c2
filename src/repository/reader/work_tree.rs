//! A clone in which somebody works: where its files lie, and what git makes of them there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{AttrCheckFlags, AttrValue, ErrorCode, ObjectType, Oid, Repository, Tree};

use super::{Origin, Reader, failed, from_oid};
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::read_error::ReadError;
use crate::repository::shell_word::quote;

/// Flag of an entry of the index: a sparse checkout leaves the file out.
const SKIP_WORKTREE: u16 = 1 << 14;

/// What git holds of a file, wherever the file itself lies: a sparse checkout leaves files out of the work tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// In the newest commit.
    pub committed: Option<ObjectId>,
    /// In the index. Of one that cannot be read nothing is known.
    pub staged: Option<ObjectId>,
}

/// What git makes of a file on its way into the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Converts {
    /// What a program of that name makes of it.
    ByFilter(String),
    /// Text with other line ends.
    AsText,
}

impl Held {
    /// The newer of the two.
    pub fn newest(self) -> Option<ObjectId> {
        self.staged.or(self.committed)
    }
}

impl Reader {
    /// Opens the clone that holds this folder, or the one that git would work in here. A partial one will do: it has the
    /// names of all that was ever released, and only lacks bundles.
    pub fn to_work_in(at: Option<&Path>) -> Result<Reader, ReadError> {
        let from = std::path::absolute(at.unwrap_or(Path::new("."))).unwrap_or_default();
        Reader::opened(Origin::Work(at.map(Path::to_owned)), &from, || match at {
            Some(_) => Repository::discover(&from),
            None => as_git_would(&from),
        })
    }

    /// The folder that holds the files.
    ///
    /// # Errors
    /// It is bare, and holds none.
    pub fn work_tree(&self) -> Result<&Path, ReadError> {
        self.repository.workdir().ok_or_else(|| bare(self.common_dir()))
    }

    /// What git holds of a file, by its path from the root of the work tree.
    pub fn held(&self, path: &str) -> Result<Held, ReadError> {
        let in_tree = |tree: Tree<'_>| tree.get_path(Path::new(path)).ok().map(|entry| from_oid(entry.id()));
        let committed = self.head_tree()?.and_then(in_tree);
        let index = self.repository.index().ok();
        let staged = index.and_then(|index| Some(from_oid(index.get_path(Path::new(path), 0)?.id)));
        Ok(Held { committed, staged })
    }

    /// The names of what git holds in a folder at the root of the work tree, committed or staged.
    pub fn held_names(&self, folder: &str) -> Result<BTreeSet<String>, ReadError> {
        let mut names = BTreeSet::new();
        if let Some(root) = self.head_tree()?
            && let Some(tree) = root.get_name(folder).and_then(|entry| self.repository.find_tree(entry.id()).ok())
        {
            names.extend(tree.iter().filter_map(|entry| entry.name().ok().map(str::to_owned)));
        }
        let prefix = format!("{folder}/");
        for entry in self.repository.index().iter().flat_map(git2::Index::iter) {
            let below = std::str::from_utf8(&entry.path).ok().and_then(|path| path.strip_prefix(&prefix));
            names.extend(below.and_then(|below| below.split('/').next()).map(str::to_owned));
        }
        Ok(names)
    }

    fn head_tree(&self) -> Result<Option<Tree<'_>>, ReadError> {
        match self.repository.head().and_then(|head| head.peel_to_tree()) {
            Ok(tree) => Ok(Some(tree)),
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Whether the index can be read here: a split or a sparse one is for git alone.
    pub fn reads_index(&self) -> bool {
        self.repository.index().is_ok()
    }

    /// Whether files may be left out of the work tree on purpose.
    pub fn is_sparse(&self) -> bool {
        self.repository.config().and_then(|config| config.get_bool("core.sparseCheckout")).unwrap_or(false)
    }

    /// Whether a sparse checkout leaves a file out of the work tree, by its path from the root of that. Of an index that
    /// cannot be read nothing is known, and it may leave out anything.
    pub fn leaves_out(&self, path: &str) -> bool {
        let entry = || self.repository.index().ok()?.get_path(Path::new(path), 0);
        self.is_sparse() && entry().is_none_or(|entry| entry.flags_extended & SKIP_WORKTREE != 0)
    }

    /// What the attributes of a path have git make of the file.
    pub fn converts(&self, path: &str) -> Option<Converts> {
        let attribute =
            |name| self.repository.get_attr(Path::new(path), name, AttrCheckFlags::default()).ok().flatten();
        match (AttrValue::from_string(attribute("filter")), AttrValue::from_string(attribute("text"))) {
            (AttrValue::String(filter), _) => Some(Converts::ByFilter(filter.to_owned())),
            (_, AttrValue::True) => Some(Converts::AsText),
            _ => None,
        }
    }

    /// Whether the commit that is checked out follows a remote's branch that lacks that commit; the parent of such a one.
    pub fn unpushed(&self, commit: CommitId) -> Result<Option<CommitId>, ReadError> {
        let branch = self.repository.head().ok();
        let Some(branch) = branch.as_ref().and_then(|head| head.shorthand().ok()) else { return Ok(None) };
        let Some(upstream) = self.upstream(branch)? else { return Ok(None) };
        if upstream == commit || self.is_ancestor(commit, upstream)? {
            return Ok(None);
        }
        Ok(self.objects()?.commit(commit)?.first_parent)
    }

    /// Whether git would leave a file out, by its path from the root of the work tree.
    pub fn ignores(&self, path: &str) -> Result<bool, ReadError> {
        self.repository.is_path_ignored(PathBuf::from(path)).map_err(|error| failed(&error))
    }
}

/// The repository of the environment. Where that names a git directory and no work tree, git works in the current folder,
/// and libgit2 in the folder around the git directory.
fn as_git_would(here: &Path) -> Result<Repository, git2::Error> {
    let repository = Repository::open_from_env()?;
    let is_named = |name: &str| std::env::var_os(name).is_some();
    let is_set = repository.config().is_ok_and(|config| config.get_path("core.worktree").is_ok());
    if is_named("GIT_DIR") && !is_named("GIT_WORK_TREE") && !is_set && !repository.is_bare() {
        repository.set_workdir(here, false)?;
    }
    Ok(repository)
}

/// The name that git gives to these bytes as a file.
pub fn blob_id(bytes: &[u8]) -> Result<ObjectId, ReadError> {
    Oid::hash_object(ObjectType::Blob, bytes).map(from_oid).map_err(|error| failed(&error))
}

fn bare(path: &Path) -> ReadError {
    let shown = path.display();
    ReadError::Refused {
        why: format!("{shown} is a bare repository: there is no work tree to put files into"),
        mend: format!("clone it, and go there: `git clone {}`", quote(&path.to_string_lossy())),
    }
}
