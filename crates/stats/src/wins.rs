//! How often a variant is worse.
//!
//! One spectacular seed can make a mean. The share of pairs in which the variant is worse cannot be bought that way, and
//! it reads the same for every task and unit.
//!
//! P(worse) is the measure of Bouthillier et al. (2021), "Accounting for variance in machine learning benchmarks",
//! <https://arxiv.org/abs/2103.03098>. They use a bootstrap interval; it collapses where all pairs agree, so Clopper and
//! Pearson's takes its place.

use crate::interval::Interval;
use crate::range::Confidence;
use crate::sample::Sample;

/// How many differences are above 0. One that is exactly 0 counts a half.
pub fn wins(differences: &Sample) -> f64 {
    let halves = |d: &f64| if *d > 0.0 { 2 } else { u64::from(*d == 0.0) };
    differences.values().iter().map(halves).sum::<u64>() as f64 / 2.0
}

/// The share of differences above 0, an estimate of P(worse) for losses, and its Clopper-Pearson interval.
pub fn p_worse(differences: &Sample, confidence: Confidence) -> (f64, Interval) {
    let (wins, pairs) = (wins(differences), differences.len());
    let interval = crate::proportion::clopper_pearson(wins, pairs as u64, confidence);
    (wins / pairs as f64, interval.expect("a sample has at least one number, and no more wins than numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values).unwrap()
    }

    #[test]
    fn a_tie_counts_a_half() {
        assert_eq!(wins(&sample(&[0.1, -0.2, 0.0, 3.0, -0.0])), 3.0);
        assert_eq!(wins(&sample(&[0.0])), 0.5);
    }

    #[test]
    fn all_pairs_agreeing_is_not_certainty() {
        let (share, interval) = p_worse(&sample(&[0.1; 8]), Confidence::P95);
        assert_eq!((share, interval.high), (1.0, 1.0));
        assert!((interval.low - 0.6305833524471808).abs() < 1e-9);
    }
}
