//! A lane: whoever else is in it, a trial finds what it finds alone; and what it finds is what a fleet made by hand finds.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::common::*;
use ablation_data::{Mixture, Split};
use ablation_models::{
    Activations, Asset, Context, Depth, Edits, EvaluationSet, Finished, Fleet, Lane, Model, ModelError, Models, Objective,
    Recipe, Replica, Run, Weights, build, measure, scratch, targets,
};
use ablation_protocol::{Ablation, EvaluationSplit, Init, Marks, Outcome, Seeds, Stage, Trial};
use ablation_settings::{Settings, read_link};
use pollster::block_on;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

const STEPS: &str = "train.steps=6&train.warmup=2&train.dropout=0.1&train.weight_decay=0.1";

/// A study that is sure to diverge: every step multiplies each matrix by minus nine.
const WILD: &str = "train.learning_rate=1&train.weight_decay=10&train.clip=0&train.warmup=0&train.schedule=constant";

type Origins = BTreeMap<String, Vec<u8>>;

/// What a study would ask for: the link's settings of data, model and training.
fn trial(link: &str, init: u64, data: u64) -> Trial {
    let (link, corrections) = read_link(link, &Models);
    assert_eq!(corrections, vec![]);
    scratch(&link.settings, vec![], Seeds::new(init, data), vec![EvaluationSplit::Tune, EvaluationSplit::Test]).unwrap()
}

fn set(trial: &Trial, path: &str, value: f64) -> Trial {
    Trial { settings: trial.settings.clone().with(path, value), ..trial.clone() }
}

fn ablation(site: &str, operator: &str) -> Ablation {
    Ablation::new(site, operator)
}

fn scaled(site: &str, factor: f64) -> Ablation {
    Ablation::new(site, "scale").with("factor", factor)
}

fn then(origin: &Trial, ablations: Vec<Ablation>, steps: u64, learning_rate: f64) -> Trial {
    let all = origin.stages[0].steps as f64;
    let warmup = origin.settings.number("train.warmup").unwrap() * steps as f64 / all;
    let recipe = Settings::default().with("train.learning_rate", learning_rate).with("train.warmup", warmup.round() as i64);
    let mut trial = origin.clone();
    trial.stages.push(Stage::next(steps, recipe, ablations));
    trial
}

fn lane(trials: &[Trial], origins: &Origins) -> Lane {
    Lane::new(trials, origins, &Context::default(), &device()).unwrap_or_else(|error| panic!("{error}"))
}

/// Trains and measures trials as one lane.
fn run(trials: &[Trial], origins: &Origins) -> Vec<Finished> {
    let mut lane = lane(trials, origins);
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    block_on(lane.finish("CPU")).expect("the CPU answers")
}

fn outcome(trial: &Trial, origins: &Origins) -> Outcome {
    run(std::slice::from_ref(trial), origins).remove(0).outcome
}

/// Trained references, and their weights by id.
fn origins(trials: &[Trial]) -> (Vec<Outcome>, Origins) {
    let finished = trials.iter().flat_map(|trial| run(std::slice::from_ref(trial), &Origins::new()));
    let kept = |finished: Finished| ((finished.outcome.trial.clone(), finished.weights.expect("kept")), finished.outcome);
    let (origins, outcomes) = finished.map(kept).unzip::<_, _, Vec<_>, Vec<_>>();
    (outcomes, origins.into_iter().collect())
}

fn refused(trials: &[Trial], origins: &Origins) -> ModelError {
    Lane::new(trials, origins, &Context::default(), &device()).err().expect("refused")
}

