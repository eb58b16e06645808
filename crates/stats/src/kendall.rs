//! Kendall's tau-b: do two ways of measuring rank the components alike?
//!
//! Ablating a component and training without it give two importances in two units. Their ranks can be compared, and a
//! correlation of the values would be ruled by the largest.
//!
//! Kendall (1945), "The treatment of ties in ranking problems", <https://doi.org/10.1093/biomet/33.3.239>. With concordant and
//! discordant pairs `C` and `D` out of `n(n - 1)/2`, and pairs tied in `x` and in `y`:
//!
//! ```text
//! tau = (C - D) / sqrt( (pairs - tied in x) (pairs - tied in y) )
//! ```
//!
//! Its interval is a bootstrap over seeds, made where the seeds are at hand.

use crate::paired::PairedError;
use crate::sample::Sample;

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
    fn what_is_not_a_pair_is_refused_by_name() {
        assert!(kendall_tau(&[1.0], &[]).unwrap_err().to_string().contains("not pairs"));
        assert!(kendall_tau(&[1.0, f64::NAN], &[1.0, 2.0]).unwrap_err().to_string().contains("number 1 is NaN"));
        assert!(kendall_tau(&[], &[]).is_err());
    }
}
