//! Where a requirement on the native version begins and ends to hold, and whether it ever does.

use semver::{Prerelease, Version, VersionReq};

use super::native::{Triple, meets};
use super::span::Span;

/// The pre-releases at which a requirement may begin or end to hold: those that it names, what comes right behind each,
/// and the lowest of the same version.
pub fn named(requirement: &VersionReq) -> impl Iterator<Item = (Triple, Prerelease)> {
    let named = requirement.comparators.iter().filter(|comparator| !comparator.pre.is_empty());
    let around = named.filter_map(|comparator| {
        let of = (comparator.major, comparator.minor?, comparator.patch?);
        let more = [Prerelease::new("0").ok(), Prerelease::new(&format!("{}.0", comparator.pre)).ok()];
        Some(more.into_iter().flatten().chain([comparator.pre.clone()]).map(move |pre| (of, pre)))
    });
    around.flatten()
}

/// Whether there can be a native version that meets a requirement.
///
/// A pre-release is seen as one only where its version is named with one, and from one such place to the next a requirement
/// holds for all of them or for none: so those places and the finished versions stand for every native version.
pub fn is_possible(requirement: &VersionReq) -> bool {
    let holds_at =
        |((major, minor, patch), pre)| meets(&Version { pre, ..Version::new(major, minor, patch) }, requirement);
    Span::of_requirement(requirement).is_some() || named(requirement).any(holds_at)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    const MAX: u64 = u64::MAX;
    /// Of these and one level deeper are the pre-releases that are tried.
    const IDENTIFIERS: [&str; 4] = ["0", "1", "a", "rc"];

    fn possible(text: &str) -> bool {
        is_possible(&text.parse().unwrap())
    }

    #[test]
    fn what_no_pre_release_meets_either_is_impossible() {
        for text in [
            ">=2.0.0-rc.1, <1.0.0",
            "=1.0.0-rc.1, =1.0.0-rc.2",
            ">=1.0.0-rc.1, <1.0.0-rc.1",
            ">1.0.0-rc.1, <1.0.0-rc.1",
            ">1.0.0-rc.1, <=1.0.0-rc.1",
            ">=1.0.0-rc.2, <1.0.0-rc.1",
            ">1.0.0-rc.1, <1.0.0-rc.1.0",
            ">=1, <1.0.0-rc.1",
            "=1.0.0-rc.1, =1.0.0",
            "~1.0.0-rc.1, <1.0.0-a",
            ">1.0.0-rc.1, >2, <2.0.1-0",
            "<0.0.0-0",
        ] {
            assert!(!possible(text), "{text}");
        }
    }

    #[test]
    fn what_one_pre_release_alone_meets_is_possible() {
        for text in [
            "=1.0.0-rc.1",
            ">=1.0.0-rc.1, <=1.0.0-rc.1",
            ">=1.0.0-rc.1, <1.0.0-rc.1.0",
            ">1.0.0-rc.1, <1.0.0-rc.2",
            ">1.0.0-rc.1, <=1.0.0-rc.1.0",
            ">1.0.0-rc.9, <1.0.0-rc.10",
            ">1.0.0-rc.1, <1.0.0",
            "<1.0.0-a, >=1.0.0-0",
            "<0.0.0-1",
            "<=0.0.0-0",
            ">18446744073709551615.18446744073709551615.18446744073709551615-rc.1",
        ] {
            assert!(possible(text), "{text}");
        }
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![0..2u64, Just(MAX)]
    }

    fn pre() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(&IDENTIFIERS[..]), 0..3).prop_map(|parts| parts.join("."))
    }

    /// Most are about one version, so that they have to do with each other.
    fn comparator() -> impl Strategy<Value = String> {
        let op = prop::sample::select(vec!["", "=", ">", ">=", "<", "<=", "~", "^"]);
        let of = prop_oneof![
            4 => Just("1.0.0".to_owned()),
            1 => Just("0.0.0".to_owned()),
            2 => (number(), number(), number()).prop_map(|(a, b, c)| format!("{a}.{b}.{c}")),
        ];
        let full = (of, pre()).prop_map(|(of, pre)| if pre.is_empty() { of } else { format!("{of}-{pre}") });
        let part = prop_oneof![
            number().prop_map(|a| a.to_string()),
            (number(), number()).prop_map(|(a, b)| format!("{a}.{b}")),
        ];
        let wild = (number(), number()).prop_map(|(a, b)| format!("{a}.{b}.*"));
        prop_oneof![8 => (op.clone(), full).prop_map(|(op, rest)| format!("{op}{rest}")),
                    2 => (op, part).prop_map(|(op, rest)| format!("{op}{rest}")), 1 => wild]
    }

    /// Every version near those that a comparator of these tests can name: each number and its neighbours, each pre-release
    /// and whatever lies between two of them.
    static NATIVES: LazyLock<Vec<Version>> = LazyLock::new(|| {
        let mut pres = vec![String::new()];
        for depth in 0..3 {
            let longest: Vec<String> =
                pres.iter().filter(|pre| pre.split_terminator('.').count() == depth).cloned().collect();
            let deeper = |pre: &String| {
                IDENTIFIERS.map(|one| if pre.is_empty() { one.to_owned() } else { format!("{pre}.{one}") })
            };
            pres.extend(longest.iter().flat_map(deeper));
        }
        let pres: Vec<Prerelease> = pres.iter().map(|pre| Prerelease::new(pre).unwrap()).collect();
        let numbers = [0, 1, 2, MAX];
        let triples =
            numbers.into_iter().flat_map(|a| numbers.into_iter().flat_map(move |b| numbers.map(|c| (a, b, c))));
        triples
            .flat_map(|(a, b, c)| pres.iter().map(move |pre| Version { pre: pre.clone(), ..Version::new(a, b, c) }))
            .collect()
    });

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn a_requirement_is_possible_where_one_of_many_native_versions_meets_it(
            parts in prop::collection::vec(comparator(), 1..4),
        ) {
            let requirement: VersionReq = parts.join(", ").parse().unwrap();
            let met = NATIVES.iter().find(|native| meets(native, &requirement));
            prop_assert_eq!(is_possible(&requirement), met.is_some(), "{}: {:?}", requirement, met);
        }
    }
}
