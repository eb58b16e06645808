//! Sequences of a text, whatever its tokens are: characters, or the pieces of words that a tokenizer makes.
//!
//! How text goes on is chance to a part that nobody knows, so there is no best possible loss to compare with. Bits per character are the unit
//! in which models of text have been compared since Shannon (1951), <https://doi.org/10.1002/j.1538-7305.1951.tb01366.x>; they compare models
//! with different tokens as well.

use ablation_random::Draws;
use ablation_settings::{Field, Settings, visible_line};

use crate::about::{About, ConstantPredictor, Need};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::files::Files;
use crate::layout::{Layout, Visibility};
use crate::split::Split;

/// The sign for what is no token.
pub(crate) const NONE: char = '\u{fffd}';

/// Makes tokens of a file. Arguments: its bytes, the size of the vocabulary in tokens, and how many tokens each part needs at least that are
/// asked for. An error is what is the matter and the way out, as a part of a sentence.
pub(crate) type Reader = fn(&[u8], usize, usize) -> Result<Read, String>;

/// Sequences of a text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    about: &'static About,
    /// Tokens in an example.
    length: usize,
    /// Tokens that there are at most.
    vocabulary: usize,
    /// Of the file.
    sha256: String,
    reader: Reader,
    /// Once the file was read.
    read: Option<Read>,
}

/// A text that was read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// The text of each token.
    pub pieces: Vec<String>,
    /// The token of what is not in the vocabulary, which is not asked for; some tokenizers need none.
    pub unknown: Option<u32>,
    /// Tokens of the test part for each of its characters.
    pub tokens_per_character: f64,
    /// What is trained on.
    pub train: Vec<u32>,
    /// Held out, to choose on.
    pub tune: Vec<u32>,
    /// Held out, to report.
    pub test: Vec<u32>,
    /// What a reader should know of it, as sentences.
    pub notes: Vec<String>,
}

impl Read {
    /// The tokens of a split.
    pub fn part(&self, split: Split) -> &[u32] {
        match split {
            Split::Train => &self.train,
            Split::Tune => &self.tune,
            Split::Test => &self.test,
        }
    }

    /// How many tokens of a split are asked for.
    pub fn asked(&self, split: Split) -> usize {
        self.part(split).iter().filter(|&&token| Some(token) != self.unknown).count()
    }

    /// How many tokens of the whole text are unknown.
    pub fn unknowns(&self) -> usize {
        let parts = [&self.train, &self.tune, &self.test];
        parts.into_iter().flatten().filter(|&&token| Some(token) == self.unknown).count()
    }

    /// Mean cross-entropy of the known tokens of the test part under the frequencies of the training part, each counted once more than it is
    /// there, in nats a token.
    pub fn constant(&self, vocabulary: usize) -> f64 {
        let known = |tokens: &[u32]| {
            let known = tokens.iter().filter(|&&token| Some(token) != self.unknown);
            known.map(|&token| token as usize).collect::<Vec<_>>()
        };
        let mut counts = vec![1.0; vocabulary];
        if let Some(unknown) = self.unknown {
            counts[unknown as usize] = 0.0;
        }
        known(&self.train).into_iter().for_each(|token| counts[token] += 1.0);
        let total: f64 = counts.iter().sum();
        let test = known(&self.test);
        let sum: f64 = test.iter().map(|&token| -libm::log(counts[token] / total)).sum();
        sum / test.len().max(1) as f64
    }

    /// The text of a token, if it has one.
    fn piece(&self, token: u32) -> Option<&str> {
        self.pieces.get(token as usize).map(String::as_str).filter(|_| Some(token) != self.unknown)
    }
}

impl Text {
    /// A text that was not read yet. `fields`: those of the sequence length and of the size of the vocabulary.
    ///
    /// # Errors
    /// If a setting is missing or out of range.
    pub fn new(
        about: &'static About,
        settings: &Settings,
        [length, vocabulary]: [&Field; 2],
        reader: Reader,
    ) -> Result<Self, DataError> {
        Ok(Text {
            about,
            length: integer(settings, length)? as usize,
            vocabulary: integer(settings, vocabulary)? as usize,
            sha256: settings.text("data.corpus")?.to_string(),
            reader,
            read: None,
        })
    }