/// A trial may begin with a file: evaluated as it is, it is the trial that the file is of; ablated, it is that trial ablated.
#[test]
fn a_trial_that_begins_with_a_file_is_the_trial_that_went_before() {
    for link in [TRANSFORMER, DENOISER] {
        let origin = trial(link, 3, 4);
        let (outcomes, weights) = origins(std::slice::from_ref(&origin));
        let mut context = Context::default();
        let sha256 = context.add(Asset::Weights, weights[&origin.id()].clone());
        let begun = |steps: u64, ablations: Vec<Ablation>| {
            let stage = Stage { init: Init::File(sha256.clone()), ablations, ..Stage::scratch(steps) };
            Trial { stages: vec![stage], ..origin.clone() }
        };
        let run = |trial: &Trial| {
            let mut lane = Lane::new(std::slice::from_ref(trial), &Origins::new(), &context, &device()).unwrap();
            block_on(lane.step(u64::MAX)).unwrap();
            block_on(lane.finish("CPU")).unwrap().remove(0).outcome
        };
        assert_eq!(run(&begun(0, vec![])).marks, outcomes[0].marks);
        let ablations = vec![ablation(components(link)[0], "mean")];
        let ablated = outcome(&then(&origin, ablations.clone(), 0, 0.0), &weights);
        assert_eq!(run(&begun(0, ablations)).marks[&EvaluationSplit::Test], ablated.marks[&EvaluationSplit::Test]);
        assert_ne!(run(&begun(5, vec![])).marks, outcomes[0].marks);
        // Weights of another architecture are refused by name, as are bytes that are none.
        let wider = 2 * origin.settings.count("model.width").unwrap() as i64;
        let other = Trial { settings: origin.settings.clone().with("model.width", wider), ..begun(0, vec![]) };
        let refused = Lane::new(&[other], &Origins::new(), &context, &device()).err().unwrap().to_string();
        assert!(refused.contains(&sha256) && refused.contains("of shape"), "{refused}");
    }
}

/// The first component of each family's model that a mean makes sense for, and another.
fn components(link: &str) -> [&'static str; 2] {
    if link == TRANSFORMER { ["blocks.0.attn.heads.1", "position"] } else { ["time", "blocks.1.mlp"] }
}

fn family_of(trial: &Trial) -> Rc<Model> {
    build(&trial.settings).expect("a valid trial")
}

/// How the first stage of a trial is trained.
fn recipe(trial: &Trial) -> Recipe {
    Recipe::read(&trial.settings.clone().with("train.steps", trial.stages[0].steps as i64)).unwrap()
}

/// The reference as a fleet made by hand, trained to its end.
fn by_hand(trial: &Trial) -> Fleet {
    let replica = Replica { seeds: trial.seeds, recipe: recipe(trial) };
    let steps = replica.recipe.steps as usize;
    advanced(fleet(&family_of(trial), &[replica], Edits::none(1)), steps)
}

/// Loss and score on one evaluation set, as rounded as outcomes are.
fn marked(family: &Model, weights: &Weights, edits: &Edits, examples: EvaluationSet) -> [Option<f64>; 2] {
    let measures = block_on(measure(family, weights, edits, &[examples], Depth::Score, &device())).unwrap().remove(0);
    [0, 1].map(|index| measures[index].value.map(|value| format!("{value:.7e}").parse().unwrap()))
}

/// Law 1 for trials that share nothing but their shape: together, in pairs and in reverse they are what they are alone.
fn lane_is_solo(trials: &[Trial], origins: &Origins) {
    let alone: Vec<Finished> = trials.iter().map(|trial| run(std::slice::from_ref(trial), origins).remove(0)).collect();
    let all: Vec<usize> = (0..trials.len()).collect();
    let reversed = all.iter().rev().copied().collect();
    for members in [all, reversed, vec![2, 0], vec![1, 3, 1]] {
        let chosen: Vec<Trial> = members.iter().map(|&member| trials[member].clone()).collect();
        for (finished, &member) in run(&chosen, origins).iter().zip(&members) {
            assert_eq!(*finished, alone[member], "trial {member} in {members:?}");
        }
    }
}

#[test]
fn a_training_in_any_lane_is_the_training_alone() {
    for link in FAMILIES {
        let base = trial(&format!("{link}&{STEPS}"), 1, 1);
        let trials = [
            base.clone(),
            set(&Trial { seeds: Seeds::new(7, 3), ..base.clone() }, "train.learning_rate", 0.03),
            set(&set(&base, "train.dropout", 0.0), "train.clip", 0.0),
            Trial { seeds: Seeds::new(2, 1), ..base.clone() },
        ];
        lane_is_solo(&trials, &Origins::new());
        let without = trials.map(|trial| Trial { remove: vec![components(link)[0].into()], ..trial });
        lane_is_solo(&without, &Origins::new());
    }
}

#[test]
fn a_continuation_in_any_lane_is_the_continuation_alone() {
    for link in FAMILIES {
        let first = trial(&format!("{link}&{STEPS}"), 1, 1);
        let second = trial(&format!("{link}&{STEPS}&train.learning_rate=0.02"), 5, 6);
        let (_, origins) = origins(&[first.clone(), second.clone()]);
        let [one, other] = components(link);
        for steps in [0, 3] {
            let trials = [
                then(&first, vec![ablation(one, "mean")], steps, 0.01),
                then(&first, vec![], steps, 0.01),
                then(&second, vec![ablation(one, "mean"), scaled(other, 0.5)], steps, 0.03),
                then(&second, vec![ablation("blocks.0", "skip")], steps, 0.001),
                then(&second, vec![ablation(other, "noise").with("sigma", 0.7)], steps, 0.03),
            ];
            lane_is_solo(&trials, &origins);
        }
    }
}

