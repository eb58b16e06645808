//! Recovery at a single budget: a row for each component, with a lane for each arm.
//!
//! A plot against the number of fine-tuning steps needs several of them; with one, every plot is a column of marks on top of one another.

use ablation_settings::arrange_by_key;

use super::percent;
use crate::axis::{Range, Scale, fitting, ticks};
use crate::key::{self, Entry};
use crate::label::Label;
use crate::number::{MISSING, coordinate, to_margin};
use crate::plot::WIDTH;
use crate::svg::{Element, TEXT, document, haloed, point, shortened, width};
use crate::theme::{LINE, MUTED};
use crate::{CurveAxis, Estimate, Figure, Measured, Role, Table};

/// Ends of the axis: the frame less room for half a mark.
const LEFT: f64 = 6.0;
const RIGHT: f64 = WIDTH - 6.0;
/// Height of a line of text above the lanes of a row.
const LINE_HEIGHT: f64 = 15.0;
/// Height of the lane of one arm.
const LANE: f64 = 14.0;
/// Space under a row.
const GAP: f64 = 8.0;
/// How much wider bold text is.
const BOLD: f64 = 1.15;

/// Recovery of several components at one budget.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryRows {
    /// Name within its panel, such as `recovery`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// The measured quantity. Without a range, the axis holds every mean, and intervals as far as they leave these legible.
    pub x: CurveAxis,
    /// The budget: fine-tuning steps as a fraction of the training steps of the reference, such as 0.05.
    pub share: f64,
    /// The margin, to which numbers are written.
    pub margin: Option<f64>,
    /// One to about a dozen, drawn in this order.
    pub rows: Vec<RecoveryRow>,
}

/// One component.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryRow {
    /// The difference from the reference, such as `− blocks.1.mlp`.
    pub label: String,
    /// Loss of the reference: a vertical line.
    pub reference: Option<f64>,
    /// Loss of the ablated model.
    pub ablated: Option<f64>,
    /// H: ablated, then fine-tuned.
    pub recovered: Option<Measured>,
    /// Z: retrained without the component, for only as many steps.
    pub short_retrain: Option<Measured>,
    /// S: fine-tuned for as long, not ablated.
    pub sham: Option<Measured>,
}

/// The value of an arm, or why there is none.
struct Lane<'a> {
    role: Role,
    arm: &'static str,
    value: Result<Estimate, &'a str>,
}

/// The estimate, or why there is none; nothing of an arm that was not run.
fn measured(outcome: &Option<Measured>) -> Option<Result<Estimate, &str>> {
    outcome.as_ref().map(|outcome| outcome.get().cloned())
}

impl RecoveryRow {
    /// The arms that were run.
    fn lanes(&self) -> impl Iterator<Item = Lane<'_>> {
        let single = |value: f64| Estimate { value, interval: None, seeds: vec![] };
        let ablated = self.ablated.filter(|value| value.is_finite()).map(|value| Ok(single(value)));
        let arms = [
            (Role::Disruption, "ablated", ablated),
            (Role::Recovered, "ablated, then fine-tuned", measured(&self.recovered)),
            (Role::Necessity, "short retraining", measured(&self.short_retrain)),
            (Role::Sham, "sham", measured(&self.sham)),
        ];
        arms.into_iter().filter_map(|(role, arm, value)| Some(Lane { role, arm, value: value? }))
    }

    fn known(&self) -> impl Iterator<Item = Estimate> {
        self.lanes().filter_map(|lane| lane.value.ok())
    }

    fn lines(&self) -> Vec<String> {
        Label::new(&self.label, 0.0, 0.0, WIDTH / BOLD).lines
    }

    fn height(&self) -> f64 {
        LINE_HEIGHT * self.lines().len() as f64 + LANE * self.lanes().count() as f64 + GAP
    }
}

