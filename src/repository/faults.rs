//! What is wrong with the newest form of a version, in words.

use super::bundle::ZipFault;
use super::firsts::{First, Firsts};
use super::forms::{Form, Looked, Part, Slot, no_file};
use super::line::Line;
use super::problem::Problem;
use super::shelf::Zip;
use crate::release::platform::Platform;

/// A version of an app, as problems name it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The app's id.
    pub app: &'a str,
    /// The version's name.
    pub version: &'a str,
}

impl Subject<'_> {
    /// The path of its directory.
    pub fn path(&self) -> String {
        format!("{}/{}", self.app, self.version)
    }

    /// The problem as one of this version.
    pub fn claim(&self, problem: Problem) -> Problem {
        problem.of_app(self.app).of_version(self.version)
    }

    fn of_file(&self, file: &str, problem: Problem) -> Problem {
        self.claim(problem.in_file(format!("{}/{file}", self.path())))
    }
}

/// Everything that is wrong with the bundles of the newest form.
pub fn bundles(subject: &Subject<'_>, form: &Form, firsts: &Firsts, line: &Line) -> Vec<Problem> {
    let mut problems: Vec<Problem> = form.looked.iter().flat_map(|(slot, l)| looked(subject, form, *slot, l)).collect();
    problems.extend(sha256(subject, form, firsts));
    problems.extend(lost(subject, form, firsts, line));
    problems.extend(nothing(subject, form, firsts));
    problems
}

fn nothing(subject: &Subject<'_>, form: &Form, firsts: &Firsts) -> Option<Problem> {
    let missing = form.shape.present().next().is_none() && firsts.is_empty();
    missing.then(|| {
        let message = "the directory holds no `bundle.zip`, nor one for a platform, so there is nothing to install";
        let help = "add the zip of the built web app as `bundle.zip`";
        subject.claim(Problem::error("no-bundle", message, help).in_file(subject.path()))
    })
}

fn looked(subject: &Subject<'_>, form: &Form, slot: Slot, looked: &Looked) -> Vec<Problem> {
    let name = slot.file_name();
    let problems = match looked {
        Looked::NoFile => vec![no_file(name)],
        Looked::Pointer => vec![pointer(name)],
        Looked::Zip(_, zip) => zip.faults.iter().filter_map(|f| fault(form, slot, zip, f)).collect(),
    };
    problems.into_iter().map(|problem| subject.of_file(name, problem)).collect()
}

fn pointer(name: &str) -> Problem {
    let message = format!("`{name}` is a Git LFS pointer, and bundles in Git LFS are not available yet");
    let help = "commit the zip itself: take its pattern out of .gitattributes (`git lfs untrack '*.zip'`), then \
                `git add --renormalize .`, and commit";
    Problem::error("lfs-pointer", message, help)
}

/// A fault of a zip: an error where it stops everyone, or a platform that is asked for by name.
fn fault(form: &Form, slot: Slot, zip: &Zip, fault: &ZipFault) -> Option<Problem> {
    let place = fault.entry.as_ref().map(|entry| format!("`{entry}`: ")).unwrap_or_default();
    let message = format!("{place}{}", fault.message);
    let rule = fault.rule.code();
    if !zip.has_clients() {
        return Some(Problem::error(rule, message, &fault.help));
    }
    if fault.refuses.is_empty() {
        let concerns_anyone = served(form, slot).any(|platform| fault.rule.concerns().contains(&platform));
        return concerns_anyone.then(|| Problem::warning(rule, message, &fault.help));
    }
    let refused = served(form, slot).filter(|platform| fault.refuses.contains(platform));
    let refused: Vec<&str> = refused.map(Platform::name).collect();
    if refused.is_empty() {
        return None;
    }
    let message = format!("{message}; so the bundle is withheld from {}", refused.join(", "));
    let asked_for = slot != Slot::Shared || form.described.names_platforms;
    let problem = if asked_for { Problem::error } else { Problem::warning };
    Some(problem(rule, message, fault.help.clone()))
}

/// The platforms that get the zip but for its faults.
fn served(form: &Form, slot: Slot) -> impl Iterator<Item = Platform> {
    let descriptor = form.described.descriptor.as_ref();
    let wanted = move |platform: &Platform| descriptor.is_none_or(|d| d.platforms.contains(*platform));
    Platform::ALL.into_iter().filter(wanted).filter(move |platform| form.shape.slot(*platform) == slot)
}

