//! The test of a transformer, and what a person looks at.

use std::collections::BTreeMap;

use ablation_figures::{Example, Figure, Heatmap, Map, Tokens};
use ablation_random::Stream;
use ablation_tasks::{Sequence, Split};
use burn::tensor::{Device, Tensor};

use super::Transformer;
use crate::family::{Depth, Family, Measure, Paper, Subject};
use crate::scope::{ActivationCache, Pass};

/// Tokens of the test and of the reference set: accuracies to half a per cent, answers at once.
pub(super) const TOKENS: usize = 4096;

/// Sequences shown.
const SHOWN: usize = 3;

fn test(model: &Transformer, paper: &Paper) -> Vec<Sequence> {
    model.examples(&paper.examples, paper.split, 0, TOKENS / model.task.length())
}

/// Scores of every test token; with figures, then the attention patterns of the first test sequence, block by block.
///
/// # Shapes
/// - scores: `[replicas, sequences * positions, vocabulary]`
/// - each pattern: `[replicas, heads * positions, positions]`
pub(super) fn examine(model: &Transformer, pass: &Pass, papers: &[Paper], depth: Depth, device: &Device) -> Vec<Tensor<3>> {
    let batch = model.encode(&papers.iter().map(|paper| test(model, paper)).collect::<Vec<_>>(), device);
    if depth < Depth::Figures {
        return vec![model.forward(pass, &batch)];
    }
    let path = |block: usize| format!("blocks.{block}.attn.pattern");
    let cache = ActivationCache::of((0..model.config.layers).map(path));
    let mut answers = vec![model.forward(&Pass { cache: Some(&cache), ..*pass }, &batch)];
    let rows = model.config.heads * model.task.length();
    let mut seen: BTreeMap<String, Tensor<3>> = cache.take().into_iter().collect();
    // A block that every replica leaves out shows no pattern; zeros keep its place.
    let pattern = |block: usize| match seen.remove(&path(block)) {
        Some(patterns) => patterns.narrow(1, 0, rows),
        None => Tensor::zeros([papers.len(), rows, model.task.length()], device),
    };
    answers.extend((0..model.config.layers).map(pattern));
    answers
}

/// Loss and accuracy over the scored tokens.
pub(super) fn measure(model: &Transformer, paper: &Paper, answers: &[Vec<f32>]) -> Vec<Measure> {
    let (task, vocabulary) = (&model.task, model.task.vocabulary());
    let sequences = test(model, paper);
    let tokens = sequences.iter().flat_map(|sequence| &sequence.targets);
    let (mut loss, mut right, mut scored) = (0.0, 0, 0);
    for (scores, target) in answers[0].chunks_exact(vocabulary).zip(tokens) {
        if let Some(target) = target {
            loss += cross_entropy(scores, *target as usize);
            right += usize::from(best(scores) == *target as usize);
            scored += 1;
        }
    }
    let loss = loss / f64::from(scored);
    // What has no loss has no score either: the first of many answers that are all no number is not a choice.
    let accuracy = if loss.is_finite() { right as f64 / f64::from(scored) } else { f64::NAN };
    let trivial = task.trivial();
    let score = task.about().score;
    vec![
        Measure::new("loss", "Test loss", "nats", "lower", loss, trivial.loss),
        Measure::new(score.name, score.label, score.unit, "higher", accuracy, trivial.score),
    ]
}

/// The first sequences with their predictions, and the attention patterns.
pub(super) fn samples(model: &Transformer, paper: &Paper, answers: &[Vec<f32>], subject: &Subject) -> Vec<Figure> {
    let (task, vocabulary) = (&model.task, model.task.vocabulary());
    let sequences = test(model, paper);
    let predictions = |index: usize| {
        let scores = answers[0][index * task.length() * vocabulary..].chunks_exact(vocabulary).take(task.length());
        scores.map(|scores| task.label(best(scores) as u32)).collect()
    };
    let shown = sequences
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(index, sequence)| Example { prediction: predictions(index), ..example(model, sequence) });
    let tokens = Tokens { name: "sample".into(), title: "Predictions on held-out sequences".into(), examples: shown.collect() };
    vec![tokens.figure(), attention(model, &answers[1..], &subject.silent).figure()]
}

/// A few training sequences.
pub(super) fn data(model: &Transformer) -> Vec<Figure> {
    let sequences = model.examples(&Stream::root(0).at("data"), Split::Train, 0, SHOWN);
    let examples = sequences.iter().map(|sequence| example(model, sequence)).collect();
    vec![Tokens { name: "data".into(), title: "Training sequences".into(), examples }.figure()]
}

fn example(model: &Transformer, sequence: &Sequence) -> Example {
    let label = |token: &u32| model.task.label(*token);
    Example {
        input: sequence.tokens.iter().map(label).collect(),
        truth: sequence.targets.iter().map(|target| target.as_ref().map(label).unwrap_or_default()).collect(),
        prediction: Vec::new(),
        scored: sequence.targets.iter().map(Option::is_some).collect(),
    }
}

fn attention(model: &Transformer, patterns: &[Vec<f32>], silent: &[String]) -> Heatmap {
    let positions = model.task.length();
    let map = |block: usize, head: usize, weights: &[f32]| {
        let path = format!("blocks.{block}.attn.heads.{head}");
        let cut = silent
            .iter()
            .any(|site| path == **site || path.strip_prefix(site.as_str()).is_some_and(|rest| rest.starts_with('.')));
        Map { label: format!("block {block} head {head}"), weights: weights.to_vec(), cut }
    };
    let maps = |(block, pattern): (usize, &Vec<f32>)| {
        pattern.chunks_exact(positions * positions).enumerate().map(|(head, weights)| map(block, head, weights)).collect()
    };
    Heatmap {
        name: "attention".into(),
        title: "Attention on the first sequence".into(),
        size: positions,
        blocks: patterns.iter().enumerate().map(maps).collect(),
    }
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
            let measures = model.measure(&Paper::shared(), &[vec![answer; TOKENS * 64]]);
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
