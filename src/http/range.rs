//! Which bytes a `Range` header asks for. Pure.

use hyper::header::{HeaderMap, RANGE};

/// What is to be sent of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// All of it, with status 200: there is no range, or none that must be understood.
    Whole,
    /// The bytes from `start` up to `end`, which is not among them. Never empty, always within the file.
    Part {
        /// The first byte.
        start: usize,
        /// One past the last byte.
        end: usize,
    },
    /// The range lies past the end.
    PastTheEnd,
}

/// Reads the `Range` header of a GET of a file of `length` bytes.
///
/// Another unit, a malformed range and several ranges at once are answered with the whole file, as HTTP allows; no client
/// of ours sends them.
pub fn requested(headers: &HeaderMap, length: usize) -> Span {
    let mut lines = headers.get_all(RANGE).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => parse(line.as_bytes(), length).unwrap_or(Span::Whole),
        _ => Span::Whole,
    }
}

/// `None` where it is malformed.
fn parse(line: &[u8], length: usize) -> Option<Span> {
    let line = std::str::from_utf8(line).ok()?;
    let (unit, range) = line.split_once('=')?;
    let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    match (number(first), number(last)) {
        (Some(start), Some(last)) if start <= last => Some(part(start, last.saturating_add(1), length)),
        (Some(start), None) if last.is_empty() => Some(part(start, length, length)),
        (None, Some(0)) if first.is_empty() => Some(Span::PastTheEnd),
        (None, Some(count)) if first.is_empty() => Some(part(length.saturating_sub(count), length, length)),
        _ => None,
    }
}

/// Digits only. A number that is too large to count is as good as the largest.
fn number(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

fn part(start: usize, end: usize, length: usize) -> Span {
    if start < length { Span::Part { start, end: end.min(length) } } else { Span::PastTheEnd }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn span(range: &[u8], length: usize) -> Span {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_bytes(range).unwrap());
        requested(&headers, length)
    }

    #[test]
    fn one_range_of_bytes() {
        for (range, start, end) in [
            ("bytes=0-", 0, 100),
            ("bytes=7-", 7, 100),
            ("bytes=99-", 99, 100),
            ("bytes=0-0", 0, 1),
            ("bytes=10-19", 10, 20),
            ("bytes=10-1000", 10, 100),
            ("bytes=10-99999999999999999999999", 10, 100),
            ("bytes=-1", 99, 100),
            ("bytes=-1000", 0, 100),
            ("bytes=-99999999999999999999999", 0, 100),
            ("BYTES= 1-2 ", 1, 3),
        ] {
            assert_eq!(span(range.as_bytes(), 100), Span::Part { start, end }, "{range}");
        }
    }

    #[test]
    fn past_the_end() {
        for range in ["bytes=100-", "bytes=100-200", "bytes=99999999999999999999999-", "bytes=-0"] {
            assert_eq!(span(range.as_bytes(), 100), Span::PastTheEnd, "{range}");
        }
        assert_eq!(span(b"bytes=0-", 0), Span::PastTheEnd);
        assert_eq!(span(b"bytes=-5", 0), Span::PastTheEnd);
    }

    #[test]
    fn what_need_not_be_understood_is_the_whole() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=+1-2",
            "bytes=1 -2",
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=0x1-2",
            "bytes=--1",
            "bytes=1--2",
            "=0-1",
            "bytes:0-1",
        ] {
            assert_eq!(span(range.as_bytes(), 100), Span::Whole, "{range}");
        }
        assert_eq!(span(b"bytes=\xff-", 100), Span::Whole);
        assert_eq!(requested(&HeaderMap::new(), 100), Span::Whole);
    }

    #[test]
    fn two_headers_are_the_whole() {
        let mut headers = HeaderMap::new();
        headers.append(RANGE, HeaderValue::from_static("bytes=0-1"));
        headers.append(RANGE, HeaderValue::from_static("bytes=2-3"));
        assert_eq!(requested(&headers, 100), Span::Whole);
    }

    proptest! {
        #[test]
        fn any_part_lies_in_the_file(range in "(bytes=)?[0-9]{0,22}-?[0-9]{0,22}(,[0-9-]*)?", length in 0usize..200) {
            if let Span::Part { start, end } = span(range.as_bytes(), length) {
                prop_assert!(start < end && end <= length, "{start}..{end} of {length}");
            }
        }

        #[test]
        fn any_bytes_are_read(range in prop::collection::vec(any::<u8>(), 0..60), length: usize) {
            if let Ok(value) = HeaderValue::from_bytes(&range) {
                let _ = parse(value.as_bytes(), length);
            }
        }
    }
}
