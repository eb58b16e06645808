//! A sample: numbers that can be averaged without asking first.
//!
//! A diverged run reports NaN. Averaged with seven good ones it makes a NaN out of the whole table; dropped silently it
//! makes the variant look stable. So it is refused here, by name, and the caller decides in the open.

use crate::sum::sum;

/// Numbers larger than this are refused: up to it no square, and no sum of squares, can overflow.
pub const LARGEST: f64 = 1e100;

/// One or more finite numbers of size at most [`LARGEST`], in the order they were given.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    values: Vec<f64>,
}

/// Why numbers are not a [`Sample`], or a quantile is not defined.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SampleError {
    /// There were none.
    #[error("a sample needs at least one number, and there is none: wait for the first outcome")]
    Empty,
    /// NaN or infinite.
    #[error("number {index} is {value}, which cannot be averaged: report a diverged run as missing instead")]
    NotFinite {
        /// Its position, from 0.
        index: usize,
        /// The number.
        value: f64,
    },
    /// Larger than [`LARGEST`].
    #[error("number {index} is {value:e}, larger than 1e100: use a larger unit, or report a diverged run as missing")]
    TooLarge {
        /// Its position, from 0.
        index: usize,
        /// The number.
        value: f64,
    },
    /// The fraction of a quantile is outside [0, 1].
    #[error("a quantile needs a share between 0 and 1, not {share}: write 95 % as 0.95")]
    NotAShare {
        /// The fraction.
        share: f64,
    },
}

impl Sample {
    /// Checks the numbers.
    ///
    /// # Errors
    /// If there are none, or one of them is not finite or larger than [`LARGEST`].
    pub fn new(values: impl Into<Vec<f64>>) -> Result<Self, SampleError> {
        let values = values.into();
        if values.is_empty() {
            return Err(SampleError::Empty);
        }
        for (index, &value) in values.iter().enumerate() {
            if !value.is_finite() {
                return Err(SampleError::NotFinite { index, value });
            }
            if value.abs() > LARGEST {
                return Err(SampleError::TooLarge { index, value });
            }
        }
        Ok(Self { values })
    }

    /// The numbers, in the order they were given.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many numbers there are; at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a sample is never empty")]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The arithmetic mean.
    pub fn mean(&self) -> f64 {
        sum(self.values.iter().copied()) / self.len() as f64
    }

    /// The sample variance, with `n - 1` in the denominator; `None` for a single number.
    pub fn variance(&self) -> Option<f64> {
        let freedom = self.len() - 1;
        let mean = self.mean();
        let squares = self.values.iter().map(|value| (value - mean) * (value - mean));
        (freedom > 0).then(|| sum(squares) / freedom as f64)
    }

    /// The sample standard deviation, the root of [`Sample::variance`]; `None` for a single number.
    ///
    /// Numbers so close to each other that their squares would vanish keep their spread: 0 would read as certainty.
    pub fn standard_deviation(&self) -> Option<f64> {
        let variance = self.variance()?;
        let mean = self.mean();
        let largest = self.values.iter().fold(0.0_f64, |largest, value| largest.max((value - mean).abs()));
        if variance > 1e-200 || largest == 0.0 {
            return Some(variance.sqrt());
        }
        let squares = self.values.iter().map(|value| (value - mean) / largest).map(|share| share * share);
        Some((sum(squares) / (self.len() - 1) as f64).sqrt() * largest)
    }

    /// The standard error of the mean, `sd / sqrt(n)`; `None` for a single number.
    pub fn standard_error(&self) -> Option<f64> {
        Some(self.standard_deviation()? / (self.len() as f64).sqrt())
    }

    /// The middle number, or the mean of the two middle ones.
    pub fn median(&self) -> f64 {
        quantile(&self.sorted(), 0.5)
    }

