//! Milliseconds per training step, natively: the shapes of the browser benchmark, and fleets of 1, 8 and 32.
//!
//! `cargo bench -p ablation-models`; quicker to build, and nearly as fast: `cargo bench --profile dev -p ablation-models`.

use ablation_models::{Context, Run, Trial, cpu};
use divan::Bencher;
use divan::counter::ItemsCount;

/// Batch, positions, width, blocks of the transformers.
const SHAPES: [(usize, usize, usize, usize); 3] = [(8, 16, 32, 2), (32, 32, 64, 2), (16, 64, 128, 4)];

fn transformer((batch, length, width, layers): (usize, usize, usize, usize)) -> String {
    format!(
        "v=1&p=repeat&ablation.site=none&train.steps=20000&data.vocabulary=32&data.length={length}&model.width={width}\
         &model.layers={layers}&model.heads=4&train.batch={batch}"
    )
}

const POINTS: &str = "v=1&p=two-moons&ablation.site=none&train.steps=20000&model.width=128&model.layers=1&train.batch=512";

/// A fleet of `replicas` seeds of one study.
fn run(link: &str, replicas: u64) -> Run {
    let trial = |seed: u64| Trial { link: format!("{link}&seed={seed}"), remove: Vec::new() };
    Run::new(&(0..replicas).map(trial).collect::<Vec<_>>(), &Context::default(), &cpu()).expect("the benchmark's study is valid")
}

fn step(run: &mut Run) {
    pollster::block_on(run.step(1)).expect("the CPU answers");
}

#[divan::bench(args = SHAPES)]
fn transformer_step(bencher: Bencher, shape: (usize, usize, usize, usize)) {
    let mut run = run(&transformer(shape), 1);
    bencher.bench_local(|| step(&mut run));
}

/// With a mask on every branch.
#[divan::bench(args = SHAPES)]
fn transformer_step_with_dropout(bencher: Bencher, shape: (usize, usize, usize, usize)) {
    let mut run = run(&format!("{}&train.dropout=0.1", transformer(shape)), 1);
    bencher.bench_local(|| step(&mut run));
}

#[divan::bench]
fn denoiser_step(bencher: Bencher) {
    let mut run = run(POINTS, 1);
    bencher.bench_local(|| step(&mut run));
}

/// Items a second are steps of single replicas: where they fall, fleets no longer fit the cache (`src/pack.rs`).
#[divan::bench(args = fleets())]
fn fleet_step(bencher: Bencher, (shape, replicas): &((usize, usize, usize, usize), u64)) {
    let mut run = run(&transformer(*shape), *replicas);
    bencher.counter(ItemsCount::new(*replicas)).bench_local(|| step(&mut run));
}

/// The same of the denoiser that the page starts with.
#[divan::bench(args = [1, 2, 4, 8])]
fn denoiser_fleet_step(bencher: Bencher, replicas: u64) {
    let mut run = run("v=1&p=two-moons&ablation.site=none&train.steps=20000", replicas);
    bencher.counter(ItemsCount::new(replicas)).bench_local(|| step(&mut run));
}

fn fleets() -> Vec<((usize, usize, usize, usize), u64)> {
    let shapes = [SHAPES[0], (32, 16, 32, 2), SHAPES[1]];
    shapes.into_iter().flat_map(|shape| [1, 2, 4, 8, 16].map(|replicas| (shape, replicas))).collect()
}

fn main() {
    divan::main();
}
