//! Half a cosine from the peak down to zero (Loshchilov & Hutter 2017, <https://arxiv.org/abs/1608.03983>).

use super::Schedule;
use crate::entry::Entry;

/// `(1 + cos(pi * done)) / 2`.
pub(super) const ENTRY: Entry<Schedule> = Entry {
    name: "cosine",
    label: "cosine",
    help: "Falls to zero along half a cosine (Loshchilov & Hutter 2017).",
    value: |done| 0.5 * (1.0 + libm::cos(std::f64::consts::PI * done)),
};
