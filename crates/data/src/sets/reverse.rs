//! Reverse: random letters, then the same letters from the last to the first.
//!
//! As in the task "repeat" each answer is copied, but from a distance that grows by two with every answer: no fixed offset helps, and an
//! attention head has to know both places. Reversal is a common test of what a transformer can express (Weiss, Goldberg & Yahav 2021,
//! <https://arxiv.org/abs/2106.06981>).

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::{letter, vocabulary};
use crate::split::Split;

const POSITION: &str =
    "one block without position embeddings sees the earlier letters as a set with counts, whose order decides the answer";

/// Between the letters and the answer, as a token after the letters.
const MARK: &str = ">";

/// Letters that are to be written backwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reverse {
    count: u32,
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] =
    &[("data.count", "more letters to reverse"), ("data.vocabulary", "more letters to tell apart"), NOISE];

const ABOUT: About = About {
    name: "reverse",
    label: "Reverse",
    help: "Random letters, then a separator. After it the model writes the same letters from the last to the first, one by one.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: twice the letters, and the mark.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let letters = tokens.checked_sub(1).filter(|_| length.is_multiple_of(2))?;
    Some(Settings::default().with("data.count", (length / 2) as i64).with("data.vocabulary", letters as i64))
}

fn fields() -> Vec<Field> {
    vec![count(), vocabulary(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(Reverse::from_settings(settings)?))
}

impl Reverse {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let letters = integer(settings, &vocabulary())?;
        Ok(Self { count: integer(settings, &count())?, answers: Answers::from_settings(settings, letters)? })
    }

    fn mark(&self) -> u32 {
        self.answers.count
    }
}

fn count() -> Field {
    let help = "Letters to reverse; with the mark and the answer an example has twice as many tokens.";
    Field::integer("data.count", Group::Data, "Letters", help, (2, 32), 8).in_unit("letters")
}

impl Data for Reverse {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The letters, and the mark.
    fn layout(&self) -> Layout {
        let length = 2 * self.count as usize;
        Layout::Tokens { length, vocabulary: self.answers.count as usize + 1, visibility: Visibility::Causal }
    }

    /// From the mark on, each token asks for the next letter of the answer; the last one is asked for and not read.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let count = self.count as usize;
        let letters: Vec<u32> = (0..count).map(|_| draws.below(u64::from(self.answers.count)) as u32).collect();
        let backwards: Vec<u32> = letters.iter().rev().copied().collect();
        let mark = std::iter::once(self.mark());
        let tokens = letters.into_iter().chain(mark).chain(backwards[..count - 1].iter().copied()).collect();
        let mut targets: Vec<_> = std::iter::repeat_n(None, count).chain(backwards.into_iter().map(Some)).collect();
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        if token == self.mark() { MARK.to_string() } else { letter(token) }
    }

    /// A guess among the letters, which are independent and equally likely.
    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the letters"),
            Need::yes("blocks.*.attn", "each answer stands at an earlier position, and only attention reads other positions"),
            Need::yes("position", POSITION).up_to(1),
            Need::no("blocks.*.mlp", "copying is linear: attention alone can copy a token to another position"),
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

    fn data(count: i64, letters: i64, noise: f64) -> Result<Reverse, DataError> {
        let settings = Settings::default().with("data.count", count).with("data.vocabulary", letters);
        Reverse::from_settings(&settings.with("data.label_noise", noise))
    }

    #[test]
    fn the_answer_is_the_letters_backwards_and_only_it_is_scored() {
        for (count, letters) in [(2, 2), (8, 8), (7, 52), (32, 3)] {
            let (data, stream) = (data(count, letters, 0.0).unwrap(), Stream::root(1));
            let half = count as usize;
            for index in 0..200 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                assert_eq!((tokens.len(), targets.len(), tokens[half]), (2 * half, 2 * half, letters as u32));
                for (place, target) in targets.iter().enumerate() {
                    assert_eq!(*target, (place >= half).then(|| tokens[2 * half - 1 - place]));
                }
                assert!((half..2 * half - 1).all(|place| targets[place] == Some(tokens[place + 1])), "what was written is read");
            }
        }
    }

    #[test]
    fn constants_are_as_said() {
        targets_have_probabilities(&data(8, 5, 0.0).unwrap(), &[0.2; 5]);
        targets_have_probabilities(&data(3, 4, 0.3).unwrap(), &[0.25; 4]);
        the_floor_is_reached(&data(8, 5, 0.0).unwrap(), &data(8, 5, 0.2).unwrap(), 0.2, 5);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |noise, split, index| {
            let data = data(8, 8, noise).unwrap();
            let (tokens, targets) = sequence(&data, &stream, split, index);
            tokens.into_iter().chain(targets.into_iter().flatten()).map(|token| data.token(token)).collect::<String>()
        };
        assert_eq!(text(0.0, Split::Train, 0), "DEHEBDHC>CHDBEHECHDBEHED");
        assert_eq!(text(0.0, Split::Test, 9), "DACGDBBE>EBBDGCAEBBDGCAD");
        assert_eq!(text(0.5, Split::Test, 9), "DACGDBBE>EBBDGCAHGEDGHFB");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |count, letters, noise| data(count, letters, noise).unwrap_err().to_string();
        assert!(message(1, 8, 0.0).contains("`data.count` is 1; choose a value from 2 to 32"));
        assert!(message(8, 53, 0.0).contains("`data.vocabulary` is 53"));
        assert!(message(8, 8, 1.0).contains("`data.label_noise` is 1; choose a value from 0 to 0.9"));
    }
}
