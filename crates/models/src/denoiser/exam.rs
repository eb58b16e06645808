//! The test of a denoiser, and what a person looks at.
//!
//! Training losses of models that predict the noise and of models that predict the clean point are different quantities, so they
//! are never compared. The test is on one scale for all: the error of the *clean point* implied by the prediction, at the steps nearest to
//! fixed shares of remaining signal, with the same points and the same noise for every model.

use ablation_figures::{Cloud, Figure, Scatter};
use ablation_random::Stream;
use ablation_stats::energy_distance;
use ablation_tasks::{CLOUD, Split};
use burn::tensor::{Device, Tensor};

use super::{Denoiser, FEATURES, Noised};
use crate::family::{Batch, Depth, Family, Measure, Paper, Subject};
use crate::scope::Pass;
use crate::weights::upload;

/// Points of the test at each noise level, and of the reference set.
pub(super) const POINTS: usize = 512;

/// Shares of the clean point's variance that are left at the levels of the test.
const LEVELS: [f64; 5] = [0.95, 0.8, 0.5, 0.2, 0.05];

/// Forward passes of the sampler.
const SAMPLER_STEPS: usize = 25;

/// Where samples are kept: the data have a variance of one, and even at the largest noise setting fewer than one coordinate in a
/// thousand lies beyond this.
const FARTHEST: f64 = 4.0;

/// Both axes of the clouds.
const RANGE: (f64, f64) = (-2.8, 2.8);

/// The same points and noise at every level, for every model that has the paper.
fn test(model: &Denoiser, paper: &Paper) -> Vec<Noised> {
    let noised = |index: u64| model.noised(&paper.examples, paper.split, index);
    let at = |share: &f64| {
        let step = model.schedule.nearest(*share);
        (0..POINTS as u64).map(move |index| Noised { step, ..noised(index) })
    };
    LEVELS.iter().flat_map(at).collect()
}

/// Held-out points that samples are compared with.
fn held_out(model: &Denoiser, paper: &Paper) -> Vec<[f32; 2]> {
    (0..CLOUD as u64).map(|index| model.task.example(&paper.examples, paper.split, index)).collect()
}

/// Predictions at the fixed noise levels; with the score, then samples.
///
/// # Shapes
/// - predictions: `[replicas, levels * points, 2]`
/// - samples: `[replicas, points, 2]`
pub(super) fn examine(model: &Denoiser, pass: &Pass, papers: &[Paper], depth: Depth, device: &Device) -> Vec<Tensor<3>> {
    let batch = model.encode(&papers.iter().map(|paper| test(model, paper)).collect::<Vec<_>>(), device);
    let mut answers = vec![model.forward(pass, &batch)];
    if depth >= Depth::Score {
        answers.push(sample(model, pass, papers, device));
    }
    answers
}

/// Deterministic sampling (DDIM with eta 0; Song, Meng & Ermon 2021), from the same noise for every model that has the paper:
/// `[replicas, points, 2]`.
fn sample(model: &Denoiser, pass: &Pass, papers: &[Paper], device: &Device) -> Tensor<3> {
    let replicas = papers.len();
    let start = papers.iter().flat_map(|paper| paper.noise.draws().normals(2 * CLOUD)).collect();
    let mut x = upload::<3>(start, [replicas, CLOUD, 2], device);
    let steps = model.schedule.steps();
    let passes = SAMPLER_STEPS.min(steps);
    for index in (0..passes).rev() {
        let (from, to) = ((index + 1) * steps / passes, index * steps / passes);
        let features = model.features(from).repeat(replicas * CLOUD);
        let condition = Some(upload(features, [replicas, CLOUD, FEATURES], device));
        let predicted = model.forward(pass, &Batch { input: x.clone(), condition, target: x.clone() });
        let (left, after) = (model.schedule.left(from), model.schedule.left(to));
        let (signal, noise) = (libm::sqrt(left), libm::sqrt(1.0 - left));
        // x = signal * point + noise * eps: the model gives one of the two. Where almost no signal is left, dividing by it blows a small
        // error up to a point far outside of the data, so the point is kept inside (Ho, Jain & Abbeel 2020) and the noise follows.
        let point = if model.config.predicts_noise { (x.clone() - predicted * noise) * (1.0 / signal) } else { predicted };
        let point = point.clamp(-FARTHEST, FARTHEST);
        let eps = (x - point.clone() * signal) * (1.0 / noise);
        x = point * libm::sqrt(after) + eps * libm::sqrt(1.0 - after);
    }
    x
}

