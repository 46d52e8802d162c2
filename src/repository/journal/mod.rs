//! The journal: every change of the branch or of a release tag that a daemon took up, and what the refs were at a moment.
//!
//! An entry holds what its tag named, so that a moment can be told of after the tag was deleted and its object is gone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{CommitId, ObjectId};
use super::read_error::ReadError;
use super::reader::{Objects, Tagged};
use super::refs::{Refs, TAGS};
use super::tag::TagName;
use crate::release::tags::Says;
use crate::release::time::Timestamp;

/// What a move of the branch meant that no device sees.
pub const NOTHING: &str = "changed nothing that devices see";

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Who made the tag, or the commit.
    pub by: Option<String>,
    /// What it meant, in words.
    pub meant: String,
    /// Of the last entry of those that were taken up at once: what became of each channel by all of them. `None` there:
    /// nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<Vec<String>>,
}

/// What changes that are taken up at once meant.
#[derive(Clone, Copy, Debug)]
pub struct Meaning<'a> {
    /// What the move of the branch meant, in words.
    pub meant: &'a str,
    /// What became of each channel; `None`: nobody can tell.
    pub became: Option<&'a [String]>,
}

impl Entry {
    /// The name of the ref as people say it: `main`, or `tag production/1.4.2`.
    pub fn short_name(&self) -> String {
        match self.name.strip_prefix(TAGS) {
            Some(tag) => format!("tag {tag}"),
            None => self.name.strip_prefix("refs/heads/").unwrap_or(&self.name).to_owned(),
        }
    }

    /// Whether it is of a tag that does not name its app.
    pub fn is_of_short_tag(&self) -> bool {
        self.name.strip_prefix(TAGS).and_then(TagName::parse).is_some_and(|tag| tag.app.is_none())
    }
}

/// The entries that a text holds. What is none, as a last line that was cut short, is passed over.
pub fn entries(text: &str) -> Vec<Entry> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
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

/// What is known to be in the journal.
#[derive(Debug, Default)]
pub struct Journal {
    last: BTreeMap<String, ObjectId>,
}

impl Journal {
    /// A journal that holds these.
    pub fn of(entries: &[Entry]) -> Journal {
        let mut journal = Journal::default();
        entries.iter().for_each(|entry| journal.note(entry));
        journal
    }

    /// Whether it holds nothing that is still there.
    pub fn is_empty(&self) -> bool {
        self.last.is_empty()
    }

    /// Takes note of an entry that was added.
    pub fn note(&mut self, entry: &Entry) {
        match entry.new {
            Some(new) => self.last.insert(entry.name.clone(), new),
            None => self.last.remove(&entry.name),
        };
    }

    /// The entries that lead from what is in the journal to these refs.
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
        let tags = refs.tags.iter().map(|(name, id)| (format!("{TAGS}{name}"), *id));
        let branch = refs.branch.map(|tip| (refs.full_branch().to_owned(), tip.0));
        let present: BTreeMap<String, ObjectId> = tags.chain(branch).collect();
        let gone = self.last.iter().filter(|(name, _)| !present.contains_key(*name)).map(|(name, _)| (name, None));
        let here = present.iter().map(|(name, id)| (name, Some(*id)));
        let changed = here.chain(gone).filter(|(name, new)| self.last.get(*name) != new.as_ref());
        let entries = changed.map(|(name, new)| self.entry(objects, name, new, now, meaning.meant));
        let mut entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        if let Some(last) = entries.last_mut() {
            last.became = meaning.became.map(<[String]>::to_vec);
        }
        Ok(entries)
    }

    fn entry(
        &self,
        objects: &Objects<'_>,
        name: &str,
        new: Option<ObjectId>,
        now: Timestamp,
        branch_meant: &str,
    ) -> Result<Entry, ReadError> {
        let old = self.last.get(name).copied();
        let tagged = new.map(|id| objects.tagged(id)).transpose()?;
        let by = new.map(|id| objects.author(id)).transpose()?.flatten();
        let meant = match name.strip_prefix(TAGS) {
            Some(tag) => tag_meant(tag, old.is_some(), new.is_some()),
            None => branch_meant.to_owned(),
        };
        Ok(Entry {
            time: now.0,
            name: name.to_owned(),
            old,
            new,
            commit: tagged.and_then(|tagged| tagged.commit),
            date: tagged.and_then(|tagged| tagged.date).map(|date| date.0),
            by,
            meant,
            became: None,
        })
    }
}

fn tag_meant(tag: &str, was: bool, is: bool) -> String {
    let Some(name) = TagName::parse(tag) else { return String::new() };
    let app = name.app.map(|app| format!("{app} ")).unwrap_or_default();
    let (version, channel) = (name.version, name.channel);
    let does = match name.says {
        Ok(Says::Open) => format!("opens {app}{version} to {channel}"),
        Ok(Says::Percent(percent)) => format!("opens {app}{version} to {percent} of {channel}"),
        Ok(Says::Halt) => format!("halts {app}{version} in {channel}"),
        Err(_) => "means nothing".to_owned(),
    };
    match (was, is) {
        (true, true) => format!("names another object now; {does}"),
        (_, true) => does,
        (_, false) => format!("is taken back; it {}", past(&does)),
    }
}

