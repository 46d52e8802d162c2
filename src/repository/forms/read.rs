//! Reading forms.

use std::sync::Arc;

use super::{DESCRIPTOR, Described, Looked, Part, Shape, Slot, no_file};
use crate::release::policy::Descriptor;
use crate::repository::build_error::BuildError;
use crate::repository::descriptor::read_release;
use crate::repository::id::ObjectId;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::shelf::Zips;
use crate::repository::text;

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
