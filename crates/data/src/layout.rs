//! What an example looks like: what a model reads and what it must be able to answer.

use std::fmt;

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

    /// Whether a model that reads examples of one can read those of the other: as many tokens of as large a vocabulary, or a grid of the same
    /// size with as many classes.
    pub fn same_shape(&self, other: &Layout) -> bool {
        let sizes = |layout: &Layout| match *layout {
            Layout::Tokens { length, vocabulary, .. } => [Some(length), Some(vocabulary), None, None],
            Layout::Numbers { height, width, channels, classes, .. } => [Some(height), Some(width), Some(channels), classes],
        };
        sizes(self) == sizes(other)
    }

    /// Whether a model that may read the positions of the examples of one may read those of the other.
    pub fn read_alike(&self, other: &Layout) -> bool {
        let is_masked = |layout: &Layout| matches!(layout, Layout::Tokens { visibility: Visibility::Bidirectional, .. });
        is_masked(self) == is_masked(other)
    }
}

/// The shape in words: `16 tokens of a vocabulary of 8`, `8 by 8 by 1 numbers of 8 classes`.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Layout::Tokens { length, vocabulary, .. } => write!(f, "{length} tokens of a vocabulary of {vocabulary}"),
            Layout::Numbers { height, width, channels, classes: None, .. } => {
                write!(f, "{height} by {width} by {channels} numbers")
            }
            Layout::Numbers { height, width, channels, classes: Some(classes), .. } => {
                write!(f, "{height} by {width} by {channels} numbers of {classes} classes")
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_one_shape_are_those_that_one_model_reads() {
        let tokens = |length, vocabulary, visibility| Layout::Tokens { length, vocabulary, visibility };
        let grid = |width, channels, classes, limit| Layout::Numbers { height: 8, width, channels, classes, limit };
        let (letters, image) = (tokens(16, 8, Visibility::Causal), grid(8, 1, None, 4.0));
        assert!(letters.same_shape(&tokens(16, 8, Visibility::Either)) && image.same_shape(&grid(8, 1, None, 3.0)));
        for other in [tokens(12, 8, Visibility::Causal), tokens(16, 9, Visibility::Causal), image] {
            assert!(!letters.same_shape(&other) && !other.same_shape(&letters), "{other}");
        }
        for other in [grid(4, 1, None, 4.0), grid(8, 3, None, 4.0), grid(8, 1, Some(2), 4.0)] {
            assert!(!image.same_shape(&other) && !other.same_shape(&image), "{other}");
        }
        assert_eq!(letters.to_string(), "16 tokens of a vocabulary of 8");
        assert_eq!(image.to_string(), "8 by 8 by 1 numbers");
        assert_eq!(grid(8, 1, Some(2), 4.0).to_string(), "8 by 8 by 1 numbers of 2 classes");
    }
}
