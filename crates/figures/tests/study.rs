//! The figures of a study as they are, to the byte; see `snapshots.rs` for how to change them.

mod common;

use ablation_figures::{
    Agreement, Approximate, Contrast, ContrastRow, CurveAxis, Estimate, ExpectedBest, Judged, Measured, Power, PowerLine, Ranked,
    Ranks, Recovery, RecoveryFigure, RecoveryRow, RecoveryRows, Role, Rule, Searched, Sensitivity, Stability, StabilityRow,
    Sweep, Trial, Untuned,
};
use common::check;

fn axis(label: &str, unit: Option<&str>) -> CurveAxis {
    CurveAxis { label: label.into(), unit: unit.map(Into::into), range: None }
}

/// A mean with an interval of about two standard errors and six seeds, reproducibly spread.
fn estimate(value: f64, spread: f64) -> Estimate {
    let seeds = [-1.1, 0.4, 1.3, -0.5, -0.2, 0.1].map(|z| value + z * spread).to_vec();
    Estimate { value, interval: Some((value - 0.9 * spread, value + 0.9 * spread)), seeds }
}

fn known(value: f64, spread: f64) -> Measured {
    Measured::Known(estimate(value, spread))
}

fn missing(reason: &str) -> Measured {
    Measured::Missing(reason.into())
}

fn row(label: &str, disruption: Measured, necessity: Measured, untuned: Option<(f64, bool)>, verdict: &str) -> ContrastRow {
    let untuned = untuned.map(|(value, untuned_misleading)| Untuned { gap: known(value, 0.012), untuned_misleading });
    let verdict = (!verdict.is_empty()).then(|| verdict.into());
    ContrastRow {
        component: label.trim_start_matches("− ").into(),
        label: label.into(),
        disruption,
        necessity,
        untuned,
        variant: None,
        approximate: Approximate::default(),
        verdict,
    }
}

fn contrast(name: &str, margin: Option<f64>, rows: Vec<ContrastRow>) -> Contrast {
    let title = "Disruption and necessity".into();
    Contrast { name: name.into(), title, axis: axis("loss", Some("nats")), higher_is_better: false, margin, rows }
}

#[test]
fn disruption_beside_necessity() {
    let rows = vec![
        row("− position", known(1.431, 0.08), known(0.009, 0.011), Some((0.084, true)), "co-adapted, not necessary"),
        row("− blocks.1.attn", known(2.214, 0.2), known(0.412, 0.035), Some((0.405, false)), "useful, overstated by ablation"),
        row("− blocks.0.mlp", known(0.31, 0.05), known(0.29, 0.04), Some((0.3, false)), "necessary"),
        row("− blocks.1.attn.heads.2", known(0.004, 0.006), known(-0.003, 0.009), None, "redundant"),
        row("gelu → relu", known(0.62, 0.1), known(-0.062, 0.012), Some((-0.04, true)), "harmful here"),
        row(
            "− weight decay",
            missing("not ablatable: acts only during training"),
            known(0.041, 0.05),
            None,
            "undetermined: about 15 seeds needed",
        ),
    ];
    check(&contrast("contrast", Some(0.0274), rows).figure());
}

#[test]
fn one_component_on_a_linear_axis() {
    let rows = vec![row("− norm", known(0.081, 0.011), known(0.052, 0.009), None, "necessary")];
    check(&contrast("contrast-one", Some(0.02), rows).figure());
}

#[test]
fn one_seed() {
    let one = |value: f64| Measured::Known(Estimate { value, interval: None, seeds: vec![value] });
    let rows = vec![
        row("− position", one(1.431), one(0.02), None, ""),
        row("− blocks.0.mlp", one(0.31), missing("no results yet"), None, ""),
    ];
    check(&contrast("contrast-seed", Some(0.0274), rows).figure());
}

#[test]
fn twelve_components_with_long_names() {
    let rows = (0..12).map(|i| {
        let k = f64::from(i);
        let label = format!("blocks.{i}.attention.heads.3.projection: linear → convolution of width {i}");
        let verdict =
            if i % 2 == 0 { "useful, overstated by ablation; recoverable, untuned gap misleading" } else { "not necessary" };
        row(&label, known(0.2 * k, 0.02 + 0.03 * k), known(0.04 * k - 0.2, 0.02), Some((0.05 * k, i % 3 == 0)), verdict)
    });
    check(&contrast("contrast-twelve", Some(0.025), rows.collect()).figure());
}

