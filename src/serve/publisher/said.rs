//! What who pushed said of a push: the refs that it changed, and what they name now. It decides nothing but when a wait ends.

use std::collections::BTreeMap;

use crate::repository::id::ObjectId;
use crate::repository::refs::Refs;

/// Bytes of one name that are believed to be one; git has none that is longer.
const LONGEST_NAME: usize = 4096;

/// Bytes that are kept in mind, as long as nothing comes of what is said. Who says more than that is not believed.
const MOST: usize = 16 << 20;
/// What a line takes in memory beside its name, about.
pub(super) const LINE: usize = 128;

/// The refs of pushes that are in whole, as those say who pushed, since the last table was published.
#[derive(Debug, Default)]
pub struct Said {
    refs: BTreeMap<String, Option<ObjectId>>,
    /// Bytes that all lines take that were heard, about.
    heard: usize,
}

impl Said {
    /// Takes note of lines `<new> <full name of the ref>`, with zeros for a ref that is deleted. Any other line says nothing.
    pub fn hear(&mut self, lines: &[u8]) {
        for (name, new) in read(lines) {
            self.heard += name.len() + LINE;
            self.refs.insert(name, new);
        }
        if self.heard > MOST {
            self.forget();
        }
    }

    /// Whether all that differs between those refs and these was said, and reads as it was said: then no push that is only
    /// half in is among it. Without a difference nothing is.
    pub fn covers(&self, before: Option<&Refs>, now: &Refs) -> bool {
        let none = Refs::at(now.branch_name(), None);
        let Some(moves) = now.moves_since(before.unwrap_or(&none)) else { return false };
        !moves.is_empty() && moves.iter().all(|(name, new)| self.refs.get(name) == Some(new))
    }

    /// They are published.
    pub fn forget(&mut self) {
        *self = Said::default();
    }
}

/// The lines `<object> <full name of the ref>`, with zeros for none. Any other line says nothing.
pub(super) fn read(lines: &[u8]) -> impl Iterator<Item = (String, Option<ObjectId>)> {
    lines.split(|byte| *byte == b'\n').filter_map(|line| read_line(std::str::from_utf8(line).ok()?))
}

fn read_line(line: &str) -> Option<(String, Option<ObjectId>)> {
    let (id, name) = line.trim_end_matches('\r').split_once(' ')?;
    let id = ObjectId::from_hex(id)?;
    let is_name = name.starts_with("refs/") && name.len() <= LONGEST_NAME;
    is_name.then(|| (name.to_owned(), id.of_something()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::id::CommitId;

    fn id(of: u8) -> ObjectId {
        ObjectId::new([of; 20])
    }

    fn refs(branch: u8, tags: &[(&str, u8)]) -> Refs {
        let tags = tags.iter().map(|(name, of)| ((*name).into(), id(*of)));
        Refs::at("main", Some(CommitId(id(branch)))).with_tags(tags)
    }

    fn said(lines: &[(u8, &str)]) -> Said {
        let mut said = Said::default();
        for (new, name) in lines {
            said.hear(format!("{} refs/{name}\n", id(*new)).as_bytes());
        }
        said
    }

    #[test]
    fn a_push_is_in_when_all_that_differs_was_said_and_reads_so() {
        let before = refs(1, &[("beta/1.0.0", 1), ("beta/1.1.0", 1)]);
        let after = refs(2, &[("beta/1.0.0", 3), ("beta/1.2.0", 1)]);
        let all = [(2, "heads/main"), (3, "tags/beta/1.0.0"), (0, "tags/beta/1.1.0"), (1, "tags/beta/1.2.0")];
        assert!(said(&all).covers(Some(&before), &after));
        for left_out in 0..all.len() {
            let mut some = all.to_vec();
            some.remove(left_out);
            assert!(!said(&some).covers(Some(&before), &after), "{left_out}");
            some.push((9, all[left_out].1));
            assert!(!said(&some).covers(Some(&before), &after), "{left_out} reads otherwise");
        }
        assert!(said(&all).covers(None, &refs(2, &[("beta/1.0.0", 3), ("beta/1.2.0", 1)])));
        assert!(!said(&all).covers(Some(&after), &after), "nothing is new");
        let shallow = after.clone().with_boundary(Some("a".to_owned()));
        assert!(!said(&all).covers(Some(&before), &shallow), "the history is another too");
    }

    #[test]
    fn what_is_no_line_says_nothing() {
        let mut said = Said::default();
        said.hear(b"{\"ref\":\"refs/heads/main\"}\n\xff\0\n0123 refs/heads/main\n");
        said.hear(format!("{} main\n{0}refs/heads/main\n{0}\n", id(2)).as_bytes());
        assert!(said.refs.is_empty(), "{said:?}");
    }

    #[test]
    fn who_says_too_much_is_not_believed_and_not_remembered() {
        let mut said = Said::default();
        let of = |at: usize| format!("{} refs/{at:x}\n", id(2));
        (0..MOST / LINE).for_each(|at| said.hear(of(at).as_bytes()));
        assert!(said.refs.len() < MOST / LINE, "{}", said.refs.len());
    }
}
