//! How much of a point is left at each diffusion step.

/// Shape of the noise schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Noise variances from 1e-4 to 0.02 over a thousand steps, scaled to fewer (Ho, Jain & Abbeel 2020).
    Linear,
    /// What is left follows a squared cosine (Nichol & Dhariwal 2021).
    Cosine,
}

/// Share of the clean point's variance left after each step: `x_t = sqrt(left_t) x_0 + sqrt(1 - left_t) noise`.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseSchedule {
    left: Vec<f64>,
}

impl NoiseSchedule {
    /// A schedule of `steps` diffusion steps.
    pub fn new(noise: Noise, steps: usize) -> Self {
        // No step may take everything: dividing by what is left must stay possible.
        const LARGEST: f64 = 0.999;
        let mut share = 1.0;
        let added = |step: usize| match noise {
            Noise::Linear => {
                let scale = 1000.0 / steps as f64;
                let along = if steps > 1 { step as f64 / (steps - 1) as f64 } else { 0.0 };
                scale * (1e-4 + (0.02 - 1e-4) * along)
            }
            Noise::Cosine => {
                let level = |step: usize| {
                    let angle = (step as f64 / steps as f64 + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2;
                    libm::cos(angle) * libm::cos(angle)
                };
                1.0 - level(step + 1) / level(step)
            }
        };
        let left = (0..steps).map(|step| {
            share *= 1.0 - added(step).min(LARGEST);
            share
        });
        NoiseSchedule { left: left.collect() }
    }

    /// Diffusion steps.
    pub fn steps(&self) -> usize {
        self.left.len()
    }

    /// What is left of the clean point's variance after step `t` in `0..=steps`; everything at 0.
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
        for noise in [Noise::Linear, Noise::Cosine] {
            for steps in [20, 50, 200] {
                let schedule = NoiseSchedule::new(noise, steps);
                assert!((1..=steps).all(|t| schedule.left(t) < schedule.left(t - 1)), "{noise:?}");
                assert!(schedule.left(1) > 0.9 && schedule.left(steps) < 0.01 && schedule.left(steps) > 0.0, "{noise:?} {steps}");
            }
        }
    }

    #[test]
    fn the_nearest_step_is_found() {
        let schedule = NoiseSchedule::new(Noise::Cosine, 100);
        let t = schedule.nearest(0.5);
        assert!((schedule.left(t) - 0.5).abs() < 0.02);
    }
}
