//! Devices have no names here.

use sha2::{Digest, Sha256};

/// Sixteen hex digits that stand for a device of an app in the log: equal for equal devices, and no way back.
pub fn pseudonym(app: &str, device: &str) -> String {
    use std::fmt::Write;
    let hash = Sha256::new().chain_update(app).chain_update([0]).chain_update(device.to_lowercase()).finalize();
    hash.iter().take(8).fold(String::with_capacity(16), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_the_same_in_any_case_and_another_in_another_app() {
        assert_eq!(pseudonym("a", "AB-1"), pseudonym("a", "ab-1"));
        assert_ne!(pseudonym("a", "ab-1"), pseudonym("b", "ab-1"));
        assert_ne!(pseudonym("a", "b"), pseudonym("ab", ""));
        assert_eq!(pseudonym("a", "b"), "59b271ae1bbcb1d3");
    }
}
