//! The releases of one app as of a commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::build_error::BuildError;
use super::faults::Subject;
use super::forms::{FormReader, Shape};
use super::history::{History, since_absent};
use super::id::{CommitId, ObjectId};
use super::line::Line;
use super::names;
use super::places::Kept;
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::Objects;
use super::served::{FirstBlob, Served};
use super::tree::{self, Entry};
use crate::release::platform::PerPlatform;
use crate::release::table::Release;

/// Where an app is read from: the commit, and its directory there.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The app's id.
    pub app: &'a str,
    /// The position of the commit on the line.
    pub at: u32,
    /// The app's directory in that commit.
    pub tree: Option<ObjectId>,
}

/// Every version of an app, and what is wrong with them by themselves.
#[derive(Debug)]
pub struct Catalog {
    key: Key,
    served: FxHashMap<Box<str>, Arc<Served>>,
    /// Versions that differ from an older one in build metadata only.
    left_out: FxHashSet<Box<str>>,
    /// Versions that were once there and are gone, each with the commit that took it away.
    pub withdrawn: FxHashMap<Box<str>, Option<CommitId>>,
    /// What is wrong, in the order of files.
    pub problems: Vec<Problem>,
}

/// Equal keys, equal catalogs, within one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    histories: Option<(u64, u32)>,
    tree: Option<ObjectId>,
}

impl Catalog {
    /// The releases, in no order.
    pub fn releases(&self) -> impl Iterator<Item = &Arc<Release>> {
        self.served().filter_map(|served| served.release.as_ref())
    }

    /// What came of each directory that is not left out, in no order.
    pub fn served(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.served.iter().filter(|(name, _)| !self.left_out.contains(*name)).map(|(_, served)| served)
    }

    /// Where a version's first bytes are.
    pub fn firsts(&self, version: &str) -> Option<&PerPlatform<Option<FirstBlob>>> {
        self.served.get(version).map(|served| &served.firsts)
    }

    /// The blob of a version's descriptor that counts, where it has one.
    pub fn descriptor(&self, version: &str) -> Option<ObjectId> {
        self.served.get(version)?.descriptor
    }

    /// The commit that a version is read from, where that is not the newest that changed it.
    pub fn kept_at(&self, version: &str) -> Option<CommitId> {
        self.served.get(version)?.kept
    }

    /// The same, with what keeps the newest from counting.
    pub fn kept(&self, version: &str) -> Option<Kept> {
        let served = self.served.get(version)?;
        let fault = served.problems.iter().find(|problem| problem.is_error()).cloned();
        served.kept.map(|commit| Kept { commit, fault })
    }

    /// The commit that took a version away.
    pub fn withdrawn_by(&self, version: &str) -> Option<CommitId> {
        self.withdrawn.get(version).copied().flatten()
    }

