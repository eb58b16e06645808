//! Kendall's tau-b: do two ways of measuring rank the components alike?
//!
//! Cutting a component and training without it give two importances in two units. Their ranks can be compared, and a
//! correlation of the values would be ruled by the largest.
//!
//! Kendall (1945), "The treatment of ties in ranking problems", <https://doi.org/10.1093/biomet/33.3.239>. With concordant and
//! discordant pairs `C` and `D` out of `n(n - 1)/2`, and pairs tied in `x` and in `y`:
//!
//! ```text
//! tau = (C - D) / sqrt( (pairs - tied in x) (pairs - tied in y) )
//! interval = tanh( atanh(tau) +- z sqrt(0.437 / (n - 4)) )
//! ```
//!
//! The interval is that of Fieller, Hartley and Pearson (1957), <https://doi.org/10.1093/biomet/44.3-4.470>. They found it fit
//! from about ten pairs on and for `|tau|` below 0.8; it takes the pairs as independent. Where blocks are at hand, resampling
//! them is better.

use crate::interval::Interval;
use crate::paired::PairedError;
use crate::range::Confidence;
use crate::sample::Sample;
use crate::special::normal_quantile;

/// Kendall's tau-b of `x[i]` against `y[i]`, in [-1, 1]; `None` if all `x` or all `y` are tied. Takes time proportional to the
/// square of their number.
///
/// # Errors
/// If the lists differ in length, or one of them is not a [`Sample`]. (`x` is called the reference, `y` the variant.)
pub fn kendall_tau(x: &[f64], y: &[f64]) -> Result<Option<f64>, PairedError> {
    if x.len() != y.len() {
        return Err(PairedError::Ragged { reference: x.len(), variant: y.len() });
    }
    for (arm, values) in [("reference", x), ("variant", y)] {
        Sample::new(values).map_err(|error| PairedError::Unusable { arm, error })?;
    }
    let (mut score, mut untied_x, mut untied_y) = (0_i64, 0_i64, 0_i64);
    for i in 0..x.len() {
        for j in 0..i {
            let (right, up) = (order(x[i], x[j]), order(y[i], y[j]));
            score += right * up;
            untied_x += right * right;
            untied_y += up * up;
        }
    }
    let most = (untied_x as f64 * untied_y as f64).sqrt();
    Ok((most > 0.0).then(|| (score as f64 / most).clamp(-1.0, 1.0)))
}

/// An approximate interval for a tau of `pairs` pairs; `None` for fewer than 5, or if `tau` is 1 or -1 (or beyond), where the
/// formula would claim certainty.
pub fn kendall_interval(tau: f64, pairs: usize, confidence: Confidence) -> Option<Interval> {
    if pairs < 5 || tau.is_nan() || tau.abs() >= 1.0 {
        return None;
    }
    let (middle, half) = (libm::atanh(tau), -normal_quantile(confidence.tail()) * (0.437 / (pairs as f64 - 4.0)).sqrt());
    Some(Interval { low: libm::tanh(middle - half), high: libm::tanh(middle + half) })
}

/// 1, 0 or -1 as `a` is above, at or below `b`.
fn order(a: f64, b: f64) -> i64 {
    i64::from(a > b) - i64::from(a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tau(x: &[f64], y: &[f64]) -> Option<f64> {
        kendall_tau(x, y).unwrap()
    }

    /// The example in SciPy's documentation of `kendalltau`.
    #[test]
    fn published_example() {
        let tau = tau(&[12.0, 2.0, 1.0, 12.0, 2.0], &[1.0, 4.0, 7.0, 1.0, 0.0]).unwrap();
        assert!((tau - -0.47140452079103173).abs() < 1e-12);
    }

    #[test]
    fn it_depends_on_ranks_alone() {
        let x = [0.1, 5.0, 2.0, -3.0, 2.5];
        assert_eq!(tau(&x, &x.map(|x| x * x * x)), Some(1.0));
        assert_eq!(tau(&x, &x.map(|x| -x)), Some(-1.0));
        assert_eq!(tau(&x, &[1.0, 1.0, 1.0, 1.0, 1.0]), None);
        assert_eq!(tau(&[1.0], &[2.0]), None);
    }

    #[test]
    fn the_order_of_the_pairs_does_not_matter() {
        let (mut x, mut y) = ([3.0, 1.0, 4.0, 1.0, 5.0, 9.0], [2.0, 7.0, 1.0, 8.0, 2.0, 8.0]);
        let expected = tau(&x, &y);
        assert_eq!(tau(&y, &x), expected);
        x.rotate_left(2);
        y.rotate_left(2);
        assert_eq!(tau(&x, &y), expected);
    }

    #[test]
    fn the_interval_holds_tau_and_shrinks() {
        let interval = |tau, pairs| kendall_interval(tau, pairs, Confidence::P95);
        let (few, many) = (interval(0.4, 10).unwrap(), interval(0.4, 100).unwrap());
        assert!(few.low < many.low && many.low < 0.4 && 0.4 < many.high && many.high < few.high && few.high < 1.0);
        // atanh(0) = 0, and 1.959964 * sqrt(0.437 / 100) = 0.1295653.
        assert!((interval(0.0, 104).unwrap().high - libm::tanh(0.12956533119022745)).abs() < 1e-12);
        assert_eq!((interval(0.4, 4), interval(1.0, 50), interval(f64::NAN, 50)), (None, None, None));
    }

    #[test]
    fn what_is_not_a_pair_is_refused_by_name() {
        assert!(kendall_tau(&[1.0], &[]).unwrap_err().to_string().contains("not pairs"));
        assert!(kendall_tau(&[1.0, f64::NAN], &[1.0, 2.0]).unwrap_err().to_string().contains("number 1 is NaN"));
        assert!(kendall_tau(&[], &[]).is_err());
    }
}
