//! How diffusion models are evaluated, and what they show.
//!
//! Training losses of models that predict the noise and of models that predict the clean example are different quantities, so they
//! are never compared. The evaluation is on one scale for all: the error of the *clean example* implied by the prediction, at the steps
//! nearest to fixed shares of remaining signal, with the same examples and the same noise for every model.

use std::rc::Rc;

use ablation_data::{CLOUD, Example, Samples, Split, examples};
use ablation_random::Stream;
use ablation_stats::energy_distance;
use burn::tensor::Device;

use super::{Diffusion, EXAMPLES, Noised, shape};
use crate::batch::{Batch, once_each};
use crate::evaluation::{EvaluationSet, Measure};

/// Shares of the clean example's variance that are left at the levels of the evaluation.
const LEVELS: [f64; 5] = [0.95, 0.8, 0.5, 0.2, 0.05];

/// Examples that go through the model at once: every example at every level, or the samples that are compared with the data.
pub(super) const COUNT: usize = if LEVELS.len() * EXAMPLES > CLOUD { LEVELS.len() * EXAMPLES } else { CLOUD };

/// Axes of clouds of points go from minus this to this.
const RANGE: f64 = 2.8;

/// Images shown.
const IMAGES: usize = 16;

/// The same examples and noise at every level, for every model that has the set.
fn evaluation_set(objective: &Diffusion, set: &EvaluationSet) -> Rc<Vec<Noised>> {
    let clean = || examples(&*objective.data, &set.examples, set.split, 0, EXAMPLES);
    objective.evaluation_sets.get(set, || objective.noised(clean(), &set.examples, set.split, 0))
}

/// The steps of the levels.
fn steps(objective: &Diffusion) -> [usize; LEVELS.len()] {
    LEVELS.map(|share| objective.schedule.nearest(share))
}

/// Every example of a set at every level.
fn at_levels<'a>(objective: &Diffusion, set: &'a [Noised]) -> Vec<(&'a Noised, usize)> {
    steps(objective).into_iter().flat_map(|step| set.iter().map(move |noised| (noised, step))).collect()
}

/// The inputs of an evaluation: `[replicas, levels * examples * positions, channels]`.
pub(super) fn batch(objective: &Diffusion, sets: &[EvaluationSet], device: &Device) -> Batch {
    let rows = |set: &EvaluationSet| {
        let noised = evaluation_set(objective, set);
        objective.rows(at_levels(objective, &noised).into_iter())
    };
    objective.upload(&once_each(sets, rows), LEVELS.len() * EXAMPLES, device)
}

/// Held-out examples that samples are compared with, and their classes.
pub(super) fn held_out(objective: &Diffusion, set: &EvaluationSet) -> Vec<(Vec<f32>, Option<u32>)> {
    numbers(examples(&*objective.data, &set.examples, set.split, 0, CLOUD))
}

/// Denoising error, and energy distance of the samples if there are any.
pub(super) fn measure(objective: &Diffusion, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Measure> {
    let (patches, noised) = (&objective.patches, evaluation_set(objective, set));
    let size = patches.positions * patches.channels;
    let examples = at_levels(objective, &noised);
    let error = |(&(noised, step), predicted): (&(&Noised, usize), &[f32])| {
        let level = objective.level(step);
        let gap = |((clean, eps), predicted): ((f32, f32), &f32)| {
            let (clean, eps) = (f64::from(clean), f64::from(eps));
            let noisy = level.signal * clean + level.noise * eps;
            (objective.prediction.value.clean)(noisy, f64::from(*predicted), level) - clean
        };
        let read = patches.read(&noised.clean).zip(patches.read(&noised.noise)).zip(predicted);
        read.map(gap).map(|gap| gap * gap).sum::<f64>() / size as f64
    };
    let loss = examples.iter().zip(answers[0].chunks_exact(size)).map(error).sum::<f64>() / examples.len() as f64;
    let constant = *objective.constant.get_or_init(|| objective.data.constant());
    // Answering with the mean of the data, the origin, costs the variance of the data at every level.
    let mut measures = vec![Measure::new("loss", "Denoising error", "of the data variance", "lower", loss, constant.loss)];
    if let Some(samples) = answers.get(1) {
        // A model that diverged has no distance, whatever a sampler that keeps its numbers inside makes of it.
        let data: Vec<Vec<f32>> = held_out(objective, set).into_iter().map(|(values, _)| values).collect();
        let distance = energy_distance(&grids(objective, samples), &data).ok().filter(|_| loss.is_finite());
        let score = objective.data.about().score;
        measures.push(Measure::new(score.name, score.label, score.unit, "lower", distance.unwrap_or(f64::NAN), constant.score));
    }
    measures
}

/// The samples beside the held-out examples.
pub(super) fn samples(objective: &Diffusion, set: &EvaluationSet, answers: &[Vec<f32>]) -> Samples {
    let data = held_out(objective, set);
    let classes = data.iter().map(|(_, class)| *class);
    let samples = answers.get(1).map(|samples| grids(objective, samples).into_iter().zip(classes).collect());
    shown(objective, data, samples)
}

/// Training examples.
pub(super) fn training_samples(objective: &Diffusion) -> Samples {
    let stream = Stream::root(0).at("data");
    shown(objective, numbers(examples(&*objective.data, &stream, Split::Train, 0, EXAMPLES)), None)
}

/// Numbers and classes of examples.
type Grids = Vec<(Vec<f32>, Option<u32>)>;

/// Points in the plane as a cloud, everything else as the first few images.
fn shown(objective: &Diffusion, data: Grids, samples: Option<Grids>) -> Samples {
    let data_set = objective.data.about().label;
    let shape = shape(&objective.data.layout());
    if shape == [1, 1, 2] {
        let points = |grids: Grids| grids.into_iter().map(|(values, _)| [values[0], values[1]]).collect();
        return Samples::Points { data_set, range: RANGE, data: points(data), samples: samples.map(points) };
    }
    let values = || data.iter().flat_map(|(values, _)| values).map(|value| f64::from(*value));
    let range = [values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max)];
    let first = |mut grids: Grids| {
        grids.truncate(IMAGES);
        grids
    };
    Samples::Images { data_set, shape, range, data: first(data), samples: samples.map(first) }
}

/// Answers as examples: in the order of the data, not of the model.
fn grids(objective: &Diffusion, answer: &[f32]) -> Vec<Vec<f32>> {
    let size = objective.patches.positions * objective.patches.channels;
    answer.chunks_exact(size).map(|read| objective.patches.grid(read)).collect()
}

fn numbers(examples: Vec<Example>) -> Grids {
    let numbers = |example| match example {
        Example::Numbers { values, class } => (values, class),
        Example::Tokens { tokens, .. } => (tokens.into_iter().map(|token| token as f32).collect(), None),
    };
    examples.into_iter().map(numbers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Models, build};
    use ablation_settings::read_link;

    #[test]
    fn what_diverged_has_no_distance() {
        let model = build(&read_link("v=1&p=two-moons", &Models).0.settings).unwrap();
        let found = |predicted: f32, sampled: f32| {
            let answers = [vec![predicted; 2 * EXAMPLES * LEVELS.len()], vec![sampled; 2 * CLOUD]];
            model.measure(&EvaluationSet::shared(), &answers).iter().map(|measure| measure.value.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(found(0.0, 0.0), [true, true]);
        assert_eq!(found(0.0, f32::NAN), [true, false]);
        assert_eq!(found(f32::NAN, 0.0), [false, false]);
    }
}
