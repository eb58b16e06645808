//! The contrast of a study, small enough for a list of studies: a line for each component, the two marks and their intervals, no numbers.
//!
//! A full contrast that is shrunk cannot be read. This one leaves out what a list does not need: axis, seeds, untuned gaps, verdicts.

use super::scale::{Place, Values};
use super::{Contrast, ContrastRow, LEFT, Lane, RIGHT, arrow, band};
use crate::Estimate;
use crate::number::coordinate;
use crate::plot::WIDTH;
use crate::svg::{Element, TEXT, document, point, shortened};
use crate::theme::MUTED;

/// Components that are drawn; of the others only the number is said.
const MOST: usize = 6;
/// Width of the labels.
const LABELS: f64 = 148.0;
/// Height of a component: two marks, one below the other.
const ROW: f64 = 26.0;
/// From one mark of a component to the next: less than to the next component, so that it is seen what belongs together.
const STEP: f64 = 9.0;
/// Size of a mark.
const MARK: f64 = 3.6;

impl Contrast {
    /// The thumbnail: a complete `<svg>` element.
    pub fn thumbnail(&self) -> String {
        let shown = Contrast {
            rows: self.rows.iter().take(MOST).map(|row| ContrastRow { untuned: None, ..row.clone() }).collect(),
            ..self.clone()
        };
        let values = Values::of(&shown, LABELS + LEFT, RIGHT);
        let bottom = ROW * shown.rows.len() as f64;
        let mut body = Element::group();
        if let Some(margin) = shown.margin() {
            let (left, right) = (values.at(-margin), values.at(margin));
            body.add(band(left, 0.0, right - left, bottom));
        }
        if let Place::Inside(x) = values.place(0.0) {
            let line = format!("M{}V{}", point(x, 0.0), coordinate(bottom, 1));
            body.add(Element::path(&line).set("stroke", MUTED.paint()));
        }
        for (index, row) in shown.rows.iter().enumerate() {
            let middle = ROW * (index as f64 + 0.5);
            body.add(Element::text(0.0, middle + 4.0, &shortened(&row.label, TEXT, LABELS - 4.0)));
            let known: Vec<(Lane, &Estimate)> =
                row.gaps().filter_map(|(lane, gap)| gap.ok().map(|estimate| (lane, estimate))).collect();
            let first = middle - STEP / 2.0 * known.len().saturating_sub(1) as f64;
            for (place, (lane, estimate)) in known.into_iter().enumerate() {
                draw(&mut body, lane, estimate, &values, first + STEP * place as f64);
            }
        }
        let more = self.rows.len() - shown.rows.len();
        let height = if more == 0 { bottom } else { bottom + 16.0 };
        if more > 0 {
            body.add(Element::text(0.0, bottom + 12.0, &format!("and {more} more")).set("fill", MUTED.paint()));
        }
        document(WIDTH, height.max(ROW), &self.title, &self.verdicts(), &[], body)
    }

    /// The verdicts of all components, in words.
    fn verdicts(&self) -> String {
        self.rows.iter().map(|row| format!("{}: {}.", row.label, row.judged())).collect::<Vec<_>>().join(" ")
    }
}

/// The interval and the mark; what lies outside the axis is an arrow at its edge.
fn draw(body: &mut Element, lane: Lane, estimate: &Estimate, values: &Values, y: f64) {
    let colour = lane.role().colour();
    let place = values.place(estimate.value);
    if let Some((low, high)) = estimate.ends() {
        body.add(lane.role().line(Element::line(values.at(low), y, values.at(high), y)));
    }
    match place {
        Place::Inside(x) => body.add(lane.role().paint_marks(Element::path(&lane.role().mark(x, y, MARK)))),
        side => body.add(Element::path(&arrow(side, y)).set("stroke", colour.paint()).set("fill", "none")),
    }
}
