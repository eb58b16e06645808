//! The number of trials of a study, before anything runs.
//!
//! The trials depend on the points that the searches choose, and their number on how many points are as good as each other. So the schedule
//! is run to its end with losses that are all alike: as many points are scored again as may be, and no range is extended.

use crate::outcome::{Marks, Outcome, Outcomes};
use crate::planned::Planned;
use crate::schedule::{plan, schedule};
use crate::study::Study;
use crate::trial::Trial;

/// Trials with the purposes and the training steps that the study has at most if no range is extended. Their settings are synthetic. Two
/// purposes may turn out to share one run.
pub fn forecast(study: &Study) -> Vec<Planned> {
    let mut outcomes = Outcomes::new();
    loop {
        let ready = plan(study, &outcomes);
        if ready.is_empty() {
            return schedule(study, &outcomes).trials;
        }
        outcomes.extend(ready.into_iter().map(|planned| (planned.id, made_up(&planned.trial))));
    }
}

/// A synthetic outcome, the same for every trial.
fn made_up(trial: &Trial) -> Outcome {
    let marks = Marks { loss: Some(0.5), score: None, untrained: 3.0, constant_predictor: 2.5 };
    let marks = trial.evaluate.iter().map(|split| (*split, marks.clone())).collect();
    Outcome { trial: trial.id(), marks, diverged: false, steps_to_threshold: None, device: "none".to_string(), numerics: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{run, toy, world};
    use crate::planned::Purpose;

    #[test]
    fn the_study_turns_out_to_have_no_more_trials_and_updates_than_forecast() {
        let study = toy();
        let expected = forecast(&study);
        let known = schedule(&study, &run(&study, world(0.0))).trials;
        let updates = |trials: &[Planned]| trials.iter().map(|planned| planned.trial.updates()).sum::<u64>();
        assert!(known.len() <= expected.len() && updates(&known) <= updates(&expected));
        // Only points that are as good as each other make a difference.
        let depends = |planned: &&Planned| matches!(planned.role, Purpose::Search { .. } | Purpose::AblatedCandidate { .. });
        let fixed = |trials: &[Planned]| trials.len() - trials.iter().filter(depends).count();
        assert_eq!(fixed(&expected), fixed(&known));
    }
}
