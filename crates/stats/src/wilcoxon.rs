//! Wilcoxon's signed-rank test: the sign-flip test on ranks, for readers who expect it.
//!
//! Wilcoxon (1945), <https://doi.org/10.2307/3001968>: the sizes of the differences are ranked, equal ones sharing the mean of
//! their ranks, and `T` is the smaller of the rank sums of positive and negative differences. Differences of 0 are dropped.
//! The exact p-value counts the sign flips that give a `T` as small; the approximate one takes `T` as normal with
//!
//! ```text
//! mean = n (n + 1) / 4,    variance = (n (n + 1) (2n + 1) - sum over ties of (t^3 - t) / 2) / 24
//! ```

use crate::flips::TIE;
use crate::sample::Sample;
use crate::special::normal_cdf;

/// Up to so many differences [`Wilcoxon::exact_p`] is computed.
pub const MOST_RANKED: usize = 200;

/// The signed ranks of differences.
#[derive(Clone, Debug, PartialEq)]
pub struct Wilcoxon {
    /// Twice the rank of each size, rising: whole numbers even where ranks are shared.
    doubled_ranks: Vec<usize>,
    /// Twice `T`.
    doubled: usize,
}

impl Wilcoxon {
    /// Ranks the differences. Sizes that differ by no more than rounding share a rank.
    pub fn new(differences: &Sample) -> Self {
        let mut kept: Vec<f64> = differences.values().iter().copied().filter(|&d| d != 0.0).collect();
        kept.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        let tie = TIE * kept.last().map_or(0.0, |largest| largest.abs());
        let mut doubled_ranks = Vec::new();
        while doubled_ranks.len() < kept.len() {
            let before = doubled_ranks.len();
            let equal = kept[before..].iter().take_while(|d| d.abs() - kept[before].abs() <= tie).count();
            doubled_ranks.extend(std::iter::repeat_n(2 * before + equal + 1, equal));
        }
        let above: usize = kept.iter().zip(&doubled_ranks).filter(|(d, _)| **d > 0.0).map(|(_, rank)| rank).sum();
        let all: usize = doubled_ranks.iter().sum();
        Self { doubled: above.min(all - above), doubled_ranks }
    }

    /// `T`, the smaller rank sum.
    pub fn statistic(&self) -> f64 {
        self.doubled as f64 / 2.0
    }

    /// The exact two-sided p-value; `None` for more than [`MOST_RANKED`] differences other than 0. It is 1 if there are none.
    pub fn exact_p(&self) -> Option<f64> {
        if self.doubled_ranks.len() > MOST_RANKED {
            return None;
        }
        // chances[s]: probability that the positive ranks, doubled, sum to s.
        let all: usize = self.doubled_ranks.iter().sum();
        let mut chances = vec![0.0; all + 1];
        chances[0] = 1.0;
        for &rank in &self.doubled_ranks {
            for sum in (0..=all).rev() {
                let positive = if sum >= rank { chances[sum - rank] } else { 0.0 };
                chances[sum] = 0.5 * (chances[sum] + positive);
            }
        }
        Some((2.0 * chances[..=self.doubled].iter().sum::<f64>()).min(1.0))
    }

    /// The two-sided p-value from the normal approximation, with or without correction for continuity; `None` if all
    /// differences are 0.
    pub fn approximate_p(&self, continuity: bool) -> Option<f64> {
        let n = self.doubled_ranks.len() as f64;
        let ties = self.doubled_ranks.chunk_by(|a, b| a == b).map(|tied| tied.len() as f64);
        let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - ties.map(|t| t * t * t - t).sum::<f64>() / 2.0) / 24.0;
        let below = n * (n + 1.0) / 4.0 - self.statistic() - if continuity { 0.5 } else { 0.0 };
        (n > 0.0).then(|| (2.0 * normal_cdf(-below.max(0.0) / variance.sqrt())).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(differences: &[f64]) -> Wilcoxon {
        Wilcoxon::new(&Sample::new(differences).unwrap())
    }

    /// The test-suite of SciPy, whose reference is R.
    #[test]
    fn published_example() {
        let x = [120.0, 114.0, 181.0, 188.0, 180.0, 146.0, 121.0, 191.0, 132.0, 113.0, 127.0, 112.0];
        let y = [133.0, 143.0, 119.0, 189.0, 112.0, 199.0, 198.0, 113.0, 115.0, 121.0, 142.0, 187.0];
        let wilcoxon = ranked(&x.iter().zip(&y).map(|(x, y)| x - y).collect::<Vec<f64>>());
        assert_eq!(wilcoxon.statistic(), 34.0);
        assert!((wilcoxon.approximate_p(false).unwrap() - 0.6948866).abs() < 1e-7);
        assert!((wilcoxon.approximate_p(true).unwrap() - 0.7240817).abs() < 1e-7);
    }

    /// Variant A of `vectors/statistics.json`.
    #[test]
    fn worked_example() {
        let wilcoxon = ranked(&[0.049, 0.054, 0.041, 0.058, 0.039, 0.056, 0.059, 0.053]);
        assert_eq!((wilcoxon.statistic(), wilcoxon.exact_p()), (0.0, Some(0.0078125)));
    }

    /// All 128 choices of signs, counted one by one, with shared ranks.
    #[test]
    fn it_counts_sign_flips() {
        let sizes = [1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 7.0];
        let signed = |signs: u32| -> Vec<f64> {
            sizes.iter().enumerate().map(|(i, size)| if signs >> i & 1 == 1 { -size } else { *size }).collect()
        };
        let statistics: Vec<f64> = (0..128).map(|signs| ranked(&signed(signs)).statistic()).collect();
        for signs in 0..128 {
            let as_small = statistics.iter().filter(|&&t| t <= statistics[signs as usize]).count();
            assert_eq!(ranked(&signed(signs)).exact_p(), Some(as_small as f64 / 128.0));
        }
    }

    #[test]
    fn zeros_are_dropped_and_rounding_does_not_break_ties() {
        assert_eq!(ranked(&[0.0, 1.0, 2.0, -0.0]), ranked(&[1.0, 2.0]));
        assert_eq!(ranked(&[1.3 - 1.2, 0.5 - 0.4, -(0.8 - 0.7)]).statistic(), 2.0);
        let nothing = ranked(&[0.0; 3]);
        assert_eq!((nothing.statistic(), nothing.exact_p(), nothing.approximate_p(true)), (0.0, Some(1.0), None));
    }

    #[test]
    fn many_differences_are_approximated() {
        let at = |n: i32| ranked(&(1..=n).map(|i| if i % 3 == 0 { -f64::from(i) } else { f64::from(i) }).collect::<Vec<_>>());
        let (exact, approximate) = (at(200).exact_p().unwrap(), at(200).approximate_p(true).unwrap());
        assert!((exact / approximate - 1.0).abs() < 0.2, "{exact} {approximate}");
        assert_eq!(at(201).exact_p(), None);
        assert!(at(100_000).approximate_p(false).unwrap() < 1e-9);
    }
}
