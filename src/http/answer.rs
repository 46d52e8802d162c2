//! Every answer is made here, so that no handler can forget a header.
//!
//! JSON is never cached and never empty: plugins' HTTP stacks cache by URL alone, and take an empty body for a failure.

use std::sync::LazyLock;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::protocol::Unreadable;

/// What goes back to a client.
pub type Answer = Response<Full<Bytes>>;

/// The commit that a check's table was built from.
pub const RELEASE_COMMIT: HeaderName = HeaderName::from_static("x-release-commit");
/// A digest of that table.
pub const RELEASE_TABLE: HeaderName = HeaderName::from_static("x-release-table");

/// The headers of a check's answer, made once per table and copied per request.
pub type CheckHeaders = Vec<(HeaderName, HeaderValue)>;

/// Those of a table: the commit that it was built from, and its digest.
pub fn check_headers(release: Option<(&str, &str)>) -> CheckHeaders {
    let value = |text| HeaderValue::from_str(text).ok();
    let release =
        release.and_then(|(commit, table)| Some([(RELEASE_COMMIT, value(commit)?), (RELEASE_TABLE, value(table)?)]));
    let always = JSON_HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    always.into_iter().chain(release.into_iter().flatten()).collect()
}

/// Headers that there is room for on a connection from one request to the next. What an odd request needed is not kept.
const KEPT_ROOM: usize = 24;

/// The answer to a check: always 200, whatever it says. `room` is that of the request's headers: hyper keeps it for the next
/// request on the connection, so that no request makes its own.
pub fn check(headers: &CheckHeaders, mut room: HeaderMap, body: Vec<u8>) -> Answer {
    if room.capacity() > KEPT_ROOM {
        room = HeaderMap::new();
    }
    room.clear();
    room.extend(headers.iter().cloned());
    with(StatusCode::OK, room, body.into())
}

/// `{"status":"ok"}`.
pub fn ok() -> Answer {
    with(StatusCode::OK, json_headers(), Bytes::from_static(br#"{"status":"ok"}"#))
}

/// Any JSON.
pub fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    // Our own structs of strings and numbers always have a JSON form.
    let body = serde_json::to_vec(body).unwrap_or_else(|_| b"{}".to_vec());
    json_bytes(status, body.into())
}

/// JSON that is written already.
pub fn json_bytes(status: StatusCode, body: Bytes) -> Answer {
    with(status, json_headers(), body)
}

/// A refusal: a code for programs, a sentence for people.
pub fn error(status: StatusCode, error: &str, message: &str) -> Answer {
    #[derive(Serialize)]
    struct Error<'a> {
        error: &'a str,
        message: &'a str,
    }
    json(status, &Error { error, message })
}

/// What cannot be read is the only thing that a check is refused for with another status than 200.
pub fn bad_request(unreadable: Unreadable) -> Answer {
    error(StatusCode::BAD_REQUEST, unreadable.code(), unreadable.message())
}

/// There is nothing at that path.
pub fn not_found(message: &str) -> Answer {
    error(StatusCode::NOT_FOUND, "not_found", message)
}

/// The path has other methods than that one.
pub fn method_not_allowed(allow: &'static str) -> Answer {
    let message = format!("this path takes {allow}");
    let mut answer = error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", &message);
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    answer
}

/// What a browser asks before it sends: everything may be sent, from anywhere, for nothing here goes by cookies.
pub fn preflight(allow: &'static str) -> Answer {
    let headers = [
        (header::ALLOW, allow),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, allow),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    with(StatusCode::NO_CONTENT, fixed(headers), Bytes::new())
}

/// An artefact or a part of it, or, with 304 and no bytes, neither. `etag` is the tag in its quotes.
pub fn artefact(status: StatusCode, etag: HeaderValue, range: Option<HeaderValue>, body: Bytes) -> Answer {
    // copied, which costs less than to make them
    static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
        fixed([
            (header::CONTENT_TYPE, "application/zip"),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable, no-transform"),
            (header::ACCEPT_RANGES, "bytes"),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            // in place of the one that follows
            (header::ETAG, ""),
        ])
    });
    let mut headers = HEADERS.clone();
    headers.insert(header::ETAG, etag);
    headers.extend(range.map(|range| (header::CONTENT_RANGE, range)));
    with(status, headers, body)
}

/// The range lies past the end of a file.
pub fn past_the_end(range: HeaderValue) -> Answer {
    let message = "the range starts past the end of the file";
    let mut answer = error(StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", message);
    answer.headers_mut().insert(header::CONTENT_RANGE, range);
    answer
}

const JSON_HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "application/json"),
    (header::CACHE_CONTROL, "no-store"),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
];

fn json_headers() -> HeaderMap {
    fixed(JSON_HEADERS)
}

fn fixed<const N: usize>(headers: [(HeaderName, &'static str); N]) -> HeaderMap {
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

fn with(status: StatusCode, headers: HeaderMap, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_usual_request_is_kept_and_that_of_an_odd_one_is_not() {
        let headers = check_headers(Some(("c0ffee", "f00d")));
        for (lines, is_kept) in [(0, false), (6, true), (20, true), (100, false)] {
            let mut room = HeaderMap::with_capacity(lines);
            room.extend((lines > 0).then(|| (header::COOKIE, HeaderValue::from_static("a=b"))));
            let capacity = room.capacity();
            let answer = check(&headers, room, Vec::new());
            assert_eq!(answer.headers().capacity() == capacity, is_kept, "{lines}");
            let names: Vec<&str> = answer.headers().keys().map(HeaderName::as_str).collect();
            let expected =
                ["content-type", "cache-control", "access-control-allow-origin", "x-release-commit", "x-release-table"];
            assert_eq!(names, expected, "nothing of the request's is left");
        }
    }
}
