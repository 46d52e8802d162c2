//! What is hashed for a position, and how.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use super::pair;

/// Bytes of a block, and of the length at the end of the last one.
pub const BLOCK: usize = 64;
const LENGTH: usize = 8;

/// A text that fits into two blocks, as all but odd names do, filled up as SHA-256 wants it.
///
/// A check hashes once for every partial rollout above what the device gets, and most of what that cost was the handling of
/// a buffer.
pub struct Message {
    blocks: [[u8; BLOCK]; 2],
    used: usize,
}

impl Message {
    const EMPTY: Message = Message { blocks: [[0; BLOCK]; 2], used: 0 };

    /// The first eight bytes of the hash of the parts with zero bytes between them.
    pub fn first(parts: &[&str]) -> u64 {
        let mut message = Message::EMPTY;
        if message.lay_out(parts) { message.first_of_short() } else { first_of_any(parts) }
    }

    /// Those of two.
    pub fn firsts([one, other]: [&[&str]; 2]) -> [u64; 2] {
        let mut messages = [Message::EMPTY; 2];
        let [first, second] = &mut messages;
        if !(first.lay_out(one) && second.lay_out(other)) {
            return [one, other].map(Message::first);
        }
        let at_once = pair::firsts([first.blocks(), second.blocks()]);
        at_once.unwrap_or_else(|| [first.first_of_short(), second.first_of_short()])
    }

    /// Puts the parts into an empty one, where they fit. In place: bytes that were just written one by one are slow to be
    /// read as wide as it takes to copy them.
    fn lay_out(&mut self, parts: &[&str]) -> bool {
        self.used = self.fill(parts).unwrap_or(0);
        self.used > 0
    }

    fn fill(&mut self, parts: &[&str]) -> Option<usize> {
        let room = self.blocks.as_flattened_mut();
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
        Some(used)
    }

    fn blocks(&self) -> &[[u8; BLOCK]] {
        self.blocks.get(..self.used).unwrap_or_default()
    }

    fn first_of_short(&self) -> u64 {
        let mut state = START;
        compress256(&mut state, self.blocks());
        let [high, low, ..] = state;
        u64::from(high) << 32 | u64::from(low)
    }
}

fn first_of_any(parts: &[&str]) -> u64 {
    Sha256::digest(parts.join("\0")).first_chunk().copied().map_or(0, u64::from_be_bytes)
}

/// What SHA-256 begins with: the fractional parts of the square roots of the first eight primes.
pub const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_and_long_are_hashed_alike_around_the_ends_of_blocks() {
        for length in 0..200 {
            let text = "x".repeat(length);
            let mut short = Message::EMPTY;
            let fits = short.lay_out(&[&text]);
            assert_eq!(fits, length < 2 * BLOCK - LENGTH, "{length}");
            assert!(!fits || short.first_of_short() == first_of_any(&[&text]), "{length}");
        }
    }

    #[test]
    fn two_are_hashed_as_each_alone_around_the_ends_of_blocks() {
        let texts = [0, 1, 55, 56, 63, 64, 119, 120, 200].map(|length| "x".repeat(length));
        for one in &texts {
            for other in &texts {
                let alone = [one, other].map(|text| first_of_any(&[text]));
                assert_eq!(Message::firsts([&[one], &[other]]), alone, "{} and {}", one.len(), other.len());
            }
        }
    }

    proptest! {
        #[test]
        fn any_names_are_hashed_as_the_library_does(parts in prop::collection::vec("\\PC{0,30}", 0..6)) {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            prop_assert_eq!(Message::first(&parts), first_of_any(&parts));
        }

        #[test]
        fn any_two_are_hashed_as_the_library_does(texts in prop::array::uniform2("\\PC{0,20}|\\PC{20,60}")) {
            let alone = [0, 1].map(|at| first_of_any(&[&texts[at]]));
            prop_assert_eq!(Message::firsts([&[&texts[0]], &[&texts[1]]]), alone);
        }
    }
}
