//! Selective copy: letters, of which the capital ones are to be written again in their order.
//!
//! What is to be copied depends on the content and not on the place: a model that moves tokens by a fixed distance fails (Gu & Dao 2023,
//! <https://arxiv.org/abs/2312.00752>, who fill the gaps with blanks). Here the gaps hold letters as well, small ones.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::{letter, small};
use crate::split::Split;

const POSITION: &str =
    "one block without position embeddings sees the earlier letters as a set with counts, whose order decides the answer";

/// Between the letters and the answer, as the last token.
const MARK: &str = ">";

/// Letters of which the marked ones are to be copied. Tokens are the capital letters, then the small ones, then the mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SelectiveCopy {
    length: u32,
    count: u32,
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] = &[
    ("data.count", "more letters to copy"),
    ("data.length", "more letters to skip"),
    ("data.vocabulary", "more letters to tell apart"),
    NOISE,
];

const ABOUT: About = About {
    name: "selective-copy",
    label: "Selective copy",
    help: "Small and capital letters, then a separator. After it the model writes the capital letters in their order, one by one.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: a quarter of the letters is to be copied, and there are two of each beside
/// the mark.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let letters = tokens.checked_sub(1).filter(|letters| letters.is_multiple_of(2))? / 2;
    let copied = (length / 5).clamp(2, 8);
    let settings = Settings::default().with("data.length", length.checked_sub(copied)? as i64).with("data.count", copied as i64);
    Some(settings.with("data.vocabulary", letters as i64))
}

fn fields() -> Vec<Field> {
    vec![length(), count(), vocabulary(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(SelectiveCopy::from_settings(settings)?))
}

impl SelectiveCopy {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, integer(settings, &vocabulary())?)?;
        Ok(Self { length: integer(settings, &length())?, count: integer(settings, &count())?, answers })
    }

    fn mark(&self) -> u32 {
        2 * self.answers.count
    }
}

fn length() -> Field {
    let help = "Letters before the separator, capital and small ones together.";
    Field::integer("data.length", Group::Data, "Letters", help, (8, 48), 16).in_unit("letters")
}

fn count() -> Field {
    let help = "How many of the letters are capital ones, which are to be copied.";
    Field::integer("data.count", Group::Data, "Letters to copy", help, (2, 8), 4).in_unit("letters")
}

fn vocabulary() -> Field {
    let help = "Number of different letters, each capital and small; chance accuracy is one over this number.";
    Field::integer("data.vocabulary", Group::Data, "Alphabet size", help, (2, 26), 8).in_unit("letters")
}

impl Data for SelectiveCopy {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The letters twice, and the mark.
    fn layout(&self) -> Layout {
        let length = (self.length + self.count) as usize;
        Layout::Tokens { length, vocabulary: 2 * self.answers.count as usize + 1, visibility: Visibility::Causal }
    }

    /// From the mark on, each token asks for the next letter of the answer; the last one is asked for and not read. Every choice of places
    /// is equally likely.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let (length, count) = (self.length as usize, self.count as usize);
        let letters: Vec<u32> = (0..length).map(|_| draws.below(u64::from(self.answers.count)) as u32).collect();
        let mut places: Vec<usize> = (0..length).collect();
        draws.shuffle(&mut places);
        places.truncate(count);
        places.sort_unstable();
        let capitals: Vec<u32> = places.iter().map(|&place| letters[place]).collect();
        let mut tokens: Vec<u32> = letters.iter().map(|letter| letter + self.answers.count).collect();
        places.iter().for_each(|&place| tokens[place] = letters[place]);
        tokens.push(self.mark());
        tokens.extend(&capitals[..count - 1]);
        let mut targets: Vec<_> = std::iter::repeat_n(None, length).chain(capitals.into_iter().map(Some)).collect();
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        match token {
            capital if capital < self.answers.count => letter(capital),
            mark if mark == self.mark() => MARK.to_string(),
            other => small(other.saturating_sub(self.answers.count)),
        }
    }

    /// A guess among the capital letters, which are independent and equally likely.
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
    use std::collections::BTreeSet;

    fn data(length: i64, count: i64, letters: i64, noise: f64) -> Result<SelectiveCopy, DataError> {
        let settings = Settings::default().with("data.length", length).with("data.count", count);
        SelectiveCopy::from_settings(&settings.with("data.vocabulary", letters).with("data.label_noise", noise))
    }

    #[test]
    fn the_answer_is_the_capital_letters_in_order_and_only_it_is_scored() {
        for (length, count, letters) in [(8, 8, 2), (8, 2, 8), (16, 4, 26), (48, 7, 3)] {
            let (data, stream) = (data(length, count, letters, 0.0).unwrap(), Stream::root(1));
            let (length, count, letters) = (length as usize, count as usize, letters as u32);
            let mut seen = BTreeSet::new();
            for index in 0..400 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                assert_eq!((tokens.len(), targets.len(), tokens[length]), (length + count, length + count, 2 * letters));
                let places: Vec<usize> = (0..length).filter(|place| tokens[*place] < letters).collect();
                let capitals: Vec<u32> = places.iter().map(|place| tokens[*place]).collect();
                assert!(targets[..length].iter().all(Option::is_none) && capitals.len() == count);
                assert_eq!(targets[length..].iter().copied().map(Option::unwrap).collect::<Vec<_>>(), capitals);
                assert_eq!(tokens[length + 1..], capitals[..count - 1], "what was written before is read");
                seen.extend(places);
            }
            assert_eq!(seen.len(), length, "every place is copied some time");
        }
        let data = data(16, 4, 8, 0.0).unwrap();
        assert_eq!([0, 7, 8, 15, 16].map(|token| data.token(token)), ["A", "H", "a", "h", ">"]);
    }

    #[test]
    fn constants_are_as_said() {
        targets_have_probabilities(&data(16, 4, 5, 0.0).unwrap(), &[0.2; 5]);
        targets_have_probabilities(&data(8, 2, 4, 0.3).unwrap(), &[0.25; 4]);
        the_floor_is_reached(&data(16, 4, 5, 0.0).unwrap(), &data(16, 4, 5, 0.2).unwrap(), 0.2, 5);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |noise, split, index| {
            let data = data(16, 4, 8, noise).unwrap();
            let (tokens, targets) = sequence(&data, &stream, split, index);
            tokens.into_iter().chain(targets.into_iter().flatten()).map(|token| data.token(token)).collect::<String>()
        };
        assert_eq!(text(0.0, Split::Train, 0), "dEHeBdhcbfcBchgh>EHBEHBB");
        assert_eq!(text(0.0, Split::Test, 9), "DacGdbbEchbgCegf>DGEDGEC");
        assert_eq!(text(0.5, Split::Test, 9), "DacGdbbEchbgCegf>DGEDFCC");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |length, count, letters| data(length, count, letters, 0.0).unwrap_err().to_string();
        assert!(message(7, 4, 8).contains("`data.length` is 7; choose a value from 8 to 48"));
        assert!(message(16, 9, 8).contains("`data.count` is 9; choose a value from 2 to 8"));
        assert!(message(16, 4, 27).contains("`data.vocabulary` is 27; choose a value from 2 to 26"));
    }
}
