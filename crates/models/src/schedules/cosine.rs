//! Half a cosine from the peak down to zero.

use super::Schedule;

impl Schedule {
    /// `(1 + cos(pi * done)) / 2`.
    pub const COSINE: Schedule = Schedule {
        name: "cosine",
        label: "cosine",
        help: "Falls to zero along half a cosine.",
        source: "Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983",
        factor: |done| 0.5 * (1.0 + libm::cos(std::f64::consts::PI * done)),
    };
}
