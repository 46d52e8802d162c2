//! Which native versions a rule lets pass, as one interval.
//!
//! Over native versions without a pre-release part every rule about the native version is an interval of (major, minor,
//! patch): each comparator of a requirement, `stay_within` and `below_native`. So a table can know beforehand which
//! releases a native version fits, and a check need not try them one by one.

use semver::{Comparator, Op, Version, VersionReq};

use super::native::{Triple, triple};
use super::platform::Platform;
use super::policy::{ChannelPolicy, StayWithin};
use super::version::Release;

const MAX: u64 = u64::MAX;

/// Native versions from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The lowest.
    pub low: Triple,
    /// The highest.
    pub high: Triple,
}

impl Span {
    /// Every native version.
    pub const ALL: Span = Span { low: (0, 0, 0), high: (MAX, MAX, MAX) };

    /// Those that meet a requirement; `None` where none does.
    pub fn of_requirement(requirement: &VersionReq) -> Option<Span> {
        requirement.comparators.iter().try_fold(Span::ALL, |span, comparator| span.and(of_comparator(comparator)?))
    }

    /// Those for which a release stays within the level.
    pub const fn of_stay_within(level: StayWithin, release: &Version) -> Span {
        let (major, minor, patch) = triple(release);
        match level {
            StayWithin::Any => Span::ALL,
            StayWithin::Major => from((major, 0, 0)),
            StayWithin::Minor => Span { low: (major, minor, 0), high: (major, minor, MAX) },
            StayWithin::Patch => Span { low: (major, minor, patch), high: (major, minor, patch) },
        }
    }

    /// Those that a release is not below.
    pub fn of_not_below(release: &Version) -> Option<Span> {
        if release.pre.is_empty() { Some(to(triple(release))) } else { below(triple(release)) }
    }

    /// Those, but for any with a pre-release part, to which a channel may give a release; `None` where there is none.
    pub fn of_release(policy: &ChannelPolicy, platform: Platform, release: &Release) -> Option<Span> {
        let native = release.descriptor.native.get(platform).as_ref();
        let native = native.map_or(Some(Span::ALL), Span::of_requirement)?;
        let within = native.and(Span::of_stay_within(policy.stay_within, &release.version))?;
        if policy.below_native { Some(within) } else { within.and(Span::of_not_below(&release.version)?) }
    }

    /// The same as a requirement, as people write one.
    pub fn as_requirement(self) -> String {
        let written = |(major, minor, patch): Triple| format!("{major}.{minor}.{patch}");
        if self.low == self.high {
            return format!("={}", written(self.low));
        }
        let low = (self.low > Span::ALL.low).then(|| format!(">={}", written(self.low)));
        let high = after(self.high).map(|end| format!("<{}", written(end)));
        let parts: Vec<String> = low.into_iter().chain(high).collect();
        if parts.is_empty() { "*".to_owned() } else { parts.join(", ") }
    }

    /// What both hold; `None` where that is nothing.
    pub fn and(self, other: Span) -> Option<Span> {
        let both = Span { low: self.low.max(other.low), high: self.high.min(other.high) };
        (both.low <= both.high).then_some(both)
    }
}

const fn from(low: Triple) -> Span {
    Span { low, high: Span::ALL.high }
}

const fn to(high: Triple) -> Span {
    Span { low: Span::ALL.low, high }
}

fn below(limit: Triple) -> Option<Span> {
    before(limit).map(to)
}

/// The native version before.
pub fn before(version: Triple) -> Option<Triple> {
    match version {
        (0, 0, 0) => None,
        (major, 0, 0) => Some((major - 1, MAX, MAX)),
        (major, minor, 0) => Some((major, minor - 1, MAX)),
        (major, minor, patch) => Some((major, minor, patch - 1)),
    }
}

fn above(limit: Triple) -> Option<Span> {
    after(limit).map(from)
}

/// The next native version.
pub fn after(version: Triple) -> Option<Triple> {
    match version {
        (MAX, MAX, MAX) => None,
        (major, MAX, MAX) => Some((major + 1, 0, 0)),
        (major, minor, MAX) => Some((major, minor + 1, 0)),
        (major, minor, patch) => Some((major, minor, patch + 1)),
    }
}