#[test]
fn how_many_steps_are_asked_for_at_a_time_changes_nothing() {
    let trials = [trial(&format!("{TRANSFORMER}&{STEPS}"), 1, 1), trial(&format!("{TRANSFORMER}&{STEPS}"), 2, 2)];
    let mut lane = lane(&trials, &Origins::new());
    assert_eq!((lane.progress().done, lane.progress().total, lane.progress().losses), (0, 6, vec![None, None]));
    let mut seen = Vec::new();
    while seen.last() != Some(&6) {
        let progress = block_on(lane.step(if seen.is_empty() { 1 } else { 2 })).unwrap();
        assert!(progress.total == 6 && progress.losses.iter().all(Option::is_some));
        seen.push(progress.done);
    }
    assert_eq!(seen, [1, 3, 5, 6]);
    assert_eq!(block_on(lane.finish("CPU")).unwrap(), run(&trials, &Origins::new()));
}

#[test]
fn a_lane_is_not_measured_before_its_end() {
    let mut lane = lane(&[trial(&format!("{TRANSFORMER}&{STEPS}"), 1, 1)], &Origins::new());
    block_on(lane.step(2)).unwrap();
    let error = block_on(lane.finish("CPU")).expect_err("four steps are left");
    assert!(error.to_string().contains("2 of 6 steps"), "{error}");
}

#[test]
fn an_outcome_is_what_a_fleet_made_by_hand_finds() {
    for link in FAMILIES {
        let trial = trial(&format!("{link}&{STEPS}"), 3, 4);
        let family = family_of(&trial);
        let trained = by_hand(&trial);
        let start = Weights::draw(&family.parameters(), &[3], &device());
        let found = outcome(&trial, &Origins::new());
        assert_eq!((&found.trial, found.diverged, &*found.device), (&trial.id(), false, "CPU"));
        for split in [EvaluationSplit::Tune, EvaluationSplit::Test] {
            let examples = EvaluationSet::of_pair(split, 4);
            let Marks { loss, score, untrained, .. } = found.marks[&split];
            assert_eq!([loss, score], marked(&family, &trained.weights, &Edits::none(1), examples), "{link} {split:?}");
            assert_eq!(Some(untrained), marked(&family, &start, &Edits::none(1), examples)[0]);
            assert!(untrained > loss.unwrap() && score.is_some());
        }
        let constant_predictor = family.measure(&EvaluationSet::shared(), &[vec![], vec![]])[0].constant.unwrap();
        assert!((found.marks[&EvaluationSplit::Test].constant_predictor - constant_predictor).abs() < 1e-7 * constant_predictor);
    }
}

#[test]
fn the_loss_on_an_evaluation_set_is_the_loss_of_its_examples() {
    // The same through the loss that models are trained on: held-out sequences of the pair's own data.
    let trial = trial(&format!("{TRANSFORMER}&{STEPS}"), 3, 4);
    let trained = by_hand(&trial);
    for (evaluated, split) in [(EvaluationSplit::Tune, Split::Tune), (EvaluationSplit::Test, Split::Test)] {
        let draw = ablation_models::Draw { seeds: &[4], mixture: &Mixture::default(), split, first: 0, count: 4096 / 7 };
        let batch = family_of(&trial).batch(&draw, &device());
        let (loss, _) = gradients(&family_of(&trial), &trained.weights, &Edits::none(1), &batch);
        let found = outcome(&trial, &Origins::new()).marks[&evaluated].loss.unwrap();
        assert!((found - f64::from(loss[0])).abs() < 1e-5, "{found} {loss:?}");
    }
}

