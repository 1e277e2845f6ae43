//! Which partition a record goes to: murmur2 of the key, or a sticky partition without one.

/// Kafka's murmur2, as in the Java client's `org.apache.kafka.common.utils.Utils.murmur2`.
///
/// ```
/// use ordain_brokers::kafka::murmur2;
/// assert_eq!(murmur2(b"21"), -973_932_308);
/// ```
#[must_use]
pub fn murmur2(bytes: &[u8]) -> i32 {
    const M: u32 = 0x5bd1_e995;
    const SEED: u32 = 0x9747_b28c;
    let (words, rest) = bytes.as_chunks::<4>();
    let mut h = SEED ^ bytes.len() as u32;
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 24;
        h = h.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (at, byte) in rest.iter().enumerate() {
            h ^= u32::from(*byte) << (8 * at);
        }
        h = h.wrapping_mul(M);
    }
    h ^= h >> 13;
    h = h.wrapping_mul(M);
    h ^= h >> 15;
    h as i32
}

/// The hash that the keyed partitioner takes of a key: `murmur2(key) & 0x7fffffff`. The partition is this
/// modulo the number of partitions.
///
/// ```
/// use ordain_brokers::kafka::partition_hash;
/// assert_eq!(partition_hash(b"abc"), 479_470_107);
/// assert!(partition_hash(b"foobar") <= 0x7fff_ffff);
/// ```
#[must_use]
pub fn partition_hash(bytes: &[u8]) -> u32 {
    murmur2(bytes) as u32 & 0x7fff_ffff
}

/// The producers' sticky partition of one topic for records without a key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sticky {
    partition: u32,
    in_batch: u32,
}

impl Sticky {
    /// The partition of the next record without a key.
    pub(crate) fn next(&mut self, partitions: u32, batch: u32) -> u32 {
        if self.in_batch >= batch.max(1) {
            self.in_batch = 0;
            self.partition = (self.partition + 1) % partitions;
        }
        self.in_batch += 1;
        self.partition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur2_agrees_with_the_java_client() {
        for (text, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("abc", 479_470_107),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ] {
            assert_eq!(murmur2(text.as_bytes()), hash, "murmur2 of {text:?}");
        }
    }

    #[test]
    fn the_partition_hash_has_no_sign() {
        assert_eq!(partition_hash(b"21"), (-973_932_308_i32 as u32) & 0x7fff_ffff);
    }

    #[test]
    fn without_a_key_a_batch_sticks_to_one_partition() {
        let mut sticky = Sticky::default();
        let partitions: Vec<u32> = (0..8).map(|_| sticky.next(3, 2)).collect();
        assert_eq!(partitions, [0, 0, 1, 1, 2, 2, 0, 0]);
    }
}
