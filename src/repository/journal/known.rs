//! What is known to be in the journal, and what leads on from there.

use std::collections::BTreeMap;

use super::words::tag_meant;
use super::{Entry, Record, Serves};
use crate::release::time::Timestamp;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::refs::{Refs, TAGS};
use crate::repository::tag::{ShortTags, TagName};

/// What the journal says last.
#[derive(Debug, Default)]
pub struct Known {
    /// By their full names.
    branches: BTreeMap<String, Last>,
    /// By their names below `refs/tags/`.
    tags: BTreeMap<Box<str>, Last>,
    /// The full name of the branch.
    branch: Option<String>,
    serves: Option<Serves>,
}

/// What it says last of a ref that is there. No more of the entry: there are many of them.
#[derive(Clone, Debug)]
struct Last {
    id: ObjectId,
    commit: Option<CommitId>,
    app: Option<Box<str>>,
}

/// What changes that are taken up at once meant.
#[derive(Clone, Copy, Debug)]
pub struct Meaning<'a> {
    /// What the move of the branch meant, in words.
    pub meant: &'a str,
    /// The same for each app that it changed.
    pub apps: &'a BTreeMap<String, Vec<String>>,
    /// What became of each channel; `None`: nobody can tell.
    pub became: Option<&'a [String]>,
    /// What is served, where it is not the table of these refs.
    pub serves: Option<Serves>,
    /// The app of the table, where there is one only.
    pub only: Option<&'a str>,
}

impl Known {
    /// All that a journal tells.
    pub fn of(record: &Record) -> Known {
        let mut known = Known::default();
        record.entries.iter().for_each(|entry| known.note(entry));
        known
    }

    /// Whether nothing was ever written down.
    pub fn is_empty(&self) -> bool {
        self.branch.is_none() && self.branches.is_empty() && self.tags.is_empty()
    }

    /// What the ref of that full name named last.
    pub fn at_name(&self, name: &str) -> Option<ObjectId> {
        self.last(name).map(|last| last.id)
    }

    fn last(&self, name: &str) -> Option<&Last> {
        match name.strip_prefix(TAGS) {
            Some(tag) => self.tags.get(tag),
            None => self.branches.get(name),
        }
    }

    /// Whether another branch was served last.
    pub fn is_other_branch(&self, refs: &Refs) -> bool {
        self.branch.as_deref().is_some_and(|branch| branch != refs.full_branch())
    }

    /// Takes note of an entry that was added.
    pub fn note(&mut self, entry: &Entry) {
        if entry.is_of_branch() {
            self.branch = Some(entry.name.clone());
        }
        self.serves = entry.serves;
        let app = || entry.app.as_deref().map(Box::from);
        let last = entry.new.map(|id| Last { id, commit: entry.commit, app: app() });
        match (entry.tag(), last) {
            (Some(tag), Some(last)) => drop(self.tags.insert(tag.into(), last)),
            (Some(tag), None) => drop(self.tags.remove(tag)),
            (None, Some(last)) => drop(self.branches.insert(entry.name.clone(), last)),
            (None, None) => drop(self.branches.remove(&entry.name)),
        }
    }

    /// The entry that says that lines before it are missing, and none from there on.
    pub fn anew(&self, refs: &Refs, now: Timestamp) -> Entry {
        let name = self.branch.as_deref().unwrap_or(refs.full_branch());
        let last = self.last(name);
        let meant = "the journal tells all again from here on, and not all of what was before".to_owned();
        Entry {
            time: now.0,
            name: name.to_owned(),
            old: last.map(|last| last.id),
            new: last.map(|last| last.id),
            commit: last.and_then(|last| last.commit),
            meant,
            anew: true,
            serves: self.serves,
            ..Entry::default()
        }
    }

    /// The entries that lead from what is in the journal to these refs, for the names that [`changed`](Known::changed) gave.
    ///
    /// # Errors
    /// An object that a ref names cannot be read.
    pub fn since(
        &self,
        objects: &Objects<'_>,
        refs: &Refs,
        changed: Vec<String>,
        now: Timestamp,
        meaning: Meaning<'_>,
    ) -> Result<Vec<Entry>, ReadError> {
        // what is learned of many tags is worth nothing for the few that come later
        let mut short = ShortTags::default();
        let entries = changed.into_iter().map(|name| self.entry(objects, &mut short, name, refs, now, meaning));
        let mut entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        if let Some(last) = entries.last_mut() {
            last.became = meaning.became.map(<[String]>::to_vec);
            last.serves = meaning.serves;
        }
        Ok(entries)
    }

    /// Whether the branch offered nothing at the last entry.
    pub fn tells_of_nothing_served(&self) -> bool {
        self.serves.is_some()
    }

    /// The full names of the refs that are otherwise, the branch first; none where there is nothing to add. The branch is
    /// among them too where only what is served is otherwise. One that is not served any more is let be, wherever it is.
    pub fn changed(&self, refs: &Refs, serves: Option<Serves>) -> Vec<String> {
        let branch = refs.full_branch();
        let mut changed = self.changed_tags(refs);
        let serves_otherwise = !self.is_empty() && self.serves != serves && changed.is_empty();
        if self.at_name(branch) != refs.at_name(branch) || self.is_other_branch(refs) || serves_otherwise {
            changed.insert(0, branch.to_owned());
        }
        changed
    }

