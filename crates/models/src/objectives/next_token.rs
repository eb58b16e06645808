//! Predicting tokens: the next one (Radford et al. 2018), or those behind a mask (Devlin et al. 2019).
//!
//! The two are one computation: a softmax over the vocabulary at each position, and cross-entropy at the positions that carry a target.
//! Which positions do, and which token is asked for, is the data set's business.

use std::rc::Rc;

use ablation_data::{Data, Example, Goal, Layout, Samples, Split, TokenExample, Visibility, examples};
use ablation_random::Stream;
use ablation_settings::{MissingSetting, Settings};
use burn::tensor::Device;

use super::cache::Cache;
use super::{Input, Interface, Kind, Objective};
use crate::batch::{Batch, Content, Draw, Target, as_numbers, integers, numbers, once_each};
use crate::entry::Entry;
use crate::evaluation::{EvaluationSet, Measure};
use crate::kernels;
use crate::losses::{self, Rows as Scored};
use crate::recipe::Recipe;
use crate::tensor::{Integers, Tensor};

pub(super) const NEXT: Entry<Kind> = Entry {
    name: "next-token",
    label: "Next-token prediction",
    help: "Cross-entropy of the token that is to follow, at each position that has a target.",
    value: Kind {
        fits: fits_next,
        positions: |layout, _| layout.size(),
        unit: "nats",
        budget: (400, 32, 0.005),
        fields: losses::fields,
        build,
    },
};

pub(super) const MASKED: Entry<Kind> = Entry {
    name: "masked-token",
    label: "Masked-token prediction",
    help: "Cross-entropy of the hidden token, at each masked position.",
    value: Kind { fits: fits_masked, ..NEXT.value },
};

/// Tokens of an evaluation set and of the reference set: accuracies to half a per cent, answers at once.
const TOKENS: usize = 4096;

/// Sequences shown.
const SHOWN: usize = 3;

/// Predicts tokens of a data set.
pub struct TokenPrediction {
    data: Box<dyn Data>,
    length: usize,
    vocabulary: usize,
    evaluation_sets: Cache<Vec<Example>>,
}

impl TokenPrediction {
    /// The objective for a data set of tokens. On any other it has an empty vocabulary; the catalogue does not offer it there.
    pub fn new(data: Box<dyn Data>) -> Self {
        let (length, vocabulary) = match data.layout() {
            Layout::Tokens { length, vocabulary, .. } => (length, vocabulary),
            numbers @ Layout::Numbers { .. } => (numbers.size(), 0),
        };
        TokenPrediction { data, length, vocabulary, evaluation_sets: Cache::default() }
    }

    /// Examples of an evaluation set and of the reference set.
    fn count(&self) -> usize {
        TOKENS / self.length
    }

    fn evaluation_set(&self, set: &EvaluationSet) -> Rc<Vec<Example>> {
        self.evaluation_sets.get(set, || examples(&*self.data, &set.examples, set.split, 0, self.count()))
    }

    /// Sequences as tokens, and targets that weigh one together.
    fn rows(&self, examples: &[Example]) -> Rows {
        let sequences = || examples.iter().filter_map(sequence);
        let scored = sequences().flat_map(|(_, targets)| targets).flatten().count().max(1);
        let mut rows = Rows::default();
        for (tokens, targets) in sequences() {
            rows.tokens.extend(tokens.iter().map(|&token| token as i32));
            rows.targets.extend(targets.iter().map(|target| target.unwrap_or_default() as i32));
            rows.weights.extend(targets.iter().map(|target| if target.is_some() { 1.0 / scored as f32 } else { 0.0 }));
        }
        rows
    }

    /// Tokens of a beginning that a model goes on from.
    fn given(&self) -> usize {
        (self.length / 4).max(1)
    }

    /// Gumbel noise for each position and token; a token that stands for no character is never drawn.
    fn noise(&self, set: &EvaluationSet) -> Vec<f32> {
        let mut draws = set.noise.at("text").draws();
        let is_character = |token: usize| self.data.written(&[token as u32]).is_some_and(|text| text != "\u{fffd}");
        let characters: Vec<bool> = (0..self.vocabulary).map(is_character).collect();
        let noise = (0..self.length * self.vocabulary).map(|place| {
            let drawn = -libm::log(-libm::log(draws.uniform().max(f64::MIN_POSITIVE)));
            if characters[place % self.vocabulary] { drawn as f32 } else { f32::MIN }
        });
        noise.collect()
    }

    fn upload(&self, replicas: &[Rc<Rows>], examples: usize, device: &Device) -> Batch {
        let rows = examples * self.length;
        let targets = integers(replicas, |rows| &rows.targets, rows, device);
        let weights = numbers(replicas, |rows| &rows.weights, [replicas.len(), rows], device);
        Batch {
            input: Content::Tokens(integers(replicas, |rows| &rows.tokens, rows, device)),
            time: None,
            class: None,
            target: Target::Tokens(targets, Box::new(weights)),
        }
    }