#[test]
fn going_on_from_saved_weights_is_going_on_in_memory() {
    for link in FAMILIES {
        let origin = trial(&format!("{link}&{STEPS}"), 3, 4);
        let (_, origins) = origins(std::slice::from_ref(&origin));
        let (family, trained) = (family_of(&origin), by_hand(&origin));
        let component = site(&family, components(link)[0]);
        let reference = family.reference(1, &device());
        let seen =
            captured(&family, &trained.weights, &Edits::none(1), &reference, &[&component.path]).remove(&component.path).unwrap();
        let outputs = Activations { values: host(&seen), positions: family.positions(), channels: seen.dims()[2] };
        let mut mean = Edits::none(1);
        mean.set(0, &component.path, edit_of(&component, &ablation(&component.path, "mean"), Some(&outputs)));
        for (ablations, edits) in [(vec![ablation(&component.path, "mean")], mean), (vec![], Edits::none(1))] {
            // Half the updates, so half the warm-up; a fresh optimiser; examples from where the origin stopped.
            let recipe = Recipe { steps: 3, warmup: 1, learning_rate: 0.02, ..recipe(&origin) };
            let replica = Replica { seeds: origin.seeds, recipe };
            let fleet =
                Fleet::from_weights(family.clone(), vec![replica], edits.clone(), trained.weights.clone(), 6 * 5, &device());
            let further = advanced(fleet, 3);
            let found = outcome(&then(&origin, ablations, 3, 0.02), &origins);
            for split in [EvaluationSplit::Tune, EvaluationSplit::Test] {
                let Marks { loss, score, .. } = found.marks[&split];
                assert_eq!([loss, score], marked(&family, &further.weights, &edits, EvaluationSet::of_pair(split, 4)), "{link}");
            }
        }
    }
}

#[test]
fn weights_survive_being_saved_to_the_bit() {
    for link in FAMILIES {
        let trial = trial(&format!("{link}&{STEPS}"), 3, 4);
        let saved = run(std::slice::from_ref(&trial), &Origins::new()).remove(0).weights.unwrap();
        let file = safetensors::SafeTensors::deserialize(&saved).unwrap();
        let trained = by_hand(&trial);
        assert_eq!(file.names().len(), trained.weights.iter().count());
        for (path, tensor) in trained.weights.iter() {
            let view = file.tensor(path).unwrap();
            let stored: Vec<u32> = view.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
            assert_eq!((stored, view.shape()), (bits(tensor), &tensor.dims()[..]), "{path}");
        }
    }
}

#[test]
fn only_what_another_trial_may_go_on_with_is_kept() {
    let origin = trial(&format!("{TRANSFORMER}&{STEPS}"), 1, 1);
    let (_, origins) = origins(std::slice::from_ref(&origin));
    let tuning = Trial { evaluate: vec![EvaluationSplit::Tune], ..origin.clone() };
    let finished = run(&[tuning], &origins).remove(0);
    assert_eq!((finished.weights, finished.outcome.marks.len()), (None, 1));
    assert_eq!(run(&[then(&origin, vec![], 1, 0.01)], &origins)[0].weights, None);
}

#[test]
fn a_sham_that_is_not_trained_is_its_reference() {
    for link in FAMILIES {
        let origin = trial(&format!("{link}&{STEPS}"), 3, 4);
        let (references, origins) = origins(std::slice::from_ref(&origin));
        let sham = then(&origin, vec![], 0, 0.0);
        let mut lane = lane(std::slice::from_ref(&sham), &origins);
        assert_eq!((lane.progress().done, lane.progress().total), (0, 0));
        block_on(lane.step(5)).unwrap();
        let found = block_on(lane.finish("CPU")).unwrap().remove(0).outcome;
        assert_eq!(found, Outcome { trial: sham.id(), ..references[0].clone() });
    }
}

#[test]
fn an_ablation_is_a_forward_pass_with_that_edit() {
    for link in FAMILIES {
        let origin = trial(&format!("{link}&{STEPS}"), 3, 4);
        let (references, origins) = origins(std::slice::from_ref(&origin));
        let (family, trained) = (family_of(&origin), by_hand(&origin));
        let sites = family.sites();
        for site in sites.iter().filter(|site| !site.ablations.is_empty()) {
            let ablations = [ablation(&site.path, "zero"), ablation(&site.path, "skip"), scaled(&site.path, -0.5)];
            for ablation in ablations.into_iter().filter(|ablation| site.grade(&ablation.operator).allowed()) {
                let mut edits = Edits::none(1);
                for target in targets(&sites, &site.path) {
                    edits.set(0, &target.path, edit_of(target, &ablation, None));
                }
                let found = outcome(&then(&origin, vec![ablation.clone()], 0, 0.0), &origins);
                let marks = &found.marks[&EvaluationSplit::Test];
                let expected = marked(&family, &trained.weights, &edits, EvaluationSet::of_pair(EvaluationSplit::Test, 4));
                assert_eq!([marks.loss, marks.score], expected, "{ablation:?}");
                assert_ne!(marks.loss, references[0].marks[&EvaluationSplit::Test].loss, "{ablation:?}");
                let [before, after] = [&references[0].marks[&EvaluationSplit::Test], marks]
                    .map(|marks| (marks.untrained, marks.constant_predictor));
                assert_eq!(before, after, "untrained is the model that was not trained, not the one that was ablated");
            }
        }
    }
}

