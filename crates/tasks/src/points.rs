//! Tasks on points: learn a distribution in the plane and draw from it.

use ablation_random::Stream;
use ablation_stats::energy_distance;

use crate::about::{About, Need, Trivial};
use crate::split::Split;

/// How many points each cloud has when an energy distance is measured. Part of the score's definition: the distance of two
/// finite clouds of one distribution is not 0 but falls as one over their size, so scores compare only at one size.
pub const CLOUD: usize = 512;

/// A task on points in the plane. All are centred on 0 with a mean variance of 1 over the two coordinates, the scale of
/// the noise of diffusion. The loss is the mean squared error a coordinate.
pub trait PointTask: Send + Sync {
    /// Name, description and score.
    fn about(&self) -> &'static About;

    /// Point `index` of a split: a function of its arguments alone.
    fn example(&self, stream: &Stream, split: Split, index: u64) -> [f32; 2];

    /// What a model that learned nothing reaches.
    ///
    /// *Loss* 1: a network that always answers zero. Whether it is asked for the noise, the clean point or the velocity
    /// between them, each has a mean of 0 and a mean variance of 1 by construction.
    ///
    /// *Score*: a sampler that returns the noise it started from, a standard normal cloud; measured on this task's own data
    /// (its settings move it) with one fixed draw.
    fn trivial(&self) -> Trivial {
        let stream = Stream::root(0).at("trivial").at(self.about().name);
        let data: Vec<_> = (0..CLOUD as u64).map(|i| self.example(&stream, Split::Test, i)).collect();
        let mut draws = stream.at("noise").draws();
        let noise: Vec<_> = (0..CLOUD).map(|_| [draws.normal() as f32, draws.normal() as f32]).collect();
        let score = energy_distance(&noise, &data).expect("both clouds have points, all finite");
        Trivial { loss: 1.0, score }
    }

    /// Which components the task needs.
    fn needs(&self) -> Vec<Need> {
        NEEDS.to_vec()
    }
}

/// What a denoiser of points needs, whatever the points.
const NEEDS: [Need; 4] = [
    Need::yes("embed", "without it the model does not see the noisy point"),
    Need::yes("time", "how much to remove depends on how much noise there is, and a point does not tell"),
    Need::yes(
        "blocks.*.mlp",
        "without them the answer is nearly linear in the point, and a linear denoiser can only draw one blob",
    ),
    Need::yes("unembed", "without it there is no answer"),
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What every point task promises.
    pub(crate) fn check(task: &dyn PointTask) {
        let stream = Stream::root(3).at("data");
        let points: Vec<_> = (0..20_000).map(|i| task.example(&stream, Split::Train, i)).collect();
        let coordinates = |axis: usize| points.iter().map(move |p| f64::from(p[axis]));
        let mean = |axis| coordinates(axis).sum::<f64>() / 20_000.0;
        let square = |axis| coordinates(axis).map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean(0).abs() < 0.05 && mean(1).abs() < 0.05, "centred: {} {}", mean(0), mean(1));
        let variance = (square(0) + square(1)) / 2.0;
        assert!((variance - 1.0).abs() < 0.02, "mean variance {variance}");

        let first = |stream: &Stream, split| (0..20).map(|i| task.example(stream, split, i)).collect::<Vec<_>>();
        assert_eq!(first(&stream, Split::Train), points[..20], "the same address, the same points");
        let [tune, test, held_out] = [Split::Tune, Split::Test, Split::HeldOut].map(|split| first(&stream, split));
        assert!(tune != points[..20] && test != points[..20] && tune != test, "held-out points are other points");
        assert_eq!(held_out, test, "there is nothing to divide");
        assert_ne!(first(&Stream::root(4).at("data"), Split::Train), points[..20], "another seed, other points");

        let held_out: Vec<_> = (0..CLOUD as u64).map(|i| task.example(&stream, Split::Test, i)).collect();
        let perfect = energy_distance(&points[..CLOUD], &held_out).unwrap();
        let trivial = task.trivial();
        assert!(perfect * 4.0 < trivial.score, "noise ({}) is far worse than data ({perfect})", trivial.score);

        // Another draw of noise and data says the same, roughly: the number is a property of the task.
        let mut draws = Stream::root(9).draws();
        let noise: Vec<_> = (0..CLOUD).map(|_| [draws.normal() as f32, draws.normal() as f32]).collect();
        let again = energy_distance(&noise, &held_out).unwrap();
        assert!((again / trivial.score - 1.0).abs() < 0.35, "{again} against {}", trivial.score);

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
            assert!((loss - trivial.loss).abs() < 0.03, "answering zero costs {loss}");
        }
    }
}
