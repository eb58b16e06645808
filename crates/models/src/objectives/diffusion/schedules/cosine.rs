//! The squared cosine of Nichol & Dhariwal (2021), <https://arxiv.org/abs/2102.09672>.

use core::f64::consts::FRAC_PI_2;

use super::AddedNoise;
use crate::entry::Entry;

pub(super) const ENTRY: Entry<AddedNoise> =
    Entry { name: "cosine", label: "cosine", help: "The signal falls along a squared cosine: slow at both ends.", value: added };

fn added(step: usize, steps: usize) -> f64 {
    let level = |step: usize| {
        let angle = (step as f64 / steps as f64 + 0.008) / 1.008 * FRAC_PI_2;
        libm::cos(angle) * libm::cos(angle)
    };
    1.0 - level(step + 1) / level(step)
}
