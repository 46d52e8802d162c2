//! THE CORE: which release a device gets.
//!
//! Pure: it knows no git, no HTTP, no file and no clock, and imports nothing of the other rooms. A [`table::Table`] is
//! built from values that the repository room read.

pub mod became;
pub mod changes;
pub mod channel;
mod choose;
pub mod decide;
pub mod device;
mod entry;
pub mod explain;
pub mod fits;
mod lanes;
pub mod late;
mod listings;
pub mod narrow;
pub mod native;
pub mod opening;
mod overrides;
pub mod plan;
pub mod platform;
pub mod policy;
pub mod position;
mod refusal;
pub mod requirement;
pub mod rollout;
pub mod side_by_side;
pub mod span;
pub mod status;
pub mod table;
pub mod tags;
pub mod time;
pub mod version;

#[cfg(test)]
mod tests;
