//! Where a device stands in a rollout: a hash of who it is and what it is drawn for.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use super::rollout::Percent;

/// Where a device stands in a rollout: 0 to 9,999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u16);

impl Position {
    /// The position of a device, by the first eight bytes of the SHA-256 of app, channel, name and device id with zero
    /// bytes between them. `draw` is the version, or what stands in its place so that the same devices are drawn again;
    /// `device_id` is lower-cased.
    pub fn of(app: &str, channel: &str, draw: &str, device_id: &str) -> Position {
        let parts = [app, channel, draw, device_id];
        let first = first_of_short(&parts).unwrap_or_else(|| first_of_any(&parts));
        Position((first % u64::from(Percent::ALL.hundredths())) as u16)
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

fn first_of_any(parts: &[&str]) -> u64 {
    Sha256::digest(parts.join("\0")).first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// Bytes of a block, and of the length at the end of the last one.
const BLOCK: usize = 64;
const LENGTH: usize = 8;

/// The same of what fits into two blocks, as all but odd names do. A check hashes once for every partial rollout above what
/// the device gets, and most of that was the handling of a buffer.
fn first_of_short(parts: &[&str]) -> Option<u64> {
    let mut blocks = [[0; BLOCK]; 2];
    let room = blocks.as_flattened_mut();
    let mut end = 0;
    for (at, part) in parts.iter().enumerate() {
        // the byte between them is zero already
        let begin = end + usize::from(at > 0);
        end = begin + part.len();
        room.get_mut(begin..end)?.copy_from_slice(part.as_bytes());
    }
    *room.get_mut(end)? = 0x80;
    let used = (end + 1 + LENGTH).div_ceil(BLOCK);
    let bits = (end as u64) * 8;
    room.get_mut(used * BLOCK - LENGTH..used * BLOCK)?.copy_from_slice(&bits.to_be_bytes());
    let mut state = START;
    compress256(&mut state, blocks.get(..used)?);
    let [high, low, ..] = state;
    Some(u64::from(high) << 32 | u64::from(low))
}

/// What SHA-256 begins with: the fractional parts of the square roots of the first eight primes.
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_and_long_are_hashed_alike_around_the_ends_of_blocks() {
        for length in 0..200 {
            let text = "x".repeat(length);
            let short = first_of_short(&[&text]);
            assert_eq!(short.is_some(), length < 2 * BLOCK - LENGTH, "{length}");
            assert!(short.is_none_or(|short| short == first_of_any(&[&text])), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_names_are_hashed_as_the_library_does(parts in prop::collection::vec("\\PC{0,30}", 0..6)) {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let short = first_of_short(&parts);
            prop_assert!(short.is_none_or(|short| short == first_of_any(&parts)));
        }
    }
}
