//! The refs that a table is built from, as a value: as they are, at a revision, or as a push would leave them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::id::{CommitId, ObjectId};
use super::tag::TagName;

/// Where full names of tags begin.
pub(super) const TAGS: &str = "refs/tags/";
/// What the full name of a branch begins with.
pub const HEADS: &str = "refs/heads/";

/// Where the branch and the release tags are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refs {
    /// The full name of the branch: `refs/heads/main`.
    name: String,
    /// Its tip; `None` where the branch is not there.
    pub branch: Option<CommitId>,
    /// The release tags, in the order of their names.
    pub tags: TagRefs,
    /// Where a shallow repository ends, as git writes it: more of the history may mean other first bytes.
    boundary: Option<Box<str>>,
}

/// Each release tag, by its name below `refs/tags/`, with the object that it names: a commit, or an annotated tag. In the
/// order of the names; clones share them.
pub type TagRefs = Arc<[(Box<str>, ObjectId)]>;

/// The tags of that name before and after that name different objects: the old one and the new one.
pub fn moved<'r>(before: &'r TagRefs, after: &'r TagRefs) -> impl Iterator<Item = (&'r str, ObjectId, ObjectId)> {
    before.iter().filter_map(|(name, old)| {
        let at = after.binary_search_by(|(other, _)| other.cmp(name)).ok()?;
        let new = after.get(at).map(|(_, new)| *new).filter(|new| new != old)?;
        Some((&**name, *old, new))
    })
}

/// One line of what git tells a receive hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// The object that the ref named before; `None` where it is new.
    pub old: Option<ObjectId>,
    /// The object that it names after; `None` where it is deleted.
    pub new: Option<ObjectId>,
    /// The full name: `refs/heads/main`.
    pub name: String,
}

impl RefUpdate {
    /// The name below `refs/tags/`, of a tag.
    pub fn tag(&self) -> Option<&str> {
        self.name.strip_prefix(TAGS)
    }

    /// The name below `refs/tags/`, of a release tag.
    pub fn release_tag(&self) -> Option<&str> {
        self.tag().filter(|tag| TagName::parse(tag).is_some())
    }

    /// Reads `<old> <new> <name>`; zeros mean no object.
    pub fn parse(line: &str) -> Option<RefUpdate> {
        let mut words = line.trim_end_matches('\n').splitn(3, ' ');
        let mut id = || words.next().and_then(ObjectId::from_hex);
        let (old, new) = (id()?, id()?);
        Some(RefUpdate { old: old.of_something(), new: new.of_something(), name: words.next()?.to_owned() })
    }
}

impl Refs {
    /// The branch of that short name at that commit.
    pub fn at(branch: &str, tip: Option<CommitId>) -> Refs {
        Refs { name: Refs::full_name(branch), branch: tip, tags: TagRefs::default(), boundary: None }
    }

    /// `main` -> `refs/heads/main`.
    pub(super) fn full_name(branch: &str) -> String {
        format!("{HEADS}{branch}")
    }

    /// The full name of the branch.
    pub fn full_branch(&self) -> &str {
        &self.name
    }

    /// The short name of the branch.
    pub fn branch_name(&self) -> &str {
        self.name.strip_prefix("refs/heads/").unwrap_or(&self.name)
    }

    /// With the branch there.
    #[must_use]
    pub fn with_branch(self, tip: Option<CommitId>) -> Refs {
        Refs { branch: tip, ..self }
    }

    /// With those of these tags that have the form of release tags.
    #[must_use]
    pub fn with_tags(self, tags: impl IntoIterator<Item = (Box<str>, ObjectId)>) -> Refs {
        let mut tags: Vec<_> = tags.into_iter().filter(|(name, _)| TagName::parse(name).is_some()).collect();
        tags.sort_unstable();
        Refs { tags: tags.into(), ..self }
    }

