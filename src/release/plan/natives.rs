//! The native versions that two channels tell apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use semver::{Prerelease, Version};

use crate::release::channel::Channel;
use crate::release::native::{Native, Triple};
use crate::release::platform::Platform;
use crate::release::span::{Span, after, before};

/// Native versions that get the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Natives {
    /// From the lowest to the highest, both included; with their pre-releases, where no other row is about those.
    Lane {
        /// The lowest.
        low: Triple,
        /// The highest.
        high: Triple,
    },
    /// Pre-releases of one version.
    Unfinished {
        /// The version.
        of: Triple,
        /// The lowest.
        from: Prerelease,
        /// The first that is no longer one of them; `None`: the finished version.
        to: Option<Prerelease>,
    },
    /// A native version that nobody can read.
    Unreadable,
}

impl Natives {
    /// Every native version that can be read.
    pub const ALL: Natives = Natives::Lane { low: Span::ALL.low, high: Span::ALL.high };

    fn lane(span: Span) -> Natives {
        Natives::Lane { low: span.low, high: span.high }
    }

    /// Itself and what comes right after it, as one; `None`: something is between them.
    pub fn and(&self, next: &Natives) -> Option<Natives> {
        match (self, next) {
            (Natives::Lane { low, high }, Natives::Lane { low: next, high: end }) if after(*high) == Some(*next) => {
                Some(Natives::Lane { low: *low, high: *end })
            }
            (Natives::Unfinished { of, from, to }, Natives::Unfinished { of: same, from: next, to: end })
                if of == same && to.as_ref() == Some(next) =>
            {
                Some(Natives::Unfinished { of: *of, from: from.clone(), to: end.clone() })
            }
            _ => None,
        }
    }

    /// Itself and others as one, where they have some in common.
    pub fn with(&self, other: &Natives) -> Option<Natives> {
        match (self, other) {
            (Natives::Lane { low, high }, Natives::Lane { low: from, high: to }) if low <= to && from <= high => {
                Some(Natives::Lane { low: *low.min(from), high: *high.max(to) })
            }
            (own, other) => (own == other).then(|| own.clone()),
        }
    }

    /// Whether others together hold all of it.
    pub fn is_within(&self, others: &[&Natives]) -> bool {
        let Natives::Lane { low, high } = self else { return others.contains(&self) };
        let reached = |at: Triple| {
            let ends = others.iter().filter_map(|other| match other {
                Natives::Lane { low, high } if *low <= at && at <= *high => Some(*high),
                _ => None,
            });
            ends.max()
        };
        let mut at = *low;
        while let Some(end) = reached(at) {
            match after(end) {
                Some(next) if end < *high => at = next,
                _ => return true,
            }
        }
        false
    }

    /// The lane that goes on with all pre-releases of what comes behind it, up to one of them, as a requirement.
    pub fn with_unfinished(&self, next: &Natives) -> Option<String> {
        match (self, next) {
            (Natives::Lane { low, high }, Natives::Unfinished { of, from, to: Some(to) })
                if after(*high) == Some(*of) && from.as_str() == "0" =>
            {
                let end = end(&version(*of), Some(last_before(to)));
                Some(if *low == Span::ALL.low { end } else { format!(">={}, {end}", version(*low)) })
            }
            _ => None,
        }
    }

    /// The version whose pre-releases they are.
    pub(super) const fn unfinished_of(&self) -> Option<Triple> {
        if let Natives::Unfinished { of, .. } = self { Some(*of) } else { None }
    }

    /// One of them, that stands for all.
    pub(in crate::release) fn example(&self) -> Native {
        let (of, pre) = match self {
            Natives::Lane { low, .. } => (low, Prerelease::EMPTY),
            Natives::Unfinished { of, from, .. } => (of, from.clone()),
            Natives::Unreadable => return Native::Unreadable,
        };
        Native::Known(Version { pre, ..version(*of) })
    }
}

impl fmt::Display for Natives {
    /// As a requirement, but for what nobody can read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Natives::Unreadable => f.write_str("unreadable"),
            Natives::Unfinished { of, from, to } => {
                let of = version(*of);
                match to.as_ref().map(last_before) {
                    Some(Ok(last)) if last == from.as_str() => write!(f, "={of}-{from}"),
                    to => write!(f, ">={of}-{from}, {}", end(&of, to)),
                }
            }
            Natives::Lane { low, high } => f.write_str(&Span { low: *low, high: *high }.as_requirement()),
        }
    }
}

/// Where pre-releases end: at the last of them, or before one that is none of them.
fn end(of: &Version, to: Option<Result<&str, &str>>) -> String {
    match to {
        None => format!("<{of}"),
        Some(Ok(last)) => format!("<={of}-{last}"),
        Some(Err(next)) => format!("<{of}-{next}"),
    }
}

/// The pre-release right before one, where there is such a one; else that one itself.
fn last_before(pre: &Prerelease) -> Result<&str, &str> {
    pre.strip_suffix(".0").filter(|last| !last.is_empty()).ok_or(pre)
}

fn version((major, minor, patch): Triple) -> Version {
    Version::new(major, minor, patch)
}