    /// The quantile of `share`, type 7 of Hyndman and Fan (1996), <https://doi.org/10.2307/2684934>: linear between the
    /// sorted numbers at position `(n - 1) * share`. R, NumPy and spreadsheets use the same by default.
    ///
    /// # Errors
    /// If `share` is not between 0 and 1.
    pub fn quantile(&self, share: f64) -> Result<f64, SampleError> {
        if (0.0..=1.0).contains(&share) { Ok(quantile(&self.sorted(), share)) } else { Err(SampleError::NotAShare { share }) }
    }

    /// The numbers, smallest first.
    pub(crate) fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// `sorted` is not empty and `share` lies in [0, 1].
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * share;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values).unwrap()
    }

    #[test]
    fn worked_example() {
        let s = sample(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!(s.mean(), 5.0);
        assert_eq!(s.variance(), Some(32.0 / 7.0));
        assert_eq!(s.standard_deviation(), Some((32.0_f64 / 7.0).sqrt()));
        assert_eq!(s.median(), 4.5);
        assert_eq!((s.len(), s.values()[7]), (8, 9.0));
    }

    /// `numpy.quantile([15, 20, 35, 40, 50], share)`.
    #[test]
    fn quantiles_are_those_of_numpy_and_r() {
        let s = sample(&[35.0, 20.0, 50.0, 15.0, 40.0]);
        for (share, expected) in [(0.0, 15.0), (0.05, 16.0), (0.3, 23.0), (0.4, 29.0), (0.5, 35.0), (1.0, 50.0)] {
            assert!((s.quantile(share).unwrap() - expected).abs() < 1e-12, "share {share}");
        }
        assert_eq!(sample(&[3.0]).quantile(0.7), Ok(3.0));
    }

    #[test]
    fn one_number_has_a_mean_but_no_spread() {
        let s = sample(&[3.25]);
        assert_eq!((s.mean(), s.median()), (3.25, 3.25));
        assert_eq!((s.variance(), s.standard_deviation(), s.standard_error()), (None, None, None));
    }

    #[test]
    fn the_order_of_the_numbers_does_not_matter_to_the_last_bit() {
        let (up, down) = (sample(&[0.1, 0.2, 0.3, 1e9, -7.7]), sample(&[-7.7, 1e9, 0.3, 0.2, 0.1]));
        assert_eq!(up.mean(), down.mean());
        assert_eq!(up.variance(), down.variance());
    }

    #[test]
    fn tiny_numbers_have_a_spread() {
        let spread = |scale: f64| sample(&[1.0, 2.0, 3.0].map(|x| x * scale)).standard_deviation().unwrap() / scale;
        for scale in [1e-99, 1e-101, 1e-160, 1e-200, 1e-300, 1e-308] {
            assert!((spread(scale) - 1.0).abs() < 1e-12, "{scale:e}: {}", spread(scale));
        }
        assert_eq!(sample(&[1e-300; 3]).standard_deviation(), Some(0.0));
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let s = sample(&[LARGEST, -LARGEST, LARGEST]);
        assert!(s.mean().is_finite() && s.variance().unwrap().is_finite());
        assert!(s.quantile(0.25).unwrap().is_finite());
    }

    #[test]
    fn what_cannot_be_averaged_is_refused_by_name() {
        let message = |values: &[f64]| Sample::new(values).unwrap_err().to_string();
        assert!(message(&[]).contains("at least one number"));
        assert!(message(&[1.0, f64::NAN]).contains("number 1 is NaN"));
        assert!(message(&[f64::NEG_INFINITY]).contains("number 0 is -inf"));
        assert!(message(&[1.0, 2.0, -1e101]).contains("number 2 is -1e101"));
    }

    #[test]
    fn a_share_outside_the_unit_interval_is_refused() {
        for share in [-0.1, 95.0, f64::NAN] {
            let error = sample(&[1.0]).quantile(share).unwrap_err();
            assert!(error.to_string().contains(&format!("not {share}")), "{error}");
        }
    }
}
