//! What a client can do and what harms it, by platform and plugin version: the table of quirks.
//!
//! The release trains of the plugin run side by side: 5.43, 6.39, 7.41 and 8.40 are the same code. So each quirk is a list
//! of thresholds in which every major version has its own. A version between two that were examined is treated like the
//! older one.

use crate::release::native::{Native, Triple, triple};
use crate::release::platform::Platform;

/// A client, as far as answers depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    platform: Option<Platform>,
    plugin: Triple,
}

/// Which checksum of a plain zip a client wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// None: it does not read one, or fails on any.
    Omit,
    /// CRC-32 (IEEE) as eight lower-case hex digits.
    Crc32,
    /// SHA-256 as lower-case hex.
    Sha256,
}

/// How a client that runs the best it may have is told so without a false alarm in its statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpToDate {
    /// `error`, `message` and `kind`: what every client understands.
    Reason,
    /// The version that it runs, with its URL. These report a failed download at every `message`.
    CurrentUrl,
    /// `kind` without `error` and `message`. These report a refusal by the server at either.
    KindOnly,
}

type Steps<T> = [(Triple, T)];

const CHECKSUM_IOS: &Steps<Checksum> = &[
    ((4, 4, 0), Checksum::Crc32),
    ((5, 43, 3), Checksum::Sha256),
    ((6, 0, 0), Checksum::Crc32),
    ((6, 14, 28), Checksum::Sha256),
    ((7, 0, 0), Checksum::Crc32),
    ((7, 0, 2), Checksum::Sha256),
];

/// Twice a lost `else` left the zip's own hash empty, so that any checksum failed.
const CHECKSUM_ANDROID: &Steps<Checksum> = &[
    ((4, 4, 6), Checksum::Crc32),
    ((5, 43, 3), Checksum::Sha256),
    ((6, 0, 0), Checksum::Crc32),
    ((6, 14, 28), Checksum::Sha256),
    ((6, 27, 12), Checksum::Omit),
    ((6, 43, 5), Checksum::Sha256),
    ((7, 0, 0), Checksum::Crc32),
    ((7, 0, 2), Checksum::Omit),
    ((7, 0, 30), Checksum::Sha256),
];

/// Understands `{"version":"builtin"}` as "go back to the app's own bundle".
const RESETS_TO_BUILTIN: &Steps<bool> =
    &[((5, 43, 3), true), ((6, 0, 0), false), ((6, 2, 0), true), ((7, 0, 0), false), ((7, 0, 2), true)];

/// Reads `link` and `comment`.
const READS_NOTES: &Steps<bool> =
    &[((5, 43, 3), true), ((6, 0, 0), false), ((6, 39, 0), true), ((7, 0, 0), false), ((7, 36, 0), true)];

/// Calls the app's own bundle by the native version, where older ones say `builtin`.
const NAMES_BUILTIN_BY_NATIVE: &Steps<bool> = &[
    ((5, 45, 10), true),
    ((6, 0, 0), false),
    ((6, 45, 10), true),
    ((7, 0, 0), false),
    ((7, 45, 10), true),
    ((8, 0, 0), false),
    ((8, 44, 0), true),
];

const UP_TO_DATE: &Steps<UpToDate> = &[
    ((5, 2, 10), UpToDate::CurrentUrl),
    ((5, 43, 3), UpToDate::Reason),
    ((6, 0, 0), UpToDate::CurrentUrl),
    ((6, 14, 25), UpToDate::KindOnly),
    ((6, 25, 5), UpToDate::Reason),
    ((7, 17, 0), UpToDate::KindOnly),
    ((7, 27, 5), UpToDate::Reason),
];

/// Makes a new device id at each start, until the first bundle was set. Android only.
const FORGETS_ITS_ID: &Steps<bool> = &[((3, 3, 13), true), ((4, 0, 0), false)];

impl Client {
    /// The client that reports this platform and plugin version.
    pub fn new(platform: Option<Platform>, plugin_version: &str) -> Client {
        Client { platform, plugin: plugin(plugin_version) }
    }

    /// The checksum that it wants with a plain zip.
    pub fn checksum(self) -> Checksum {
        match self.platform {
            Some(Platform::Electron) => Checksum::Sha256,
            Some(Platform::Ios) => self.step(CHECKSUM_IOS, Checksum::Omit),
            Some(Platform::Android) | None => self.step(CHECKSUM_ANDROID, Checksum::Omit),
        }
    }

    /// Whether it can be sent back to the app's own bundle.
    pub fn resets_to_builtin(self) -> bool {
        !self.is_electron() && self.step(RESETS_TO_BUILTIN, false)
    }

