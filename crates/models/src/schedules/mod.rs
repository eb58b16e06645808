//! Learning-rate schedules, one per file: what becomes of the learning rate after the warm-up.

mod constant;
mod cosine;
mod linear;
mod stable;

use crate::entry::Entry;

/// The shape of the learning rate over the steps that follow the warm-up: the share of the peak learning rate, from the share of those
/// steps that are done (0 to 1).
pub type Schedule = fn(f64) -> f64;

/// Every schedule; the first one is the default.
pub const SCHEDULES: &[Entry<Schedule>] = &[cosine::ENTRY, constant::ENTRY, linear::ENTRY, stable::ENTRY];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_starts_at_the_peak_and_stays_below_it() {
        for schedule in SCHEDULES {
            assert_eq!((schedule.value)(0.0), 1.0, "{schedule:?}");
            let later = (0..=100).map(|share| (schedule.value)(f64::from(share) / 100.0));
            assert!(later.into_iter().all(|factor| (0.0..=1.0).contains(&factor)), "{schedule:?}");
        }
    }
}
