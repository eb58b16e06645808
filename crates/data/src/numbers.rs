//! What data sets of numbers share: the constant predictor of diffusion, and the needs of points.

use ablation_random::Stream;
use ablation_stats::energy_distance;

use crate::about::{ConstantPredictor, Need};
use crate::data::{Data, Example, examples};
use crate::split::Split;

/// How many examples each cloud has when an energy distance is measured. Part of the score's definition: the distance of two
/// finite clouds of one distribution is not 0 but falls as one over their size, so scores compare only at one size.
pub const CLOUD: usize = 512;

/// The first [`CLOUD`] examples of a split, as numbers.
pub fn cloud(data: &dyn Data, stream: &Stream, split: Split) -> Vec<Vec<f32>> {
    let values = |example| match example {
        Example::Numbers { values, .. } => values,
        Example::Tokens { tokens, .. } => tokens.into_iter().map(|token| token as f32).collect(),
    };
    examples(data, stream, split, 0, CLOUD).into_iter().map(values).collect()
}

/// What a diffusion model reaches that ignores its input.
///
/// *Loss* 1: a network that always answers zero. Whether it is asked for the noise, the clean example or the velocity
/// between them, each has a mean of 0 and a mean variance of 1 by construction.
///
/// *Score*: a sampler that returns the noise it started from, a standard normal cloud; measured on this data set's own examples
/// (its settings move it) with one fixed draw.
pub fn noise_predictor(data: &dyn Data) -> ConstantPredictor {
    // The address says "trivial" because it always has: another word would be another draw.
    let stream = Stream::root(0).at("trivial").at(data.about().name);
    let real = cloud(data, &stream, Split::Test);
    let mut draws = stream.at("noise").draws();
    let noise: Vec<_> = (0..CLOUD).map(|_| draws.normals(data.layout().size())).collect();
    let score = energy_distance(&noise, &real).expect("both clouds have points, all finite");
    ConstantPredictor { loss: 1.0, score }
}

/// Where a sampler keeps the coordinates of points: even at the largest noise setting fewer than one in a thousand lies beyond.
pub(crate) const LIMIT: f64 = 4.0;

/// What a diffusion model of points in the plane needs, whatever the points.
pub(crate) const NEEDS_OF_POINTS: [Need; 4] = [
    Need::yes("embed", "without it the model does not see the noisy point"),
    Need::yes("time", "how much noise to remove depends on the noise level, which cannot be inferred from one point"),
    Need::yes(
        "blocks.*.mlp",
        "without them the prediction is nearly linear in the point, and a linear denoiser can only generate one Gaussian",
    ),
    Need::yes("unembed", "without it there is no prediction"),
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::data::example;

    /// The two coordinates of a point.
    pub(crate) fn point(data: &dyn Data, stream: &Stream, split: Split, index: u64) -> [f32; 2] {
        match example(data, stream, split, index) {
            Example::Numbers { values, class: None } => [values[0], values[1]],
            other => panic!("{other:?} is not a point"),
        }
    }

    /// What every data set of points promises.
    pub(crate) fn check(data: &dyn Data) {
        let stream = Stream::root(3).at("data");
        let points: Vec<_> = (0..20_000).map(|i| point(data, &stream, Split::Train, i)).collect();
        let coordinates = |axis: usize| points.iter().map(move |p| f64::from(p[axis]));
        let mean = |axis| coordinates(axis).sum::<f64>() / 20_000.0;
        let square = |axis| coordinates(axis).map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean(0).abs() < 0.05 && mean(1).abs() < 0.05, "centred: {} {}", mean(0), mean(1));
        let variance = (square(0) + square(1)) / 2.0;
        assert!((variance - 1.0).abs() < 0.02, "mean variance {variance}");

        let first = |stream: &Stream, split| (0..20).map(|i| point(data, stream, split, i)).collect::<Vec<_>>();
        assert_eq!(first(&stream, Split::Train), points[..20], "the same address, the same points");
        let [tune, test] = [Split::Tune, Split::Test].map(|split| first(&stream, split));
        assert!(tune != points[..20] && test != points[..20] && tune != test, "held-out points are other points");
        assert_ne!(first(&Stream::root(4).at("data"), Split::Train), points[..20], "another seed, other points");

        let held_out: Vec<_> = (0..CLOUD as u64).map(|i| point(data, &stream, Split::Test, i)).collect();
        let perfect = energy_distance(&points[..CLOUD], &held_out).unwrap();
        let constant = data.constant();
        assert!(perfect * 4.0 < constant.score, "noise ({}) is far worse than data ({perfect})", constant.score);

        // Another draw of noise and data says the same, roughly: the number is a property of the data set.
        let mut draws = Stream::root(9).draws();
        let noise: Vec<_> = (0..CLOUD).map(|_| [draws.normal() as f32, draws.normal() as f32]).collect();
        let again = energy_distance(&noise, &held_out).unwrap();
        assert!((again / constant.score - 1.0).abs() < 0.35, "{again} against {}", constant.score);

        // Answering zero costs 1 whatever is asked for: the noise, the point, or the velocity between them.
        let mut draws = Stream::root(10).draws();
        let [mut noise, mut velocity] = [0.0, 0.0];
        for coordinate in points.iter().flatten() {
            let z = draws.normal();
            let v = 0.6 * z - 0.8 * f64::from(*coordinate);
            noise += z * z / 40_000.0;
            velocity += v * v / 40_000.0;
        }
        for loss in [noise, variance, velocity] {
            assert!((loss - constant.loss).abs() < 0.03, "answering zero costs {loss}");
        }
    }
}
