//! The zips: a mapped file of the store, or the part of it that a range asks for.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderValue, USER_AGENT};
use hyper::{Method, StatusCode};
use tracing::error;

use super::answer::{self, Answer};
use super::bundle_name::BundleName;
use super::condition::{self, Verdict};
use super::live::State;
use super::range::{self, Span};

/// Answers `GET` and `HEAD` of a bundle.
pub fn get(state: &State, name: &BundleName<'_>, method: &Method, headers: &HeaderMap) -> Answer {
    let is_named = {
        let live = state.live();
        if live.table.is_none() {
            return not_ready();
        }
        live.names(name, state.now())
    };
    if !is_named {
        return answer::not_found("no release of this server has that bundle");
    }
    match state.store().map(&name.sha256) {
        Ok(Some(bytes)) => send(&bytes, name.hex, method, headers),
        Ok(None) => lost(name, "the file is not in the store; it is read from the repository again within one poll"),
        Err(e) => lost(name, &e.to_string()),
    }
}

/// A device that comes while a daemon starts must come again, where a 404 would tell it to give up.
fn not_ready() -> Answer {
    answer::error(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "no release table is loaded yet; try again in a moment")
}

fn lost(name: &BundleName<'_>, why: &str) -> Answer {
    error!(app = name.app, version = &*name.version, sha256 = name.hex, why, "a bundle of the table cannot be read");
    let message = "this bundle cannot be read at the moment; the log of the server says why";
    answer::error(StatusCode::INTERNAL_SERVER_ERROR, "unreadable_bundle", message)
}

/// Answers with these bytes, by what the request's headers ask of them. `hex` is their hash.
fn send(bytes: &Bytes, hex: &str, method: &Method, headers: &HeaderMap) -> Answer {
    let (Ok(etag), length) = (HeaderValue::from_bytes(&[b"\"", hex.as_bytes(), b"\""].concat()), bytes.len()) else {
        return answer::not_found("the hash in that path is not one");
    };
    let span = match condition::weigh(headers, hex) {
        Verdict::Failed => {
            return answer::error(StatusCode::PRECONDITION_FAILED, "precondition_failed", "the file has another tag");
        }
        Verdict::NotModified => return answer::artefact(StatusCode::NOT_MODIFIED, etag, None, Bytes::new()),
        Verdict::Send if method == Method::GET => range::requested(headers, length),
        Verdict::Send | Verdict::SendWhole => Span::Whole,
    };
    match span {
        Span::Whole => answer::artefact(StatusCode::OK, etag, None, bytes.clone()),
        Span::Part { start, end } => {
            let range = content_range(&format!("{start}-{}", end - 1), length);
            answer::artefact(StatusCode::PARTIAL_CONTENT, etag, range, bytes.slice(start..end))
        }
        Span::PastTheEnd => past_the_end(headers, etag, length),
    }
}

/// A device that resumes a download which is complete asks for what comes after the end. Plugins on iOS that share the
/// partial file take 416 for a failure and try for ever, but an empty 206 for the end; newer ones on Android loop on that
/// 206 and want 416.
fn past_the_end(headers: &HeaderMap, etag: HeaderValue, length: usize) -> Answer {
    let range = content_range("*", length);
    match range {
        Some(range) if !is_ios(headers) => answer::past_the_end(range),
        range => answer::artefact(StatusCode::PARTIAL_CONTENT, etag, range, Bytes::new()),
    }
}

fn is_ios(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
    [&b" ios/"[..], b"iOS "].iter().any(|mark| agent.windows(mark.len()).any(|w| w == *mark))
}

fn content_range(range: &str, length: usize) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("bytes {range}/{length}")).ok()
}

#[cfg(test)]
mod tests {
    use hyper::body::Body as _;
    use hyper::header::{
        ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE,
    };
    use proptest::prelude::*;

    use super::*;

    const HEX: &str = "00ff";

