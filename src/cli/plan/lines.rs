//! The lines of a channel: rows that say the same of other native versions, together.

use semver::Version;

use super::sentence::{But, sentence};
use super::spots::Decided;
use super::unsaid::Rows;
use crate::release::plan::{Change, Gets, Natives, Row, Runs, Share};

/// A line of a channel: native versions, and what happens there.
pub(super) struct Line<'l> {
    natives: Vec<Natives>,
    pub text: String,
    row: &'l Row<'l>,
    at: &'l Decided,
    /// One of the native versions that got, or gets, nothing.
    but: Option<But>,
    /// What was given by shares to those who are shut out, highest first.
    lost: Vec<&'l str>,
}

/// Lines that read alike are the same, whatever platform they are of.
impl PartialEq for Line<'_> {
    fn eq(&self, other: &Line<'_>) -> bool {
        (&self.natives, &self.text) == (&other.natives, &other.text)
    }
}

/// The rows of a platform, those that say the same of other native versions together: first what is given to who asks, then
/// what becomes of those who run something that leaves.
pub(super) fn lines<'l>(rows: &[(&'l Change<'l>, &'l Decided)]) -> Vec<Line<'l>> {
    let all = Rows::of(rows.iter().map(|(change, _)| *change).collect());
    let mut worth: Vec<_> = rows.iter().filter(|(change, _)| all.is_worth_a_line(change)).collect();
    worth.sort_by_key(|(change, _)| change.row.runs != Runs::Any);
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (change, at) in worth.into_iter().copied() {
        let (row, native) = (&change.row, &change.native);
        let text = sentence(row, at, None, &[]);
        let line = match lines.iter_mut().position(|line| line.text == text) {
            Some(same) => lines.get_mut(same),
            None => {
                lines.push(Line { natives: Vec::new(), text, row, at, but: None, lost: Vec::new() });
                lines.last_mut()
            }
        };
        if let Some(line) = line {
            line.add(native);
            line.lost.extend(lost(row));
        }
    }
    for line in &mut lines {
        let version = |name: &&str| std::cmp::Reverse(Version::parse(name).ok());
        line.lost.sort_by_key(version);
        line.lost.dedup();
        line.text = sentence(line.row, line.at, None, &line.lost);
    }
    joined(lines)
}

/// What a share of those had who are shut out.
fn lost<'t>(row: &Row<'t>) -> Option<&'t str> {
    match (row.runs, row.from, row.to) {
        (Runs::Any, Gets::Version(from), Gets::Refused(_)) if row.share != Share::ALL => Some(from),
        _ => None,
    }
}

/// The native version that is a release's own gets nothing lower: where those beside it get that release or lose it, it
/// goes with them and is worth a word, and no line.
fn joined(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut joined: Vec<Line<'_>> = Vec::with_capacity(lines.len());
    for line in lines {
        let beside = line.single().and_then(|single| {
            joined.iter_mut().find_map(|other| other.place_for(single, &line).map(|(at, both)| (other, at, both)))
        });
        match beside {
            Some((other, at, both)) => other.take(at, both, &line),
            None => joined.push(line),
        }
    }
    joined
}

impl Line<'_> {
    /// Its native versions, in words.
    pub fn shown(&self) -> String {
        shown(&self.natives)
    }

    /// Its native version, where that is one alone.
    fn single(&self) -> Option<&Natives> {
        match &*self.natives {
            [native @ Natives::Lane { low, high }] if low == high => Some(native),
            _ => None,
        }
    }

    /// Where the native version of another line goes on here, which differs in that it got, or gets, nothing.
    fn place_for(&self, single: &Natives, other: &Line<'_>) -> Option<(usize, Natives)> {
        let (own, others) = (self.row, other.row);
        let is_same = match (own.from, own.to) {
            (Gets::Version(_), Gets::Version(_)) if others.from == Gets::Nothing => {
                Row { from: Gets::Nothing, ..*own } == *others
            }
            (Gets::Version(_), Gets::Version(_)) => Row { to: Gets::Nothing, ..*own } == *others,
            _ => false,
        };
        if !is_same || own.runs != Runs::Any || self.but.is_some() {
            return None;
        }
        let each = self.natives.iter().enumerate();
        each.filter_map(|(at, native)| Some((at, native.and(single).or_else(|| single.and(native))?))).next()
    }

    fn take(&mut self, at: usize, both: Natives, other: &Line<'_>) {
        if let Some(native) = self.natives.get_mut(at) {
            *native = both;
        }
        let got_nothing = other.row.from == Gets::Nothing;
        self.but = other.single().cloned().map(|native| But { native, got_nothing });
        self.text = sentence(self.row, self.at, self.but.as_ref(), &self.lost);
    }

    fn add(&mut self, native: &Natives) {
        let with = self
            .natives
            .iter_mut()
            .find_map(|own| own.and(native).or_else(|| own.with(native)).map(|both| (own, both)));
        match with {
            Some((own, both)) => *own = both,
            None => self.natives.push(native.clone()),
        }
    }
}

fn shown(all: &[Natives]) -> String {
    match all {
        all if all.contains(&Natives::ALL) => "all native versions".to_owned(),
        [Natives::Unreadable] => "native version unreadable".to_owned(),
        all => format!("native {}", requirements(all).join(" or ")),
    }
}

/// Each as a requirement; a lane together with the pre-releases that come right behind it.
fn requirements(all: &[Natives]) -> Vec<String> {
    let is_behind = |part: &Natives| all.iter().any(|lane| lane.with_unfinished(part).is_some());
    let alone = all.iter().filter(|native| !is_behind(native));
    let shown = alone.map(|native| {
        let both = all.iter().find_map(|part| native.with_unfinished(part));
        both.unwrap_or_else(|| native.to_string())
    });
    shown.collect()
}
