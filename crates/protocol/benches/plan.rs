//! Milliseconds to plan a study of twenty thousand trials: from nothing, and after one more outcome.
//!
//! `cargo bench -p ablation-protocol --features simulate`

use ablation_protocol::made_up::{run, six, six_world};
use ablation_protocol::{Design, Outcomes, Planner, Purpose, Study, schedule};
use divan::Bencher;

/// The made-up study with so many repetitions and seeds that it takes about twenty thousand trials.
fn study() -> Study {
    let six = six();
    Study { design: Design { searches: 8, seeds: 19, trials: 16, ..six.design }, ..six }
}

/// The study and every outcome of it.
fn finished() -> (Study, Outcomes) {
    let study = study();
    let outcomes = run(&study, six_world);
    assert!(schedule(&study, &outcomes).trials.len() >= 20_000);
    (study, outcomes)
}

/// Once a run: every trial is made and hashed.
#[divan::bench(sample_count = 10)]
fn from_nothing(bencher: Bencher) {
    let (study, outcomes) = finished();
    bencher.with_inputs(|| outcomes.clone()).bench_local_values(|outcomes| Planner::new(&study, outcomes));
}

/// After a training: its outcome is added and what is ready is asked for.
#[divan::bench]
fn after_a_training(bencher: Bencher) {
    after(bencher, |role| matches!(role, Purpose::Untuned { .. }));
}

/// After the last point of a search, which makes more trials known.
#[divan::bench(sample_count = 20)]
fn after_a_search(bencher: Bencher) {
    after(bencher, |role| matches!(role, Purpose::Search { .. }));
}

fn after(bencher: Bencher, is_last: impl Fn(&Purpose) -> bool) {
    let (study, mut outcomes) = finished();
    let trials = schedule(&study, &outcomes).trials;
    let last = trials.iter().find(|planned| is_last(&planned.role)).expect("the study has such a trial");
    let last = outcomes.remove(&last.id).expect("every trial has an outcome");
    let planner = Planner::new(&study, outcomes);
    bencher.with_inputs(|| planner.clone()).bench_local_refs(|planner| {
        planner.insert(last.clone());
        planner.ready().count()
    });
}

fn main() {
    divan::main();
}