/// The lanes of one or two channels together, rising; no lane of one of them begins within, and nor does one of `more`.
pub(in crate::release) fn lanes(channels: &[&Channel], platform: Platform, more: Vec<Triple>) -> Vec<Natives> {
    let starts = channels.iter().flat_map(|channel| channel.starts(platform)).copied();
    let starts: BTreeSet<Triple> = starts.chain(more).chain([Span::ALL.low]).collect();
    let mut lanes = Vec::with_capacity(starts.len());
    let mut high = Span::ALL.high;
    for low in starts.into_iter().rev() {
        lanes.push(Natives::lane(Span { low, high }));
        high = before(low).unwrap_or(low);
    }
    lanes.reverse();
    lanes
}

/// The pre-releases that the channels may tell from the finished version, rising, those of one version after another.
pub(in crate::release) fn unfinished(channels: &[&Channel], platform: Platform) -> Vec<Natives> {
    let mut named: BTreeMap<Triple, BTreeSet<Prerelease>> = BTreeMap::new();
    for (of, pre) in channels.iter().flat_map(|channel| channel.told_apart(platform)) {
        named.entry(of).or_default().insert(pre.clone());
    }
    let parts = named.into_iter().flat_map(|(of, named)| {
        let lowest = Prerelease::new("0").ok();
        // each that is named stands alone: its successor is itself with a zero behind it
        let starts = named.into_iter().flat_map(|pre| [Prerelease::new(&format!("{pre}.0")).ok(), Some(pre)]);
        let starts: BTreeSet<Prerelease> = starts.chain([lowest]).flatten().collect();
        let ends: Vec<Option<Prerelease>> = starts.iter().skip(1).cloned().map(Some).chain([None]).collect();
        starts.into_iter().zip(ends).map(move |(from, to)| Natives::Unfinished { of, from, to }).collect::<Vec<_>>()
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::native::meets;

    #[test]
    fn lanes_are_shown_as_requirements() {
        let lane = |low, high| Natives::Lane { low, high }.to_string();
        assert_eq!(Natives::ALL.to_string(), "*");
        assert_eq!(lane((1, 0, 0), (1, u64::MAX, u64::MAX)), ">=1.0.0, <2.0.0");
        assert_eq!(lane((0, 0, 0), (1, 2, u64::MAX)), "<1.3.0");
        assert_eq!(lane((2, 0, 0), Span::ALL.high), ">=2.0.0");
        assert_eq!(lane((2, 0, 1), (2, 0, 1)), "=2.0.1");
    }

    #[test]
    fn a_lane_is_within_others_that_leave_no_gap_in_it() {
        let lane = |low, high| Natives::Lane { low: (low, 0, 0), high: (high, u64::MAX, u64::MAX) };
        let within = |own: Natives, others: &[Natives]| own.is_within(&others.iter().collect::<Vec<_>>());
        assert!(within(lane(1, 2), &[lane(0, 3)]));
        assert!(within(lane(1, 4), &[lane(3, 4), lane(0, 1), lane(2, 3)]));
        assert!(!within(lane(1, 4), &[lane(3, 4), lane(0, 1)]));
        assert!(!within(lane(1, 4), &[lane(1, 3)]));
        assert!(!within(lane(1, 1), &[]));
        assert!(within(Natives::ALL, &[Natives::ALL]));
        assert!(!within(Natives::Unreadable, &[Natives::ALL]));
        assert!(within(Natives::Unreadable, &[lane(1, 1), Natives::Unreadable]));
    }

    #[test]
    fn pre_releases_are_shown_as_requirements_that_hold_for_them() {
        let pre = |text: &str| Prerelease::new(text).unwrap();
        let some = Natives::Unfinished { of: (2, 1, 0), from: pre("beta"), to: Some(pre("rc.1.0")) };
        assert_eq!(some.to_string(), ">=2.1.0-beta, <=2.1.0-rc.1");
        let all = Natives::Unfinished { of: (2, 1, 0), from: pre("0"), to: None }.to_string();
        for (native, in_some, in_all) in [
            ("2.1.0-alpha", false, true),
            ("2.1.0-rc.1", true, true),
            ("2.1.0-rc.2", false, true),
            ("2.1.0", false, false),
        ] {
            let holds = |text: &str| meets(&native.parse().unwrap(), &text.parse().unwrap());
            assert_eq!((holds(&some.to_string()), holds(&all)), (in_some, in_all), "{native}");
        }
        let one = Natives::Unfinished { of: (2, 1, 0), from: pre("rc.1"), to: Some(pre("rc.1.0")) };
        let next = Natives::Unfinished { of: (2, 1, 0), from: pre("rc.1.0"), to: Some(pre("rc.2")) };
        assert_eq!((&*one.to_string(), &*next.to_string()), ("=2.1.0-rc.1", ">=2.1.0-rc.1.0, <2.1.0-rc.2"));
        let lane = Natives::Lane { low: (1, 0, 0), high: (2, 0, u64::MAX) };
        let up_to = Natives::Unfinished { of: (2, 1, 0), from: pre("0"), to: Some(pre("rc.1.0")) };
        assert_eq!(lane.with_unfinished(&up_to).as_deref(), Some(">=1.0.0, <=2.1.0-rc.1"));
        assert_eq!(lane.with_unfinished(&some), None);
    }
}
