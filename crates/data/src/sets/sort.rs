//! Sort: random letters, then the same letters in order.
//!
//! Each answer is a question about all letters at once - which is the smallest that has not been written yet? - and not about their order, so
//! it has to be found by counting and comparing rather than copied. A common first exercise for a language model (Karpathy's minGPT sorts
//! digits).

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::{Entry, Start};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::{letter, vocabulary};
use crate::split::Split;

const POSITION: &str = "the model must tell letters of the output from letters of the input; without position embeddings it takes a second \
    block to tell them apart by the separator";

/// Between the letters and the answer, as a token after the letters.
const MARK: &str = ">";

/// Letters that are to be written in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sort {
    count: u32,
    /// The letters.
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: Some(start) };

const HARDER: &[(&str, &str)] = &[("data.count", "more letters to sort"), NOISE];

const ABOUT: About = About {
    name: "sort",
    label: "Sort",
    help: "Random letters, then a separator. After it the model writes the same letters in alphabetical order, one by one.",
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
    Ok(Box::new(Sort::from_settings(settings)?))
}

fn start() -> Start {
    Start {
        label: "Sort letters",
        help: "A transformer learns to sort random letters. Does it need position embeddings?",
        settings: Settings::default().with("ablation.site", "position"),
    }
}

impl Sort {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, integer(settings, &vocabulary())?)?;
        Ok(Self { count: integer(settings, &count())?, answers })
    }
}

fn count() -> Field {
    let help = "Letters to sort; with the mark and the answer an example has twice as many tokens.";
    Field::integer("data.count", Group::Data, "Letters", help, (2, 32), 6).in_unit("letters")
}

impl Data for Sort {
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
        let mut sorted = letters.clone();
        sorted.sort_unstable();
        let mark = std::iter::once(self.answers.count);
        let tokens = letters.into_iter().chain(mark).chain(sorted[..count - 1].iter().copied()).collect();
        let mut targets: Vec<_> = std::iter::repeat_n(None, count).chain(sorted.into_iter().map(Some)).collect();
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        if token == self.answers.count { MARK.to_string() } else { letter(token) }
    }

    /// A guess among the letters: over all places of the answer together, every letter is equally likely.
    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the letters"),
            Need::yes("blocks.*.attn", "which letter is next depends on all others, and only attention reads other positions"),
            Need::yes("position", POSITION).up_to(1),
            Need::no("blocks.*.mlp", "counting and comparing letters is enough, and attention can do both"),
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

    fn data(count: i64, letters: i64) -> Result<Sort, DataError> {
        Sort::from_settings(&Settings::default().with("data.count", count).with("data.vocabulary", letters))
    }

    #[test]
    fn the_answer_is_the_letters_in_order_and_only_it_is_scored() {
        for (count, letters) in [(2, 2), (8, 8), (7, 52), (32, 3)] {
            let (data, stream) = (data(count, letters).unwrap(), Stream::root(1));
            let half = count as usize;
            for index in 0..200 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                assert_eq!((tokens.len(), targets.len(), tokens[half]), (2 * half, 2 * half, letters as u32));
                assert!(targets[..half].iter().all(Option::is_none));
                let answer: Vec<u32> = targets[half..].iter().map(|target| target.unwrap()).collect();
                assert!(answer.is_sorted(), "{answer:?}");
                // As many of each letter as there were.
                let times = |letters: &[u32], letter| letters.iter().filter(|&&other| other == letter).count();
                assert!((0..letters as u32).all(|letter| times(&answer, letter) == times(&tokens[..half], letter)));
                assert_eq!(tokens[half + 1..], answer[..half - 1], "what was written before is read");
            }
        }
    }

    #[test]
    fn splits_are_other_draws() {
        let (data, stream) = (data(8, 8).unwrap(), Stream::root(1));
        let first = |split| (0..5).map(|index| sequence(&data, &stream, split, index)).collect::<Vec<_>>();
        assert_eq!(first(Split::Train), first(Split::Train));
        assert!(first(Split::Train) != first(Split::Tune) && first(Split::Tune) != first(Split::Test));
    }

    #[test]
    fn a_uniform_guess_is_as_good_as_said() {
        let (data, stream) = (data(8, 8).unwrap(), Stream::root(2));
        let mut guess = Stream::root(3).draws();
        let (mut hits, mut asked) = (0.0, 0.0);
        for target in (0..3_000).flat_map(|index| sequence(&data, &stream, Split::Test, index).1).flatten() {
            hits += f64::from(u8::from(guess.below(8) == u64::from(target)));
            asked += 1.0;
        }
        assert!((hits / asked - data.constant().score).abs() < 0.011, "{hits} of {asked}"); // five standard errors
    }

    #[test]
    fn label_noise_disturbs_the_targets_alone_and_its_floor_is_reached() {
        let noisy = Sort::from_settings(&Settings::default().with("data.count", 8).with("data.vocabulary", 8).with(NOISE.0, 0.2))
            .unwrap();
        the_floor_is_reached(&data(8, 8).unwrap(), &noisy, 0.2, 8);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let (data, stream) = (data(8, 8).unwrap(), Stream::root(1).at("data"));
        let text = |split, index| sequence(&data, &stream, split, index).0.iter().map(|t| data.token(*t)).collect::<String>();
        assert_eq!(text(Split::Train, 0), "DEHEBDHC>BCDDEEH");
        assert_eq!(text(Split::Test, 0), "EGDCGEAE>ACDEEEG");
        assert_eq!(text(Split::Train, u64::MAX), "DDGFAAFA>AAADDFF");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        assert!(data(1, 8).unwrap_err().to_string().contains("`data.count` is 1; choose a value from 2 to 32"));
        assert!(data(8, 53).unwrap_err().to_string().contains("`data.vocabulary` is 53"));
    }
}
