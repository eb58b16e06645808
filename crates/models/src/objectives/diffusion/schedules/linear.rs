//! Noise variances from 1e-4 to 0.02 over a thousand steps, scaled to fewer (Ho, Jain & Abbeel 2020), <https://arxiv.org/abs/2006.11239>.

use super::AddedNoise;
use crate::entry::Entry;

pub(super) const ENTRY: Entry<AddedNoise> =
    Entry { name: "linear", label: "linear", help: "The noise variance of a step (beta) grows evenly.", value: added };

fn added(step: usize, steps: usize) -> f64 {
    let scale = 1000.0 / steps as f64;
    let along = if steps > 1 { step as f64 / (steps - 1) as f64 } else { 0.0 };
    scale * (1e-4 + (0.02 - 1e-4) * along)
}
