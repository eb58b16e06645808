//! Pruning: what goes, what the rest starts from, and that it stays gone.

use crate::common::*;
use std::collections::BTreeMap;

use ablation_models::{Bench, Context, Edits, Finished, Fleet, Lane, Models, Recipe, Replica, Weights, build, scratch};
use ablation_protocol::{EvaluationSplit, Init, Seeds, Stage, Trial};
use ablation_settings::{Settings, read_link};
use pollster::block_on;

/// The recipe of a link's model with these settings, for twelve steps.
fn recipe(more: &str) -> Recipe {
    let link = format!("{TRANSFORMER}&train.steps=12&train.warmup=0&{more}");
    let (study, corrections) = read_link(&link, &Models);
    assert_eq!(corrections, vec![], "{link}");
    assert!(build(&study.settings).is_ok());
    Recipe { clip: 0.7, ..Recipe::read(&study.settings).unwrap() }
}

fn trained(recipe: &Recipe, seed: u64, steps: usize) -> Fleet {
    advanced(fleet(&family(TRANSFORMER), &[Replica::new(seed, recipe.clone())], Edits::none(1)), steps)
}

/// The numbers of every matrix of one model, and of everything else.
fn parts(weights: &Weights) -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let matrices: Vec<String> = family(TRANSFORMER)
        .parameters()
        .into_iter()
        .filter(|parameter| parameter.decays)
        .map(|parameter| parameter.path)
        .collect();
    let (inside, outside): (Vec<_>, Vec<_>) = weights.iter().partition(|(path, _)| matrices.iter().any(|one| one == path));
    let numbers = |parts: Vec<(&str, &ablation_models::Tensor<3>)>| parts.into_iter().map(|(_, tensor)| host(tensor)).collect();
    (numbers(inside), numbers(outside))
}

fn zeros(numbers: &[f32]) -> usize {
    numbers.iter().filter(|number| **number == 0.0).count()
}

#[test]
fn a_share_of_each_matrix_goes_and_stays_gone() {
    for (optimizer, more) in [("adamw", ""), ("muon", "&train.averaging=0.9"), ("lion", ""), ("sgd", "")] {
        let recipe = recipe(&format!("train.pruned=0.8&train.optimizer={optimizer}{more}"));
        let before = trained(&recipe, 3, 6);
        assert!(
            parts(&before.weights).0.iter().all(|matrix| zeros(matrix) == 0),
            "{optimizer}: half of the steps have all weights"
        );
        let [middle, after] = [7, 12].map(|steps| trained(&recipe, 3, steps));
        for weights in [&middle.weights, &after.weights, &after.evaluated()] {
            for matrix in parts(weights).0 {
                assert_eq!(matrix.len() - zeros(&matrix), (0.2 * matrix.len() as f64).round() as usize, "{optimizer}");
            }
        }
        let places = |weights: &Weights| parts(weights).0.concat().iter().map(|number| *number == 0.0).collect::<Vec<_>>();
        assert_eq!(places(&middle.weights), places(&after.weights), "{optimizer}");
        assert_ne!(parts(&middle.weights), parts(&after.weights), "{optimizer}: the rest is trained");
        // Trained further, it stays pruned, and is not pruned again.
        let replicas = vec![Replica::new(3, recipe.continued(4, 0.01))];
        let further = Fleet::from_weights(family(TRANSFORMER), replicas, Edits::none(1), after.evaluated(), 60, &device());
        let further = advanced(further, 4);
        assert_eq!(places(&further.weights), places(&after.weights), "{optimizer}");
        assert_ne!(parts(&further.weights), parts(&after.evaluated()), "{optimizer}");
    }
}

/// Half of the steps is a training of half the steps, to the bit, with all that follows from their number.
#[test]
fn before_it_prunes_it_is_a_training_of_half_the_steps() {
    let pruned = Recipe { warmup: 4, ..recipe("train.pruned=0.5") };
    let short = Recipe { steps: 6, warmup: 2, pruning: None, ..pruned.clone() };
    assert_eq!(replica(&trained(&pruned, 3, 6).weights, 0), replica(&trained(&short, 3, 6).weights, 0));
}

