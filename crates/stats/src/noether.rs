//! How many blocks the rule of [`decide`](crate::decide) needs.
//!
//! A study too small to find what it looks for finds "no difference" and is believed.
//!
//! Noether (1987), "Sample size determination for some common nonparametric tests",
//! <https://doi.org/10.1080/01621459.1987.10478478>, in the form of Bouthillier et al. (2021), appendix C.3. With the
//! standard normal quantile `z`, false alarms at most `a` and misses at most `b` when P(worse) is `gamma`:
//!
//! ```text
//! n >= ( (z_{1-a} - z_b) / (sqrt(6) (1/2 - gamma)) )^2
//! ```

use crate::range::{OutOfRange, inside_unit};
use crate::special::normal_quantile;

/// The fewest blocks, at least 1.
///
/// `gamma` is the P(worse) to be found, `false_alarms` and `misses` the tolerated rates of error.
///
/// # Errors
/// If `gamma` is not between 1/2 and 1, a rate not strictly between 0 and 1, or the rates so high that guessing meets them.
pub fn noether_blocks(gamma: f64, false_alarms: f64, misses: f64) -> Result<u64, OutOfRange> {
    inside_unit("the rate of false alarms", false_alarms)?;
    inside_unit("the rate of misses", misses)?;
    if !(gamma > 0.5 && gamma <= 1.0) {
        return Err(OutOfRange { what: "gamma", value: gamma, needed: "larger than 0.5 and at most 1" });
    }
    let total = false_alarms + misses;
    if total >= 1.0 {
        return Err(OutOfRange {
            what: "the sum of both error rates",
            value: total,
            needed: "smaller than 1: guessing meets these",
        });
    }
    let quantiles = normal_quantile(1.0 - false_alarms) - normal_quantile(misses);
    let root = quantiles / (6.0_f64.sqrt() * (0.5 - gamma));
    Ok((root * root).ceil().max(1.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 29 for 0.75 is the paper's own (figure C.1); the others were computed with SciPy 1.16.3.
    #[test]
    fn worked_examples() {
        for (gamma, strict, lax) in [(0.6, 181, 104), (0.65, 81, 46), (0.7, 46, 26), (0.75, 29, 17), (0.8, 21, 12), (0.9, 12, 7)]
        {
            assert_eq!(noether_blocks(gamma, 0.05, 0.05), Ok(strict), "gamma {gamma}");
            assert_eq!(noether_blocks(gamma, 0.05, 0.2), Ok(lax), "gamma {gamma}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        let message = |gamma, a, b| noether_blocks(gamma, a, b).unwrap_err().to_string();
        assert!(message(0.5, 0.05, 0.05).contains("gamma is 0.5"));
        assert!(message(f64::NAN, 0.05, 0.05).contains("gamma is NaN"));
        assert!(message(0.75, 5.0, 0.05).contains("false alarms is 5"));
        assert!(message(0.75, 0.05, 0.0).contains("misses is 0"));
        assert!(message(0.75, 0.5, 0.5).contains("guessing"));
        assert_eq!(noether_blocks(1.0, 0.4, 0.5), Ok(1));
        assert!(noether_blocks(0.5 + 1e-12, 1e-300, 1e-300).is_ok());
    }
}
