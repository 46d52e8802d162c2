//! The update check: read the body, then look once at what is published, decide, write.

use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;

use super::answer::{self, Answer};
use super::connection::Connection;
use super::intake;
use crate::protocol::{self, check::Check};

/// Bytes that a check may have. Real ones have less than one thousand.
const LIMIT: usize = 64 * 1024;

/// The check of plugins from 4.0.1 on. A slow body comes first, so that its answer is from the newest table.
pub(super) async fn post(connection: &Connection, head: &Parts, host: Option<&str>, body: Incoming) -> Answer {
    let body = match intake::read(body, LIMIT, connection.limits.body_read, &connection.reads_body).await {
        Ok(body) => body,
        Err(refused) => return refused.answer(),
    };
    match protocol::check::read(&body) {
        Ok(check) => decide(connection, head, host, &check),
        Err(unreadable) => answer::bad_request(unreadable),
    }
}

/// The check of plugins 3.x, which is in the headers; a GET without them is a person or a probe.
pub(super) fn get(connection: &Connection, head: &Parts, host: Option<&str>) -> Answer {
    let header = |name: &str| head.headers.get(name).map(HeaderValue::as_bytes);
    match protocol::legacy::read(header) {
        Some(check) => decide(connection, head, host, &check),
        None => answer::ok(),
    }
}

fn decide(connection: &Connection, head: &Parts, host: Option<&str>, check: &Check<'_>) -> Answer {
    let state = &*connection.state;
    let base = match state.urls().base(host, &head.headers, connection.peer) {
        Ok(base) => base,
        Err(bad) => return bad.answer(),
    };
    let live = state.live();
    let body = protocol::answer::answer(live.table.as_deref(), check, &base, state.now());
    answer::check(live.check_headers(), body)
}
