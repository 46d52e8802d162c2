//! The line: the tip of the branch and its first parents, and what each of them changed.
//!
//! It holds what the history says and judges nothing: which file is sound and which form is valid is for others. A tip
//! that continues the known line costs its new commits; any other costs those since the two parted.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::history::{History, Step};
use super::id::CommitId;
use super::read_error::ReadError;
use super::reader::Reader;
use super::walk::{self, Known, Place, Walked};

/// The number of what a recorded line means; another number is another meaning, to be read again.
const FORMAT: u32 = 1;

/// The commits of the branch's tip and its first parents, with the histories of what matters.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Line {
    format: u32,
    /// Where the repository ended when this was read, if it is shallow.
    shallow: Option<String>,
    /// Whether the oldest commit has parents that are not here.
    cut: bool,
    /// Oldest first.
    commits: Vec<CommitId>,
    settings: History,
    apps: FxHashMap<Box<str>, Versions>,
    #[serde(skip)]
    changes: u64,
}

/// Every version directory that an app's directory ever held.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Versions {
    histories: FxHashMap<Box<str>, History>,
    /// Equal as long as nothing changed.
    #[serde(skip)]
    stamp: u64,
    /// The position of the newest change, or one after it.
    newest: u32,
}

impl Versions {
    /// Each name with its history.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &History)> {
        self.histories.iter().map(|(name, history)| (&**name, history))
    }

    /// Whether any of them changed after that commit.
    pub fn is_newer(&self, at: u32) -> bool {
        self.newest > at
    }

    /// The history of one of them.
    pub fn history(&self, name: &str) -> Option<&History> {
        self.histories.get(name)
    }

    /// Equal where the histories up to that commit are, within one process and line.
    pub fn stamp(&self, at: u32) -> (u64, u32) {
        (self.stamp, at.min(self.newest))
    }
}

impl Line {
    /// What an earlier process recorded, if this one understands it.
    pub fn from_record(record: &[u8]) -> Option<Line> {
        serde_json::from_slice(record).ok().filter(|line: &Line| line.format == FORMAT)
    }

    /// For [`from_record`](Line::from_record).
    pub fn to_record(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Follows the branch to this tip. Returns how many commits were read; where it fails, the line is as it was.
    pub fn follow(&mut self, reader: &Reader, tip: CommitId) -> Result<usize, ReadError> {
        let shallow = reader.shallow()?;
        if self.shallow == shallow && self.tip() == Some(tip) {
            return Ok(0);
        }
        let commits = if self.shallow == shallow { &self.commits[..] } else { &[] };
        let walked = walk::walk(&reader.objects()?, tip, Known::new(commits))?;
        let count = walked.commits.len();
        self.shallow = shallow;
        self.join(walked);
        Ok(count)
    }

    fn join(&mut self, walked: Walked) {
        match walked.joined {
            Some(joined) => self.truncate(joined + 1),
            None => {
                *self = Line { shallow: self.shallow.take(), cut: walked.cut, changes: self.changes, ..Line::default() }
            }
        }
        self.format = FORMAT;
        self.commits.extend(walked.commits.iter().rev());
        let end = self.commits.len();
        for found in walked.found.into_iter().rev() {
            let at = position(end - 1 - found.depth);
            self.push(found.place, Step { at, id: found.id });
        }
    }

    fn push(&mut self, place: Place, step: Step) {
        self.changes += 1;
        let Place::Version { app, version } = place else { return self.settings.push(step) };
        if !self.apps.contains_key(&*app) {
            self.apps.insert((&*app).into(), Versions::default());
        }
        let Some(versions) = self.apps.get_mut(&*app) else { return };
        versions.stamp = self.changes;
        versions.newest = step.at;
        match versions.histories.entry(version) {
            Entry::Occupied(mut known) => known.get_mut().push(step),
            // Most versions never change: a vector of one keeps them small.
            Entry::Vacant(new) => drop(new.insert(History::from(vec![step]))),
        }
    }

    /// Forgets the commits from that position on.
    fn truncate(&mut self, at: u32) {
        if at >= position(self.commits.len()) {
            return;
        }
        self.commits.truncate(at as usize);
        self.settings.truncate(at);
        self.changes += 1;
        for versions in self.apps.values_mut().filter(|versions| versions.newest >= at) {
            versions.stamp = self.changes;
            versions.newest = at;
            for history in versions.histories.values_mut() {
                history.truncate(at);
            }
            versions.histories.retain(|_, history| !history.steps().is_empty());
        }
        self.apps.retain(|_, versions| !versions.histories.is_empty());
    }

    /// Whether that commit is on it. Quick where it is among the newest.
    pub fn contains(&self, commit: CommitId) -> bool {
        self.position(commit).is_some()
    }

    /// The position of a commit. Quick where it is among the newest.
    pub fn position(&self, commit: CommitId) -> Option<u32> {
        self.commits.iter().rposition(|known| *known == commit).map(position)
    }

    /// The position of each commit.
    pub fn positions(&self) -> FxHashMap<CommitId, u32> {
        self.commits.iter().copied().zip(0..).collect()
    }

    /// The newest commit.
    pub fn tip(&self) -> Option<CommitId> {
        self.commits.last().copied()
    }

    /// The commit at that position, counted from the oldest.
    pub fn commit(&self, at: u32) -> Option<CommitId> {
        self.commits.get(at as usize).copied()
    }

    /// The position of the tip; 0 for an empty line.
    pub fn last(&self) -> u32 {
        position(self.commits.len()).saturating_sub(1)
    }

    /// The oldest commit, where it has parents that a shallow repository does not hold.
    pub fn cut_at(&self) -> Option<CommitId> {
        self.commits.first().copied().filter(|_| self.cut)
    }

    /// Where the repository ends, if it is shallow.
    pub fn boundary(&self) -> Option<&str> {
        self.shallow.as_deref()
    }

    /// The history of `releases.toml` as a regular file.
    pub fn settings(&self) -> &History {
        &self.settings
    }

    /// Every directory that ever held versions, with them.
    pub fn apps(&self) -> impl Iterator<Item = (&str, &Versions)> {
        self.apps.iter().map(|(id, versions)| (&**id, versions))
    }

    /// The versions under that directory.
    pub fn app(&self, id: &str) -> Option<&Versions> {
        self.apps.get(id)
    }
}

/// A line of four thousand million commits is beyond git itself.
fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::id::ObjectId;
    use crate::repository::walk::Found;

