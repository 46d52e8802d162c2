//! Which names of the repository mean something: app ids and versions.

use semver::Version;

/// Whether a directory of that name can be an app's: its id is part of tags and URLs.
pub fn is_app_id(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty()
        && name.bytes().all(legal)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.ends_with(".lock")
        && name != "builtin"
}

/// The version that a directory of that name is: strict SemVer that is a legal part of a tag's name too.
pub fn version(name: &str) -> Option<Version> {
    // Most names of a tree that are no versions are told apart by their first byte.
    let possible = name.as_bytes().first().is_some_and(u8::is_ascii_digit) && !name.ends_with(".lock");
    possible.then(|| Version::parse(name).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_id_is_what_a_tag_and_a_url_can_hold() {
        for good in ["com.example.app", "app", "a_b-c.9", "1.2.3"] {
            assert!(is_app_id(good), "{good}");
        }
        for bad in ["", ".git", "a.", "a..b", "a.lock", "builtin", "a b", "ä", "a/b", "a@b"] {
            assert!(!is_app_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_version_is_strict_semver_and_a_legal_ref_name() {
        for good in ["1.4.2", "0.0.0", "1.0.0-rc.1", "1.0.0+b.7", "1.0.0-a+b"] {
            assert!(version(good).is_some(), "{good}");
        }
        for bad in ["v1.4.2", "1.4", "1.4.2.1", "01.4.2", "1.0.0-", "1.0.0-a.lock", "1.0.0 ", "docs", ""] {
            assert!(version(bad).is_none(), "{bad}");
        }
    }
}
