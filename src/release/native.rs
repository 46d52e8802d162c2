//! The native version: what the app in the store calls itself, which is not always SemVer.

use semver::{BuildMetadata, Prerelease, Version, VersionReq};

/// Major, minor and patch: what most rules look at.
pub type Triple = (u64, u64, u64);

/// A native version as it was read from `version_build`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Native {
    /// It starts with a number.
    Known(Version),
    /// It does not, or a number in it overflows.
    Unreadable,
}

impl Native {
    /// Reads leniently: a leading `v` is dropped, then up to three numbers count, missing ones are 0, then a pre-release
    /// and a build part if they are well-formed. The rest is ignored: `1.0 (beta)` is 1.0.0, `2024.01` is 2024.1.0.
    pub fn read(text: &str) -> Native {
        let text = text.strip_prefix('v').unwrap_or(text);
        let Some((numbers, rest)) = leading_numbers(text) else {
            return Native::Unreadable;
        };
        let mut version = Version::new(numbers[0], numbers[1], numbers[2]);
        let mut rest = rest;
        if let Some((pre, after)) = part(rest, '-')
            && let Ok(pre) = Prerelease::new(pre)
        {
            version.pre = pre;
            rest = after;
        }
        if let Some((build, _)) = part(rest, '+')
            && let Ok(build) = BuildMetadata::new(build)
        {
            version.build = build;
        }
        Native::Known(version)
    }

    /// The version, if it could be read.
    pub const fn known(&self) -> Option<&Version> {
        match self {
            Native::Known(version) => Some(version),
            Native::Unreadable => None,
        }
    }
}

/// Up to three numbers at the start, and what follows them. `None` where there is none, or where one overflows.
fn leading_numbers(text: &str) -> Option<([u64; 3], &str)> {
    let mut numbers = [0; 3];
    let mut end = 0;
    for (at, number) in numbers.iter_mut().enumerate() {
        let rest = text.as_bytes().get(end..)?;
        let Some(digits) = (if at == 0 { Some(rest) } else { rest.strip_prefix(b".") }) else { break };
        let (value, length) = leading_number(digits)?;
        if length == 0 {
            break;
        }
        *number = value;
        end = text.len() - digits.len() + length;
    }
    text.get(end..).filter(|_| end > 0).map(|rest| (numbers, rest))
}

/// The number of the digits at the start, and how many they are; `None` where it overflows.
fn leading_number(text: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    let mut length = 0;
    for digit in text.iter().take_while(|byte| byte.is_ascii_digit()) {
        number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        length += 1;
    }
    Some((number, length))
}

/// The part that `mark` opens at the start of `text`, and what follows it.
fn part(text: &str, mark: char) -> Option<(&str, &str)> {
    let text = text.strip_prefix(mark)?;
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.')).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(part, _)| !part.is_empty())
}

/// Major, minor and patch of a version.
pub const fn triple(version: &Version) -> Triple {
    (version.major, version.minor, version.patch)
}

/// Whether a requirement holds for a native version.
///
/// It sees the version without its build part, and without its pre-release part too unless it names a pre-release of the
/// same major, minor and patch: a beta of the native app runs what the finished one will run.
pub fn meets(native: &Version, requirement: &VersionReq) -> bool {
    let names_it = |c: &semver::Comparator| {
        !c.pre.is_empty() && (c.major, c.minor, c.patch) == (native.major, Some(native.minor), Some(native.patch))
    };
    let pre = if requirement.comparators.iter().any(names_it) { native.pre.clone() } else { Prerelease::EMPTY };
    requirement.matches(&Version {
        pre,
        build: BuildMetadata::EMPTY,
        ..Version::new(native.major, native.minor, native.patch)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_not(text in "\\PC{0,30}|v?[0-9]{0,22}([.+-][0-9A-Za-z]{0,22}){0,5}") {
            if let Native::Known(version) = Native::read(&text) {
                // what is printed is well-formed, and reads as the same
                prop_assert_eq!(Native::read(&version.to_string()), Native::Known(version));
            }
        }
    }

    fn read(text: &str) -> String {
        Native::read(text).known().map_or_else(|| "unreadable".to_owned(), ToString::to_string)
    }

    #[test]
    fn reads_what_stores_allow() {
        for (text, version) in [
            ("1.2.3", "1.2.3"),
            ("v1.2.3", "1.2.3"),
            ("1", "1.0.0"),
            ("1.0", "1.0.0"),
            ("1.0 (beta)", "1.0.0"),
            ("2024.01", "2024.1.0"),
            ("1.0.0.4", "1.0.0"),
            ("1..2", "1.0.0"),
            ("1.", "1.0.0"),
            ("1.2.3-beta.1+5", "1.2.3-beta.1+5"),
            ("1.2.3+5", "1.2.3+5"),
            ("1.2-rc", "1.2.0-rc"),
            ("1.2.3-01", "1.2.3"),
            ("1.2.3-", "1.2.3"),
            ("1.2.3-beta (7)", "1.2.3-beta"),
            ("007", "7.0.0"),
            ("", "unreadable"),
            ("v", "unreadable"),
            ("beta 1.2", "unreadable"),
            (".1", "unreadable"),
            ("-1", "unreadable"),
            ("18446744073709551615", "18446744073709551615.0.0"),
            ("18446744073709551616", "unreadable"),
            ("1.99999999999999999999", "unreadable"),
            ("1.2.3.99999999999999999999", "1.2.3"),
        ] {
            assert_eq!(read(text), version, "{text:?}");
        }
    }

    #[test]
    fn a_pre_release_counts_only_where_the_requirement_names_one() {
        for (requirement, native, holds) in [
            (">=2.0.0", "2.0.0-beta", true),
            (">=2.0.0-rc.1", "2.0.0-beta", false),
            (">=2.0.0-rc.1", "2.0.0-rc.2", true),
            (">=2.0.0-rc.1", "2.1.0-beta", true),
            ("<2.0.0", "2.0.0-beta", false),
            ("=2.0.0", "2.0.0+77", true),
            ("2", "2.9.0", true),
            ("2", "3.0.0", false),
            (">=2, <3", "2.5.0", true),
            ("*", "0.0.0-x", true),
        ] {
            let native = Version::parse(native).unwrap();
            assert_eq!(meets(&native, &requirement.parse().unwrap()), holds, "{requirement} {native}");
        }
    }
}
