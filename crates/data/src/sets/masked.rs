//! Masked variants: a task whose answer is written after a question, with the whole answer there and a part of it hidden.
//!
//! In the causal task an answer is asked for at the token before it. Here all tokens are read at once, and the model predicts the hidden
//! ones, in any order and each on its own. The same question, so what a causal model and a bidirectional one need for it can be compared. Any
//! task of tokens can be masked in which the input decides every answer and each answer but the last is read afterwards.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::{Entry, reverse, selective_copy, sort};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, number};
use crate::layout::{Layout, Visibility};
use crate::split::Split;

const POSITION: &str =
    "without it all masked positions look alike and get the same prediction, which is right at one of them at best";

/// How many answers an example has, in the settings of every task that is masked here.
const COUNT: &str = "data.count";

/// How many answers are possible.
const VOCABULARY: &str = "data.vocabulary";

/// A task of tokens with a part of its answers hidden behind a mask.
pub struct Masked {
    about: &'static About,
    /// The causal task, without label noise.
    causal: Box<dyn Data>,
    /// How many answers of an example are hidden.
    hidden: usize,
    answers: Answers,
}

/// Their lines in the registry.
pub(crate) const REVERSE: Entry = Entry {
    about: &ABOUT_REVERSE,
    fields: || fields(&reverse::ENTRY),
    build: |settings| build(&ABOUT_REVERSE, &reverse::ENTRY, settings),
    harder: HARDER,
    fit: |length, tokens| ((reverse::ENTRY).fit)(length.checked_sub(1)?, tokens.checked_sub(1)?),
    start: None,
};

pub(crate) const SORT: Entry = Entry {
    about: &ABOUT_SORT,
    fields: || fields(&sort::ENTRY),
    build: |settings| build(&ABOUT_SORT, &sort::ENTRY, settings),
    harder: HARDER,
    fit: |length, tokens| ((sort::ENTRY).fit)(length.checked_sub(1)?, tokens.checked_sub(1)?),
    start: None,
};

pub(crate) const SELECTIVE_COPY: Entry = Entry {
    about: &ABOUT_SELECTIVE_COPY,
    fields: || fields(&selective_copy::ENTRY),
    build: |settings| build(&ABOUT_SELECTIVE_COPY, &selective_copy::ENTRY, settings),
    harder: HARDER,
    fit: |length, tokens| ((selective_copy::ENTRY).fit)(length.checked_sub(1)?, tokens.checked_sub(1)?),
    start: None,
};

const HARDER: &[(&str, &str)] = &[(COUNT, "longer answers"), ("data.hidden", "more of the answer hidden"), NOISE];

const ABOUT_REVERSE: About = About {
    name: "masked-reverse",
    label: "Masked reverse",
    help: "Random letters, a separator, and the same letters from the last to the first, a part of them masked. The model predicts the masked ones.",
    score: Score::ACCURACY,
};

const ABOUT_SORT: About = About {
    name: "masked-sort",
    label: "Masked sort",
    help: "Random letters, a separator, and the same letters in alphabetical order, a part of them masked. The model predicts the masked ones.",
    score: Score::ACCURACY,
};

const ABOUT_SELECTIVE_COPY: About = About {
    name: "masked-selective-copy",
    label: "Masked selective copy",
    help: "Small and capital letters, a separator, and the capital letters in their order, a part of them masked. The model predicts the masked ones.",
    score: Score::ACCURACY,
};

/// Those of the causal task, what is hidden, and the noise last.
fn fields(causal: &Entry) -> Vec<Field> {
    let own = (causal.fields)().into_iter().filter(|field| field.path != NOISE.0);
    own.chain([hidden(), noise()]).collect()
}

fn hidden() -> Field {
    let help = "Share of the answer that is masked, rounded to whole letters and at least one; the rest can be read.";
    Field::number("data.hidden", Group::Data, "Masked share", help, (0.1, 1.0), 0.5)
}

fn build(about: &'static About, causal: &Entry, settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    let share = number(settings, &hidden())?;
    // Noise comes with the mask: the answers that can be read are right.
    let causal = (causal.build)(&settings.clone().with(NOISE.0, 0.0))?;
    let answers = Answers::from_settings(settings, settings.count(VOCABULARY)? as u32)?;
    let hidden = libm::round(share * settings.count(COUNT)? as f64).max(1.0) as usize;
    Ok(Box::new(Masked { about, causal, hidden, answers }))
}

impl Masked {
    /// Positions and tokens of the causal task.
    fn size(&self) -> [usize; 2] {
        match self.causal.layout() {
            Layout::Tokens { length, vocabulary, .. } => [length, vocabulary],
            numbers @ Layout::Numbers { .. } => [numbers.size(), 0],
        }
    }

    /// What stands for a hidden token.
    fn mask(&self) -> u32 {
        self.size()[1] as u32
    }
}