#[test]
fn ablations_of_several_components_are_made_together() {
    let origin = trial(&format!("{TRANSFORMER}&{STEPS}"), 3, 4);
    let (_, origins) = origins(std::slice::from_ref(&origin));
    let (family, trained) = (family_of(&origin), by_hand(&origin));
    let reference = family.reference(1, &device());
    // Means are those of the unablated model: the second ablation does not see the first.
    let paths = ["blocks.0.mlp", "blocks.1.mlp"];
    let seen = captured(&family, &trained.weights, &Edits::none(1), &reference, &paths);
    let mut edits = Edits::none(1);
    for path in paths {
        let outputs = Activations { values: host(&seen[path]), positions: 7, channels: 12 };
        edits.set(0, path, edit_of(&site(&family, path), &ablation(path, "position_mean"), Some(&outputs)));
    }
    let ablations = paths.map(|path| ablation(path, "position_mean")).to_vec();
    let marks = &outcome(&then(&origin, ablations, 0, 0.0), &origins).marks[&EvaluationSplit::Tune];
    assert_eq!(
        [marks.loss, marks.score],
        marked(&family, &trained.weights, &edits, EvaluationSet::of_pair(EvaluationSplit::Tune, 4))
    );
}

#[test]
fn a_model_without_a_component_is_trained_as_elsewhere() {
    for link in FAMILIES {
        let [component, _] = components(link);
        let trial = Trial { remove: vec![component.into()], ..trial(&format!("{link}&{STEPS}"), 3, 3) };
        let elsewhere = ablation_models::Trial { link: format!("{link}&{STEPS}&seed=3"), remove: vec![component.into()] };
        let mut elsewhere = Run::new(&[elsewhere], &Context::default(), &device()).unwrap();
        let losses = block_on(elsewhere.step(6)).unwrap();
        let mut lane = lane(std::slice::from_ref(&trial), &Origins::new());
        assert_eq!(block_on(lane.step(6)).unwrap().losses, [Some(losses[5][0])]);
        let found = block_on(lane.finish("CPU")).unwrap().remove(0).outcome;
        let family = family_of(&trial);
        let examples = EvaluationSet::of_pair(EvaluationSplit::Test, 3);
        let (weights, edits) = (&elsewhere.fleet().weights, elsewhere.fleet().edits());
        assert_eq!(found.marks[&EvaluationSplit::Test].loss, marked(&family, weights, edits, examples)[0]);
        let start = Weights::draw(&family.parameters(), &[3], &device());
        let untrained = marked(&family, &start, edits, examples)[0];
        assert_eq!(
            Some(found.marks[&EvaluationSplit::Test].untrained),
            untrained,
            "the untrained model lacks the component as well"
        );
    }
}

/// Whole batches that differ may still share all but one of their examples. Of sequences this long none comes up twice by chance.
#[test]
fn training_tuning_and_test_are_drawn_apart() {
    for link in ["v=1&p=repeat&data.length=32&data.vocabulary=26", "v=1&p=modular-addition", "v=1&p=two-moons", "v=1&p=glyphs"] {
        let family = family(link);
        let draw = |split, data| {
            input_values(&family.batch(
                &ablation_models::Draw { seeds: &[data], mixture: &Mixture::default(), split, first: 0, count: 50 },
                &device(),
            ))
        };
        let drawn =
            [(Split::Train, 1), (Split::Tune, 1), (Split::Test, 1), (Split::Test, 2)].map(|(split, data)| draw(split, data));
        let finite = family.data().train_share().is_some();
        for (index, one) in drawn.iter().enumerate() {
            let examples = |batch: &[f32]| -> Vec<Vec<u32>> {
                let example = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect();
                batch.chunks_exact(batch.len() / 50).map(example).collect()
            };
            let one = examples(one);
            for (other_index, other) in drawn[..index].iter().enumerate() {
                let other = examples(other);
                // Of finitely many examples a split draws the same more than once, so the test splits of two seeds may share some.
                if finite && (other_index, index) == (2, 3) {
                    assert_ne!(one, other, "{link}");
                    continue;
                }
                assert!(one.iter().all(|example| !other.contains(example)), "{link}: {other_index} and {index}");
            }
        }
        assert_ne!(EvaluationSet::of_pair(EvaluationSplit::Tune, 1), EvaluationSet::of_pair(EvaluationSplit::Test, 1));
    }
}

