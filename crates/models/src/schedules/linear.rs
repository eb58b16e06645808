//! A straight line from the peak down to zero (Devlin et al. 2019, <https://arxiv.org/abs/1810.04805>; Defazio et al. 2023,
//! <https://arxiv.org/abs/2310.07831>).

use super::Schedule;
use crate::entry::Entry;

/// `1 - done`.
pub(super) const ENTRY: Entry<Schedule> = Entry {
    name: "linear",
    label: "linear",
    help: "Falls to zero along a straight line (Devlin et al. 2019).",
    value: |done| 1.0 - done,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_falls_by_the_same_amount_in_every_step() {
        let factors = [0.0, 0.25, 0.5, 0.75, 1.0].map(ENTRY.value);
        assert_eq!(factors, [1.0, 0.75, 0.5, 0.25, 0.0]);
    }
}
