//! Overrides by hash: a check of a device that nobody named costs one look-up a kind.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::device::Device;
use super::policy::{Override, Who};

/// Where in the list of an app's overrides a device is named.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    by_device: HashMap<Box<str>, Vec<usize>>,
    by_sha256: HashMap<[u8; 32], Vec<usize>>,
    by_custom_id: HashMap<Box<str>, Vec<usize>>,
}

impl Overrides {
    pub(super) fn new(overrides: &[Override]) -> Overrides {
        let mut index = Overrides::default();
        for (at, entry) in overrides.iter().enumerate() {
            match &entry.who {
                Who::Device(id) => index.by_device.entry(id.clone()).or_default().push(at),
                Who::DeviceSha256(hash) => index.by_sha256.entry(*hash).or_default().push(at),
                Who::CustomId(id) => index.by_custom_id.entry(id.clone()).or_default().push(at),
            }
        }
        index
    }

    /// The overrides that name the device, in the order of the file. An empty id is nobody's.
    pub(super) fn naming(&self, device: &Device<'_>) -> Vec<usize> {
        let mut found = Vec::new();
        if !device.id.is_empty() {
            found.extend(self.by_device.get(&*device.id).into_iter().flatten());
            if !self.by_sha256.is_empty() {
                let hash: [u8; 32] = Sha256::digest(device.id.as_bytes()).into();
                found.extend(self.by_sha256.get(&hash).into_iter().flatten());
            }
        }
        if !device.custom_id.is_empty() {
            found.extend(self.by_custom_id.get(device.custom_id).into_iter().flatten());
        }
        found.sort_unstable();
        found
    }
}
