//! The journal: every change of the branch or of a release tag that a daemon took up, and what the refs were at a moment.
//!
//! An entry holds what its tag named, so that a moment can be told of after the tag was deleted and its object is gone.
//! [`Record`] is a journal as it was read, [`Known`] what leads on from there, [`Moment`] what it tells of one moment.

mod known;
mod moment;
mod record;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{CommitId, ObjectId};
use super::refs::{HEADS, TAGS};
use super::tag::TagName;
pub use known::{Known, Meaning};
pub use moment::{Moment, at, behind, when_at};
pub use record::Record;
pub use words::{NOTHING, REWRITTEN};

/// One change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the daemon took it up, in milliseconds since 1970.
    pub time: i64,
    /// The full name of the ref.
    #[serde(rename = "ref")]
    pub name: String,
    /// What it named before; `None`: it is new.
    pub old: Option<ObjectId>,
    /// What it names from then on; `None`: it is deleted.
    pub new: Option<ObjectId>,
    /// The commit that it names in the end.
    pub commit: Option<CommitId>,
    /// The date in an annotated tag, likewise.
    pub date: Option<i64>,
    /// Who made the annotated tag. Of any other ref nobody can tell who moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagger: Option<String>,
    /// Who made the commit that the branch names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committer: Option<String>,
    /// The app that a tag means, also where its name does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// What it meant, in words.
    pub meant: String,
    /// What a move of the branch meant for each app that it changed, in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub apps: BTreeMap<String, Vec<String>>,
    /// Of the last entry of those that were taken up at once: what became of each channel by all of them. `None` there:
    /// nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<Vec<String>>,
    /// Of the last entry of those likewise: what was served from then on, where it is not the table of these refs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<Serves>,
    /// Whether lines before it are missing, and none from here on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
}

/// What a daemon serves where the line offers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Serves {
    /// What it served before.
    Kept,
    /// Nothing: it was started then.
    Nothing,
}

impl Entry {
    /// The name of the ref as people say it: `main`, or `tag production/1.4.2`.
    pub fn short_name(&self) -> String {
        match self.name.strip_prefix(TAGS) {
            Some(tag) => format!("tag {tag}"),
            None => self.short_branch().to_owned(),
        }
    }

    /// The name below `refs/tags/`, of a tag.
    pub fn tag(&self) -> Option<&str> {
        self.name.strip_prefix(TAGS)
    }

    /// Whether it is of the branch.
    pub fn is_of_branch(&self) -> bool {
        self.name.starts_with(HEADS)
    }

    /// The app of a tag, where its name or the daemon said so.
    pub fn app_of_tag(&self) -> Option<&str> {
        let named = || self.name.strip_prefix(TAGS).and_then(TagName::parse)?.app;
        self.app.as_deref().or_else(named)
    }

    fn short_branch(&self) -> &str {
        self.name.strip_prefix(HEADS).unwrap_or(&self.name)
    }
}

/// The entries that a text holds. What is none, as a last line that was cut short, is passed over.
pub fn entries(text: &str) -> Vec<Entry> {
    record::parsed(text).0
}

/// The entries as text, a line each.
pub fn lines(entries: &[Entry]) -> String {
    entries.iter().filter_map(|entry| serde_json::to_string(entry).ok()).map(|line| line + "\n").collect()
}

/// What became of each channel by what was taken up at that time; `None`: nobody can tell.
pub fn became(entries: &[Entry], time: i64) -> Option<&[String]> {
    let mut at_once = entries.iter().rev().filter(|entry| entry.time == time);
    at_once.find_map(|entry| entry.became.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn id(of: u8) -> ObjectId {
        ObjectId::new([of; 20])
    }

    pub fn entry(time: i64, name: &str, new: Option<u8>) -> Entry {
        let commit = new.map(|of| CommitId(id(of)));
        Entry { time, name: name.to_owned(), new: new.map(id), commit, ..Entry::default() }
    }

    /// These, each with what its ref was before.
    pub fn record(mut entries: Vec<Entry>) -> Record {
        let mut last = BTreeMap::new();
        for entry in &mut entries {
            entry.old = last.insert(entry.name.clone(), entry.new).flatten();
        }
        Record { entries, gaps: Vec::new(), is_cut_short: false }
    }

    pub fn story() -> Vec<Entry> {
        let story = vec![
            entry(10, "refs/heads/main", Some(1)),
            entry(20, "refs/tags/production/1.0.0", Some(1)),
            entry(30, "refs/heads/main", Some(2)),
            entry(40, "refs/tags/production/1.0.0", None),
            entry(50, "refs/heads/main", None),
        ];
        record(story).entries
    }

    #[test]
    fn what_became_of_it_is_told_once_for_all_that_was_taken_up_at_once() {
        let mut entries = [story(), vec![entry(50, "refs/tags/beta/1.0.0", None)]].concat();
        entries[5].became = Some(vec!["beta 1.0.0 -> nothing".to_owned()]);
        let told = |time| became(&entries, time).map(<[String]>::len);
        assert_eq!([40, 50, 60].map(told), [None, Some(1), None]);
    }
}
