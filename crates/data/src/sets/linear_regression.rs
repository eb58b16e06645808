//! In-context linear regression: inputs, each with the value of one linear function, then inputs; at the end of each of these the model says
//! the value.
//!
//! Each example has a function of its own, so it has to be found from what is shown, and an answer may be a number that was never shown. Garg
//! et al. (2022), <https://arxiv.org/abs/2208.01066>, made the task with real numbers drawn from normal distributions. Models here read tokens,
//! so this is the task over small whole numbers: without noise, the shown pairs give every answer exactly.
//!
//! Values of shown inputs are not asked for, though most follow from the pairs before them: each stands behind its input, where a bidirectional
//! model would only copy it. For more targets in an example there are more queries.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::split::Split;

/// The largest weight and the largest number of an input; the smallest is its negative.
const LARGEST: i32 = 2;

/// How many such numbers there are.
const NUMBERS: u32 = 2 * LARGEST as u32 + 1;

/// The most dimensions, and the fewest pairs: as many pairs as dimensions give the weights.
const DIMENSIONS: usize = 3;

const PAIRS: (i64, i64) = (DIMENSIONS as i64, 16);
const QUERIES: (i64, i64) = (1, 16);

const POSITION: &str = "one block without position embeddings sees the earlier numbers as a set with counts: it knows the last number of the input \
    that it is asked about, and not which of the others belong to this input";

/// An input or weights; 0 beyond the dimensions.
type Vector = [i32; DIMENSIONS];

/// Pairs of an input and its value, and inputs to say the value of. Tokens are the values, then the numbers of inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearRegression {
    dimensions: usize,
    pairs: u32,
    queries: u32,
    /// All that weights can be.
    weights: Vec<Vector>,
    /// All that an input can be: the same but for zero, which says nothing of the weights and has the value 0 whatever they are.
    inputs: Vec<Vector>,
    /// The values.
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] = &[("data.dimensions", "more weights to find"), NOISE];

const ABOUT: About = About {
    name: "linear-regression",
    label: "In-context linear regression",
    help: "Inputs of small whole numbers (such as +1 -2), each followed by its value (=3) under one linear function, then inputs alone. At the end of each of these the model says its value.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many, with about as many queries as pairs.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let dimensions = (1..=DIMENSIONS).find(|&dimensions| vocabulary(dimensions) == tokens)? as i64;
    let queries = |pairs: i64| {
        let left = i64::try_from(length).ok()? - pairs * (dimensions + 1);
        (left % dimensions == 0 && (QUERIES.0..=QUERIES.1).contains(&(left / dimensions))).then_some((pairs, left / dimensions))
    };
    let (pairs, queries) = (PAIRS.0..=PAIRS.1).filter_map(queries).min_by_key(|(pairs, queries)| (pairs - queries).abs())?;
    Some(Settings::default().with("data.dimensions", dimensions).with("data.pairs", pairs).with("data.queries", queries))
}

fn fields() -> Vec<Field> {
    vec![dimensions(), pairs(), queries(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(LinearRegression::from_settings(settings)?))
}

impl LinearRegression {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let dimensions = integer(settings, &dimensions())? as usize;
        let weights = vectors(dimensions);
        let inputs = weights.iter().copied().filter(|vector| *vector != Vector::default()).collect();
        let answers = Answers::from_settings(settings, values(dimensions))?;
        Ok(Self {
            dimensions,
            pairs: integer(settings, &pairs())?,
            queries: integer(settings, &queries())?,
            weights,
            inputs,
            answers,
        })
    }

    /// The inputs of the pairs: as many as there are dimensions that determine the weights, each of them drawn among all inputs that are no
    /// combination of those before, and others drawn among all inputs; in random order.
    fn shown(&self, draws: &mut Draws) -> Vec<Vector> {
        let mut shown = Vec::new();
        let mut span = Span::default();
        for _ in 0..self.dimensions {
            let outside: Vec<Vector> = self.inputs.iter().copied().filter(|input| !span.holds(input)).collect();
            let input = one_of(&outside, draws);
            span.widen(&input);
            shown.push(input);
        }
        shown.extend((self.dimensions..self.pairs as usize).map(|_| one_of(&self.inputs, draws)));
        draws.shuffle(&mut shown);
        shown
    }

    /// The tokens of an input.
    fn numbers(&self, input: &Vector) -> impl Iterator<Item = u32> {
        let first = self.answers.count;
        input.map(|number| first + (number + LARGEST) as u32).into_iter().take(self.dimensions)
    }

    /// The token of the value of an input.
    fn answer(&self, weights: &Vector, input: &Vector) -> u32 {
        let value: i32 = weights.iter().zip(input).map(|(weight, number)| weight * number).sum();
        (value + largest_value(self.dimensions)) as u32
    }
}

