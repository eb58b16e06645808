//! Streams and their addresses.
//!
//! # How an address becomes numbers
//!
//! A stream is 128 bits, read as a Philox key `k` (64 bits) and a domain `d` (64 bits). Writing `E_k` for the Philox
//! permutation under `k`:
//!
//! * **Draws**: block `n` of the stream is `E_k(n, d)`, with `n < 2^63`.
//! * **Children**: CBC-MAC over length-prefixed bytes. The first block is `E_k(length, tag, d)`; each further block
//!   is `E_k` of the previous one XOR the next 16 bytes (the last padded with zeros); the last block is the child.
//!   The tag says name or index and has its highest bit set, which a draw's `n` has not, so that drawing from a stream and
//!   descending from it never share an input. The length in front makes the encoding prefix-free, the condition under
//!   which CBC-MAC is a pseudo-random function (Bellare, Kilian and Rogaway 2000).
//! * **Root**: `E` of the seed under a fixed key, a permutation: different seeds never collide.
//!
//! Two addresses therefore collide with a probability of about `2^-128`, and a billion of them with one of `2^-68`.

use crate::blocks::Blocks;
use crate::draws::Draws;
use crate::philox::{Block, Key, philox};

/// The letters "ablation": a constant with nothing up its sleeve.
const ROOT_KEY: Key = [u32::from_le_bytes(*b"abla"), u32::from_le_bytes(*b"tion")];
const ROOT: u32 = 0x8000_0000;
const NAME: u32 = 0x8000_0001;
const INDEX: u32 = 0x8000_0002;

/// A random stream with an address. Cheap to copy, never used up: [`Stream::draws`] starts at the beginning each time.
///
/// The same address gives the same stream, for ever and on every machine; different addresses practically never give the same.
/// An address is a *list* of steps, and a step is atomic: `at("a.b")` is one step and differs from `at("a").at("b")`,
/// which is two. Neither reads the dots. `at("3")` differs from `index(3)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: Key,
    domain: [u32; 2],
}

impl Stream {
    /// The root of all streams of one seed.
    pub fn root(seed: u64) -> Self {
        let [low, high] = halves(seed);
        Self::from_block(philox([low, high, ROOT, 0], ROOT_KEY))
    }

    /// The child named `name`. Any text will do, also the empty one; its bytes are compared exactly.
    #[must_use]
    pub fn at(&self, name: &str) -> Self {
        self.child(NAME, name.as_bytes())
    }

    /// The child numbered `i`: an example, a step, a replica.
    #[must_use]
    pub fn index(&self, i: u64) -> Self {
        self.indexed().child(i)
    }

    /// The numbered children, where many are asked for.
    pub fn indexed(&self) -> Indexed {
        Indexed { key: self.key, begun: self.begun(INDEX, size_of::<u64>()) }
    }

    /// The stream's numbers, from the first.
    pub fn draws(&self) -> Draws {
        Draws::new(self.blocks())
    }

    /// The blocks of the stream's draws.
    fn blocks(&self) -> Blocks {
        Blocks { key: self.key, domain: self.domain }
    }

    fn child(&self, tag: u32, bytes: &[u8]) -> Self {
        let mut chain = self.begun(tag, bytes.len());
        for chunk in bytes.chunks(16) {
            let mut padded = [0; 16];
            padded[..chunk.len()].copy_from_slice(chunk);
            for (word, four) in chain.iter_mut().zip(padded.as_chunks::<4>().0) {
                *word ^= u32::from_le_bytes(*four);
            }
            chain = philox(chain, self.key);
        }
        Self::from_block(chain)
    }

    /// The first block of every child whose address has so many bytes.
    fn begun(&self, tag: u32, length: usize) -> Block {
        // A name of 4 GiB would wrap the length; it would also not fit the memory of a worker.
        philox([length as u32, tag, self.domain[0], self.domain[1]], self.key)
    }

    fn from_block([a, b, c, d]: Block) -> Self {
        Self { key: [a, b], domain: [c, d] }
    }
}

/// The numbered children of one stream. What all of them begin with is computed once.
#[derive(Clone, Copy, Debug)]
pub struct Indexed {
    key: Key,
    begun: Block,
}

