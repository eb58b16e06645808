//! Holm's correction: how small is small when one of twenty p-values had to be?
//!
//! One package in use applies Holm's factors without the monotone step, and returns the results in an order of its
//! own; its tests only try sorted input. Here results stand where their p-values stood, and the tests permute.
//!
//! With the `m` p-values in rising order `p_(1) <= ... <= p_(m)`, the `j`-th becomes
//! `max over k <= j of min(1, (m - k + 1) p_(k))`. It bounds the probability of any false finding under every dependence.
//! Holm (1979), <https://www.jstor.org/stable/4615733>.

/// A number that is not a p-value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("p-value {index} is {p}, not between 0 and 1: leave out tests that could not be made")]
pub struct PValueError {
    /// Its position, from 0.
    pub index: usize,
    /// The number.
    pub p: f64,
}

/// Holm's adjusted p-values, in the order given.
///
/// # Errors
/// If a number is not between 0 and 1.
pub fn holm(p: &[f64]) -> Result<Vec<f64>, PValueError> {
    if let Some(index) = p.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(PValueError { index, p: p[index] });
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut so_far = 0.0_f64;
    for (rank, index) in order.into_iter().enumerate() {
        so_far = so_far.max(((p.len() - rank) as f64 * p[index]).min(1.0));
        adjusted[index] = so_far;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(p: &[f64], expected: &[f64]) {
        let adjusted = holm(p).unwrap();
        for (got, expected) in adjusted.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-9, "{adjusted:?}");
        }
    }

    /// The test-suite of statsmodels (`test_multi.py`), whose reference is the R package `multtest`.
    #[test]
    fn published_examples() {
        let ten = [0.001, 0.002, 0.003, 0.004, 0.005, 0.05, 0.06, 0.07, 0.08, 0.09];
        check(&ten, &[0.01, 0.018, 0.024, 0.028, 0.03, 0.25, 0.25, 0.25, 0.25, 0.25]);
        check(&[0.002, 0.004, 0.006, 0.008, 0.010, 0.012], &[0.012, 0.020, 0.024, 0.024, 0.024, 0.024]);
    }

    #[test]
    fn results_stand_where_their_p_values_stood() {
        check(&[0.04, 0.005, 0.01, 0.03], &[0.06, 0.02, 0.03, 0.06]);
    }

    #[test]
    fn what_is_no_p_value_is_refused_by_name() {
        for wrong in [-0.01, 1.5, f64::NAN, f64::INFINITY] {
            let error = holm(&[0.5, wrong]).unwrap_err().to_string();
            assert!(error.contains(&format!("p-value 1 is {wrong}")), "{error}");
        }
        assert_eq!(holm(&[]), Ok(vec![]));
        assert_eq!(holm(&[1.0, 0.0]), Ok(vec![1.0, 0.0]));
    }

    proptest! {
        #[test]
        fn order_does_not_matter_and_it_lies_between_p_and_bonferroni(p in prop::collection::vec(0.0..=1.0, 1..12), turn in 0_usize..12) {
            let plain = holm(&p).unwrap();
            let turn = turn % p.len();
            let mut turned = p.clone();
            turned.rotate_left(turn);
            let mut turned = holm(&turned).unwrap();
            turned.rotate_right(turn);
            prop_assert_eq!(&plain, &turned);
            for (p, adjusted) in p.iter().zip(&plain) {
                prop_assert!(p <= adjusted && *adjusted <= (p * plain.len() as f64).min(1.0));
            }
        }
    }
}
