//! The probability of improvement: how often a run of one arm beats a run of another.
//!
//! The size of a difference cannot be averaged over tasks with different units; its sign can.
//!
//! Agarwal et al. (2021), <https://arxiv.org/abs/2108.13264>: the mean over tasks of Mann and Whitney's `U / (n_x n_y)`, a
//! tie counting a half. The runs are not paired; for paired blocks see [`p_worse`](crate::p_worse()).

use crate::sample::Sample;
use crate::sum::sum;

/// The probability that a run of the first arm of a task has a *higher* number than one of the second, averaged over tasks;
/// `None` without tasks. Takes time proportional to the product of the numbers of runs.
pub fn probability_of_improvement(tasks: &[(Sample, Sample)]) -> Option<f64> {
    let shares = tasks.iter().map(|(x, y)| higher(x, y));
    (!tasks.is_empty()).then(|| sum(shares) / tasks.len() as f64)
}

fn higher(x: &Sample, y: &Sample) -> f64 {
    let pairs = x.values().iter().flat_map(|x| y.values().iter().map(move |y| (x, y)));
    let halves: u64 = pairs.map(|(x, y)| if x > y { 2 } else { u64::from(x == y) }).sum();
    halves as f64 / (2.0 * x.len() as f64 * y.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test-suite of rliable: two tasks, four runs of X and three of Y.
    #[test]
    fn published_example() {
        let sample = |values: &[f64]| Sample::new(values).unwrap();
        let x = [sample(&[1.0, 2.0, 1.0, 2.0]), sample(&[2.0, 2.0, 1.0, 1.0])];
        let y = [sample(&[1.0, 2.0, 3.0]), sample(&[1.0, 2.0, 3.0])];
        let tasks = |a: &[Sample; 2], b: &[Sample; 2]| [0, 1].map(|task| (a[task].clone(), b[task].clone()));
        assert!((probability_of_improvement(&tasks(&x, &y)).unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert!((probability_of_improvement(&tasks(&y, &x)).unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(probability_of_improvement(&tasks(&x, &x)), Some(0.5));
        assert_eq!(probability_of_improvement(&[]), None);
    }
}