impl Data for Masked {
    fn about(&self) -> &'static About {
        self.about
    }

    /// One position more, for the last answer, and one token more, for the mask.
    fn layout(&self) -> Layout {
        let [length, vocabulary] = self.size().map(|size| size + 1);
        Layout::Tokens { length, vocabulary, visibility: Visibility::Bidirectional }
    }

    /// Which answers are hidden is drawn after the example; every choice is equally likely.
    fn draw(&self, draws: &mut Draws, split: Split) -> Example {
        let (mut tokens, asked) = match self.causal.draw(draws, split) {
            Example::Tokens { tokens, targets } => (tokens, targets),
            numbers @ Example::Numbers { .. } => return numbers,
        };
        // The answer to a position stands at the next one.
        tokens.extend(asked.last().copied().flatten());
        let mut places: Vec<usize> = (1..).zip(&asked).filter(|(_, target)| target.is_some()).map(|(place, _)| place).collect();
        draws.shuffle(&mut places);
        let mut targets = vec![None; tokens.len()];
        for &place in places.iter().take(self.hidden) {
            targets[place] = Some(tokens[place]);
            tokens[place] = self.mask();
        }
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        if token == self.mask() { "_".to_string() } else { self.causal.token(token) }
    }

    /// A guess among the letters; all places of the answer are hidden equally often, so that they are as likely as in the causal task.
    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    /// Of one hidden letter the others say which it is, whatever the order.
    fn needs(&self) -> Vec<Need> {
        let position = (self.hidden > 1).then(|| Need::yes("position", POSITION).bidirectional_only());
        let embed = Need::yes("embed", "without it the model does not see the letters");
        let rest = [
            Need::yes("blocks.*.attn", "the answer follows from other positions, and only attention reads them"),
            Need::yes("blocks.*.mix", "the answer follows from other positions, and only token mixing reads them"),
            Need::yes("unembed", "without it there is no prediction"),
        ];
        [embed].into_iter().chain(position).chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::{targets_have_probabilities, the_floor_is_reached};
    use crate::data::tests::sequence;
    use ablation_random::Stream;
    use std::collections::BTreeSet;

    const ENTRIES: [(&Entry, &Entry); 3] =
        [(&REVERSE, &reverse::ENTRY), (&SORT, &sort::ENTRY), (&SELECTIVE_COPY, &selective_copy::ENTRY)];

    fn settings(count: i64, letters: i64, hidden: f64, noise: f64) -> Settings {
        let sizes = Settings::default().with("data.length", 12).with("data.count", count).with("data.vocabulary", letters);
        sizes.with("data.hidden", hidden).with("data.label_noise", noise)
    }

    fn data(entry: &Entry, count: i64, letters: i64, hidden: f64, noise: f64) -> Box<dyn Data> {
        (entry.build)(&settings(count, letters, hidden, noise)).unwrap()
    }

    #[test]
    fn what_is_hidden_is_the_answer_of_the_causal_task_and_the_rest_can_be_read() {
        for (masked, causal) in ENTRIES {
            for (count, letters, share, hidden) in [(2, 2, 0.1, 1), (7, 5, 0.5, 4), (8, 26, 1.0, 8)] {
                let (data, causal) =
                    (data(masked, count, letters, share, 0.0), (causal.build)(&settings(count, letters, share, 0.0)).unwrap());
                let stream = Stream::root(1);
                let mut seen = BTreeSet::new();
                for index in 0..300 {
                    let (tokens, targets) = sequence(&*data, &stream, Split::Train, index);
                    let (question, answers) = sequence(&*causal, &stream, Split::Train, index);
                    assert_eq!((tokens.len(), targets.iter().flatten().count()), (question.len() + 1, hidden));
                    for place in 0..tokens.len() {
                        let answer = place.checked_sub(1).and_then(|before| answers[before]);
                        let whole = answer.unwrap_or_else(|| question[place]);
                        let shown = data.token(tokens[place]);
                        match targets[place] {
                            Some(target) => assert_eq!((Some(target), shown.as_str()), (answer, "_")),
                            None => assert_eq!(shown, causal.token(whole)),
                        }
                        seen.extend(targets[place].map(|_| place));
                    }
                }
                assert_eq!(seen.len(), count as usize, "every place of the answer is hidden some time, and no other");
            }
        }
    }

    #[test]
    fn constants_are_as_said() {
        for (masked, _) in ENTRIES {
            targets_have_probabilities(&*data(masked, 6, 5, 0.5, 0.0), &[0.2; 5]);
            the_floor_is_reached(&*data(masked, 6, 5, 0.5, 0.0), &*data(masked, 6, 5, 0.5, 0.2), 0.2, 5);
        }
    }

    #[test]
    fn one_hidden_letter_needs_no_positions() {
        let asks = |hidden| data(&REVERSE, 8, 8, hidden, 0.0).needs().iter().any(|need| need.site == "position");
        assert_eq!([0.1, 0.5].map(asks), [false, true]);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |entry, noise, split, index| {
            let data = data(entry, 6, 8, 0.5, noise);
            let (tokens, targets) = sequence(&*data, &stream, split, index);
            tokens.into_iter().chain(targets.into_iter().flatten()).map(|token| data.token(token)).collect::<String>()
        };
        assert_eq!(text(&REVERSE, 0.0, Split::Train, 0), "DEHEBD>DB___DEHE");
        assert_eq!(text(&REVERSE, 0.5, Split::Test, 9), "DACGDB>_DG__DBEA");
        assert_eq!(text(&SORT, 0.0, Split::Train, 0), "DEHEBD>BD___HDEE");
        assert_eq!(text(&SORT, 0.5, Split::Test, 9), "DACGDB>_BC__GAED");
        assert_eq!(text(&SELECTIVE_COPY, 0.0, Split::Train, 0), "DEHEbdHcbFcb>__HEH_DEF");
        assert_eq!(text(&SELECTIVE_COPY, 0.5, Split::Test, 9), "DAcgDBbEchbG>__DBE_EAG");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message =
            |count, hidden| (REVERSE.build)(&settings(count, 8, hidden, 0.0)).err().map(|error| error.to_string()).unwrap();
        assert!(message(1, 0.5).contains("`data.count` is 1; choose a value from 2 to 32"));
        assert!(message(8, 0.0).contains("`data.hidden` is 0; choose a value from 0.1 to 1"));
    }
}
