//! Milliseconds a training step, natively: the shapes of the browser benchmark, and fleets of 1, 8 and 32.
//!
//! `cargo bench -p ablation-models`; quicker to build, and nearly as fast: `cargo bench --profile dev -p ablation-models`.

use ablation_models::{Run, Trial, cpu};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// Batch, positions, width, blocks of the transformers.
const SHAPES: [(usize, usize, usize, usize); 3] = [(8, 16, 32, 2), (32, 32, 64, 2), (16, 64, 128, 4)];

fn transformer((batch, length, width, layers): (usize, usize, usize, usize)) -> String {
    format!(
        "v=1&p=repeat&cut.site=none&train.steps=20000&task.vocabulary=32&task.length={length}&model.width={width}\
         &model.layers={layers}&model.heads=4&train.batch={batch}"
    )
}

const POINTS: &str = "v=1&p=two-moons&cut.site=none&train.steps=20000&model.width=128&model.layers=1&train.batch=512";

/// A fleet of `replicas` seeds of one study.
fn run(link: &str, replicas: u64) -> Run {
    let trial = |seed: u64| Trial { link: format!("{link}&seed={seed}"), remove: Vec::new() };
    Run::new(&(0..replicas).map(trial).collect::<Vec<_>>(), &cpu()).expect("the benchmark's study is valid")
}

fn step(run: &mut Run) {
    pollster::block_on(run.step(1)).expect("the CPU answers");
}

fn shapes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    for shape in SHAPES {
        let mut run = run(&transformer(shape), 1);
        group.bench_function(BenchmarkId::new("transformer", format!("{shape:?}")), |bencher| bencher.iter(|| step(&mut run)));
    }
    let mut run = run(POINTS, 1);
    group.bench_function(BenchmarkId::new("denoiser", "(512, 128, 1)"), |bencher| bencher.iter(|| step(&mut run)));
}

fn fleets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fleet");
    for replicas in [1, 8, 32] {
        let mut run = run(&transformer(SHAPES[0]), replicas);
        group.throughput(criterion::Throughput::Elements(replicas));
        group.bench_function(BenchmarkId::from_parameter(replicas), |bencher| bencher.iter(|| step(&mut run)));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(4)).without_plots();
    targets = shapes, fleets
}
criterion_main!(benches);
