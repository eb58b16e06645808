//! Energy distance: how far two clouds of points are from being draws of one distribution.
//!
//! A training loss cannot say how good a diffusion model's samples are (it is not even comparable between prediction
//! targets). The energy distance compares the samples themselves with held-out data; it needs no bins, bandwidth or
//! density, and its expectation is 0 only if the two distributions are the same.
//!
//! Szekely and Rizzo (2013), "Energy statistics: a class of statistics based on distances",
//! <https://doi.org/10.1016/j.jspi.2013.03.018>:
//!
//! ```text
//! E(X, Y) = 2 mean |x - y| - mean |x - x'| - mean |y - y'|
//! ```
//!
//! The means go over *all* pairs, a point with itself included (the V-statistic). So the result is never negative and
//! is 0 exactly for equal clouds; two clouds of `n` draws of one distribution differ by about `2 mean |x - x'| / n`.
//! It is not the root, and not divided by `2 mean |x - y|`, as some packages do.

use crate::sum::sum;

/// Why two clouds have no energy distance.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EnergyError {
    /// A cloud has no points.
    #[error("the {cloud} cloud has no points: an energy distance needs at least one in each")]
    Empty {
        /// "first" or "second".
        cloud: &'static str,
    },
    /// A coordinate is NaN or infinite.
    #[error("point {index} of the {cloud} cloud is {point:?}: a diverged sample has no distance; report it as missing")]
    NotFinite {
        /// "first" or "second".
        cloud: &'static str,
        /// The point's position, from 0.
        index: usize,
        /// The point.
        point: Vec<f32>,
    },
}

/// The energy distance (V-statistic) between two clouds of points of one dimension, in the points' own unit.
///
/// Symmetric, at least 0, and independent of the order of the points to the last bit. Takes time proportional to the
/// product of the sizes: some milliseconds for 512 and 512.
///
/// # Errors
/// If a cloud is empty or has a coordinate that is not finite.
pub fn energy_distance<P: AsRef<[f32]>>(first: &[P], second: &[P]) -> Result<f64, EnergyError> {
    check("first", first)?;
    check("second", second)?;
    let between = mean_distance(first, second);
    let within = mean_distance_within(first) + mean_distance_within(second);
    Ok((2.0 * between - within).max(0.0)) // rounding may leave -1e-17 where the answer is 0
}

fn check<P: AsRef<[f32]>>(cloud: &'static str, points: &[P]) -> Result<(), EnergyError> {
    if points.is_empty() {
        return Err(EnergyError::Empty { cloud });
    }
    let wrong = points.iter().position(|point| point.as_ref().iter().any(|c| !c.is_finite()));
    wrong.map_or(Ok(()), |index| Err(EnergyError::NotFinite { cloud, index, point: points[index].as_ref().to_vec() }))
}

/// The mean distance over all pairs of a point of `a` and one of `b`.
fn mean_distance<P: AsRef<[f32]>>(a: &[P], b: &[P]) -> f64 {
    let pairs = a.iter().flat_map(|p| b.iter().map(move |q| distance(p.as_ref(), q.as_ref())));
    sum(pairs) / (a.len() as f64 * b.len() as f64)
}

/// `mean_distance(a, a)`, to the last bit, from half of the pairs: the sums are exact, and doubling is.
fn mean_distance_within<P: AsRef<[f32]>>(a: &[P]) -> f64 {
    let pairs = a.iter().enumerate().flat_map(|(i, p)| a[..i].iter().map(move |q| distance(p.as_ref(), q.as_ref())));
    2.0 * sum(pairs) / (a.len() as f64 * a.len() as f64)
}

/// In `f64`, where the square of no finite `f32` overflows.
fn distance(p: &[f32], q: &[f32]) -> f64 {
    let gaps = p.iter().zip(q).map(|(&a, &b)| f64::from(a) - f64::from(b));
    gaps.map(|gap| gap * gap).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example() {
        // Between: |(0,0)-(3,4)| = 5 and |(6,8)-(3,4)| = 5. Within the first: 0, 10, 10, 0. Within the second: 0.
        let distance = energy_distance(&[[0.0, 0.0], [6.0, 8.0]], &[[3.0, 4.0]]).unwrap();
        assert_eq!(distance, 2.0 * 5.0 - 5.0 - 0.0);
    }

    /// On a line the energy distance is twice the integral of the squared gap between the two distribution functions
    /// (Szekely and Rizzo 2013, section 2): a second way to the same number.
    #[test]
    fn on_a_line_it_is_twice_the_squared_gap_of_the_distribution_functions() {
        let line = |xs: [f32; 4]| xs.map(|x| [x, 0.0]);
        let distance = energy_distance(&line([0.0, 1.0, 3.0, 6.0]), &line([1.0, 2.0, 2.0, 7.0])).unwrap();
        // Gaps of the distribution functions on [0,1), [1,2), [2,3), [3,6), [6,7): 1/4, 1/4, -1/4, 0, 1/4.
        assert!((distance - 2.0 * (4.0 / 16.0)).abs() < 1e-15);
    }

    #[test]
    fn half_of_the_pairs_are_enough_within_a_cloud() {
        let cloud: Vec<_> = (0..50_u8).map(|i| [f32::from(i % 7) * 0.3, f32::from(i % 11) / 3.0]).collect();
        assert_eq!(mean_distance_within(&cloud), mean_distance(&cloud, &cloud));
    }

    #[test]
    fn equal_clouds_have_distance_zero_in_any_order() {
        let cloud = [[0.1, 0.2], [-3.0, 0.7], [1e-3, 5.5], [0.3, 0.3]];
        let mut shuffled = cloud;
        shuffled.rotate_left(1);
        assert_eq!(energy_distance(&cloud, &shuffled), Ok(0.0));
    }

    #[test]
    fn it_is_symmetric_and_grows_with_the_gap() {
        let near = [[0.0, 0.0], [1.0, 0.0]];
        let mut last = 0.0;
        for gap in [0.5, 1.0, 2.0, 40.0] {
            let far = near.map(|[x, y]| [x + gap, y]);
            let distance = energy_distance(&near, &far).unwrap();
            assert_eq!(energy_distance(&far, &near), Ok(distance));
            assert!(distance > last);
            last = distance;
        }
    }

    #[test]
    fn the_largest_floats_do_not_overflow() {
        let distance = energy_distance(&[[f32::MAX, f32::MAX]], &[[-f32::MAX, -f32::MAX]]).unwrap();
        assert!(distance.is_finite() && distance > f64::from(f32::MAX));
    }

    #[test]
    fn what_has_no_distance_is_refused_by_name() {
        let message = |a: &[[f32; 2]], b: &[[f32; 2]]| energy_distance(a, b).unwrap_err().to_string();
        assert!(message(&[], &[[0.0, 0.0]]).contains("first cloud has no points"));
        let error = message(&[[0.0, 0.0]], &[[1.0, 1.0], [2.0, f32::NAN]]);
        assert!(error.contains("point 1 of the second cloud is [2.0, NaN]"), "{error}");
    }
}
