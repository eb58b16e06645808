//! Figures as they are, to the byte. After a change that is meant: `UPDATE_EXPECT=1 cargo test -p ablation-figures`, then look
//! at the pictures in `tests/expected` before committing them.

mod common;

use ablation_figures::{Cloud, Curve, CurveAxis, Example, Heatmap, Map, Role, Rule, Scatter, Series, Tokens};
use common::check;

fn axis(label: &str, unit: Option<&str>, range: Option<(f64, f64)>) -> CurveAxis {
    CurveAxis { label: label.into(), unit: unit.map(Into::into), range }
}

/// A falling loss with a little reproducible roughness.
fn falling(role: Role, label: &str, from: f64, to: f64, speed: f64, steps: std::ops::RangeInclusive<u32>) -> Series {
    let start = f64::from(*steps.start());
    let point = |step: u32| {
        let t = f64::from(step) - start;
        let rough = 0.03 * libm::sin(0.37 * t + speed) + 0.02 * libm::sin(1.13 * t);
        (f64::from(step), to + (from - to) * libm::exp(-speed * t / 100.0) + rough * libm::exp(-t / 900.0))
    };
    Series { label: label.into(), role, points: steps.step_by(5).map(point).collect() }
}

fn curve(name: &str, series: Vec<Series>) -> Curve {
    Curve {
        name: name.into(),
        title: "Loss".into(),
        x: axis("step", None, Some((0.0, 800.0))),
        y: axis("loss", Some("nats"), Some((0.0, 2.8))),
        series,
        rule: Some(Rule { label: "constant predictor 2.40".into(), value: 2.398 }),
    }
}

#[test]
fn one_arm() {
    check(&curve("curve-one", vec![falling(Role::Reference, "reference", 2.45, 0.42, 0.9, 0..=800)]).figure());
}

#[test]
fn every_arm_with_ends_close_together() {
    let series = vec![
        falling(Role::Reference, "reference", 2.45, 0.42, 0.9, 0..=800),
        falling(Role::Disruption, "− blocks.1.attn.heads.2", 2.3, 1.85, 0.1, 0..=800),
        falling(Role::Recovered, "ablated, then fine-tuned", 1.85, 0.5, 1.1, 0..=800),
        falling(Role::Sham, "sham", 0.6, 0.4, 0.5, 0..=800),
        falling(Role::Necessity, "retrained without", 2.45, 0.47, 0.7, 0..=800),
    ];
    check(&curve("curve-arms", series).figure());
}

#[test]
fn a_curve_that_is_still_growing_and_one_that_blew_up() {
    let mut diverged = falling(Role::Disruption, "− norm", 2.4, 2.0, 0.5, 0..=400);
    for (_, value) in &mut diverged.points[40..44] {
        *value = f64::NAN;
    }
    for (_, value) in &mut diverged.points[60..70] {
        *value = 40.0;
    }
    let retrained = falling(Role::Necessity, "retrained without", 2.45, 0.5, 0.8, 0..=350);
    check(&curve("curve-growing", vec![diverged, retrained]).figure());
}

#[test]
fn a_curve_that_scales_itself() {
    let points = vec![(0.0, 0.21), (100.0, 0.55), (200.0, 0.83), (300.0, 0.97)];
    let series = vec![Series { label: "gelu → relu".into(), role: Role::Necessity, points }];
    let (x, y) = (axis("training step", None, None), axis("accuracy", None, None));
    check(&Curve { x, y, rule: None, ..curve("curve-own", series) }.figure());
}