    /// A sequence as shown.
    fn shown(&self, example: &Example) -> TokenExample {
        let Some((tokens, targets)) = sequence(example) else { return TokenExample::default() };
        let label = |token: &u32| self.data.token(*token);
        TokenExample {
            input: tokens.iter().map(label).collect(),
            truth: targets.iter().map(|target| target.as_ref().map(label).unwrap_or_default()).collect(),
            prediction: Vec::new(),
            scored: targets.iter().map(Option::is_some).collect(),
        }
    }
}

/// Sequences of one replica on the host: a token, the token that is asked for and what that weighs, row by row.
#[derive(Default)]
struct Rows {
    tokens: Vec<i32>,
    targets: Vec<i32>,
    weights: Vec<f32>,
}

impl Objective for TokenPrediction {
    fn data(&self) -> &dyn Data {
        &*self.data
    }

    fn interface(&self) -> Interface {
        Interface {
            input: Input::Tokens(self.vocabulary),
            outputs: self.vocabulary,
            positions: self.length,
            time: None,
            classes: None,
            embedding: ["token embedding", "Maps each token to a vector (d_model)."],
            unembedding: ["unembedding", "Maps the residual stream to one logit for each token."],
        }
    }

    fn batch(&self, draw: &Draw, device: &Device) -> Batch {
        let rows = |&seed: &u64| self.rows(&draw.examples(&*self.data, &Stream::root(seed).at("data")));
        self.upload(&once_each(draw.seeds, rows), draw.count, device)
    }

    fn reference(&self, replicas: usize, device: &Device) -> Batch {
        let stream = Stream::root(0).at("reference");
        let rows = Rc::new(self.rows(&examples(&*self.data, &stream, Split::Train, 0, self.count())));
        let every: Vec<_> = std::iter::repeat_n(rows, replicas).collect();
        self.upload(&every, self.count(), device)
    }

    /// Mean cross-entropy in nats over the tokens that carry a target.
    fn loss(&self, output: Tensor<3>, batch: &Batch) -> Tensor<3> {
        match &batch.target {
            Target::Tokens(targets, weights) => kernels::sparse_cross_entropy(output, targets.clone(), (**weights).clone()),
            Target::Numbers(_) => unreachable!("the targets of a batch of tokens are tokens"),
        }
    }

    fn minimised(&self, shown: &Tensor<3>, output: &Tensor<3>, batch: &Batch, recipes: &[Recipe]) -> Option<Tensor<3>> {
        match &batch.target {
            Target::Tokens(targets, weights) => {
                let rows = Scored::new(output.clone(), targets.clone(), (**weights).clone());
                losses::minimised(shown, &rows, recipes)
            }
            Target::Numbers(_) => unreachable!("the targets of a batch of tokens are tokens"),
        }
    }

