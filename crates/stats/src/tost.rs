//! Equivalence: evidence that a component makes no difference worth having.
//!
//! "No significant difference" from six noisy runs is no such evidence: it is what a study gets for being small. Two
//! one-sided tests turn the burden round. The component is taken to matter, by the margin or more, until the data say
//! otherwise on both sides.
//!
//! Schuirmann (1987), <https://doi.org/10.1007/BF01068419>. With mean `m`, standard error `se`, margin `delta` and
//! `n - 1` degrees of freedom:
//!
//! ```text
//! p = max( P(T >= (m + delta) / se), P(T <= (m - delta) / se) )
//! ```
//!
//! `p <= a` exactly if the `1 - 2a` interval lies within the margin. The sign-flip version tests `d + delta` and
//! `delta - d` in place of the two t tests; its floor is `1 / 2^n`, so five pairs are the fewest for 0.05.

use ablation_random::Stream;

use crate::flips::Flips;
use crate::range::Margin;
use crate::sample::Sample;
use crate::sign_flip::sign_flip_above;
use crate::special::t_upper;
use crate::student::t_statistic;

/// The p-value of two one-sided t tests; small is evidence that the mean lies within the margin. `None` for a single number.
///
/// Without any spread it is 0 inside the margin, 1 outside and 1/2 on it.
pub fn tost(differences: &Sample, margin: Margin) -> Option<f64> {
    let freedom = (differences.len() - 1) as f64;
    let error = differences.standard_error()?;
    let [above, below] = distances(differences.mean(), margin).map(|distance| t_upper(t_statistic(distance, error), freedom));
    Some(above.max(below))
}

/// The p-value of the t test that the mean lies beyond the margin, on the side on which it was seen; small is evidence that the difference is
/// the margin or more. Twice the one-sided value, as the side was not chosen beforehand: it is below 0.05 where the 95 % interval does not
/// reach into the margin. `None` for a single number.
pub fn beyond(differences: &Sample, margin: Margin) -> Option<f64> {
    let freedom = (differences.len() - 1) as f64;
    let distance = differences.mean().abs() - margin.size();
    Some((2.0 * t_upper(t_statistic(distance, differences.standard_error()?), freedom)).min(1.0))
}

/// The same by sign flips: the larger of the two one-sided counts. Exact up to [`MOST_EXACT`](crate::MOST_EXACT)
/// differences; beyond, the flips are drawn from `stream`.
pub fn tost_sign_flip(differences: &Sample, margin: Margin, stream: &Stream) -> Flips {
    tost_sign_flip_of(differences, margin, 1, stream)
}

/// The same for one of so many members of a family.
pub(crate) fn tost_sign_flip_of(differences: &Sample, margin: Margin, members: usize, stream: &Stream) -> Flips {
    let shifted: Vec<[f64; 2]> = differences.values().iter().map(|&d| distances(d, margin)).collect();
    let [above, below] = [0, 1].map(|side| {
        let side: Vec<f64> = shifted.iter().map(|distances| distances[side]).collect();
        sign_flip_above(&side, members, stream)
    });
    if above.count > below.count { above } else { below }
}

/// How far `value` is above the lower end of the margin and below its upper end.
fn distances(value: f64, margin: Margin) -> [f64; 2] {
    [value + margin.size(), margin.size() - value]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Confidence;
    use crate::student::t_interval;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values).unwrap()
    }

    fn margin(size: f64) -> Margin {
        Margin::new(size).unwrap()
    }

    #[test]
    fn beyond_the_margin_is_where_the_interval_does_not_reach_into_it() {
        for values in [&[1.0, 1.2, 0.9, 1.1, 0.8, 1.0][..], &[-3.0, -2.0, -2.5, -1.5], &NEAR, &[0.5; 4]] {
            let sample = sample(values);
            let interval = t_interval(&sample, Confidence::P95).unwrap();
            for size in [0.1, 0.3, 0.8, 0.9, 1.0, 1.3, 4.0] {
                let clear = interval.low > size || interval.high < -size;
                assert_eq!(beyond(&sample, margin(size)).unwrap() < 0.05, clear, "{values:?} {size}");
            }
        }
        assert_eq!(beyond(&sample(&[1.0]), margin(0.5)), None);
    }

    const NEAR: [f64; 15] = [0.24, -0.31, 0.23, -0.51, -0.87, 0.75, 0.67, -0.21, 0.11, -0.14, 0.86, 0.65, 0.33, -0.15, 0.82];

    /// The test-suite of statsmodels (`test_tost.py`), whose reference is the R package `equivalence`.
    #[test]
    fn published_examples() {
        let near = sample(&NEAR);
        assert!((near.mean() - 0.164666667).abs() < 1e-9);
        assert!((near.standard_error().unwrap() - 0.135751407).abs() < 1e-9);
        let interval = t_interval(&near, Confidence::P90).unwrap();
        assert!((interval.low - -0.074433662).abs() < 1e-9 && (interval.high - 0.403766995).abs() < 1e-9);
        assert!((tost(&near, margin(0.6)).unwrap() - 0.003166881489265).abs() < 1e-12);
        let far = sample(&[0.24, -0.40, 0.49, -0.18, -0.23, 1.47, 1.73, 0.39, -0.88, -0.80, 0.81, 0.90, 0.98, 2.33, 1.59]);
        assert!((far.mean() - 0.562666667).abs() < 1e-9);
        assert!((far.standard_error().unwrap() - 0.247827641).abs() < 1e-9);
        assert!((tost(&far, margin(0.6)).unwrap() - 0.441203404601759).abs() < 1e-12);
    }

    #[test]
    fn it_is_small_exactly_when_the_ninety_percent_interval_lies_within_the_margin() {
        let interval = t_interval(&sample(&NEAR), Confidence::P90).unwrap();
        for size in [0.1, 0.3, 0.4, 0.403, 0.404, 0.41, 0.6, 2.0] {
            assert_eq!(tost(&sample(&NEAR), margin(size)).unwrap() < 0.05, interval.is_within(size), "margin {size}");
        }
    }

    #[test]
    fn the_sign_of_the_differences_does_not_matter() {
        for size in [0.2, 0.6] {
            let turned = NEAR.map(|d| -d);
            assert_eq!(tost(&sample(&NEAR), margin(size)), tost(&sample(&turned), margin(size)));
            let few = |values: &[f64]| tost_sign_flip(&sample(&values[..9]), margin(size), &Stream::root(0));
            assert_eq!(few(&NEAR), few(&turned));
        }
    }

    #[test]
    fn the_floor_is_one_flip() {
        let five = sample(&[0.1, -0.1, 0.2, 0.0, -0.2]);
        assert_eq!(tost_sign_flip(&five, margin(5.0), &Stream::root(0)), Flips { count: 1, total: 32 });
        assert!(tost_sign_flip(&five, margin(1e-6), &Stream::root(0)).p() > 0.25);
        assert_eq!(tost_sign_flip(&sample(&[0.0]), margin(1.0), &Stream::root(0)), Flips { count: 1, total: 2 });
    }

    #[test]
    fn without_spread_it_is_certain_except_on_the_margin() {
        let at = |value: f64| tost(&sample(&[value; 4]), margin(0.5));
        assert_eq!([at(0.0), at(-0.25), at(0.5), at(-0.5), at(0.75)], [0.0, 0.0, 0.5, 0.5, 1.0].map(Some));
        assert_eq!(tost(&sample(&[0.0]), margin(0.5)), None);
    }
}
