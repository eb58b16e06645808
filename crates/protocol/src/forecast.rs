//! The number of trials of a study, before anything runs.
//!
//! The trials depend on the points that the searches choose, but their number does not, unless a search ends at an edge. So the schedule is
//! run to its end with synthetic losses whose minimum lies in the middle of every range.

use crate::outcome::{Marks, Outcome, Outcomes};
use crate::planned::Planned;
use crate::schedule::{plan, schedule};
use crate::study::Study;
use crate::trial::Trial;

/// Trials with the purposes and the training steps that the study will have if no range is extended. Their settings are synthetic. Two
/// purposes may turn out to share one run, so this is an upper bound.
pub fn forecast(study: &Study) -> Vec<Planned> {
    let mut outcomes = Outcomes::new();
    loop {
        let ready = plan(study, &outcomes);
        if ready.is_empty() {
            return schedule(study, &outcomes).trials;
        }
        outcomes.extend(ready.into_iter().map(|planned| (planned.id, made_up(study, &planned.trial))));
    }
}

/// A synthetic outcome: the loss falls towards the middle of every range.
fn made_up(study: &Study, trial: &Trial) -> Outcome {
    let distance = study.space.iter().filter_map(|dimension| {
        let value = trial.settings.number(&dimension.path).ok()?;
        Some((dimension.share(value) - 0.5) * (dimension.share(value) - 0.5))
    });
    let loss = 0.5 + distance.sum::<f64>() / (1 + study.space.len()) as f64;
    let marks = Marks { loss: Some(loss), score: None, untrained: 3.0, constant_predictor: 2.5 };
    let marks = trial.evaluate.iter().map(|split| (*split, marks.clone())).collect();
    Outcome { trial: trial.id(), marks, diverged: false, device: "none".to_string(), numerics: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::toy;
    use crate::made_up::{run, world};

    #[test]
    fn it_has_as_many_trials_and_updates_as_the_study_turns_out_to_have() {
        let study = toy();
        let expected = forecast(&study);
        let known = schedule(&study, &run(&study, world(0.0))).trials;
        let updates = |trials: &[Planned]| trials.iter().map(|planned| planned.trial.updates()).sum::<u64>();
        assert_eq!((expected.len(), updates(&expected)), (known.len(), updates(&known)));
    }
}
