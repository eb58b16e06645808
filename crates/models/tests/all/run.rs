//! A run: trials in, losses out.

use ablation_models::{Context, ModelError, Run, Trial};
use pollster::block_on;

use crate::common::*;

const STEPS: &str = "train.steps=4&train.weight_decay=0.1&train.dropout=0.1";

fn trial(more: &str, remove: &[&str]) -> Trial {
    Trial { link: format!("{TRANSFORMER}&{STEPS}{more}"), remove: remove.iter().map(ToString::to_string).collect() }
}

fn losses(trials: &[Trial], steps: u64) -> Vec<Vec<u32>> {
    let mut run = Run::new(trials, &Context::default(), &device()).expect("a run");
    let losses = block_on(run.step(steps)).expect("the CPU answers");
    losses.into_iter().map(|step| step.into_iter().map(f32::to_bits).collect()).collect()
}

#[test]
fn trials_that_run_together_are_the_trials_that_run_alone() {
    let trials = [
        trial("", &[]),
        trial("&seed=5&train.learning_rate=0.02", &["position"]),
        trial("&train.weight_decay=0.5&train.schedule=constant", &["blocks.0", "blocks.1.attn.heads.2"]),
        trial("&train.clip=0&train.dropout=0", &["norm"]),
    ];
    let together = losses(&trials, 4);
    for (index, trial) in trials.iter().enumerate() {
        let alone = losses(std::slice::from_ref(trial), 4);
        assert_eq!(alone.concat(), together.iter().map(|step| step[index]).collect::<Vec<_>>(), "trial {index}");
    }
}

#[test]
fn a_run_stops_where_its_trials_stop() {
    let mut run = Run::new(&[trial("", &[])], &Context::default(), &device()).unwrap();
    let steps = [3, 3, 3].map(|steps| block_on(run.step(steps)).unwrap().len());
    assert_eq!(steps, [3, 1, 0]);
    assert_eq!(losses(&[trial("", &[])], u64::MAX).len(), 4);
}

#[test]
fn trials_that_cannot_run_are_refused_with_a_reason() {
    let refused = |trials: &[Trial]| Run::new(trials, &Context::default(), &device()).err().expect("refused");
    let error = refused(&[]);
    assert!(matches!(error, ModelError::Trials(_)) && error.to_string().contains("at least one"), "{error}");
    for other in ["&model.layers=1", "&train.batch=6", "&train.steps=5", "&data.vocabulary=6"] {
        let error = refused(&[trial("", &[]), trial("", &[]), trial(other, &[])]);
        assert!(matches!(error, ModelError::Trials(_)) && error.to_string().contains("trial 2"), "{other}: {error}");
    }
    let error = refused(&[trial("", &["unembed"])]);
    assert!(matches!(&error, ModelError::Refused { what, .. } if what.contains("unembed")), "{error}");
    let error = refused(&[trial("", &["blocks.5"])]);
    assert!(matches!(&error, ModelError::NoSite { path, .. } if path == "blocks.5"), "{error}");
}
