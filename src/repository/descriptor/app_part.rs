//! What comes of reading one app's part of `releases.toml`.

use std::ops::Range;

use crate::release::policy::AppPolicy;
use crate::repository::problem::Problem;

/// One app's part of `releases.toml`, after reading.
#[derive(Clone, Debug)]
pub struct AppPart {
    /// `None`: a rule inside the part is broken.
    pub policy: Option<AppPolicy>,
    /// What is wrong inside the part.
    pub problems: Vec<Problem>,
    /// Where things stand.
    pub places: AppPlaces,
}

/// Where things stand in the file that can only be checked against the releases, as bytes of the file.
#[derive(Clone, Debug)]
pub struct AppPlaces {
    /// The app's id.
    pub app: Range<usize>,
    /// Each pin to a version, with its channel.
    pub pins: Vec<(Box<str>, Range<usize>)>,
    /// The `version` or `channel` of each override, in the order of [`AppPolicy::overrides`].
    pub overrides: Vec<Range<usize>>,
}
