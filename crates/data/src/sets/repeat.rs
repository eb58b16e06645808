//! Repeat: random tokens, then the same tokens again.
//!
//! The second half cannot be guessed, only copied: each target equals the token half a sequence earlier. The smallest task on
//! which attention is indispensable and nothing else is, and the one on which induction heads were found (Olsson et al.
//! 2022, <https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads>).

use ablation_random::Draws;
use ablation_settings::{Field, Settings};

use super::{Entry, Start};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::{length, letter, vocabulary};
use crate::split::Split;

const POSITION: &str = "the model must find the token L/2 back; without position embeddings only the causal mask carries order: one layer \
    cannot use it, two learn it slowly";

/// Tokens that repeat with a period of half the length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeat {
    length: u32,
    /// The letters.
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: Some(start) };

const HARDER: &[(&str, &str)] = &[("data.length", "longer sequences"), ("data.vocabulary", "more letters"), NOISE];

const ABOUT: About = About {
    name: "repeat",
    label: "Repeat",
    help: "Random letters, then the same letters again. The model predicts the second half; each target equals the token L/2 earlier (L: sequence length).",
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
    Ok(Box::new(Repeat::from_settings(settings)?))
}

fn start() -> Start {
    Start {
        label: "Copy a sequence",
        help: "A transformer learns to copy a random sequence. Does it need the attention of its first block?",
        settings: Settings::default().with("ablation.site", "blocks.0.attn"),
    }
}

impl Repeat {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, integer(settings, &vocabulary())?)?;
        Ok(Self { length: integer(settings, &length())?, answers })
    }

    /// After how many tokens the sequence repeats: half the length, rounded down, so that an odd length ends with one token
    /// of a third turn.
    fn period(&self) -> usize {
        self.length as usize / 2
    }
}

impl Data for Repeat {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn layout(&self) -> Layout {
        Layout::Tokens { length: self.length as usize, vocabulary: self.answers.count as usize, visibility: Visibility::Causal }
    }

    /// Held-out sequences are fresh draws, not a reserved part of the `vocabulary^period` possible ones: at the defaults there
    /// are 16 million, too many to memorise.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let turn: Vec<u32> = (0..self.period()).map(|_| draws.below(u64::from(self.answers.count)) as u32).collect();
        let token = |position: usize| turn[position % turn.len()];
        let length = self.length as usize;
        let known = self.period() - 1..length - 1; // from here the next token has been seen before
        let mut targets: Vec<_> = (0..length).map(|t| known.contains(&t).then(|| token(t + 1))).collect();
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens: (0..length).map(token).collect(), targets }
    }

    fn token(&self, token: u32) -> String {
        letter(token)
    }

    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the letters"),
            Need::yes("blocks.*.attn", "each target equals the token L/2 earlier, and only attention reads other positions"),
            Need::yes("position", POSITION).up_to(2),
            Need::no("blocks.*.mlp", "copying is linear: attention alone can copy a token to another position"),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::the_floor_is_reached;
    use crate::data::tests::sequence;
    use ablation_random::Stream;

    fn data(length: i64, vocabulary: i64) -> Result<Repeat, DataError> {
        Repeat::from_settings(&Settings::default().with("data.length", length).with("data.vocabulary", vocabulary))
    }

    #[test]
    fn the_second_half_repeats_the_first_and_only_it_is_scored() {
        for (length, vocabulary) in [(4, 2), (16, 8), (17, 5), (64, 52)] {
            let (data, stream) = (data(length, vocabulary).unwrap(), Stream::root(1));
            let (length, period) = (length as usize, length as usize / 2);
            for i in 0..200 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, i);
                assert_eq!((tokens.len(), targets.len()), (length, length));
                assert!(tokens.iter().all(|t| i64::from(*t) < vocabulary));
                for t in 0..length {
                    assert!(t < period || tokens[t] == tokens[t - period]);
                    let scored = (period - 1..length - 1).contains(&t);
                    assert_eq!(targets[t], scored.then(|| tokens[t + 1]));
                }
            }
        }
    }

    #[test]
    fn an_example_is_a_function_of_stream_split_and_index() {
        let (data, stream) = (data(16, 8).unwrap(), Stream::root(1));
        let seen: std::collections::BTreeSet<_> = (0..1_000).map(|i| sequence(&data, &stream, Split::Train, i).0).collect();
        assert!(seen.len() > 990, "training examples differ from each other");
        assert_eq!(sequence(&data, &stream, Split::Train, 5), sequence(&data, &stream, Split::Train, 5));
        for split in [Split::Tune, Split::Test] {
            let known = (0..1_000).filter(|i| seen.contains(&sequence(&data, &stream, split, *i).0)).count();
            assert!(known < 5, "{known} of 1000 held-out sequences were seen in training");
        }
        assert_ne!(sequence(&data, &stream, Split::Tune, 5), sequence(&data, &stream, Split::Test, 5));
    }

    #[test]
    fn a_uniform_guess_is_as_good_as_said() {
        let (data, stream) = (data(16, 8).unwrap(), Stream::root(2));
        let mut guess = Stream::root(3).draws();
        let mut hits = [0_i32, 0];
        for i in 0..3_000 {
            for target in sequence(&data, &stream, Split::Test, i).1.into_iter().flatten() {
                hits[usize::from(guess.below(8) == u64::from(target))] += 1;
            }
        }
        let share = f64::from(hits[1]) / f64::from(hits[0] + hits[1]);
        assert!((share - data.constant().score).abs() < 0.011, "{share}"); // five standard errors of 24,000 guesses
        assert!((data.constant().loss - -libm::log(1.0 / 8.0)).abs() < 1e-15);
    }

    #[test]
    fn label_noise_disturbs_the_targets_alone_and_its_floor_is_reached() {
        let noisy =
            Repeat::from_settings(&Settings::default().with("data.length", 16).with("data.vocabulary", 8).with(NOISE.0, 0.2))
                .unwrap();
        the_floor_is_reached(&data(16, 8).unwrap(), &noisy, 0.2, 8);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let (data, stream) = (data(16, 8).unwrap(), Stream::root(1).at("data"));
        let text = |split, i| sequence(&data, &stream, split, i).0.iter().map(|t| data.token(*t)).collect::<String>();
        assert_eq!(text(Split::Train, 0), "DEHEBDHCDEHEBDHC");
        assert_eq!(text(Split::Test, 0), "EGDCGEAEEGDCGEAE");
        assert_eq!(text(Split::Train, u64::MAX), "DDGFAAFADDGFAAFA");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |length, vocabulary| data(length, vocabulary).unwrap_err().to_string();
        assert!(message(1_000_000, 8).contains("`data.length` is 1000000; choose a value from 4 to 64"));
        assert!(message(i64::MIN, 8).contains("`data.length` is -9"));
        assert!(message(16, 0).contains("`data.vocabulary` is 0; choose a value from 2 to 52"));
        assert_eq!(data(16, 8).unwrap().token(99), "99");
    }
}
