//! A clone in which somebody works: where its files lie, and what git makes of them there.

use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository};

use super::{Origin, Reader, failed, from_oid, refusal, settle};
use crate::repository::id::ObjectId;
use crate::repository::read_error::ReadError;
use crate::repository::shell_word::quote;

impl Reader {
    /// Opens the clone that holds this folder, or the one that git would work in here. A partial one will do: it has the
    /// names of all that was ever released, and only lacks bundles.
    pub fn to_work_in(at: Option<&Path>) -> Result<Reader, ReadError> {
        settle();
        let from = std::path::absolute(at.unwrap_or(Path::new("."))).unwrap_or_default();
        let opened = match at {
            Some(_) => Repository::discover(&from),
            None => Repository::open_from_env(),
        };
        let repository = opened.map_err(|error| refusal(&error, &from))?;
        Ok(Reader { repository, origin: Origin::Work(at.map(Path::to_owned)) })
    }

    /// The folder that holds the files.
    ///
    /// # Errors
    /// It is bare, and holds none.
    pub fn work_tree(&self) -> Result<&Path, ReadError> {
        self.repository.workdir().ok_or_else(|| bare(self.common_dir()))
    }

    /// Whether git would leave a file out, by its path from the root of the work tree.
    pub fn ignores(&self, path: &str) -> Result<bool, ReadError> {
        self.repository.is_path_ignored(PathBuf::from(path)).map_err(|error| failed(&error))
    }
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
