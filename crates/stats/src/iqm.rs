//! The interquartile mean: the mean of the middle half.
//!
//! Over many runs and tasks one diverged run owns the mean, and the median throws away all but one number. Trimming a
//! quarter from each side keeps half of the data and shrugs at outliers.
//!
//! Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice",
//! <https://arxiv.org/abs/2108.13264>: over all runs of all tasks together. `floor(share N)` numbers go on each side, as in
//! SciPy's `trim_mean`.

use crate::range::OutOfRange;
use crate::sample::Sample;
use crate::sum::sum;

/// The interquartile mean.
pub fn iqm(scores: &Sample) -> f64 {
    middle_mean(scores, scores.len() / 4)
}

/// The mean without the lowest and the highest `share` of the numbers, rounded down to whole ones.
///
/// # Errors
/// If `share` is not at least 0 and below 1/2, where nothing would be left.
pub fn trimmed_mean(scores: &Sample, share: f64) -> Result<f64, OutOfRange> {
    if !(0.0..0.5).contains(&share) {
        return Err(OutOfRange { what: "the share to trim from each side", value: share, needed: "at least 0 and below 0.5" });
    }
    Ok(middle_mean(scores, (share * scores.len() as f64) as usize))
}

fn middle_mean(scores: &Sample, trimmed: usize) -> f64 {
    let sorted = scores.sorted();
    let middle = &sorted[trimmed..sorted.len() - trimmed];
    sum(middle.iter().copied()) / middle.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values).unwrap()
    }

    /// The test-suite of SciPy.
    #[test]
    fn published_trimmed_means() {
        assert_eq!(trimmed_mean(&sample(&[5.0, 4.0, 3.0, 1.0, 2.0, 0.0]), 2.0 / 6.0), Ok(2.5));
        let shuffled: Vec<f64> = (0..24).map(|i| f64::from(i * 7 % 24)).collect();
        assert_eq!(trimmed_mean(&sample(&shuffled), 2.0 / 6.0), Ok(11.5));
    }

    /// The test-suite of rliable (first two), and a third computed with it.
    #[test]
    fn published_interquartile_means() {
        assert_eq!(iqm(&sample(&[1.0, 2.0, 2.0, 2.0, 1.0, 1.0, 2.0, 1.0])), 1.5);
        assert_eq!(iqm(&sample(&[1.0, 1.0, 2.0, 2.0, 3.0, 3.0])), 2.0);
        let z = sample(&[0.10, 0.90, 0.55, 0.20, 0.80, 0.60, 0.15, 0.95, 0.40, 0.30, 0.70, 1.20, 0.05, 0.85, 0.50]);
        assert!((iqm(&z) - 0.544444444).abs() < 1e-9);
        assert!((z.mean() - 0.55).abs() < 1e-12);
    }

    #[test]
    fn few_numbers_are_not_trimmed_and_outliers_are() {
        assert_eq!(iqm(&sample(&[3.0])), 3.0);
        assert_eq!(iqm(&sample(&[3.0, 1.0, 5.0])), 3.0);
        assert_eq!(iqm(&sample(&[1e100, 1.0, 3.0, -1e100])), 2.0);
    }

    #[test]
    fn trimming_everything_is_refused_by_name() {
        for share in [0.5, -0.1, 25.0, f64::NAN] {
            let error = trimmed_mean(&sample(&[1.0]), share).unwrap_err().to_string();
            assert!(error.contains(&format!("is {share}")), "{error}");
        }
        assert_eq!(trimmed_mean(&sample(&[1.0, 2.0]), 0.4999), Ok(1.5));
    }
}
