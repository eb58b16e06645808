//! Loss after ablation and recovery fine-tuning against the number of fine-tuning steps, beside two controls.
//!
//! Recovery alone does not show much: the reference may gain from the same fine-tuning (the sham), and a model without the component may
//! learn as fast from scratch (short retraining). The figure draws all three on the same axes. [`RecoveryRows`] is for a single number of steps.

mod rows;

pub use rows::{RecoveryRow, RecoveryRows};

use ablation_settings::arrange;

use crate::axis::{Range, Tick, fitting, ticks};
use crate::number::{coordinate, number, to_margin};
use crate::plot::{End, HEIGHT, LABELS, Plot, WIDTH, lines};
use crate::svg::{Element, document, point};
use crate::theme::MUTED;
use crate::{CurveAxis, Figure, Measured, Role, Rule, Table};

/// Name of the horizontal axis.
const BUDGET: &str = "fine-tuning steps, % of the reference's";
/// Horizontal distance of the arms at one budget.
const DODGE: f64 = 3.5;

/// Recovery of one component.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryFigure {
    /// Name within its panel, such as `recovery`.
    pub name: String,
    /// Caption and accessible name, with the name of the component.
    pub title: String,
    /// The measured quantity; give all components of a study the same range. `None` holds every mean and every line, and intervals
    /// as far as they leave these legible.
    pub y: CurveAxis,
    /// The margin, to which numbers are written.
    pub margin: Option<f64>,
    /// H: ablated, then fine-tuned.
    pub recovered: Vec<Recovery>,
    /// S: fine-tuned for as long, not ablated.
    pub sham: Vec<Recovery>,
    /// Z: retrained without the component, for only as many steps.
    pub short_retrain: Vec<Recovery>,
    /// Horizontal lines, such as the losses `ablated` and `reference`.
    pub rules: Vec<Rule>,
}

/// The outcome of one budget.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// Fine-tuning steps as a fraction of the training steps of the reference, such as 0.05. A logarithmic axis has no zero: give it as a rule.
    pub share: f64,
    /// Its loss or score.
    pub outcome: Measured,
}

impl Recovery {
    /// Where it is on the axis: the logarithm of the budget in percent.
    fn position(&self) -> Option<f64> {
        (self.share.is_finite() && self.share > 0.0).then(|| libm::log10(100.0 * self.share))
    }
}

