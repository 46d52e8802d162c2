//! Why a repository, or a part of it, cannot be read.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use super::id::ObjectId;

/// Why reading did not work. Its text is for people and says how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is no repository at that path.
    NotARepository(PathBuf),
    /// A repository, but none that can be read as it is.
    Refused {
        /// What is in the way.
        why: String,
        /// How to get past it.
        mend: String,
    },
    /// No commit goes by that name.
    UnknownRevision(String),
    /// An object that others name is not there: a push or a `git gc` is under way, or the repository is damaged.
    Missing(ObjectId),
    /// Anything else that libgit2 or the disk reported.
    Failed(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NotARepository(path) => write!(
                f,
                "{} is not a git repository; name one, or make one with `pushlive init <repo>`",
                path.display()
            ),
            ReadError::Refused { why, mend } => write!(f, "{why}; {mend}"),
            ReadError::UnknownRevision(name) => {
                write!(f, "`{name}` names no commit here; `git log --oneline --all` shows those that are")
            }
            ReadError::Missing(id) => write!(
                f,
                "object {id} is missing from the repository; `git fsck --connectivity-only` tells what else is, and a \
                 `git fetch` or a push from a complete clone brings it back"
            ),
            ReadError::Failed(message) => write!(f, "the repository cannot be read: {message}"),
        }
    }
}

impl Error for ReadError {}
