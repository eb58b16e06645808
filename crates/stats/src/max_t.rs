//! Step-down max-T: p-values for a whole family of variants at once.
//!
//! Eight components tested at 0.05 each give a false alarm in a quarter of all studies. Holm's correction stops that, but
//! assumes the worst about how the tests hang together; exact tests on six or eight seeds then find nothing at all. The
//! variants of a study share the reference and the seeds, so their differences move together, and flipping the signs of
//! whole pairs keeps exactly that dependence.
//!
//! Westfall and Young (1993), *Resampling-Based Multiple Testing*, algorithm 2.8; the joint flips are those of
//! [`Flips`](crate::Flips).
//! With the variants in order of falling `|t|`:
//!
//! ```text
//! single step: p_k = P*( max over all l of |t*_l| >= |t_k| )
//! step down:   p_k = max over j <= k of P*( max over l >= j of |t*_l| >= |t_j| )
//! ```
//!
//! Under a flip the squares of the differences stay, so `|t|` grows with `r = |sum d| / sqrt(n sum d^2)`, and `r` is
//! compared in its place. It lies in [0, 1]: a variant whose differences are all one number has the largest possible, 1, where
//! `t` would be infinite; one whose differences are all 0 has 0 and a p-value of 1.

use ablation_random::Stream;
use serde::{Deserialize, Serialize};

use crate::flips::{TIE, flipped_sums};
use crate::sample::Sample;
use crate::sum::sum;

/// Family-wise adjusted p-values, in the order of the variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaxT {
    /// Every variant against the largest of all.
    pub single_step: Vec<f64>,
    /// Every variant against the largest of those not yet found: never larger than `single_step`.
    pub step_down: Vec<f64>,
}

/// Why variants are not a family.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FamilyError {
    /// There were none.
    #[error("a family needs at least one variant, and there is none")]
    Empty,
    /// They have different numbers of pairs.
    #[error("variant {index} has {pairs} pairs where the first has {first}: keep only the pairs that all variants have")]
    Ragged {
        /// The variant's position, from 0.
        index: usize,
        /// Its pairs.
        pairs: usize,
        /// The pairs of the first variant.
        first: usize,
    },
}

/// Single-step and step-down max-T p-values. `family[v]` holds the differences of variant `v`; pair `i` of one is pair
/// `i` of all.
///
/// Exact up to [`MOST_EXACT`](crate::MOST_EXACT) pairs; beyond, the flips are drawn from `stream`.
///
/// # Errors
/// If there is no variant, or the variants do not have equally many pairs.
pub fn max_t(family: &[&Sample], stream: &Stream) -> Result<MaxT, FamilyError> {
    let first = family.first().ok_or(FamilyError::Empty)?.len();
    if let Some((index, ragged)) = family.iter().enumerate().find(|(_, sample)| sample.len() != first) {
        return Err(FamilyError::Ragged { index, pairs: ragged.len(), first });
    }
    let scaled: Vec<Vec<f64>> = family.iter().map(|sample| scaled(sample.values())).collect();
    let columns: Vec<&[f64]> = scaled.iter().map(Vec::as_slice).collect();
    // Rows of flips become `r`, one list a variant, the observed one first.
    let mut sizes = flipped_sums(&columns, columns.len(), stream);
    for (sizes, column) in sizes.iter_mut().zip(&columns) {
        let largest = (first as f64 * sum(column.iter().map(|d| d * d))).sqrt();
        sizes.iter_mut().for_each(|size| *size = if largest > 0.0 { size.abs() / largest } else { 0.0 });
    }
    let mut rising: Vec<usize> = (0..family.len()).collect();
    rising.sort_by(|&a, &b| sizes[a][0].total_cmp(&sizes[b][0]));

    let flips = sizes[0].len();
    let mut single = vec![0_u64; family.len()];
    let mut down = vec![0_u64; family.len()];
    for flip in 0..flips {
        let mut largest = 0.0_f64;
        for &variant in &rising {
            largest = largest.max(sizes[variant][flip]);
            down[variant] += u64::from(largest >= sizes[variant][0] - TIE);
        }
        for (variant, count) in single.iter_mut().enumerate() {
            *count += u64::from(largest >= sizes[variant][0] - TIE);
        }
    }
    let mut so_far = 0;
    for &variant in rising.iter().rev() {
        so_far = so_far.max(down[variant]);
        down[variant] = so_far;
    }
    let shares = |counts: Vec<u64>| counts.into_iter().map(|count| count as f64 / flips as f64).collect();
    Ok(MaxT { single_step: shares(single), step_down: shares(down) })
}

