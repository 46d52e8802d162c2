//! A version of an app: what it says, and its bytes.

use std::sync::Arc;

use semver::Version;

use super::platform::{PerPlatform, Platform};
use super::policy::Descriptor;

/// A release: a version with its bytes and its descriptor.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    /// The name of its directory: strict SemVer, and what devices call it.
    pub name: Box<str>,
    /// The same, parsed.
    pub version: Version,
    /// What `release.toml` says.
    pub descriptor: Arc<Descriptor>,
    /// The bytes of each platform; `None` where no client of that platform can install it.
    pub bundles: PerPlatform<Option<Arc<Bundle>>>,
}

impl Release {
    /// In whose name its devices are drawn: its own, or that of an older release.
    pub fn draw(&self) -> &str {
        self.descriptor.rollout_as.as_ref().unwrap_or(&self.name)
    }

    /// Whether it is for the platform, and has bytes that a client there can install.
    pub fn serves(&self, platform: Platform) -> bool {
        self.descriptor.platforms.contains(platform) && self.bundles.get(platform).is_some()
    }
}

/// A built web app as a zip, known by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bundle {
    /// SHA-256 of the zip.
    pub sha256: [u8; 32],
    /// CRC-32 (IEEE) of the zip: the checksum of old plugins.
    pub crc32: u32,
    /// Bytes.
    pub size: u64,
}
