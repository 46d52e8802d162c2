//! Release tags: `name` takes their names apart, `object` reads annotated ones, `resolve` finds out what each does, and
//! `faults` has the words for those that do nothing.

pub(super) mod faults;
mod name;
mod object;
mod read;
mod resolve;
mod short;

pub use name::TagName;
pub(super) use object::{TagObject, author};
pub use read::ReadTag;
pub(super) use read::{ReadTags, Subject};
pub(super) use resolve::{Reading, Tags, version_tree};
pub use short::ShortTags;
