//! Whether a request wants an artefact at all, by the tag that it knows. Pure.
//!
//! Artefacts have a strong tag and no date: their name holds their hash, so a date would say nothing.

use hyper::header::{AsHeaderName, HeaderMap, IF_MATCH, IF_NONE_MATCH, IF_RANGE};

/// What the conditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it; a range, if there is one, holds.
    Send,
    /// Send all of it: the range was meant for other bytes.
    SendWhole,
    /// The client has it already.
    NotModified,
    /// The client wants other bytes, or none.
    Failed,
}

/// Weighs the conditions in the order of HTTP: `If-Match`, `If-None-Match`, `If-Range`. `tag` is without quotes.
pub fn weigh(headers: &HeaderMap, tag: &str) -> Verdict {
    if headers.contains_key(IF_MATCH) && !names(headers, IF_MATCH, tag, Comparison::Strong) {
        Verdict::Failed
    } else if names(headers, IF_NONE_MATCH, tag, Comparison::Weak) {
        Verdict::NotModified
    } else if headers.get(IF_RANGE).is_none_or(|value| is_tag(value.as_bytes(), tag, Comparison::Strong)) {
        Verdict::Send
    } else {
        Verdict::SendWhole
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// A weak tag matches nothing.
    Strong,
    /// A weak tag matches what the strong one would.
    Weak,
}

/// Whether a list of tags, which may span several lines, names ours. Our tags hold no comma, so that a foreign tag which
/// holds one is split, and matches nothing, as it should.
fn names(headers: &HeaderMap, name: impl AsHeaderName, tag: &str, comparison: Comparison) -> bool {
    let mut items = headers.get_all(name).into_iter().flat_map(|line| line.as_bytes().split(|&b| b == b','));
    items.any(|item| item.trim_ascii() == b"*" || is_tag(item, tag, comparison))
}

fn is_tag(item: &[u8], tag: &str, comparison: Comparison) -> bool {
    let item = item.trim_ascii();
    let item = match item.strip_prefix(b"W/") {
        Some(weak) if comparison == Comparison::Weak => weak,
        _ => item,
    };
    item.strip_prefix(b"\"").and_then(|i| i.strip_suffix(b"\"")) == Some(tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn weighed(conditions: &[(HeaderName, &str)]) -> Verdict {
        let mut headers = HeaderMap::new();
        for (name, value) in conditions {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        weigh(&headers, "abc")
    }

    #[test]
    fn without_conditions_it_is_sent() {
        assert_eq!(weighed(&[]), Verdict::Send);
    }

    #[test]
    fn who_has_it_is_told_so() {
        for value in ["\"abc\"", "W/\"abc\"", "*", "\"x\", \"abc\"", "\"x\",W/\"abc\" ,\"y\""] {
            assert_eq!(weighed(&[(IF_NONE_MATCH, value)]), Verdict::NotModified, "{value}");
        }
        for value in ["\"x\"", "abc", "\"ABC\"", "w/\"abc\"", "", "\""] {
            assert_eq!(weighed(&[(IF_NONE_MATCH, value)]), Verdict::Send, "{value}");
        }
        assert_eq!(weighed(&[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc\"")]), Verdict::NotModified);
    }

    #[test]
    fn a_range_of_other_bytes_is_not_sent() {
        assert_eq!(weighed(&[(IF_RANGE, "\"abc\"")]), Verdict::Send);
        for value in ["\"x\"", "W/\"abc\"", "Wed, 21 Oct 2026 07:28:00 GMT", "abc", "*", ""] {
            assert_eq!(weighed(&[(IF_RANGE, value)]), Verdict::SendWhole, "{value}");
        }
    }

    #[test]
    fn who_wants_other_bytes_gets_none() {
        assert_eq!(weighed(&[(IF_MATCH, "\"abc\"")]), Verdict::Send);
        assert_eq!(weighed(&[(IF_MATCH, "*")]), Verdict::Send);
        assert_eq!(weighed(&[(IF_MATCH, "\"x\"")]), Verdict::Failed);
        assert_eq!(weighed(&[(IF_MATCH, "W/\"abc\"")]), Verdict::Failed);
        assert_eq!(weighed(&[(IF_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc\"")]), Verdict::Failed);
    }

    proptest! {
        #[test]
        fn any_bytes_are_weighed(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                for name in [IF_MATCH, IF_NONE_MATCH, IF_RANGE] {
                    let mut headers = HeaderMap::new();
                    headers.insert(name, value.clone());
                    weigh(&headers, "abc");
                }
            }
        }
    }
}
