//! The operator's listener: what is published, for who runs it.
//!
//! [`door`] says who may enter, [`route`] is one match of path and method. What is answered is a
//! [`Report`](super::live::Report), made by whoever publishes and published with the table itself: this room knows the
//! questions, and nothing of a repository.
//!
//! The invariant: nothing that is asked here opens or widens anything, and no web page that somebody looks at can ask.

pub mod door;
mod explain;
pub mod route;

use std::fmt;

pub use door::Door;

/// What somebody says of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// It will change these refs, which name that now.
    Coming,
    /// It is in whole, and these refs name that.
    In,
}

/// Takes what somebody said of a push, in lines `<object> <full name of a ref>`.
pub type Hear = dyn Fn(Of, &[u8]) + Send + Sync;

/// What the operator's listener needs beside what all share.
pub struct Operator {
    /// Who may enter.
    pub door: Door,
    /// Called when somebody speaks of a push.
    pub hear: Box<Hear>,
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator").field("door", &self.door).finish_non_exhaustive()
    }
}