#[test]
fn pairs_are_tested_on_data_of_their_own_and_arms_on_that_of_their_pair() {
    for link in FAMILIES {
        let base = trial(&format!("{link}&{STEPS}&train.learning_rate=0.000001"), 1, 1);
        let found = |init, data| outcome(&Trial { seeds: Seeds::new(init, data), ..base.clone() }, &Origins::new());
        let (pair, other_pair, aa_control) = (found(1, 1), found(1, 2), found(2, 1));
        assert_ne!(pair.marks[&EvaluationSplit::Tune], pair.marks[&EvaluationSplit::Test]);
        for split in [EvaluationSplit::Tune, EvaluationSplit::Test] {
            let untrained = |outcome: &Outcome| outcome.marks[&split].untrained;
            assert_ne!(untrained(&pair), untrained(&other_pair), "the same start on other data");
            assert_ne!(untrained(&pair), untrained(&aa_control), "another start on the same data");
        }
    }
}

#[test]
fn an_aa_control_reads_the_batches_of_its_pair_from_another_start() {
    for link in FAMILIES {
        let read = Rc::new(std::cell::RefCell::new(Vec::new()));
        let log = read.clone();
        let make = move |objective: &dyn Objective, draw: &ablation_models::Draw, device: &ablation_models::Device| {
            log.borrow_mut().push(draw.seeds.to_vec());
            objective.batch(draw, device)
        };
        let fed = fed(family(link), make);
        let replica = |init| Replica { seeds: Seeds::new(init, 5), recipe: plain(0.01) };
        let start = fleet(&fed, &[replica(1), replica(2)], Edits::none(2));
        assert_ne!(replica_of(&start, 0), replica_of(&start, 1));
        let one_seed = fleet(&fed, &[Replica::new(1, plain(0.01))], Edits::none(1));
        assert_eq!(replica_of(&start, 0), replica_of(&one_seed, 0), "data has no say in the start");
        advanced(start, 2);
        assert_eq!(*read.borrow(), [[5, 5], [5, 5]]);
    }
}

fn replica_of(fleet: &Fleet, index: usize) -> BTreeMap<String, Vec<u32>> {
    replica(&fleet.weights, index)
}

#[test]
fn what_diverges_says_so_and_leaves_its_neighbours_alone() {
    for link in FAMILIES {
        let healthy = trial(&format!("{link}&train.steps=80"), 1, 1);
        let wild = trial(&format!("{link}&train.steps=80&{WILD}"), 1, 1);
        let finished = run(&[healthy.clone(), wild.clone(), healthy.clone()], &Origins::new());
        let alone = run(&[healthy], &Origins::new());
        assert_eq!((&finished[0], &finished[2]), (&alone[0], &alone[0]), "{link}");
        let Outcome { diverged, marks, trial, .. } = &finished[1].outcome;
        assert_eq!((*diverged, trial), (true, &wild.id()));
        for (split, marks) in marks {
            assert_eq!((marks.loss, marks.score), (None, None));
            assert_eq!(marks.untrained, alone[0].outcome.marks[split].untrained, "it began where its neighbour began");
            assert_eq!(marks.scored(), marks.untrained);
        }
        serde_json::to_string(&finished[1].outcome).expect("an outcome is JSON");
        // It can be gone on with: that diverges as well, and is no error.
        let origins = Origins::from([(wild.id(), finished[1].weights.clone().unwrap())]);
        let [component, _] = components(link);
        let found = outcome(&then(&wild, vec![ablation(component, "mean")], 1, 0.01), &origins);
        assert!(found.diverged && found.marks[&EvaluationSplit::Test].loss.is_none());
    }
}

#[test]
fn a_large_learning_rate_is_no_reason_to_panic() {
    for link in FAMILIES {
        let large = format!("{link}&train.steps=12&train.learning_rate=1&train.clip=0&train.warmup=0");
        let found = outcome(&trial(&large, 1, 1), &Origins::new());
        assert!(found.diverged || found.marks[&EvaluationSplit::Tune].loss.is_some());
    }
}

