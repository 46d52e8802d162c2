//! The operator's listener: what is published, for who runs it.
//!
//! [`door`] says who may enter, [`route`] is one match of path and method. What is answered is a [`Report`], made by whoever
//! publishes and published with the table itself: this room knows the questions, and nothing of a repository.
//!
//! The invariant: nothing that is asked here opens or widens anything, and no web page that somebody looks at can ask.

pub mod door;
mod explain;
pub mod route;

use std::fmt;

pub use door::Door;

use super::live::Live;
use crate::protocol::check::Check;
use crate::release::table::Table;
use crate::release::time::Timestamp;

/// What can be told of what is published, each as a JSON document. Slow: not for a thread that serves others.
pub trait Report: fmt::Debug + Send + Sync {
    /// Everything that is served, at a time.
    fn table(&self, live: &Live, now: Timestamp) -> Vec<u8>;

    /// One app of it; `None`: there is no such app.
    fn app(&self, live: &Live, id: &str, now: Timestamp) -> Option<Vec<u8>>;

    /// What is wrong with the repository.
    fn problems(&self, live: &Live) -> Vec<u8>;

    /// Why a device of the table gets what it gets, at a time.
    ///
    /// # Errors
    /// The repository cannot be read; says why.
    fn explain(&self, table: &Table, check: &Check<'_>, now: Timestamp) -> Result<Vec<u8>, String>;
}

/// Takes what somebody said of a push.
pub type Hear = dyn Fn(&[u8]) + Send + Sync;

/// What the operator's listener needs beside what all share.
pub struct Operator {
    /// Who may enter.
    pub door: Door,
    /// Called when somebody says that something was pushed, with what else was said.
    pub pushed: Box<Hear>,
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator").field("door", &self.door).finish_non_exhaustive()
    }
}
