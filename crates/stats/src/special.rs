//! Distribution functions and quantiles, from `libm` alone.
//!
//! A report has to be the same to the byte native and in the browser. The statistics packages call the platform's
//! logarithm and exponential, whose last bits differ; here everything is IEEE-exact arithmetic or `libm`. The tests hold
//! every function against `statrs` on a grid.
//!
//! Quantiles are found by bisection down to neighbouring numbers: slower than Newton's method, but it cannot diverge.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// The standard normal distribution function.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The standard normal quantile; `p` strictly between 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    bisect(-40.0, 0.0, |x| normal_cdf(x) < p)
}

/// The regularised incomplete beta function `I_x(a, b)`, the distribution function of Beta(a, b). `y` is `1 - x`, asked
/// for because the caller often knows it better than the subtraction does.
///
/// Continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions, <https://dlmf.nist.gov/8.17>, on
/// the side of the mean where it converges fast. Relative error about 1e-14 `(a + b)`, as
/// logarithms of that size cancel.
pub fn beta_cdf(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if y <= 0.0 {
        1.0
    } else if x * (a + b + 2.0) <= a + 1.0 {
        beta_fraction(x, y, a, b)
    } else {
        1.0 - beta_fraction(y, x, b, a)
    }
}

/// `x^a y^b / (a B(a, b))` over the continued fraction `1 + d1 / (1 + d2 / (1 + ...))`.
fn beta_fraction(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = libm::exp(a * libm::log(x) + b * libm::log(y) - ln_beta) / a;
    // From the front, as ratios of successive numerators and denominators (Lentz 1976, doi:10.1364/AO.15.000668).
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut value, mut numerators, mut denominators) = (1.0, 1.0, f64::INFINITY);
    for k in 1..100_000_u32 {
        let m = f64::from(k / 2);
        let d = if k % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        numerators = away_from_zero(1.0 + d / numerators);
        denominators = away_from_zero(1.0 + d / denominators);
        let step = numerators / denominators;
        value *= step;
        if (step - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    front / value
}

/// The quantile of Beta(a, b); `p` strictly between 0 and 1.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    bisect(0.0, 1.0, |x| beta_cdf(x, 1.0 - x, a, b) < p)
}

/// Student's t distribution with `df` degrees of freedom: `P(T > t)`.
pub fn t_upper(t: f64, df: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - t_upper(-t, df);
    }
    let square = t * t;
    0.5 * beta_cdf(df / (df + square), square / (df + square), 0.5 * df, 0.5)
}

/// The `t` with `P(T > t) = p`; `p` strictly between 0 and 1/2.
pub fn t_quantile_upper(p: f64, df: f64) -> f64 {
    let mut high = 1.0;
    while t_upper(high, df) > p {
        high *= 2.0;
    }
    bisect(0.0, high, |t| t_upper(t, df) > p)
}

/// The density at `s` of `sqrt(C / df)`, where `C` is chi-squared with `df` degrees of freedom: how a standard deviation
/// of 1 is estimated.
pub fn deviation_density(s: f64, df: f64) -> f64 {
    let half = 0.5 * df;
    let constant = LN_2 + half * libm::log(half) - libm::lgamma(half);
    libm::exp(constant + (df - 1.0) * libm::log(s) - half * s * s)
}

/// The integral of a smooth function from `low` to `high`, by the tanh-sinh rule of Takahasi and Mori (1974),
/// <https://doi.org/10.2977/prims/1195192451>: the trapezium rule after a substitution that flattens both ends.
pub fn integrate(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 32.0;
    const STEPS: i32 = 104; // to 3.25, where the weight is below 1e-16 of the middle one
    let half = 0.5 * (high - low);
    let quarter_turn = std::f64::consts::FRAC_PI_2;
    let terms = (-STEPS..=STEPS).map(|k| {
        let u = f64::from(k) * STEP;
        let angle = quarter_turn * libm::sinh(u);
        let cosh = libm::cosh(angle);
        let weight = quarter_turn * libm::cosh(u) / (cosh * cosh);
        // 1 - tanh(angle) without cancellation, measured from the nearer end.
        let from_end = half * libm::exp(-angle.abs()) / cosh;
        let x = if angle < 0.0 { low + from_end } else { high - from_end };
        weight * f(x)
    });
    half * STEP * crate::sum::sum(terms)
}