/// The differences over the largest of them, so that no square vanishes or overflows.
fn scaled(differences: &[f64]) -> Vec<f64> {
    let largest = differences.iter().fold(0.0_f64, |largest, d| largest.max(d.abs()));
    differences.iter().map(|d| if largest > 0.0 { d / largest } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_flip::sign_flip;

    fn adjusted(family: &[Vec<f64>]) -> MaxT {
        let samples: Vec<Sample> = family.iter().map(|d| Sample::new(d.clone()).unwrap()).collect();
        max_t(&samples.iter().collect::<Vec<_>>(), &Stream::root(0)).unwrap()
    }

    /// `n` pairs with something in common and something of each variant's own.
    fn family(n: u32, variants: u32) -> Vec<Vec<f64>> {
        let noise = |i: u32, v: u32| f64::from((i * 37 + v * 101 + i * i * v) % 97) / 97.0 - 0.4;
        (0..variants).map(|v| (0..n).map(|i| noise(i, 0) + noise(i, v + 1)).collect()).collect()
    }

    #[test]
    fn a_family_of_one_is_the_sign_flip_test() {
        for n in [1, 5, 14, 17] {
            let family = family(n, 1);
            let alone = sign_flip(&Sample::new(family[0].clone()).unwrap(), &Stream::root(0)).p();
            assert_eq!(adjusted(&family), MaxT { single_step: vec![alone], step_down: vec![alone] }, "{n} pairs");
        }
    }

    /// The definition, word for word, with t statistics.
    #[test]
    fn it_is_the_definition() {
        let family = family(7, 4);
        let t = |differences: &[f64]| {
            let sample = Sample::new(differences).unwrap();
            (sample.mean() / sample.standard_error().unwrap()).abs()
        };
        let observed: Vec<f64> = family.iter().map(|d| t(d)).collect();
        let flipped: Vec<Vec<f64>> = (0..128_u32)
            .map(|signs| {
                let flip = |d: &Vec<f64>| -> Vec<f64> {
                    d.iter().enumerate().map(|(i, d)| if signs >> i & 1 == 1 { -d } else { *d }).collect()
                };
                family.iter().map(|d| t(&flip(d))).collect()
            })
            .collect();
        let p = |variants: &[usize], threshold: f64| {
            let largest = |row: &Vec<f64>| variants.iter().map(|&v| row[v]).fold(0.0, f64::max);
            flipped.iter().filter(|row| largest(row) >= threshold * (1.0 - 1e-9)).count() as f64 / 128.0
        };
        let mut falling: Vec<usize> = (0..4).collect();
        falling.sort_by(|&a, &b| observed[b].total_cmp(&observed[a]));
        let mut step_down = vec![0.0; 4];
        for k in 0..4 {
            let steps = (0..=k).map(|j| p(&falling[j..], observed[falling[j]]));
            step_down[falling[k]] = steps.fold(0.0, f64::max);
        }
        let single_step = observed.iter().map(|&t| p(&[0, 1, 2, 3], t)).collect();
        assert_eq!(adjusted(&family), MaxT { single_step, step_down });
    }

    #[test]
    fn pairs_and_variants_may_come_in_any_order() {
        for n in [8, 16] {
            let family = family(n, 5);
            let expected = adjusted(&family);
            for turn in 1..5 {
                let mut permuted = family.clone();
                permuted.rotate_left(turn);
                permuted.iter_mut().for_each(|differences| {
                    differences.rotate_right(turn);
                    differences.swap(0, 2);
                });
                let mut got = adjusted(&permuted);
                got.single_step.rotate_right(turn);
                got.step_down.rotate_right(turn);
                assert_eq!(got, expected);
            }
        }
    }

    #[test]
    fn without_spread_a_variant_is_the_most_or_the_least_extreme() {
        let mut family = family(8, 2);
        family.push(vec![0.1; 8]);
        family.push(vec![0.0; 8]);
        let adjusted = adjusted(&family);
        assert_eq!(adjusted.step_down[2..], [2.0 / 256.0, 1.0]);
        assert_eq!(adjusted.single_step[3], 1.0);
    }

    #[test]
    fn the_unit_of_a_variant_does_not_matter() {
        let plain = family(8, 3);
        let mut scaled = plain.clone();
        for (differences, scale) in scaled.iter_mut().zip([1e-290, 3e99, 7.0]) {
            differences.iter_mut().for_each(|d| *d *= scale);
        }
        assert_eq!(adjusted(&scaled), adjusted(&plain));
    }

    #[test]
    fn what_is_not_a_family_is_refused_by_name() {
        assert_eq!(max_t(&[], &Stream::root(0)), Err(FamilyError::Empty));
        let [three, two] = [vec![1.0; 3], vec![1.0; 2]].map(|d| Sample::new(d).unwrap());
        let error = max_t(&[&three, &three, &two], &Stream::root(0)).unwrap_err().to_string();
        assert!(error.contains("variant 2 has 2 pairs where the first has 3"), "{error}");
    }
}
