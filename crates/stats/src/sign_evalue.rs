//! The sign e-process: look after every block, stop when it is enough.
//!
//! A p-value is good for one look. Whoever adds seeds until it falls below 0.05 will get there with any component. An
//! e-value may be looked at after every block: under "worse and better are equally likely" it is a fair bet's capital, and
//! the probability that it *ever* reaches `1 / a` is at most `a` (Ville 1939).
//!
//! The bet is a mixture over all probabilities of "worse" with Jeffreys' weight (Robbins 1970,
//! <https://doi.org/10.1214/aoms/1177696786>). After `k` of `n` blocks in one direction:
//!
//! ```text
//! E = 2^n B(k + 1/2, n - k + 1/2) / B(1/2, 1/2)
//! ```
//!
//! Seven blocks that all agree are the fewest for 0.05: E = 26.8.

use crate::sample::Sample;

/// The e-value of the signs of all differences; a difference of 0 has none and is left out. At most `f64::MAX`.
pub fn sign_evalue(differences: &Sample) -> f64 {
    let above = differences.values().iter().filter(|&&d| d > 0.0).count();
    let below = differences.values().iter().filter(|&&d| d < 0.0).count();
    from_counts(above, below)
}

/// 2^n (1/2)_k (1/2)_(n-k) / n!, with rising factorials, factor by factor; the larger count last, so that nothing overflows
/// on the way.
fn from_counts(above: usize, below: usize) -> f64 {
    let (few, many) = (above.min(below), above.max(below));
    let mut value = 1.0;
    for i in 0..few {
        // One of each: 2^2 (i + 1/2)^2 / ((2i + 1)(2i + 2)).
        value *= (2 * i + 1) as f64 / (2 * i + 2) as f64;
    }
    for i in few..many {
        value *= (2 * i + 1) as f64 / (i + few + 1) as f64;
    }
    f64::min(value, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples() {
        let concordant = [2.5, 4.375, 7.875, 14.4375, 26.8125, 50.2734375, 94.9609375, 180.42578125];
        for (n, expected) in (3..).zip(concordant) {
            assert!((from_counts(n, 0) - expected).abs() < 1e-9, "{n} blocks");
            assert_eq!(from_counts(0, n), from_counts(n, 0));
        }
        assert!((from_counts(4, 4) - 0.2734375).abs() < 1e-12);
        assert!((from_counts(5, 3) - 0.3515625).abs() < 1e-12);
        assert_eq!(from_counts(0, 0), 1.0);
    }

    /// A fair bet: whatever happened so far, the two ways to go on average to what is there.
    #[test]
    fn it_is_a_fair_bet() {
        for (above, below) in (0..30).flat_map(|above| (0..30).map(move |below| (above, below))) {
            let next = (from_counts(above + 1, below) + from_counts(above, below + 1)) / 2.0;
            assert!((next / from_counts(above, below) - 1.0).abs() < 1e-12, "{above} above, {below} below");
        }
    }

    #[test]
    fn ties_have_no_sign_and_many_blocks_do_not_overflow() {
        let value = |values: &[f64]| sign_evalue(&Sample::new(values).unwrap());
        assert_eq!(value(&[1.0, 0.0, 2.0, -0.0, 0.5]), 2.5);
        assert_eq!((value(&[0.0; 9]), value(&[1.0; 5000])), (1.0, f64::MAX));
        assert!(from_counts(1_000_000, 1_000_000) > 0.0);
    }
}