/// Without a learning rate the second half shows what it began with.
#[test]
fn the_rest_starts_from_where_it_is_told_to() {
    let still = |more: &str| Recipe { learning_rate: 0.0, ..recipe(&format!("train.pruned=0.5{more}")) };
    let initial = trained(&still(""), 3, 0);
    let (first, others) = parts(&initial.weights);
    for (restart, starts_there) in [("rewind", true), ("none", true), ("fresh", false)] {
        let (matrices, outside) = parts(&trained(&still(&format!("&train.pruned_restart={restart}")), 3, 12).weights);
        assert_eq!(outside == others, starts_there, "{restart}");
        for (matrix, first) in matrices.iter().zip(&first) {
            let kept = |(after, before): (&f32, &f32)| *after == 0.0 || after == before;
            assert_eq!(matrix.iter().zip(first).all(kept), starts_there, "{restart}");
        }
    }
    // The smallest are those that went.
    let (matrices, _) = parts(&trained(&still("&train.pruned_restart=rewind"), 3, 12).weights);
    for (matrix, first) in matrices.iter().zip(&first) {
        let sizes = |goes: bool| {
            let chosen = matrix.iter().zip(first).filter(move |(after, _)| (**after == 0.0) == goes);
            chosen.map(|(_, before)| before.abs()).collect::<Vec<f32>>()
        };
        let largest = sizes(true).into_iter().fold(0.0, f32::max);
        assert!(sizes(false).into_iter().all(|size| size > largest));
    }
    // Trained weights are others than the initial ones.
    let moved =
        |restart: &str| parts(&trained(&recipe(&format!("train.pruned=0.5&train.pruned_restart={restart}")), 3, 7).weights);
    assert_ne!(moved("rewind"), moved("none"));
}

#[test]
fn a_random_choice_is_another_one_of_the_same_size() {
    let gone = |by: &str, seed: u64| {
        let fleet = trained(&recipe(&format!("train.pruned=0.5&train.pruned_by={by}")), seed, 12);
        parts(&fleet.weights).0.concat().iter().map(|number| *number == 0.0).collect::<Vec<_>>()
    };
    let (magnitude, random) = (gone("magnitude", 3), gone("random", 3));
    let count = |gone: &[bool]| gone.iter().filter(|gone| **gone).count();
    assert_eq!(count(&magnitude), count(&random));
    let both = magnitude.iter().zip(&random).filter(|(one, other)| **one && **other).count();
    let share = both as f64 / count(&random) as f64;
    assert!((0.4..0.6).contains(&share), "{share}: a half of what chance takes is among the smallest");
    assert_ne!(random, gone("random", 4));
}

#[test]
fn replicas_of_a_fleet_are_pruned_as_each_is_alone() {
    for more in ["", "&train.pruned_by=random&train.pruned_restart=fresh"] {
        let recipe = recipe(&format!("train.pruned=0.7{more}"));
        let replicas = [(3, 0.01), (14, 0.003), (15, 0.03)]
            .map(|(seed, learning_rate)| Replica::new(seed, Recipe { learning_rate, ..recipe.clone() }));
        let together = advanced(fleet(&family(TRANSFORMER), &replicas, Edits::none(3)), 12);
        for index in 0..3 {
            let alone = advanced(fleet(&family(TRANSFORMER), &replicas[index..=index], Edits::none(1)), 12);
            assert_eq!(replica(&alone.weights, 0), replica(&together.weights, index), "{index}");
        }
    }
}

