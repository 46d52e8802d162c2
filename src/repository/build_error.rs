//! Why a build did not come to an end.

use std::error::Error;
use std::{fmt, io};

use super::read_error::ReadError;

/// Why there is no new table. The old one goes on, and another try may work.
#[derive(Debug)]
pub enum BuildError {
    /// The repository could not be read.
    Read(ReadError),
    /// The bundles could not be kept: a full disk, most often.
    Store(io::Error),
    /// Somebody asked for the end before it was there.
    Stopped,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Read(error) => error.fmt(f),
            BuildError::Store(error) => {
                write!(f, "the bundles cannot be kept in the data directory: {error}; make room or mend its rights")
            }
            BuildError::Stopped => f.write_str("the build was stopped before its end"),
        }
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            BuildError::Read(error) => Some(error),
            BuildError::Store(error) => Some(error),
            BuildError::Stopped => None,
        }
    }
}

impl From<ReadError> for BuildError {
    fn from(error: ReadError) -> Self {
        BuildError::Read(error)
    }
}

impl From<io::Error> for BuildError {
    fn from(error: io::Error) -> Self {
        BuildError::Store(error)
    }
}
