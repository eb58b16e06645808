//! Many p-values at once: how small is small when one of twenty had to be?
//!
//! One package in use applies Holm's factors without the monotone step, and returns the results in an order of its
//! own; its tests only try sorted input. Here results stand where their p-values stood, and the tests permute.
//!
//! With the `m` p-values in rising order `p_(1) <= ... <= p_(m)`:
//!
//! ```text
//! Bonferroni          min(1, m p)
//! Holm                max over k <= j of min(1, (m - k + 1) p_(k))
//! Hochberg            min over k >= j of min(1, (m - k + 1) p_(k))
//! Benjamini-Hochberg  min over k >= j of min(1, m p_(k) / k)
//! ```
//!
//! The first three bound the probability of any false finding (Hochberg's not under every dependence), the last the
//! expected share of false ones among the findings. Holm (1979), <https://www.jstor.org/stable/4615733>; Hochberg (1988),
//! <https://doi.org/10.1093/biomet/75.4.800>; Benjamini and Hochberg (1995),
//! <https://doi.org/10.1111/j.2517-6161.1995.tb02031.x>.

/// A number that is not a p-value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("p-value {index} is {p}, not between 0 and 1: leave out tests that could not be made")]
pub struct PValueError {
    /// Its position, from 0.
    pub index: usize,
    /// The number.
    pub p: f64,
}

/// Bonferroni's adjusted p-values, in the order given.
///
/// # Errors
/// If a number is not between 0 and 1.
pub fn bonferroni(p: &[f64]) -> Result<Vec<f64>, PValueError> {
    rising(p)?;
    Ok(p.iter().map(|single| (p.len() as f64 * single).min(1.0)).collect())
}

/// Holm's adjusted p-values, in the order given: never larger than Bonferroni's, and as safe.
///
/// # Errors
/// If a number is not between 0 and 1.
pub fn holm(p: &[f64]) -> Result<Vec<f64>, PValueError> {
    let order = rising(p)?;
    let steps = order.iter().enumerate().map(|(k, &i)| (i, (p.len() - k) as f64 * p[i]));
    Ok(running(steps, 0.0, f64::max))
}

/// Hochberg's adjusted p-values, in the order given. Safe for independent tests and some kinds of positive dependence.
///
/// # Errors
/// If a number is not between 0 and 1.
pub fn hochberg(p: &[f64]) -> Result<Vec<f64>, PValueError> {
    let order = rising(p)?;
    let steps = order.iter().enumerate().map(|(k, &i)| (i, (p.len() - k) as f64 * p[i]));
    Ok(running(steps.rev(), 1.0, f64::min))
}

/// Benjamini and Hochberg's adjusted p-values, in the order given: for a list to explore, not for a verdict.
///
/// # Errors
/// If a number is not between 0 and 1.
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>, PValueError> {
    let order = rising(p)?;
    let steps = order.iter().enumerate().map(|(k, &i)| (i, p.len() as f64 * p[i] / (k + 1) as f64));
    Ok(running(steps.rev(), 1.0, f64::min))
}

/// The positions of the p-values, smallest p first.
fn rising(p: &[f64]) -> Result<Vec<usize>, PValueError> {
    if let Some(index) = p.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(PValueError { index, p: p[index] });
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    Ok(order)
}

/// Each step's value joined with those before it, put back where its p-value stood.
fn running(steps: impl ExactSizeIterator<Item = (usize, f64)>, start: f64, join: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![0.0; steps.len()];
    let mut so_far = start;
    for (i, step) in steps {
        so_far = join(so_far, step.min(1.0));
        adjusted[i] = so_far;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Method = fn(&[f64]) -> Result<Vec<f64>, PValueError>;

    fn check(method: Method, p: &[f64], expected: &[f64]) {
        let adjusted = method(p).unwrap();
        assert_eq!(adjusted.len(), expected.len());
        for (got, expected) in adjusted.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-9, "{adjusted:?}");
        }
    }

    /// The test-suite of statsmodels (`test_multi.py`), whose reference is the R package `multtest`.
    #[test]
    fn published_examples() {
        let ten = [0.001, 0.002, 0.003, 0.004, 0.005, 0.05, 0.06, 0.07, 0.08, 0.09];
        check(holm, &ten, &[0.01, 0.018, 0.024, 0.028, 0.03, 0.25, 0.25, 0.25, 0.25, 0.25]);
        assert!(hochberg(&ten).unwrap()[5..].iter().all(|p| (p - 0.09).abs() < 1e-12));
        let slow = [0.01, 0.01, 0.01, 0.01, 0.01, 0.083333333333, 0.0857142857143, 0.0875, 0.0888888888889, 0.09];
        check(benjamini_hochberg, &ten, &slow);
        check(holm, &[0.002, 0.004, 0.006, 0.008, 0.010, 0.012], &[0.012, 0.020, 0.024, 0.024, 0.024, 0.024]);
        check(bonferroni, &[0.0078125, 0.2578125, 0.0703125], &[0.0234375, 0.7734375, 0.2109375]);
    }

    #[test]
    fn results_stand_where_their_p_values_stood() {
        check(holm, &[0.04, 0.005, 0.01, 0.03], &[0.06, 0.02, 0.03, 0.06]);
    }

    #[test]
    fn what_is_no_p_value_is_refused_by_name() {
        for wrong in [-0.01, 1.5, f64::NAN, f64::INFINITY] {
            for method in [bonferroni, holm, hochberg, benjamini_hochberg] {
                let error = method(&[0.5, wrong]).unwrap_err().to_string();
                assert!(error.contains(&format!("p-value 1 is {wrong}")), "{error}");
            }
        }
        assert_eq!(holm(&[]), Ok(vec![]));
        assert_eq!(holm(&[1.0, 0.0]), Ok(vec![1.0, 0.0]));
    }

    proptest! {
        #[test]
        fn order_does_not_matter_and_each_method_keeps_its_place(p in prop::collection::vec(0.0..=1.0, 1..12), turn in 0_usize..12) {
            let all = |p: &[f64]| [benjamini_hochberg, hochberg, holm, bonferroni].map(|method: Method| method(p).unwrap());
            let plain = all(&p);
            let turn = turn % p.len();
            let mut turned = p.clone();
            turned.rotate_left(turn);
            for (plain, mut turned) in plain.iter().zip(all(&turned)) {
                turned.rotate_right(turn);
                prop_assert_eq!(plain, &turned);
            }
            for (i, &p) in p.iter().enumerate() {
                let [bh, hochberg, holm, bonferroni] = [0, 1, 2, 3].map(|method| plain[method][i]);
                prop_assert!(p <= bh + 1e-15 && bh <= hochberg + 1e-15 && hochberg <= holm && holm <= bonferroni && bonferroni <= 1.0);
            }
        }
    }
}
