//! Almost stochastic order: by how much one arm's distribution fails to lie above another's.
//!
//! Two arms can have one mean and one be better in every quantile but the last. The violation ratio measures how much of
//! the distance between the two quantile functions speaks against an order. The runs are not paired, so it is a display
//! beside the tests, not one of them.
//!
//! Del Barrio, Cuesta-Albertos and Matran (2018), <https://doi.org/10.1007/978-3-319-73848-2_33>, brought to language models
//! by Dror, Shlomov and Reichart (2019), <https://aclanthology.org/P19-1266>. With quantile functions `A` and `B`:
//!
//! ```text
//! eps = int (A - B)^2 [A < B] dt / int (A - B)^2 dt        eps_min = eps + z_confidence sd(eps of resamples), in [0, 1]
//! ```
//!
//! The quantile functions are steps, so the integrals are sums and exact; a package in use takes them on a grid and misses
//! mass. (The authors write the standard deviation of `sqrt(nm / (n + m)) eps`, over that same root, which cancels.)

use ablation_random::Stream;

use crate::range::Confidence;
use crate::sample::Sample;
use crate::special::normal_quantile;
use crate::sum::sum;

/// How much speaks against "the first arm's numbers are *higher*": 0 if each of its quantiles is at least as high, 1 if each
/// is at most as high; `None` if the distributions are the same.
pub fn violation_ratio(first: &Sample, second: &Sample) -> Option<f64> {
    ratio(&first.sorted(), &second.sorted())
}

/// An upper confidence bound of [`violation_ratio`]; below 1/2 the first arm is called almost stochastically higher. The
/// authors advise a stricter threshold, such as 0.2.
///
/// Each arm is resampled `resamples` times; where two resamples are the same distribution, the ratio is taken as 1/2.
/// `None` if the distributions are the same, or `resamples` is less than 2.
pub fn violation_bound(first: &Sample, second: &Sample, confidence: Confidence, resamples: u32, stream: &Stream) -> Option<f64> {
    let (first, second) = (first.sorted(), second.sorted());
    let mut draws = stream.draws();
    let mut resample = |sorted: &[f64]| {
        let mut drawn: Vec<f64> = sorted.iter().map(|_| sorted[draws.below(sorted.len() as u64) as usize]).collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    };
    let ratios: Vec<f64> = (0..resamples).map(|_| ratio(&resample(&first), &resample(&second)).unwrap_or(0.5)).collect();
    let spread = Sample::new(ratios).ok()?.standard_deviation()?;
    Some((ratio(&first, &second)? + normal_quantile(confidence.share()) * spread).clamp(0.0, 1.0))
}

/// Both sorted. Walks through the steps of both quantile functions at once, in units of `1 / (n m)`.
fn ratio(first: &[f64], second: &[f64]) -> Option<f64> {
    let (n, m) = (first.len() as u64, second.len() as u64);
    let largest = first.iter().chain(second).fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let (mut i, mut j, mut at) = (0, 0, 0);
    let (mut against, mut all) = (Vec::new(), Vec::new());
    while at < n * m {
        let (end_first, end_second) = ((i + 1) * m, (j + 1) * n);
        let end = end_first.min(end_second);
        // Over the largest, so that no square vanishes or overflows.
        let gap = first[i as usize] / largest - second[j as usize] / largest;
        let area = (end - at) as f64 * gap * gap;
        if gap < 0.0 {
            against.push(area);
        }
        all.push(area);
        i += u64::from(end == end_first);
        j += u64::from(end == end_second);
        at = end;
    }
    let all = sum(all);
    (all > 0.0).then(|| sum(against) / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values).unwrap()
    }

    fn ratio_of(a: &[f64], b: &[f64]) -> Option<f64> {
        violation_ratio(&sample(a), &sample(b))
    }

    #[test]
    fn worked_examples() {
        assert!((ratio_of(&[1.0, 2.0, 3.0, 4.0], &[0.5, 2.0, 2.5, 5.0]).unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(ratio_of(&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0]), Some(0.0));
        assert_eq!(ratio_of(&[1.0, 2.0, 3.0], &[3.0, 4.0, 5.0]), Some(1.0));
        // In units of 1/15, gaps -1, 1 (over 3 and 2), -1 ...: 0.036036... = 4/111.
        assert!((ratio_of(&[1.0, 3.0, 5.0, 7.0, 9.0], &[2.0, 4.0, 4.0]).unwrap() - 4.0 / 111.0).abs() < 1e-12);
    }

    #[test]
    fn the_two_directions_add_up_to_one() {
        let (a, b) = ([0.3, 1.7, -2.0, 0.4, 5.0], [0.1, 2.2, 0.9]);
        assert!((ratio_of(&a, &b).unwrap() + ratio_of(&b, &a).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(ratio_of(&[1.0, 2.0], &[2.0, 1.0, 2.0, 1.0]), None);
        assert_eq!(ratio_of(&[0.0], &[0.0]), None);
    }

    #[test]
    fn it_survives_any_size() {
        for scale in [1e-300, 1e99] {
            let scaled =
                ratio_of(&[scale, 2.0 * scale, 3.0 * scale, 4.0 * scale], &[0.5 * scale, 2.0 * scale, 2.5 * scale, 5.0 * scale]);
            assert!((scaled.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_bound_lies_above_the_ratio_and_falls_with_more_runs() {
        let (a, b) = ([1.0, 1.4, 2.0, 2.1, 2.7, 3.0], [0.2, 1.1, 1.5, 2.3, 2.4, 2.6]);
        let bound =
            |a: &[f64], b: &[f64]| violation_bound(&sample(a), &sample(b), Confidence::P95, 1000, &Stream::root(0)).unwrap();
        let few = bound(&a, &b);
        let many = bound(&a.repeat(20), &b.repeat(20));
        let ratio = ratio_of(&a, &b).unwrap();
        assert!(ratio < many && many < few && few <= 1.0, "{ratio} {many} {few}");
        let mut turned = a;
        turned.rotate_left(2);
        assert_eq!(bound(&turned, &b), few);
    }

    #[test]
    fn what_has_no_bound() {
        let bound = |a: &[f64], b: &[f64], resamples| {
            violation_bound(&sample(a), &sample(b), Confidence::P95, resamples, &Stream::root(0))
        };
        assert_eq!(
            (bound(&[1.0, 2.0], &[2.0, 1.0], 100), bound(&[1.0], &[2.0], 1), bound(&[1.0], &[2.0], 0)),
            (None, None, None)
        );
        assert_eq!((bound(&[1.0], &[2.0], 10), bound(&[2.0], &[1.0], 10)), (Some(1.0), Some(0.0)));
    }
}
