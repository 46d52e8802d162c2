//! A release that is about to be made, judged as it will be once it is committed.

use std::sync::Arc;

use super::bundle::{self, Inspection, Limits, ZipFault};
use super::descriptor::{ReleaseFile, read_release};
use super::faults::{self, Subject};
use super::firsts::Firsts;
use super::forms::{Described, Form, Looked, Part, Shape, is_pointer};
use super::id::ObjectId;
use super::line::Line;
use super::names;
use super::problem::Problem;
use super::references;
use super::served::Places;
use super::shelf::Zip;
use crate::release::platform::{PerPlatform, Platform, PlatformSet};
use crate::release::policy::{AppPolicy, Descriptor};
use crate::release::table::Release;

pub use super::forms::{DESCRIPTOR, Slot};
pub use super::walk::SETTINGS;

/// What came of reading a descriptor.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What is wrong with it, by itself and with the app's settings.
    pub problems: Vec<Problem>,
    /// The platforms that get the release; all where the descriptor is broken.
    pub platforms: PlatformSet,
}

/// A file under the name of a bundle.
#[derive(Clone, Debug)]
pub enum Lying {
    /// A folder, a symlink or another thing that is no regular file.
    NoFile,
    /// A stand-in for a file that Git LFS keeps elsewhere.
    Pointer,
    /// A file that should be a zip.
    Zip(Inspection),
    /// One that is committed, and whose bytes are not here. It is taken for sound.
    Elsewhere,
}

impl Lying {
    /// A file of these bytes.
    pub fn of(bytes: &[u8], limits: &Limits) -> Lying {
        match is_pointer(bytes) {
            true => Lying::Pointer,
            false => Lying::Zip(bundle::inspect(bytes, limits)),
        }
    }

    fn looked(self) -> (Part, Looked) {
        // what its name in git would be is nothing to a judgement of the directory alone
        let id = ObjectId::new([0; 20]);
        match self {
            Lying::NoFile => (Part::NoFile, Looked::NoFile),
            Lying::Pointer => (Part::File(id), Looked::Pointer),
            Lying::Zip(inspection) => (Part::File(id), Looked::Zip(id, Arc::new(inspection.into()))),
            Lying::Elsewhere => (Part::File(id), Looked::Zip(id, Arc::new(Zip::assumed(0)))),
        }
    }
}

/// The errors of the bundle files of a release next to each other and to its descriptor, but for what is wrong with `made`
/// by itself: of that [`zip()`] tells. An empty text stands for a descriptor that is not there.
pub fn bundles(app: &str, version: &str, text: &Arc<str>, made: Slot, lying: Vec<(Slot, Lying)>) -> Vec<Problem> {
    let looked: Vec<_> = lying.into_iter().map(|(slot, lying)| (slot, lying.looked())).collect();
    let shape = Shape::with(Part::Absent, looked.iter().map(|(slot, (part, _))| (*slot, *part)));
    let looked = looked.into_iter().map(|(slot, (_, looked))| (slot, looked)).collect();
    let form = Form { shape, described: Described::by(read(app, version, text), Arc::clone(text)), looked };
    let mut problems = faults::bundles(&Subject { app, version }, &form, &Firsts::default(), &Line::default());
    let made = format!("{app}/{version}/{}", made.file_name());
    problems.retain(|problem| problem.is_error() && problem.file.as_ref().is_none_or(|file| *file != made));
    problems
}

fn read(app: &str, version: &str, text: &Arc<str>) -> ReleaseFile {
    match text.is_empty() {
        true => ReleaseFile { descriptor: Some(Descriptor::default()), ..ReleaseFile::default() },
        false => read_release(&format!("{app}/{version}/{DESCRIPTOR}"), text),
    }
}

/// Reads a descriptor, with the app's settings where they are known. An empty text stands for a file that is not there;
/// `ever_had` tells of a version whether it is or was there.
pub fn descriptor(
    app: &str,
    version: &str,
    text: &Arc<str>,
    policy: Option<&AppPolicy>,
    ever_had: &dyn Fn(&str) -> bool,
) -> Judged {
    let read = read(app, version, text);
    let mut judged = Judged { problems: read.problems, platforms: PlatformSet::ALL };
    let Some(descriptor) = read.descriptor else { return judged };
    judged.platforms = descriptor.platforms;
    if let (Some(policy), Some(number)) = (policy, names::version(version)) {
        let bundles = PerPlatform::default();
        let release = Release { name: version.into(), version: number, descriptor: Arc::new(descriptor), bundles };
        let places = Places { text: Arc::clone(text), mentions: read.mentions };
        judged
            .problems
            .extend(references::release(policy, &release, Some(&places), &|name| name == version || ever_had(name)));
    }
    judged
}

/// What is wrong with a zip for these platforms. Stricter than for a release that is there: what one of them cannot install
/// is an error, since it can still be mended. `place` says where an entry of the zip comes from.
pub fn zip(inspection: &Inspection, wanted: &[Platform], place: impl Fn(Option<&str>) -> String) -> Vec<Problem> {
    let stops = |fault: &ZipFault| wanted.iter().any(|platform| fault.refuses.contains(platform));
    let problem = |fault: &ZipFault| {
        let make = if stops(fault) { Problem::error } else { Problem::warning };
        make(fault.rule.code(), fault.message.clone(), fault.help.clone()).in_file(place(fault.entry.as_deref()))
    };
    let concerns = |fault: &ZipFault| wanted.iter().any(|platform| fault.rule.concerns().contains(platform));
    let told = inspection.faults.iter().filter(|fault| fault.refuses.is_empty() && concerns(fault) || stops(fault));
    told.map(problem).collect()
}
