//! How much of an example is left at each diffusion step; one schedule a file.

mod cosine;
mod linear;

use crate::entry::{Entry, named};

/// The share of the remaining variance that step `step` (from 0) of `steps` takes.
pub(crate) type AddedNoise = fn(usize, usize) -> f64;

/// All schedules; the first is the default.
pub(crate) const NOISE_SCHEDULES: &[Entry<AddedNoise>] = &[cosine::ENTRY, linear::ENTRY];

/// Share of the clean example's variance left after each step: `x_t = sqrt(left_t) x_0 + sqrt(1 - left_t) noise`.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseSchedule {
    left: Vec<f64>,
}

impl NoiseSchedule {
    /// A schedule of `steps` diffusion steps.
    pub(crate) fn new(added: AddedNoise, steps: usize) -> Self {
        // No step may take everything: dividing by what is left must stay possible.
        const LARGEST: f64 = 0.999;
        let mut share = 1.0;
        let left = (0..steps).map(|step| {
            share *= 1.0 - added(step, steps).min(LARGEST);
            share
        });
        NoiseSchedule { left: left.collect() }
    }

    /// The schedule of a name, if there is one.
    pub fn named(name: &str, steps: usize) -> Option<Self> {
        named(NOISE_SCHEDULES, name).map(|entry| NoiseSchedule::new(entry.value, steps))
    }

    /// Diffusion steps.
    pub fn steps(&self) -> usize {
        self.left.len()
    }

    /// What is left of the clean example's variance after step `t` in `0..=steps`; everything at 0.
    pub fn left(&self, t: usize) -> f64 {
        if t == 0 { 1.0 } else { self.left[t - 1] }
    }

    /// The step at which what is left is nearest to `share`.
    pub fn nearest(&self, share: f64) -> usize {
        let distance = |t: &usize| (self.left(*t) - share).abs();
        (1..=self.steps()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_grows_from_almost_none_to_almost_all() {
        for noise in ["linear", "cosine"] {
            for steps in [20, 50, 200] {
                let schedule = NoiseSchedule::named(noise, steps).unwrap();
                assert!((1..=steps).all(|t| schedule.left(t) < schedule.left(t - 1)), "{noise}");
                assert!(schedule.left(1) > 0.9 && schedule.left(steps) < 0.01 && schedule.left(steps) > 0.0, "{noise} {steps}");
            }
        }
    }

    #[test]
    fn the_nearest_step_is_found() {
        let schedule = NoiseSchedule::named("cosine", 100).unwrap();
        let t = schedule.nearest(0.5);
        assert!((schedule.left(t) - 0.5).abs() < 0.02);
    }
}
