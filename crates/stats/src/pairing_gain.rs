//! What pairing bought: how many runs it saved.
//!
//! Sharing seeds between arms costs nothing but discipline. Whether it helped is an empirical matter, and if a change
//! makes the gain vanish (an arm that no longer draws the same batches, say), this number is where it shows.
//!
//! With the arms' standard deviations `a`, `b` and their correlation `r` over pairs:
//!
//! ```text
//! var(difference) = a^2 + b^2 - 2 r a b        share of runs needed = var(difference) / (a^2 + b^2)
//! ```
//!
//! which is `1 - r` for equal spreads. Bouthillier et al. (2021), <https://arxiv.org/abs/2103.03098>, advise: "in doubt, it is
//! better to pair". (Their unpaired standard deviation reads `a + b`; it is `sqrt(a^2 + b^2)`.)

use serde::{Deserialize, Serialize};

use crate::paired::{Paired, PairedError};
use crate::sample::Sample;

/// The spread of paired differences beside that of unpaired ones. `None` where a single pair, or an arm without spread, has
/// no answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairingGain {
    /// Standard deviation of the paired differences.
    pub sd_paired: Option<f64>,
    /// Standard deviation of differences of unrelated runs.
    pub sd_unpaired: Option<f64>,
    /// Correlation of the arms over pairs.
    pub correlation: Option<f64>,
    /// Runs the paired design needs for each run of the unpaired: below 1 if pairing helped.
    pub share_of_runs: Option<f64>,
}

/// The gain from having paired result `i` of the reference with result `i` of the variant.
///
/// # Errors
/// If the lists are not [`Paired`].
pub fn pairing_gain(reference: &[f64], variant: &[f64]) -> Result<PairingGain, PairedError> {
    let sd_paired = Paired::new(reference, variant)?.differences().standard_deviation();
    let spread = |arm, values: &[f64]| {
        let sample = Sample::new(values).map_err(|error| PairedError::Unusable { arm, error })?;
        Ok(sample.standard_deviation())
    };
    let spreads = spread("reference", reference)?.zip(spread("variant", variant)?);
    let sd_unpaired = spreads.map(|(a, b)| libm::hypot(a, b));
    let ratio = sd_paired.zip(sd_unpaired).filter(|(_, unpaired)| *unpaired > 0.0).map(|(paired, unpaired)| paired / unpaired);
    let share_of_runs = ratio.map(|ratio| ratio * ratio);
    // From the formula above, with both sides over a^2 + b^2: 1 - share = 2 r a b / (a^2 + b^2).
    let correlation = spreads.zip(share_of_runs).filter(|((a, b), _)| *a > 0.0 && *b > 0.0).map(|((a, b), share)| {
        let both = a / b + b / a;
        ((1.0 - share) * both / 2.0).clamp(-1.0, 1.0)
    });
    Ok(PairingGain { sd_paired, sd_unpaired, correlation, share_of_runs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example() {
        // Deviations (-1, 0, 1) and (-1, 1, 0): equal spreads of 1, covariance 1/2.
        let gain = pairing_gain(&[1.0, 2.0, 3.0], &[5.0, 7.0, 6.0]).unwrap();
        assert_eq!((gain.sd_paired, gain.sd_unpaired), (Some(1.0), Some(2.0_f64.sqrt())));
        assert!((gain.correlation.unwrap() - 0.5).abs() < 1e-12 && (gain.share_of_runs.unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn perfect_pairing_needs_no_more_runs_and_opposite_arms_twice_as_many() {
        let reference = [0.3, -1.0, 2.0, 0.7];
        let gain = |variant: [f64; 4]| pairing_gain(&reference, &variant).unwrap();
        let same = gain(reference.map(|x| x + 10.0));
        assert!(same.share_of_runs.unwrap() < 1e-15 && (same.correlation.unwrap() - 1.0).abs() < 1e-12);
        let opposite = gain(reference.map(|x| -x));
        assert!((opposite.share_of_runs.unwrap() - 2.0).abs() < 1e-12 && (opposite.correlation.unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_answer_is_none() {
        let nothing = PairingGain { sd_paired: None, sd_unpaired: None, correlation: None, share_of_runs: None };
        assert_eq!(pairing_gain(&[1.0], &[2.0]), Ok(nothing));
        let flat = pairing_gain(&[1.0, 1.0], &[2.0, 3.0]).unwrap();
        assert_eq!((flat.correlation, flat.share_of_runs), (None, Some(1.0)));
        assert_eq!(pairing_gain(&[1.0, 1.0], &[2.0, 2.0]).unwrap().share_of_runs, None);
        assert!(pairing_gain(&[1.0], &[]).is_err());
    }
}
