//! The figures of a study as they are, to the byte; see `snapshots.rs` for how to change them.

mod common;

use ablation_figures::{Contrast, ContrastRow, CurveAxis, Estimate, Measured, Shortcut};
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

fn row(label: &str, disruption: Measured, necessity: Measured, shortcut: Option<(f64, bool)>, verdict: &str) -> ContrastRow {
    let shortcut = shortcut.map(|(value, entangled)| Shortcut { gap: known(value, 0.012), entangled });
    let verdict = (!verdict.is_empty()).then(|| verdict.into());
    ContrastRow { label: label.into(), disruption, necessity, shortcut, verdict }
}

fn contrast(name: &str, margin: Option<f64>, rows: Vec<ContrastRow>) -> Contrast {
    let title = "Disruption and necessity".into();
    Contrast { name: name.into(), title, axis: axis("loss", Some("nats")), margin, rows }
}

#[test]
fn cutting_against_never_having() {
    let rows = vec![
        row("− position", known(1.431, 0.08), known(0.009, 0.011), Some((0.084, true)), "co-adapted, not necessary"),
        row("− blocks.1.attn", known(2.214, 0.2), known(0.412, 0.035), Some((0.405, false)), "useful, overstated by cutting"),
        row("− blocks.0.mlp", known(0.31, 0.05), known(0.29, 0.04), Some((0.3, false)), "necessary"),
        row("− blocks.1.attn.heads.2", known(0.004, 0.006), known(-0.003, 0.009), None, "redundant"),
        row("gelu → relu", known(0.62, 0.1), known(-0.062, 0.012), Some((-0.04, true)), "harmful here"),
        row(
            "− weight decay",
            missing("not applicable: acts only during training"),
            known(0.041, 0.05),
            None,
            "undetermined: 15 seeds would tell",
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
        row("− blocks.0.mlp", one(0.31), missing("not run yet"), None, ""),
    ];
    check(&contrast("contrast-seed", Some(0.0274), rows).figure());
}

#[test]
fn twelve_components_with_long_names() {
    let rows = (0..12).map(|i| {
        let k = f64::from(i);
        let label = format!("blocks.{i}.attention.heads.3.projection: linear → convolution of width {i}");
        let verdict = if i % 2 == 0 { "useful, overstated by cutting; recoverable, entangled" } else { "not necessary" };
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