    fn file_error(&self, reason: impl ToString) -> DataError {
        DataError::File { what: "corpus", sha256: self.sha256.clone(), reason: reason.to_string() }
    }

    /// The text of a token on one line; `space` stands for a space.
    fn line(&self, token: u32, space: char) -> String {
        let piece = self.read.as_ref().and_then(|read| read.piece(token));
        let Some(piece) = piece else { return NONE.to_string() };
        let shown = |character| match character {
            '\n' => '¶',
            ' ' => space,
            character => character,
        };
        visible_line(&piece.chars().map(shown).collect::<String>()).into_owned()
    }
}

impl Data for Text {
    fn about(&self) -> &'static About {
        self.about
    }

    fn layout(&self) -> Layout {
        Layout::Tokens { length: self.length, vocabulary: self.vocabulary, visibility: Visibility::Causal }
    }

    fn file(&self) -> Option<&str> {
        Some(&self.sha256)
    }

    fn read(&mut self, files: &dyn Files) -> Result<(), DataError> {
        let bytes = files.corpus(&self.sha256).ok_or_else(|| self.file_error("it is not here; give the file"))?;
        // The last token of an example is asked for and not read.
        let read = (self.reader)(bytes, self.vocabulary, self.length + 1).map_err(|reason| self.file_error(reason))?;
        self.read = Some(read);
        Ok(())
    }

    /// Tokens from anywhere in the part, each of which asks for the next one. Of a text that was not read nothing is known, and nothing is
    /// asked for.
    fn draw(&self, draws: &mut Draws, split: Split) -> Example {
        let Some(read) = &self.read else {
            return Example::Tokens { tokens: vec![0; self.length], targets: vec![None; self.length] };
        };
        let part = read.part(split);
        let first = draws.below((part.len() - self.length) as u64) as usize;
        let shown = &part[first..=first + self.length];
        let targets = shown[1..].iter().map(|&token| Some(token).filter(|_| Some(token) != read.unknown)).collect();
        Example::Tokens { tokens: shown[..self.length].to_vec(), targets }
    }

    fn tokens_per_character(&self) -> f64 {
        self.read.as_ref().map_or(1.0, |read| read.tokens_per_character)
    }

    /// The text of the token; a space and a line feed as signs that can be seen.
    fn token(&self, token: u32) -> String {
        self.line(token, '␣')
    }

    fn written(&self, tokens: &[u32]) -> Option<String> {
        Some(tokens.iter().map(|&token| self.line(token, ' ')).collect())
    }

    /// It knows how often each token comes. Before the text is read, it knows that there are so many.
    fn constant(&self) -> ConstantPredictor {
        let before = libm::log((self.vocabulary - 1) as f64);
        let loss = self.read.as_ref().map_or(before, |read| read.constant(self.vocabulary));
        ConstantPredictor { loss, score: loss / std::f64::consts::LN_2 * self.tokens_per_character() }
    }

    fn needs(&self) -> Vec<Need> {
        let attention = "words are spelt from earlier characters, and only attention reads other positions";
        vec![
            Need::yes("embed", "without it the model does not see the text"),
            Need::yes("blocks.*.attn", attention),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }

    fn notes(&self) -> Vec<String> {
        self.read.as_ref().map(|read| read.notes.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: each of three known tokens is counted once more than it is there.
    #[test]
    fn the_constant_predictor_knows_the_frequencies_of_the_training_part() {
        let read = Read {
            pieces: ["", "a", "b", "c"].map(String::from).to_vec(),
            unknown: Some(0),
            tokens_per_character: 1.0,
            train: vec![1, 1, 1, 2, 0],
            tune: Vec::new(),
            test: vec![1, 2, 3, 0],
            notes: Vec::new(),
        };
        let (p1, p2, p3) = (4.0 / 7.0, 2.0 / 7.0, 1.0 / 7.0);
        let expected = -(libm::log(p1) + libm::log(p2) + libm::log(p3)) / 3.0;
        assert!((read.constant(4) - expected).abs() < 1e-12);
        // A token more that the text never has is counted once.
        assert!(read.constant(5) > read.constant(4));
    }
}