    /// Whether it reads `link` and `comment`.
    pub fn reads_notes(self) -> bool {
        !self.is_electron() && self.step(READS_NOTES, false)
    }

    /// Whether it calls the app's own bundle by the native version.
    pub fn names_builtin_by_native(self) -> bool {
        self.is_electron() || self.step(NAMES_BUILTIN_BY_NATIVE, false)
    }

    /// How it is told that it is up to date, while it runs a release that the table serves.
    pub fn up_to_date(self) -> UpToDate {
        if self.is_electron() { UpToDate::Reason } else { self.step(UP_TO_DATE, UpToDate::Reason) }
    }

    /// Whether its id changes at each start while it runs the app's own bundle.
    pub fn forgets_its_id(self) -> bool {
        self.platform == Some(Platform::Android) && self.step(FORGETS_ITS_ID, false)
    }

    fn is_electron(self) -> bool {
        // its package reports 0.0.1 whatever it is
        self.platform == Some(Platform::Electron)
    }

    fn step<T: Copy>(self, steps: &Steps<T>, before: T) -> T {
        let passed = steps.partition_point(|(from, _)| *from <= self.plugin);
        passed.checked_sub(1).and_then(|at| steps.get(at)).map_or(before, |(_, value)| *value)
    }
}

/// The plugin's version for these tables; what cannot be read is older than all.
///
/// A pre-release is taken for the version before it, as what is not known of a version goes by its older neighbour.
///
/// The packages published as exactly 9.0.0 and 10.0.0 hold code of the old 5 train: nothing here tells them from its last
/// version. Any other major version from 9 on is not known yet, and is taken for the newest 8.
fn plugin(text: &str) -> Triple {
    let Native::Known(version) = Native::read(text) else {
        return (0, 0, 0);
    };
    match triple(&version) {
        (9 | 10, 0, 0) if version.pre.is_empty() => (5, 9, 5),
        (9.., _, _) => (8, u64::MAX, u64::MAX),
        (major, 0, 0) => (major, 0, 0),
        (major, minor, 0) if !version.pre.is_empty() => (major, minor - 1, u64::MAX),
        (major, minor, patch) if !version.pre.is_empty() => (major, minor, patch - 1),
        known => known,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ios(version: &str) -> Client {
        Client::new(Some(Platform::Ios), version)
    }

    fn android(version: &str) -> Client {
        Client::new(Some(Platform::Android), version)
    }

    /// Every boundary, and the version on its other side.
    #[test]
    fn checksums_by_version() {
        use Checksum::{Crc32, Omit, Sha256};
        for (version, on_ios, on_android) in [
            ("", Omit, Omit),
            ("what", Omit, Omit),
            ("3.3.20", Omit, Omit),
            ("4.0.1", Omit, Omit),
            ("4.3.9", Omit, Omit),
            ("4.4.0", Crc32, Omit),
            ("4.4.5", Crc32, Omit),
            ("4.4.6", Crc32, Crc32),
            ("4.61.11", Crc32, Crc32),
            ("5.0.0", Crc32, Crc32),
            ("5.9.5", Crc32, Crc32),
            ("5.43.2", Crc32, Crc32),
            ("5.43.3", Sha256, Sha256),
            ("5.50.2", Sha256, Sha256),
            ("6.0.0", Crc32, Crc32),
            ("6.0.1", Crc32, Crc32),
            ("6.14.27", Crc32, Crc32),
            ("6.14.28", Sha256, Sha256),
            ("6.27.11", Sha256, Sha256),
            ("6.27.12", Sha256, Omit),
            ("6.39.0", Sha256, Omit),
            ("6.42.9", Sha256, Omit),
            ("6.43.4", Sha256, Omit),
            ("6.43.5", Sha256, Sha256),
            ("6.51.17", Sha256, Sha256),
            ("7.0.0", Crc32, Crc32),
            ("7.0.1", Crc32, Crc32),
            ("7.0.2", Sha256, Omit),
            ("7.0.29", Sha256, Omit),
            ("7.0.30", Sha256, Sha256),
            ("8.2.0", Sha256, Sha256),
            ("7.51.21", Sha256, Sha256),
            ("8.51.22", Sha256, Sha256),
            ("8.51.23", Sha256, Sha256),
            ("9.0.0", Crc32, Crc32),
            ("9.0.1", Sha256, Sha256),
            ("10.0.0", Crc32, Crc32),
            ("10.0.0-beta.1", Sha256, Sha256),
            ("7.0.2-beta.1", Crc32, Crc32),
            ("6.0.0-rc.1", Crc32, Crc32),
            ("11.2.0", Sha256, Sha256),
        ] {
            assert_eq!(ios(version).checksum(), on_ios, "ios {version}");
            assert_eq!(android(version).checksum(), on_android, "android {version}");
        }
    }

    #[test]
    fn abilities_by_version() {
        for (version, resets, notes, native_name) in [
            ("3.3.20", false, false, false),
            ("4.61.11", false, false, false),
            ("5.9.5", false, false, false),
            ("5.43.2", false, false, false),
            ("5.43.3", true, true, false),
            ("5.45.9", true, true, false),
            ("5.45.10", true, true, true),
            ("5.50.2", true, true, true),
            ("6.0.0", false, false, false),
            ("6.1.9999", false, false, false),
            ("6.2.0", true, false, false),
            ("6.38.9999", true, false, false),
            ("6.39.0", true, true, false),
            ("6.45.9", true, true, false),
            ("6.45.10", true, true, true),
            ("6.51.17", true, true, true),
            ("7.0.0", false, false, false),
            ("7.0.1", false, false, false),
            ("7.0.2", true, false, false),
            ("7.35.9999", true, false, false),
            ("7.36.0", true, true, false),
            ("7.45.9", true, true, false),
            ("7.45.10", true, true, true),
            ("7.51.21", true, true, true),
            ("8.0.0", true, true, false),
            ("8.2.0", true, true, false),
            ("8.43.9999", true, true, false),
            ("8.44.0-beta.1", true, true, false),
            ("8.44.0", true, true, true),
            ("9.0.0", false, false, false),
            ("9.1.0", true, true, true),
            ("10.0.0", false, false, false),
        ] {
            for client in [ios(version), android(version)] {
                let able = (client.resets_to_builtin(), client.reads_notes(), client.names_builtin_by_native());
                assert_eq!(able, (resets, notes, native_name), "{version}");
            }
        }
    }

    #[test]
    fn quiet_answers_by_version() {
        use UpToDate::{CurrentUrl, KindOnly, Reason};
        for (version, form) in [
            ("", Reason),
            ("3.3.20", Reason),
            ("4.61.11", Reason),
            ("5.2.9", Reason),
            ("5.2.10", CurrentUrl),
            ("5.9.5", CurrentUrl),
            ("5.43.2", CurrentUrl),
            ("5.43.3", Reason),
            ("5.50.2", Reason),
            ("6.0.0", CurrentUrl),
            ("6.0.1", CurrentUrl),
            ("6.14.24", CurrentUrl),
            ("6.14.25", KindOnly),
            ("6.25.4", KindOnly),
            ("6.25.5", Reason),
            ("6.51.17", Reason),
            ("7.0.0", Reason),
            ("7.16.9", Reason),
            ("7.17.0", KindOnly),
            ("7.27.4", KindOnly),
            ("7.27.5", Reason),
            ("8.2.0", Reason),
            ("9.0.0", CurrentUrl),
            ("10.0.0", CurrentUrl),
            ("9.0.1", Reason),
        ] {
            assert_eq!(ios(version).up_to_date(), form, "{version}");
        }
    }

    #[test]
    fn electron_goes_by_its_platform() {
        let electron = Client::new(Some(Platform::Electron), "0.0.1");
        assert_eq!((electron.checksum(), electron.up_to_date()), (Checksum::Sha256, UpToDate::Reason));
        assert!(electron.names_builtin_by_native() && !electron.resets_to_builtin() && !electron.reads_notes());
        assert!(!Client::new(Some(Platform::Electron), "8.51.0").resets_to_builtin());
    }

    #[test]
    fn some_android_versions_forget_their_id() {
        for (version, forgets) in [("3.3.12", false), ("3.3.13", true), ("3.3.20", true), ("4.0.1", false)] {
            assert_eq!(android(version).forgets_its_id(), forgets, "{version}");
            assert!(!ios(version).forgets_its_id());
        }
    }

    proptest! {
        #[test]
        fn any_version_is_some_client(text in "(v?[0-9]{1,22}(\\.[0-9]{1,22}){0,3})?[-+]?\\PC{0,8}") {
            for client in [ios(&text), android(&text), Client::new(None, &text)] {
                let _ = (client.checksum(), client.up_to_date(), client.resets_to_builtin(), client.reads_notes());
            }
        }
    }

    /// `step` searches: a list out of order would find the wrong row.
    #[test]
    fn thresholds_rise() {
        fn rises<T>(steps: &Steps<T>) -> bool {
            steps.is_sorted_by(|a, b| a.0 < b.0)
        }
        assert!(rises(CHECKSUM_IOS) && rises(CHECKSUM_ANDROID) && rises(UP_TO_DATE) && rises(FORGETS_ITS_ID));
        assert!(rises(RESETS_TO_BUILTIN) && rises(READS_NOTES) && rises(NAMES_BUILTIN_BY_NATIVE));
    }
}
