//! The update check: read the body, then look once at what is published, decide, write.

use std::sync::Arc;

use arc_swap::Guard;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::http::request::Parts;

use super::answer::{self, Answer};
use super::connection::Connection;
use super::intake;
use super::live::Live;
use crate::protocol::{self, check::Check};

/// Bytes that a check may have. Real ones have less than one thousand.
const LIMIT: usize = 64 * 1024;

/// The answer to a check but for its headers, and what it was decided by.
pub(super) struct Decided {
    body: Vec<u8>,
    live: Guard<Arc<Live>>,
}

impl Decided {
    /// The whole answer. `room` is what the headers of the request were in.
    pub fn answer(self, room: HeaderMap) -> Answer {
        answer::check(self.live.check_headers(), room, self.body)
    }
}

/// The check of plugins from 4.0.1 on. A slow body comes first, so that its answer is from the newest table.
///
/// # Errors
/// A refusal: it cannot be read, or no URL can be made for its host.
pub(super) async fn post(
    connection: &Connection,
    head: &Parts,
    host: Option<&str>,
    body: Incoming,
) -> Result<Decided, Box<Answer>> {
    let body = intake::read(body, LIMIT, connection.limits.body_read, &connection.reads_body).await;
    let body = body.map_err(|refused| Box::new(refused.answer()))?;
    let check = protocol::check::read(&body).map_err(|unreadable| Box::new(answer::bad_request(unreadable)))?;
    decide(connection, head, host, &check)
}

/// The check of plugins 3.x, which is in the headers.
///
/// # Errors
/// Another answer: there is no check in them, so that a person asks or a probe; or no URL can be made for its host.
pub(super) fn get(connection: &Connection, head: &Parts, host: Option<&str>) -> Result<Decided, Box<Answer>> {
    let header = |name: &str| head.headers.get(name).map(HeaderValue::as_bytes);
    let check = protocol::legacy::read(header).ok_or_else(|| Box::new(answer::ok()))?;
    decide(connection, head, host, &check)
}

fn decide(
    connection: &Connection,
    head: &Parts,
    host: Option<&str>,
    check: &Check<'_>,
) -> Result<Decided, Box<Answer>> {
    let state = &*connection.state;
    let base = state.urls().base(host, &head.headers, connection.peer).map_err(|bad| Box::new(bad.answer()))?;
    let live = state.live();
    let body = protocol::answer::answer(live.table.as_deref(), check, base, state.now());
    Ok(Decided { body, live })
}
