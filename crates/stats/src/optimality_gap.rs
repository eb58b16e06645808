//! The optimality gap: by how much runs fall short of a goal.
//!
//! A mean lets one run far above the goal pay for others far below it. Here nothing beyond the goal counts.
//!
//! Agarwal et al. (2021), <https://arxiv.org/abs/2108.13264>, for scores that are higher when better and a goal `gamma`:
//!
//! ```text
//! gap = gamma - mean(min(x, gamma))
//! ```

use crate::sample::Sample;
use crate::sum::sum;

/// The optimality gap of `scores`, higher when better, below `goal`: at least 0, in the scores' unit.
pub fn optimality_gap(scores: &Sample, goal: f64) -> f64 {
    sum(scores.values().iter().map(|&score| (goal - score).max(0.0))) / scores.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with rliable.
    #[test]
    fn worked_example() {
        let z = [0.10, 0.90, 0.55, 0.20, 0.80, 0.60, 0.15, 0.95, 0.40, 0.30, 0.70, 1.20, 0.05, 0.85, 0.50];
        assert!((optimality_gap(&Sample::new(z).unwrap(), 1.0) - 0.463333333).abs() < 1e-9);
    }

    #[test]
    fn what_lies_beyond_the_goal_does_not_count() {
        let gap = |values: &[f64]| optimality_gap(&Sample::new(values).unwrap(), 1.0);
        assert_eq!((gap(&[0.5, 1.5]), gap(&[0.5, 9.0]), gap(&[1.0, 2.0])), (0.25, 0.25, 0.0));
    }
}
