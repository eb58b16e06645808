//! Running trials again: which, and whether they found the same.
//!
//! An invented outcome is found when its trial is run again, with a probability that grows with the number of trials; so which they are must
//! not be known beforehand. Nor may a student draw anew until the trials suit: nothing that a student can
//! change without another study, such as an answer or a prediction, is part of the draw.

use std::collections::BTreeSet;

use ablation_protocol::{Marks, Outcome, Planned};
use ablation_report::Engine;
use ablation_settings::canonical::{hash_text, short};

/// So many of these trials, each once. A trial's place in the draw is the SHA-256 of the secret, the student and its id.
pub(crate) fn chosen(trials: Vec<Planned>, secret: &str, student: &str, count: usize) -> Vec<Planned> {
    let mut seen = BTreeSet::new();
    let mut trials: Vec<Planned> = trials.into_iter().filter(|planned| seen.insert(planned.id.clone())).collect();
    trials.sort_by_cached_key(|planned| hash_text(&format!("ablation-rerun/v2\n{secret}\n{student}\n{}", planned.id)));
    trials.truncate(count);
    trials
}

/// The trials that were drawn, after they were run again.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// How many were asked for. The record may have fewer.
    pub asked: u32,
    /// What became of each.
    pub trials: Vec<Again>,
}

/// A trial that was run again.
#[derive(Clone, Debug, PartialEq)]
pub struct Again {
    /// Its id.
    pub id: String,
    /// What it is for, in words.
    pub what: String,
    /// What it found this time, or why it could not be run.
    pub outcome: Result<Outcome, String>,
}

/// How two outcomes of one trial compare.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// Every digit that a record holds is the same.
    Identical,
    /// Losses and scores differ by no more than the tolerance.
    Within {
        /// The largest difference.
        off: f64,
        /// Whether the record names another engine than the one that ran the trial here.
        elsewhere: bool,
    },
    /// They do not agree; a sentence.
    Differs(String),
}

/// Compares what a record says a trial found with what it found here. Digit by digit where both were computed by the same arithmetic on the same
/// kind of device, and within a tolerance else. All CPUs give the same digits; what has others is told apart and still within the tolerance.
pub fn agreement(stored: &Outcome, here: &Outcome, tolerance: f64) -> Agreement {
    let elsewhere = Engine::of(stored) != Engine::of(here);
    if !elsewhere && digits(stored) == digits(here) {
        return Agreement::Identical;
    }
    if stored.diverged != here.diverged {
        let say = |diverged| if diverged { "diverged" } else { "did not diverge" };
        return Agreement::Differs(format!("it {} in the record and {} here", say(stored.diverged), say(here.diverged)));
    }
    let mut largest: f64 = 0.0;
    for (split, marks) in &here.marks {
        let Some(claimed) = stored.marks.get(split) else {
            return Agreement::Differs("it was not measured on the same data".to_string());
        };
        for (name, claimed, found) in [
            ("loss", claimed.loss, marks.loss),
            ("score", claimed.score, marks.score),
            ("loss of the untrained model", Some(claimed.untrained), Some(marks.untrained)),
            ("loss of the constant predictor", Some(claimed.constant_predictor), Some(marks.constant_predictor)),
        ] {
            let off = match (claimed, found) {
                (None, None) => 0.0,
                (Some(claimed), Some(found)) => (claimed - found).abs(),
                _ => f64::INFINITY,
            };
            if off > tolerance {
                let say = |value: Option<f64>| value.map_or("no number".to_string(), |value| short(value).to_string());
                return Agreement::Differs(format!("its {name} is {} in the record and {} here", say(claimed), say(found)));
            }
            largest = largest.max(off);
        }
    }
    Agreement::Within { off: largest, elsewhere }
}

/// What a record holds of an outcome.
fn digits(outcome: &Outcome) -> (bool, Option<u64>, Vec<[Option<f64>; 4]>) {
    let of = |marks: &Marks| {
        [marks.loss, marks.score, Some(marks.untrained), Some(marks.constant_predictor)].map(|number| number.map(short))
    };
    (outcome.diverged, outcome.steps_to_threshold, outcome.marks.values().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::{assignment, outcomes};

    #[test]
    fn each_student_has_a_draw() {
        let study = assignment().study_of("ada").unwrap();
        let trials = ablation_protocol::schedule(&study, &outcomes(&study)).trials;
        let drawn = |secret, student| -> Vec<String> {
            chosen(trials.clone(), secret, student, 5).into_iter().map(|planned| planned.id).collect()
        };
        assert_eq!(drawn("a", "ada"), drawn("a", "ada"));
        assert_ne!(drawn("a", "ada"), drawn("a", "bob"));
        assert_ne!(drawn("a", "ada"), drawn("b", "ada"));
    }
}
