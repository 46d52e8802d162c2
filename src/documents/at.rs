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
        /// Whether it is a line of the file as it was before the change that is asked about.
        #[serde(skip_serializing_if = "is_not")]
        before: bool,
    },
    /// A tag.
    Tag {
        /// Its name below `refs/tags/`.
        tag: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_not(before: &bool) -> bool {
    !before
}

impl From<Place> for At {
    fn from(place: Place) -> At {
        let commit = place.commit.map(|commit| commit.to_string());
        At::Line { file: place.file, line: place.line, commit, before: false }
    }
}

impl At {
    /// The same of a line of the file as it was.
    #[must_use]
    pub fn before(self) -> At {
        match self {
            At::Line { file, line, commit, .. } => At::Line { file, line, commit, before: true },
            tag @ At::Tag { .. } => tag,
        }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            At::Line { file, line, commit, before } => {
                write!(f, "{file}:{line}")?;
                match commit {
                    Some(commit) => write!(f, " in commit {}", commit.get(..10).unwrap_or(commit)),
                    None if *before => f.write_str(" as it was"),
                    None => Ok(()),
                }
            }
            At::Tag { tag } => write!(f, "tag {tag}"),
        }
    }
}