fn past(does: &str) -> String {
    does.replacen("opens", "opened", 1).replacen("halts", "halted", 1).replacen("means", "meant", 1)
}

/// The refs of a moment, with what is known of the objects that its tags named.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The refs.
    pub refs: Refs,
    /// When it was.
    pub time: Timestamp,
    /// What each tag named.
    pub tagged: Vec<(ObjectId, Tagged)>,
}

/// The refs at a time; `None`: the journal begins later.
pub fn at(entries: &[Entry], branch: &str, time: Timestamp) -> Option<Moment> {
    let until = entries.iter().take_while(|entry| entry.time <= time.0);
    let mut last: BTreeMap<&str, &Entry> = BTreeMap::new();
    let mut tip = None;
    let full = Refs::at(branch, None).full_branch().to_owned();
    for entry in until {
        if entry.name == full {
            // a daemon keeps its table where the branch is deleted
            tip = entry.new.or(tip);
        } else if entry.new.is_some() {
            last.insert(&entry.name, entry);
        } else {
            last.remove(&*entry.name);
        }
    }
    let tip = CommitId(tip?);
    let tags = last.iter().filter_map(|(name, entry)| Some((name.strip_prefix(TAGS)?.into(), entry.new?)));
    let tagged = |entry: &&Entry| {
        let tagged = Tagged { commit: entry.commit, date: entry.date.map(Timestamp) };
        entry.new.map(|id| (id, tagged))
    };
    let known = last.values().filter_map(tagged).collect();
    Some(Moment { refs: Refs::at(branch, Some(tip)).with_tags(tags), time, tagged: known })
}

/// The last moment when the branch was at that commit; now, where it is there still. `None`: the journal knows of none.
pub fn when_at(entries: &[Entry], branch: &str, commit: CommitId, now: Timestamp) -> Option<Moment> {
    let full = Refs::at(branch, None).full_branch().to_owned();
    let moves: Vec<&Entry> = entries.iter().filter(|entry| entry.name == full).collect();
    let there = moves.iter().rposition(|entry| entry.new == Some(commit.0))?;
    let time = moves.get(there + 1).map_or(now, |left| Timestamp(left.time - 1));
    at(entries, branch, time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(of: u8) -> ObjectId {
        ObjectId::new([of; 20])
    }

    fn entry(time: i64, name: &str, new: Option<u8>) -> Entry {
        let (name, meant) = (name.to_owned(), String::new());
        let commit = new.map(|of| CommitId(id(of)));
        Entry { time, name, old: None, new: new.map(id), commit, date: None, by: None, meant, became: None }
    }

    fn story() -> Vec<Entry> {
        vec![
            entry(10, "refs/heads/main", Some(1)),
            entry(20, "refs/tags/production/1.0.0", Some(1)),
            entry(30, "refs/heads/main", Some(2)),
            entry(40, "refs/tags/production/1.0.0", None),
            entry(50, "refs/heads/main", None),
        ]
    }

    #[test]
    fn the_refs_of_a_moment() {
        let at =
            |time| at(&story(), "main", Timestamp(time)).map(|moment| (moment.refs.branch, moment.refs.tags.len()));
        let tip = |of| Some(CommitId(id(of)));
        assert_eq!(
            [9, 10, 29, 30, 45, 99].map(at),
            [None, Some((tip(1), 0)), Some((tip(1), 1)), Some((tip(2), 1)), Some((tip(2), 0)), Some((tip(2), 0))]
        );
    }

    #[test]
    fn the_last_moment_of_a_revision() {
        let when = |of| when_at(&story(), "main", CommitId(id(of)), Timestamp(99)).map(|moment| moment.time.0);
        assert_eq!([1, 2, 3].map(when), [Some(29), Some(49), None]);
    }

    #[test]
    fn lines_read_back_and_one_that_is_cut_short_is_passed_over() {
        let text = lines(&story());
        assert_eq!(entries(&text), story());
        assert_eq!(entries(&text[..text.len() - 20]).len(), 4);
    }

    #[test]
    fn what_became_of_it_is_told_once_for_all_that_was_taken_up_at_once() {
        let mut entries = [story(), vec![entry(50, "refs/tags/beta/1.0.0", None)]].concat();
        entries[5].became = Some(vec!["beta 1.0.0 -> nothing".to_owned()]);
        let told = |time| became(&entries, time).map(<[String]>::len);
        assert_eq!([40, 50, 60].map(told), [None, Some(1), None]);
    }

    #[test]
    fn a_tag_in_words() {
        assert_eq!(tag_meant("a.b/production/1.0.0@10%", false, true), "opens a.b 1.0.0 to 10% of production");
        assert_eq!(tag_meant("production/1.0.0@halt", true, false), "is taken back; it halted 1.0.0 in production");
    }
}
