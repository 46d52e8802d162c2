//! Two SHA-256 at once, on processors of the x86 family that hash by instructions of their own.
//!
//! Each of those waits for the one before, longer than a processor takes to begin another: with a second message between
//! them, two cost hardly more than one. The library that hashes everything else takes one message at a time.

use super::message::BLOCK;

/// The first eight bytes of the hashes of two messages, filled up to whole blocks; `None` where this processor cannot, or
/// they do not have the same number of blocks.
pub fn firsts(messages: [&[[u8; BLOCK]]; 2]) -> Option<[u64; 2]> {
    let [one, other] = messages;
    if one.len() == other.len() { at_once(messages) } else { None }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "no safe function may be compiled to instructions that not every processor has")]
fn at_once(messages: [&[[u8; BLOCK]]; 2]) -> Option<[u64; 2]> {
    // SAFETY: all that the function asks of its caller is that the processor has the instructions that it is compiled to.
    // It is asked each time; the answer is kept by the standard library.
    by_instructions::are_there().then(|| unsafe { by_instructions::firsts(messages) })
}

#[cfg(not(target_arch = "x86_64"))]
fn at_once(_: [&[[u8; BLOCK]]; 2]) -> Option<[u64; 2]> {
    None
}

#[cfg(target_arch = "x86_64")]
mod by_instructions {
    use std::arch::is_x86_feature_detected;
    use std::arch::x86_64::*;
    use std::array;
    use std::iter;

    use crate::release::position::message::{BLOCK, START};

    pub fn are_there() -> bool {
        is_x86_feature_detected!("sha") && is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("sse4.1")
    }

    /// A message on its way: what is between two rounds in the order that the instructions want, words F, E, B and A from the
    /// lowest and H, G, D and C, and the sixteen words of it that rounds are to come for.
    #[derive(Clone, Copy)]
    struct Hash {
        feba: __m128i,
        hgdc: __m128i,
        words: [__m128i; 4],
    }

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    pub fn firsts([one, other]: [&[[u8; BLOCK]]; 2]) -> [u64; 2] {
        let mut hashes = [Hash::start(), Hash::start()];
        for (one, other) in iter::zip(one, other) {
            compress(&mut hashes, [one, other]);
        }
        [hashes[0].first(), hashes[1].first()]
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn compress(hashes: &mut [Hash; 2], blocks: [&[u8; BLOCK]; 2]) {
        let before = *hashes;
        for (hash, block) in iter::zip(hashes.iter_mut(), blocks) {
            hash.words = words_of(block);
        }
        for (sixteen, constants) in CONSTANTS.iter().enumerate() {
            for (four, constants) in constants.iter().enumerate() {
                for hash in hashes.iter_mut() {
                    if sixteen > 0 {
                        hash.schedule(four);
                    }
                    hash.rounds(four, *constants);
                }
            }
        }
        for (hash, before) in iter::zip(hashes, before) {
            hash.feba = _mm_add_epi32(hash.feba, before.feba);
            hash.hgdc = _mm_add_epi32(hash.hgdc, before.hgdc);
        }
    }

    #[inline]
    #[target_feature(enable = "sse4.1,ssse3")]
    fn words_of(block: &[u8; BLOCK]) -> [__m128i; 4] {
        let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let (quads, _) = block.as_chunks::<8>();
        array::from_fn(|at| {
            let [low, high] = [quads[2 * at], quads[2 * at + 1]].map(i64::from_le_bytes);
            _mm_shuffle_epi8(_mm_set_epi64x(high, low), big_endian)
        })
    }

    impl Hash {
        #[inline]
        #[target_feature(enable = "sha,sse4.1,ssse3")]
        fn start() -> Hash {
            let [a, b, c, d, e, f, g, h] = START.map(u32::cast_signed);
            Hash { feba: _mm_set_epi32(a, b, e, f), hgdc: _mm_set_epi32(c, d, g, h), words: [_mm_setzero_si128(); 4] }
        }

        /// Puts the words in the place of the oldest four that follow from the last sixteen.
        #[inline]
        #[target_feature(enable = "sha,sse4.1,ssse3")]
        fn schedule(&mut self, four: usize) {
            let [oldest, old, new, newest] = [0, 1, 2, 3].map(|later| self.words[(four + later) % 4]);
            let sum = _mm_add_epi32(_mm_sha256msg1_epu32(oldest, old), _mm_alignr_epi8::<4>(newest, new));
            self.words[four] = _mm_sha256msg2_epu32(sum, newest);
        }

        /// Four rounds, with those words.
        #[inline]
        #[target_feature(enable = "sha,sse4.1,ssse3")]
        fn rounds(&mut self, four: usize, [a, b, c, d]: [i32; 4]) {
            let words = _mm_add_epi32(self.words[four], _mm_set_epi32(d, c, b, a));
            self.hgdc = _mm_sha256rnds2_epu32(self.hgdc, self.feba, words);
            self.feba = _mm_sha256rnds2_epu32(self.feba, self.hgdc, _mm_shuffle_epi32::<0x0e>(words));
        }

        #[inline]
        #[target_feature(enable = "sha,sse4.1,ssse3")]
        fn first(&self) -> u64 {
            let [a, b] = [_mm_extract_epi32::<3>(self.feba), _mm_extract_epi32::<2>(self.feba)];
            u64::from(a.cast_unsigned()) << 32 | u64::from(b.cast_unsigned())
        }
    }

    /// The constants of the rounds, by sixteen and by four: the fractional parts of the cube roots of the first 64 primes.
    const CONSTANTS: [[[i32; 4]; 4]; 4] = {
        let mut constants = [[[0; 4]; 4]; 4];
        let (mut at, mut candidate) = (0, 2);
        while at < 64 {
            if is_prime(candidate) {
                constants[at / 16][at / 4 % 4][at % 4] = cube_root(candidate << 96) as u32 as i32;
                at += 1;
            }
            candidate += 1;
        }
        constants
    };

    const fn is_prime(number: u128) -> bool {
        let mut divisor = 2;
        while divisor * divisor <= number && !number.is_multiple_of(divisor) {
            divisor += 1;
        }
        divisor * divisor > number
    }

    /// Rounded down, of a number below 2^120.
    const fn cube_root(number: u128) -> u128 {
        let mut root = 0;
        let mut bit = 1 << 39;
        while bit > 0 {
            let next = root | bit;
            if next * next * next <= number {
                root = next;
            }
            bit >>= 1;
        }
        root
    }
}
