//! Masked repeat: random tokens twice, some of them hidden; what is hidden stands in the other half.
//!
//! The masked counterpart of [`Repeat`](crate::Repeat), as BERT (Devlin et al. 2019, <https://arxiv.org/abs/1810.04805>) is of GPT: the
//! answer may stand on either side. To a model that looks both ways and knows no positions a sequence is a bag of tokens, in which all
//! hidden places are one; a causal mask gives some of the order away, a model without it has nothing (Haviv et al. 2022,
//! <https://arxiv.org/abs/2203.16634>).

use ablation_random::Draws;
use ablation_settings::{Field, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::{length, letter, vocabulary};
use crate::split::Split;

/// One in so many tokens is hidden.
const HIDDEN: u32 = 5;

const POSITION: &str =
    "without it all masked positions look alike and get the same prediction, which is right at one of them at best";

/// Tokens that repeat with a period of half the length, a fifth of them hidden behind a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskedRepeat {
    length: u32,
    vocabulary: u32,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] = &[("data.length", "longer sequences"), ("data.vocabulary", "more letters")];

const ABOUT: About = About {
    name: "masked-repeat",
    label: "Masked repeat",
    help: "Random letters twice, a fifth of them masked. The model predicts the masked ones; each target stands in the other half.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: the letters, and the mask.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let letters = tokens.checked_sub(1)?;
    Some(Settings::default().with("data.length", length as i64).with("data.vocabulary", letters as i64))
}

fn fields() -> Vec<Field> {
    vec![length(), vocabulary()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(MaskedRepeat::from_settings(settings)?))
}

impl MaskedRepeat {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        Ok(Self { length: integer(settings, &length())?, vocabulary: integer(settings, &vocabulary())? })
    }

    /// After how many tokens the sequence repeats; with an odd length the first letter comes a third time.
    fn period(&self) -> usize {
        self.length as usize / 2
    }

    /// How many tokens are hidden: a fifth, rounded, and at least one.
    fn hidden(&self) -> usize {
        ((self.length + HIDDEN / 2) / HIDDEN).max(1) as usize
    }

    /// What stands for a hidden token.
    fn mask(&self) -> u32 {
        self.vocabulary
    }
}

impl Data for MaskedRepeat {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The letters, and the mask.
    fn layout(&self) -> Layout {
        Layout::Tokens {
            length: self.length as usize,
            vocabulary: self.vocabulary as usize + 1,
            visibility: Visibility::Bidirectional,
        }
    }

    /// Of no letter of the turn more than one copy is hidden, so that every answer can be known.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let (length, period) = (self.length as usize, self.period());
        let turn: Vec<u32> = (0..period).map(|_| draws.below(u64::from(self.vocabulary)) as u32).collect();
        let mut tokens: Vec<u32> = (0..length).map(|position| turn[position % period]).collect();
        let mut targets = vec![None; length];
        let mut places: Vec<usize> = (0..period).collect();
        draws.shuffle(&mut places);
        for place in places.into_iter().take(self.hidden()) {
            let copies = (length - place).div_ceil(period);
            let position = place + period * draws.below(copies as u64) as usize;
            targets[position] = Some(tokens[position]);
            tokens[position] = self.mask();
        }
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        if token == self.mask() { "_".to_string() } else { letter(token) }
    }

    /// A guess among the letters; that the answer is never the mask is taken as known.
    fn constant(&self) -> ConstantPredictor {
        let guesses = f64::from(self.vocabulary);
        ConstantPredictor { loss: libm::log(guesses), score: 1.0 / guesses }
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the letters"),
            Need::yes("blocks.*.attn", "the target stands half a sequence away, and only attention reads other positions"),
            Need::yes("position", POSITION).bidirectional_only(),
            Need::no("blocks.*.mlp", "copying is linear: attention alone can copy a token to the masked position"),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::sequence;
    use ablation_random::Stream;
    use std::collections::BTreeSet;

    fn data(length: i64, vocabulary: i64) -> MaskedRepeat {
        let settings = Settings::default().with("data.length", length).with("data.vocabulary", vocabulary);
        MaskedRepeat::from_settings(&settings).unwrap()
    }

    #[test]
    fn a_fifth_is_hidden_and_each_hidden_token_stands_elsewhere() {
        for (length, vocabulary, hidden) in [(4, 2, 1), (5, 3, 1), (16, 8, 3), (17, 5, 3), (64, 52, 13)] {
            let (data, stream) = (data(length, vocabulary), Stream::root(1));
            let (length, period) = (length as usize, length as usize / 2);
            let mut seen = BTreeSet::new();
            for i in 0..500 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, i);
                assert_eq!((tokens.len(), targets.len(), targets.iter().flatten().count()), (length, length, hidden));
                for (position, target) in targets.iter().enumerate() {
                    assert_eq!(
                        tokens[position] == data.mask(),
                        target.is_some(),
                        "what is hidden is asked for, and nothing else"
                    );
                    let Some(target) = target else { continue };
                    let mut copies = (position % period..length).step_by(period).filter(|other| *other != position);
                    assert!(copies.all(|copy| tokens[copy] == *target), "the other copies are visible and the same");
                    seen.insert(position);
                }
            }
            assert_eq!(seen.len(), length, "every place is hidden some time");
        }
    }

    #[test]
    fn splits_are_other_draws() {
        let (data, stream) = (data(16, 8), Stream::root(1));
        let first = |split| (0..5).map(|i| sequence(&data, &stream, split, i)).collect::<Vec<_>>();
        assert_eq!(first(Split::Train), first(Split::Train));
        assert!(first(Split::Train) != first(Split::Tune) && first(Split::Tune) != first(Split::Test));
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let (data, stream) = (data(16, 8), Stream::root(1).at("data"));
        let text = |split, i| sequence(&data, &stream, split, i).0.iter().map(|t| data.token(*t)).collect::<String>();
        assert_eq!(text(Split::Train, 0), "DEHEBDHC_E__BDHC");
        assert_eq!(text(Split::Tune, 0), "DEDGHHFD_EDG_HF_");
        assert_eq!(text(Split::Test, 0), "EGD_GEA_EGDCGE_E");
    }
}
