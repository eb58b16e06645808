//! Sign flips: what could as well have happened if a component did nothing.
//!
//! If it does nothing, variant and reference of a pair could have changed places: each paired difference could as well
//! have had the other sign. All `2^n` ways to choose signs are then equally likely, whatever the distribution of the
//! noise, and a p-value is the fraction of them that are at least as extreme as the observed one.
//!
//! Fisher (1935), *The Design of Experiments*, section 21. Up to [`MOST_EXACT`] pairs all are enumerated. Beyond,
//! [`SAMPLED`] are drawn (fewer of a table of hundreds of thousands of runs), and the observed signs are added to them, without which a
//! p-value could be 0 (Phipson and Smyth
//! 2010, <https://doi.org/10.2202/1544-6115.1585>).

use std::cmp::Ordering;

use ablation_random::Stream;
use serde::{Deserialize, Serialize};

use crate::range::OutOfRange;

/// Up to so many pairs all sign flips are enumerated: `2^14` = 16,384.
pub const MOST_EXACT: usize = 14;

/// So many sign flips are drawn for more than [`MOST_EXACT`] pairs, the observed signs not counted.
pub const SAMPLED: u64 = 16_384;

/// Most differences that get a sign in one test of a family, over all flips and members: a million runs are tested in about a second.
const MOST_SIGNS: u64 = 1 << 31;
/// Flips that are drawn in any case. Their share of extreme ones is known to 0.7 percentage points at a p-value of 0.05.
const FEWEST_SAMPLED: u64 = 1_024;

/// How many flips are drawn for a family of so many members of so many pairs each: [`SAMPLED`], fewer where it is so large that
/// it would take minutes.
fn sampled(members: usize, pairs: usize) -> u64 {
    let differences = (members as u64).saturating_mul(pairs as u64).max(1);
    (MOST_SIGNS / differences).clamp(FEWEST_SAMPLED, SAMPLED)
}

/// Sums closer than this share of the largest possible sum count as equal. Differences like `1.531 - 1.482` carry
/// rounding errors, and so do their sums; without a tolerance, ties would be decided by the last bit. It errs towards the
/// larger p-value.
pub(crate) const TIE: f64 = 1e-9;

/// The number of equally likely flips that are at least as extreme as the observed one, which is included. Written as
/// `[count, total]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(type = "[count: number, total: number]"))]
#[serde(try_from = "[u64; 2]", into = "[u64; 2]")]
pub struct Flips {
    /// At least as extreme; at least 1.
    pub count: u64,
    /// All: `2^n` if enumerated, [`SAMPLED`] + 1 if drawn, fewer of a very large table.
    pub total: u64,
}

impl Flips {
    /// The p-value, `count / total`.
    pub fn p(self) -> f64 {
        self.count as f64 / self.total as f64
    }
}

impl TryFrom<[u64; 2]> for Flips {
    type Error = OutOfRange;

    fn try_from([count, total]: [u64; 2]) -> Result<Self, OutOfRange> {
        let (what, needed) = ("the count of flips", "at least 1 and at most their total");
        if (1..=total).contains(&count) {
            Ok(Self { count, total })
        } else {
            Err(OutOfRange { what, value: count as f64, needed })
        }
    }
}

impl From<Flips> for [u64; 2] {
    fn from(flips: Flips) -> Self {
        [flips.count, flips.total]
    }
}

