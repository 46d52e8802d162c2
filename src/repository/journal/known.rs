//! What is known to be in the journal, and what leads on from there.

use std::collections::{BTreeMap, BTreeSet};

use super::words::tag_meant;
use super::{Entry, Record, Serves};
use crate::release::time::Timestamp;
use crate::repository::id::ObjectId;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::refs::{Refs, TAGS};
use crate::repository::tag::{ShortTags, TagName};

/// What the journal says last.
#[derive(Debug, Default)]
pub struct Known {
    last: BTreeMap<String, Entry>,
    /// The full name of the branch.
    branch: Option<String>,
    serves: Option<Serves>,
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
        self.branch.is_none() && self.last.is_empty()
    }

    /// What the ref of that full name named last.
    pub fn at_name(&self, name: &str) -> Option<ObjectId> {
        self.last.get(name)?.new
    }

    /// Whether another branch was served last.
    pub fn is_other_branch(&self, refs: &Refs) -> bool {
        self.branch.as_deref().is_some_and(|branch| branch != refs.full_branch())
    }

    /// Whether there is nothing to add for these refs.
    pub fn is_up_to_date(&self, refs: &Refs, serves: Option<Serves>) -> bool {
        self.changed(refs, serves).is_empty()
    }

    /// Takes note of an entry that was added.
    pub fn note(&mut self, entry: &Entry) {
        if entry.is_of_branch() {
            self.branch = Some(entry.name.clone());
        }
        self.serves = entry.serves;
        match entry.new {
            Some(_) => drop(self.last.insert(entry.name.clone(), entry.clone())),
            None => drop(self.last.remove(&entry.name)),
        }
    }

    /// The entry that says that lines before it are missing, and none from there on.
    pub fn anew(&self, refs: &Refs, now: Timestamp) -> Entry {
        let name = self.branch.as_deref().unwrap_or(refs.full_branch());
        let last = self.last.get(name).cloned().unwrap_or_default();
        let meant = "the journal tells all again from here on, and not all of what was before".to_owned();
        Entry {
            time: now.0,
            name: name.to_owned(),
            old: last.new,
            new: last.new,
            commit: last.commit,
            meant,
            anew: true,
            serves: self.serves,
            ..Entry::default()
        }
    }

    /// The entries that lead from what is in the journal to these refs, the branch first. There is one of the branch too where
    /// only what is served is otherwise.
    ///
    /// # Errors
    /// An object that a ref names cannot be read.
    pub fn since(
        &self,
        objects: &Objects<'_>,
        refs: &Refs,
        now: Timestamp,
        meaning: Meaning<'_>,
    ) -> Result<Vec<Entry>, ReadError> {
        // what is learned of many tags is worth nothing for the few that come later
        let mut short = ShortTags::default();
        let changed = self.changed(refs, meaning.serves).into_iter();
        let entries = changed.map(|name| self.entry(objects, &mut short, name, refs, now, meaning));
        let mut entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        if let Some(last) = entries.last_mut() {
            last.became = meaning.became.map(<[String]>::to_vec);
            last.serves = meaning.serves;
        }
        Ok(entries)
    }

    /// The full names of the refs that are otherwise. A branch that is not served any more is let be, wherever it is.
    fn changed(&self, refs: &Refs, serves: Option<Serves>) -> BTreeSet<String> {
        let branch = refs.full_branch();
        let tags = refs.tags.iter().map(|(name, _)| format!("{TAGS}{name}"));
        let known = self.last.keys().filter(|name| name.starts_with(TAGS)).cloned();
        let all = tags.chain(known).chain([branch.to_owned()]);
        let mut changed: BTreeSet<String> = all.filter(|name| self.at_name(name) != refs.at_name(name)).collect();
        let serves_otherwise = !self.is_empty() && self.serves != serves;
        if self.is_other_branch(refs) || (serves_otherwise && changed.is_empty()) {
            changed.insert(branch.to_owned());
        }
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
            None => self.last.get(&name).and_then(|last| last.app.clone()),
        };
        let told = app.as_deref().filter(|_| meaning.only.is_none());
        let meant = tag_meant(tag, told, old.is_some(), new.is_some());
        let app = app.or_else(|| TagName::parse(tag)?.app.map(str::to_owned));
        Ok(Entry { tagger, app, meant, name, ..entry })
    }
}
