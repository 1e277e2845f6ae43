//! The two hash functions of the kernel: `mix` for keyed draws, and the 128-bit trace digest.

/// The `n`-th output of SplitMix64 seeded with `state`: a keyed draw of 64 bits.
///
/// This one function decides every seeded choice, so its known answers are pinned by a test.
///
/// ```
/// assert_eq!(ordain_kernel::mix(1_234_567, 1), 6_457_827_717_110_365_317);
/// ```
#[must_use]
#[inline]
pub const fn mix(state: u64, n: u64) -> u64 {
    let mut z = state.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stable 64-bit hash of a text: the same on every machine and in every version of a format.
///
/// ```
/// assert_ne!(ordain_kernel::text_hash("a"), ordain_kernel::text_hash("b"));
/// ```
#[must_use]
pub const fn text_hash(text: &str) -> u64 {
    // FNV-1a over the bytes, finished by `mix` for avalanche.
    let bytes = text.as_bytes();
    let mut h = 0xCBF2_9CE4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        h = (h ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        i += 1;
    }
    mix(h, 1)
}

#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let wide = (a as u128).wrapping_mul(b as u128);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// A hasher for maps keyed by values that are already well mixed, or small integers.
#[derive(Clone, Copy, Default, Debug)]
pub struct Mixer(u64);

impl core::hash::Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0_u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = fold(self.0.rotate_left(5) ^ n ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93);
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// A rolling 128-bit digest: two folded multiplies an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    a: u64,
    b: u64,
}

impl Default for Digest {
    fn default() -> Self {
        Digest { a: 0x243F_6A88_85A3_08D3, b: 0x1319_8A2E_0370_7344 }
    }
}

impl Digest {
    /// Takes two words into the digest; order matters.
    #[inline]
    pub const fn update(&mut self, x: u64, y: u64) {
        self.a = fold(self.a ^ x ^ 0xA409_3822_299F_31D0, self.b.rotate_left(23) ^ y ^ 0x082E_FA98_EC4E_6C89);
        self.b =
            self.b.rotate_left(29).wrapping_add(fold(y ^ 0x4528_21E6_38D0_1377, x ^ 0xBE54_66CF_34E9_0C6C)) ^ self.a;
    }

    /// The digest so far.
    #[must_use]
    pub const fn value(&self) -> u128 {
        ((mix(self.a, 1) as u128) << 64) | mix(self.b, 2) as u128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mix_gives_the_published_splitmix64_sequence() {
        let known = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        for (n, want) in (1..).zip(known) {
            assert_eq!(mix(1_234_567, n), want);
        }
    }

    #[test]
    fn text_hash_and_digest_answers_are_pinned() {
        assert_eq!(text_hash(""), mix(0xCBF2_9CE4_8422_2325, 1));
        let mut digest = Digest::default();
        let empty = digest.value();
        digest.update(1, 2);
        let one = digest.value();
        assert_ne!(empty, one);
        let mut swapped = Digest::default();
        swapped.update(2, 1);
        assert_ne!(swapped.value(), one);
    }
}