fn sha256(subject: &Subject<'_>, form: &Form, firsts: &Firsts) -> Option<Problem> {
    let (declared, place) = form.described.sha256.as_ref()?;
    let shared = form.shape.part(Slot::Shared);
    let (message, help) = match actual_sha256(form, firsts) {
        Some(actual) if actual == *declared => return None,
        Some(actual) => ("this is not the SHA-256 of `bundle.zip`", format!("write \"{}\"", hex(&actual))),
        None if shared == Part::Absent => {
            ("this is the SHA-256 of `bundle.zip`, and there is none", "add the file, or take the line out".into())
        }
        None => return None,
    };
    let problem = Problem::error("sha256-mismatch", message, help).at(&form.described.text, place.clone());
    Some(subject.of_file(super::forms::DESCRIPTOR, problem))
}

fn actual_sha256(form: &Form, firsts: &Firsts) -> Option<[u8; 32]> {
    match form.look(Slot::Shared) {
        Some(Looked::Zip(_, zip)) => zip.sha256(),
        Some(_) => None,
        None => firsts.sha256_of_shared(&form.shape),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bundles that are not what the version had first, file by file.
fn lost(subject: &Subject<'_>, form: &Form, firsts: &Firsts, line: &Line) -> Vec<Problem> {
    let lost: Vec<_> = firsts.lost(&form.shape).collect();
    let mut problems = Vec::new();
    // of a stand-in it is said that it is one, which is what happened
    let is_pointer = |slot| matches!(form.look(slot), Some(Looked::Pointer));
    for slot in Slot::ALL.into_iter().filter(|slot| !is_pointer(*slot)) {
        let of_slot = || lost.iter().filter(|(.., now, _)| *now == slot);
        let Some((_, first, _, part)) = of_slot().next() else { continue };
        let platforms: Vec<&str> = of_slot().map(|(platform, ..)| platform.name()).collect();
        let platforms = platforms.join(", ");
        let restore = restored(subject, form, slot, of_slot().map(|(_, first, ..)| *first), line);
        problems.push(match part {
            Part::Absent => removed(subject, first.slot, &platforms, restore),
            Part::File(_) | Part::NoFile => changed(subject, slot, &platforms, restore),
        });
    }
    problems
}

/// How the first bytes come back to where another file is found now: that one goes where it hides them, and what was
/// changed or taken away is fetched from its commit.
fn restored<'f>(
    subject: &Subject<'_>,
    form: &Form,
    slot: Slot,
    firsts: impl Iterator<Item = &'f First>,
    line: &Line,
) -> String {
    let path = |slot: Slot| format!("{}/{}", subject.path(), slot.file_name());
    let mut commands: Vec<String> = Vec::new();
    for first in firsts {
        let hides = slot != first.slot && slot != Slot::Shared;
        let hidden_by = hides.then(|| format!("git rm {}", path(slot)));
        let is_lost = form.shape.part(first.slot) != Part::File(first.id);
        let fetched = is_lost.then(|| {
            let at = line.commit(first.at).map(|id| id.short()).unwrap_or_default();
            format!("git checkout {at} -- {}", path(first.slot))
        });
        let new: Vec<_> = hidden_by.into_iter().chain(fetched).filter(|command| !commands.contains(command)).collect();
        commands.extend(new);
    }
    format!("`{}` brings the first bundle back", commands.join(" && "))
}

fn removed(subject: &Subject<'_>, slot: Slot, platforms: &str, restore: String) -> Problem {
    let message = format!(
        "the bundle of {} for {platforms} was taken away; what devices know by that name goes on being served",
        subject.version
    );
    let help = format!("{restore}; to take a release back, use `platforms` or `yanked` in its release.toml");
    subject.of_file(slot.file_name(), Problem::error("bundle-removed", message, help))
}

fn changed(subject: &Subject<'_>, slot: Slot, platforms: &str, restore: String) -> Problem {
    let message = format!(
        "this is not the bundle that {} had first; devices keep bundles by version, so {platforms} go on getting the first",
        subject.version
    );
    let help = format!("{restore}; give the new bundle a version of its own");
    subject.of_file(slot.file_name(), Problem::error("bundle-changed", message, help))
}