impl RecoveryRows {
    /// Draws it.
    pub fn figure(&self) -> Figure {
        let x = Scale { domain: self.range(), from: LEFT, to: RIGHT };
        let mut body = Element::group();
        let top = key::draw(&mut body, &self.entries(), 0.0, WIDTH) + 6.0;
        let bottom = top + self.rows.iter().map(RecoveryRow::height).sum::<f64>().max(LANE);
        let fit = |most: usize| {
            let ticks = ticks(x.domain, most, false);
            let count = ticks.len();
            Some(fitting(ticks, |value| x.at(value))).filter(|fitted| fitted.len() == count)
        };
        let ticks = (1..=6).rev().find_map(fit).unwrap_or_default();
        let grid: String = ticks.iter().map(|t| format!("M{}V{}", point(x.at(t.value), top), coordinate(bottom, 1))).collect();
        body.add(Element::path(&grid).set("stroke", LINE.paint()).set("fill", "none"));
        let mut y = top;
        for row in &self.rows {
            self.draw_row(&mut body, row, &x, y);
            y += row.height();
        }
        body.add(Element::line(LEFT, bottom, RIGHT, bottom).set("stroke", MUTED.paint()));
        let mut texts = Element::group().set("fill", MUTED.paint()).set("text-anchor", "middle");
        for tick in ticks {
            let half = width(&tick.label, TEXT) / 2.0;
            texts.add(Element::text(x.at(tick.value).clamp(half, WIDTH - half), bottom + 15.0, &tick.label));
        }
        texts.add(Element::text(WIDTH / 2.0, bottom + 31.0, &shortened(&self.axis_in_words(), TEXT, WIDTH)));
        body.add(texts);
        let description = self.describe(x.domain);
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, bottom + 36.0, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn range(&self) -> Range {
        if let Some((a, b)) = self.x.range {
            return Range::new(a, b);
        }
        let known = || self.rows.iter().flat_map(RecoveryRow::known);
        let means = Range::of(known().map(|e| e.value).chain(self.rows.iter().filter_map(|row| row.reference)));
        let span = means.maximum - means.minimum;
        let ends = known().filter_map(|e| e.ends()).flat_map(|(a, b)| [a, b]);
        let ends = ends.map(|v| v.clamp(means.minimum - span, means.maximum + span));
        let Range { minimum, maximum } = Range::of(ends.chain([means.minimum, means.maximum]));
        let room = 0.04 * (maximum - minimum);
        Range { minimum: minimum - room, maximum: maximum + room }
    }

    fn axis_in_words(&self) -> String {
        format!("{} after {} % of the reference's steps", self.x.with_unit(), percent(self.share))
    }

    /// The arms, with the reference.
    fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries: Vec<Entry> = vec![];
        let arms = self.rows.iter().flat_map(RecoveryRow::lanes).map(|lane| (lane.role, lane.arm));
        let mut arms: Vec<(Role, &str)> = arms.collect();
        let place = |role: Role| [Role::Disruption, Role::Recovered, Role::Necessity, Role::Sham].iter().position(|r| *r == role);
        arrange_by_key(&mut arms, |(role, _)| place(*role));
        arms.dedup();
        for (role, arm) in arms {
            entries.push(Entry::new(arm, move |x, y| role.paint_marks(Element::path(&role.mark(x, y, 4.0)))));
        }
        if self.rows.iter().any(|row| row.reference.is_some()) {
            entries.push(Entry::new("reference", |x, y| dotted(x, y - 6.0, y + 6.0)));
        }
        entries
    }

    fn draw_row(&self, body: &mut Element, row: &RecoveryRow, x: &Scale, top: f64) {
        for (i, line) in row.lines().iter().enumerate() {
            let text = Element::text(0.0, top + 11.0 + LINE_HEIGHT * i as f64, line);
            body.add(haloed(text.set("font-weight", "600")));
        }
        let first = top + LINE_HEIGHT * row.lines().len() as f64;
        if let Some(reference) = row.reference.filter(|value| x.domain.contains(*value)) {
            body.add(dotted(x.at(reference), first, first + LANE * row.lanes().count() as f64));
        }
        for (i, lane) in row.lanes().enumerate() {
            let y = first + LANE * (i as f64 + 0.5);
            match &lane.value {
                Ok(estimate) => draw_lane(body, lane.role, estimate, x, y, &to_margin(estimate.value, self.margin)),
                Err(reason) => {
                    let text = shortened(&format!("no {} ({reason})", lane.arm), TEXT, RIGHT - LEFT);
                    let text = Element::text(LEFT, y + 4.2, &text).set("fill", MUTED.paint());
                    body.add(haloed(text.set("font-style", "italic")));
                }
            }
        }
    }

    fn describe(&self, range: Range) -> String {
        let mut text = vec![
            format!("{}, a row for each component.", self.axis_in_words()),
            "Short retraining: from scratch without the component, for as many steps. Sham: fine-tuned for as many steps, not ablated."
                .into(),
        ];
        let unit = self.x.unit.as_deref();
        for row in &self.rows {
            let in_words = |lane: Lane| match lane.value {
                Ok(e) if lane.role == Role::Disruption => format!("{} {}", lane.arm, self.in_unit(e.value)),
                Ok(e) => format!("{} {}", lane.arm, e.in_words(unit, self.margin)),
                Err(reason) => format!("no {} ({reason})", lane.arm),
            };
            let reference = row.reference.map(|value| format!("reference {}", self.in_unit(value)));
            let values: Vec<String> = row.lanes().map(in_words).chain(reference).collect();
            text.push(format!("{}: {}.", row.label, values.join("; ")));
        }
        let leaves = |(a, b): (f64, f64)| !range.contains(a) || !range.contains(b);
        if self.rows.iter().flat_map(RecoveryRow::known).any(|e| e.ends().is_some_and(leaves)) {
            text.push("Arrows: intervals outside the axis.".into());
        }
        text.join(" ")
    }

    fn in_unit(&self, value: f64) -> String {
        let unit = self.x.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        format!("{}{unit}", to_margin(value, self.margin))
    }

