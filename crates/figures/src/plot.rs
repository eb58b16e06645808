//! What every figure with two axes shares: the frame with its ticks, lines, and the marks and labels at the ends of lines.
//!
//! Axes are linear here; a figure with a logarithmic axis hands over logarithms, and ticks whose labels say the numbers.

use crate::axis::{Range, Scale, Tick};
use crate::label::{self, Label};
use crate::number::coordinate;
use crate::svg::{Element, TEXT, haloed, point, width};
use crate::theme::{LINE, MUTED};
use crate::{Role, Rule};

/// Width of the picture.
pub(crate) const WIDTH: f64 = 340.0;
/// Upper edge of the plot, under the label of the y axis.
pub(crate) const TOP: f64 = 22.0;
/// Height of a plot whose labels fit.
pub(crate) const HEIGHT: f64 = 152.0;
/// Room for labels right of the plot, the same in every panel so that panels under one another align.
pub(crate) const LABELS: f64 = 96.0;
/// Most lines of such a label: a name of two and what is said of it.
const LABEL_LINES: usize = 3;
/// The same where labels are many and so are moved: the leaders need room, and fonts differ.
pub(crate) const MANY_LABELS: f64 = 110.0;
/// How much of the room right of the plot is not for text: a mark, a leader and what fonts differ.
const BESIDE: f64 = 22.0;

/// Two scales and the picture they span.
pub(crate) struct Plot {
    pub x: Scale,
    pub y: Scale,
}

/// The end of a line: its mark goes there, and its label beside it.
pub(crate) struct End {
    /// `None` for a line that is no arm's: no mark, and a muted label.
    pub role: Option<Role>,
    pub label: String,
    pub x: f64,
    pub y: f64,
}

impl Plot {
    /// A plot with room for the labels of `y_ticks` on its left, and for those of lines on its right.
    pub fn new(x: Range, y: Range, y_ticks: &[Tick], height: f64, labels: f64) -> Self {
        let left = y_ticks.iter().map(|t| width(&t.label, TEXT)).fold(18.0, f64::max).ceil() + 8.0;
        Self { x: Scale { domain: x, from: left, to: WIDTH - labels }, y: Scale { domain: y, from: TOP + height, to: TOP } }
    }

    /// Grid, ticks and axis labels; returns the height of the picture.
    pub fn frame(&self, body: &mut Element, labels: (&str, &str), x_ticks: &[Tick], y_ticks: &[Tick]) -> f64 {
        let (left, right, bottom) = (self.x.from, self.x.to, self.y.from);
        let mut grid = String::new();
        let mut numbers = Element::group().set("fill", MUTED.paint()).set("text-anchor", "end");
        for tick in y_ticks {
            let y = self.y.at(tick.value);
            grid += &format!("M{}H{}", point(left, y), coordinate(right, 1));
            numbers.add(Element::text(left - 6.0, y + 3.8, &tick.label));
        }
        body.add(Element::path(&grid).set("stroke", LINE.paint()).set("fill", "none"));
        body.add(numbers);
        body.add(Element::line(left, bottom, right, bottom).set("stroke", MUTED.paint()));
        let mut numbers = Element::group().set("fill", MUTED.paint()).set("text-anchor", "middle");
        for tick in x_ticks {
            numbers.add(Element::text(self.x.at(tick.value), bottom + 15.0, &tick.label));
        }
        body.add(numbers);
        body.add(Element::text(0.0, 10.0, labels.1).set("fill", MUTED.paint()));
        // The x label shares the line of its numbers where it fits beside the last of them.
        let last = x_ticks.last().map_or(left, |t| self.x.at(t.value) + width(&t.label, TEXT) / 2.0);
        let beside = WIDTH - last - 10.0 >= width(labels.0, TEXT);
        let y = bottom + if beside { 15.0 } else { 30.0 };
        body.add(Element::text(WIDTH, y, labels.0).set("fill", MUTED.paint()).set("text-anchor", "end"));
        y + 5.0
    }

    /// A labelled horizontal line, where it lies inside.
    pub fn rule(&self, body: &mut Element, rule: &Rule) {
        if !self.y.domain.contains(rule.value) {
            return;
        }
        let (left, right, y) = (self.x.from, self.x.to, self.y.at(rule.value));
        body.add(Element::line(left, y, right, y).set("stroke", MUTED.paint()).set("stroke-dasharray", "1.5 2.5"));
        // Above the line, or below it where above is outside.
        let baseline = if y - 12.0 < TOP { y + 12.0 } else { y - 4.0 };
        body.add(haloed(Element::text(right, baseline, &rule.label).set("fill", MUTED.paint()).set("text-anchor", "end")));
    }

    /// Where a pair of values is drawn.
    pub fn at(&self, p: (f64, f64)) -> (f64, f64) {
        (self.x.at(p.0), self.y.at(p.1))
    }

    /// Marks and labels at the ends of lines. Where labels had to move, the mark moves along and a leader leads back to the line:
    /// marks on top of one another tell nothing.
    pub fn draw_ends(&self, body: &mut Element, ends: &[End]) {
        let mut labels: Vec<Label> =
            ends.iter().map(|e| Label::of_lines(&e.label, e.x + 9.0, e.y, LABELS - BESIDE, LABEL_LINES)).collect();
        label::place(&mut labels, TOP - 8.0, self.y.from + 4.0);
        let mut leaders = Element::group().set("fill", "none");
        let mut marks = Element::group();
        let mut texts = Element::group();
        for (label, &End { role, x, y, .. }) in labels.iter().zip(ends) {
            let moved = (label.y - y).abs() > 3.0;
            let shift = if moved { 11.0 } else { 0.0 };
            if moved {
                // Thin and muted: in the colour of its line a leader looks like more of the line.
                let leader = Element::line(x + 2.5, y, x + shift - 4.5, label.y);
                leaders.add(leader.set("stroke", MUTED.paint()).put("stroke-width", 0.5));
            }
            if let Some(role) = role {
                marks.add(role.paint_marks(Element::path(&role.mark(x + shift, label.y, 3.6))));
            }
            for (i, line) in label.lines.iter().enumerate() {
                let text = haloed(Element::text(label.x + shift, label.baseline(i), line));
                texts.add(if role.is_some() { text } else { text.set("fill", MUTED.paint()) });
            }
        }
        for part in [leaders, texts, marks] {
            body.add(part);
        }
    }

    /// An unbroken run of values as path text.
    pub fn polyline(&self, run: &[(f64, f64)]) -> String {
        let points: Vec<String> = run.iter().map(|&p| self.at(p)).map(|(x, y)| point(x, y)).collect();
        // A lone value between two breaks is a dot: a line of no length with round caps.
        if points.len() == 1 { format!("M{}h0", points[0]) } else { format!("M{}", points.join("L")) }
    }
}

/// A group for lines.
pub(crate) fn lines() -> Element {
    Element::group().set("fill", "none").set("stroke-linejoin", "round").set("stroke-linecap", "round")
}

/// The least height at which labels at the ends of lines find room, but not less than [`HEIGHT`].
pub(crate) fn height<'a>(labels: impl Iterator<Item = &'a str>) -> f64 {
    let needed: f64 = labels.map(|text| Label::of_lines(text, 0.0, 0.0, LABELS - BESIDE, LABEL_LINES).height()).sum();
    HEIGHT.max(libm::ceil(needed) - 12.0)
}
