//! A form: what a version's directory holds in one commit. Whether it is valid is a matter of the directory alone.

mod read;
mod shape;

use std::ops::Range;
use std::sync::Arc;

use super::descriptor::{Mentions, ReleaseFile};
use super::id::ObjectId;
use super::problem::Problem;
use super::shelf::Zip;
use crate::release::platform::Platform;
use crate::release::policy::Descriptor;
use crate::release::table::Bundle;

pub use read::{FormReader, is_pointer};
pub use shape::{DESCRIPTOR, Part, Shape, Slot};

/// What a form's `release.toml` says.
#[derive(Debug)]
pub struct Described {
    /// `None`: broken. An absent file is the default.
    pub descriptor: Option<Arc<Descriptor>>,
    /// What `bundle.zip` must hash to, and where that is written.
    pub sha256: Option<([u8; 32], Range<usize>)>,
    /// What it says that only the app's settings and the other releases can judge.
    pub mentions: Mentions,
    /// Whether it names platforms.
    pub names_platforms: bool,
    /// Its text; empty where there is none.
    pub text: Arc<str>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Described {
    /// What came of reading that text.
    pub fn by(read: ReleaseFile, text: Arc<str>) -> Described {
        Described {
            descriptor: read.descriptor.map(Arc::new),
            sha256: read.bundle_sha256,
            mentions: read.mentions,
            names_platforms: read.platforms_place.is_some(),
            text,
            problems: read.problems,
        }
    }

    fn broken(problem: Option<Problem>) -> Described {
        Described {
            descriptor: None,
            sha256: None,
            mentions: Mentions::default(),
            names_platforms: false,
            text: "".into(),
            problems: problem.into_iter().collect(),
        }
    }
}

/// What was found under the name of a bundle file.
#[derive(Clone, Debug)]
pub enum Looked {
    /// No regular file.
    NoFile,
    /// A stand-in for a file that Git LFS keeps elsewhere.
    Pointer,
    /// A file that should be a zip.
    Zip(ObjectId, Arc<Zip>),
}

/// A form with everything in it read.
#[derive(Debug)]
pub struct Form {
    /// Which files it has.
    pub shape: Shape,
    /// What its descriptor says.
    pub described: Described,
    /// What its bundle files are.
    pub looked: Vec<(Slot, Looked)>,
}

impl Form {
    /// Whether it can be a release by itself.
    pub fn is_valid(&self) -> bool {
        self.described.descriptor.is_some()
            && self.looked.iter().all(|(_, looked)| looked.has_clients())
            && !self.contradicts_sha256()
            && Platform::ALL.into_iter().any(|platform| self.bundle(platform).is_some())
    }

    /// The bundle of a platform, with its blob, where that platform's clients can install it.
    pub fn bundle(&self, platform: Platform) -> Option<(ObjectId, &Arc<Bundle>)> {
        match self.look(self.shape.slot(platform))? {
            Looked::Zip(id, zip) if zip.installable.contains(platform) => Some((*id, &zip.bundle)),
            _ => None,
        }
    }

    /// What was found under that name.
    pub fn look(&self, slot: Slot) -> Option<&Looked> {
        self.looked.iter().find(|(one, _)| *one == slot).map(|(_, looked)| looked)
    }

    /// Whether the descriptor names another hash than that of `bundle.zip`.
    pub fn contradicts_sha256(&self) -> bool {
        let Some((declared, _)) = self.described.sha256.as_ref() else { return false };
        let zip = self.look(Slot::Shared).and_then(Looked::zip);
        zip.is_none_or(|zip| zip.sha256().is_some_and(|actual| actual != *declared))
    }
}

impl Looked {
    /// Whether anyone can install it.
    pub fn has_clients(&self) -> bool {
        self.zip().is_some_and(Zip::has_clients)
    }

    fn zip(&self) -> Option<&Zip> {
        match self {
            Looked::Zip(_, zip) => Some(zip),
            Looked::NoFile | Looked::Pointer => None,
        }
    }
}

/// A name that stands for something else than a regular file.
pub fn no_file(name: &str) -> Problem {
    let message = format!("`{name}` is a directory, a symlink or a submodule, which nobody follows");
    Problem::error("no-file", message, format!("commit `{name}` itself as a regular file"))
}
