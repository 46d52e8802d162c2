//! A release that is about to be made, judged as it will be once it is committed.

use std::sync::Arc;

use super::bundle::{Inspection, ZipFault};
use super::descriptor::{ReleaseFile, read_release};
use super::names;
use super::problem::Problem;
use super::references;
use super::served::Places;
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

/// Reads a descriptor, with the app's settings where they are known. An empty text stands for a file that is not there.
pub fn descriptor(app: &str, version: &str, text: &Arc<str>, policy: Option<&AppPolicy>) -> Judged {
    let read = match text.is_empty() {
        true => ReleaseFile { descriptor: Some(Descriptor::default()), ..ReleaseFile::default() },
        false => read_release(&format!("{app}/{version}/{DESCRIPTOR}"), text),
    };
    let mut judged = Judged { problems: read.problems, platforms: PlatformSet::ALL };
    let Some(descriptor) = read.descriptor else { return judged };
    judged.platforms = descriptor.platforms;
    if let (Some(policy), Some(number)) = (policy, names::version(version)) {
        let bundles = PerPlatform::default();
        let release = Release { name: version.into(), version: number, descriptor: Arc::new(descriptor), bundles };
        let places = Places { text: Arc::clone(text), channels: read.channels, rollout: read.rollout_place };
        judged.problems.extend(references::release(policy, &release, Some(&places)));
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
    let told = inspection.faults.iter().filter(|fault| fault.refuses.is_empty() || stops(fault));
    told.map(problem).collect()
}