/// Every vector of so many dimensions, the first number changing fastest.
fn vectors(dimensions: usize) -> Vec<Vector> {
    let number = |index: u32, place: usize| (index / NUMBERS.pow(place as u32) % NUMBERS) as i32 - LARGEST;
    let vector = |index| std::array::from_fn(|place| if place < dimensions { number(index, place) } else { 0 });
    (0..NUMBERS.pow(dimensions as u32)).map(vector).collect()
}

fn one_of(vectors: &[Vector], draws: &mut Draws) -> Vector {
    vectors[draws.below(vectors.len() as u64) as usize]
}

/// 4 in one dimension, 8 in two; the smallest value is its negative.
fn largest_value(dimensions: usize) -> i32 {
    LARGEST * LARGEST * dimensions as i32
}

/// How many values there are.
fn values(dimensions: usize) -> u32 {
    2 * largest_value(dimensions) as u32 + 1
}

/// How many tokens there are: the values, and the numbers of inputs.
fn vocabulary(dimensions: usize) -> usize {
    (values(dimensions) + NUMBERS) as usize
}

/// All combinations of some vectors, as rows that Gaussian elimination brought into echelon form; in whole numbers, so that nothing is rounded.
#[derive(Default)]
struct Span {
    /// Each has its first number that is not 0 where the rows behind it have a 0.
    rows: Vec<Vector>,
}

impl Span {
    /// A multiple of a vector, less the combination of the rows that leaves a 0 where they begin. It is 0 where the vector is a combination.
    fn remainder(&self, vector: &Vector) -> Vector {
        self.rows.iter().fold(*vector, |vector, row| {
            let begins = row.iter().position(|number| *number != 0).unwrap_or(0);
            std::array::from_fn(|place| vector[place] * row[begins] - row[place] * vector[begins])
        })
    }

    fn holds(&self, vector: &Vector) -> bool {
        self.remainder(vector) == Vector::default()
    }

    fn widen(&mut self, vector: &Vector) {
        self.rows.push(self.remainder(vector));
    }
}

fn dimensions() -> Field {
    let help = "Numbers of an input, and weights to find.";
    Field::integer("data.dimensions", Group::Data, "Input dimension", help, (1, DIMENSIONS as i64), 2).in_unit("numbers")
}

fn pairs() -> Field {
    let help = "Pairs of an input and its value before the queries; they determine the weights.";
    Field::integer("data.pairs", Group::Data, "Pairs", help, PAIRS, 8).in_unit("pairs")
}

fn queries() -> Field {
    let help = "Inputs after the pairs, at the end of which the model says the value.";
    Field::integer("data.queries", Group::Data, "Queries", help, QUERIES, 8).in_unit("inputs")
}

impl Data for LinearRegression {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The pairs and the queries. No value stands behind a query.
    fn layout(&self) -> Layout {
        let (pairs, queries) = (self.pairs as usize, self.queries as usize);
        let length = pairs * (self.dimensions + 1) + queries * self.dimensions;
        Layout::Tokens { length, vocabulary: vocabulary(self.dimensions), visibility: Visibility::Either }
    }

    /// Weights and the inputs of queries are drawn among all that there are, each as likely as any other.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let weights = one_of(&self.weights, draws);
        let shown = self.shown(draws);
        let queries: Vec<Vector> = (0..self.queries).map(|_| one_of(&self.inputs, draws)).collect();
        let mut tokens = Vec::new();
        for input in &shown {
            tokens.extend(self.numbers(input).chain([self.answer(&weights, input)]));
        }
        let mut targets = vec![None; tokens.len()];
        for query in &queries {
            tokens.extend(self.numbers(query));
            targets.extend((1..self.dimensions).map(|_| None));
            targets.push(Some(self.answer(&weights, query)));
        }
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    /// `=3` is a value, `+1` a number of an input.
    fn token(&self, token: u32) -> String {
        match token.checked_sub(self.answers.count) {
            None => format!("={}", i64::from(token) - i64::from(largest_value(self.dimensions))),
            Some(number) if number == LARGEST as u32 => "0".to_string(),
            Some(number) => format!("{:+}", i64::from(number) - i64::from(LARGEST)),
        }
    }

