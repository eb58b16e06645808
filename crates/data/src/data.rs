//! What every data set offers, and its examples by their address.

use ablation_random::{Draws, Stream};

use crate::about::{About, ConstantPredictor, Need};
use crate::error::DataError;
use crate::files::Files;
use crate::layout::Layout;
use crate::split::Split;

/// One example.
#[derive(Clone, Debug, PartialEq)]
pub enum Example {
    /// A sequence of tokens.
    Tokens {
        /// The input: `[length]`, all below the vocabulary of the layout.
        tokens: Vec<u32>,
        /// The token to be predicted *at* each position: `[length]`. `None` where nothing can be known and nothing is scored.
        targets: Vec<Option<u32>>,
    },
    /// A point, an image: numbers that are to be drawn from the same distribution.
    Numbers {
        /// `[height * width * channels]`, row by row, the channels of a pixel side by side.
        values: Vec<f32>,
        /// Its class, where the layout has classes.
        class: Option<u32>,
    },
}

/// A data set with its settings.
pub trait Data {
    /// Name, description and score.
    fn about(&self) -> &'static About;

    /// What an example looks like.
    fn layout(&self) -> Layout;

    /// SHA-256 of the file that it reads; none where it is made by formula.
    fn file(&self) -> Option<&str> {
        None
    }

    /// Reads its file, if it has one. What an example looks like is known before, what it holds only afterwards: settings are checked, and
    /// studies planned, where the file is not.
    ///
    /// # Errors
    /// If the file is not at hand, or is of no use; with the way out.
    fn read(&mut self, _files: &dyn Files) -> Result<(), DataError> {
        Ok(())
    }

    /// The example that `draws` makes. It depends on its arguments alone: a data set has no other source of chance.
    fn draw(&self, draws: &mut Draws, split: Split) -> Example;

    /// The share of finitely many examples that is trained on; none where every draw is fresh. A larger share only adds examples: it trains
    /// on some of what a smaller one holds out.
    fn train_share(&self) -> Option<f64> {
        None
    }

    /// A token as shown.
    fn token(&self, token: u32) -> String {
        token.to_string()
    }

    /// Tokens as the text that they make, on one line; none where tokens make none, and a model is not asked to write.
    fn written(&self, _tokens: &[u32]) -> Option<String> {
        None
    }

    /// Tokens of a held-out text for each of its characters: 1 where a token is a character. A loss per token times this is one per character.
    fn tokens_per_character(&self) -> f64 {
        1.0
    }

    /// What a predictor reaches that ignores its input.
    fn constant(&self) -> ConstantPredictor;

    /// The lowest expected loss that any predictor can have, in the unit of the loss: the entropy of the targets given the input. It is above
    /// 0 where chance decides a part of the answer, as label noise does. None where it is not stated.
    fn floor(&self) -> Option<f64> {
        None
    }

    /// Which components a model needs for it.
    fn needs(&self) -> Vec<Need>;

    /// What a reader should know of its file, as sentences: what was corrected, how it was parted.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Example `index` of a split, drawn from its own address below `stream`.
pub fn example(data: &dyn Data, stream: &Stream, split: Split, index: u64) -> Example {
    data.draw(&mut split.of(stream).index(index).draws(), split)
}

/// `count` examples of a split from `first` on.
pub fn examples(data: &dyn Data, stream: &Stream, split: Split, first: u64, count: usize) -> Vec<Example> {
    let addresses = split.of(stream).indexed();
    (first..first + count as u64).map(|index| data.draw(&mut addresses.child(index).draws(), split)).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Tokens and targets of one example.
    pub(crate) fn sequence(data: &dyn Data, stream: &Stream, split: Split, index: u64) -> (Vec<u32>, Vec<Option<u32>>) {
        match example(data, stream, split, index) {
            Example::Tokens { tokens, targets } => (tokens, targets),
            other => panic!("{other:?} is not a sequence"),
        }
    }
}
