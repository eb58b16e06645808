//! What every figure with two axes shares: the frame with its ticks, lines, and the marks and labels at the ends of lines.
//!
//! Axes are linear here; a figure with a logarithmic axis hands over logarithms, and ticks whose labels say the numbers.

use ablation_settings::arrange;

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
/// Room right of the plot, and how much of it is for the text of labels: the rest is for a mark, a leader and what fonts differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    width: f64,
    text: f64,
}

/// Room for labels, the same in every panel so that panels under one another align.
pub(crate) const LABELS: Room = Room { width: 96.0, text: 74.0 };
/// The same where labels are many and so are moved: the leaders need room as well.
pub(crate) const MANY_LABELS: Room = Room { width: 122.0, text: 88.0 };
/// Most lines of a name: long names often differ only at their end.
const LABEL_LINES: usize = 3;
/// Most names that share a label; of more, the number is said.
const MOST_NAMES: usize = 7;
/// Ends of lines that are closer cannot be told apart.
const TOGETHER: f64 = 2.0;

/// Two scales and the picture they span.
pub(crate) struct Plot {
    pub x: Scale,
    pub y: Scale,
    room: Room,
}

/// The end of a line, or of several on top of one another: their marks go there, and their names beside them.
pub(crate) struct End {
    names: Vec<Name>,
    x: f64,
    y: f64,
}

/// The name of a line; `\n` begins a new line in it.
struct Name {
    /// `None` for a line that is no arm's: no mark, and a muted name.
    role: Option<Role>,
    text: String,
}

impl End {
    pub fn new(role: Option<Role>, text: impl Into<String>, (x, y): (f64, f64)) -> Self {
        Self { names: vec![Name { role, text: text.into() }], x, y }
    }

    /// Has ends that cannot be told apart share one label, from top to bottom.
    pub fn shared(mut ends: Vec<Self>) -> Vec<Self> {
        arrange(&mut ends, |a, b| a.y.total_cmp(&b.y));
        let mut shared: Vec<Self> = vec![];
        let mut lowest = f64::NEG_INFINITY;
        for end in ends {
            let y = end.y;
            match shared.last_mut().filter(|above| above.x == end.x && y - lowest <= TOGETHER) {
                Some(above) => above.names.extend(end.names),
                None => shared.push(end),
            }
            lowest = y;
        }
        for end in shared.iter_mut().filter(|end| end.names.len() > MOST_NAMES) {
            let more = end.names.len() + 1 - MOST_NAMES;
            end.names.truncate(MOST_NAMES - 1);
            end.names.push(Name { role: None, text: format!("and {more} more") });
        }
        shared
    }

    /// The lines of each name.
    fn lines(&self, room: Room) -> Vec<Vec<String>> {
        self.names.iter().map(|name| lines_of(&name.text, room)).collect()
    }
}

/// A name in lines.
fn lines_of(text: &str, room: Room) -> Vec<String> {
    text.split('\n').flat_map(|part| Label::of_lines(part, 0.0, 0.0, room.text, LABEL_LINES).lines).collect()
}

impl Plot {
    /// A plot with room for the labels of `y_ticks` on its left, and for those of lines on its right.
    pub fn new(x: Range, y: Range, y_ticks: &[Tick], height: f64, room: Room) -> Self {
        let left = y_ticks.iter().map(|t| width(&t.label, TEXT)).fold(18.0, f64::max).ceil() + 8.0;
        let x = Scale { domain: x, from: left, to: WIDTH - room.width };
        Self { x, y: Scale { domain: y, from: TOP + height, to: TOP }, room }
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
    /// marks on top of one another tell nothing. Names that share a label stand one under another, behind a bracket.
    pub fn draw_ends(&self, body: &mut Element, ends: &[End]) {
        let lines: Vec<Vec<Vec<String>>> = ends.iter().map(|end| end.lines(self.room)).collect();
        let label = |(end, lines): (&End, &Vec<Vec<String>>)| Label { lines: lines.concat(), x: end.x + 9.0, y: end.y };
        let mut labels: Vec<Label> = ends.iter().zip(&lines).map(label).collect();
        label::place(&mut labels, TOP - 8.0, self.y.from + 4.0);
        let mut leaders = Element::group().set("fill", "none");
        let mut marks = Element::group();
        let mut texts = Element::group();
        for ((label, lines), &End { ref names, x, y }) in labels.iter().zip(&lines).zip(ends) {
            let is_shared = names.len() > 1;
            let moved = is_shared || (label.y - y).abs() > 3.0;
            let shift = if moved { 11.0 } else { 0.0 };
            if moved {
                // Thin and muted: in the colour of its line a leader looks like more of the line.
                let (half, left) = (if is_shared { label.height() / 2.0 - 2.0 } else { 0.0 }, x + shift - 5.0);
                let to = y.clamp(label.y - half, label.y + half);
                let bracket = if is_shared {
                    format!("M{}v{}", point(left, label.y - half), coordinate(2.0 * half, 1))
                } else {
                    String::new()
                };
                let leader = format!("M{}L{}{bracket}", point(x + 2.5, y), point(left, to));
                leaders.add(
                    Element::path(&leader).set("stroke", MUTED.paint()).put("stroke-width", if is_shared { 0.8 } else { 0.5 }),
                );
            }
            let mut first = 0;
            for (name, lines) in names.iter().zip(lines) {
                let middle = (label.middle(first) + label.middle(first + lines.len() - 1)) / 2.0;
                if let Some(role) = name.role {
                    marks.add(role.paint_marks(Element::path(&role.mark(x + shift, middle, 3.6))));
                }
                for (i, line) in lines.iter().enumerate() {
                    let text = haloed(Element::text(label.x + shift, label.baseline(first + i), line));
                    texts.add(if name.role.is_some() { text } else { text.set("fill", MUTED.paint()) });
                }
                first += lines.len();
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
pub(crate) fn height<'a>(labels: impl Iterator<Item = &'a str>, room: Room) -> f64 {
    let label = |text: &str| Label { lines: lines_of(text, room), x: 0.0, y: 0.0 };
    let needed: f64 = labels.map(|text| label(text).height()).sum();
    HEIGHT.max(libm::ceil(needed) - 12.0)
}
