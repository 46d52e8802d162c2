//! Devices that run a release which leaves or comes back to their lane: gates evict nobody, but that does.

use super::cause::{self, Cause, Turn};
use super::joint::{feet, shares};
use super::ladder::{Ladder, lists};
use super::natives::Natives;
use super::subject::Subject;
use super::{Apps, Gets, Row, Runs};
use crate::release::native::{Native, Triple, meets};
use crate::release::platform::Platform;
use crate::release::span::{Span, after};
use crate::release::table::{App, Release};

/// So many versions are told of one by one, where devices go back to builtin; more are told of as one.
const NAMED: usize = 16;

/// What the apps of a comparison take back.
pub(super) struct Leaving<'a, 't> {
    subject: &'a Subject<'a, 't>,
    /// How many versions the new app takes back, whatever the native version.
    taken_back: usize,
    /// The native versions that no release of the new app refuses, where there are any.
    all_take: Option<Span>,
    /// Versions of which that may have changed.
    changed: Vec<&'t str>,
}

/// A lane, as it was and as it is.
pub(super) struct Lane<'l, 't> {
    pub old: &'l Ladder<'t>,
    pub new: &'l Ladder<'t>,
    pub native: &'l Natives,
    pub example: &'l Native,
}

impl<'a, 't> Leaving<'a, 't> {
    /// Looks at every release once.
    pub fn of(subject: &'a Subject<'a, 't>) -> Leaving<'a, 't> {
        let mut leaving = Leaving { subject, taken_back: 0, all_take: Some(Span::ALL), changed: Vec::new() };
        let (Some(new), Ok(_)) = (subject.apps.new, subject.new) else { return leaving };
        let platform = subject.place.platform;
        leaving.taken_back = new.withdrawn().count();
        for release in new.releases().filter(|release| was_there(subject.apps, &release.name)) {
            leaving.taken_back += usize::from(is_taken_back(release, platform));
            leaving.all_take = leaving.all_take.and_then(|all| all.and(taken(release, platform)?));
        }
        if let (Some(old), Ok(_)) = (subject.apps.old, subject.old) {
            let changed = changed(old, new, platform).into_iter();
            leaving.changed = changed.filter(|name| was_there(subject.apps, name)).collect();
        }
        leaving
    }

    /// Native versions at which one of the versions that changed begins or ends to go back to builtin, where they are few
    /// enough to be told of one by one.
    pub fn starts(&self) -> Vec<Triple> {
        if self.changed.len() > NAMED {
            return Vec::new();
        }
        let apps = [self.subject.apps.old, self.subject.apps.new];
        let releases =
            apps.into_iter().flatten().flat_map(|app| self.changed.iter().filter_map(|name| app.release(name)));
        let spans = releases.filter_map(|release| taken(release, self.subject.place.platform));
        spans.flat_map(|Span { low, high }| [Some(low), after(high)]).flatten().collect()
    }

    /// Adds the rows of devices that run something which the lane does not list any more, or did not. `rows` has what
    /// the lane gives.
    pub fn rows(&self, lane: &Lane<'_, 't>, rows: &mut Vec<Row<'t>>) {
        if matches!(lane.new.foot, Gets::Refused(_)) {
            return;
        }
        let (mut left, mut came) = (Vec::new(), Vec::new());
        if let (Ok(old), Ok(new)) = (self.subject.old, self.subject.new) {
            let platform = self.subject.place.platform;
            let is_older = |release: &&Release| was_there(self.subject.apps, &release.name);
            let is_gone = |release: &&Release| !lists(new, platform, release, lane.example);
            let is_new = |release: &&Release| !lists(old, platform, release, lane.example);
            left = lane.old.rungs.iter().map(|rung| rung.release).filter(is_gone).collect();
            came = lane.new.rungs.iter().map(|rung| rung.release).filter(is_new).filter(is_older).collect();
        }
        let given = rows.len();
        // who is sent to builtin, or was, whatever runs, is told of already
        if lane.new.foot != Gets::Builtin {
            left.iter().for_each(|release| self.leaves(lane, release, rows));
            self.taken_back(lane, given, rows);
        }
        if lane.old.foot != Gets::Builtin {
            came.iter().for_each(|release| self.comes_back(lane, release, rows));
        }
        if lane.old.foot == Gets::Nothing && lane.new.foot == Gets::Nothing {
            let told = left.iter().chain(&came).map(|release| &*release.name).collect::<Vec<_>>();
            self.unlisted(lane, &told, rows);
        }
    }

