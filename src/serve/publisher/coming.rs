//! Pushes that are about to change refs, as the hooks say that let them in. git changes one ref after the other and calls
//! another hook before each, which may take its time: refs that rest are no sign that all of such a push is in.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::said::{LINE, read};
use crate::repository::id::ObjectId;
use crate::repository::refs::Refs;

/// A push of which nothing more was seen is forgotten after this.
const LIFE: Duration = Duration::from_secs(60);
/// Pushes that are kept in mind at a time. The oldest is forgotten first.
const MOST: usize = 100;
/// Bytes that are kept in mind of all pushes together. The oldest is forgotten first here too.
const MOST_BYTES: usize = 16 << 20;
/// Refs of one push that are kept in mind. Those of more are waited for as if nobody had said so.
const MOST_REFS: usize = 10_000;

/// The pushes that were let in, and are not known to be over.
#[derive(Debug, Default)]
pub struct Coming(Vec<Announced>);

/// Each ref that a push will change, with what it names before.
#[derive(Debug)]
struct Announced {
    before: BTreeMap<String, Option<ObjectId>>,
    heard: Instant,
}

impl Coming {
    /// Takes note of pushes: of each its lines `<old> <full name of the ref>`, with zeros for a new one, and an empty line.
    pub fn hear(&mut self, pushes: &[u8], now: Instant) {
        self.0.retain(|push| push.is_alive(now));
        let text = String::from_utf8_lossy(pushes);
        let announced =
            text.split("\n\n").map(|lines| Announced { before: read(lines.as_bytes()).collect(), heard: now });
        // one ref is changed or not, and never half
        self.0.extend(announced.filter(|push| (2..=MOST_REFS).contains(&push.before.len())));
        let mut room = MOST_BYTES;
        let fitting = self.0.iter().rev().take(MOST).take_while(|push| {
            let rest = room.checked_sub(push.bytes());
            room = rest.unwrap_or(0);
            rest.is_some()
        });
        let kept = fitting.count();
        self.0.drain(..self.0.len() - kept);
    }

    /// A push is over when it is said what came of it: refs that did not change by then were refused.
    pub fn end(&mut self, lines: &[u8]) {
        let changed: BTreeMap<_, _> = read(lines).collect();
        self.0.retain(|push| !push.before.keys().any(|name| changed.contains_key(name)));
    }

    /// Whether a push has changed some of its refs, and others not yet.
    pub fn is_half_in(&mut self, refs: &Refs, now: Instant) -> bool {
        self.0.retain(|push| push.waits(refs) && push.is_alive(now));
        self.0.iter().any(|push| push.has_begun(refs))
    }
}

