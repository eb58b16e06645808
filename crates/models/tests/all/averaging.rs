//! The moving average of the weights: what it is, and that it stands for the trained model wherever one is looked at.

use std::collections::BTreeMap;

use crate::common::*;
use ablation_models::{Bench, Context, Depth, Edits, EvaluationSet, Fleet, Lane, Models, Recipe, Replica, Weights, scratch};
use ablation_protocol::{EvaluationSplit, Seeds, Stage, Trial};
use ablation_settings::{Settings, read_link};
use pollster::block_on;

fn recipe(averaging: f64) -> Recipe {
    Recipe { averaging, ..plain(0.02) }
}

/// The weights after every step, and the fleet.
fn steps(recipe: Recipe, count: usize) -> (Vec<Weights>, Fleet) {
    let family = family(TRANSFORMER);
    let mut fleet = fleet(&family, &[Replica::new(3, recipe)], Edits::none(1));
    let mut seen = Vec::new();
    for _ in 0..count {
        fleet.advance();
        seen.push(fleet.weights.clone());
    }
    (seen, fleet)
}

/// The mean of the weights of all steps, each weighed `b` to the power of its age; the initial weights are not among them.
#[test]
fn the_average_is_that_of_the_steps_and_holds_nothing_of_the_initial_weights() {
    const DECAY: f64 = 0.8;
    let (seen, fleet) = steps(recipe(DECAY), 6);
    let weights: Vec<f64> = (0..6).map(|step| DECAY.powi(5 - step)).collect();
    let total: f64 = weights.iter().sum();
    let values: Vec<Vec<f32>> = seen.iter().map(|weights| host(weights.trained())).collect();
    let mean = |index: usize| {
        let sum: f64 = values.iter().zip(&weights).map(|(step, weight)| f64::from(step[index]) * weight).sum();
        (sum / total) as f32
    };
    let expected: Vec<f32> = (0..values[0].len()).map(mean).collect();
    assert!(distance(&host(fleet.evaluated().trained()), &expected) < 1e-6);
    let (one, fleet) = steps(recipe(0.99), 1);
    assert_eq!(replica(&fleet.evaluated(), 0), replica(&one[0], 0), "after one step it is that step");
}

#[test]
fn averaging_changes_nothing_of_the_training_and_everything_of_what_is_measured() {
    let ((plain, last), (averaged, average)) = (steps(recipe(0.0), 5), steps(recipe(0.9), 5));
    assert_eq!(replica(&plain[4], 0), replica(&averaged[4], 0));
    assert_eq!(replica(&last.evaluated(), 0), replica(&plain[4], 0));
    let measured = |fleet: &Fleet| block_on(fleet.measure(&[EvaluationSet::shared()], Depth::Loss)).unwrap();
    assert_ne!(measured(&last), measured(&average));
}

#[test]
fn a_fleet_in_which_some_average_is_its_replicas_alone() {
    let family = family(TRANSFORMER);
    let replicas = [(3, 0.0), (14, 0.9), (15, 0.5)].map(|(seed, decay)| Replica::new(seed, recipe(decay)));
    let together = advanced(fleet(&family, &replicas, Edits::none(3)), 5);
    for index in 0..3 {
        let alone = advanced(fleet(&family, &replicas[index..=index], Edits::none(1)), 5);
        assert_eq!(replica(&alone.evaluated(), 0), replica(&together.evaluated(), index), "{index}");
        assert_eq!(replica(&alone.weights, 0), replica(&together.weights, index), "{index}");
    }
}

/// A bench that is restored goes on as if nothing had happened; what is shown of it is the average.
#[test]
fn the_average_survives_a_checkpoint() {
    let link = "v=1&p=repeat&train.averaging=0.9&train.steps=12&train.batch=4&model.layers=1&model.width=8&sandbox.recovery_steps=4\
        &ablation.site=blocks.0.mlp&sandbox.search=none";
    let mut bench = Bench::new(link, &device()).expect("a valid link");
    block_on(bench.step(14)).expect("the CPU answers");
    let checkpoint = block_on(bench.checkpoint()).expect("the CPU answers");
    let mut restored = block_on(Bench::restore(&checkpoint, &Context::default(), &device())).expect("a checkpoint of it");
    for _ in 0..2 {
        assert_eq!(block_on(bench.checkpoint()).unwrap(), block_on(restored.checkpoint()).unwrap());
        for bench in [&mut bench, &mut restored] {
            block_on(bench.step(3)).expect("the CPU answers");
        }
    }
    let plain = link.replace("&train.averaging=0.9", "");
    let mut plain = Bench::new(&plain, &device()).expect("a valid link");
    block_on(plain.step(14)).expect("the CPU answers");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("/average/");
    assert!(text(&checkpoint) && !text(&block_on(plain.checkpoint()).unwrap()));
}

fn finished(trials: &[Trial], origins: &BTreeMap<String, Vec<u8>>) -> Vec<ablation_models::Finished> {
    let mut lane = Lane::new(trials, origins, &Context::default(), &device()).expect("trials of one shape");
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    block_on(lane.finish("CPU")).expect("all steps are made")
}

/// Trials go on with the average: nothing is trained further, and the loss is that of the origin.
#[test]
fn what_goes_on_with_a_trial_begins_with_its_average() {
    let link =
        |decay: f64| format!("v=1&p=repeat&train.averaging={decay}&train.steps=8&train.batch=4&model.layers=1&model.width=8");
    let both = vec![EvaluationSplit::Tune, EvaluationSplit::Test];
    let trial = |decay: f64, seed: u64| {
        let settings = read_link(&link(decay), &Models).0.settings;
        scratch(&settings, vec![], Seeds::new(seed, seed), both.clone()).unwrap()
    };
    let trials = [trial(0.8, 1), trial(0.0, 1), trial(0.8, 2)];
    let together = finished(&trials, &BTreeMap::new());
    for (index, trial) in trials.iter().enumerate() {
        let alone = finished(std::slice::from_ref(trial), &BTreeMap::new()).remove(0);
        assert_eq!(alone, together[index], "trial {index}");
    }
    assert_ne!(together[0].outcome.marks, together[1].outcome.marks);
    let origins = trials.iter().zip(&together).map(|(trial, found)| (trial.id(), found.weights.clone().unwrap())).collect();
    let further = Trial {
        stages: [trials[0].stages.clone(), vec![Stage::next(0, Settings::default(), vec![])]].concat(),
        ..trials[0].clone()
    };
    let found = finished(&[further], &origins).remove(0);
    assert_eq!(found.outcome.marks, together[0].outcome.marks, "the average was saved and evaluated again");
}