    /// Devices that run what is no longer listed go to what the lane gives, or to builtin.
    fn leaves(&self, lane: &Lane<'_, 't>, release: &'t Release, rows: &mut Vec<Row<'t>>) {
        let Cause { why, at, also } = cause::of_release(self.subject, &release.name, lane.example, Turn::Stay);
        let from = Gets::Version(&release.name);
        for (to, share) in shares(lane.new) {
            let to = if to != Gets::Nothing {
                to
            } else if self.may_leave(self.subject.apps.new, &release.name, lane.native) {
                Gets::Builtin
            } else {
                continue;
            };
            rows.push(Row {
                who: self.subject.who,
                runs: Runs::Version(&release.name),
                from,
                to,
                share,
                why,
                at,
                also,
            });
        }
    }

    /// Devices that run what is listed again keep it, instead of being sent to something lower.
    fn comes_back(&self, lane: &Lane<'_, 't>, release: &'t Release, rows: &mut Vec<Row<'t>>) {
        let Cause { why, at, also } = cause::of_release(self.subject, &release.name, lane.example, Turn::Stay);
        let to = Gets::Version(&release.name);
        let lower = |from: Gets<'_>| {
            let rung = lane.old.rungs.iter().find(|rung| from == Gets::Version(&rung.release.name));
            rung.is_none_or(|rung| rung.release.version.cmp_precedence(&release.version).is_le())
        };
        for (from, share) in shares(lane.old).into_iter().filter(|(from, _)| lower(*from)) {
            let from = match from {
                Gets::Nothing if self.may_leave(self.subject.apps.old, &release.name, lane.native) => Gets::Builtin,
                Gets::Nothing => continue,
                from => from,
            };
            rows.push(Row {
                who: self.subject.who,
                runs: Runs::Version(&release.name),
                from,
                to,
                share,
                why,
                at,
                also,
            });
        }
    }

    /// Where the lane gives nothing any more, what was taken back goes to builtin.
    fn taken_back(&self, lane: &Lane<'_, 't>, given: usize, rows: &mut Vec<Row<'t>>) {
        let refused = match lane.native {
            Natives::Lane { .. } => lane.native.span().is_some_and(|span| !is_within(span, self.all_take)),
            Natives::Unfinished { .. } => self.all_take != Some(Span::ALL),
            Natives::Unreadable => false,
        };
        // those that the lane listed until now are told of by their names
        let named = |row: &&Row<'_>| matches!(row.runs, Runs::Version(_)) && row.to == Gets::Builtin;
        if self.taken_back <= rows.iter().skip(given).filter(named).count() && !refused {
            return;
        }
        let ends = rows.iter().take(given).filter(|row| row.to == Gets::Nothing && row.from != Gets::Builtin);
        let ends: Vec<Row<'t>> = ends.map(|row| Row { runs: Runs::TakenBack, to: Gets::Builtin, ..*row }).collect();
        rows.extend(ends);
    }

    /// Devices that run what was never listed here, where the lane gives nothing, before and after.
    fn unlisted(&self, lane: &Lane<'_, 't>, told: &[&str], rows: &mut Vec<Row<'t>>) {
        let Some(share) = feet(lane.old, lane.new) else { return };
        let (old, new) = (self.subject.apps.old, self.subject.apps.new);
        let mut found = Vec::new();
        for name in self.changed.iter().filter(|name| !told.contains(name)) {
            let (did, does) = (self.may_leave(old, name, lane.native), self.may_leave(new, name, lane.native));
            let must = |app| does_leave(app, name, self.subject.place.platform, lane.native);
            let Cause { why, at, also } = cause::of_release(self.subject, name, lane.example, Turn::Stay);
            let row =
                |from, to| Row { who: self.subject.who, runs: Runs::Version(name), from, to, share, why, at, also };
            // both where the lane is of several kinds of devices
            if does && !must(old) {
                found.push(row(Gets::Nothing, Gets::Builtin));
            }
            if did && !must(new) {
                found.push(row(Gets::Builtin, Gets::Nothing));
            }
        }
        if found.len() > NAMED {
            let mut all: Vec<Row<'t>> = Vec::new();
            for row in found.into_iter().map(|row| Row { runs: Runs::TakenBack, at: None, ..row }) {
                if !all.contains(&row) {
                    all.push(row);
                }
            }
            found = all;
        }
        rows.extend(found);
    }

    /// Whether some device of these native versions that runs a version is sent to builtin where nothing else is for it.
    fn may_leave(&self, app: Option<&App>, name: &str, native: &Natives) -> bool {
        let platform = self.subject.place.platform;
        let Some(app) = app else { return false };
        let Some(release) = app.release(name) else { return app.is_withdrawn(name) };
        let refuses = match native {
            Natives::Lane { .. } => native.span().is_some_and(|span| !is_within(span, taken(release, platform))),
            Natives::Unfinished { .. } => release.descriptor.native.get(platform).is_some(),
            Natives::Unreadable => false,
        };
        is_taken_back(release, platform) || refuses
    }
}

