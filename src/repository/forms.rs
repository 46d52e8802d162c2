//! A form: what a version's directory holds in one commit. Whether it is valid is a matter of the directory alone.

use std::ops::Range;
use std::sync::Arc;

use super::build_error::BuildError;
use super::descriptor::{Mentions, ReleaseFile, read_release};
use super::id::ObjectId;
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::Objects;
use super::shelf::{Zip, Zips};
use super::text;
use super::tree::{self, Entry, Kind};
use crate::release::platform::{PerPlatform, Platform};
use crate::release::policy::Descriptor;
use crate::release::table::Bundle;

/// The name of the descriptor.
pub const DESCRIPTOR: &str = "release.toml";

/// Which bundle file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// `bundle.zip`, for the platforms that have none of their own.
    Shared,
    /// `bundle.<platform>.zip`
    Own(Platform),
}

impl Slot {
    /// Every one.
    pub const ALL: [Slot; 4] =
        [Slot::Shared, Slot::Own(Platform::Ios), Slot::Own(Platform::Android), Slot::Own(Platform::Electron)];

    /// The name of the file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Slot::Shared => "bundle.zip",
            Slot::Own(Platform::Ios) => "bundle.ios.zip",
            Slot::Own(Platform::Android) => "bundle.android.zip",
            Slot::Own(Platform::Electron) => "bundle.electron.zip",
        }
    }
}

/// What stands under a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Nothing.
    #[default]
    Absent,
    /// A regular file.
    File(ObjectId),
    /// A directory, a symlink or a submodule.
    NoFile,
}

impl Part {
    fn of(entry: &Entry<'_>) -> Part {
        match entry.kind {
            Kind::File => Part::File(entry.id),
            Kind::Directory | Kind::Other => Part::NoFile,
        }
    }
}

/// Which of the files that matter a directory has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// `release.toml`
    pub descriptor: Part,
    shared: Part,
    own: PerPlatform<Part>,
}

impl Shape {
    /// The shape of a stored tree.
    pub fn of(stored: &[u8]) -> Shape {
        let mut shape = Shape::default();
        for entry in tree::entries(stored) {
            let slot = Slot::ALL.into_iter().find(|slot| slot.file_name().as_bytes() == entry.name);
            match slot {
                Some(slot) => *shape.part_mut(slot) = Part::of(&entry),
                None if entry.name == DESCRIPTOR.as_bytes() => shape.descriptor = Part::of(&entry),
                None => {}
            }
        }
        shape
    }

    /// The shape of a directory that git does not hold yet.
    pub fn with(descriptor: Part, bundles: impl IntoIterator<Item = (Slot, Part)>) -> Shape {
        let mut shape = Shape { descriptor, ..Shape::default() };
        bundles.into_iter().for_each(|(slot, part)| *shape.part_mut(slot) = part);
        shape
    }

    fn part_mut(&mut self, slot: Slot) -> &mut Part {
        match slot {
            Slot::Shared => &mut self.shared,
            Slot::Own(platform) => self.own.get_mut(platform),
        }
    }

    /// What stands under the name of that bundle file.
    pub fn part(&self, slot: Slot) -> Part {
        match slot {
            Slot::Shared => self.shared,
            Slot::Own(platform) => *self.own.get(platform),
        }
    }

    /// Whether anything stands under that name.
    pub fn has(&self, slot: Slot) -> bool {
        self.part(slot) != Part::Absent
    }

    /// Which file is the bundle of a platform. There may be none of that name.
    pub fn slot(&self, platform: Platform) -> Slot {
        match self.own.get(platform) {
            Part::Absent => Slot::Shared,
            Part::File(_) | Part::NoFile => Slot::Own(platform),
        }
    }

    /// Whether that file is the bundle of any platform.
    pub fn serves_any(&self, slot: Slot) -> bool {
        Platform::ALL.into_iter().any(|platform| self.slot(platform) == slot)
    }

    /// The bundle files that are there.
    pub fn present(&self) -> impl Iterator<Item = (Slot, Part)> {
        Slot::ALL.into_iter().map(|slot| (slot, self.part(slot))).filter(|(_, part)| *part != Part::Absent)
    }

