//! A version's directory at a commit: the release that comes of it, with its first bytes and its newest valid descriptor.

use std::sync::Arc;

use super::build_error::BuildError;
use super::descriptor::Mentions;
use super::faults::{self, Subject};
use super::firsts::{First, Firsts};
use super::forms::{Described, Form, FormReader, Part, Shape};
use super::history::{History, Step, since_absent};
use super::id::{CommitId, ObjectId};
use super::line::Line;
use super::names;
use super::problem::Problem;
use crate::release::platform::{PerPlatform, Platform};
use crate::release::policy::Descriptor;
use crate::release::table::{Bundle, Release};

/// What came of a version's directory.
#[derive(Debug)]
pub struct Served {
    history: History,
    steps: usize,
    /// `None`: it never had a valid form, and is left out.
    pub release: Option<Arc<Release>>,
    /// What is wrong with it, by itself.
    pub problems: Vec<Problem>,
    /// Where its first bytes are.
    pub firsts: PerPlatform<Option<FirstBlob>>,
    /// The blob of the descriptor that counts, where there is one.
    pub descriptor: Option<ObjectId>,
    /// The commit of that descriptor, where the newest form does not count.
    pub kept: Option<CommitId>,
    /// Where the descriptor says something that only the rest of the repository can judge.
    pub places: Option<Places>,
}

/// The first bytes of a version on a platform: their blob, and the commit that brought it, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBlob {
    /// The blob.
    pub id: ObjectId,
    /// The position on the line.
    pub at: u32,
}

/// What a descriptor says that only the rest of the repository can judge.
#[derive(Debug)]
pub struct Places {
    /// The descriptor's text.
    pub text: Arc<str>,
    /// The places.
    pub mentions: Mentions,
}

/// A descriptor that counts, and the commit that brought it.
struct Chosen {
    descriptor: Arc<Descriptor>,
    blob: Option<ObjectId>,
    places: Option<Places>,
    at: u32,
}

impl Served {
    /// Whether reading that history up to that commit would give the same.
    pub fn is_of(&self, history: &History, at: u32) -> bool {
        self.history.is(history) && self.steps == history.upto(at).len()
    }

    /// Its history up to the commit that it was read from.
    pub fn steps(&self) -> &[Step] {
        self.history.steps().get(..self.steps).unwrap_or_default()
    }

    /// Reads the directory as of that commit.
    pub fn read(
        forms: &mut FormReader<'_>,
        line: &Line,
        subject: Subject<'_>,
        history: &History,
        at: u32,
    ) -> Result<Served, BuildError> {
        let steps = history.upto(at);
        forms.zips.is_unchanged = steps.len() == 1;
        let (firsts, newest) = Firsts::find(forms, &subject.path(), steps)?;
        let newest = match newest {
            Some(form) => form,
            None => unread(forms, &subject, steps, &firsts)?,
        };
        let mut problems: Vec<Problem> = newest.described.problems.iter().map(|p| subject.claim(p.clone())).collect();
        problems.extend(faults::bundles(&subject, &newest, &firsts, line));
        let chosen = choose(forms, &subject, steps, newest, &firsts)?;
        tell_consequence(&subject, steps, chosen.as_ref(), line, &mut problems);
        for (_, first) in firsts.iter().filter(|_| chosen.is_some()) {
            forms.zips.ensure_kept(forms.objects, first.id, &first.bundle)?;
        }
        let older = chosen.as_ref().filter(|chosen| steps.last().is_some_and(|newest| newest.at != chosen.at));
        let kept = older.and_then(|chosen| line.commit(chosen.at));
        Ok(Served { kept, ..Served::new(history, steps.len(), &subject, chosen, &firsts, problems) })
    }

    fn new(
        history: &History,
        steps: usize,
        subject: &Subject<'_>,
        chosen: Option<Chosen>,
        firsts: &Firsts,
        problems: Vec<Problem>,
    ) -> Served {
        let blob = chosen.as_ref().and_then(|chosen| chosen.blob);
        let (descriptor, places) = chosen.map(|chosen| (chosen.descriptor, chosen.places)).unzip();
        let release = descriptor.and_then(|descriptor| release(subject.version, descriptor, firsts));
        Served {
            history: history.clone(),
            steps,
            release,
            problems,
            firsts: blobs(firsts),
            descriptor: blob,
            kept: None,
            places: places.flatten(),
        }
    }
}

fn blobs(firsts: &Firsts) -> PerPlatform<Option<FirstBlob>> {
    let blob = |first: &First| FirstBlob { id: first.id, at: first.at };
    PerPlatform::from_fn(|platform| firsts.bundles.get(platform).as_ref().map(blob))
}

