//! The peak for most of the training, then a straight line down to zero: warm-up, stable, decay (Hu et al. 2024, "MiniCPM",
//! <https://arxiv.org/abs/2404.06395>; Hägele et al. 2024, <https://arxiv.org/abs/2405.18392>).

use super::Schedule;
use crate::entry::Entry;

/// Share of the steps after the warm-up that are made at the peak.
const STABLE: f64 = 0.8;

/// `1` up to `STABLE`, then `(1 - done) / (1 - STABLE)`.
pub(super) const ENTRY: Entry<Schedule> = Entry {
    name: "stable-decay",
    label: "stable, then decay",
    help: "Stays at the peak for 80 % of the steps and falls to zero along a straight line in the rest (warm-up-stable-decay, Hu et al. 2024).",
    value: |done| if done < STABLE { 1.0 } else { (1.0 - done) / (1.0 - STABLE) },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_stays_and_then_falls_to_zero() {
        let factors = [0.0, 0.5, 0.79, 0.9, 1.0].map(ENTRY.value);
        for (factor, expected) in factors.into_iter().zip([1.0, 1.0, 1.0, 0.5, 0.0]) {
            assert!((factor - expected).abs() < 1e-12, "{factors:?}");
        }
    }
}