    /// Both go by name: they are walked side by side.
    fn changed_tags(&self, refs: &Refs) -> Vec<String> {
        let (mut known, mut changed) = (self.tags.iter().peekable(), Vec::new());
        let full = |name: &str| format!("{TAGS}{name}");
        for (name, id) in refs.tags.iter() {
            while let Some((gone, _)) = known.next_if(|(known, _)| *known < name) {
                changed.push(full(gone));
            }
            let last = known.next_if(|(known, _)| *known == name);
            if last.is_none_or(|(_, last)| last.id != *id) {
                changed.push(full(name));
            }
        }
        changed.extend(known.map(|(gone, _)| full(gone)));
        changed
    }

    fn entry(
        &self,
        objects: &Objects<'_>,
        short: &mut ShortTags,
        name: String,
        refs: &Refs,
        now: Timestamp,
        meaning: Meaning<'_>,
    ) -> Result<Entry, ReadError> {
        let (old, new) = (self.at_name(&name), refs.at_name(&name));
        let tagged = new.map(|id| objects.tagged(id)).transpose()?;
        let commit = tagged.and_then(|tagged| tagged.commit);
        let date = tagged.and_then(|tagged| tagged.date).map(|date| date.0);
        let entry = Entry { time: now.0, old, new, commit, date, ..Entry::default() };
        let author = || new.map(|id| objects.author(id)).transpose().map(Option::flatten);
        let Some(tag) = name.strip_prefix(TAGS) else {
            let (meant, apps) = (meaning.meant.to_owned(), meaning.apps.clone());
            return Ok(Entry { committer: author()?, meant, apps, name, ..entry });
        };
        // a lightweight one does not say who made it
        let tagger = if commit.map(|commit| commit.0) == new { None } else { author()? };
        let app = match new {
            Some(_) => short.app(objects, tag, commit, meaning.only)?,
            None => self.last(&name).and_then(|last| last.app.as_deref().map(str::to_owned)),
        };
        let told = app.as_deref().filter(|_| meaning.only.is_none());
        let meant = tag_meant(tag, told, old.is_some(), new.is_some());
        let app = app.or_else(|| TagName::parse(tag)?.app.map(str::to_owned));
        Ok(Entry { tagger, app, meant, name, ..entry })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, id, record};
    use super::*;

    /// The refs of these, with the branch at 1.
    fn refs(tags: &[(&str, u8)]) -> Refs {
        let tags = tags.iter().map(|(name, of)| ((*name).into(), id(*of)));
        Refs::at("main", Some(CommitId(id(1)))).with_tags(tags)
    }

    fn known() -> Known {
        Known::of(&record(vec![
            entry(1, "refs/heads/main", Some(1)),
            entry(1, "refs/tags/b/1.0.0", Some(1)),
            entry(1, "refs/tags/c/1.0.0", Some(1)),
            entry(1, "refs/tags/d/1.0.0", Some(1)),
            entry(2, "refs/tags/a/1.0.0", Some(1)),
            entry(3, "refs/tags/a/1.0.0", None),
        ]))
    }

    #[test]
    fn what_is_otherwise_is_told_in_order() {
        let (b, c, d) = (("b/1.0.0", 1), ("c/1.0.0", 1), ("d/1.0.0", 1));
        let changed = |tags: &[(&str, u8)]| {
            let changed = known().changed(&refs(tags), None);
            changed.iter().map(|name| name.trim_start_matches(TAGS)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(changed(&[b, c, d]), "");
        assert_eq!(changed(&[]), "b/1.0.0 c/1.0.0 d/1.0.0");
        assert_eq!(changed(&[("a/1.0.0", 1), c, ("c/1.1.0", 1), d]), "a/1.0.0 b/1.0.0 c/1.1.0");
        assert_eq!(changed(&[b, ("c/1.0.0", 2), ("e/1.0.0", 1)]), "c/1.0.0 d/1.0.0 e/1.0.0");
    }

    #[test]
    fn the_branch_comes_first_also_where_only_what_is_served_is_otherwise() {
        let same = refs(&[("b/1.0.0", 1), ("c/1.0.0", 1), ("d/1.0.0", 1)]);
        let main = ["refs/heads/main"];
        assert_eq!(known().changed(&same, Some(Serves::Kept)), main);
        assert_eq!(known().changed(&same.clone().with_branch(None), None), main);
        let more = same.clone().with_branch(Some(CommitId(id(2)))).with_tags([("b/1.0.0".into(), id(1))]);
        assert_eq!(known().changed(&more, None), [main[0], "refs/tags/c/1.0.0", "refs/tags/d/1.0.0"]);
        assert_eq!(known().changed(&more.with_branch(same.branch), Some(Serves::Kept)).len(), 2, "the tags tell it");
        let other = Refs::at("live", same.branch).with_tags(same.tags.iter().cloned());
        assert_eq!(known().changed(&other, None), ["refs/heads/live"]);
        assert!(Known::default().changed(&Refs::at("main", None), Some(Serves::Nothing)).is_empty());
    }
}
