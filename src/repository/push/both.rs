//! The releases before and after a change, at the cost of what it changes.

use super::touched::Touched;
use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;

/// Two builds of one repository.
#[derive(Debug)]
pub struct Both {
    /// From the refs before.
    pub was: Build,
    /// From the refs after.
    pub is: Build,
    /// What differs between the two tips.
    pub(super) touched: Touched,
}

impl Both {
    /// Builds both with a new builder.
    ///
    /// Zips that the change leaves alone are not read where nothing is known of them: who has no daemon's knowledge would
    /// read them all, every time. They are taken for sound, as they were when they came in.
    ///
    /// # Errors
    /// Where the repository cannot be read.
    pub fn build(reader: &Reader, builder: &mut Builder, before: &Refs, after: &Refs) -> Result<Both, BuildError> {
        let touched = Touched::between(&reader.objects()?, before.branch, after.branch)?;
        builder.trust_zips();
        let was = builder.build(reader, before)?;
        builder.doubt_zips(touched.blobs().iter().copied());
        let is = builder.build(reader, after)?;
        Ok(Both { was, is, touched })
    }
}