    /// Each version that is there and is no release, with what is wrong with it.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, &Problem)> {
        let is_left_out = |name: &str, served: &Served| served.release.is_none() || self.left_out.contains(name);
        let left_out = self.served.iter().filter(move |(name, served)| is_left_out(name, served));
        left_out.filter_map(|(name, served)| Some((&**name, self.fault(name, served)?)))
    }

    /// What leaves a version out: a fault of its own, or that it has a twin.
    fn fault<'c>(&'c self, name: &str, served: &'c Served) -> Option<&'c Problem> {
        let problems = if served.release.is_none() { &served.problems } else { &self.problems };
        problems.iter().find(|problem| problem.is_error() && problem.version.as_deref() == Some(name))
    }

    /// The oldest commit that has first bytes of a version, by its position.
    pub fn first_bytes(&self, version: &str) -> Option<u32> {
        self.firsts(version)?.iter().filter_map(|(_, first)| *first).map(|first| first.at).min()
    }

    /// The commit that brought a version since it was last absent, by its position.
    pub fn brought(&self, version: &str) -> Option<u32> {
        since_absent(self.served.get(version)?.steps()).first().map(|step| step.at)
    }

    /// Whether a version is or was there.
    pub fn ever_had(&self, version: &str) -> bool {
        self.served.contains_key(version) || self.withdrawn.contains_key(version)
    }

    /// Whether a version is there, and is no release for what is wrong with it.
    pub fn is_left_out(&self, version: &str) -> bool {
        self.served.contains_key(version)
    }

    /// Reads an app, taking over from the previous reading whatever did not change.
    pub fn read(
        forms: &mut FormReader<'_>,
        line: &Line,
        place: Place<'_>,
        previous: Option<&Arc<Catalog>>,
    ) -> Result<Arc<Catalog>, BuildError> {
        let versions = line.app(place.app);
        let key = Key { histories: versions.map(|versions| versions.stamp(place.at)), tree: place.tree };
        if let Some(previous) = previous.filter(|previous| previous.key == key) {
            return Ok(Arc::clone(previous));
        }
        let mut catalog = Catalog::empty(key);
        for (name, history) in versions.iter().flat_map(|versions| versions.iter()) {
            catalog.add(forms, line, place, previous, name, history)?;
        }
        catalog.leave_out_twins(place);
        catalog.problems.extend(strays(forms.objects, place)?);
        catalog.problems.extend(catalog.served.values().flat_map(|served| served.problems.iter().cloned()));
        catalog.problems.sort_by(|a, b| a.position().cmp(&b.position()));
        Ok(Arc::new(catalog))
    }

    fn empty(key: Key) -> Catalog {
        Catalog {
            key,
            served: FxHashMap::default(),
            left_out: FxHashSet::default(),
            withdrawn: FxHashMap::default(),
            problems: Vec::new(),
        }
    }

    fn add(
        &mut self,
        forms: &mut FormReader<'_>,
        line: &Line,
        place: Place<'_>,
        previous: Option<&Arc<Catalog>>,
        name: &str,
        history: &History,
    ) -> Result<(), BuildError> {
        let Some(newest) = history.upto(place.at).last() else { return Ok(()) };
        if newest.id.is_none() {
            self.withdrawn.insert(name.into(), line.commit(newest.at));
            return Ok(());
        }
        let known = previous.and_then(|previous| previous.served.get(name));
        let served = match known.filter(|known| known.is_of(history, place.at)) {
            Some(known) => Arc::clone(known),
            None => {
                let subject = Subject { app: place.app, version: name };
                Arc::new(Served::read(forms, line, subject, history, place.at)?)
            }
        };
        self.served.insert(name.into(), served);
        Ok(())
    }

    /// Of versions that differ in build metadata only, all but the one that came first.
    fn leave_out_twins(&mut self, place: Place<'_>) {
        for (base, mut twins) in self.twins() {
            twins.sort_unstable();
            let Some((_, first)) = twins.first().cloned() else { continue };
            for (_, later) in twins.into_iter().skip(1) {
                self.problems.push(twin(place.app, &base, &first, &later));
                self.left_out.insert(later);
            }
        }
    }

    /// The versions that share everything but their build metadata, each with the commit that brought it.
    fn twins(&self) -> BTreeMap<Box<str>, Vec<(u32, Box<str>)>> {
        let mut groups: BTreeMap<Box<str>, Vec<(u32, Box<str>)>> = BTreeMap::new();
        let with_build = self.served.keys().filter_map(|name| name.split_once('+').map(|(base, _)| (base, name)));
        let without = |base: &str| self.served.get_key_value(base).map(|(name, _)| name.clone());
        for (base, name) in with_build {
            let group = groups.entry(base.into());
            let group = group.or_insert_with(|| without(base).map(|name| self.dated(name)).into_iter().collect());
            group.push(self.dated(name.clone()));
        }
        groups
    }

    fn dated(&self, name: Box<str>) -> (u32, Box<str>) {
        let history = self.served.get(&name).map(|served| since_absent(served.steps()));
        (history.and_then(|steps| steps.first()).map_or(0, |step| step.at), name)
    }
}

fn twin(app: &str, base: &str, first: &str, later: &str) -> Problem {
    let subject = Subject { app, version: later };
    let message =
        format!("{later} and {first} are both {base} to devices, which ignore build metadata; {first} came first");
    let help = "give it a version that differs in more than what follows the `+`";
    subject.claim(Problem::error("same-precedence", message, help).in_file(subject.path()))
}

/// Directories of an app that are no versions but look as if they were meant to be.
fn strays(objects: &Objects<'_>, place: Place<'_>) -> Result<Vec<Problem>, ReadError> {
    let Some(tree) = place.tree else { return Ok(Vec::new()) };
    let stored = objects.read(tree)?;
    let mut problems = Vec::new();
    for entry in tree::entries(stored.bytes()) {
        problems.extend(stray(objects, place.app, &entry)?);
    }
    Ok(problems)
}

fn stray(objects: &Objects<'_>, app: &str, entry: &Entry<'_>) -> Result<Option<Problem>, ReadError> {
    let Some(tree) = entry.directory() else { return Ok(None) };
    let name = String::from_utf8_lossy(entry.name);
    if names::version(&name).is_some() {
        return Ok(None);
    }
    let bare = name.strip_prefix(['v', 'V']).filter(|bare| names::version(bare).is_some());
    if bare.is_none() && !Shape::of(objects.read(tree)?.bytes()).is_release() {
        return Ok(None);
    }
    let (path, name) = (format!("{app}/{name}"), name.escape_debug());
    let message = format!("`{name}` is no version, so what it holds is never released");
    let help = match bare {
        Some(bare) => format!("rename it: `git mv {app}/{name} {app}/{bare}`"),
        None => "give it the name of a version, three numbers such as `1.4.2`, or move it out of the app".into(),
    };
    Ok(Some(Problem::error("not-a-version", message, help).in_file(path).of_app(app)))
}
