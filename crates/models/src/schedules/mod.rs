//! Learning-rate schedules, one a file: what becomes of the learning rate after the warm-up.

mod constant;
mod cosine;
mod linear;

use ablation_settings::Choice;

/// The shape of the learning rate over the steps that follow the warm-up.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Name in settings, e.g. `cosine`.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Where it is described.
    pub source: &'static str,
    /// The share of the peak learning rate, from the share of the steps after the warm-up that are done (0 to 1).
    pub factor: fn(f64) -> f64,
}

impl Schedule {
    /// Every schedule; the first one is the default.
    pub const ALL: &[Schedule] = &[Schedule::COSINE, Schedule::CONSTANT, Schedule::LINEAR];

    /// The schedule of a name.
    pub fn named(name: &str) -> Option<Self> {
        Schedule::ALL.iter().copied().find(|schedule| schedule.name == name)
    }

    /// The options of the setting `train.schedule`.
    pub(crate) fn options() -> Vec<Choice> {
        Schedule::ALL.iter().map(|schedule| Choice::new(schedule.name, schedule.label, schedule.help)).collect()
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_starts_at_the_peak_and_stays_below_it() {
        for schedule in Schedule::ALL {
            assert_eq!((schedule.factor)(0.0), 1.0, "{}", schedule.name);
            let later = (0..=100).map(|share| (schedule.factor)(f64::from(share) / 100.0));
            assert!(later.into_iter().all(|factor| (0.0..=1.0).contains(&factor)), "{}", schedule.name);
            assert_eq!(Schedule::named(schedule.name), Some(*schedule));
        }
        assert_eq!(Schedule::named("none of these"), None);
    }
}
