//! What a study will take, before anything is known.
//!
//! Which trials follow depends on what the searches choose, so nobody can list them beforehand; but how many there are does not, unless a
//! search ends at an edge. So the schedule is run to its end in a world in which the best point always lies in the middle.

use crate::outcome::{Marks, Outcome, Outcomes};
use crate::planned::Planned;
use crate::schedule::{plan, schedule};
use crate::study::Study;
use crate::trial::Trial;

/// As many trials, with the same roles and the same number of updates, as the study will have if no range is widened. Their settings are
/// made up. Two roles may turn out to ask for one training, so this is the most.
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

/// An outcome that is the better the nearer to the middle of every range.
fn made_up(study: &Study, trial: &Trial) -> Outcome {
    let distance = study.space.iter().filter_map(|dimension| {
        let value = trial.settings.number(&dimension.path).ok()?;
        Some((dimension.share(value) - 0.5) * (dimension.share(value) - 0.5))
    });
    let loss = 0.5 + distance.sum::<f64>() / (1 + study.space.len()) as f64;
    let marks = Marks { loss: Some(loss), score: None, untrained: 3.0, trivial: 2.5 };
    let marks = trial.exams.iter().map(|exam| (*exam, marks.clone())).collect();
    Outcome { trial: trial.id(), marks, diverged: false, device: "none".to_string() }
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