#[test]
fn contrasts_of_strange_numbers() {
    let estimate = |value, interval, seeds: &[f64]| Measured::Known(Estimate { value, interval, seeds: seeds.to_vec() });
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let rows = vec![
        row(
            "all equal",
            estimate(0.0, Some((0.0, 0.0)), &[0.0; 6]),
            estimate(0.0, Some((0.0, 0.0)), &[0.0; 6]),
            None,
            "redundant",
        ),
        row(
            "<b>broken</b> & 'quoted'",
            estimate(nan, Some((nan, nan)), &[nan]),
            estimate(0.05, Some((-inf, inf)), &[0.04, nan, inf]),
            None,
            "",
        ),
        row("two seeds", estimate(0.9, Some((-40.0, 42.0)), &[0.5, 1.3]), estimate(0.1, None, &[]), None, "undetermined"),
        row(
            "one blew up",
            estimate(1.2, Some((0.9, 1.5)), &[1.0, 1.1, 900.0]),
            estimate(0.02, Some((0.01, 0.03)), &[0.02; 5]),
            None,
            "?",
        ),
    ];
    check(&contrast("contrast-strange", Some(0.02), rows).figure());
    check(&contrast("contrast-none", None, vec![]).figure());
}

fn recoveries(values: &[(f64, f64, f64)]) -> Vec<Recovery> {
    values.iter().map(|&(share, value, spread)| Recovery { share, outcome: known(value, spread) }).collect()
}

fn recovery(name: &str, recovered: Vec<Recovery>, sham: Vec<Recovery>, short_retrain: Vec<Recovery>) -> RecoveryFigure {
    let rule = |label: &str, value| Rule { label: label.into(), value };
    let rules = vec![rule("ablated 2.91", 2.913), rule("reference 1.48", 1.482)];
    RecoveryFigure {
        name: name.into(),
        title: "Recovery of − position".into(),
        y: axis("loss", Some("nats")),
        margin: None,
        recovered,
        sham,
        short_retrain,
        rules,
    }
}

#[test]
fn recovery_with_its_controls() {
    let recovered = recoveries(&[(0.01, 1.92, 0.09), (0.05, 1.561, 0.04), (0.2, 1.51, 0.03)]);
    let sham = recoveries(&[(0.01, 1.479, 0.02), (0.05, 1.47, 0.02), (0.2, 1.462, 0.02)]);
    let short_retrain = recoveries(&[(0.01, 2.85, 0.1), (0.05, 2.31, 0.2), (0.2, 1.74, 0.06)]);
    check(&recovery("recovery", recovered, sham, short_retrain).figure());
}

#[test]
fn recovery_at_one_budget_and_with_gaps() {
    let mut recovered = recoveries(&[(0.05, 1.9, 0.1)]);
    check(&recovery("recovery-one", recovered.clone(), recoveries(&[(0.05, 1.47, 0.02)]), vec![]).figure());
    recovered.push(Recovery { share: 0.2, outcome: missing("no results yet") });
    recovered.push(Recovery { share: 0.0, outcome: known(2.9, 0.1) });
    let unbounded = Estimate { value: 1.8, interval: Some((f64::NEG_INFINITY, f64::INFINITY)), seeds: vec![1.8] };
    recovered.push(Recovery { share: 0.01, outcome: Measured::Known(unbounded) });
    let sham = recoveries(&[(0.01, 1.8, 0.0), (0.05, 1.9, 40.0), (0.1, f64::NAN, 0.1), (0.2, 1.48, 0.0)]);
    check(&recovery("recovery-gaps", recovered, sham, vec![]).figure());
}

