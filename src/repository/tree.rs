//! Git's trees as they are stored, and what differs between two of them.
//!
//! A tree of an app with thousands of releases is compared with its predecessor for each commit of the line. Going over
//! the stored bytes skips what is equal without making anything of it, which makes that affordable.

use super::id::ObjectId;

/// One entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'t> {
    /// What it is.
    pub kind: Kind,
    /// Its name, as git has it: any bytes but NUL and `/`.
    pub name: &'t [u8],
    /// Its content.
    pub id: ObjectId,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, executable or not.
    File,
    /// A directory.
    Directory,
    /// A symlink or a submodule, which nobody follows.
    Other,
}

impl<'t> Entry<'t> {
    /// Its name, where it is text.
    pub fn name_text(&self) -> Option<&'t str> {
        std::str::from_utf8(self.name).ok()
    }

    /// Its content, if it is a regular file.
    pub fn file(&self) -> Option<ObjectId> {
        (self.kind == Kind::File).then_some(self.id)
    }

    /// Its content, if it is a directory.
    pub fn directory(&self) -> Option<ObjectId> {
        (self.kind == Kind::Directory).then_some(self.id)
    }

    /// The order of git: a directory sorts as if its name ended in a slash.
    fn sort_key(&self) -> impl Iterator<Item = u8> + 't {
        let slash = (self.kind == Kind::Directory).then_some(b'/');
        self.name.iter().copied().chain(slash)
    }
}

/// The entries of a stored tree, in its order. One that is cut short or malformed ends it.
pub fn entries(stored: &[u8]) -> Entries<'_> {
    Entries { rest: stored }
}

/// See [`entries`].
#[derive(Clone)]
pub struct Entries<'t> {
    rest: &'t [u8],
}

impl<'t> Entries<'t> {
    /// The next entry and the bytes that hold it.
    fn split(&self) -> Option<(Entry<'t>, &'t [u8])> {
        let header = self.rest.iter().position(|&byte| byte == 0)?;
        let (id, _) = self.rest.get(header + 1..)?.split_first_chunk::<20>()?;
        let space = self.rest[..header].iter().position(|&byte| byte == b' ')?;
        let name = self.rest.get(space + 1..header)?;
        let entry = Entry { kind: kind(&self.rest[..space]), name, id: ObjectId::new(*id) };
        Some((entry, &self.rest[..header + 21]))
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

fn kind(mode: &[u8]) -> Kind {
    match mode {
        b"40000" | b"040000" => Kind::Directory,
        [b'1', b'0', b'0', ..] => Kind::File,
        _ => Kind::Other,
    }
}

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        let (entry, stored) = self.split()?;
        self.skip(stored.len());
        Some(entry)
    }
}

/// A name that two trees hold differently. A file that became a directory of that name is two changes.
#[derive(Debug, PartialEq, Eq)]
pub struct Change<'t> {
    /// What the earlier tree has.
    pub before: Option<Entry<'t>>,
    /// What the later tree has.
    pub after: Option<Entry<'t>>,
}

impl<'t> Change<'t> {
    /// The name, where it is text.
    pub fn name(&self) -> Option<&'t str> {
        self.after.or(self.before)?.name_text()
    }
}

/// What differs between two stored trees.
pub fn changes<'t>(before: &'t [u8], after: &'t [u8]) -> impl Iterator<Item = Change<'t>> {
    let (mut before, mut after) = (entries(before), entries(after));
    std::iter::from_fn(move || {
        skip_equal(&mut before, &mut after);
        match (before.split(), after.split()) {
            (None, None) => None,
            (Some((old, _)), Some((new, _))) => Some(earlier(old, new, &mut before, &mut after)),
            (old, new) => {
                before.next();
                after.next();
                Some(Change { before: old.map(|(entry, _)| entry), after: new.map(|(entry, _)| entry) })
            }
        }
    })
}

fn skip_equal(before: &mut Entries<'_>, after: &mut Entries<'_>) {
    while let Some((_, stored)) = before.split() {
        if !after.rest.starts_with(stored) {
            return;
        }
        before.skip(stored.len());
        after.skip(stored.len());
    }
}

/// Takes the entry that sorts first, or both where they have one name.
fn earlier<'t>(old: Entry<'t>, new: Entry<'t>, before: &mut Entries<'t>, after: &mut Entries<'t>) -> Change<'t> {
    let order = old.sort_key().cmp(new.sort_key());
    Change {
        before: order.is_le().then(|| before.next()).flatten(),
        after: order.is_ge().then(|| after.next()).flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(of: u8) -> ObjectId {
        ObjectId::new([of; 20])
    }

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        entries
            .iter()
            .flat_map(|(mode, name, of)| [format!("{mode} {name}\0").as_bytes(), &[*of; 20]].concat())
            .collect()
    }

    fn told(before: &[u8], after: &[u8]) -> Vec<(String, Option<ObjectId>, Option<ObjectId>)> {
        let tell = |c: Change<'_>| (c.name().unwrap().into(), c.before.map(|e| e.id), c.after.map(|e| e.id));
        changes(before, after).map(tell).collect()
    }

    #[test]
    fn an_entry_has_a_kind_a_name_and_an_id() {
        let stored =
            tree(&[("100644", "a", 1), ("40000", "b", 2), ("120000", "c", 3), ("160000", "d", 4), ("100755", "e", 5)]);
        let kinds: Vec<_> = entries(&stored).map(|e| e.kind).collect();
        assert_eq!(kinds, [Kind::File, Kind::Directory, Kind::Other, Kind::Other, Kind::File]);
        assert_eq!(entries(&stored).nth(1).and_then(|e| e.directory()), Some(id(2)));
        assert_eq!(entries(&stored).nth(2).and_then(|e| e.file()), None);
    }

    #[test]
    fn what_is_cut_short_ends_the_tree() {
        let stored = tree(&[("100644", "a", 1), ("100644", "b", 2)]);
        for length in 0..stored.len() {
            assert!(entries(&stored[..length]).count() < 2);
        }
    }

    #[test]
    fn added_changed_and_removed_names_are_told_in_order() {
        let before = tree(&[("100644", "a", 1), ("40000", "b", 2), ("40000", "d", 4)]);
        let after = tree(&[("40000", "b", 9), ("40000", "c", 3), ("40000", "d", 4)]);
        let expected =
            [("a".into(), Some(id(1)), None), ("b".into(), Some(id(2)), Some(id(9))), ("c".into(), None, Some(id(3)))];
        assert_eq!(told(&before, &after), expected);
        assert_eq!(told(&after, &after), []);
    }

    #[test]
    fn a_directory_sorts_as_if_a_slash_ended_it() {
        let before = tree(&[("100644", "a.b", 1), ("40000", "a", 2)]);
        let after = tree(&[("100644", "a.b", 1), ("40000", "a", 2), ("100644", "a0", 3)]);
        assert_eq!(told(&before, &after), [("a0".into(), None, Some(id(3)))]);
    }

    #[test]
    fn a_file_that_becomes_a_directory_is_two_changes() {
        let (file, directory) = (tree(&[("100644", "a", 1)]), tree(&[("40000", "a", 2)]));
        assert_eq!(told(&file, &directory), [("a".into(), Some(id(1)), None), ("a".into(), None, Some(id(2)))]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_gone_over(before: Vec<u8>, after: Vec<u8>) {
            changes(&before, &after).count();
        }
    }
}