/// The number between `low` and `high` at which `is_below` turns from true to false.
pub fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            return middle;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};

    use super::*;

    fn close(ours: f64, theirs: f64, tolerance: f64) -> bool {
        (ours - theirs).abs() <= tolerance * theirs.abs().max(1e-300)
    }

    /// SciPy 1.16.3 to the digits it is right in; the last two lines with mpmath. (SciPy says 1.894578605061305 for the
    /// second: true to 11 digits.)
    #[test]
    fn quantiles_of_the_tables() {
        assert!((t_quantile_upper(0.025, 7.0) - 2.364624251592784).abs() < 1e-12);
        assert!((t_quantile_upper(0.05, 7.0) - 1.894578605061305).abs() < 1e-9);
        assert!((t_quantile_upper(0.05, 7.0) - 1.8945786050900069).abs() < 1e-13);
        assert!((normal_quantile(0.95) - 1.644853626951472).abs() < 1e-14);
        assert!((normal_quantile(0.999) - 3.090232306167813).abs() < 1e-13);
        assert!((normal_quantile(1e-12) - -7.034483825301132).abs() < 1e-13);
        assert_eq!(normal_quantile(0.95), -normal_quantile(1.0 - 0.95));
        assert!(normal_quantile(0.5).abs() < 1e-15);
    }

    /// Computed with mpmath at 40 digits.
    #[test]
    fn distribution_functions_to_a_dozen_digits() {
        let t = [
            (0.01, 1.0, 0.49681700723509176),
            (1.0, 1.0, 0.25),
            (4.0, 1.0, 0.07797913037736932),
            (30.0, 1.0, 0.010606402405535424),
            (0.01, 3.0, 0.496324555706426),
            (1.0, 3.0, 0.19550110947788532),
            (4.0, 3.0, 0.014004228005073083),
            (30.0, 3.0, 4.0676402135819796e-5),
            (0.01, 7.0, 0.4961501588218109),
            (1.0, 7.0, 0.17530833141010377),
            (4.0, 7.0, 0.002594956674648406),
            (30.0, 7.0, 5.89423444036657e-9),
            (0.01, 29.0, 0.4960448824016125),
            (1.0, 29.0, 0.16279099400809677),
            (4.0, 29.0, 0.0002000319728262457),
            (30.0, 29.0, 1.0988724225494025e-23),
            (0.01, 1000.0, 0.4960116409660936),
            (1.0, 1000.0, 0.15877620904233616),
            (4.0, 1000.0, 3.400495960439079e-5),
            (30.0, 1000.0, 7.687343722021741e-142),
            (0.01, 100000.0, 0.4960106536594116),
            (1.0, 100000.0, 0.158656463782055),
            (4.0, 100000.0, 3.169399877859767e-5),
            (30.0, 100000.0, 3.6892684361111166e-197),
        ];
        for (t, df, expected) in t {
            assert!(close(t_upper(t, df), expected, 1e-12 + 5e-15 * df), "t {t}, df {df}: {} {expected}", t_upper(t, df));
        }
        let beta = [
            (0.5, 0.5, 0.125, 0.23005345616261588),
            (2.0, 3.0, 0.25, 0.26171875),
            (4.5, 4.5, 0.75, 0.9413465984928809),
            (24.0, 7.0, 0.5, 0.000715453177690506),
            (1.0, 1000.0, 0.0078125, 0.9996075798421896),
            (300.0, 200.0, 0.625, 0.8735227408059485),
            (5000.0, 5000.0, 0.5078125, 0.9409215050528695),
            (0.5, 3000.0, 0.001953125, 0.99938474012537),
        ];
        for (a, b, x, expected) in beta {
            let got = beta_cdf(x, 1.0 - x, a, b);
            assert!(close(got, expected, 1e-12 + 1e-14 * (a + b)), "a {a}, b {b}, x {x}: {got} {expected}");
        }
        let normal = [
            (-30.0, 4.906713927148187e-198),
            (-5.0, 2.866515718791939e-7),
            (-0.75, 0.2266273523768682),
            (0.125, 0.5497382248301129),
            (3.0, 0.9986501019683699),
        ];
        for (x, expected) in normal {
            assert!(close(normal_cdf(x), expected, 1e-15 * (2.0 + x * x)), "x {x}: {}", normal_cdf(x)); // x itself is rounded
        }
    }

    /// With 1 and 2 degrees of freedom Student's distribution is elementary.
    #[test]
    fn student_is_elementary_for_one_and_two_degrees_of_freedom() {
        for t in [0.0, 1e-9, 0.1, 0.7, 1.0, 3.0, 12.7, 4e3, 1e9] {
            let cauchy = libm::atan2(1.0, t) / std::f64::consts::PI;
            assert!(close(t_upper(t, 1.0), cauchy, 1e-13), "t {t}");
            let root = (2.0 + t * t).sqrt();
            assert!(close(t_upper(t, 2.0), 1.0 / (root * (root + t)), 1e-13), "t {t}");
            assert!(close(t_upper(-t, 2.0), 1.0 - t_upper(t, 2.0), 1e-15), "t {t}");
        }
        assert_eq!((t_upper(f64::INFINITY, 5.0), t_upper(1e300, 5.0)), (0.0, 0.0));
    }

    /// To the digits that `statrs` has right: its error function is good to ten.
    #[test]
    fn normal_agrees_with_statrs() {
        let normal = Normal::standard();
        for i in -800..=800 {
            let x = f64::from(i) / 100.0;
            assert!((normal_cdf(x) - normal.cdf(x)).abs() < 1e-10, "x {x}");
        }
        for i in 1..1000 {
            let p = f64::from(i) / 1000.0;
            assert!((normal_quantile(p) - normal.inverse_cdf(p)).abs() < 1e-10, "p {p}");
        }
    }

    #[test]
    fn student_agrees_with_statrs() {
        for df in (1..=60).chain([100, 500, 2_000]).map(f64::from) {
            let student = StudentsT::new(0.0, 1.0, df).unwrap();
            for i in -120..=120 {
                let t = f64::from(i) / 10.0;
                assert!(close(t_upper(t, df), student.sf(t), 1e-9), "t {t}, df {df}: {} {}", t_upper(t, df), student.sf(t));
            }
            for p in [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.4] {
                let t = t_quantile_upper(p, df);
                assert!(close(t_upper(t, df), p, 1e-12), "p {p}, df {df}");
                assert!(close(student.sf(t), p, 1e-9), "p {p}, df {df}"); // its own quantiles have seven digits
            }
        }
    }

    #[test]
    fn beta_agrees_with_statrs() {
        let shapes = [0.5, 1.0, 1.5, 2.0, 3.5, 7.0, 20.0, 133.0, 1e3];
        for (a, b) in shapes.iter().flat_map(|&a| shapes.map(|b| (a, b))) {
            let beta = Beta::new(a, b).unwrap();
            for i in 0..=100 {
                let x = f64::from(i) / 100.0;
                let (ours, theirs) = (beta_cdf(x, 1.0 - x, a, b), beta.cdf(x));
                assert!((ours - theirs).abs() < 1e-11, "a {a}, b {b}, x {x}: {ours} {theirs}");
                assert!((0.0..=1.0).contains(&ours));
            }
            for p in [1e-9, 0.025, 0.5, 0.9, 0.975] {
                let x = beta_quantile(p, a, b);
                assert!((beta_cdf(x, 1.0 - x, a, b) - p).abs() < 1e-11, "a {a}, b {b}, p {p}");
            }
        }
    }

    #[test]
    fn the_density_of_a_standard_deviation_integrates_to_one() {
        for df in [1.0_f64, 2.0, 7.0, 30.0, 1000.0] {
            let width = 12.0 / (2.0 * df).sqrt();
            let total = integrate((1.0 - width).max(0.0), 1.0 + width, |s| deviation_density(s, df));
            assert!((total - 1.0).abs() < 1e-11, "df {df}: {total}");
        }
    }

    #[test]
    fn integrals_known_in_closed_form() {
        assert!((integrate(0.0, 1.0, |x| x * x) - 1.0 / 3.0).abs() < 1e-14);
        assert!((integrate(0.0, 1.0, f64::sqrt) - 2.0 / 3.0).abs() < 1e-14);
        assert!((integrate(-8.0, 8.0, |x| libm::exp(-x * x)) - std::f64::consts::PI.sqrt()).abs() < 1e-13);
    }
}