impl RecoveryFigure {
    /// Draws it.
    pub fn figure(&self) -> Figure {
        let (x, y) = (self.x_range(), self.y_range());
        let y_ticks = ticks(y, 5, false);
        let plot = Plot::new(x, y, &y_ticks, HEIGHT, LABELS);
        let mut x_ticks: Vec<Tick> =
            self.budgets().iter().map(|b| Tick { value: libm::log10(100.0 * b), label: percent(*b) }).collect();
        x_ticks = fitting(x_ticks, |v| plot.x.at(v));
        let mut body = Element::group();
        let height = plot.frame(&mut body, (BUDGET, &self.y.with_unit()), &x_ticks, &y_ticks);
        let mut ends = vec![];
        for rule in self.rules.iter().filter(|r| y.contains(r.value)) {
            let (right, y) = (plot.x.to, plot.y.at(rule.value));
            let line = Element::line(plot.x.from, y, right, y).set("stroke", MUTED.paint());
            body.add(line.set("stroke-dasharray", "1.5 2.5"));
            ends.push(End::new(None, rule.label.as_str(), (right, y)));
        }
        for (i, (role, label, recoveries)) in self.arms().into_iter().enumerate() {
            let shift = DODGE * (i as f64 - 1.0);
            ends.extend(draw_arm(&mut body, &plot, role, recoveries, shift).map(|at| End::new(Some(role), label, at)));
        }
        plot.draw_ends(&mut body, &ends);
        let description = self.describe(y);
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, height, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    /// Role, name and values of each arm, from left to right at one budget.
    fn arms(&self) -> [(Role, &'static str, &[Recovery]); 3] {
        [
            (Role::Recovered, "ablated, then fine-tuned", self.recovered.as_slice()),
            (Role::Necessity, "short retraining", &self.short_retrain),
            (Role::Sham, "sham", &self.sham),
        ]
    }

    fn all(&self) -> impl Iterator<Item = &Recovery> {
        self.arms().into_iter().flat_map(|(_, _, recoveries)| recoveries)
    }

    /// Every budget once, in order.
    fn budgets(&self) -> Vec<f64> {
        let mut budgets: Vec<f64> = self.all().filter(|r| r.position().is_some()).map(|r| r.share).collect();
        budgets.sort_by(f64::total_cmp);
        budgets.dedup();
        budgets
    }

    /// The last budget stands at the right edge, where the labels are; the first keeps clear of the axis.
    fn x_range(&self) -> Range {
        let range = Range::of(self.all().filter_map(Recovery::position));
        let room = 0.12 * (range.maximum - range.minimum);
        Range { minimum: range.minimum - room, ..range }
    }

    fn y_range(&self) -> Range {
        if let Some((a, b)) = self.y.range {
            return Range::new(a, b);
        }
        let known = || self.all().filter_map(|r| r.outcome.get().ok());
        let means = Range::of(known().map(|e| e.value).chain(self.rules.iter().map(|r| r.value)));
        let span = means.maximum - means.minimum;
        let ends = known().filter_map(|e| e.ends()).flat_map(|(a, b)| [a, b]);
        let ends = ends.map(|v| v.clamp(means.minimum - span, means.maximum + span));
        // Not down to zero: the arms differ by much less than the loss.
        let Range { minimum, maximum } = Range::of(ends.chain([means.minimum, means.maximum]));
        let room = 0.07 * (maximum - minimum);
        Range { minimum: minimum - room, maximum: maximum + room }
    }

    fn describe(&self, y: Range) -> String {
        let mut text = vec![format!("{} against {BUDGET}, on a logarithmic axis.", self.y.with_unit())];
        text.push(
            "Short retraining: from scratch without the component, for as many steps. Sham: fine-tuned for as many steps, not ablated."
                .into(),
        );
        for (role, label, recoveries) in self.arms() {
            let values: Vec<String> = recoveries
                .iter()
                .map(|r| match (r.position(), r.outcome.get()) {
                    (None, _) => format!("{} of the steps is not on the axis", number(r.share)),
                    (_, Ok(estimate)) => {
                        format!("{} at {} %", estimate.in_words(self.y.unit.as_deref(), self.margin), percent(r.share))
                    }
                    (_, Err(reason)) => format!("not measured at {} % ({reason})", percent(r.share)),
                })
                .collect();
            text.push(match values.is_empty() {
                true => format!("{label}: not run."),
                false => format!("{label} ({}): {}.", role.line_in_words(), values.join(", ")),
            });
        }
        for rule in &self.rules {
            let place = if y.contains(rule.value) { "Horizontal line" } else { "Outside the axis" };
            text.push(format!("{place}: {}.", rule.in_words_to(self.margin)));
        }
        let known = || self.all().filter_map(|r| r.outcome.get().ok());
        if known().any(|e| !y.contains(e.value)) {
            text.push("Values outside the axis are drawn at its edge.".into());
        }
        if known().filter_map(|e| e.ends()).any(|(a, b)| !y.contains(a) || !y.contains(b)) {
            text.push("Arrows: intervals outside the axis.".into());
        }
        text.join(" ")
    }

    fn table(&self) -> Table {
        let mut table = Table::new(["arm", BUDGET, self.y.label.as_str(), "95 % interval"]);
        for (_, label, recoveries) in self.arms() {
            for recovery in recoveries {
                let (value, interval) = match recovery.outcome.get() {
                    Ok(estimate) => (to_margin(estimate.value, self.margin), estimate.interval_in_words(self.margin)),
                    Err(reason) => (reason.into(), crate::number::MISSING.into()),
                };
                table.push(vec![label.into(), percent(recovery.share), value, interval]);
            }
        }
        table
    }
}

/// The line of one arm, its intervals and its marks; returns where it ends.
fn draw_arm(body: &mut Element, plot: &Plot, role: Role, recoveries: &[Recovery], shift: f64) -> Option<(f64, f64)> {
    let mut points: Vec<_> = recoveries.iter().filter_map(|r| Some((r.position()?, r.outcome.get().ok()?))).collect();
    arrange(&mut points, |a, b| a.0.total_cmp(&b.0));
    let at: Vec<(f64, f64)> = points.iter().map(|(x, e)| (plot.x.at(*x) + shift, plot.y.at(e.value))).collect();
    let end = *at.last()?;
    let (top, bottom) = (plot.y.to, plot.y.from);
    let (mut bars, mut marks) = (String::new(), String::new());
    for ((x, y), (_, estimate)) in at.iter().zip(&points) {
        if let Some((low, high)) = estimate.ends() {
            bars += &format!("M{}V{}", point(*x, plot.y.at(low)), coordinate(plot.y.at(high), 1));
            bars += &match low < plot.y.domain.minimum {
                true => format!("M{}l3 4 3-4", point(x - 3.0, bottom - 4.0)),
                false => format!("M{}h5", point(x - 2.5, plot.y.at(low))),
            };
            bars += &match high > plot.y.domain.maximum {
                true => format!("M{}l3-4 3 4", point(x - 3.0, top + 4.0)),
                false => format!("M{}h5", point(x - 2.5, plot.y.at(high))),
            };
        }
        marks += &role.mark(*x, *y, 3.4);
    }
    let path: Vec<String> = at.iter().map(|(x, y)| point(*x, *y)).collect();
    let colour = role.colour().paint();
    body.add(lines().with(role.line(Element::path(&format!("M{}", path.join("L"))))));
    body.add(Element::path(&bars).set("fill", "none").set("stroke", colour).put("stroke-width", 1.2));
    body.add(role.paint_marks(Element::path(&marks)));
    Some(end)
}

/// A fraction in percent, without trailing zeros.
fn percent(share: f64) -> String {
    if share.is_finite() { coordinate(100.0 * share, 2) } else { crate::number::MISSING.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Estimate;

    fn recovery(share: f64, value: f64) -> Recovery {
        let interval = Some((value - 0.1, value + 0.1));
        Recovery { share, outcome: Measured::Known(Estimate { value, interval, seeds: vec![value; 3] }) }
    }

    fn recovery_figure(recovered: Vec<Recovery>) -> RecoveryFigure {
        let y = CurveAxis { label: "loss".into(), unit: Some("nats".into()), range: None };
        let rules = vec![Rule { label: "ablated".into(), value: 2.9 }];
        RecoveryFigure {
            name: "recovery".into(),
            title: "Recovery".into(),
            y,
            margin: None,
            recovered,
            sham: vec![],
            short_retrain: vec![],
            rules,
        }
    }

    #[test]
    fn budgets_are_in_percent_and_about_evenly_spaced() {
        let figure = recovery_figure(vec![recovery(0.01, 2.0), recovery(0.05, 1.7), recovery(0.2, 1.6)]);
        let x = figure.x_range();
        let at = |share: f64| (libm::log10(100.0 * share) - x.minimum) / (x.maximum - x.minimum);
        assert!((at(0.05) - at(0.01)) / (at(0.2) - at(0.05)) < 1.3);
        assert_eq!(at(0.2), 1.0);
        let figure = figure.figure();
        assert!(figure.svg.contains(">20<") && figure.svg.contains(">5<"));
        assert_eq!(figure.table.rows[1], ["ablated, then fine-tuned", "5", "1.70", "1.60 to 1.80"]);
        assert!(figure.description.contains("sham: not run."));
    }

    #[test]
    fn an_interval_far_beyond_the_means_is_clipped() {
        let mut wide = recovery(0.05, 1.7);
        wide.outcome = Measured::Known(Estimate { value: 1.7, interval: Some((-50.0, 60.0)), seeds: vec![1.6, 1.8] });
        let figure = recovery_figure(vec![recovery(0.01, 2.0), wide]);
        assert!(figure.y_range().maximum < 5.0, "{:?}", figure.y_range());
        assert!(figure.figure().description.ends_with("Arrows: intervals outside the axis."));
    }

    #[test]
    fn no_number_is_too_strange_to_draw() {
        let strange = [0.0, -1.0, 1e308, -1e308, 5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let all = strange.iter().flat_map(|&share| strange.iter().map(move |&value| recovery(share, value)));
        let svg = recovery_figure(all.collect()).figure().svg;
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        recovery_figure(vec![]).figure();
    }
}