fn trial(settings: &str, stages: Vec<Stage>) -> Trial {
    let settings = format!("v=1&p=repeat&train.steps=8&train.batch=4&model.layers=1&model.width=8{settings}");
    let both = vec![EvaluationSplit::Tune, EvaluationSplit::Test];
    let mut trial = scratch(&read_link(&settings, &Models).0.settings, vec![], Seeds::new(1, 1), both).unwrap();
    trial.stages.extend(stages);
    trial
}

fn lane(trials: &[Trial], origins: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Finished>, String> {
    let mut lane = Lane::new(trials, origins, &Context::default(), &device()).map_err(|error| error.to_string())?;
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    Ok(block_on(lane.finish("CPU")).expect("all steps are made"))
}

/// Fine-tuning in a further stage keeps what is pruned, and the losses before pruning are of another model.
#[test]
fn a_trial_that_goes_on_with_a_pruned_one_stays_pruned() {
    let pruned = trial("&train.pruned=0.6", vec![]);
    let origin = lane(std::slice::from_ref(&pruned), &BTreeMap::new()).unwrap().remove(0);
    assert_eq!(origin.outcome.steps_to_threshold, None);
    let origins = BTreeMap::from([(pruned.id(), origin.weights.unwrap())]);
    let further = Trial { stages: [pruned.stages.clone(), vec![Stage::next(4, Settings::default(), vec![])]].concat(), ..pruned };
    let lane = Lane::new(&[further], &origins, &Context::default(), &device()).unwrap().keeping_weights();
    let mut lane = lane;
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    let found = block_on(lane.finish("CPU")).expect("all steps are made").remove(0);
    let zeros = |file: &[u8]| {
        let tensors = safetensors::SafeTensors::deserialize(file).unwrap();
        let up = tensors.tensor("blocks.0.mlp.up.weight").unwrap();
        up.data().chunks_exact(4).map(|bytes| bytes.iter().all(|byte| byte & 0x7f == 0)).collect::<Vec<bool>>()
    };
    let [before, after] = [origins.values().next().unwrap(), &found.weights.unwrap()].map(|file| zeros(file));
    assert_eq!(before, after);
    assert_eq!(before.iter().filter(|zero| **zero).count(), (0.6 * before.len() as f64).round() as usize);
}

#[test]
fn pruning_is_the_same_in_all_stages_and_begins_from_scratch() {
    let refused = |trial: Trial| lane(&[trial], &BTreeMap::new()).unwrap_err();
    let recipe = Settings::default().with("train.pruned", 0.5);
    let message = refused(trial("", vec![Stage::next(4, recipe, vec![])]));
    assert!(message.contains("`train.pruned` of a stage is no setting of its training"), "{message}");
    let mut of_file = trial("&train.pruned=0.5", vec![]);
    of_file.stages[0].init = Init::File("0".repeat(64));
    let message = refused(of_file);
    assert!(
        message.contains("begins with the weights of a file") && message.contains("leave its settings of pruning out"),
        "{message}"
    );
}

/// Before, at and after the step at which it prunes, and while what is recovered trains.
#[test]
fn pruning_survives_a_checkpoint() {
    let link = "v=1&p=repeat&train.pruned=0.6&train.averaging=0.9&train.steps=8&train.batch=4&model.layers=1&model.width=8\
        &sandbox.recovery_steps=4&ablation.site=blocks.0.mlp&sandbox.search=none";
    for steps in [3, 4, 5, 8, 10] {
        let mut bench = Bench::new(link, &device()).expect("a valid link");
        block_on(bench.step(steps)).expect("the CPU answers");
        let checkpoint = block_on(bench.checkpoint()).expect("the CPU answers");
        let mut restored = block_on(Bench::restore(&checkpoint, &Context::default(), &device())).expect("a checkpoint of it");
        for _ in 0..2 {
            let both = [&bench, &restored].map(|bench| block_on(bench.checkpoint()).unwrap());
            assert!(both[0] == both[1], "after {steps} steps");
            for bench in [&mut bench, &mut restored] {
                block_on(bench.step(3)).expect("the CPU answers");
            }
        }
    }
}
