//! Disruption and necessity of each component, one below the other on the same axis.
//!
//! An ablation table usually has one number per component and calls it importance. This figure shows the loss after ablation (D − R) and
//! the loss after retraining without the component (N − R), with 95 % intervals, the value of every seed, and the margin.

mod scale;
mod thumbnail;
mod words;

use crate::hatch::hatching;
use crate::key::{self, Entry};
use crate::label::Label;
use crate::number::{coordinate, to_margin};
use crate::plot::WIDTH;
use crate::role::dots;
use crate::svg::{Element, TEXT, document, haloed, point, shortened, width};
use crate::theme::{INK, LINE, MUTED, NECESSITY, PAPER};
use crate::{CurveAxis, Estimate, Figure, Measured, Role};
use scale::{Place, Values};

/// Ends of the axis: the frame less room for half a mark.
const LEFT: f64 = 6.0;
const RIGHT: f64 = WIDTH - 6.0;
/// Height of a line of text above the lanes of a row.
const LINE_HEIGHT: f64 = 15.0;
/// Height of the lane of one arm.
const LANE: f64 = 14.0;
/// Space under a row.
const GAP: f64 = 9.0;
/// How the reason begins of a component that cannot be ablated: then it need not be said that there is no disruption.
pub(crate) const NOT_ABLATABLE: &str = "not ablatable";
/// How much wider bold text is.
const BOLD: f64 = 1.15;
/// How much wider another font may be.
const SAFE: f64 = 1.06;
/// Most lines of a verdict; the longest one takes three.
const VERDICT_LINES: usize = 5;

/// Disruption and necessity of the components of one study.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// Name within its panel, such as `contrast`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// The quantity, such as `loss` in `nats`. Without a range, the axis holds every mean and the margin, and
    /// intervals and seeds as far as they leave the rest legible. Intervals and seeds outside the axis are clipped with an arrow.
    pub axis: CurveAxis,
    /// Whether higher values are better; then a positive gap is.
    pub higher_is_better: bool,
    /// The margin: differences between minus and plus this do not matter; `None` where none was fixed. The axis is linear up to it.
    pub margin: Option<f64>,
    /// One to about a dozen, drawn in this order.
    pub rows: Vec<ContrastRow>,
}

/// One component. Gaps are differences from the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct ContrastRow {
    /// The key of the component, under which a page finds its row: `data-row` of a group in the drawing.
    pub component: String,
    /// The difference from the reference, such as `− blocks.1.mlp`.
    pub label: String,
    /// D − R: ablated after training.
    pub disruption: Measured,
    /// N − R: retrained without it, own hyper-parameter search.
    pub necessity: Measured,
    /// U − R: retrained without it, hyper-parameters of the reference; `None` where that was not run.
    pub untuned: Option<Untuned>,
    /// The gap of a variant whose training is not known; it replaces all others.
    pub variant: Option<Estimate>,
    /// Which of its numbers are approximate.
    pub approximate: Approximate,
    /// Such as `co-adapted, not necessary`. Without one, the row reads `no verdict`, or `one seed, no verdict`.
    pub verdict: Option<String>,
}

/// Reasons why numbers of a component are approximate. They are drawn hatched and with `≈` in front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Approximate {
    /// Of the ablation.
    pub ablation: Option<String>,
    /// Of retraining without it, tuned or untuned.
    pub removal: Option<String>,
}

/// The untuned gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Untuned {
    /// From the reference.
    pub gap: Measured,
    /// Whether it is misleading: it differs from the necessity because the hyper-parameters were not tuned. Its mark is crossed out.
    pub untuned_misleading: bool,
}

/// How the gap of one arm is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Disruption,
    Necessity,
    Untuned { untuned_misleading: bool },
    Variant,
}

impl Lane {
    fn role(self) -> Role {
        if self == Lane::Disruption { Role::Disruption } else { Role::Necessity }
    }

