//! How a URL names a bundle: `<app>/<version>/<sha256>.zip`.

use std::borrow::Cow;

/// A bundle by name, version and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleName<'a> {
    /// The app id.
    pub app: &'a str,
    /// The version, with any `%2B` read as a plus.
    pub version: Cow<'a, str>,
    /// The hash as it is written: 64 lower-case digits.
    pub hex: &'a str,
    /// The hash.
    pub sha256: [u8; 32],
}

impl BundleName<'_> {
    /// Reads `<app>/<version>/<sha256>.zip`.
    pub fn of(path: &str) -> Option<BundleName<'_>> {
        let (app, rest) = path.split_once('/')?;
        let (version, file) = rest.split_once('/')?;
        let hex = file.strip_suffix(".zip")?;
        let version = if version.contains('%') {
            Cow::Owned(version.replace("%2B", "+").replace("%2b", "+"))
        } else {
            Cow::Borrowed(version)
        };
        Some(BundleName { app, version, hex, sha256: hash(hex)? })
    }
}

/// Reads 64 lower-case digits.
fn hash(hex: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != hash.len() {
        return None;
    }
    for (byte, &[high, low]) in hash.iter_mut().zip(pairs) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(hash)
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_path_names_a_bundle_or_none(path in "(\\PC{0,9}/){0,3}([0-9a-f]{63,65}|\\PC{0,70})(\\.zip)?") {
            if let Some(name) = BundleName::of(&path) {
                let hash: String = name.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
                prop_assert_eq!(hash, name.hex);
            }
        }
    }

    #[test]
    fn a_bundle_by_its_path() {
        let hex = "0123456789abcdef".repeat(4);
        for version in ["1.2.0+b", "1.2.0%2Bb", "1.2.0%2bb"] {
            let path = format!("com.example.app/{version}/{hex}.zip");
            let Some(name) = BundleName::of(&path) else { panic!("{path}") };
            assert_eq!((name.app, &*name.version, name.hex), ("com.example.app", "1.2.0+b", &*hex));
            assert_eq!((name.sha256[0], name.sha256[31]), (0x01, 0xef));
        }
        for hex in [hex.to_uppercase(), hex[1..].to_owned(), format!("{hex}00"), "é".repeat(32), String::new()] {
            assert_eq!(BundleName::of(&format!("a/1.0.0/{hex}.zip")), None, "{hex}");
        }
    }
}
