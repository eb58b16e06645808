//! Power and sample size of the t test.
//!
//! With five seeds and an effect of one standard deviation, three studies in five find no significant difference. The inverse
//! calculation gives the number of seeds to plan for.
//!
//! With a true mean difference of `d` standard deviations, `df = n - 1` degrees of freedom and `root = sqrt(n)`, the estimated
//! standard deviation `s` is that of `sqrt(chi2_df / df)` and
//!
//! ```text
//! power = integral over s of ( Phi(d root - t s) + Phi(-d root - t s) ) density(s),    t = t_{1 - a/2, df}
//! ```
//!
//! which is the noncentral t distribution (Johnson and Welch 1940, <https://doi.org/10.1093/biomet/31.3-4.362>).
//! Colas et al. (2018), <https://arxiv.org/abs/1806.08295>, advise to plan for more than it says: `d` is itself a guess.

use crate::range::{OutOfRange, inside_unit};
use crate::special::{deviation_density, integrate, normal_cdf, normal_quantile, t_quantile_upper};

/// More pairs than this are not searched for.
pub const MOST_PAIRS: u64 = 1_000_000;

/// Why a power, or the pairs for it, was not computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PowerError {
    /// An argument is out of range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A single pair has no standard deviation.
    #[error("{pairs} pairs have no standard deviation, and so no t test: plan at least 2")]
    TooFewPairs {
        /// The requested number.
        pairs: u64,
    },
    /// Not even [`MOST_PAIRS`] would do.
    #[error("no number of pairs up to 1000000 reaches a power of {power}: the effect is too small beside the noise")]
    OutOfReach {
        /// The requested power.
        power: f64,
    },
}

/// The power of the two-sided paired t test at `level` with `pairs` pairs, if the true mean difference is `effect` standard
/// deviations of the differences.
///
/// # Errors
/// If `effect` is not finite, `level` not strictly between 0 and 1, or there are fewer than 2 pairs.
pub fn paired_t_power(pairs: u64, effect: f64, level: f64) -> Result<f64, PowerError> {
    checked(pairs, effect, level)?;
    Ok(power(effect.abs() * (pairs as f64).sqrt(), (pairs - 1) as f64, level))
}

/// The fewest pairs with which [`paired_t_power`] reaches `wanted`.
///
/// # Errors
/// As [`paired_t_power`]; also if `wanted` is not strictly between 0 and 1, or takes more than [`MOST_PAIRS`].
pub fn paired_t_pairs(effect: f64, level: f64, wanted: f64) -> Result<u64, PowerError> {
    fewest(wanted, normal_guess(effect, level / 2.0, wanted), |pairs| paired_t_power(pairs, effect, level))
}

/// The pairs that a normal test with `tail` on one side would need; a little fewer than a t test does.
pub(crate) fn normal_guess(effect: f64, tail: f64, wanted: f64) -> f64 {
    let inside = |p: f64| p > 0.0 && p < 1.0;
    if !inside(tail) || !inside(wanted) {
        return 2.0; // refused elsewhere, with a sentence
    }
    let root = (normal_quantile(1.0 - tail) + normal_quantile(wanted)) / effect;
    root * root
}

fn checked(pairs: u64, effect: f64, level: f64) -> Result<(), PowerError> {
    inside_unit("the level of the test", level)?;
    if !effect.is_finite() {
        return Err(OutOfRange { what: "the effect", value: effect, needed: "finite, in standard deviations" }.into());
    }
    if pairs < 2 { Err(PowerError::TooFewPairs { pairs }) } else { Ok(()) }
}

fn power(shift: f64, freedom: f64, level: f64) -> f64 {
    let t = t_quantile_upper(level / 2.0, freedom);
    expected_over_deviations(freedom, f64::INFINITY, |s| normal_cdf(shift - t * s) + normal_cdf(-shift - t * s))
}

/// The mean of `f` over the estimated standard deviation, where the true one is 1, as far as the estimate is below `limit`.
pub(crate) fn expected_over_deviations(freedom: f64, limit: f64, f: impl Fn(f64) -> f64) -> f64 {
    let width = 12.0 / (2.0 * freedom).sqrt(); // a dozen of the estimate's own standard deviations
    let (low, high) = ((1.0 - width).max(0.0), (1.0 + width).min(limit));
    if low >= high { 0.0 } else { integrate(low, high, |s| f(s) * deviation_density(s, freedom)).clamp(0.0, 1.0) }
}