#[test]
fn weights_that_are_missing_or_broken_are_named_with_the_trial_that_makes_them() {
    let origin = trial(&format!("{TRANSFORMER}&{STEPS}"), 1, 1);
    let (_, whole) = origins(std::slice::from_ref(&origin));
    let sham = then(&origin, vec![], 1, 0.01);
    let bytes = &whole[&origin.id()];
    let denoiser = trial(&format!("{DENOISER}&{STEPS}"), 1, 1);
    let (_, other) = origins(std::slice::from_ref(&denoiser));
    let files = [None, Some(vec![]), Some(bytes[..bytes.len() - 1].to_vec()), Some(other[&denoiser.id()].clone())];
    for file in files {
        let origins = file.map(|file| (origin.id(), file)).into_iter().collect();
        let error = refused(std::slice::from_ref(&sham), &origins);
        assert!(
            matches!(&error, ModelError::NoOrigin { trial, origin: named, .. } if (trial, named) == (&sham.id(), &origin.id()))
        );
        assert!(error.code() == "no-origin" && error.to_string().contains(&origin.id()), "{error}");
    }
}

#[test]
fn weights_that_were_swapped_or_changed_are_refused() {
    let [one, other] = [1, 2].map(|seed| trial(&format!("{TRANSFORMER}&{STEPS}"), seed, 1));
    let (_, kept) = origins(&[one.clone(), other.clone()]);
    let sham = then(&one, vec![], 1, 0.01);
    let own = &kept[&one.id()];
    let refused_with = |file: Vec<u8>| refused(std::slice::from_ref(&sham), &Origins::from([(one.id(), file)])).to_string();

    let error = refused_with(kept[&other.id()].clone());
    assert!(error.contains(&format!("weights of trial {}", other.id())), "{error}");

    let mut flipped = own.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let error = refused_with(flipped);
    assert!(error.contains("checksum"), "{error}");

    // A file without a checksum, as an earlier version wrote it, is read; what is no number in it is not.
    let file = SafeTensors::deserialize(own).unwrap();
    let bare = |change: &dyn Fn(&mut [u8])| {
        let mut tensors: Vec<_> =
            file.tensors().into_iter().map(|(name, view)| (name, view.shape().to_vec(), view.data().to_vec())).collect();
        change(&mut tensors[0].2);
        let views = tensors.iter().map(|(name, shape, data)| (name, TensorView::new(Dtype::F32, shape.clone(), data).unwrap()));
        safetensors::serialize(views, None).unwrap()
    };
    assert_eq!(
        outcome(&sham, &Origins::from([(one.id(), bare(&|_| ()))])),
        outcome(&sham, &Origins::from([(one.id(), own.clone())]))
    );
    // Weights of a model with one more block hold all that a model with fewer needs, and are still another's.
    let larger = trial(&format!("{TRANSFORMER}&{STEPS}&model.layers=3"), 1, 1);
    let (_, others) = origins(std::slice::from_ref(&larger));
    let file_of_larger = SafeTensors::deserialize(&others[&larger.id()]).unwrap();
    let views = file_of_larger.tensors();
    let error = refused_with(safetensors::serialize(views, None).unwrap());
    assert!(error.contains("they are of another model: this one has no parameter `blocks."), "{error}");
    let error = refused_with(bare(&|data| data[..4].copy_from_slice(&f32::NAN.to_le_bytes())));
    assert!(error.contains("holds NaN, although its training did not diverge"), "{error}");
}

