//! Release tags as they were read, before anybody asks what comes of them.

use rustc_hash::FxHashMap;

use crate::release::policy::AppPolicy;
use crate::release::tags::Says;
use crate::release::time::Timestamp;
use crate::repository::catalog::Catalog;
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;

/// A release tag of which the app is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadTag {
    /// Its name below `refs/tags/`.
    pub name: Box<str>,
    /// The channel that it names.
    pub channel: Box<str>,
    /// The release that it names.
    pub version: Box<str>,
    /// What it does.
    pub says: Says,
    /// The commit that it names in the end.
    pub commit: Option<CommitId>,
    /// Whether it is an object of its own, and no other name of a commit.
    pub annotated: bool,
    /// The date of an annotated one.
    pub date: Option<Timestamp>,
}

/// The release tags of a build: those of each app, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct ReadTags {
    pub(super) by_app: FxHashMap<Box<str>, Vec<ReadTag>>,
    /// Tags that are nobody's.
    pub problems: Vec<Problem>,
}

impl ReadTags {
    /// The tags of an app, in the order of their names.
    pub fn of(&self, app: &str) -> &[ReadTag] {
        self.by_app.get(app).map_or(&[], Vec::as_slice)
    }

    /// The tags of apps that are none of these, with the app.
    pub fn of_others(&self, known: impl Fn(&str) -> bool) -> Vec<(&str, &ReadTag)> {
        let others = self.by_app.iter().filter(|(app, _)| !known(app));
        let mut tags: Vec<_> = others.flat_map(|(app, tags)| tags.iter().map(|tag| (&**app, tag))).collect();
        tags.sort_by(|a, b| a.1.name.cmp(&b.1.name));
        tags
    }
}

/// An app whose tags are resolved.
#[derive(Clone, Copy)]
pub struct Subject<'b> {
    /// Its policy.
    pub policy: &'b AppPolicy,
    /// Its releases.
    pub catalog: &'b Catalog,
    /// Whether it is read from an older commit.
    pub frozen: bool,
}
