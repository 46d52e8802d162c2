//! The refs that a table is built from, as a value: as they are, at a revision, or as a push would leave them.

use super::id::{CommitId, ObjectId};

/// Where the branch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refs {
    /// The full name of the branch: `refs/heads/main`.
    name: String,
    /// Its tip; `None` where the branch is not there.
    pub branch: Option<CommitId>,
    /// Where a shallow repository ends, as git writes it: more of the history may mean other first bytes.
    boundary: Option<Box<str>>,
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
    /// Reads `<old> <new> <name>`; zeros mean no object.
    pub fn parse(line: &str) -> Option<RefUpdate> {
        let mut words = line.trim_end_matches('\n').splitn(3, ' ');
        let mut id = || words.next().and_then(ObjectId::from_hex);
        let (old, new) = (id()?, id()?);
        let some = |id: ObjectId| (id.as_bytes() != &[0; 20]).then_some(id);
        Some(RefUpdate { old: some(old), new: some(new), name: words.next()?.to_owned() })
    }
}

impl Refs {
    /// The branch of that short name at that commit.
    pub fn at(branch: &str, tip: Option<CommitId>) -> Refs {
        Refs { name: Refs::full_name(branch), branch: tip, boundary: None }
    }

    /// `main` -> `refs/heads/main`.
    pub(super) fn full_name(branch: &str) -> String {
        format!("refs/heads/{branch}")
    }

    /// The short name of the branch.
    pub fn branch_name(&self) -> &str {
        self.name.strip_prefix("refs/heads/").unwrap_or(&self.name)
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
        for update in updates.into_iter().filter(|update| update.name == self.name) {
            self.branch = update.new.map(CommitId);
        }
        self
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
    fn a_line_that_is_no_update_is_none() {
        for bad in ["", "a b c", "0 1 refs/heads/main"] {
            assert_eq!(RefUpdate::parse(bad), None);
        }
    }
}
