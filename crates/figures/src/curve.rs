//! Series over training steps: loss curves, score curves.
//!
//! The page shows the same curve panel once for each arm, so both axes can be given by the caller: panels that scale themselves
//! make a model that fails look like one that works.

mod words;

use ablation_settings::arrange;

use crate::axis::{Range, ticks};
use crate::number::to_margin;
use crate::plot::{self, End, LABELS, Plot, Room, TOP, WIDTH, lines};
use crate::svg::{Element, TEXT, document, width};
use crate::thin::runs;
use crate::{Figure, Role};

/// Several series on one pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Name within its panel, such as `loss`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// Usually training steps; its ticks are whole numbers.
    pub x: CurveAxis,
    /// The measured quantity.
    pub y: CurveAxis,
    /// Drawn in this order, later over earlier.
    pub series: Vec<Series>,
    /// A horizontal line, such as the loss of the constant predictor.
    pub rule: Option<Rule>,
}

/// One axis of a curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurveAxis {
    /// What is shown, such as `loss`.
    pub label: String,
    /// In which unit, such as `nats`.
    pub unit: Option<String>,
    /// From where to where; `None` fits the data. Values outside are drawn at the edge, and the description says so.
    pub range: Option<(f64, f64)>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The direct label at its end.
    pub label: String,
    /// Which arm it belongs to: colour, dash and mark.
    pub role: Role,
    /// `(step, value)` in order of steps. A value that is not finite breaks the line; a step that is not finite is left out.
    pub points: Vec<(f64, f64)>,
}

/// A labelled horizontal line.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Such as `constant predictor`.
    pub label: String,
    /// Where.
    pub value: f64,
}

impl Rule {
    /// The label with the value, which the label may already hold.
    pub(crate) fn in_words(&self) -> String {
        self.in_words_to(None)
    }

    /// [`Rule::in_words`] to a margin.
    pub(crate) fn in_words_to(&self, margin: Option<f64>) -> String {
        let value = to_margin(self.value, margin);
        if self.label.ends_with(&value) { self.label.clone() } else { format!("{}, {value}", self.label) }
    }
}

impl Curve {
    /// Draws it. The root carries `data-plot="left,top,width,height"` in units of the view box and `data-x="min,max"`, for a
    /// cursor that is linked between panels; what lies under the cursor is read from the table, whose first column is the step.
    pub fn figure(&self) -> Figure {
        self.figure_with(None, "", "")
    }

    /// [`Curve::figure`] with other room for labels, where curves on top of one another share one, a remark above its right end and a further
    /// sentence in its description, for kinds of figures that are curves.
    pub(crate) fn figure_with(&self, shared: Option<Room>, remark: &str, sentence: &str) -> Figure {
        let series: Vec<Series> = self.series.iter().map(Series::ordered).collect();
        let (x, y) = (self.x_range(&series), self.y_range(&series));
        let y_ticks = ticks(y, 5, false);
        let labels = shared.unwrap_or(LABELS);
        let height = plot::height(series.iter().map(|s| s.label.as_str()), labels);
        let plot = Plot::new(x, y, &y_ticks, height, labels);
        let left = plot.x.from;
        let mut body = Element::group();
        let bottom = plot.frame(&mut body, (&self.x.with_unit(), &self.y.with_unit()), &ticks(x, 4, true), &y_ticks);
        if let Some(rule) = &self.rule {
            plot.rule(&mut body, rule);
        }
        if !remark.is_empty() && width(&self.y.with_unit(), TEXT) + width(remark, TEXT) + 14.0 <= WIDTH {
            body.add(Element::text(WIDTH, 10.0, remark).set("text-anchor", "end"));
        }
        draw_series(&mut body, &plot, &series, shared.is_some());
        let data = [
            ("data-plot", format!("{left},{TOP},{},{height}", plot.x.to - left)),
            ("data-x", format!("{},{}", x.minimum, x.maximum)),
        ];
        let description = [words::describe(self, &series, y).as_str(), sentence].join(" ").trim_end().to_string();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, bottom, &self.title, &description, &data, body),
            description,
            table: words::table(&self.x, &series),
        }
    }

    fn x_range(&self, series: &[Series]) -> Range {
        let own = || Range::of(series.iter().flat_map(|s| s.points.iter().map(|p| p.0)));
        self.x.range.map_or_else(own, |(a, b)| Range::new(a, b))
    }

    fn y_range(&self, series: &[Series]) -> Range {
        let values = series.iter().flat_map(|s| s.points.iter().map(|p| p.1));
        let own = || Range::of(values.chain(self.rule.iter().map(|r| r.value))).padded();
        self.y.range.map_or_else(own, |(a, b)| Range::new(a, b))
    }
}

