//! Every answer is made here, so that no handler can forget a header.
//!
//! JSON is never cached and never empty: plugins' HTTP stacks cache by URL alone, and take an empty body for a failure.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::protocol::Unreadable;

/// What goes back to a client.
pub type Answer = Response<Body>;

/// The commit that a check's table was built from.
pub const RELEASE_COMMIT: HeaderName = HeaderName::from_static("x-release-commit");
/// A digest of that table.
pub const RELEASE_TABLE: HeaderName = HeaderName::from_static("x-release-table");

/// Bytes to send. Large ones go out in pieces, which are slices and no copies, and every few pieces the connection lets
/// others have its thread: a client that takes as fast as we send would keep it for all of a bundle.
#[derive(Debug, Default)]
pub struct Body {
    rest: Bytes,
    /// Pieces of this turn.
    sent: u8,
}

impl Body {
    /// Bytes at a time. Smaller pieces cost more calls of the system, larger ones were not seen to be faster.
    const PIECE: usize = 1024 * 1024;
    /// Pieces in one turn: about a millisecond of copying.
    const TURN: u8 = 4;
}

impl From<Bytes> for Body {
    fn from(rest: Bytes) -> Self {
        Body { rest, sent: 0 }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.sent == Body::TURN {
            self.sent = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.sent += 1;
        let size = self.rest.len().min(Body::PIECE);
        let piece = self.rest.split_to(size);
        Poll::Ready((size > 0).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

/// The headers of a check's answer, made once per table and copied per request.
pub fn check_headers(release: Option<(&str, &str)>) -> HeaderMap {
    let mut headers = json_headers();
    if let Some((commit, table)) = release {
        headers.extend(HeaderValue::from_str(commit).map(|v| (RELEASE_COMMIT, v)));
        headers.extend(HeaderValue::from_str(table).map(|v| (RELEASE_TABLE, v)));
    }
    headers
}

/// The answer to a check: always 200, whatever it says.
pub fn check(headers: &HeaderMap, body: Vec<u8>) -> Answer {
    with(StatusCode::OK, headers.clone(), body.into())
}

/// `{"status":"ok"}`.
pub fn ok() -> Answer {
    with(StatusCode::OK, json_headers(), Bytes::from_static(br#"{"status":"ok"}"#))
}

/// Any JSON.
pub fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    // Our own structs of strings and numbers always have a JSON form.
    let body = serde_json::to_vec(body).unwrap_or_else(|_| b"{}".to_vec());
    with(status, json_headers(), body.into())
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
    let mut headers = fixed([
        (header::CONTENT_TYPE, "application/zip"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable, no-transform"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ]);
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

fn json_headers() -> HeaderMap {
    fixed([
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ])
}

fn fixed<const N: usize>(headers: [(HeaderName, &'static str); N]) -> HeaderMap {
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

fn with(status: StatusCode, headers: HeaderMap, body: Bytes) -> Answer {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use hyper::body::Body as _;

    use super::*;

    #[tokio::test]
    async fn a_large_body_lets_others_have_a_turn_and_is_whole() {
        let bytes: Bytes = (0..10 * Body::PIECE + 7).map(|n| n as u8).collect();
        let mut body = Body::from(bytes.clone());
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut pieces = 0;
        while let Poll::Ready(Some(_)) = Pin::new(&mut body).poll_frame(&mut context) {
            pieces += 1;
        }
        assert_eq!(pieces, Body::TURN);
        assert_eq!(body.size_hint().exact(), Some((6 * Body::PIECE + 7) as u64));
        assert_eq!(Body::from(bytes.clone()).collect().await.unwrap().to_bytes(), bytes);
    }
}
