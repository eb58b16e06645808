//! The interval of a proportion.
//!
//! A variant that loses in all of eight pairs has a bootstrap interval of [1, 1]: resampling eight losses gives eight
//! losses. This one knows that eight is not many.
//!
//! Clopper and Pearson (1934), <https://doi.org/10.1093/biomet/26.4.404>: quantiles `a/2` of Beta(k, n - k + 1) and
//! `1 - a/2` of Beta(k + 1, n - k). Its coverage is at least the nominal one. Half a success, for a tie, is taken as it comes:
//! the formula is continuous in `k`.

use crate::interval::Interval;
use crate::range::{Confidence, OutOfRange};
use crate::special::beta_quantile;

/// Clopper and Pearson's interval for `successes` in `trials`, in [0, 1].
///
/// # Errors
/// If there are no trials, or `successes` is not between 0 and `trials`.
pub fn clopper_pearson(successes: f64, trials: u64, confidence: Confidence) -> Result<Interval, OutOfRange> {
    let (k, n) = counts(successes, trials)?;
    let low = if k > 0.0 { beta_quantile(confidence.tail(), k, n - k + 1.0) } else { 0.0 };
    let high = if k < n { beta_quantile(1.0 - confidence.tail(), k + 1.0, n - k) } else { 1.0 };
    Ok(Interval { low, high })
}

fn counts(successes: f64, trials: u64) -> Result<(f64, f64), OutOfRange> {
    let n = trials as f64;
    if trials == 0 {
        return Err(OutOfRange { what: "the number of trials", value: 0.0, needed: "at least 1" });
    }
    if !(0.0..=n).contains(&successes) {
        let needed = "at least 0 and at most the number of trials";
        return Err(OutOfRange { what: "the number of successes", value: successes, needed });
    }
    Ok((successes, n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(interval: Interval, low: f64, high: f64) -> bool {
        (interval.low - low).abs() < 1e-9 && (interval.high - high).abs() < 1e-9
    }

    /// Computed with SciPy 1.16.3.
    #[test]
    fn worked_examples() {
        let exact = |k, n| clopper_pearson(k, n, Confidence::P95).unwrap();
        assert!(close(exact(10.0, 10), 0.691502892, 1.0));
        assert!(close(exact(23.0, 29), 0.602753051, 0.920058151));
        assert!(close(exact(8.0, 8), 0.6305833524471808, 1.0));
    }

    /// The end of the interval is where the observed count becomes improbable: for no success at all, `(1 - p)^n = a/2`.
    #[test]
    fn no_success_in_closed_form() {
        for n in [1, 2, 9, 100, 1_000_000] {
            let interval = clopper_pearson(0.0, n, Confidence::P95).unwrap();
            let expected = -libm::expm1(libm::log(0.025) / n as f64);
            assert!(interval.low == 0.0 && (interval.high / expected - 1.0).abs() < 1e-9, "{n}: {interval:?}");
        }
    }

    #[test]
    fn it_is_mirrored_and_holds_the_share_and_grows_with_the_count() {
        let mut last = Interval { low: -1.0, high: 0.0 };
        for half in 0..=22 {
            let k = f64::from(half) / 2.0;
            let here = clopper_pearson(k, 11, Confidence::P95).unwrap();
            let mirror = clopper_pearson(11.0 - k, 11, Confidence::P95).unwrap();
            assert!(close(here, 1.0 - mirror.high, 1.0 - mirror.low));
            assert!(here.low <= k / 11.0 && k / 11.0 <= here.high && here.low >= last.low && here.high > last.high);
            last = here;
        }
    }

    #[test]
    fn impossible_counts_are_refused_by_name() {
        let message = |k, n| clopper_pearson(k, n, Confidence::P95).unwrap_err().to_string();
        assert!(message(0.0, 0).contains("the number of trials is 0"));
        assert!(message(9.0, 8).contains("the number of successes is 9"));
        assert!(message(-0.5, 8).contains("-0.5") && message(f64::NAN, 8).contains("NaN"));
    }
}