impl CurveAxis {
    pub(crate) fn with_unit(&self) -> String {
        match &self.unit {
            Some(unit) => format!("{} ({unit})", self.label),
            None => self.label.clone(),
        }
    }
}

impl Series {
    fn ordered(&self) -> Self {
        let mut points: Vec<_> = self.points.iter().copied().filter(|p| p.0.is_finite()).collect();
        arrange(&mut points, |a, b| a.0.total_cmp(&b.0));
        Self { points, ..self.clone() }
    }
}

/// The lines, then their ends.
fn draw_series(body: &mut Element, plot: &Plot, series: &[Series], shared: bool) {
    let mut lines = lines();
    let mut ends = vec![];
    for s in series {
        let runs = runs(&s.points, plot.x.domain);
        let Some(&end) = runs.last().and_then(|run| run.last()) else {
            continue;
        };
        let path: String = runs.iter().map(|run| plot.polyline(run)).collect();
        lines.add(s.role.line(Element::path(&path)));
        ends.push(End::new(Some(s.role), s.label.as_str(), plot.at(end)));
    }
    body.add(lines);
    plot.draw_ends(body, &if shared { End::shared(ends) } else { ends });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: Vec<(f64, f64)>) -> Curve {
        Curve {
            name: "loss".into(),
            title: "Loss".into(),
            x: CurveAxis { label: "step".into(), unit: None, range: Some((0.0, 800.0)) },
            y: CurveAxis { label: "loss".into(), unit: Some("nats".into()), range: Some((0.0, 3.0)) },
            series: vec![Series { label: "reference".into(), role: Role::Reference, points }],
            rule: Some(Rule { label: "constant predictor".into(), value: 2.4 }),
        }
    }

    #[test]
    fn the_page_can_find_the_plot() {
        let svg = curve(vec![(0.0, 2.4), (400.0, 0.5)]).figure().svg;
        assert!(svg.contains("data-plot=\"26,22,218,152\" data-x=\"0,800\""), "{svg}");
    }

    #[test]
    fn what_is_not_finite_is_said_and_never_drawn() {
        let figure = curve(vec![(0.0, 2.4), (1.0, f64::NAN), (2.0, f64::INFINITY), (3.0, 2.0)]).figure();
        assert!(figure.description.contains("2 values are not finite, the first at step = 1"), "{}", figure.description);
        assert!(!figure.svg.contains("NaN") && !figure.svg.contains("inf\""));
        assert_eq!(figure.table.rows[1], ["1", "—"]);
    }

    #[test]
    fn what_is_outside_is_drawn_at_the_edge_and_said() {
        let figure = curve(vec![(0.0, 2.4), (1.0, 1e9)]).figure();
        assert!(figure.description.contains("1 value is outside the axis"));
    }

    #[test]
    fn the_table_is_exact_while_it_is_short_and_short_when_it_is_long() {
        let figure = curve((0..50).map(|i| (f64::from(i) * 10.0, f64::from(i))).collect()).figure();
        assert_eq!(figure.table.rows[7], ["70", "7.00"]);
        let figure = curve((0..5000).map(|i| (f64::from(i), f64::from(i))).collect()).figure();
        assert_eq!(figure.table.rows.len(), 100);
        assert_eq!(figure.table.rows[99], ["4999", "4999"]);
        assert!(figure.svg.len() < 6000);
    }

    #[test]
    fn no_number_is_too_strange_to_draw() {
        let strange = [0.0, -0.0, 1e308, -1e308, 5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let points: Vec<_> = strange.iter().flat_map(|&x| strange.iter().map(move |&y| (x, y))).collect();
        for range in [None, Some((f64::NAN, 1.0)), Some((1.0, 1.0)), Some((5.0, -5.0))] {
            let mut curve = curve(points.repeat(5));
            curve.x.range = range;
            curve.y.range = range;
            let svg = curve.figure().svg;
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn a_curve_without_values_is_an_empty_frame() {
        let figure = curve(vec![]).figure();
        assert!(figure.description.contains("reference has no values yet."));
        assert!(figure.table.rows.is_empty());
    }
}
