//! The normal-mixture e-value: the [sign e-process](crate::sign_evalue()) that also hears how large the differences are.
//!
//! It is conservative: eight blocks, all worse by much the same amount, take it to 8, where their signs alone are worth 50.
//!
//! Robbins (1970), <https://doi.org/10.1214/aoms/1177696786>; Howard et al. (2021),
//! <https://doi.org/10.1214/20-AOS1991>, proposition 5. With `S = sum d`, `V = sum d^2`, and `rho`, in the unit of `V`, fixed
//! before looking:
//!
//! ```text
//! log E = (1/2) log(rho / (V + rho)) + S^2 / (2 (V + rho))
//! E >= 1/a exactly if |S| >= sqrt( (V + rho) (log(1 + V / rho) + 2 log(1/a)) )
//! ```
//!
//! Valid at every look if the differences are symmetric around 0 given the past, which flips of signs assume as well.

use crate::range::{OutOfRange, inside_unit, positive};
use crate::sample::Sample;
use crate::sum::sum;

/// The natural logarithm of the e-value of all differences. `rho` says at which sum of squares the bet is sharpest.
///
/// # Errors
/// If `rho` is not larger than 0 and at most 1e100.
pub fn mixture_log_evalue(differences: &Sample, rho: f64) -> Result<f64, OutOfRange> {
    let total = sum(differences.values().iter().copied());
    let squares = sum(differences.values().iter().map(|d| d * d));
    log_evalue(total, squares, rho)
}

/// How far from 0 the sum of the differences has to be, once their squares sum to `squares`, for an e-value of `1 / level`.
///
/// # Errors
/// If `squares` is negative or not finite, `rho` not larger than 0 and at most 1e100, or `level` not strictly between 0
/// and 1.
pub fn mixture_boundary(squares: f64, rho: f64, level: f64) -> Result<f64, OutOfRange> {
    positive("rho", rho)?;
    inside_unit("the level", level)?;
    if !(squares >= 0.0 && squares.is_finite()) {
        return Err(OutOfRange { what: "the sum of squares", value: squares, needed: "at least 0 and finite" });
    }
    Ok((squares + rho).sqrt() * (libm::log1p(squares / rho) - 2.0 * libm::log(level)).sqrt())
}

fn log_evalue(total: f64, squares: f64, rho: f64) -> Result<f64, OutOfRange> {
    positive("rho", rho)?;
    let share = total / (squares + rho); // S^2 itself might overflow
    Ok(0.5 * total * share - 0.5 * (libm::log(squares + rho) - libm::log(rho)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with NumPy from the formulas in the R package `confseq`.
    #[test]
    fn worked_examples() {
        assert!((libm::exp(log_evalue(2.0, 1.5, 1.0).unwrap()) - 1.4075556719924247).abs() < 1e-12);
        assert!((mixture_boundary(10.0, 1.0, 0.05).unwrap() - 9.606401928868575).abs() < 1e-12);
        // `confseq` searches for this one and stops at 32.73018624233234.
        assert!((mixture_boundary(100.0, 1.0, 0.05).unwrap() - 32.730186242349305).abs() < 1e-12);
        let differences = [0.049, 0.054, 0.041, 0.058, 0.039, 0.056, 0.059, 0.053];
        let cumulative = [0.989269, 1.142393, 1.411565, 1.908699, 2.548533, 3.685164, 5.472738, 8.172640];
        for (n, expected) in (1..).zip(cumulative) {
            let evalue = libm::exp(mixture_log_evalue(&Sample::new(&differences[..n]).unwrap(), 0.01).unwrap());
            assert!((evalue - expected).abs() < 1e-6, "{n} blocks: {evalue}");
        }
    }

    #[test]
    fn on_the_boundary_the_evalue_is_one_over_the_level() {
        for (squares, rho, level) in [(3.0, 0.5, 0.05), (1e-9, 1.0, 0.01), (1e6, 1e-3, 0.2)] {
            let boundary = mixture_boundary(squares, rho, level).unwrap();
            let evalue = log_evalue(-boundary, squares, rho).unwrap();
            assert!((evalue + libm::log(level)).abs() < 1e-9, "{evalue}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        let differences = Sample::new([1e100, 1e100]).unwrap();
        for rho in [0.0, -1.0, f64::NAN] {
            assert!(mixture_log_evalue(&differences, rho).unwrap_err().to_string().contains(&format!("rho is {rho}")));
        }
        assert!(mixture_log_evalue(&differences, 1e-100).unwrap().is_finite());
        assert!(mixture_boundary(-1.0, 1.0, 0.05).unwrap_err().to_string().contains("the sum of squares is -1"));
        assert!(mixture_boundary(1.0, 1.0, 0.0).unwrap_err().to_string().contains("the level is 0"));
    }
}
