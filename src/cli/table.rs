//! The table of a repository as a command sees it: what a daemon learned is used, and nothing is kept.

use std::sync::Arc;

use super::failure::Failure;
use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::bundle::Limits;
use crate::repository::id::ObjectId;
use crate::repository::reader::{Reader, Tagged};
use crate::repository::refs::Refs;
use crate::repository::shelf::Shelf;
use crate::settings::Settings;
use crate::store::Store;

/// A builder that knows what a daemon learned. `tagged` is what tags named whose objects may be gone.
pub fn builder(settings: &Settings, tagged: &[(ObjectId, Tagged)]) -> Builder {
    let shelf = Shelf::looking(Some(Arc::new(Store::read_only(&settings.data))));
    let mut builder = Builder::new(limits(settings), shelf);
    builder.know_tagged(tagged.iter().copied());
    builder
}

/// Why there is no table.
pub fn failed(error: BuildError) -> Failure {
    Failure::environment(error.to_string())
}

/// Builds the table of these refs. Also returns the builder, which knows what it was built from.
pub fn build(
    reader: &Reader,
    settings: &Settings,
    refs: &Refs,
    tagged: &[(ObjectId, Tagged)],
) -> Result<(Builder, Build), Failure> {
    let mut builder = builder(settings, tagged);
    let build = builder.build(reader, refs).map_err(failed)?;
    Ok((builder, build))
}

/// How large a zip may be.
pub fn limits(settings: &Settings) -> Limits {
    let Settings { max_bundle, max_entries, max_unpacked, .. } = *settings;
    Limits { max_bundle, max_entries, max_unpacked }
}