    /// What the refs that differ from those before name now, by their full names; `None` of one that is gone. Where not only
    /// refs differ it is `None` as a whole.
    pub fn moves_since(&self, before: &Refs) -> Option<BTreeMap<String, Option<ObjectId>>> {
        if (&self.name, &self.boundary) != (&before.name, &before.boundary) {
            return None;
        }
        let (old, new) = (before.all(), self.all());
        let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| (name.clone(), None));
        let here = new.iter().filter(|(name, id)| old.get(*name) != Some(id));
        Some(here.map(|(name, id)| (name.clone(), Some(*id))).chain(gone).collect())
    }

    /// What the ref of that full name names, if it is one of these.
    pub fn at_name(&self, name: &str) -> Option<ObjectId> {
        if name == self.name {
            return self.branch.map(|tip| tip.0);
        }
        self.tag(name.strip_prefix(TAGS)?)
    }

    /// What the release tag of that name below `refs/tags/` names.
    pub fn tag(&self, tag: &str) -> Option<ObjectId> {
        let at = self.tags.binary_search_by(|(known, _)| (**known).cmp(tag)).ok()?;
        self.tags.get(at).map(|(_, id)| *id)
    }

    fn all(&self) -> BTreeMap<String, ObjectId> {
        let tags = self.tags.iter().map(|(name, id)| (format!("{TAGS}{name}"), *id));
        tags.chain(self.branch.map(|tip| (self.name.clone(), tip.0))).collect()
    }

    /// Of a shallow repository that ends there.
    #[must_use]
    pub fn with_boundary(mut self, boundary: Option<String>) -> Refs {
        self.boundary = boundary.map(String::into_boxed_str);
        self
    }

    /// The refs as these updates leave them.
    #[must_use]
    pub fn updated<'a>(mut self, updates: impl IntoIterator<Item = &'a RefUpdate>) -> Refs {
        let mut tags: Option<Vec<_>> = None;
        for update in updates {
            if update.name == self.name {
                self.branch = update.new.map(CommitId);
            } else if let Some(name) = update.name.strip_prefix(TAGS) {
                let tags = tags.get_or_insert_with(|| self.tags.to_vec());
                tags.retain(|(known, _)| **known != *name);
                tags.extend(update.new.map(|new| (name.into(), new)));
            }
        }
        match tags {
            Some(tags) => self.with_tags(tags),
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(of: u8) -> ObjectId {
        ObjectId::new([of; 20])
    }

    #[test]
    fn updates_move_make_and_delete_the_branch() {
        let refs = Refs::at("main", Some(CommitId(id(1))));
        let line = |old: &str, new: &str, name: &str| RefUpdate::parse(&format!("{old} {new} {name}\n")).unwrap();
        let (one, two, none) = ("01".repeat(20), "02".repeat(20), "0".repeat(40));
        let moved = refs.clone().updated(&[line(&one, &two, "refs/heads/main")]);
        assert_eq!(moved.branch, Some(CommitId(id(2))));
        assert_eq!(refs.clone().updated(&[line(&one, &none, "refs/heads/main")]).branch, None);
        assert_eq!(refs.clone().updated(&[line(&one, &two, "refs/heads/other")]), refs);
    }

    #[test]
    fn updates_make_move_and_delete_release_tags_and_no_others() {
        let refs = Refs::at("main", None).with_tags([("beta/1.0.0".into(), id(1)), ("v1".into(), id(1))]);
        assert_eq!(*refs.tags, [("beta/1.0.0".into(), id(1))]);
        let update =
            |name: &str, new: Option<ObjectId>| RefUpdate { old: None, new, name: format!("refs/tags/{name}") };
        let updates =
            [update("beta/1.0.0", Some(id(2))), update("alpha/1.0.0", Some(id(3))), update("v2", Some(id(4)))];
        let after = refs.updated(&updates);
        assert_eq!(*after.tags, [("alpha/1.0.0".into(), id(3)), ("beta/1.0.0".into(), id(2))]);
        assert_eq!(after.updated(&[update("alpha/1.0.0", None)]).tags.len(), 1);
    }

    #[test]
    fn a_line_that_is_no_update_is_none() {
        for bad in ["", "a b c", "0 1 refs/heads/main"] {
            assert_eq!(RefUpdate::parse(bad), None);
        }
    }
}
