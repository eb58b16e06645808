//! Power of the equivalence test: could a study of this size say "makes no difference" at all?
//!
//! With six pairs and a margin of half a standard deviation, it says so in 2 of 100 studies of a component that does
//! nothing whatever. Such a study should not promise equivalence.
//!
//! Phillips (1990), <https://doi.org/10.1007/BF01063556>, by integration over the estimated standard deviation `s` as in
//! [`paired_t_power`](crate::paired_t_power). In standard deviations, with margin `delta` and true mean difference `d`:
//!
//! ```text
//! power = integral over s < delta sqrt(n) / t of ( Phi((delta - d) sqrt(n) - t s) - Phi(t s - (delta + d) sqrt(n)) ) density(s)
//! ```

use crate::power::{PowerError, expected_over_deviations, fewest, normal_guess};
use crate::range::{OutOfRange, inside_unit, positive};
use crate::special::{normal_cdf, t_quantile_upper};

/// The power of the paired [`tost`](crate::tost()) at `level` with `pairs` pairs. `margin` and the true mean difference
/// `effect` are in standard deviations of the differences.
///
/// # Errors
/// If `margin` is not positive, `effect` not finite, `level` not larger than 0 and smaller than 1/2, or there are fewer
/// than 2 pairs.
pub fn tost_power(pairs: u64, margin: f64, effect: f64, level: f64) -> Result<f64, PowerError> {
    positive("the margin", margin)?;
    inside_unit("the level of the test", level)?;
    if level >= 0.5 {
        return Err(OutOfRange { what: "the level of the test", value: level, needed: "smaller than 0.5" }.into());
    }
    if !effect.is_finite() {
        return Err(OutOfRange { what: "the effect", value: effect, needed: "finite, in standard deviations" }.into());
    }
    if pairs < 2 {
        return Err(PowerError::TooFewPairs { pairs });
    }
    let (root, freedom) = ((pairs as f64).sqrt(), (pairs - 1) as f64);
    let t = t_quantile_upper(level, freedom);
    let within = |s: f64| normal_cdf((margin - effect) * root - t * s) - normal_cdf(t * s - (margin + effect) * root);
    Ok(expected_over_deviations(freedom, margin * root / t, within))
}

/// The fewest pairs with which [`tost_power`] reaches `wanted`, if the component truly makes no difference.
///
/// # Errors
/// As [`tost_power`]; also if `wanted` is not strictly between 0 and 1, or takes more than [`MOST_PAIRS`](crate::MOST_PAIRS).
pub fn tost_pairs(margin: f64, level: f64, wanted: f64) -> Result<u64, PowerError> {
    // Both sides may fail, so each is asked for half of the misses.
    let guess = normal_guess(margin, level, 0.5 + wanted / 2.0);
    fewest(wanted, guess, |pairs| tost_power(pairs, margin, 0.0, level))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with mpmath.
    #[test]
    fn worked_examples() {
        let powers = [
            (2, 1.0, 0.0, 0.0864742764663745),
            (6, 1.0, 0.0, 0.409043549722879),
            (8, 1.0, 0.0, 0.635047955076899),
            (10, 0.5, 0.25, 0.0488523265121019),
            (20, 0.75, 0.0, 0.887328158820526),
        ];
        for (pairs, margin, effect, expected) in powers {
            let power = tost_power(pairs, margin, effect, 0.05).unwrap();
            assert!((power - expected).abs() < 1e-12, "{pairs} pairs, margin {margin}: {power}");
        }
    }

    /// From a simulation, printed with two digits, of which the second is partly noise.
    #[test]
    fn published_table() {
        let table = [
            (6, [0.03, 0.16, 0.41, 0.86, 0.99]),
            (8, [0.04, 0.27, 0.64, 0.97, 1.0]),
            (10, [0.07, 0.43, 0.80, 0.99, 1.0]),
            (12, [0.11, 0.57, 0.89, 1.0, 1.0]),
            (20, [0.39, 0.89, 0.99, 1.0, 1.0]),
        ];
        for (pairs, powers) in table {
            for (margin, expected) in [0.5, 0.75, 1.0, 1.5, 2.0].into_iter().zip(powers) {
                let power = tost_power(pairs, margin, 0.0, 0.05).unwrap();
                assert!((power - expected).abs() < 0.02, "{pairs} pairs, margin {margin}: {power}");
            }
        }
    }

    #[test]
    fn at_the_margin_it_approaches_the_level() {
        // Far from one side, the other is a one-sided t test with a true mean on the edge of its hypothesis.
        for pairs in [4, 10, 50] {
            let power = tost_power(pairs, 40.0, 40.0, 0.05).unwrap();
            assert!((power - 0.05).abs() < 1e-9, "{pairs} pairs: {power}");
        }
    }

    #[test]
    fn the_pairs_reach_the_power_and_one_fewer_does_not() {
        for margin in [0.3, 0.5, 1.0, 2.0] {
            let pairs = tost_pairs(margin, 0.05, 0.8).unwrap();
            assert!(tost_power(pairs, margin, 0.0, 0.05).unwrap() >= 0.8);
            assert!(tost_power(pairs - 1, margin, 0.0, 0.05).unwrap() < 0.8);
        }
    }

    #[test]
    fn it_ignores_the_sign_and_falls_with_the_effect() {
        let power = |effect| tost_power(12, 1.0, effect, 0.05).unwrap();
        assert!((power(0.4) - power(-0.4)).abs() < 1e-12);
        assert!(power(0.0) > power(0.2) && power(0.2) > power(0.5) && power(0.5) > power(1.0) && power(1.0) > power(3.0));
    }

    #[test]
    fn what_cannot_be_computed_is_refused_by_name() {
        let message = |margin, effect, level| tost_power(8, margin, effect, level).unwrap_err().to_string();
        assert!(message(0.0, 0.0, 0.05).contains("the margin is 0"));
        assert!(message(1.0, f64::INFINITY, 0.05).contains("the effect is inf"));
        assert!(message(1.0, 0.0, 0.5).contains("smaller than 0.5"));
        assert!(tost_power(0, 1.0, 0.0, 0.05).unwrap_err().to_string().contains("0 pairs"));
        assert!(tost_pairs(1e-9, 0.05, 0.8).unwrap_err().to_string().contains("a power of 0.8"));
    }
}