    fn loss_unit(&self) -> Option<&'static str> {
        Some("nats")
    }

    fn evaluation(&self, sets: &[EvaluationSet], device: &Device) -> Batch {
        let rows = once_each(sets, |set| self.rows(&self.evaluation_set(set)));
        self.upload(&rows, self.count(), device)
    }

    fn evaluated(&self) -> usize {
        self.count()
    }

    /// Loss over the scored tokens, then their accuracy, or their loss in bits where the data set is scored by that.
    fn measure(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Measure> {
        let examples = self.evaluation_set(set);
        let targets = examples.iter().filter_map(sequence).flat_map(|(_, targets)| targets);
        let (mut loss, mut right, mut scored) = (0.0, 0, 0);
        for (scores, target) in answers[0].chunks_exact(self.vocabulary).zip(targets) {
            if let Some(target) = target {
                loss += cross_entropy(scores, *target as usize);
                right += usize::from(best(scores) == *target as usize);
                scored += 1;
            }
        }
        let loss = loss / f64::from(scored);
        // What has no loss has no score either: the first of many answers that are all no number is not a choice.
        let accuracy = if loss.is_finite() { right as f64 / f64::from(scored) } else { f64::NAN };
        let constant = self.data.constant();
        let score = self.data.about().score;
        let (goal, value) = match score.goal {
            Goal::Higher => ("higher", accuracy),
            Goal::Lower => ("lower", loss / std::f64::consts::LN_2 * self.data.tokens_per_character()),
        };
        vec![
            Measure::new("loss", "Test loss", "nats", "lower", loss, constant.loss),
            Measure::new(score.name, score.label, score.unit, goal, value, constant.score),
        ]
    }

    /// Each token is drawn from what the model predicts (Gumbel 1954: the largest of the scores with such noise is distributed as their
    /// softmax), from the beginning of the first sequence on. Tokens stay on the device: a GPU in a browser is read once.
    fn write(&self, forward: &dyn Fn(&Batch) -> Tensor<3>, sets: &[EvaluationSet], device: &Device) -> Option<Tensor<3>> {
        self.data.written(&[])?;
        let given = self.given();
        let first = once_each(sets, |set| self.rows(&self.evaluation_set(set)[..1]));
        let mut batch = self.upload(&first, 1, device);
        let noise = once_each(sets, |set| self.noise(set));
        let noise = numbers(&noise, |noise| noise, [sets.len(), self.length * self.vocabulary], device).reshape([
            sets.len(),
            self.length,
            self.vocabulary,
        ]);
        for place in given..self.length {
            let scores = forward(&batch).narrow(1, place - 1, 1) + noise.clone().narrow(1, place, 1);
            let Content::Tokens(tokens) = &batch.input else { return None };
            let mut parts = vec![tokens.clone().narrow(1, 0, place), kernels::largest(scores)];
            // No tensor is empty.
            if place + 1 < self.length {
                parts.push(tokens.clone().narrow(1, place + 1, self.length - place - 1));
            }
            let tokens = Integers::cat(parts, 1);
            batch.input = Content::Tokens(tokens);
        }
        let Content::Tokens(tokens) = batch.input else { return None };
        Some(as_numbers(tokens, self.vocabulary))
    }

    /// What the model wrote, if its data make a text, and the first sequences with their predictions.
    fn samples(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Samples> {
        let predictions = |index: usize| {
            let scores = answers[0][index * self.length * self.vocabulary..].chunks_exact(self.vocabulary).take(self.length);
            scores.map(|scores| self.data.token(best(scores) as u32)).collect()
        };
        let written = answers.get(1).and_then(|tokens| {
            let tokens: Vec<u32> = tokens.iter().map(|&token| token as u32).collect();
            let (given, drawn) = tokens.split_at_checked(self.given())?;
            Some(Samples::Text { beginning: self.data.written(given)?, continuation: self.data.written(drawn)? })
        });
        let examples = self.evaluation_set(set);
        let shown = examples.iter().take(SHOWN).enumerate();
        let predicted = shown.map(|(index, example)| TokenExample { prediction: predictions(index), ..self.shown(example) });
        let predicted = Samples::Tokens(predicted.collect());
        written.into_iter().chain([predicted]).collect()
    }

    fn training_samples(&self) -> Samples {
        let stream = Stream::root(0).at("data");
        let examples = examples(&*self.data, &stream, Split::Train, 0, SHOWN);
        Samples::Tokens(examples.iter().map(|example| self.shown(example)).collect())
    }
}

/// Tokens and targets of an example.
fn sequence(example: &Example) -> Option<(&[u32], &[Option<u32>])> {
    match example {
        Example::Tokens { tokens, targets } => Some((tokens, targets)),
        Example::Numbers { .. } => None,
    }
}

fn fits_next(layout: &Layout) -> bool {
    matches!(layout, Layout::Tokens { visibility, .. } if *visibility != Visibility::Bidirectional)
}

fn fits_masked(layout: &Layout) -> bool {
    matches!(layout, Layout::Tokens { visibility: Visibility::Bidirectional, .. })
}

fn build(_: &Settings, data: Box<dyn Data>, _mixes: bool) -> Result<Box<dyn Objective>, MissingSetting> {
    Ok(Box::new(TokenPrediction::new(data)))
}

/// `-log softmax(scores)[target]` in nats, in double precision.
fn cross_entropy(scores: &[f32], target: usize) -> f64 {
    let largest = scores.iter().fold(f32::NEG_INFINITY, |largest, &score| largest.max(score));
    let sum: f64 = scores.iter().map(|&score| libm::exp(f64::from(score - largest))).sum();
    libm::log(sum) - f64::from(scores[target] - largest)
}

fn best(scores: &[f32]) -> usize {
    scores
        .iter()
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, (index, &score)| if score > best.1 { (index, score) } else { best })
        .0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Models, build};
    use ablation_settings::read_link;

    #[test]
    fn what_diverged_has_no_accuracy() {
        let model = build(&read_link("v=1&p=first", &Models).0.settings).unwrap();
        let found = |answer: f32| {
            // Of whatever length: what is beyond the test is not looked at.
            let measures = model.measure(&EvaluationSet::shared(), &[vec![answer; TOKENS * 64]]);
            measures.iter().map(|measure| measure.value.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(found(0.0), [true, true]);
        assert_eq!(found(f32::NAN), [false, false]);
    }

    #[test]
    fn cross_entropy_is_that_of_the_softmax() {
        assert!((cross_entropy(&[0.0, 0.0, 0.0, 0.0], 2) - libm::log(4.0)).abs() < 1e-12);
        assert!((cross_entropy(&[1000.0, 0.0], 1) - 1000.0).abs() < 1e-9);
        assert!(cross_entropy(&[f32::NAN, 0.0], 1).is_nan());
    }
}