/// A comparator that names a pre-release is one whose own version lies just below the finished one.
fn of_comparator(comparator: &Comparator) -> Option<Span> {
    let Comparator { op, major, minor, patch, pre } = comparator;
    let low = (*major, minor.unwrap_or(0), patch.unwrap_or(0));
    let high = (*major, minor.unwrap_or(MAX), patch.unwrap_or(MAX));
    let finished = pre.is_empty();
    match op {
        Op::Exact if finished => Some(Span { low, high }),
        Op::Exact => None,
        Op::Greater if finished => above(high),
        Op::Greater | Op::GreaterEq => Some(from(low)),
        Op::LessEq if finished => Some(to(high)),
        Op::Less | Op::LessEq => below(low),
        Op::Tilde => Some(Span { low, high: (*major, minor.unwrap_or(MAX), MAX) }),
        Op::Caret => Some(Span { low, high: caret_high(*major, *minor, *patch) }),
        _ => Some(Span { low, high }),
    }
}

/// A caret keeps the leftmost number that is not zero.
const fn caret_high(major: u64, minor: Option<u64>, patch: Option<u64>) -> Triple {
    match (major, minor, patch) {
        (0, Some(0), Some(patch)) => (0, 0, patch),
        (0, Some(minor), _) => (0, minor, MAX),
        _ => (major, MAX, MAX),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::native::meets;
    use super::*;

    #[test]
    fn a_span_is_written_as_a_requirement() {
        assert_eq!(Span::ALL.as_requirement(), "*");
        assert_eq!(Span { low: (1, 0, 0), high: (1, 4, 2) }.as_requirement(), ">=1.0.0, <1.4.3");
        assert_eq!(Span { low: (0, 0, 0), high: (1, MAX, MAX) }.as_requirement(), "<2.0.0");
        assert_eq!(Span { low: (2, 0, 0), ..Span::ALL }.as_requirement(), ">=2.0.0");
        assert_eq!(Span { low: (2, 0, 1), high: (2, 0, 1) }.as_requirement(), "=2.0.1");
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0..3u64, Just(MAX - 1), Just(MAX)]
    }

    fn version() -> impl Strategy<Value = Version> {
        (number(), number(), number()).prop_map(|(a, b, c)| Version::new(a, b, c))
    }

    fn comparator() -> impl Strategy<Value = String> {
        let op = prop_oneof!["", "=", ">", ">=", "<", "<=", "~", "\\^"].prop_map(|op| op.replace('\\', ""));
        let rest = prop_oneof![
            number().prop_map(|a| format!("{a}")),
            (number(), number()).prop_map(|(a, b)| format!("{a}.{b}")),
            (number(), number(), number()).prop_map(|(a, b, c)| format!("{a}.{b}.{c}")),
            (number(), number(), number()).prop_map(|(a, b, c)| format!("{a}.{b}.{c}-rc.1")),
        ];
        let wild = prop_oneof![Just("*".to_owned()), number().prop_map(|a| format!("{a}.*"))];
        prop_oneof![4 => (op, rest).prop_map(|(op, rest)| op + &rest), 1 => wild]
    }

    proptest! {
        #[test]
        fn a_span_holds_what_meets_the_requirement(
            parts in prop::collection::vec(comparator(), 1..3),
            native in version(),
        ) {
            // `*` stands alone in a requirement
            let text = if parts.iter().any(|p| p == "*") { "*".to_owned() } else { parts.join(", ") };
            let requirement: VersionReq = text.parse().unwrap();
            let span = Span::of_requirement(&requirement);
            let holds = span.is_some_and(|s| s.low <= triple(&native) && triple(&native) <= s.high);
            prop_assert_eq!(holds, meets(&native, &requirement), "{} for {}: {:?}", requirement, native, span);
        }

        #[test]
        fn a_span_holds_what_a_release_is_not_below(mut release in version(), pre in any::<bool>(), native in version()) {
            if pre {
                release.pre = semver::Prerelease::new("a").unwrap();
            }
            let holds = Span::of_not_below(&release).is_some_and(|s| triple(&native) <= s.high);
            prop_assert_eq!(holds, release.cmp_precedence(&native).is_ge());
        }
    }
}