    fn word(self) -> &'static str {
        match self {
            Lane::Disruption => "disruption",
            Lane::Necessity => "necessity",
            Lane::Untuned { .. } => "untuned gap",
            Lane::Variant => "gap",
        }
    }

    /// The mark around a point: filled, hollow for the untuned gap, crossed out where that is misleading.
    fn mark(self, x: f64, y: f64) -> Element {
        let Lane::Untuned { untuned_misleading } = self else {
            return self.role().paint_marks(Element::path(&self.role().mark(x, y, 4.0)));
        };
        let circle = Element::path(&Role::Necessity.mark(x, y, 3.5)).set("fill", PAPER.paint());
        let circle = circle.set("stroke", NECESSITY.paint()).set("stroke-width", "1.5");
        let mut mark = Element::group().with(circle);
        if untuned_misleading {
            let strike = Element::line(x - 5.5, y + 5.5, x + 5.5, y - 5.5);
            mark.add(strike.set("stroke", INK.paint()).set("stroke-width", "1.4").set("stroke-linecap", "round"));
        }
        mark
    }
}

impl ContrastRow {
    /// The gaps in the order of their lanes.
    fn gaps(&self) -> impl Iterator<Item = (Lane, Result<&Estimate, &str>)> {
        let variant = self.variant.iter().map(|estimate| (Lane::Variant, Ok(estimate)));
        let untuned = self.untuned.iter().map(|s| (Lane::Untuned { untuned_misleading: s.untuned_misleading }, s.gap.get()));
        let asked = [(Lane::Disruption, self.disruption.get()), (Lane::Necessity, self.necessity.get())];
        variant.chain(asked.into_iter().chain(untuned).filter(|_| self.variant.is_none()))
    }

    /// Why the number of a lane is approximate, if it is.
    fn approximation(&self, lane: Lane) -> Option<&str> {
        match lane {
            Lane::Disruption => self.approximate.ablation.as_deref(),
            Lane::Necessity | Lane::Untuned { .. } | Lane::Variant => self.approximate.removal.as_deref(),
        }
    }

    /// The verdict, or that there is none.
    fn judged(&self) -> &str {
        let seeds = self.gaps().filter_map(|(_, gap)| gap.ok()).map(|e| e.seeds.len()).max();
        match (&self.verdict, seeds) {
            (Some(verdict), _) => verdict,
            (None, Some(1)) => "one seed, no verdict",
            (None, _) => "no verdict",
        }
    }

    /// The label in one or two lines.
    fn lines(&self) -> Vec<String> {
        Label::new(&self.label, 0.0, 0.0, WIDTH / BOLD).lines
    }

    /// Whether the verdict shares the line of the label.
    fn is_one_line(&self) -> bool {
        let lines = self.lines();
        lines.len() == 1 && width(&lines[0], TEXT) * BOLD + width(self.judged(), TEXT) + 14.0 <= WIDTH
    }

    /// The verdict in the lines under the label: what qualifies it may be as long as a sentence, and none of it is left out.
    fn verdict_lines(&self) -> Vec<String> {
        Label::of_lines(self.judged(), 0.0, 0.0, WIDTH / SAFE, VERDICT_LINES).lines
    }

    /// Lines of text above the lanes.
    fn text_lines(&self) -> usize {
        self.lines().len() + if self.is_one_line() { 0 } else { self.verdict_lines().len() }
    }

    fn height(&self) -> f64 {
        let lanes: f64 =
            self.gaps().map(|(lane, gap)| LANE * gap.map_or_else(|reason| no_gap(lane, reason).len(), |_| 1) as f64).sum();
        LINE_HEIGHT * self.text_lines() as f64 + lanes + GAP
    }
}

