//! The listeners: one request in, one answer out.
//!
//! [`listen::serve`] accepts connections, each of them behind a [`guard`] that no slow client can hold open; [`route`] is
//! one match of path and method; [`check`], [`stats`] and [`artefact`] are the handlers, [`range`], [`condition`] and
//! [`origin`] the header logic that they share, free of IO; [`answer`] is the one place that writes headers. What requests
//! see of the repository is one [`live::Live`], swapped whole. That is the public listener; [`operator`] is the other one.
//!
//! The invariant: a request takes no lock and reads one published value, after its body is in and without waiting for
//! anything while it holds it. What a connection waits for beside its socket, its clock and the end of the server, is
//! `patient`: it costs a request a look.

pub mod answer;
pub mod artefact;
pub mod bundle_name;
pub mod check;
pub mod condition;
pub mod connection;
pub mod guard;
pub mod intake;
pub mod listen;
pub mod live;
pub mod operator;
pub mod origin;
mod patient;
pub mod range;
pub mod route;
pub mod stats;
mod stop;
#[cfg(test)]
mod tests;
