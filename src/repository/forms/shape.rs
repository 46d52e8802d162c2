//! Which of the files that matter a version's directory has.

use crate::release::platform::{PerPlatform, Platform};
use crate::repository::id::ObjectId;
use crate::repository::tree::{self, Entry, Kind};

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