/// For each column of differences, its sum under every flip, the observed signs first. A flip turns the signs of a whole
/// pair, in all columns alike. Columns are of equal length and not empty; `stream` is read only beyond [`MOST_EXACT`] pairs.
///
/// The pairs are sorted first, by their sorted values, so that neither the order of the pairs nor that of the columns
/// makes a difference. (Two pairs with the same values in different columns stay in the order given.) `members`: the size of the
/// family that is tested, of which these columns may be one.
pub(crate) fn flipped_sums(columns: &[&[f64]], members: usize, stream: &Stream) -> Vec<Vec<f64>> {
    let pairs = columns.first().map_or(0, |column| column.len());
    let mut keyed: Vec<(Vec<f64>, usize)> =
        (0..pairs).map(|pair| (sorted(columns.iter().map(|column| column[pair]).collect()), pair)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let columns: Vec<Vec<f64>> = columns.iter().map(|column| keyed.iter().map(|&(_, pair)| column[pair]).collect()).collect();
    if pairs <= MOST_EXACT {
        columns.iter().map(|column| all_sums(column)).collect()
    } else {
        drawn_sums(&columns, members, stream)
    }
}

fn sorted(mut row: Vec<f64>) -> Vec<f64> {
    row.sort_by(f64::total_cmp);
    row
}

/// The sums under all choices of signs, that without a minus first.
fn all_sums(differences: &[f64]) -> Vec<f64> {
    differences.iter().fold(vec![0.0], |sums, d| sums.iter().map(|s| s + d).chain(sums.iter().map(|s| s - d)).collect())
}

/// Flips whose signs are held at a time: a fifteenth of all.
const BATCH: usize = 1093;
/// Words of signs that are worked through at a time, so that their tables stay in the cache.
const TILE: usize = 8;

/// The sums under the observed signs and drawn ones: one bit a pair and flip, set for a minus.
///
/// A table of somebody else's runs may have a hundred thousand seeds. So eight differences are added at a time: every group of eight has
/// its 256 sums worked out once, and each flip looks up the one that its byte of signs names.
fn drawn_sums(columns: &[Vec<f64>], members: usize, stream: &Stream) -> Vec<Vec<f64>> {
    let words = columns.first().map_or(0, Vec::len).div_ceil(32);
    let flips = sampled(members, columns.first().map_or(0, Vec::len)) as usize + 1;
    let mut draws = stream.draws();
    let mut sums = vec![vec![0.0; flips]; columns.len()];
    let mut signs = vec![0_u32; words * BATCH];
    for first in (0..flips).step_by(BATCH) {
        for (flip, signs) in signs.chunks_mut(words).enumerate().take(flips - first) {
            // The very first are the observed ones.
            if first + flip > 0 {
                draws.fill(signs);
            }
        }
        for (column, sums) in columns.iter().zip(&mut sums) {
            for (tile, differences) in column.chunks(32 * TILE).enumerate() {
                let tables: Vec<[f64; 256]> = differences.chunks(8).map(signed_sums).collect();
                for (sum, signs) in sums[first..].iter_mut().zip(signs.chunks(words)) {
                    let bytes = signs[TILE * tile..].iter().flat_map(|word| word.to_le_bytes());
                    *sum += tables.iter().zip(bytes).map(|(table, byte)| table[usize::from(byte)]).sum::<f64>();
                }
            }
        }
    }
    sums
}

/// The sum of up to eight differences under every choice of signs; bit `i` of the index is set where the sign of `i` is a minus.
fn signed_sums(differences: &[f64]) -> [f64; 256] {
    let mut table = [0.0; 256];
    table[0] = differences.iter().sum();
    for signs in 1..256_usize {
        let (lowest, others) = (signs.trailing_zeros() as usize, signs & (signs - 1));
        table[signs] = table[others] - differences.get(lowest).map_or(0.0, |d| 2.0 * d);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_a_pair() {
        let flips = Flips { count: 18, total: 256 };
        assert_eq!(serde_json::to_string(&flips).unwrap(), "[18,256]");
        assert_eq!(serde_json::from_str::<Flips>("[18, 256]").unwrap(), flips);
        assert_eq!(flips.p(), 18.0 / 256.0);
        for wrong in ["[0, 4]", "[5, 4]", "[0, 0]"] {
            assert!(serde_json::from_str::<Flips>(wrong).unwrap_err().to_string().contains("the count of flips is"), "{wrong}");
        }
    }

    #[test]
    fn columns_are_flipped_together() {
        let [first, second] = &flipped_sums(&[&[1.0, 2.0], &[10.0, 30.0]], 2, &Stream::root(0))[..] else { panic!() };
        assert_eq!((&first[..], &second[..]), (&[3.0, 1.0, -1.0, -3.0][..], &[40.0, 20.0, -20.0, -40.0][..]));
    }

    #[test]
    fn eight_differences_are_added_under_every_choice_of_signs() {
        let powers = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
        let table = signed_sums(&powers);
        (0..256).for_each(|signs| assert_eq!(table[signs], 255.0 - 2.0 * signs as f64));
        assert_eq!(signed_sums(&[3.0, 1.0])[..4], [4.0, -2.0, 2.0, -4.0]);
    }

    /// What a test costs: every drawn flip gives every difference a sign.
    #[test]
    fn a_test_of_a_million_runs_draws_fewer_flips() {
        assert_eq!([sampled(1, 15), sampled(8, 10_000), sampled(1, 1 << 17)], [SAMPLED; 3]);
        for (columns, pairs) in [(1, 1_000_000), (1000, 1000), (2, 250_000), (1, 1 << 20)] {
            let signs = sampled(columns, pairs) * (columns * pairs) as u64;
            assert!(signs <= MOST_SIGNS && sampled(columns, pairs) > 2_000, "{columns} columns of {pairs}: {signs}");
        }
        assert_eq!(sampled(1024, 1 << 20), FEWEST_SAMPLED);
    }

    #[test]
    fn drawn_flips_are_fair_and_start_with_the_observed_signs() {
        let powers: Vec<f64> = (0..40).map(|i| (1_u64 << i) as f64).collect(); // every choice of signs has its own sum
        let sums = &flipped_sums(&[&powers], 1, &Stream::root(1))[0];
        assert_eq!((sums.len() as u64, sums[0]), (SAMPLED + 1, powers.iter().sum()));
        for i in 0..40 {
            let all = ((1_u64 << 40) - 1) as f64;
            let positive = sums[1..].iter().filter(|&&sum| ((sum + all) / 2.0) as u64 >> i & 1 == 1).count();
            assert!((positive as i64 - 8_192).abs() < 5 * 64, "pair {i}: {positive} of 16384 positive");
        }
        assert_ne!(sums, &flipped_sums(&[&powers], 1, &Stream::root(2))[0]);
    }
}
