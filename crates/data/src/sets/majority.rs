//! Majority: at every position, say the letter that came most often so far.
//!
//! A question of counts and not of order: uniform attention computes them in one step, and no single token has the answer. What one layer of
//! attention can and cannot count is a common question about what transformers express (Pérez, Barceló & Marinković 2021,
//! <https://jmlr.org/papers/v22/20-302.html>; Merrill, Sabharwal & Smith 2022, <https://arxiv.org/abs/2106.16213>).

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::letter;
use crate::split::Split;

const POSITION: &str = "which letters stand before a position is a question of order; a model that looks both ways without position embeddings \
    gives all positions with the same letter the same answer";

/// Random letters, of which the most frequent one is asked for again and again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Majority {
    length: u32,
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] =
    &[("data.length", "longer sequences, with closer counts"), ("data.vocabulary", "more letters to count"), NOISE];

const ABOUT: About = About {
    name: "majority",
    label: "Majority",
    help: "Random letters. At every position the model predicts the letter that came most often so far; where two came equally often nothing is asked.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    Some(Settings::default().with("data.length", length as i64).with("data.vocabulary", tokens as i64))
}

fn fields() -> Vec<Field> {
    vec![length(), vocabulary(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(Majority::from_settings(settings)?))
}

impl Majority {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, integer(settings, &vocabulary())?)?;
        Ok(Self { length: integer(settings, &length())?, answers })
    }
}

fn length() -> Field {
    let help = "Tokens in an example.";
    Field::integer("data.length", Group::Data, "Sequence length", help, (4, 64), 24).in_unit("tokens")
}

fn vocabulary() -> Field {
    let help = "Number of different letters (vocabulary size); chance accuracy is one over this number.";
    Field::integer("data.vocabulary", Group::Data, "Vocabulary size", help, (2, 26), 4).in_unit("letters")
}

impl Data for Majority {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn layout(&self) -> Layout {
        let (length, vocabulary) = (self.length as usize, self.answers.count as usize);
        Layout::Tokens { length, vocabulary, visibility: Visibility::Either }
    }

    /// The first letter is the most frequent one so far, so that every example has a target.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let tokens: Vec<u32> = (0..self.length).map(|_| draws.below(u64::from(self.answers.count)) as u32).collect();
        let mut counts = vec![0; self.answers.count as usize];
        let mut most_frequent = |token: &u32| {
            counts[*token as usize] += 1;
            let most = counts.iter().max()?;
            let mut leaders = (0..).zip(&counts).filter(|(_, count)| *count == most).map(|(letter, _)| letter);
            let first = leaders.next();
            if leaders.next().is_none() { first } else { None }
        };
        let mut targets: Vec<_> = tokens.iter().map(&mut most_frequent).collect();
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        letter(token)
    }

    /// A guess among the letters, which are equally likely to be ahead.
    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the letters"),
            Need::yes("blocks.*.attn", "the answer is a count over earlier positions, and only attention reads other positions"),
            Need::yes("position", POSITION).bidirectional_only(),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::{targets_have_probabilities, the_floor_is_reached};
    use crate::data::tests::sequence;
    use ablation_random::Stream;

    fn data(length: i64, letters: i64, noise: f64) -> Result<Majority, DataError> {
        let settings = Settings::default().with("data.length", length).with("data.vocabulary", letters);
        Majority::from_settings(&settings.with("data.label_noise", noise))
    }

    #[test]
    fn the_target_is_the_letter_that_is_ahead_of_all_others() {
        for (length, letters) in [(4, 2), (24, 4), (33, 26), (64, 3)] {
            let (data, stream) = (data(length, letters, 0.0).unwrap(), Stream::root(1));
            for index in 0..200 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                assert_eq!((tokens.len(), targets.len()), (length as usize, length as usize));
                for (place, target) in targets.iter().enumerate() {
                    let times = |letter: u32| tokens[..=place].iter().filter(|token| **token == letter).count();
                    let is_ahead =
                        |letter: &u32| (0..letters as u32).all(|other| other == *letter || times(other) < times(*letter));
                    assert_eq!(*target, (0..letters as u32).find(is_ahead));
                }
                assert_eq!(targets[0], Some(tokens[0]));
            }
        }
    }

    #[test]
    fn constants_are_as_said() {
        targets_have_probabilities(&data(24, 4, 0.0).unwrap(), &[0.25; 4]);
        targets_have_probabilities(&data(9, 2, 0.3).unwrap(), &[0.5; 2]);
        the_floor_is_reached(&data(24, 4, 0.0).unwrap(), &data(24, 4, 0.2).unwrap(), 0.2, 4);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |noise, split, index| {
            let data = data(24, 4, noise).unwrap();
            let (tokens, targets) = sequence(&data, &stream, split, index);
            let asked = targets.into_iter().map(|target| target.map_or("-".to_string(), |token| data.token(token)));
            tokens.iter().map(|token| data.token(*token)).chain([" ".to_string()]).chain(asked).collect::<String>()
        };
        assert_eq!(text(0.0, Split::Train, 0), "BCDCABDBACBABDDDCDCDCCCC B--CC--BB-BBBBB--DDDD-CC");
        assert_eq!(text(0.0, Split::Test, 9), "BABDBAACBDADBCDCBDACBAAC B-BBBB--BB--BBBBBBBBBB--");
        assert_eq!(text(0.5, Split::Test, 9), "BABDBAACBDADBCDCBDACBAAC B-BBBB--BB--CBBDBCDBCA--");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |length, letters| data(length, letters, 0.0).unwrap_err().to_string();
        assert!(message(3, 4).contains("`data.length` is 3; choose a value from 4 to 64"));
        assert!(message(24, 27).contains("`data.vocabulary` is 27; choose a value from 2 to 26"));
    }
}
