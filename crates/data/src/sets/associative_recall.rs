//! Associative recall: pairs of a key and a value, then keys; at each of these the model says the value that stood behind it.
//!
//! What one head cannot do alone: to a model that looks for the key, the value is another token. Ba et al. (2016),
//! <https://arxiv.org/abs/1610.06258>, made the task; Arora et al. (2023), <https://arxiv.org/abs/2312.04927>, found that most of the gap between
//! attention and its rivals in language is this ability.

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

/// How many keys there are to draw from.
const KEYS: u32 = 26;

const POSITION: &str = "one block without position embeddings sees keys and values as a set with counts, which does not say which value belongs to which key";

/// Pairs and questions about them. Tokens are the values, then the keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AssociativeRecall {
    pairs: u32,
    queries: u32,
    /// The values.
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] = &[("data.pairs", "more pairs to remember"), ("data.values", "more values to tell apart"), NOISE];

const ABOUT: About = About {
    name: "associative-recall",
    label: "Associative recall",
    help: "Pairs of a small letter (key) and a capital letter (value), then some of the keys. At each of these the model says its value.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: a third of them are queries.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let pairs = (length / 3).min(KEYS as usize);
    let settings =
        Settings::default().with("data.pairs", pairs as i64).with("data.queries", length.checked_sub(2 * pairs)? as i64);
    Some(settings.with("data.values", tokens.checked_sub(KEYS as usize)? as i64))
}

fn fields() -> Vec<Field> {
    vec![pairs(), queries(), values(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(AssociativeRecall::from_settings(settings)?))
}

impl AssociativeRecall {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, integer(settings, &values())?)?;
        Ok(Self { pairs: integer(settings, &pairs())?, queries: integer(settings, &queries())?, answers })
    }
}

fn pairs() -> Field {
    let help = "Pairs of a key and a value before the queries; all keys differ.";
    Field::integer("data.pairs", Group::Data, "Pairs", help, (2, i64::from(KEYS)), 8).in_unit("pairs")
}

fn queries() -> Field {
    let help = "Keys after the pairs, at which the model says the value; each is one of the pairs' keys.";
    Field::integer("data.queries", Group::Data, "Queries", help, (1, 12), 8).in_unit("keys")
}

fn values() -> Field {
    let help = "Number of different values; chance accuracy is one over this number.";
    Field::integer("data.values", Group::Data, "Values", help, (2, 26), 8).in_unit("letters")
}

impl Data for AssociativeRecall {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The pairs and the queries. No value stands behind a query.
    fn layout(&self) -> Layout {
        let length = (2 * self.pairs + self.queries) as usize;
        Layout::Tokens { length, vocabulary: (self.answers.count + KEYS) as usize, visibility: Visibility::Either }
    }

    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let pairs = self.pairs as usize;
        let mut keys: Vec<u32> = (0..KEYS).map(|key| self.answers.count + key).collect();
        draws.shuffle(&mut keys);
        let values: Vec<u32> = (0..pairs).map(|_| draws.below(u64::from(self.answers.count)) as u32).collect();
        let queries: Vec<usize> = (0..self.queries).map(|_| draws.below(u64::from(self.pairs)) as usize).collect();
        let shown = keys.iter().zip(&values).flat_map(|(key, value)| [*key, *value]);
        let tokens = shown.chain(queries.iter().map(|&query| keys[query])).collect();
        let mut targets = vec![None; 2 * pairs];
        targets.extend(queries.iter().map(|&query| Some(values[query])));
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        if token < self.answers.count { letter(token) } else { small(token - self.answers.count) }
    }

    /// A guess among the values, which are independent and equally likely.
    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see keys and values"),
            Need::yes("blocks.*.attn", "the value stands at another position, and only attention reads other positions"),
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
    use std::collections::{BTreeMap, BTreeSet};

    fn data(pairs: i64, queries: i64, values: i64, noise: f64) -> Result<AssociativeRecall, DataError> {
        let settings = Settings::default().with("data.pairs", pairs).with("data.queries", queries);
        AssociativeRecall::from_settings(&settings.with("data.values", values).with("data.label_noise", noise))
    }

    #[test]
    fn each_query_asks_for_the_value_of_its_pair() {
        for (pairs, queries, values) in [(2, 1, 2), (8, 8, 8), (26, 12, 26)] {
            let (data, stream) = (data(pairs, queries, values, 0.0).unwrap(), Stream::root(1));
            let mut seen = BTreeSet::new();
            for index in 0..300 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                let (shown, asked) = tokens.split_at(2 * pairs as usize);
                let value: BTreeMap<u32, u32> = shown.chunks(2).map(|pair| (pair[0], pair[1])).collect();
                assert_eq!((value.len(), asked.len()), (pairs as usize, queries as usize), "keys differ");
                assert!(value.iter().all(|(key, value)| i64::from(*key) >= values && i64::from(*value) < values));
                assert!(targets[..shown.len()].iter().all(Option::is_none));
                let answers: Vec<_> = asked.iter().map(|key| Some(value[key])).collect();
                assert_eq!(targets[shown.len()..], answers);
                seen.extend(value.into_keys());
            }
            assert_eq!(seen.len(), KEYS as usize, "every key is used some time");
        }
        let data = data(8, 8, 8, 0.0).unwrap();
        assert_eq!([0, 7, 8, 33].map(|token| data.token(token)), ["A", "H", "a", "z"]);
    }

    #[test]
    fn constants_are_as_said() {
        targets_have_probabilities(&data(8, 8, 5, 0.0).unwrap(), &[0.2; 5]);
        targets_have_probabilities(&data(2, 3, 4, 0.3).unwrap(), &[0.25; 4]);
        the_floor_is_reached(&data(8, 8, 5, 0.0).unwrap(), &data(8, 8, 5, 0.2).unwrap(), 0.2, 5);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |noise, split, index| {
            let data = data(8, 8, 8, noise).unwrap();
            let (tokens, targets) = sequence(&data, &stream, split, index);
            tokens.into_iter().chain(targets.into_iter().flatten()).map(|token| data.token(token)).collect::<String>()
        };
        assert_eq!(text(0.0, Split::Train, 0), "tEaHbAcEgAoBuGlAuluotctgGAGBEEEA");
        assert_eq!(text(0.0, Split::Test, 9), "pErGnCyCmEqGuEbAqnnbpumyGCCAEEEC");
        assert_eq!(text(0.5, Split::Test, 9), "pErGnCyCmEqGuEbAqnnbpumyGGCFBEED");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |pairs, queries, values| data(pairs, queries, values, 0.0).unwrap_err().to_string();
        assert!(message(27, 8, 8).contains("`data.pairs` is 27; choose a value from 2 to 26"));
        assert!(message(8, 0, 8).contains("`data.queries` is 0; choose a value from 1 to 12"));
        assert!(message(8, 8, 1).contains("`data.values` is 1; choose a value from 2 to 26"));
    }
}