/// The smallest number from 2 on at which `power`, which must not fall, reaches `wanted`. The search starts at `guess`, which costs time
/// and nothing else if it is a bad one: every power is an integral.
pub(crate) fn fewest(wanted: f64, guess: f64, power: impl Fn(u64) -> Result<f64, PowerError>) -> Result<u64, PowerError> {
    inside_unit("the power", wanted)?;
    let enough_at = |pairs: u64| power(pairs).map(|power| power >= wanted);
    let guess = (guess.min(MOST_PAIRS as f64) as u64).max(2); // of a guess that is not a number, 2
    let (mut too_few, mut enough, mut stride) = (guess, guess, 1);
    while !enough_at(enough)? {
        if enough == MOST_PAIRS {
            return Err(PowerError::OutOfReach { power: wanted });
        }
        too_few = enough;
        enough = (enough + stride).min(MOST_PAIRS);
        stride *= 2;
    }
    // The first of these already was enough unless the loop above has moved.
    while too_few == enough || (too_few > 1 && enough_at(too_few)?) {
        enough = too_few;
        too_few = if too_few > 2 { too_few.saturating_sub(stride).max(2) } else { 1 }; // 1 is never enough
        stride *= 2;
    }
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if enough_at(middle)? {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Ok(enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Powers computed with mpmath, and the same with SciPy's noncentral t; seeds with statsmodels 0.14.6.
    #[test]
    fn worked_examples() {
        let powers = [
            (2, 1.0, 0.092809155056336),
            (3, 0.5, 0.0841070558963894),
            (8, 1.0, 0.680833958206266),
            (10, 1.0, 0.803096856632722),
            (34, 0.5, 0.807777501279274),
        ];
        for (pairs, effect, expected) in powers {
            let power = paired_t_power(pairs, effect, 0.05).unwrap();
            assert!((power - expected).abs() < 1e-12, "{pairs} pairs, effect {effect}: {power}");
        }
        for (effect, pairs) in [(0.5, 34), (0.8, 15), (1.0, 10), (1.5, 6), (2.0, 5)] {
            assert_eq!(paired_t_pairs(effect, 0.05, 0.8), Ok(pairs), "effect {effect}");
        }
    }

    #[test]
    fn without_an_effect_the_power_is_the_level() {
        for pairs in [2, 3, 8, 100, 10_000] {
            for level in [0.001, 0.05, 0.3] {
                let power = paired_t_power(pairs, 0.0, level).unwrap();
                assert!((power - level).abs() < 1e-10, "{pairs} pairs, level {level}: {power}");
            }
        }
    }

    #[test]
    fn it_grows_with_pairs_and_effect_and_ignores_the_sign() {
        let mut last = 0.0;
        for pairs in 2..40 {
            let power = paired_t_power(pairs, 0.7, 0.05).unwrap();
            assert!(power > last && paired_t_power(pairs, 0.8, 0.05).unwrap() > power);
            assert_eq!(paired_t_power(pairs, -0.7, 0.05), Ok(power));
            last = power;
        }
        assert_eq!(paired_t_power(3, 1e300, 0.05).map(|power| power > 1.0 - 1e-9), Ok(true));
    }

    #[test]
    fn what_cannot_be_computed_is_refused_by_name() {
        let message = |result: Result<u64, PowerError>| result.unwrap_err().to_string();
        assert!(message(paired_t_pairs(f64::NAN, 0.05, 0.8)).contains("the effect is NaN"));
        assert!(message(paired_t_pairs(1.0, 5.0, 0.8)).contains("the level of the test is 5"));
        assert!(message(paired_t_pairs(1.0, 0.05, 80.0)).contains("the power is 80"));
        assert!(message(paired_t_pairs(0.0, 0.05, 0.8)).contains("a power of 0.8"));
        assert!(paired_t_power(1, 1.0, 0.05).unwrap_err().to_string().contains("1 pairs have no standard deviation"));
        assert_eq!(paired_t_pairs(1.0, 0.05, 0.01), Ok(2));
    }
}