impl Contrast {
    /// Draws it.
    pub fn figure(&self) -> Figure {
        let values = Values::of(self, LEFT, RIGHT);
        let mut body = Element::group();
        let top = self.draw_key(&mut body) + 6.0;
        let bottom = top + self.rows.iter().map(ContrastRow::height).sum::<f64>().max(LANE);
        self.draw_ground(&mut body, &values, top, bottom);
        let mut y = top;
        for row in &self.rows {
            body.add(draw_row(row, &values, self.margin(), y));
            y += row.height();
        }
        let height = self.draw_axis(&mut body, &values, bottom);
        let description = words::describe(self, &values);
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, height, &self.title, &description, &[], body),
            description,
            table: words::table(self),
        }
    }

    /// The margin, if it is one.
    fn margin(&self) -> Option<f64> {
        self.margin.filter(|m| m.is_finite() && *m > 0.0)
    }

    fn draw_key(&self, body: &mut Element) -> f64 {
        let lane = |lane: Lane, text: &str| Entry::new(text, move |x, y| lane.mark(x, y));
        let has = |untuned_misleading| {
            self.rows.iter().any(|r| r.untuned.as_ref().is_some_and(|s| s.untuned_misleading == untuned_misleading))
        };
        let mut entries = vec![];
        if self.rows.iter().any(|row| row.variant.is_none()) {
            entries
                .extend([lane(Lane::Disruption, "ablated: disruption"), lane(Lane::Necessity, "retrained without: necessity")]);
        }
        if self.rows.iter().any(|row| row.variant.is_some()) {
            entries.push(lane(Lane::Variant, "gap of the variant"));
        }
        if has(false) {
            entries.push(lane(Lane::Untuned { untuned_misleading: false }, "untuned gap"));
        }
        if has(true) {
            entries.push(lane(Lane::Untuned { untuned_misleading: true }, "untuned gap, misleading"));
        }
        if self.rows.iter().any(|r| r.approximate != Approximate::default()) {
            entries.push(Entry::new("≈ approximate", |x, y| hatched(x - 7.0, y - 6.0, 14.0, 12.0)));
        }
        if let Some(margin) = self.margin() {
            let text = format!("within the margin, ±{}", to_margin(margin, Some(margin)));
            entries.push(Entry::new(text, |x, y| band(x - 6.0, y - 6.0, 12.0, 12.0)));
        }
        key::draw(body, &entries, 0.0, WIDTH)
    }

    /// What lies behind the rows: the band of the margin, the grid, the line at zero.
    fn draw_ground(&self, body: &mut Element, values: &Values, top: f64, bottom: f64) {
        if let Some(margin) = self.margin() {
            let (left, right) = (values.at(-margin), values.at(margin));
            body.add(band(left, top, right - left, bottom - top));
        }
        let vertical = |x: f64| format!("M{}V{}", point(x, top), coordinate(bottom, 1));
        let grid: String = values.ticks().iter().filter(|t| t.value != 0.0).map(|t| vertical(values.at(t.value))).collect();
        body.add(Element::path(&grid).set("stroke", LINE.paint()).set("fill", "none"));
        if let Place::Inside(x) = values.place(0.0) {
            body.add(Element::path(&vertical(x)).set("stroke", MUTED.paint()));
        }
    }

    /// Numbers, directions and the name of the axis; returns the height of the picture.
    fn draw_axis(&self, body: &mut Element, values: &Values, bottom: f64) -> f64 {
        body.add(Element::line(LEFT, bottom, RIGHT, bottom).set("stroke", MUTED.paint()));
        let mut texts = Element::group().set("fill", MUTED.paint());
        for tick in values.ticks() {
            let half = width(&tick.label, TEXT) / 2.0;
            let x = values.at(tick.value).clamp(half, WIDTH - half);
            texts.add(Element::text(x, bottom + 15.0, &tick.label).set("text-anchor", "middle"));
        }
        let [left, right] = if self.higher_is_better { ["← worse", "better →"] } else { ["← better", "worse →"] };
        texts.add(Element::text(0.0, bottom + 30.0, left));
        texts.add(Element::text(WIDTH, bottom + 30.0, right).set("text-anchor", "end"));
        let mut y = bottom + 45.0;
        let mut line = |text: &str| {
            let text = shortened(text, TEXT, WIDTH);
            texts.add(Element::text(WIDTH / 2.0, y, &text).set("text-anchor", "middle"));
            y += 15.0;
        };
        line(&format!("difference from the reference: {}", self.axis.with_unit()));
        if let Some(linear) = values.linear {
            line(&format!("axis linear up to ±{}, logarithmic beyond", to_margin(linear, self.margin())));
        }
        body.add(texts);
        y - 10.0
    }
}

/// The band of the margin.
fn band(x: f64, y: f64, width: f64, height: f64) -> Element {
    Element::rect(x, y, width, height).set("fill", MUTED.paint()).set("fill-opacity", ".17")
}

/// Background of an approximate value.
fn hatched(x: f64, y: f64, width: f64, height: f64) -> Element {
    let lines = Element::path(&hatching(x, y, width, height)).set("fill", "none").set("stroke", MUTED.paint());
    lines.set("stroke-width", ".8").set("opacity", ".75")
}

