//! The numbered blocks of one stream: what its draws are made of.

use crate::philox::{Block, Key, philox};

/// Set in the second word of everything that is no draw, so that a draw never has the input of a child.
const NO_DRAW: u32 = 0x8000_0000;

/// The blocks of a stream, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub key: Key,
    pub domain: [u32; 2],
}

impl Blocks {
    /// Block `n`, `n < 2^63`.
    pub(crate) fn block(&self, n: u64) -> Block {
        philox([n as u32, (n >> 32) as u32 & !NO_DRAW, self.domain[0], self.domain[1]], self.key)
    }
}