fn split(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

fn example(input: &str, truth: &str, prediction: &str) -> Example {
    let scored = (0..input.len()).map(|i| i >= input.len() / 2).collect();
    Example { input: split(input), truth: split(truth), prediction: split(prediction), scored }
}

fn tokens(name: &str, examples: Vec<Example>) -> Tokens {
    Tokens { name: name.into(), title: "Predictions".into(), examples }
}

#[test]
fn predictions_some_of_them_wrong() {
    let examples = vec![
        example("hgbacdefhgbacdef", "gbacdefhgbacdefh", "aaaaaaafgbacdefh"),
        example("cafebabecafebabe", "afebabecafebabec", "aaaaaaabafecabab"),
        example("deadbeefdeadbeef", "eadbeefdeadbeefd", "aaaaaaaaaaaaaaaa"),
    ];
    check(&tokens("tokens", examples).figure());
}

#[test]
fn a_sample_of_the_data_with_longer_tokens() {
    let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
    let mut scored = vec![false; 12];
    scored[10] = true;
    let first = Example {
        input: words("17 + 25 mod 31 = ? & <b> · · ·"),
        truth: words("· · · · · · · · · · 11 ·"),
        prediction: vec![],
        scored,
    };
    check(&tokens("tokens-data", vec![first]).figure());
}

#[test]
fn long_sequences() {
    let text = "thequickbrownfoxjumpsoverthelazydog".repeat(2);
    check(&tokens("tokens-long", vec![example(&text, &text.replace('o', "a"), &text.replace('e', "i"))]).figure());
}

/// A causal map: softmax over the past of a score for each distance.
fn map(label: &str, size: usize, score: impl Fn(usize, usize) -> f64) -> Map {
    let mut weights = vec![0.0; size * size];
    for query in 0..size {
        let row: Vec<f64> = (0..=query).map(|key| libm::exp(score(query, key))).collect();
        let sum: f64 = row.iter().sum();
        for (key, weight) in row.iter().enumerate() {
            weights[query * size + key] = (weight / sum) as f32;
        }
    }
    Map { label: label.into(), weights, ablated: false }
}

#[test]
fn attention_with_one_head_ablated() {
    let n = 16;
    let peak = |at: bool, height: f64| if at { height } else { 0.0 };
    let block = |i: usize| {
        vec![
            map("head 0", n, |q, k| peak(q == k + 1, 5.0)),
            map("head 1", n, |q, k| peak(q >= 8 && k + 7 == q, 4.0 + i as f64)),
            Map { ablated: i == 1, ..map("head 2", n, |q, k| -0.5 * (q - k) as f64) },
            map("head 3", n, |q, k| 1.2 * libm::sin((7 * q + 3 * k + i) as f64)),
        ]
    };
    let figure =
        Heatmap { name: "heatmap".into(), title: "Attention".into(), size: n, blocks: vec![block(0), block(1)] }.figure();
    assert!(figure.svg.len() < 15_000, "{}", figure.svg.len());
    check(&figure);
}

#[test]
fn attention_of_a_single_head() {
    let blocks = vec![vec![map("head 0", 6, |q, k| -(q as f64 - k as f64))]];
    check(&Heatmap { name: "heatmap-single".into(), title: "Attention".into(), size: 6, blocks }.figure());
}

/// Two rings of points, the inner one shifted, with low-discrepancy angles.
fn rings(count: u32, noise: f64, shift: f64) -> Vec<(f64, f64)> {
    let fraction = |v: f64| v - libm::floor(v);
    (0..count)
        .map(|i| {
            let angle = std::f64::consts::TAU * fraction(f64::from(i) * 0.618_034 + shift);
            let radius = if i % 2 == 0 { 1.6 } else { 0.7 } + noise * (fraction(f64::from(i) * 0.754_878) - 0.5);
            (radius * libm::cos(angle) + shift, radius * libm::sin(angle))
        })
        .collect()
}

fn scatter(name: &str, samples: Option<Cloud>) -> Scatter {
    Scatter { name: name.into(), title: "Samples".into(), range: (-2.5, 2.5), data: rings(256, 0.15, 0.0), samples }
}

#[test]
fn samples_over_data() {
    for (name, label, role, noise, shift) in [
        ("scatter-reference", "reference", Role::Reference, 0.3, 0.05),
        ("scatter-ablated", "− time", Role::Disruption, 2.2, 0.6),
        ("scatter-recovered", "ablated, then fine-tuned", Role::Recovered, 0.4, 0.05),
        ("scatter-retrained", "retrained without", Role::Necessity, 0.6, 0.05),
        ("scatter-sham", "sham", Role::Sham, 0.3, 0.05),
    ] {
        let figure = scatter(name, Some(Cloud { label: label.into(), role, points: rings(256, noise, shift) })).figure();
        assert!(figure.svg.len() < 12_000, "{name}: {}", figure.svg.len());
        check(&figure);
    }
}

#[test]
fn data_alone() {
    check(&scatter("scatter-data", None).figure());
}
