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
        /// The commit that the line is of, where that is not the table's.
        #[serde(skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
    },
    /// A tag.
    Tag {
        /// Its name below `refs/tags/`.
        tag: String,
    },
}

impl From<Place> for At {
    fn from(place: Place) -> At {
        At::Line { file: place.file, line: place.line, commit: place.commit.map(|commit| commit.to_string()) }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            At::Line { file, line, commit: None } => write!(f, "{file}:{line}"),
            At::Line { file, line, commit: Some(commit) } => {
                write!(f, "{file}:{line} in commit {}", commit.get(..10).unwrap_or(commit))
            }
            At::Tag { tag } => write!(f, "tag {tag}"),
        }
    }
}
