//! Annotated tags as git stores them.

use crate::release::time::Timestamp;
use crate::repository::id::ObjectId;

/// What of an annotated tag matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagObject {
    /// The object that it names.
    pub target: Option<ObjectId>,
    /// When its tagger says that it was made.
    pub date: Option<Timestamp>,
}

impl TagObject {
    /// Reads the header of a stored tag. What is missing or malformed in it is `None`.
    pub fn parse(stored: &[u8]) -> TagObject {
        let mut tag = TagObject::default();
        for line in stored.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()) {
            if let Some(hex) = line.strip_prefix(b"object ") {
                tag.target = std::str::from_utf8(hex).ok().and_then(ObjectId::from_hex);
            } else if let Some(tagger) = line.strip_prefix(b"tagger ") {
                tag.date = date(tagger);
            }
        }
        tag
    }
}

/// Who made a stored tag or commit, as `Name <mail>`.
pub fn author(stored: &[u8]) -> Option<String> {
    let mut header = stored.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let line = header.find_map(|line| line.strip_prefix(b"tagger ").or_else(|| line.strip_prefix(b"committer ")))?;
    let end = line.iter().rposition(|byte| *byte == b'>')?;
    Some(String::from_utf8_lossy(line.get(..=end)?).into_owned())
}

/// `Name <mail> 1767323045 +0100`: seconds since 1970, whatever the zone.
fn date(tagger: &[u8]) -> Option<Timestamp> {
    let after_mail = tagger.rsplit(|byte| *byte == b'>').next()?;
    let seconds = std::str::from_utf8(after_mail).ok()?.split_ascii_whitespace().next()?;
    Some(Timestamp(seconds.parse::<i64>().ok()?.checked_mul(1000)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_header_says_what_is_tagged_and_when() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let stored =
            format!("object {id}\ntype commit\ntag beta/1.0.0\ntagger A <B> <a@b> 1767323045 +0100\n\nobject none\n");
        let tag = TagObject::parse(stored.as_bytes());
        assert_eq!(tag, TagObject { target: ObjectId::from_hex(id), date: Some(Timestamp(1_767_323_045_000)) });
        let old = format!("object {id}\ntype commit\ntag beta/1.0.0\n\nIn the days before taggers\n");
        assert_eq!(TagObject::parse(old.as_bytes()).date, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_tag_that_says_something_or_nothing(
            target in prop::collection::vec(any::<u8>(), 0..50),
            tagger in prop::collection::vec(any::<u8>(), 0..50),
        ) {
            TagObject::parse(&[b"object ", &target[..], b"\ntagger ", &tagger, b"\n\n"].concat());
        }
    }
}
