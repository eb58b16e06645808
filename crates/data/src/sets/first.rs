//! First: at every position, say the letter that the sequence began with.
//!
//! The task on which it depends on the rest of the model whether positions are needed. Which letter stands first is a question of order. A
//! model that looks back only is told the order by its mask: the first letter is the one that sees nothing but itself and the start. A
//! model that looks both ways is not told, and without positions every letter is to it as much the first as any other. Haviv et al. (2022),
//! <https://aclanthology.org/2022.findings-emnlp.99>, found the same of language models: without positions, perplexity 13.1 against 13.05
//! where they look back, 147 against 4 where they look both ways.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::{Entry, Start};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::{letter, vocabulary};
use crate::split::Split;

const POSITION: &str =
    "which letter comes first depends on the order, and without a causal mask only position embeddings carry it";

/// The start of every sequence, as a token after the letters.
const START: &str = "^";

/// Tokens of which the first letter has to be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    length: u32,
    letters: u32,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: Some(start) };

const HARDER: &[(&str, &str)] = &[("data.length", "longer sequences"), ("data.vocabulary", "more letters")];

const ABOUT: About = About {
    name: "first",
    label: "First token",
    help: "A start token, then random letters. At every position the model predicts the letter that came first.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: the letters, and the start.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let letters = tokens.checked_sub(1)?;
    Some(Settings::default().with("data.length", length as i64).with("data.vocabulary", letters as i64))
}

fn fields() -> Vec<Field> {
    vec![length(), vocabulary()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(First::from_settings(settings)?))
}

fn start() -> Start {
    Start {
        label: "Recall the first token",
        help: "A transformer learns which letter came first. The causal mask tells it the order; does it need position embeddings?",
        settings: Settings::default().with("train.batch", 16).with("ablation.site", "position"),
    }
}

impl First {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        Ok(Self { length: integer(settings, &length())?, letters: integer(settings, &vocabulary())? })
    }
}

fn length() -> Field {
    let help = "Tokens in an example, the start mark included.";
    Field::integer("data.length", Group::Data, "Length", help, (4, 64), 16).in_unit("tokens")
}

impl Data for First {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The letters, and the start mark.
    fn layout(&self) -> Layout {
        Layout::Tokens { length: self.length as usize, vocabulary: self.letters as usize + 1, visibility: Visibility::Either }
    }

    /// The first letter itself carries no target: there the answer is the input.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let mut next = || draws.below(u64::from(self.letters)) as u32;
        let tokens: Vec<u32> = std::iter::once(self.letters).chain((1..self.length).map(|_| next())).collect();
        let targets = (0..self.length).map(|position| (position > 1).then(|| tokens[1])).collect();
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        if token == self.letters { START.to_string() } else { letter(token) }
    }

    fn constant(&self) -> ConstantPredictor {
        let guesses = f64::from(self.letters);
        ConstantPredictor { loss: libm::log(guesses), score: 1.0 / guesses }
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the letters"),
            Need::yes("blocks.*.attn", "the target stands at another position, and only attention reads other positions"),
            Need::yes("position", POSITION).bidirectional_only(),
            Need::no("blocks.*.mlp", "copying is linear: attention alone can copy a token to another position"),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::sequence;
    use ablation_random::Stream;

    fn data(length: i64, letters: i64) -> Result<First, DataError> {
        First::from_settings(&Settings::default().with("data.length", length).with("data.vocabulary", letters))
    }

    #[test]
    fn every_later_position_asks_for_the_first_letter() {
        let (data, stream) = (data(8, 5).unwrap(), Stream::root(3).at("data"));
        for index in 0..50 {
            let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
            assert_eq!((tokens.len(), tokens[0]), (8, 5), "it starts with the start mark");
            assert!(tokens[1..].iter().all(|&letter| letter < 5));
            assert_eq!(targets[..2], [None, None]);
            assert!(targets[2..].iter().all(|target| *target == Some(tokens[1])));
        }
        assert_eq!(data.token(5), "^");
    }

    #[test]
    fn letters_are_equally_likely_and_splits_apart() {
        let (data, stream) = (data(4, 8).unwrap(), Stream::root(1).at("data"));
        let firsts = |split| (0..8_000).map(|index| sequence(&data, &stream, split, index).0[1]).collect::<Vec<_>>();
        let (train, test) = (firsts(Split::Train), firsts(Split::Test));
        assert_ne!(train, test);
        for letter in 0..8 {
            let share = train.iter().filter(|&&first| first == letter).count() as f64 / 8_000.0;
            assert!((share - 0.125).abs() < 0.02, "{letter}: {share}");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        assert!(data(3, 8).unwrap_err().to_string().contains("`data.length` is 3"));
        assert!(data(8, 1).unwrap_err().to_string().contains("`data.vocabulary` is 1"));
    }
}