    fn table(&self) -> Table {
        let mut table = Table::new(["component", "arm", self.x.label.as_str(), "95 % interval"]);
        for row in &self.rows {
            for lane in row.lanes() {
                let (value, interval) = match lane.value {
                    Ok(e) => (to_margin(e.value, self.margin), e.interval_in_words(self.margin)),
                    Err(reason) => (reason.into(), MISSING.into()),
                };
                table.push(vec![row.label.clone(), lane.arm.into(), value, interval]);
            }
            if let Some(reference) = row.reference {
                table.push(vec![row.label.clone(), "reference".into(), to_margin(reference, self.margin), MISSING.into()]);
            }
        }
        table
    }
}

/// A vertical dotted line.
fn dotted(x: f64, top: f64, bottom: f64) -> Element {
    Element::line(x, top, x, bottom).set("stroke", MUTED.paint()).set("stroke-dasharray", "1.5 2.5").set("stroke-width", "1.4")
}

/// The interval, with an arrow at an end that is outside the axis, the mark, and its number beside both.
fn draw_lane(body: &mut Element, role: Role, estimate: &Estimate, x: &Scale, y: f64, number: &str) {
    let colour = role.colour().paint();
    let at = x.at(estimate.value);
    let (mut least, mut most) = (at - 6.0, at + 6.0);
    if let Some((low, high)) = estimate.ends() {
        let (left, right) = (x.at(low), x.at(high));
        let mut bar = format!("M{}H{}", point(left, y), coordinate(right, 1));
        bar += &match low < x.domain.minimum {
            true => format!("M{}l-4 3 4 3", point(left + 4.0, y - 3.0)),
            false => format!("M{}v7", point(left, y - 3.5)),
        };
        bar += &match high > x.domain.maximum {
            true => format!("M{}l4 3-4 3", point(right - 4.0, y - 3.0)),
            false => format!("M{}v7", point(right, y - 3.5)),
        };
        body.add(Element::path(&bar).set("fill", "none").set("stroke", colour).put("stroke-width", 1.3));
        (least, most) = (least.min(left - 1.0), most.max(right + 1.0));
    }
    body.add(role.paint_marks(Element::path(&role.mark(at, y, 4.0))));
    let room = width(number, TEXT) + 5.0;
    let (x, anchor) = if most + room <= WIDTH {
        (most + 4.0, "start")
    } else if least - room >= 0.0 {
        (least - 4.0, "end")
    } else {
        (at + 8.0, "start")
    };
    body.add(haloed(Element::text(x, y + 4.2, number).set("text-anchor", anchor)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: [f64; 4]) -> RecoveryRow {
        let measured =
            |value: f64| Some(Measured::Known(Estimate { value, interval: Some((value - 0.1, value + 0.1)), seeds: vec![] }));
        RecoveryRow {
            label: "− mlp".into(),
            reference: Some(values[0]),
            ablated: Some(values[1]),
            recovered: measured(values[2]),
            short_retrain: None,
            sham: measured(values[3]),
        }
    }

    fn rows(rows: Vec<RecoveryRow>) -> RecoveryRows {
        let x = CurveAxis { label: "loss".into(), unit: Some("nats".into()), range: None };
        RecoveryRows { name: "recovery".into(), title: "Recovery".into(), x, share: 0.05, margin: Some(0.042), rows }
    }

    #[test]
    fn every_arm_that_was_run_has_a_lane_and_numbers_are_written_to_the_margin() {
        let figure = rows(vec![row([1.38e-4, 5.69, 1.8, 0.000_41])]).figure();
        assert_eq!(figure.table.rows.len(), 4);
        assert_eq!(figure.table.rows[3], ["− mlp", "reference", "0.000", "—"]);
        assert!(figure.description.contains("loss (nats) after 5 % of the reference's steps, a row for each component."));
        let words = "− mlp: ablated 5.69 nats; ablated, then fine-tuned 1.80 nats (95 % interval 1.70 to 1.90); sham 0.000 nats \
                     (95 % interval −0.100 to 0.100); reference 0.000 nats.";
        assert!(figure.description.contains(words), "{}", figure.description);
        assert!(!figure.svg.contains("short retraining<") && !figure.svg.contains("e-4"));
        let mut with = row([0.0, 5.0, 1.0, 0.0]);
        with.short_retrain = Some(Measured::Missing("runs failed".into()));
        let figure = rows(vec![with]).figure();
        assert!(figure.svg.contains(">short retraining<"), "the key names its mark");
        assert!(figure.svg.contains(">no short retraining (runs failed)<"));
    }

    #[test]
    fn no_number_is_too_strange_to_draw() {
        let strange = [0.0, -1.0, 1e308, -1e308, 5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let all = strange.iter().flat_map(|&a| strange.iter().map(move |&b| row([a, b, b, a])));
        let svg = rows(all.collect()).figure().svg;
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(rows(vec![]).figure().table.rows.is_empty());
    }
}