#[test]
fn recovery_of_several_components_at_one_budget() {
    let row = |label: &str, ablated: f64, recovered: Measured, short: Measured| RecoveryRow {
        label: label.into(),
        reference: Some(1.382e-4),
        ablated: Some(ablated),
        recovered: Some(recovered),
        short_retrain: Some(short),
        sham: Some(known(0.004, 0.002)),
    };
    let unbounded = Estimate { value: 1.2, interval: Some((f64::NEG_INFINITY, f64::INFINITY)), seeds: vec![] };
    let rows = vec![
        row("− position", 5.693, known(1.802, 0.9), known(1.713, 0.05)),
        row("− blocks.{0,1}.attn", 2.91, known(0.05, 0.02), missing("runs failed")),
        row(
            "− a component with a name that is longer than a line, − another one",
            0.4,
            Measured::Known(unbounded),
            known(2.0, 0.1),
        ),
    ];
    let (name, title) = ("recovery-rows".into(), "Recovery after ablation".into());
    check(&RecoveryRows { name, title, x: axis("loss", Some("nats")), share: 0.05, margin: Some(0.042), rows }.figure());
}

fn searched(label: &str, role: Role, to: f64, speed: f64, trials: u32, falling: bool) -> Searched {
    let best = (0..trials).map(|n| to + 0.9 * libm::exp(-speed * f64::from(n))).collect();
    Searched { label: label.into(), role, best, falling }
}

fn expected(name: &str, arms: Vec<Searched>) -> ExpectedBest {
    let title = "Expected best loss of the search".into();
    ExpectedBest { name: name.into(), title, y: axis("expected best loss", Some("nats")), arms }
}

#[test]
fn searches() {
    let arms = vec![
        searched("reference", Role::Reference, 1.48, 0.5, 16, false),
        searched("− position", Role::Necessity, 1.5, 0.4, 16, false),
        searched("− blocks.1.attn", Role::Necessity, 1.7, 0.08, 16, true),
    ];
    check(&expected("expected", arms).figure());
}

#[test]
fn twelve_searches_and_one_of_one_trial() {
    let arm = |i: u32| {
        let label = format!("− blocks.{}.attn.heads.{}", i / 4, i % 4);
        searched(&label, Role::Necessity, 1.5 + 0.01 * f64::from(i), 0.4, 8, false)
    };
    let reference = searched("reference", Role::Reference, 1.48, 0.5, 8, false);
    check(&expected("expected-twelve", [reference].into_iter().chain((0..11).map(arm)).collect()).figure());
    check(&expected("expected-one", vec![searched("reference", Role::Reference, 1.48, 0.5, 1, false)]).figure());
}

/// Sixteen trials spread evenly over 1e-4 to 1e-1, best at `best`, diverging a decade above it.
fn sweep(label: &str, role: Role, best: f64, least: f64) -> Sweep {
    let trial = |i: u32| {
        let share = f64::from(i) * 0.618_034 % 1.0;
        let rate = libm::pow(10.0, -4.0 + 3.0 * share);
        let off = libm::log10(rate / best);
        let loss = least + 0.5 * off * off + 0.04 * libm::sin(f64::from(7 * i));
        Trial { rate, loss: if off > 1.1 { f64::NAN } else { loss }, diverged: off > 0.9 }
    };
    let trials: Vec<Trial> = (1..=16).map(trial).collect();
    let sound = |i: &usize| trials[*i].loss.is_finite() && !trials[*i].diverged;
    let chosen = (0..16).filter(sound).min_by(|&a, &b| trials[a].loss.total_cmp(&trials[b].loss));
    Sweep { label: label.into(), role, trials, chosen }
}

fn sensitivity(name: &str, arms: Vec<Sweep>) -> Sensitivity {
    Sensitivity {
        name: name.into(),
        title: "Sensitivity to the learning rate".into(),
        x: CurveAxis { range: Some((1e-4, 0.1)), ..axis("learning rate", None) },
        y: axis("loss", Some("nats")),
        edge: 0.1,
        ceiling: Some(2.4),
        arms,
    }
}

#[test]
fn learning_rates() {
    let arms = vec![
        sweep("reference", Role::Reference, 4e-3, 1.48),
        sweep("− norm", Role::Necessity, 6e-4, 1.55),
        sweep("− blocks.1.attention.heads.2.projection", Role::Necessity, 0.2, 1.5),
    ];
    check(&sensitivity("sensitivity", arms).figure());
}

