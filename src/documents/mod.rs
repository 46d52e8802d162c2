//! Documents that programs read: the JSON of a command, and the very same of the daemon's operator listener.
//!
//! A document is made of what the core found and of the repository's own problems and places. It knows neither HTTP nor
//! flags, so that both sides say the same in the same words.

pub mod at;
pub mod explain;
pub mod problem;
pub mod status;
pub mod time;
mod unlisted;
