//! Devices that run a release which leaves or comes back to their lane: gates evict nobody, but that does.

use std::collections::{BTreeSet, HashSet};

use super::cause::{self, Cause, Turn};
use super::joint::{feet, kept};
use super::keeps::Keeps;
use super::ladder::{Ladder, lists};
use super::natives::{Natives, unfinished};
use super::share::Share;
use super::subject::Subject;
use super::{Apps, Gets, Row, Runs};
use crate::release::channel::Channel;
use crate::release::native::{Native, Triple};
use crate::release::platform::Platform;
use crate::release::requirement::named;
use crate::release::span::{Span, after};
use crate::release::table::{App, Release};

/// So many versions are told of one by one, where devices go back to builtin; more are told of as one.
const NAMED: usize = 16;

/// What the apps of a comparison take back.
pub(super) struct Leaving<'a, 't> {
    subject: &'a Subject<'a, 't>,
    /// How many versions the new app takes back, whatever the native version.
    taken_back: usize,
    /// The native versions that no release of the new app refuses, where there are any; but for those that name
    /// pre-releases.
    all_take: Option<Span>,
    /// The releases of the new app that do.
    naming: Vec<&'t Release>,
    /// Versions whose pre-releases have lanes of their own.
    apart: BTreeSet<Triple>,
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
        let channels: Vec<&Channel> = [subject.old, subject.new].into_iter().flatten().collect();
        let apart = unfinished(&channels, subject.place.platform).into_iter().filter_map(|part| part.unfinished_of());
        let mut leaving = Leaving {
            subject,
            taken_back: 0,
            all_take: Some(Span::ALL),
            naming: Vec::new(),
            apart: apart.collect(),
            changed: Vec::new(),
        };
        let (Some(new), Ok(_)) = (subject.apps.new, subject.new) else { return leaving };
        let platform = subject.place.platform;
        leaving.taken_back = new.withdrawn().count();
        for release in new.releases().filter(|release| was_there(subject.apps, &release.name)) {
            leaving.taken_back += usize::from(matches!(Keeps::of_release(release, platform), Keeps::Never));
            let requirement = release.descriptor.native.get(platform).as_ref();
            if requirement.is_some_and(|requirement| named(requirement).next().is_some()) {
                leaving.naming.push(release);
            } else {
                leaving.all_take = leaving.all_take.and_then(|all| all.and(taken(release, platform)?));
            }
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
            left = lane.old.releases().filter(|(_, release)| is_gone(release)).collect();
            came = lane.new.releases().filter(|(_, release)| is_new(release) && is_older(release)).collect();
        }
        let given = rows.len();
        // who is sent to builtin, or was, whatever runs, is told of already
        if lane.new.foot != Gets::Builtin {
            left.iter().for_each(|(at, release)| self.leaves(lane, *at, release, rows));
            self.taken_back(lane, given, rows);
        }
        if lane.old.foot != Gets::Builtin {
            came.iter().for_each(|(at, release)| self.comes_back(lane, *at, release, rows));
        }
        if lane.old.foot == Gets::Nothing && lane.new.foot == Gets::Nothing {
            let told = left.iter().chain(&came).map(|(_, release)| &*release.name).collect::<Vec<_>>();
            self.unlisted(lane, &told, rows);
        }
    }

    /// Devices that run what is no longer listed go to what the lane gives, or to builtin.
    fn leaves(&self, lane: &Lane<'_, 't>, at_rung: usize, release: &'t Release, rows: &mut Vec<Row<'t>>) {
        let cause = cause::of_release(self.subject, &release.name, lane.example, Turn::Stay);
        let from = Gets::Version(&release.name);
        for (to, share) in kept(lane.old, at_rung, lane.new) {
            let to = if to != Gets::Nothing {
                to
            } else if self.may_leave(self.subject.apps.new, &release.name, lane.native) {
                Gets::Builtin
            } else {
                continue;
            };
            rows.push(self.row(release, (from, to), share, &cause));
        }
    }

    /// Devices that run what is listed again keep it, instead of being sent to something lower.
    fn comes_back(&self, lane: &Lane<'_, 't>, at_rung: usize, release: &'t Release, rows: &mut Vec<Row<'t>>) {
        let cause = cause::of_release(self.subject, &release.name, lane.example, Turn::Stay);
        let to = Gets::Version(&release.name);
        let lower = |from: Gets<'_>| {
            let rung = lane.old.rungs.iter().find(|rung| from == Gets::Version(&rung.release.name));
            rung.is_none_or(|rung| rung.release.version.cmp_precedence(&release.version).is_le())
        };
        for (from, share) in kept(lane.new, at_rung, lane.old).into_iter().filter(|(from, _)| lower(*from)) {
            let from = match from {
                Gets::Nothing if self.may_leave(self.subject.apps.old, &release.name, lane.native) => Gets::Builtin,
                Gets::Nothing => continue,
                from => from,
            };
            rows.push(self.row(release, (from, to), share, &cause));
        }
    }

    /// Devices that run a release get something else for a cause.
    fn row(
        &self,
        release: &'t Release,
        (from, to): (Gets<'t>, Gets<'t>),
        share: Share,
        &Cause { why, at, also }: &Cause<'t>,
    ) -> Row<'t> {
        Row { who: self.subject.who, runs: Runs::Version(&release.name), from, to, share, why, at, also }
    }

    /// Where the lane gives nothing any more, what was taken back goes to builtin.
    fn taken_back(&self, lane: &Lane<'_, 't>, given: usize, rows: &mut Vec<Row<'t>>) {
        let ends = rows.iter().take(given).filter(|row| row.to == Gets::Nothing && row.from != Gets::Builtin);
        let ends: Vec<Row<'t>> = ends.map(|row| Row { runs: Runs::TakenBack, to: Gets::Builtin, ..*row }).collect();
        if !ends.is_empty() && self.takes_back_more(lane.native, &told(rows.get(given..).unwrap_or_default())) {
            rows.extend(ends);
        }
    }

    /// Whether something else is taken back, or not for some of these native versions, than what is told of by its name.
    fn takes_back_more(&self, native: &Natives, told: &HashSet<&str>) -> bool {
        let Some(new) = self.subject.apps.new else { return false };
        if self.taken_back == 0 && !self.refuses_some(native) {
            return false;
        }
        let leaves = |release: &Release| {
            let is_told = told.contains(&*release.name);
            !is_told && was_there(self.subject.apps, &release.name) && self.may_leave(Some(new), &release.name, native)
        };
        self.taken_back > told.len()
            || new.withdrawn().any(|name| !told.contains(name))
            || new.releases().any(|release| leaves(release))
    }

    /// Whether a release of the new app is not for some of these native versions.
    fn refuses_some(&self, native: &Natives) -> bool {
        let platform = self.subject.place.platform;
        let by_plain = match native {
            Natives::Lane { low, high } => !is_within(Span { low: *low, high: *high }, self.all_take),
            // one that names none of its pre-releases takes it for the version that it comes before
            Natives::Unfinished { of, .. } => !is_within(Span { low: *of, high: *of }, self.all_take),
            Natives::Unreadable => false,
        };
        let is_refused = |release: &&Release| self.ends(Keeps::Always, Keeps::of_release(release, platform), native);
        by_plain || self.naming.iter().any(is_refused)
    }

    /// Devices that run what was never listed here, where the lane gives nothing, before and after.
    fn unlisted(&self, lane: &Lane<'_, 't>, told: &[&str], rows: &mut Vec<Row<'t>>) {
        let Some(share) = feet(lane.old, lane.new) else { return };
        let (old, new) = (self.subject.apps.old, self.subject.apps.new);
        let mut found = Vec::new();
        for name in self.changed.iter().filter(|name| !told.contains(name)) {
            let rules = |app| Keeps::of(app, name, self.subject.place.platform);
            let (before, after) = (rules(old), rules(new));
            let Cause { why, at, also } = cause::of_release(self.subject, name, lane.example, Turn::Stay);
            let row =
                |from, to| Row { who: self.subject.who, runs: Runs::Version(name), from, to, share, why, at, also };
            // both where the lane is of several kinds of devices
            if self.ends(before, after, lane.native) {
                found.push(row(Gets::Nothing, Gets::Builtin));
            }
            if self.ends(after, before, lane.native) {
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
        self.ends(Keeps::Always, Keeps::of(app, name, self.subject.place.platform), native)
    }

    /// Whether some device of these native versions keeps by the one rules what it may not keep by the other.
    fn ends(&self, before: Keeps<'_>, after: Keeps<'_>, native: &Natives) -> bool {
        after.ends(before, native, &self.apart)
    }
}

/// The versions that rows send to builtin by their names.
fn told<'t>(rows: &[Row<'t>]) -> HashSet<&'t str> {
    let named = rows.iter().filter_map(|row| match (row.runs, row.to) {
        (Runs::Version(version), Gets::Builtin) => Some(version),
        _ => None,
    });
    named.collect()
}

/// Whether devices can run a version already: one that is new is on none.
fn was_there(apps: &Apps<'_>, name: &str) -> bool {
    apps.old.is_some_and(|old| old.release(name).is_some() || old.is_withdrawn(name))
}

/// The native versions that a release takes, their pre-releases aside.
fn taken(release: &Release, platform: Platform) -> Option<Span> {
    release.descriptor.native.get(platform).as_ref().map_or(Some(Span::ALL), Span::of_requirement)
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
