//! Where something was written that decided: a line of a file, or a tag.

use serde::Serialize;

use crate::repository::places::Place;

/// A line of a file, or a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum At {
    /// A line.
    Line {
        /// The path from the root of the repository.
        file: String,
        /// From 1 on.
        line: u32,
    },
    /// A tag.
    Tag {
        /// Its name below `refs/tags/`.
        tag: String,
    },
}

impl From<Place> for At {
    fn from(place: Place) -> At {
        At::Line { file: place.file, line: place.line }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            At::Line { file, line } => write!(f, "{file}:{line}"),
            At::Tag { tag } => write!(f, "tag {tag}"),
        }
    }
}
