//! The releases of a large repository: each with native versions of its own, so that no two look alike to the table.

use super::repository::{NewRelease, zip};

/// The only one that the channel `solo` has, where there are so many.
const SOLO: usize = 5000;

/// So many of them, from the lowest to the highest.
pub fn releases(count: usize) -> impl Iterator<Item = NewRelease> {
    (0..count).map(|at| release_of(at, 0))
}

/// The one at that place, with a zip of about that many bytes. A native version `1.0.n` fits all up to place `n`.
pub fn release_of(at: usize, size: usize) -> NewRelease {
    let channels = if at == SOLO { r#""production", "solo""# } else { r#""production""# };
    NewRelease {
        version: version(at),
        descriptor: format!("native = \">=1.0.{at}\"\nchannels = [{channels}]\n"),
        zip: zip(at as u64, size),
    }
}

/// The version of the one at that place.
pub fn version(at: usize) -> String {
    format!("1.{}.0", at + 1)
}