#[test]
fn learning_rates_of_twelve_arms_and_of_none_that_works() {
    let arm = |i: u32| sweep(&format!("− blocks.{i}.mlp"), Role::Necessity, 1e-3 * f64::from(i + 1), 1.5);
    let reference = sweep("reference", Role::Reference, 4e-3, 1.48);
    check(&sensitivity("sensitivity-twelve", [reference].into_iter().chain((0..11).map(arm)).collect()).figure());
    let trials = [(1e-3, f64::NAN), (1e-2, f64::INFINITY), (0.0, 1.0), (1e-4, 7.0)];
    let trials = trials.map(|(rate, loss)| Trial { rate, loss, diverged: false }).to_vec();
    let broken = Sweep { label: "− everything & <more>".into(), role: Role::Necessity, trials, chosen: None };
    check(&sensitivity("sensitivity-none", vec![broken]).figure());
}

fn ranks(name: &str, components: Vec<Ranked>) -> Ranks {
    Ranks {
        name: name.into(),
        title: "Ranking of the components".into(),
        components,
        disruption_and_necessity: Some(Agreement { tau: 0.2, interval: Some((-0.33, 0.64)) }),
        untuned_and_necessity: Some(Agreement { tau: 0.6, interval: Some((0.2, 0.87)) }),
    }
}

fn ranked(label: &str, disruption: Option<f64>, untuned: Option<f64>, necessity: Option<f64>) -> Ranked {
    Ranked { label: label.into(), disruption, untuned, necessity }
}

#[test]
fn orders_that_differ() {
    let components = vec![
        ranked("− position", Some(1.43), Some(0.084), Some(0.009)),
        ranked("− blocks.1.attn", Some(2.21), Some(0.405), Some(0.412)),
        ranked("− blocks.0.mlp", Some(0.31), Some(0.3), Some(0.29)),
        ranked("− heads.2", Some(0.004), Some(0.01), Some(-0.003)),
        ranked("gelu → relu", Some(0.62), Some(-0.04), Some(-0.062)),
        ranked("− weight decay", None, Some(0.09), Some(0.041)),
    ];
    check(&ranks("ranks", components).figure());
}

#[test]
fn orders_of_twelve_of_one_and_of_equals() {
    let component = |i: u32| {
        let gap = |k: u32| Some(f64::from(i * k % 13) * 0.1);
        let label = format!("blocks.{}.attention.heads.{}: linear → convolution", i / 4, i % 4);
        ranked(&label, gap(5), gap(3), gap(4))
    };
    check(&ranks("ranks-twelve", (1..=12).map(component).collect()).figure());
    check(
        &Ranks {
            disruption_and_necessity: None,
            untuned_and_necessity: None,
            ..ranks("ranks-one", vec![ranked("− <norm>", Some(1.0), None, Some(0.1))])
        }
        .figure(),
    );
    let equal = |label: &str| ranked(label, Some(0.5), None, Some(f64::NAN));
    check(&ranks("ranks-equal", vec![equal("− a"), equal("− b"), ranked("− c", Some(0.7), None, Some(0.2))]).figure());
}

fn power_line(label: &str, role: Role, effect: f64, most: u32) -> PowerLine {
    // A normal approximation is enough for a picture.
    let power = |n: u32| 1.0 / (1.0 + libm::exp(-1.702 * (effect * f64::from(n).sqrt() - 1.96 - 2.0 / f64::from(n))));
    PowerLine {
        label: label.into(),
        role,
        sought: "a difference of the margin, or none".into(),
        effect,
        points: (2..=most).map(|n| (n, power(n))).collect(),
        fewest: 2,
    }
}

fn power(name: &str, lines: Vec<PowerLine>, present: Option<u32>) -> Power {
    Power { name: name.into(), title: "Power".into(), lines, target: 0.8, present, unit: "seeds".into() }
}

#[test]
fn powers() {
    let lines = vec![
        power_line("− position", Role::Necessity, 0.6, 40),
        power_line("ablated", Role::Disruption, 2.0, 40),
        power_line("gelu → relu", Role::Recovered, 0.25, 40),
    ];
    check(&power("power", lines, Some(6)).figure());
    check(&power("power-one", vec![power_line("− position", Role::Necessity, 1.1, 12)], Some(2)).figure());
    let broken = PowerLine {
        label: "− <norm>".into(),
        role: Role::Necessity,
        sought: "nothing".into(),
        effect: f64::NAN,
        points: vec![(5, f64::NAN), (8, 0.4)],
        fewest: 2,
    };
    check(&power("power-broken", vec![broken], Some(10)).figure());
}

fn judged(name: &str, word: &str) -> Option<Judged> {
    Some(Judged { name: name.into(), word: word.into() })
}

