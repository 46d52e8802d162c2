//! Two channels, lane by lane.

use super::cause::{self, Cause};
use super::joint::joint;
use super::ladder::{Ladder, higher};
use super::leaving::{Lane, Leaving};
use super::natives::{Natives, lanes, unfinished};
use super::subject::{Place, Subject};
use super::{Change, Row, Runs};
use crate::release::channel::Channel;
use crate::release::platform::Platform;

/// What changes for them.
pub(super) fn compare<'t>(subject: &Subject<'_, 't>) -> Vec<Change<'t>> {
    let leaving = Leaving::of(subject);
    let rows = |native: &Natives| rows(subject, &leaving, native);
    let channels: Vec<&Channel> = [subject.old, subject.new].into_iter().flatten().collect();
    let mut found = Found::default();
    for lane in lanes(&channels, subject.place.platform, leaving.starts()) {
        found.add(&lane, rows(&lane));
    }
    for part in unfinished(&channels, subject.place.platform) {
        if let Natives::Unfinished { of, .. } = part {
            let finished = rows(&Natives::Lane { low: of, high: of });
            let own = rows(&part).into_iter().filter(|row| !finished.contains(row)).collect();
            found.add(&part, own);
        }
    }
    let is_told = |row: &Row<'t>| found.rows.contains(&(Natives::ALL, *row));
    let unreadable = rows(&Natives::Unreadable).into_iter().filter(|row| !is_told(row)).collect();
    found.add(&Natives::Unreadable, unreadable);
    let Place { app, channel, platform } = subject.place;
    found.rows.into_iter().map(|(native, row)| Change { app, channel, platform, native, row }).collect()
}

/// Rows by native versions; those that go on in the next lane are one.
#[derive(Default)]
struct Found<'t> {
    rows: Vec<(Natives, Row<'t>)>,
    /// Where the rows are that may go on.
    last: Vec<usize>,
}

impl<'t> Found<'t> {
    fn add(&mut self, native: &Natives, rows: Vec<Row<'t>>) {
        let mut last = Vec::with_capacity(rows.len());
        for row in rows {
            let goes_on = self.last.iter().find_map(|at| {
                let (before, same) = self.rows.get(*at)?;
                if *same == row { Some((*at, before.and(native)?)) } else { None }
            });
            match goes_on {
                Some((at, both)) => {
                    if let Some((before, _)) = self.rows.get_mut(at) {
                        *before = both;
                    }
                    last.push(at);
                }
                None => {
                    last.push(self.rows.len());
                    self.rows.push((native.clone(), row));
                }
            }
        }
        self.last = last;
    }
}

/// What changes in one lane.
fn rows<'t>(subject: &Subject<'_, 't>, leaving: &Leaving<'_, 't>, native: &Natives) -> Vec<Row<'t>> {
    let (example, platform) = (native.example(), subject.place.platform);
    let old = Ladder::of(subject.old, platform, &example, subject.now);
    let new = Ladder::of(subject.new, platform, &example, subject.now);
    let pairs = joint(&old, &new, |i, j| differs(&old, i, &new, j, platform));
    let row = |(i, j, share)| {
        let (from, to) = (old.gets(i), new.gets(j));
        let Cause { why, at, also } =
            cause::of(subject, from, to, higher(old.rungs.get(i), new.rungs.get(j)), &example);
        Row { who: subject.who, runs: Runs::Any, from, to, share, why, at, also }
    };
    let mut rows: Vec<Row<'t>> = pairs.into_iter().map(row).collect();
    leaving.rows(&Lane { old: &old, new: &new, native, example: &example }, &mut rows);
    rows
}

fn differs(old: &Ladder<'_>, i: usize, new: &Ladder<'_>, j: usize, platform: Platform) -> bool {
    let other_bytes = match (old.rungs.get(i), new.rungs.get(j)) {
        (Some(old), Some(new)) => old.release.bundles.get(platform) != new.release.bundles.get(platform),
        _ => false,
    };
    old.gets(i) != new.gets(j) || other_bytes
}
