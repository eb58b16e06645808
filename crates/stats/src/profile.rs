//! Performance profiles: the share of runs above a score, for every score.
//!
//! A single number always hides something; two arms with one mean can differ in how many runs fail. The profile shows the
//! whole distribution, and an arm whose profile lies above another's everywhere is better whatever one cares about.
//!
//! Dolan and More (2002), <https://doi.org/10.1007/s101070100263>; in this form Agarwal et al. (2021),
//! <https://arxiv.org/abs/2108.13264>: `F(tau) = mean(x > tau)`.

use crate::sample::Sample;

/// The share of `scores` strictly above `tau`: 1 far below all of them, 0 from the highest on.
pub fn profile(scores: &Sample, tau: f64) -> f64 {
    scores.values().iter().filter(|&&score| score > tau).count() as f64 / scores.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with rliable: over runs, and over the means of three tasks.
    #[test]
    fn worked_example() {
        let runs = [0.10, 0.90, 0.55, 0.20, 0.80, 0.60, 0.15, 0.95, 0.40, 0.30, 0.70, 1.20, 0.05, 0.85, 0.50];
        let tasks = [0, 1, 2].map(|task| (0..5).map(|run| runs[3 * run + task]).sum::<f64>() / 5.0);
        let at = |scores: &[f64]| [0.25, 0.5, 0.75, 1.0].map(|tau| profile(&Sample::new(scores).unwrap(), tau));
        assert_eq!(at(&runs), [11.0 / 15.0, 8.0 / 15.0, 5.0 / 15.0, 1.0 / 15.0]);
        assert_eq!(at(&tasks), [2.0 / 3.0, 2.0 / 3.0, 1.0 / 3.0, 0.0]);
    }
}