#[test]
fn hostile_trials_are_errors_that_name_the_trial_or_the_component() {
    let base = trial(&format!("{TRANSFORMER}&{STEPS}"), 1, 1);
    let (_, origins) = origins(std::slice::from_ref(&base));
    let without = |path: &str| -> Settings {
        base.settings.iter().filter(|(other, _)| *other != path).map(|(path, value)| (path, value.clone())).collect()
    };
    let set =
        |path: &str, value: ablation_settings::Value| Trial { settings: base.settings.clone().with(path, value), ..base.clone() };
    let ablating = |ablations: &[Ablation]| then(&base, ablations.to_vec(), 1, 0.01);
    let recipe = |path: &str, value: ablation_settings::Value| {
        let stage = Stage { recipe: Settings::default().with(path, value), ..Stage::scratch(1) };
        Trial { stages: vec![stage], ..base.clone() }
    };
    let skip = ablation("blocks.0", "skip");
    let cases = [
        (Trial { settings: without("train.batch"), ..base.clone() }, "`train.batch` is missing"),
        (Trial { settings: without("data.kind"), ..base.clone() }, "`data.kind` is missing"),
        (Trial { settings: Settings::default(), ..base.clone() }, "is missing"),
        (set("model.heads", "5".into()), "`model.heads` cannot be `5`"),
        (set("model.width", i64::MAX.into()), "`model.width` cannot be"),
        (set("train.learning_rate", f64::NAN.into()), "`train.learning_rate` cannot be"),
        (set("model.depth", 3.into()), "`model.depth`"),
        (Trial { remove: vec!["blocks.7".into()], ..base.clone() }, "no component `blocks.7`"),
        (Trial { remove: vec!["unembed".into()], ..base.clone() }, "training without `unembed` is refused"),
        (Trial { evaluate: vec![], ..base.clone() }, "evaluated on nothing"),
        (ablating(&[ablation("blocks.9.mlp", "zero")]), "no component `blocks.9.mlp`"),
        (ablating(&[ablation("unembed", "mean")]), "ablation `mean` of `unembed` is refused"),
        (ablating(&[scaled("position", f64::NAN)]), "its factor is NaN"),
        (ablating(&[skip.clone(), ablation("blocks.0.mlp", "zero")]), "`blocks.0.mlp` was ablated already"),
        (then(&base, vec![], 1, f64::NAN), "`train.learning_rate` of a stage is NaN"),
        (then(&base, vec![], 1, -1.0), "`train.learning_rate` of a stage is -1"),
        (recipe("train.batch", 1_000_000_000_000_i64.into()), "`train.batch` cannot be `1000000000000`"),
        (recipe("train.batch", 2.5.into()), "`train.batch` cannot be `2.5`"),
        (recipe("train.batch", 0.into()), "`train.batch` cannot be `0`"),
        (recipe("train.dropout", 1.0.into()), "`train.dropout` cannot be `1`: Dropout goes from 0 to 0.9"),
        (recipe("train.warmup", 1.5.into()), "`train.warmup` cannot be `1.5`"),
        (recipe("train.clip", f64::INFINITY.into()), "`train.clip` cannot be `inf`"),
        (recipe("train.schedule", 3.into()), "`train.schedule` cannot be `3`"),
        (recipe("train.optimizer", "adagrad".into()), "`train.optimizer` cannot be `adagrad`"),
        (recipe("train.optimizer", "sgd".into()), "`train.momentum` is missing"),
        (recipe("train.momentum", 0.5.into()), "no setting `train.momentum`"),
        (then(&Trial { remove: vec!["blocks.0".into()], ..base.clone() }, vec![skip], 1, 0.01), "was left out from the start"),
    ];
    let staged = |stages: Vec<Stage>| Trial { stages, ..base.clone() };
    let first = Stage::scratch(6);
    let elsewhere = Stage { init: Init::File("0".repeat(64)), ..first.clone() };
    let missing = format!("the weights file {} cannot be used: it is not here", "0".repeat(64));
    let other_data = Stage { recipe: Settings::default().with("data.length", 9), ..first.clone() };
    let ablated = Stage { ablations: vec![ablation("position", "zero")], ..first.clone() };
    let staged_cases = [
        (staged(vec![]), "it has no stage"),
        (staged(vec![Stage::next(6, Settings::default(), vec![])]), "its first stage begins from scratch"),
        (staged(vec![first.clone(), first]), "every other from the one before"),
        (staged(vec![elsewhere]), missing.as_str()),
        (staged(vec![other_data]), "`data.length` of a stage is no setting of its training"),
        (staged(vec![ablated]), "ablates a model that is not trained yet"),
        (set("train.steps", 6.into()), "each stage has its own number of steps"),
        (set("train.label", 6.into()), "there is no setting `train.label` for this data and model"),
    ];
    for (trial, expected) in cases.into_iter().chain(staged_cases) {
        let error = refused(std::slice::from_ref(&trial), &origins).to_string();
        assert!(error.contains(expected), "{error} where `{expected}` is expected");
    }
    assert!(refused(&[], &origins).to_string().contains("at least one"));
    let longer = Trial { stages: vec![Stage::scratch(7)], ..base.clone() };
    let error = refused(&[base.clone(), longer.clone()], &origins);
    assert!(error.to_string().contains(&longer.id()) && error.code() == "bad-study", "{error}");
}
