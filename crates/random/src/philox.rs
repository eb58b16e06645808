//! Philox4x32-10: a keyed permutation of 128-bit blocks, good enough to be called random.
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
//! <https://doi.org/10.1145/2063384.2063405>. Block `n` of a stream is computed from `n` alone, without the blocks
//! before it; there is no state to carry, share or seed wrongly.

/// 128 bits: what Philox permutes.
pub(crate) type Block = [u32; 4];
/// 64 bits: which permutation.
pub(crate) type Key = [u32; 2];

const ROUNDS: usize = 10;
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// Added to the key each round: the golden ratio and sqrt(3) - 1, as in the paper.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The Philox4x32-10 permutation of `block` under `key`.
pub(crate) fn philox(mut block: Block, mut key: Key) -> Block {
    for _ in 0..ROUNDS {
        let [low0, high0] = widening(MULTIPLIERS[0], block[0]);
        let [low1, high1] = widening(MULTIPLIERS[1], block[2]);
        block = [high1 ^ block[1] ^ key[0], low1, high0 ^ block[3] ^ key[1], low0];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    block
}

/// The 64-bit product, low half first.
fn widening(a: u32, b: u32) -> [u32; 2] {
    let product = u64::from(a) * u64::from(b);
    [product as u32, (product >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three `philox4x32 10` lines of Random123's `kat_vectors`.
    #[test]
    fn agrees_with_the_published_known_answers() {
        let ones = u32::MAX;
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([ones; 4], [ones; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