    /// A guess among the values, by how many of all weights and inputs have each.
    fn constant(&self) -> ConstantPredictor {
        let share = 1.0 / (self.weights.len() * self.inputs.len()) as f64;
        let mut right = vec![0.0; self.answers.count as usize];
        for weights in &self.weights {
            for input in &self.inputs {
                right[self.answer(weights, input) as usize] += share;
            }
        }
        self.answers.constant(&right)
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = vec![
            Need::yes("embed", "without it the model does not see inputs and values"),
            Need::yes(
                "blocks.*.attn",
                "what the weights follow from stands at other positions, and only attention reads other positions",
            ),
        ];
        // In one dimension the sum of all values is the weight times the sum of all inputs, whichever belong together.
        if self.dimensions > 1 {
            needs.push(Need::yes("position", POSITION).up_to(1));
        }
        needs.push(Need::yes("unembed", "without it there is no prediction"));
        needs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::surprise;
    use crate::answers::tests::{targets_have_probabilities, the_floor_is_reached};
    use crate::data::tests::sequence;
    use ablation_random::Stream;
    use std::collections::{BTreeMap, BTreeSet};

    fn settings(dimensions: i64, pairs: i64, queries: i64) -> Settings {
        Settings::default().with("data.dimensions", dimensions).with("data.pairs", pairs).with("data.queries", queries)
    }

    fn data(dimensions: i64, pairs: i64, queries: i64, noise: f64) -> Result<LinearRegression, DataError> {
        LinearRegression::from_settings(&settings(dimensions, pairs, queries).with("data.label_noise", noise))
    }

    /// The number that a token says, read from how it is shown.
    fn number(data: &LinearRegression, token: u32) -> i32 {
        data.token(token).trim_start_matches('=').parse().unwrap()
    }

    /// An input as three numbers, 0 beyond its dimensions.
    fn input(data: &LinearRegression, tokens: &[u32]) -> [i32; 3] {
        assert!(tokens.iter().all(|token| !data.token(*token).starts_with('=')), "{tokens:?}");
        std::array::from_fn(|place| tokens.get(place).map_or(0, |token| number(data, *token)))
    }

    fn determinant([a, b, c]: [[i32; 3]; 3]) -> i32 {
        a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])
    }

    /// Whether a linear function of so many dimensions is known where its values at these inputs are: three of them and of the unit vectors
    /// beyond the dimensions have a determinant that is not 0.
    fn determine(inputs: &[[i32; 3]], dimensions: usize) -> bool {
        let beyond = (dimensions..3).map(|place| std::array::from_fn(|other| i32::from(other == place)));
        let all: Vec<[i32; 3]> = inputs.iter().copied().chain(beyond).collect();
        all.iter().any(|&a| all.iter().any(|&b| all.iter().any(|&c| determinant([a, b, c]) != 0)))
    }

    #[test]
    fn the_pairs_determine_the_weights_and_the_weights_the_answers() {
        for (dimensions, pairs, queries) in [(1, 3, 1), (1, 8, 8), (2, 3, 8), (2, 8, 8), (3, 3, 4), (3, 16, 16)] {
            let (data, stream) = (data(dimensions, pairs, queries, 0.0).unwrap(), Stream::root(1));
            let count = dimensions as usize;
            let mut seen = BTreeSet::new();
            for index in 0..200 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                let (shown, asked) = tokens.split_at(pairs as usize * (count + 1));
                let shown: Vec<([i32; 3], i32)> = shown
                    .chunks(count + 1)
                    .map(|pair| {
                        assert!(data.token(pair[count]).starts_with('='));
                        (input(&data, &pair[..count]), number(&data, pair[count]))
                    })
                    .collect();
                let inputs: Vec<[i32; 3]> = shown.iter().map(|(input, _)| *input).collect();
                assert!(determine(&inputs, count), "{inputs:?}");
                let value = |weights: &[i32; 3], input: &[i32; 3]| (0..3).map(|place| weights[place] * input[place]).sum::<i32>();
                let all = (-2..=2).flat_map(|a| (-2..=2).flat_map(move |b| (-2..=2).map(move |c| [a, b, c])));
                let fitting = |weights: &[i32; 3]| {
                    weights[count..].iter().all(|weight| *weight == 0)
                        && shown.iter().all(|(input, y)| value(weights, input) == *y)
                };
                let weights: Vec<[i32; 3]> = all.filter(fitting).collect();
                assert_eq!(weights.len(), 1, "{shown:?}");
                assert!(targets[..tokens.len() - asked.len()].iter().all(Option::is_none));
                assert_eq!(asked.len(), queries as usize * count);
                for (query, targets) in asked.chunks(count).zip(targets[tokens.len() - asked.len()..].chunks(count)) {
                    let query = input(&data, query);
                    assert!(query != [0; 3] && targets[..count - 1].iter().all(Option::is_none));
                    assert_eq!(
                        targets[count - 1].map(|target| data.token(target)),
                        Some(format!("={}", value(&weights[0], &query)))
                    );
                    seen.insert(query);
                }
                seen.extend(inputs);
            }
            assert_eq!(seen.len(), 5_usize.pow(dimensions as u32) - 1, "every input is used some time");
        }
        let data = data(2, 3, 1, 0.0).unwrap();
        assert_eq!(
            [0, 8, 16, 17, 18, 19, 20, 21].map(|token| data.token(token)),
            ["=-8", "=0", "=8", "-2", "-1", "0", "+1", "+2"]
        );
    }

    #[test]
    fn constants_are_as_said() {
        // Of 5 weights and 4 inputs.
        let one = [2, 0, 4, 2, 4, 2, 4, 0, 2].map(|count| f64::from(count) / 20.0);
        targets_have_probabilities(&data(1, 8, 8, 0.0).unwrap(), &one);
        targets_have_probabilities(&data(1, 4, 2, 0.3).unwrap(), &one.map(|right| 0.7 * right + 0.3 / 9.0));
        // Of 25 weights and 24 inputs, counted by an independent program.
        let two = [4, 0, 16, 8, 52, 24, 92, 52, 104, 52, 92, 24, 52, 8, 16, 0, 4].map(|count| f64::from(count) / 600.0);
        targets_have_probabilities(&data(2, 3, 4, 0.0).unwrap(), &two);
        let three = data(3, 3, 4, 0.0).unwrap().constant();
        assert!(
            (three.loss - 2.612_104_898_068_235).abs() < 1e-12 && (three.score - 2188.0 / 15_500.0).abs() < 1e-12,
            "{three:?}"
        );
        the_floor_is_reached(&data(1, 8, 8, 0.0).unwrap(), &data(1, 8, 8, 0.2).unwrap(), 0.2, 9);
        the_floor_is_reached(&data(2, 4, 8, 0.0).unwrap(), &data(2, 4, 8, 0.2).unwrap(), 0.2, 17);
    }

    /// What docs/data-sets.md says of a model that knows the query and nothing that is shown: the entropy of the value, over all weights.
    #[test]
    fn a_query_alone_says_little_of_its_value() {
        for (dimensions, expected) in [(1, 1.609), (2, 2.060), (3, 2.396)] {
            let data = data(dimensions, 3, 1, 0.0).unwrap();
            let entropy = |input: &Vector| {
                let mut share = BTreeMap::new();
                for weights in &data.weights {
                    *share.entry(data.answer(weights, input)).or_insert(0.0) += 1.0 / data.weights.len() as f64;
                }
                share.into_values().map(surprise).sum::<f64>()
            };
            let mean = data.inputs.iter().map(entropy).sum::<f64>() / data.inputs.len() as f64;
            assert!((mean - expected).abs() < 5e-4 && mean < data.constant().loss, "{mean}");
        }
    }

    #[test]
    fn settings_are_found_for_examples_of_another_shape() {
        for (dimensions, pairs, queries) in [(1, 8, 8), (1, 3, 16), (2, 16, 1), (2, 7, 5), (3, 8, 8)] {
            let Layout::Tokens { length, vocabulary, .. } = data(dimensions, pairs, queries, 0.0).unwrap().layout() else {
                panic!("no tokens")
            };
            let found = LinearRegression::from_settings(&fit(length, vocabulary).unwrap()).unwrap().layout();
            assert_eq!(found, data(dimensions, pairs, queries, 0.0).unwrap().layout());
        }
        assert_eq!(fit(24, 14), Some(settings(1, 8, 8)), "as many queries as pairs, if there is room");
        assert_eq!([fit(24, 15), fit(6, 14), fit(1_000, 14)], [None, None, None]);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |noise, split, index| {
            let data = data(2, 4, 3, noise).unwrap();
            let (tokens, targets) = sequence(&data, &stream, split, index);
            tokens.into_iter().chain(targets.into_iter().flatten()).map(|token| data.token(token)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(0.0, Split::Train, 0), "+2 -2 =-2 +2 0 =-2 -2 +1 =2 +1 +2 =-1 +2 -2 -1 +1 0 -1 =-2 =1 =0");
        assert_eq!(text(0.0, Split::Test, 9), "+2 +1 =-2 0 -1 =0 -1 0 =1 -2 -2 =2 +1 -1 0 +2 -2 -1 =-1 =0 =2");
        assert_eq!(text(0.5, Split::Test, 9), "+2 +1 =-2 0 -1 =0 -1 0 =1 -2 -2 =2 +1 -1 0 +2 -2 -1 =-1 =1 =2");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |dimensions, pairs, queries| data(dimensions, pairs, queries, 0.0).unwrap_err().to_string();
        assert!(message(0, 8, 8).contains("`data.dimensions` is 0; choose a value from 1 to 3"));
        assert!(message(4, 8, 8).contains("`data.dimensions` is 4; choose a value from 1 to 3"));
        assert!(message(1, 2, 8).contains("`data.pairs` is 2; choose a value from 3 to 16"));
        assert!(message(1, 8, 17).contains("`data.queries` is 17; choose a value from 1 to 16"));
    }
}
