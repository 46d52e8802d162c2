//! From a git repository to a [`Table`](crate::release::table::Table) and a list of problems. Knows no HTTP.

pub mod build_error;
pub mod builder;
pub mod bundle;
mod catalog;
pub mod create;
pub mod descriptor;
pub mod draft;
pub mod earlier;
mod faults;
mod firsts;
mod forms;
mod history;
pub mod id;
pub mod journal;
pub mod line;
pub mod names;
mod notices;
pub mod places;
pub mod problem;
pub mod push;
pub mod read_error;
pub mod reader;
mod references;
pub mod refs;
mod served;
pub mod shelf;
pub mod shell_word;
mod standing;
mod strangers;
pub mod tag;
#[cfg(test)]
mod tests;
mod text;
mod tree;
pub mod unserved;
mod walk;
