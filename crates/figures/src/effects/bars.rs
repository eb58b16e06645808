//! Direct and total effects, a row for each component.
//!
//! The two are drawn into one another, because the gap between them is what the figure is about: what the rest of the model makes up for.

use crate::axis::{Range, Scale, fitting, ticks};
use crate::key::{self, Entry};
use crate::number::{MISSING, coordinate, difference, fixed};
use crate::plot::WIDTH;
use crate::svg::{Element, TEXT, document, point, shortened, width};
use crate::theme::{DISRUPTION, LINE, MUTED};
use crate::{Figure, Table};

/// Ends of the axis: the frame less room for half a mark.
const LEFT: f64 = 6.0;
const RIGHT: f64 = WIDTH - 6.0;
/// Height of the line of text above the bars of a row.
const LINE_HEIGHT: f64 = 15.0;
/// Heights of the bars of direct and total effect.
const DIRECT: f64 = 12.0;
const TOTAL: f64 = 5.0;
/// Space under a row.
const GAP: f64 = 7.0;

/// Effects of several components, each ablated by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectBars {
    /// Name within its panel, such as `effects`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// What is drawn, such as `change of the right token's logit`.
    pub quantity: String,
    /// One to some dozens, drawn in this order.
    pub rows: Vec<Effect>,
}

/// The effects of one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Its path.
    pub label: String,
    /// What it no longer adds itself.
    pub direct: f64,
    /// What later components add instead.
    pub later: f64,
    /// What the scale of the final norm adds.
    pub scale: f64,
    /// The sum of the three.
    pub total: f64,
    /// Two standard errors of the total.
    pub error: Option<f64>,
}

impl EffectBars {
    /// Draws it.
    pub fn figure(&self) -> Figure {
        let known = self.rows.iter().flat_map(|row| [row.direct, row.total]).filter(|value| value.is_finite());
        let x = Scale { domain: Range::of(known.chain([0.0])).padded(), from: LEFT, to: RIGHT };
        let mut body = Element::group();
        let top = key::draw(&mut body, &entries(), 0.0, WIDTH) + 6.0;
        let bottom = top + (LINE_HEIGHT + DIRECT + GAP) * self.rows.len().max(1) as f64;
        let ticks = fitting(ticks(x.domain, 6, false), |value| x.at(value));
        let grid: String =
            ticks.iter().map(|tick| format!("M{}V{}", point(x.at(tick.value), top), coordinate(bottom, 1))).collect();
        body.add(Element::path(&grid).set("stroke", LINE.paint()).set("fill", "none"));
        body.add(Element::line(x.at(0.0), top, x.at(0.0), bottom).set("stroke", MUTED.paint()));
        for (index, row) in self.rows.iter().enumerate() {
            draw_row(&mut body, row, &x, top + (LINE_HEIGHT + DIRECT + GAP) * index as f64);
        }
        let mut texts = Element::group().set("fill", MUTED.paint()).set("text-anchor", "middle");
        for tick in ticks {
            let half = width(&tick.label, TEXT) / 2.0;
            texts.add(Element::text(x.at(tick.value).clamp(half, WIDTH - half), bottom + 13.0, &tick.label));
        }
        texts.add(Element::text(WIDTH / 2.0, bottom + 29.0, &shortened(&self.quantity, TEXT, WIDTH)));
        body.add(texts);
        let description = self.describe();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, bottom + 34.0, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn describe(&self) -> String {
        let mut text = format!("{}: an outlined bar for the direct effect, a filled one for the total effect.", self.quantity);
        for row in &self.rows {
            text.push_str(&format!(" {}: direct {}, total {}.", row.label, difference(row.direct), difference(row.total)));
        }
        text
    }

    fn table(&self) -> Table {
        let mut table = Table::new([
            "component",
            "direct effect",
            "later components",
            "scale of the final norm",
            "total effect",
            "± two standard errors",
        ]);
        for row in &self.rows {
            let numbers = [row.direct, row.later, row.scale, row.total].map(difference);
            let error = row.error.map_or(MISSING.to_string(), |error| fixed(error, 3));
            table.push(std::iter::once(row.label.clone()).chain(numbers).chain([error]).collect());
        }
        table
    }
}

fn entries() -> Vec<Entry<'static>> {
    vec![
        Entry::new("direct effect", |x, y| outlined(x - 7.0, y - DIRECT / 2.0, 14.0)),
        Entry::new("total effect", |x, y| filled(x - 7.0, y - TOTAL / 2.0, 14.0)),
    ]
}

fn outlined(x: f64, y: f64, width: f64) -> Element {
    Element::rect(x, y, width, DIRECT).set("fill", "none").set("stroke", MUTED.paint())
}

fn filled(x: f64, y: f64, width: f64) -> Element {
    Element::rect(x, y, width, TOTAL).set("fill", DISRUPTION.paint())
}

fn draw_row(body: &mut Element, row: &Effect, x: &Scale, y: f64) {
    body.add(Element::text(0.0, y + 11.0, &shortened(&row.label, TEXT, WIDTH)));
    let bar = |value: f64| (x.at(value.min(0.0)), x.at(value.max(0.0)) - x.at(value.min(0.0)));
    if row.direct.is_finite() {
        let (left, width) = bar(row.direct);
        body.add(outlined(left, y + LINE_HEIGHT, width));
    }
    if row.total.is_finite() {
        let (left, width) = bar(row.total);
        body.add(filled(left, y + LINE_HEIGHT + (DIRECT - TOTAL) / 2.0, width));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(rows: Vec<Effect>) -> EffectBars {
        EffectBars { name: "effects".into(), title: "Effects".into(), quantity: "change of the logit".into(), rows }
    }

    fn effect(direct: f64, total: f64) -> Effect {
        Effect { label: "blocks.0.mlp".into(), direct, later: total - direct, scale: 0.0, total, error: Some(0.01) }
    }

    #[test]
    fn both_bars_begin_at_zero() {
        let svg = bars(vec![effect(-2.0, -1.0)]).figure().svg;
        let x = Scale { domain: Range::of([-2.0, -1.0, 0.0]).padded(), from: LEFT, to: RIGHT };
        let width = |value: f64| coordinate(x.at(0.0) - x.at(value), 2);
        for value in [-2.0, -1.0] {
            assert!(svg.contains(&format!("width=\"{}", &width(value)[..4])), "{value}: {svg}");
        }
    }

    #[test]
    fn the_words_and_the_table_have_the_signs() {
        let figure = bars(vec![effect(-2.0, 0.05)]).figure();
        assert!(figure.description.contains("direct −2.00, total +0.050"), "{}", figure.description);
        assert_eq!(figure.table.rows[0], ["blocks.0.mlp", "−2.00", "+2.05", "0.000", "+0.050", "0.010"]);
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        let svg = bars(vec![effect(f64::NAN, f64::INFINITY)]).figure().svg;
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        bars(Vec::new()).figure();
    }
}