fn co_adapted() -> Option<Judged> {
    judged("co-adapted, not necessary", "co-adapted")
}

fn undetermined() -> Option<Judged> {
    judged("undetermined", "undetermined")
}

/// A row whose verdict is another with the settings of these indices, and without the units of these numbers.
fn stability_row(label: &str, [settings, units]: [usize; 2], other: Option<Judged>, others: [&[usize]; 2]) -> StabilityRow {
    let verdicts = |count: usize, others: &[usize]| -> Vec<Option<Judged>> {
        (0..count).map(|i| if others.contains(&i) { other.clone() } else { co_adapted() }).collect()
    };
    StabilityRow {
        label: label.into(),
        reported: co_adapted(),
        settings: verdicts(settings, others[0]),
        left_out: verdicts(units, others[1]),
    }
}

fn stability(name: &str, settings: &[&str], units: usize, rows: Vec<StabilityRow>) -> Stability {
    Stability {
        name: name.into(),
        title: "Stability of the verdicts".into(),
        chosen: (!settings.is_empty()).then(|| "learning rate 0.00847".into()),
        settings: settings.iter().map(|setting| setting.to_string()).collect(),
        unit: "seed".into(),
        units,
        rows,
    }
}

#[test]
fn verdicts_that_hang_on_single_choices() {
    let mut rows = vec![
        stability_row("− position", [2, 16], undetermined(), [&[], &[]]),
        stability_row("− blocks.0.mlp", [2, 16], judged("not necessary", "not necessary"), [&[1], &[]]),
        stability_row("norm pre → none", [2, 16], undetermined(), [&[0, 1], &[0, 3, 5, 8, 9, 10, 13]]),
        stability_row("− blocks.1.attn.heads.{1,2,3}", [2, 16], undetermined(), [&[], &[4]]),
    ];
    rows[2].left_out[3] = judged("needed during training", "needed in training");
    rows[3].reported = None;
    check(&stability("stability", &["learning rate 0.0116", "learning rate 0.0219"], 16, rows).figure());
}

#[test]
fn verdicts_without_other_settings_or_without_seeds_to_spare() {
    let seeds = |label: &str, others: &[usize]| stability_row(label, [0, 32], undetermined(), [&[], others]);
    let rows = vec![seeds("− blocks.0.attn.heads.0", &[31]), seeds("weight decay 0.1 → 0", &[]), seeds("− norm", &[0, 1, 2])];
    check(&stability("stability-seeds", &[], 32, rows).figure());
    let settings = |label: &str, others: &[usize]| stability_row(label, [1, 0], undetermined(), [others, &[]]);
    let rows = vec![settings("− <b>mlp</b> & all that is in it, with a name that is long", &[0]), settings("− norm", &[])];
    check(&stability("stability-settings", &["learning rate 0.0116, weight decay 0.1"], 0, rows).figure());
}

#[test]
fn verdicts_with_many_other_settings() {
    let settings: Vec<String> = (0..5).map(|i| format!("learning rate 0.0{}, weight decay 0.1", 11 + 7 * i)).collect();
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let mut rows = vec![
        stability_row("− position", [5, 16], undetermined(), [&[], &[]]),
        stability_row("norm pre → none", [5, 16], undetermined(), [&[1, 3], &[0, 3, 5, 8]]),
        stability_row("− blocks.1.attn.heads.{1,2,3}", [5, 16], judged("not necessary", "not necessary"), [&[0, 2, 3, 4], &[]]),
    ];
    rows[1].settings[4] = judged("needed during training", "needed in training");
    check(&stability("stability-many", &settings, 16, rows).figure());
}

#[test]
fn twelve_verdicts_and_none() {
    let row = |i: usize| {
        let label = format!("blocks.{i}.attention.heads.3.projection: linear → convolution of width {i}");
        stability_row(
            &label,
            [2, 7],
            undetermined(),
            [if i.is_multiple_of(3) { &[0] } else { &[] }, if i.is_multiple_of(4) { &[2, 6] } else { &[] }],
        )
    };
    let settings = ["learning rate 0.0116", "learning rate 0.0219"];
    check(&stability("stability-twelve", &settings, 7, (0..12).map(row).collect()).figure());
    check(&stability("stability-none", &[], 0, vec![]).figure());
}
