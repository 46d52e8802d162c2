//! Reads what a team wrote: `releases.toml`, app by app, and a release's `release.toml`.
//!
//! Text goes in; values of [`policy`](crate::release::policy) and problems with their places come out:
//! [`SettingsFile`] with its [`AppPart`]s, and [`ReleaseFile`]. Every fault of a file is found in one reading.
//!
//! The invariant: a value is there exactly where its part of the text has no error. What is only a warning breaks
//! nothing, and no key is passed over in silence. Equal meaning gives equal values, however the text is laid out.

mod app;
mod app_part;
mod channel;
mod faults;
mod fields;
mod key_line;
mod leaf;
mod name;
mod overrides;
mod place;
mod release;
mod rollout;
mod settings;
mod unquoted;

#[cfg(test)]
mod tests;

pub use app_part::{AppPart, AppPlaces};
pub use key_line::{KeyLines, Way, line_of};
pub use place::nearest;
pub use release::{Mentions, ReleaseFile, read_release};
pub use settings::{SettingsFile, read_settings};
