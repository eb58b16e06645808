//! How often a variant is worse, and whether that is often enough to matter.
//!
//! One spectacular seed can make a mean. The share of blocks in which the variant is worse cannot be bought that way, and
//! it reads the same for every task and unit.
//!
//! The rule of decision is that of Bouthillier et al. (2021), "Accounting for variance in machine learning benchmarks",
//! <https://arxiv.org/abs/2103.03098>: significant if the interval of P(worse) lies above 1/2, meaningful if it also reaches
//! above a threshold `gamma` fixed before looking. They use a bootstrap interval; it collapses where all blocks agree, so
//! Clopper and Pearson's takes its place.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::range::Confidence;
use crate::sample::Sample;

/// The threshold that Bouthillier et al. (2021) recommend for [`decide`].
pub const GAMMA: f64 = 0.75;

/// How many differences are above 0. One that is exactly 0 counts a half.
pub fn wins(differences: &Sample) -> f64 {
    let halves = |d: &f64| if *d > 0.0 { 2 } else { u64::from(*d == 0.0) };
    differences.values().iter().map(halves).sum::<u64>() as f64 / 2.0
}

/// The share of differences above 0, an estimate of P(worse) for losses, and its Clopper-Pearson interval.
pub fn p_worse(differences: &Sample, confidence: Confidence) -> (f64, Interval) {
    let (wins, blocks) = (wins(differences), differences.len());
    let interval = crate::proportion::clopper_pearson(wins, blocks as u64, confidence);
    (wins / blocks as f64, interval.expect("a sample has at least one number, and no more wins than numbers"))
}

/// The conclusion from the interval of P(worse) by the rule of Bouthillier et al.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It reaches down to 1/2: the order may be luck.
    NotSignificant,
    /// It lies above 1/2 but not beyond `gamma`: worse, by little.
    Significant,
    /// It lies above 1/2 and reaches above `gamma`.
    Meaningful,
}

/// The rule: significant if the interval lies above 1/2, meaningful if it also reaches above `gamma`.
pub fn decide(p_worse: Interval, gamma: f64) -> Decision {
    match p_worse {
        Interval { low, .. } if low <= 0.5 => Decision::NotSignificant,
        Interval { high, .. } if high <= gamma => Decision::Significant,
        _ => Decision::Meaningful,
    }
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
    fn all_blocks_agreeing_is_not_certainty() {
        let (share, interval) = p_worse(&sample(&[0.1; 8]), Confidence::P95);
        assert_eq!((share, interval.high), (1.0, 1.0));
        assert!((interval.low - 0.6305833524471808).abs() < 1e-9);
        assert_eq!(decide(interval, GAMMA), Decision::Meaningful);
        assert_eq!(decide(p_worse(&sample(&[0.1; 4]), Confidence::P95).1, GAMMA), Decision::NotSignificant);
    }

    #[test]
    fn the_rule() {
        let decide = |low, high| decide(Interval { low, high }, GAMMA);
        assert_eq!(decide(0.5, 0.9), Decision::NotSignificant);
        assert_eq!(decide(0.1, 0.4), Decision::NotSignificant);
        assert_eq!(decide(0.51, 0.75), Decision::Significant);
        assert_eq!(decide(0.51, 0.76), Decision::Meaningful);
    }
}