/// A group that names its component: its extent from side to side, label and verdict, then a lane for each arm.
fn draw_row(row: &ContrastRow, values: &Values, margin: Option<f64>, top: f64) -> Element {
    let mut body = Element::group().set("data-row", &row.component);
    body.add(Element::rect(0.0, top, WIDTH, row.height()).set("fill", "none"));
    let baseline = |line: usize| top + 11.0 + LINE_HEIGHT * line as f64;
    for (i, line) in row.lines().iter().enumerate() {
        let text = Element::text(0.0, baseline(i), line);
        body.add(haloed(text.set("font-weight", "600")));
    }
    let colour = if row.verdict.is_some() { INK } else { MUTED };
    let mut add = |verdict: Element| body.add(haloed(verdict.set("fill", colour.paint())));
    if row.is_one_line() {
        add(Element::text(WIDTH, baseline(0), row.judged()).set("text-anchor", "end"));
    } else {
        let above = row.lines().len();
        row.verdict_lines().iter().enumerate().for_each(|(i, line)| add(Element::text(0.0, baseline(above + i), line)));
    }
    let mut y = top + LINE_HEIGHT * row.text_lines() as f64 + LANE / 2.0 + 1.0;
    for (lane, gap) in row.gaps() {
        match gap {
            Ok(estimate) => {
                let number = to_margin(estimate.value, margin);
                let number = if row.approximation(lane).is_some() { format!("≈ {number}") } else { number };
                draw_gap(&mut body, lane, estimate, values, y, &number);
                y += LANE;
            }
            Err(reason) => {
                for line in no_gap(lane, reason) {
                    let text = Element::text(LEFT, y + 4.2, &line);
                    body.add(haloed(text.set("fill", MUTED.paint()).set("font-style", "italic")));
                    y += LANE;
                }
            }
        }
    }
    body
}

/// Why a lane is empty, in one line or a few.
fn no_gap(lane: Lane, reason: &str) -> Vec<String> {
    Label::of_lines(&no_gap_in_words(lane, reason), 0.0, 0.0, (RIGHT - LEFT) / SAFE, 3).lines
}

/// That there is no gap, and why; the reason alone where it says so.
fn no_gap_in_words(lane: Lane, reason: &str) -> String {
    if reason.starts_with(NOT_ABLATABLE) { reason.into() } else { format!("no {} ({reason})", lane.word()) }
}

/// Seeds behind, the interval, the mark, and its number beside all of them, or over the interval where that fills the axis.
///
/// An approximate value, whose number begins with `≈`, is hatched.
fn draw_gap(body: &mut Element, lane: Lane, estimate: &Estimate, values: &Values, y: f64, number: &str) {
    let colour = lane.role().colour();
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut holds = |x: f64, half: f64| {
        least = least.min(x - half);
        most = most.max(x + half);
    };
    let (mut seeds, mut arrows) = (String::new(), String::new());
    for (i, &seed) in estimate.seeds.iter().filter(|v| !v.is_nan()).enumerate() {
        match values.place(seed) {
            Place::Inside(x) => {
                // In three rows, so that seeds of about one value stay countable.
                seeds += &format!("M{}h0", point(x, y + 3.2 * ((i % 3) as f64 - 1.0)));
                holds(x, 1.5);
            }
            side => arrows += &arrow(side, y),
        }
    }
    // Kept until it is known how far the hatching behind it goes.
    let mut drawn = vec![];
    if estimate.seeds.len() > 1 {
        drawn.push(dots(Element::path(&seeds), colour, 2.6).set("opacity", ".55"));
    }
    if let Some((low, high)) = estimate.ends() {
        let (from, to) = (values.place(low), values.place(high));
        let (left, right) = (values.at(low), values.at(high));
        drawn.push(lane.role().line(Element::line(left, y, right, y)));
        let mut caps = String::new();
        for (place, x) in [(from, left), (to, right)] {
            match place {
                Place::Inside(_) => caps += &format!("M{}v7", point(x, y - 3.5)),
                side => arrows += &arrow(side, y),
            }
            holds(x, 1.0);
        }
        drawn.push(Element::path(&caps).set("stroke", colour.paint()).set("stroke-width", "1.4").set("fill", "none"));
    }
    // A mean outside the axis stands beside its arrow.
    let x = match values.place(estimate.value) {
        Place::Inside(x) => x,
        Place::Left => LEFT + 9.0,
        Place::Right => RIGHT - 9.0,
    };
    if !matches!(values.place(estimate.value), Place::Inside(_)) {
        arrows += &arrow(values.place(estimate.value), y);
    }
    holds(x, 6.0);
    let arrows = Element::path(&arrows).set("stroke", colour.paint()).set("stroke-width", "1.6").set("fill", "none");
    if number.starts_with('≈') {
        let (from, to) = ((least - 3.0).max(0.0), (most + 3.0).min(WIDTH));
        body.add(hatched(from, y - 6.0, to - from, 12.0));
    }
    drawn.into_iter().for_each(|element| body.add(element));
    body.add(arrows.set("stroke-linejoin", "round").set("stroke-linecap", "round"));
    body.add(lane.mark(x, y));
    let room = width(number, TEXT) + 5.0;
    let (x, anchor) = if most + room <= WIDTH {
        (most + 4.0, "start")
    } else if least - room >= 0.0 {
        (least - 4.0, "end")
    } else if x < WIDTH / 2.0 {
        (x + 8.0, "start")
    } else {
        (x - 8.0, "end")
    };
    let mut text = Element::text(x, y + 4.2, number).set("text-anchor", anchor);
    if lane == (Lane::Untuned { untuned_misleading: true }) {
        // A number that is struck through cannot be read; its mark is crossed out, and says the same.
        text = text.set("fill", MUTED.paint());
    }
    body.add(haloed(text));
}

