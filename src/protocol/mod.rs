//! What each version of the plugin says, and what it must be told. Knows no HTTP types.
//!
//! A request of any era becomes a [`check::Check`]; [`client::Client`] is the table of quirks that its plugin version has;
//! [`answer::answer`] asks the core and writes the very bytes that this client understands. The invariant: whatever comes
//! in, an answer to a check is one JSON object with no null in it, and holds either an update or a reason, never both.

pub mod answer;
pub mod check;
pub mod client;
mod json;
pub mod legacy;
mod lenient;
pub mod refusal;
pub mod stats;

/// Why a body cannot be a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not JSON.
    NotJson,
    /// It is JSON, but not an object.
    NotAnObject,
    /// It lacks a string `app_id`.
    NoAppId,
    /// It lacks a string `device_id`.
    NoDeviceId,
}

impl Unreadable {
    /// The code on the wire, in the vendor's own words.
    pub const fn code(self) -> &'static str {
        match self {
            Unreadable::NotJson => "invalid_json_parse_body",
            Unreadable::NotAnObject => "invalid_json_body",
            Unreadable::NoAppId => "missing_app_id",
            Unreadable::NoDeviceId => "missing_device_id",
        }
    }

    /// A sentence for whoever reads the answer.
    pub const fn message(self) -> &'static str {
        match self {
            Unreadable::NotJson => "the body is not valid JSON",
            Unreadable::NotAnObject => "the body must be a JSON object",
            Unreadable::NoAppId => "the body has no app_id, or it is not a string",
            Unreadable::NoDeviceId => "the body has no device_id, or it is not a string",
        }
    }
}