    fn id(of: usize) -> ObjectId {
        ObjectId::new([of as u8; 20])
    }

    /// Commits numbered from `from` to `to`, each of which brings a version of one app.
    fn walked(from: usize, to: usize, joined: Option<u32>) -> Walked {
        let found = |depth: usize| {
            let place = Place::Version { app: "app".into(), version: format!("{}.0.0", to - depth).into() };
            Found { depth, place, id: Some(id(1)) }
        };
        let commits = (from..=to).rev().map(|of| CommitId(id(of))).collect();
        Walked { commits, found: (0..=to - from).map(found).collect(), joined, cut: false }
    }

    fn line() -> Line {
        let mut line = Line::default();
        line.join(walked(0, 4, None));
        line
    }

    fn present(line: &Line, at: u32) -> usize {
        line.app("app").map_or(0, |app| app.iter().filter(|(_, history)| history.held(at).is_some()).count())
    }

    #[test]
    fn changes_are_at_the_commits_that_made_them() {
        let line = line();
        assert_eq!((0..5).map(|at| present(&line, at)).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!((line.tip(), line.last()), (Some(CommitId(id(4))), 4));
    }

    #[test]
    fn a_line_that_parts_forgets_what_came_after() {
        let mut line = line();
        line.join(walked(7, 7, Some(1)));
        assert_eq!((0..5).map(|at| present(&line, at)).collect::<Vec<_>>(), [1, 2, 3, 3, 3]);
        assert_eq!(line.commit(2), Some(CommitId(id(7))));
        line.join(Walked { joined: Some(0), ..Walked::default() });
        assert_eq!((present(&line, 9), line.last()), (1, 0));
    }

    #[test]
    fn stamps_are_equal_only_where_histories_are() {
        let mut line = line();
        let stamp = |line: &Line, at| line.app("app").map(|app| app.stamp(at));
        let (third, end) = (stamp(&line, 2), stamp(&line, 4));
        assert!(third != end && end == stamp(&line, 9));
        line.join(Walked { joined: Some(3), ..Walked::default() });
        assert!(stamp(&line, 4) != end && stamp(&line, 2) != stamp(&line, 3));
    }

    #[test]
    fn a_record_says_the_same_and_one_of_another_format_nothing() {
        let record = line().to_record().unwrap();
        let read = Line::from_record(&record).unwrap();
        assert_eq!((read.tip(), present(&read, 3)), (Some(CommitId(id(4))), 4));
        let other = String::from_utf8(record).unwrap().replace("\"format\":1", "\"format\":2");
        assert!(Line::from_record(other.as_bytes()).is_none() && Line::from_record(b"{").is_none());
    }
}