    fn sent(method: &Method, fields: &[(HeaderName, &[u8])]) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        send(&Bytes::from_static(b"0123456789"), HEX, method, &headers)
    }

    fn size(answer: &Answer) -> Option<u64> {
        answer.body().size_hint().exact()
    }

    #[test]
    fn a_part_says_where_it_lies() {
        let answer = sent(&Method::GET, &[(RANGE, b"bytes=7-")]);
        assert_eq!((answer.status().as_u16(), size(&answer)), (206, Some(3)));
        assert_eq!(answer.headers()[CONTENT_RANGE], "bytes 7-9/10");
        assert_eq!(answer.headers()[ETAG], "\"00ff\"");
        assert_eq!(answer.headers()[ACCEPT_RANGES], "bytes");
    }

    #[test]
    fn past_the_end_there_are_two_ways() {
        for agent in
            [&b"CapacitorUpdater/7.1.0 ios/17.0"[..], b"App/1 (com.example; build:1; iOS 16.4.1)", b"\xff iOS "]
        {
            let answer = sent(&Method::GET, &[(RANGE, b"bytes=10-"), (USER_AGENT, agent)]);
            assert_eq!((answer.status().as_u16(), size(&answer)), (206, Some(0)));
            assert_eq!(answer.headers()[CONTENT_RANGE], "bytes */10");
        }
        for agent in [&b"Dalvik/2.1.0"[..], b"", b"ios/17", b"IOS 17"] {
            let answer = sent(&Method::GET, &[(RANGE, b"bytes=10-"), (USER_AGENT, agent)]);
            assert_eq!(answer.status(), StatusCode::RANGE_NOT_SATISFIABLE);
            assert_eq!(answer.headers()[CONTENT_RANGE], "bytes */10");
        }
    }

    #[test]
    fn head_knows_no_ranges() {
        let answer = sent(&Method::HEAD, &[(RANGE, b"bytes=7-")]);
        assert_eq!((answer.status().as_u16(), size(&answer)), (200, Some(10)));
    }

    #[test]
    fn a_range_of_other_bytes_is_answered_with_all() {
        let answer = sent(&Method::GET, &[(RANGE, b"bytes=7-"), (IF_RANGE, b"\"other\"")]);
        assert_eq!((answer.status().as_u16(), size(&answer)), (200, Some(10)));
        let answer = sent(&Method::GET, &[(RANGE, b"bytes=7-"), (IF_RANGE, b"\"00ff\"")]);
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
    }

    proptest! {
        #[test]
        fn any_headers_get_a_consistent_answer(
            range in "(bytes=)?[0-9]{0,20}-[0-9]{0,20}|\\PC{0,20}",
            if_range in prop::option::of("(\"00ff\"|\\PC{0,20})"),
            if_none_match in prop::option::of("(\"(00f)?\"|\\PC{0,20})"),
            if_match in prop::option::of("(\"00ff\"|\\PC{0,20})"),
            head: bool,
        ) {
            let method = if head { Method::HEAD } else { Method::GET };
            let mut fields = vec![(RANGE, range.as_bytes())];
            for (name, value) in [(IF_RANGE, &if_range), (IF_NONE_MATCH, &if_none_match), (IF_MATCH, &if_match)] {
                fields.extend(value.as_ref().map(|value| (name, value.as_bytes())));
            }
            fields.retain(|(_, value)| HeaderValue::from_bytes(value).is_ok());
            let answer = sent(&method, &fields);
            prop_assert!(!answer.headers().contains_key(CONTENT_ENCODING));
            match answer.status().as_u16() {
                200 => prop_assert_eq!(size(&answer), Some(10)),
                206 => {
                    let text = answer.headers()[CONTENT_RANGE].to_str().unwrap();
                    let (first, last) = text["bytes ".len()..].strip_suffix("/10").unwrap().split_once('-').unwrap();
                    let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
                    prop_assert!(first <= last && last < 10);
                    prop_assert_eq!(size(&answer), Some(last - first + 1));
                }
                304 => prop_assert_eq!(size(&answer), Some(0)),
                412 => prop_assert!(if_match.is_some()),
                status => prop_assert_eq!(status, 416),
            }
        }
    }
}