/// A head at the edge of the axis that something has left; nothing for what is inside.
fn arrow(side: Place, y: f64) -> String {
    match side {
        Place::Inside(_) => String::new(),
        Place::Left => format!("M{}l-5 4 5 4", point(LEFT, y - 4.0)),
        Place::Right => format!("M{}l5 4-5 4", point(RIGHT, y - 4.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn known(value: f64) -> Measured {
        Measured::Known(Estimate { value, interval: Some((value - 0.01, value + 0.01)), seeds: vec![value; 3] })
    }

    pub(super) fn contrast(disruption: Measured, necessity: Measured, margin: Option<f64>) -> Contrast {
        let row = ContrastRow {
            component: "mlp".into(),
            label: "− mlp".into(),
            disruption,
            necessity,
            untuned: None,
            variant: None,
            approximate: Approximate::default(),
            verdict: None,
        };
        let axis = CurveAxis { label: "loss".into(), unit: Some("nats".into()), range: None };
        Contrast { name: "contrast".into(), title: "Contrast".into(), axis, higher_is_better: false, margin, rows: vec![row] }
    }

    #[test]
    fn what_was_not_measured_is_not_drawn_and_says_why() {
        let missing = Measured::Missing("it acts only during training".into());
        let figure = contrast(missing, known(0.05), Some(0.02)).figure();
        // Its mark stands in the key and nowhere else.
        let triangle = |svg: &str| svg.matches("fill=\"var(--disruption").count();
        assert_eq!(triangle(&figure.svg), 1);
        assert!(figure.svg.contains(">no disruption (it acts only during training)<"));
        assert_eq!(figure.table.rows[0][1], "it acts only during training");
        assert!(figure.description.contains("no disruption (it acts only during training)"));
    }

    /// A page marks the row of a component, so rows follow one another without a gap.
    #[test]
    fn a_row_is_found_by_the_key_of_its_component() {
        let mut figure = contrast(known(1.0), known(0.05), Some(0.02));
        let other = ContrastRow { component: "a \"b\" <c>".into(), ..figure.rows[0].clone() };
        figure.rows.push(other);
        let svg = figure.figure().svg;
        let extents: Vec<(f64, f64)> = svg
            .split("<g data-row=")
            .skip(1)
            .map(|row| {
                let number = |name: &str| row.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap();
                (number("y").parse().unwrap(), number("height").parse().unwrap())
            })
            .collect();
        assert!(svg.contains("<g data-row=\"mlp\"><rect x=\"0\" ") && svg.contains("<g data-row=\"a &quot;b&quot; &lt;c&gt;\">"));
        let [(first, height), (second, _)] = extents[..] else { panic!("{extents:?}") };
        assert_eq!(first + height, second);
    }

    #[test]
    fn what_cannot_be_ablated_is_said_in_a_few_words() {
        let figure = contrast(Measured::Missing("not ablatable: a replacement".into()), known(0.05), Some(0.02)).figure();
        assert!(figure.svg.contains(">not ablatable: a replacement<"), "{}", figure.svg);
        assert!(figure.description.contains("− mlp: not ablatable: a replacement; necessity 0.050"), "{}", figure.description);
    }

    #[test]
    fn one_seed_is_labelled_and_gets_no_verdict() {
        let one = |value| Measured::Known(Estimate { value, interval: None, seeds: vec![value] });
        let figure = contrast(one(1.0), one(0.1), Some(0.02)).figure();
        assert!(figure.svg.contains(">one seed, no verdict<"));
        assert!(figure.description.contains("(one seed, no interval)"));
    }

    #[test]
    fn an_interval_that_leaves_the_axis_is_clipped_with_an_arrow() {
        let wide = Measured::Known(Estimate { value: 0.5, interval: Some((-9.0, f64::INFINITY)), seeds: vec![] });
        let mut figure = contrast(wide, known(0.1), Some(0.1));
        figure.axis.range = Some((-1.0, 1.0));
        let figure = figure.figure();
        assert!(figure.svg.contains("l-5 4 5 4") && figure.svg.contains("l5 4-5 4"), "{}", figure.svg);
        assert!(figure.description.contains("Arrows: intervals or seeds of − mlp (disruption) are outside the axis."));
        assert_eq!(figure.table.rows[0][2], "−9.00 to ∞");
    }

    #[test]
    fn a_misleading_untuned_gap_is_crossed_out_in_the_picture_and_in_words() {
        let mut figure = contrast(known(1.0), known(0.05), Some(0.02));
        figure.rows[0].untuned = Some(Untuned { gap: known(0.08), untuned_misleading: true });
        let lines = |figure: &Contrast| figure.figure().svg.matches("stroke-width=\"1.4\"").count();
        let mut plain = figure.clone();
        plain.rows[0].untuned = Some(Untuned { gap: known(0.08), untuned_misleading: false });
        assert!(lines(&figure) > lines(&plain), "a line through the mark");
        let figure = figure.figure();
        assert!(!figure.svg.contains("line-through"), "the number stays legible");
        assert!(
            figure.description.contains("untuned gap 0.080 nats (95 % interval 0.070 to 0.090, n = 3; misleading, crossed out)")
        );
        assert_eq!(figure.table.rows[0][5], "0.080 (misleading)");
    }

    #[test]
    fn what_is_approximate_is_hatched_and_says_why() {
        let mut figure = contrast(known(1.0), known(0.05), Some(0.02));
        assert!(!figure.figure().svg.contains("≈"));
        figure.rows[0].approximate.ablation = Some("zero is off distribution".into());
        let figure = figure.figure();
        assert!(figure.svg.contains(">≈ 1.00<") && figure.svg.contains(">≈ approximate<") && !figure.svg.contains(">≈ 0.050<"));
        assert!(figure.description.contains("≈ − mlp (disruption) is approximate: zero is off distribution."));
        assert_eq!(figure.table.columns[5], "reason for approximation");
        assert_eq!(figure.table.rows[0][5], "disruption: zero is off distribution");
    }

    #[test]
    fn no_number_is_too_strange_to_draw() {
        let strange = [0.0, -0.0, 1e308, -1e308, 5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        for value in strange {
            for other in strange {
                let gap = Measured::Known(Estimate { value, interval: Some((other, value)), seeds: strange.to_vec() });
                for margin in [None, Some(other)] {
                    let mut figure = contrast(gap.clone(), known(other), margin);
                    for range in [None, Some((value, other))] {
                        figure.axis.range = range;
                        let svg = figure.figure().svg;
                        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{value} {other}: {svg}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_rows_are_an_empty_frame() {
        let mut figure = contrast(known(1.0), known(0.1), None);
        figure.rows.clear();
        assert!(figure.figure().table.rows.is_empty());
    }
}
