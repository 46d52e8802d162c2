//! The objects of a repository, by id.

use git2::{ErrorCode, ObjectType, Odb, OdbObject, Repository};

use super::{failed, from_oid, to_oid};
use crate::release::time::Timestamp;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::read_error::ReadError;
use crate::repository::tag::{TagObject, author};

/// What became of a tag that names another object now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It names another commit.
    Commit,
    /// It was annotated and has another text or date now.
    Rewritten,
    /// It was lightweight, and is annotated now at the same commit.
    Annotated,
}

impl Moved {
    /// Of a tag that named that object: the commits of then and now.
    pub fn between(old: ObjectId, before: Option<CommitId>, after: Option<CommitId>) -> Moved {
        match before {
            _ if before != after => Moved::Commit,
            Some(commit) if commit.0 == old => Moved::Annotated,
            _ => Moved::Rewritten,
        }
    }
}

/// What a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The commit; `None` where it is no commit in the end.
    pub commit: Option<CommitId>,
    /// When an annotated tag says that it was made.
    pub date: Option<Timestamp>,
}

/// A commit, as far as the line needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its root tree.
    pub tree: ObjectId,
    /// The first of its parents.
    pub first_parent: Option<CommitId>,
    /// Whether it has parents that a shallow repository does not hold.
    pub cut: bool,
}

/// The objects of a repository, by id.
pub struct Objects<'r> {
    repository: &'r Repository,
    store: Odb<'r>,
    is_partial: bool,
}

impl<'r> Objects<'r> {
    pub(super) fn of(repository: &'r Repository, is_partial: bool) -> Result<Objects<'r>, ReadError> {
        let store = repository.odb().map_err(|error| failed(&error))?;
        Ok(Objects { repository, store, is_partial })
    }

    /// A commit.
    pub fn commit(&self, id: CommitId) -> Result<Commit, ReadError> {
        let commit = self.repository.find_commit(to_oid(id.0)).map_err(|error| absent(&error, id.0))?;
        let first_parent = commit.parent_id(0).ok().map(|oid| CommitId(from_oid(oid)));
        let has_parents = commit.raw_header_bytes().windows(8).any(|bytes| bytes == b"\nparent ");
        Ok(Commit { tree: from_oid(commit.tree_id()), first_parent, cut: has_parents && first_parent.is_none() })
    }

    /// When a commit says that it was made.
    pub fn committed(&self, id: CommitId) -> Result<Timestamp, ReadError> {
        let commit = self.repository.find_commit(to_oid(id.0)).map_err(|error| absent(&error, id.0))?;
        Ok(Timestamp(commit.time().seconds().saturating_mul(1000)))
    }

    /// A tree or a blob, whole.
    pub fn read(&self, id: ObjectId) -> Result<Object<'_>, ReadError> {
        self.store.read(to_oid(id)).map(Object).map_err(|error| absent(&error, id))
    }

    /// Whether this is an object that a partial clone left out. What somebody added here since is never one.
    pub fn lacks(&self, id: ObjectId) -> bool {
        self.is_partial && !self.store.exists(to_oid(id))
    }

    /// What a tag names in the end, be it lightweight or annotated.
    pub fn tagged(&self, id: ObjectId) -> Result<Tagged, ReadError> {
        let mut tagged = Tagged { commit: None, date: None };
        let mut next = id;
        // a tag may name a tag; the chain ends, as no object can name what names it
        loop {
            match self.store.read_header(to_oid(next)).map_err(|error| absent(&error, next))?.1 {
                ObjectType::Commit => return Ok(Tagged { commit: Some(CommitId(next)), ..tagged }),
                ObjectType::Tag => {
                    let object = self.store.read(to_oid(next)).map_err(|error| absent(&error, next))?;
                    let tag = TagObject::parse(object.data());
                    tagged.date = tagged.date.or(tag.date);
                    let Some(target) = tag.target else { return Ok(tagged) };
                    next = target;
                }
                _ => return Ok(tagged),
            }
        }
    }

    /// Who made an annotated tag or a commit, as `Name <mail>`.
    pub fn author(&self, id: ObjectId) -> Result<Option<String>, ReadError> {
        let object = self.store.read(to_oid(id)).map_err(|error| absent(&error, id))?;
        // a file may say anything
        let is_made = matches!(object.kind(), ObjectType::Commit | ObjectType::Tag);
        Ok(author(object.data()).filter(|_| is_made))
    }

    /// What it means that a tag named one object and names another now.
    pub fn moved(&self, old: ObjectId, new: ObjectId) -> Result<Moved, ReadError> {
        Ok(Moved::between(old, self.tagged(old)?.commit, self.tagged(new)?.commit))
    }

    /// The size of a blob in bytes, without reading it.
    pub fn size(&self, id: ObjectId) -> Result<u64, ReadError> {
        match self.store.read_header(to_oid(id)) {
            Ok((size, ObjectType::Blob)) => Ok(size as u64),
            Ok(_) => Err(ReadError::Failed(format!("object {id} is named as a file and is none"))),
            Err(error) => Err(absent(&error, id)),
        }
    }
}

/// An object's content.
pub struct Object<'o>(OdbObject<'o>);

impl Object<'_> {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.data()
    }
}

fn absent(error: &git2::Error, id: ObjectId) -> ReadError {
    match error.code() {
        ErrorCode::NotFound => ReadError::Missing(id),
        _ => failed(error),
    }
}
