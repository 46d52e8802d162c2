//! Where the releases are, and what is said of whoever serves them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;
use crate::serve::report::Running;

/// Where the releases are.
pub struct Place {
    /// The git directory that holds the refs.
    pub repository: PathBuf,
    /// The branch that is read.
    pub branch: String,
    /// What another daemon is told that wants the same data directory.
    pub holder: String,
    /// Where operators are answered, for the hooks.
    pub operator: Option<SocketAddr>,
    /// What operators are told of the daemon.
    pub running: Arc<Running>,
}

impl Place {
    /// A repository with nobody to tell of it.
    #[cfg(test)]
    pub fn of(repository: PathBuf) -> Place {
        let since = crate::release::time::Timestamp(0);
        let running = Arc::new(Running { since, repository: repository.clone(), base: String::new() });
        Place { repository, branch: "main".to_owned(), holder: String::new(), operator: None, running }
    }

    /// The repository, opened anew: libgit2 keeps packs and refs that git may have replaced since.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> Result<Reader, ReadError> {
        Reader::open(&self.repository)
    }

    /// Where its refs are now.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn refs(&self) -> Result<Refs, ReadError> {
        self.open()?.refs(&self.branch)
    }
}