/// Whether devices can run a version already: one that is new is on none.
fn was_there(apps: &Apps<'_>, name: &str) -> bool {
    apps.old.is_some_and(|old| old.release(name).is_some() || old.is_withdrawn(name))
}

/// Whether every device of these native versions that runs a version is sent to builtin where nothing else is for it.
fn does_leave(app: Option<&App>, name: &str, platform: Platform, native: &Natives) -> bool {
    let Some(app) = app else { return false };
    let Some(release) = app.release(name) else { return app.is_withdrawn(name) };
    let requirement = release.descriptor.native.get(platform).as_ref();
    let refuses = match (native, native.example()) {
        // an interval that meets none of the lane
        (Natives::Lane { .. }, _) => {
            let both = |span: Span| taken(release, platform).and_then(|taken| taken.and(span));
            !names_pre_release(release, platform) && native.span().is_some_and(|span| both(span).is_none())
        }
        (_, Native::Known(example)) => requirement.is_some_and(|requirement| !meets(&example, requirement)),
        (_, Native::Unreadable) => false,
    };
    is_taken_back(release, platform) || refuses
}

fn is_taken_back(release: &Release, platform: Platform) -> bool {
    release.descriptor.yanked.is_some() || !release.descriptor.platforms.contains(platform)
}

/// The native versions that a release takes for sure, with all of their pre-releases.
fn taken(release: &Release, platform: Platform) -> Option<Span> {
    if names_pre_release(release, platform) {
        return None;
    }
    release.descriptor.native.get(platform).as_ref().map_or(Some(Span::ALL), Span::of_requirement)
}

fn names_pre_release(release: &Release, platform: Platform) -> bool {
    let requirement = release.descriptor.native.get(platform).as_ref();
    requirement.is_some_and(|requirement| requirement.comparators.iter().any(|c| !c.pre.is_empty()))
}

fn is_within(span: Span, all: Option<Span>) -> bool {
    all.is_some_and(|all| all.low <= span.low && span.high <= all.high)
}

/// The versions that one app takes back otherwise than the other.
fn changed<'t>(old: &'t App, new: &'t App, platform: Platform) -> Vec<&'t str> {
    let rules = |release: &Release| {
        let descriptor = &release.descriptor;
        (descriptor.yanked.is_some(), descriptor.platforms.contains(platform), descriptor.native.get(platform).clone())
    };
    let same = |before: &Release, after: &Release| std::ptr::eq(before, after) || rules(before) == rules(after);
    let after = new.releases().filter(|after| old.release(&after.name).is_none_or(|before| !same(before, after)));
    let gone = old.releases().filter(|before| new.release(&before.name).is_none());
    let withdrawn = old.withdrawn().filter(|name| new.release(name).is_none() && !new.is_withdrawn(name));
    let more = new.withdrawn().filter(|name| old.release(name).is_none() && !old.is_withdrawn(name));
    let mut names: Vec<&str> = after.chain(gone).map(|release| &*release.name).chain(withdrawn).chain(more).collect();
    names.sort_unstable();
    names
}
