//! The paired sign-flip test: is the mean difference larger than chance gives, whatever the noise looks like?
//!
//! A t test on six seeds leans on normal noise, and losses of trained models have heavy tails. This test leans on nothing
//! but symmetry: see [`Flips`]. Its price is a floor, as two of the `2^n` flips always look as extreme as the data: no
//! two-sided p-value below 2/64 from six pairs, so a family of eight variants can never pass a Holm correction there.
//! For families there is [`max_t`](crate::max_t).
//!
//! ```text
//! p = #{ |mean(e d)| >= |mean(d)| } / 2^n    over all sign vectors e
//! ```

use ablation_random::Stream;

use crate::flips::{Flips, TIE, flipped_sums};
use crate::sample::Sample;

/// The two-sided sign-flip test of a mean of 0: how many flips have a mean at least as far from 0 as the differences have.
///
/// Exact up to [`MOST_EXACT`](crate::MOST_EXACT) differences; beyond, the flips are drawn from `stream`.
pub fn sign_flip(differences: &Sample, stream: &Stream) -> Flips {
    sign_flip_of(differences, 1, stream)
}

/// The same for one of so many members of a family.
pub(crate) fn sign_flip_of(differences: &Sample, members: usize, stream: &Stream) -> Flips {
    at_least(differences.values(), members, stream, f64::abs)
}

/// The one-sided test of a mean that is not above 0: how many flips have a mean at least as high.
pub(crate) fn sign_flip_above(differences: &[f64], members: usize, stream: &Stream) -> Flips {
    at_least(differences, members, stream, |sum| sum)
}

fn at_least(differences: &[f64], members: usize, stream: &Stream, size: impl Fn(f64) -> f64) -> Flips {
    let sums = &flipped_sums(&[differences], members, stream)[0];
    let largest: f64 = crate::sum::sum(differences.iter().map(|d| d.abs()));
    let observed = size(sums[0]) - TIE * largest;
    let count = sums.iter().filter(|&&sum| size(sum) >= observed).count();
    Flips { count: count as u64, total: sums.len() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flips(differences: &[f64]) -> Flips {
        sign_flip(&Sample::new(differences).unwrap(), &Stream::root(0))
    }

    /// The example of the R package `broman`: 4 of 64.
    #[test]
    fn published_example() {
        let x = [43.3, 57.1, 35.0, 50.0, 38.2, 31.2];
        let y = [51.9, 95.1, 90.0, 49.7, 101.5, 74.1];
        let differences: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
        assert_eq!(flips(&differences), Flips { count: 4, total: 64 });
    }

    #[test]
    fn the_floor_is_two_flips_and_nothing_at_all_is_certain() {
        assert_eq!(flips(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), Flips { count: 2, total: 64 });
        assert_eq!(flips(&[0.0; 6]), Flips { count: 64, total: 64 });
        assert_eq!(flips(&[7.0]), Flips { count: 2, total: 2 });
    }

    /// In exact arithmetic `0.3 - 0.1 - 0.2` is a tie with `0`; in floating point it is 2.8e-17.
    #[test]
    fn ties_are_not_decided_by_rounding() {
        assert_eq!(flips(&[0.1, 0.2, -0.3]), Flips { count: 8, total: 8 });
        assert_eq!(flips(&[1.0, 2.0, -3.0]), Flips { count: 8, total: 8 });
        let scaled = |scale: f64| flips(&[3.0, 1.0, 1.0, -1.0, 2.0].map(|d| d * scale / 3.0));
        for scale in [1e-300, 1e-9, 1.0, 7.0, 1e99] {
            assert_eq!(scaled(scale), scaled(3.0), "{scale}");
        }
    }

    /// The two ways must agree where they meet: drawn p-values lie around the exact one.
    #[test]
    fn drawn_flips_agree_with_an_exact_count() {
        // Eleven 1 and four -1. A flip with k minuses sums to 15 - 2k, at least 7 in size if k <= 4 or k >= 11.
        // There are 1 + 15 + 105 + 455 + 1365 = 1941 choices of up to four.
        let mut differences = vec![1.0; 11];
        differences.extend([-1.0; 4]);
        let exact = 2.0 * 1941.0 / 32768.0;
        let error = (exact * (1.0 - exact) / 16_384.0_f64).sqrt();
        let drawn = flips(&differences);
        assert_eq!(drawn.total, 16_385);
        assert!((drawn.p() - exact).abs() < 5.0 * error, "{} beside {exact}", drawn.p());
    }

    #[test]
    fn the_pairs_may_come_in_any_order() {
        for n in [9, 20] {
            let mut differences: Vec<f64> = (0..n).map(|i| f64::from(i * i % 7) / 3.0 - 0.9).collect();
            let expected = flips(&differences);
            for _ in 0..n {
                differences.rotate_left(1);
                differences.swap(0, 3);
                assert_eq!(flips(&differences), expected);
            }
        }
    }
}
