//! What alone knows libgit2 of all that reads: opening a repository, its refs, and its objects by id.

mod hook;
mod objects;
mod open;
mod staged;
mod work_tree;

use std::path::Path;

use git2::{ErrorCode, Oid, Repository};

use super::id::{CommitId, ObjectId};
use super::read_error::ReadError;
use super::refs::{HEADS, Refs, TAGS};
use open::Origin;

pub use objects::{Commit, Moved, Object, Objects, Tagged};
pub use work_tree::{Converts, Held, blob_id};

/// An open repository. Open a new one for each build: libgit2 keeps packs and refs that git may have replaced since.
pub struct Reader {
    repository: Repository,
    origin: Origin,
    /// Whether git left out objects that it fetches one by one when it wants them, which libgit2 does not.
    is_partial: bool,
}

impl Reader {
    /// The directory that holds refs and objects; for a linked work tree that of the main one.
    pub fn common_dir(&self) -> &Path {
        self.repository.commondir()
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.repository.is_bare()
    }

    /// Where that branch and the release tags are now.
    pub fn refs(&self, branch: &str) -> Result<Refs, ReadError> {
        let tip = self.target(&Refs::full_name(branch))?;
        Ok(Refs::at(branch, tip).with_tags(self.tags()?).with_boundary(self.shallow()?))
    }

    /// Every tag with the object that it names.
    fn tags(&self) -> Result<Vec<(Box<str>, ObjectId)>, ReadError> {
        let references = self.repository.references_glob(&format!("{TAGS}*")).map_err(|error| failed(&error))?;
        let mut tags = Vec::new();
        for reference in references {
            let reference = match reference {
                Ok(reference) => reference,
                // one that was deleted since its name was listed
                Err(error) if error.code() == ErrorCode::NotFound => continue,
                Err(error) => return Err(failed(&error)),
            };
            // bytes that are no text are in no release tag's name, and the rest of such a name tells whose mistake it is
            let name = String::from_utf8_lossy(reference.name_bytes());
            let name = name.strip_prefix(TAGS);
            // a symbolic one stands for what it leads to
            let target = || reference.target().or_else(|| reference.resolve().ok()?.target());
            tags.extend(name.and_then(|name| Some((name.into(), from_oid(target()?)))));
        }
        Ok(tags)
    }

    /// The commit that is checked out; `None` where there is no commit yet.
    pub fn head(&self) -> Result<Option<CommitId>, ReadError> {
        self.target("HEAD")
    }

    /// Where the remote's branch was when it was last heard of: that of the upstream of the local branch, else of `origin`.
    /// `None` where there is none.
    pub fn upstream(&self, branch: &str) -> Result<Option<CommitId>, ReadError> {
        let full = Refs::full_name(branch);
        let upstream = self.repository.branch_upstream_name(&full).ok();
        let name = upstream.as_ref().and_then(|name| name.as_str().ok().map(str::to_owned));
        self.target(&name.unwrap_or_else(|| format!("refs/remotes/origin/{branch}")))
    }

    /// The name of the remote whose branch that is; the usual one where git was told of none.
    pub fn remote(&self, branch: &str) -> String {
        let remote = self.repository.branch_upstream_remote(&Refs::full_name(branch)).ok();
        remote.and_then(|name| name.as_str().ok().map(str::to_owned)).unwrap_or_else(|| "origin".to_owned())
    }

    /// The branch that is meant where that one is not there: what `HEAD` of a remote leads to, else `HEAD` itself.
    pub fn branch_instead(&self, branch: &str) -> Option<String> {
        if self.repository.refname_to_id(&Refs::full_name(branch)).is_ok() {
            return None;
        }
        let leads_to = |name: &str| {
            let head = self.repository.find_reference(name).ok()?;
            head.symbolic_target().ok().flatten().map(str::to_owned)
        };
        let remotes = self.repository.remotes().ok();
        let names = remotes.iter().flat_map(|remotes| remotes.iter()).filter_map(|name| name.ok().flatten());
        let of_remote = |remote: &str| {
            let below = format!("refs/remotes/{remote}/");
            leads_to(&format!("{below}HEAD"))?.strip_prefix(&below).map(str::to_owned)
        };
        let here = || Some(leads_to("HEAD")?.strip_prefix(HEADS)?.to_owned());
        let is_there = |name: &String| self.repository.refname_to_id(&Refs::full_name(name)).is_ok();
        names.filter_map(of_remote).chain(here()).find(is_there)
    }

    fn target(&self, name: &str) -> Result<Option<CommitId>, ReadError> {
        match self.repository.refname_to_id(name) {
            Ok(oid) => Ok(Some(CommitId(from_oid(oid)))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// The commit that a revision names, in git's own syntax: `HEAD~2`, a tag, a short id.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, ReadError> {
        let commit = self.repository.revparse_single(revision).and_then(|object| object.peel_to_commit());
        commit.map(|commit| CommitId(from_oid(commit.id()))).map_err(|_| ReadError::UnknownRevision(revision.into()))
    }

    /// Whether a commit is among the ancestors of another, by whatever parents.
    pub fn is_ancestor(&self, old: CommitId, new: CommitId) -> Result<bool, ReadError> {
        self.repository.graph_descendant_of(to_oid(new.0), to_oid(old.0)).map_err(|error| failed(&error))
    }

    /// The file that says where a shallow repository ends, as it is; `None` for a whole one.
    pub fn shallow(&self) -> Result<Option<String>, ReadError> {
        match std::fs::read_to_string(self.common_dir().join("shallow")) {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReadError::Failed(format!("{}/shallow: {error}", self.common_dir().display()))),
        }
    }

    /// Its objects.
    pub fn objects(&self) -> Result<Objects<'_>, ReadError> {
        Objects::of(&self.repository, self.is_partial)
    }
}

fn to_oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.as_bytes()).unwrap_or(Oid::ZERO_SHA1)
}

fn from_oid(oid: Oid) -> ObjectId {
    ObjectId::new(oid.as_bytes().first_chunk().copied().unwrap_or_default())
}

fn failed(error: &git2::Error) -> ReadError {
    ReadError::Failed(error.message().to_owned())
}