impl Indexed {
    /// The child numbered `i`: [`Stream::index`].
    #[must_use]
    pub fn child(&self, i: u64) -> Stream {
        let ([low, high], [a, b, c, d]) = (halves(i), self.begun);
        Stream::from_block(philox([a ^ low, b ^ high, c, d], self.key))
    }
}

/// Low half first.
fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn first(stream: Stream) -> [u32; 4] {
        stream.blocks().block(0)
    }

    /// From an independent implementation (in Python) of the construction described above.
    ///
    /// Every weight, batch and figure in every stored record hangs on these numbers. If this test fails, records made
    /// before the change can no longer be reproduced: do not update it without a new version of the record format.
    #[test]
    fn golden_streams_never_change() {
        assert_eq!(first(Stream::root(0)), [0x6f76_4e95, 0xb60b_0614, 0xcd3c_fd9a, 0xb7ad_06c9]);
        assert_eq!(first(Stream::root(u64::MAX)), [0x62a4_76ef, 0x654a_d458, 0x27d8_6b33, 0x271e_3c65]);
        let init = Stream::root(1).at("init");
        assert_eq!(first(init), [0xf944_cb0e, 0xa9b6_38ff, 0x46bc_218b, 0xd3ad_ddcd]);
        assert_eq!(first(init.at("blocks.0.attn.query.weight")), [0x049d_208d, 0x0af5_0645, 0x1aa5_9c83, 0x83d8_5bd0]);
        assert_eq!(first(Stream::root(1).at("train").index(42)), [0xe1df_4967, 0x2b36_d164, 0xdd03_070b, 0xf9c8_6c02]);
        assert_eq!(first(Stream::root(1).at("")), [0xd9f7_8fe8, 0x1f47_713d, 0xe66c_b1b5, 0x8233_4389]);
        assert_eq!(
            init.at("blocks.0.attn.query.weight").blocks().block(1 << 40),
            [0xc131_2463, 0x023e_3aad, 0xe109_6510, 0x84b3_3c58]
        );
    }

    #[test]
    fn an_address_is_a_list_of_atomic_steps() {
        let root = Stream::root(3);
        let streams = [
            root,
            root.at(""),
            root.at("").at(""),
            root.at("a"),
            root.at("a\0"), // the zero padding of the last block is not part of the name
            root.at("a.b"),
            root.at("a").at("b"),
            root.at("b").at("a"),
            root.at("a").at(".b"),
            root.at("3"),
            root.index(3),
            root.index(3).at("a"),
            root.at("a").index(3),
            Stream::root(4),
        ];
        let distinct: BTreeSet<_> = streams.map(first).into();
        assert_eq!(distinct.len(), streams.len());
        assert_eq!(root.at("a.b"), root.at("a.b"));
    }

    #[test]
    fn a_hundred_thousand_neighbours_are_all_different() {
        let mut seen = BTreeSet::new();
        for i in 0..20_000_u64 {
            let root = Stream::root(i);
            let name = format!("blocks.{i}.attn");
            for stream in [root, Stream::root(0).index(i), Stream::root(0).at(&name), root.at("init"), root.index(i)] {
                seen.insert(first(stream));
            }
        }
        assert_eq!(seen.len(), 100_000 - 1); // root(0).index(0) was named twice
    }

    #[test]
    fn descending_never_reads_a_block_that_is_drawn() {
        let stream = Stream::root(5);
        let drawn: BTreeSet<_> = (0..10_000).map(|n| stream.blocks().block(n)).collect();
        for length in 0..100 {
            let child = stream.at(&"x".repeat(length));
            assert!(!drawn.contains(&[child.key[0], child.key[1], child.domain[0], child.domain[1]]));
        }
    }

    /// Flipping one bit of an address should flip half of the output: no pattern leaks from neighbouring indices.
    #[test]
    fn neighbouring_addresses_are_unrelated() {
        let flipped = |a: Stream, b: Stream| -> u32 { first(a).iter().zip(first(b)).map(|(x, y)| (x ^ y).count_ones()).sum() };
        let root = Stream::root(11);
        let total: u32 = (0..2_000).map(|i| flipped(root.index(i), root.index(i + 1))).sum();
        let total = total + (0..2_000).map(|s| flipped(Stream::root(s), Stream::root(s + 1))).sum::<u32>();
        // 512,000 fair coins: 256,000 expected, standard deviation 358.
        assert!((total as i64 - 256_000).abs() < 5 * 358, "{total} of 512000 bits flipped");
    }
}