    /// Whether it holds anything that a release has.
    pub fn is_release(&self) -> bool {
        self.descriptor != Part::Absent || self.present().next().is_some()
    }
}

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

/// Reads forms.
pub struct FormReader<'b> {
    /// The repository's objects.
    pub objects: &'b Objects<'b>,
    /// What is known of zips.
    pub zips: &'b mut Zips,
    /// What an absent descriptor says, once for all.
    pub default: &'b Arc<Descriptor>,
    /// How many descriptors were parsed.
    pub descriptors: usize,
}

impl FormReader<'_> {
    /// Which files a directory has.
    pub fn shape(&self, tree: ObjectId) -> Result<Shape, ReadError> {
        Ok(Shape::of(self.objects.read(tree)?.bytes()))
    }

    /// Reads the descriptor of the directory at `path`.
    pub fn describe(&mut self, shape: &Shape, path: &str) -> Result<Described, ReadError> {
        let file = format!("{path}/{DESCRIPTOR}");
        match shape.descriptor {
            Part::Absent => Ok(self.default()),
            // likewise of one that was committed, and that a partial clone left out: it is taken for sound
            Part::File(id) if self.objects.lacks(id) => Ok(self.default()),
            Part::NoFile => Ok(Described::broken(Some(no_file(DESCRIPTOR).in_file(file)))),
            Part::File(id) => self.parse(id, &file),
        }
    }

    fn default(&self) -> Described {
        Described { descriptor: Some(Arc::clone(self.default)), ..Described::broken(None) }
    }

    fn parse(&mut self, id: ObjectId, file: &str) -> Result<Described, ReadError> {
        self.descriptors += 1;
        let text = match text::read(self.objects, id, file)? {
            Ok(text) => text,
            Err(problem) => return Ok(Described::broken(Some(problem))),
        };
        Ok(Described::by(read_release(file, &text), text))
    }

    /// Looks at every bundle file of a form.
    pub fn look(&mut self, shape: &Shape) -> Result<Vec<(Slot, Looked)>, BuildError> {
        shape.present().map(|(slot, part)| Ok((slot, self.look_at(part)?))).collect()
    }

    /// The same of those zips alone that are known already, and of stand-ins for zips.
    pub fn look_without_reading(
        &mut self,
        shape: &Shape,
        is_known: &dyn Fn(ObjectId) -> bool,
    ) -> Result<Vec<(Slot, Looked)>, BuildError> {
        let mut looked = Vec::new();
        for (slot, part) in shape.present() {
            let Part::File(id) = part else { continue };
            if is_known(id) || self.is_pointer(id)? {
                looked.push((slot, self.look_at(part)?));
            }
        }
        Ok(looked)
    }

    /// What stands under a name.
    pub fn look_at(&mut self, part: Part) -> Result<Looked, BuildError> {
        let Part::File(id) = part else { return Ok(Looked::NoFile) };
        if self.is_pointer(id)? {
            return Ok(Looked::Pointer);
        }
        Ok(Looked::Zip(id, self.zips.inspect(self.objects, id)?))
    }

    fn is_pointer(&self, id: ObjectId) -> Result<bool, ReadError> {
        Ok(!self.objects.lacks(id)
            && self.objects.size(id)? < LONGEST_POINTER
            && is_pointer(self.objects.read(id)?.bytes()))
    }
}

/// A pointer is shorter than this by the rules of Git LFS, and no zip with an `index.html` starts like one.
const LONGEST_POINTER: u64 = 1024;

/// Whether these are the bytes of a stand-in that Git LFS puts in the place of a file.
pub fn is_pointer(bytes: &[u8]) -> bool {
    (bytes.len() as u64) < LONGEST_POINTER && bytes.starts_with(b"version https://git-lfs.github.com/spec/")
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

/// A name that stands for something else than a regular file.
pub fn no_file(name: &str) -> Problem {
    let message = format!("`{name}` is a directory, a symlink or a submodule, which nobody follows");
    Problem::error("no-file", message, format!("commit `{name}` itself as a regular file"))
}