/// Denoising error, and energy distance of the samples if there are any.
pub(super) fn measure(model: &Denoiser, paper: &Paper, answers: &[Vec<f32>]) -> Vec<Measure> {
    let test = test(model, paper);
    let error = |(noised, predicted): (&Noised, &[f32])| {
        let left = model.schedule.left(noised.step);
        let (signal, noise) = (libm::sqrt(left), libm::sqrt(1.0 - left));
        let clean = |axis: usize| {
            let noisy = signal * f64::from(noised.point[axis]) + noise * f64::from(noised.noise[axis]);
            let predicted = f64::from(predicted[axis]);
            if model.config.predicts_noise { (noisy - noise * predicted) / signal } else { predicted }
        };
        (0..2).map(|axis| clean(axis) - f64::from(noised.point[axis])).map(|gap| gap * gap).sum::<f64>() / 2.0
    };
    let loss = test.iter().zip(answers[0].chunks_exact(2)).map(error).sum::<f64>() / test.len() as f64;
    // Answering with the mean of the data, the origin, costs the variance of the data at every level.
    let mut measures = vec![Measure::new("loss", "Denoising error", "of the data variance", "lower", loss, 1.0)];
    if let Some(samples) = answers.get(1) {
        // A model that diverged has no distance, whatever a sampler that keeps its points inside makes of it.
        let distance = energy_distance(&points(samples), &held_out(model, paper)).ok().filter(|_| loss.is_finite());
        let trivial = *model.trivial_score.get_or_init(|| model.task.trivial().score);
        let score = model.task.about().score;
        measures.push(Measure::new(score.name, score.label, score.unit, "lower", distance.unwrap_or(f64::NAN), trivial));
    }
    measures
}

/// The samples over the held-out points.
pub(super) fn samples(model: &Denoiser, paper: &Paper, answers: &[Vec<f32>], subject: &Subject) -> Vec<Figure> {
    let cloud = Cloud { label: subject.label.clone(), role: subject.role, points: pairs(&points(&answers[1])) };
    let scatter = Scatter {
        name: "sample".into(),
        title: "Samples over held-out points".into(),
        range: RANGE,
        data: pairs(&held_out(model, paper)),
        samples: Some(cloud),
    };
    vec![scatter.figure()]
}

/// Training points.
pub(super) fn data(model: &Denoiser) -> Vec<Figure> {
    let stream = Stream::root(0).at("data");
    let points: Vec<[f32; 2]> = (0..POINTS as u64).map(|index| model.task.example(&stream, Split::Train, index)).collect();
    let title = format!("Training points: {}", model.task.about().label);
    vec![Scatter { name: "data".into(), title, range: RANGE, data: pairs(&points), samples: None }.figure()]
}

fn points(answer: &[f32]) -> Vec<[f32; 2]> {
    answer.chunks_exact(2).map(|point| [point[0], point[1]]).collect()
}

fn pairs(points: &[[f32; 2]]) -> Vec<(f64, f64)> {
    points.iter().map(|point| (f64::from(point[0]), f64::from(point[1]))).collect()
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
            let answers = [vec![predicted; 2 * POINTS * LEVELS.len()], vec![sampled; 2 * CLOUD]];
            model.measure(&Paper::shared(), &answers).iter().map(|measure| measure.value.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(found(0.0, 0.0), [true, true]);
        assert_eq!(found(0.0, f32::NAN), [true, false]);
        assert_eq!(found(f32::NAN, 0.0), [false, false]);
    }
}
