//! What an example looks like: what a model reads and what it must be able to answer.

/// The shape and the kind of an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// A sequence of tokens. The loss is the mean cross-entropy in nats over the positions that carry a target.
    Tokens {
        /// Positions of an example.
        length: usize,
        /// How many different tokens there are; tokens are `0..vocabulary`.
        vocabulary: usize,
        /// Which positions a model may read.
        visibility: Visibility,
    },
    /// A grid of numbers: a point is a grid of one cell. Data sets are centred on 0 with a mean variance of 1 over all numbers, the
    /// scale of the noise of diffusion. The loss is the mean squared error a number.
    Numbers {
        /// Rows of the grid.
        height: usize,
        /// Columns of the grid.
        width: usize,
        /// Numbers of a cell.
        channels: usize,
        /// How many classes there are, if examples have one. A model is told the class.
        classes: Option<usize>,
        /// A sampler keeps its numbers within `-limit..=limit`; data lie inside but for fewer than one number in a thousand.
        limit: f64,
    },
}

impl Layout {
    /// Numbers of an example; tokens count as one each.
    pub fn size(&self) -> usize {
        match *self {
            Layout::Tokens { length, .. } => length,
            Layout::Numbers { height, width, channels, .. } => height * width * channels,
        }
    }
}

/// Which positions a model of token data may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Earlier ones only: the answer to a position is among the later tokens, and a bidirectional model would only copy it.
    Causal,
    /// Causal and bidirectional models are both meaningful: the answer is not among the tokens, and what it follows from stands before it.
    Either,
    /// Made for bidirectional models: what an answer follows from may stand on either side. A causal model can know a part of the answers.
    Bidirectional,
}