impl Announced {
    fn is_alive(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.heard) < LIFE
    }

    fn bytes(&self) -> usize {
        self.before.keys().map(|name| name.len() + LINE).sum()
    }

    fn waits(&self, refs: &Refs) -> bool {
        self.before.iter().any(|(name, before)| refs.at_name(name) == *before)
    }

    fn has_begun(&self, refs: &Refs) -> bool {
        self.before.iter().any(|(name, before)| refs.at_name(name) != *before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::id::CommitId;

    fn id(of: u8) -> ObjectId {
        ObjectId::new([of; 20])
    }

    fn refs(tags: &[(&str, u8)]) -> Refs {
        let tags = tags.iter().map(|(name, of)| ((*name).into(), id(*of)));
        Refs::at("main", Some(CommitId(id(1)))).with_tags(tags)
    }

    fn lines(of: &[(ObjectId, &str)]) -> Vec<u8> {
        of.iter().map(|(id, name)| format!("{id} refs/{name}\n")).collect::<String>().into_bytes()
    }

    /// `beta/1.0.0` is deleted, and `beta/1.1.0` made.
    fn one(now: Instant) -> Coming {
        let mut coming = Coming::default();
        coming.hear(&lines(&[(id(5), "tags/beta/1.0.0"), (ObjectId::NONE, "tags/beta/1.1.0")]), now);
        coming
    }

    #[test]
    fn a_push_is_half_in_from_its_first_change_to_its_last() {
        let now = Instant::now();
        let mut coming = one(now);
        assert!(!coming.is_half_in(&refs(&[("beta/1.0.0", 5)]), now), "not begun");
        assert!(coming.is_half_in(&refs(&[]), now));
        assert!(coming.is_half_in(&refs(&[("beta/1.0.0", 5), ("beta/1.1.0", 5)]), now), "in the other order");
        assert!(!coming.is_half_in(&refs(&[("beta/1.1.0", 5)]), now), "all is in");
        assert!(!coming.is_half_in(&refs(&[]), now), "and it is over, whatever comes then");
    }

    #[test]
    fn the_branch_is_one_of_the_refs() {
        let now = Instant::now();
        let mut coming = Coming::default();
        coming.hear(&lines(&[(id(1), "heads/main"), (ObjectId::NONE, "tags/beta/1.1.0")]), now);
        assert!(!coming.is_half_in(&refs(&[]), now));
        assert!(coming.is_half_in(&refs(&[("beta/1.1.0", 5)]), now));
    }

    #[test]
    fn a_push_ends_when_it_is_said_what_came_of_it_or_after_a_while() {
        let now = Instant::now();
        let mut coming = one(now);
        coming.end(&lines(&[(id(1), "tags/beta/2.0.0")]));
        assert!(coming.is_half_in(&refs(&[]), now), "another push");
        coming.end(&lines(&[(ObjectId::NONE, "tags/beta/1.0.0")]));
        assert!(!coming.is_half_in(&refs(&[]), now), "the other ref was refused");
        assert!(one(now).is_half_in(&refs(&[]), now + LIFE / 2));
        assert!(!one(now).is_half_in(&refs(&[]), now + LIFE));
    }

    #[test]
    fn each_push_is_one_and_few_are_kept_in_mind() {
        let now = Instant::now();
        let one = |name: &str| lines(&[(ObjectId::NONE, name), (id(1), "heads/main")]);
        let mut coming = Coming::default();
        coming.hear(&[one("tags/beta/1.0.0"), one("tags/beta/1.1.0")].join(&b'\n'), now);
        coming.hear(&lines(&[(ObjectId::NONE, "tags/beta/1.2.0")]), now);
        coming.hear(b"\xff\n\nno line\n\n", now);
        assert_eq!(coming.0.len(), 2, "{coming:?}");
        (0..MOST).for_each(|n| coming.hear(&one(&format!("tags/beta/2.0.{n}")), now));
        assert_eq!(coming.0.len(), MOST);
        assert!(!coming.0.iter().any(|push| push.before.contains_key("refs/tags/beta/1.1.0")));
    }

    #[test]
    fn old_pushes_are_forgotten_when_another_comes() {
        let now = Instant::now();
        let mut coming = one(now);
        let other = lines(&[(id(1), "heads/main"), (ObjectId::NONE, "tags/beta/1.2.0")]);
        coming.hear(&other, now + LIFE / 2);
        assert_eq!(coming.0.len(), 2);
        coming.hear(&other, now + LIFE);
        assert!(!coming.0.iter().any(|push| push.before.contains_key("refs/tags/beta/1.1.0")), "{coming:?}");
        assert_eq!(coming.0.len(), 2);
    }

    #[test]
    fn of_pushes_with_long_names_fewer_are_kept_in_mind() {
        let now = Instant::now();
        let push = |of: usize| {
            let name = |at: usize| format!("tags/{of}/{at:04000}");
            let names: Vec<String> = (0..1000).map(name).collect();
            lines(&names.iter().map(|name| (id(1), &**name)).collect::<Vec<_>>())
        };
        let mut coming = one(now);
        (0..6).for_each(|of| coming.hear(&push(of), now));
        let bytes: usize = coming.0.iter().flat_map(|push| push.before.keys().map(String::len)).sum();
        assert!((MOST_BYTES / 2..=MOST_BYTES).contains(&bytes), "{bytes}");
        let is_in =
            |of: usize| coming.0.iter().any(|push| push.before.contains_key(&format!("refs/tags/{of}/{:04000}", 0)));
        assert_eq!([0, 1, 2, 5].map(is_in), [false, false, true, true], "the oldest are forgotten first");
    }
}