fn release(name: &str, descriptor: Arc<Descriptor>, firsts: &Firsts) -> Option<Arc<Release>> {
    let bundles: PerPlatform<Option<Arc<Bundle>>> =
        PerPlatform::from_fn(|platform| firsts.bundles.get(platform).as_ref().map(|first| Arc::clone(&first.bundle)));
    Some(Arc::new(Release { name: name.into(), version: names::version(name)?, descriptor, bundles }))
}

/// The newest form where no zip of it has to be read: those that it has are first bytes, or not looked into.
fn unread(
    forms: &mut FormReader<'_>,
    subject: &Subject<'_>,
    steps: &[Step],
    firsts: &Firsts,
) -> Result<Form, BuildError> {
    let tree = steps.last().and_then(|step| step.id);
    let shape = tree.map(|tree| forms.shape(tree)).transpose()?.unwrap_or_default();
    let described = forms.describe(&shape, &subject.path())?;
    let looked = forms.look_without_reading(&shape, &|id| firsts.has(id))?;
    Ok(Form { shape, described, looked })
}

/// The newest descriptor that counts since the directory was last absent. One counts where it is not broken and the
/// version has bytes to go with it, be they those of its own form or the first.
fn choose(
    forms: &mut FormReader<'_>,
    subject: &Subject<'_>,
    steps: &[Step],
    newest: Form,
    firsts: &Firsts,
) -> Result<Option<Chosen>, BuildError> {
    if firsts.is_empty() {
        return Ok(None);
    }
    let mut newest = Some((newest.shape, newest.described));
    // The form that had the first bytes is valid, so that no older one is ever asked.
    for step in since_absent(steps).iter().rev() {
        let (shape, described) = match (newest.take(), step.id) {
            (Some(newest), _) => newest,
            (None, Some(tree)) => {
                let shape = forms.shape(tree)?;
                let described = forms.describe(&shape, &subject.path())?;
                (shape, described)
            }
            (None, None) => continue,
        };
        if let Some(chosen) = Chosen::of(&shape, described, firsts, step.at)
            && !adds_nothing_usable(forms, &shape, firsts)?
        {
            return Ok(Some(chosen));
        }
    }
    Ok(None)
}

/// Whether a form has a bundle file that changes no first bytes, and that nobody can install: then it is not valid, where
/// one that changes or takes away first bytes counts all the same, with its descriptor.
fn adds_nothing_usable(forms: &mut FormReader<'_>, shape: &Shape, firsts: &Firsts) -> Result<bool, BuildError> {
    let is_added = |slot| {
        let mut of_slot = Platform::ALL.into_iter().filter(|platform| shape.slot(*platform) == slot);
        of_slot.all(|platform| firsts.bundles.get(platform).is_none())
    };
    for (slot, part) in shape.present().filter(|(slot, _)| is_added(*slot)) {
        if !forms.look_at(part)?.has_clients() && shape.serves_any(slot) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Chosen {
    fn of(shape: &Shape, described: Described, firsts: &Firsts, at: u32) -> Option<Chosen> {
        let actual = firsts.sha256_of_shared(shape);
        let contradicted = described.sha256.is_some_and(|(sha256, _)| actual.is_some_and(|actual| actual != sha256));
        let descriptor = described.descriptor.filter(|_| !contradicted)?;
        let Described { text, mentions, .. } = described;
        let blob = match shape.descriptor {
            Part::File(id) => Some(id),
            Part::Absent | Part::NoFile => None,
        };
        Some(Chosen { descriptor, blob, places: (!mentions.is_empty()).then_some(Places { text, mentions }), at })
    }
}

fn until_then(help: &str, version: &str) -> String {
    let link = if help.ends_with('?') { " Until" } else { "; until" };
    format!("{help}{link} then {version} is left out")
}

/// Says what becomes of a version whose newest form does not count.
fn tell_consequence(
    subject: &Subject<'_>,
    steps: &[Step],
    chosen: Option<&Chosen>,
    line: &Line,
    problems: &mut Vec<Problem>,
) {
    let Some(error) = problems.iter_mut().find(|problem| problem.is_error()) else { return };
    match chosen {
        None => error.help = until_then(&error.help, subject.version),
        Some(chosen) if steps.last().is_some_and(|newest| newest.at == chosen.at) => {}
        Some(chosen) => {
            let commit = line.commit(chosen.at).map(|id| id.short()).unwrap_or_default();
            let message = format!("{} goes on as it was in commit {commit}, its newest valid form", subject.version);
            let kept = Problem::warning("release-kept", message, "mend the errors of this release");
            let file = error.file.clone();
            problems.push(subject.claim(Problem { file, ..kept }));
        }
    }
}
