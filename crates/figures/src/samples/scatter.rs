//! Samples over data points, for two-dimensional diffusion.
//!
//! Both axes have the same fixed range and the same scale. If each scatter fitted its own samples, divergent samples would look like good
//! ones.

use super::TEXT;
use crate::axis::{Range, Scale, ticks};
use crate::number::{coordinate, number, optional};
use crate::role::dots;
use crate::svg::{Element, document_of, point, width};
use crate::theme::{LINE, MUTED};
use crate::{Figure, Role, Table};

const WIDTH: f64 = 320.0;
const LEFT: f64 = 26.0;
const TOP: f64 = 20.0;
const SIDE: f64 = 270.0;
/// Points drawn for each cloud; the first ones, as the order of points is random anyway.
const MOST: usize = 512;

/// `(x, y)`.
type Point = (f64, f64);

/// Samples over data, or data alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Name within its panel, such as `samples`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// From where to where on both axes.
    pub range: (f64, f64),
    /// Points of the data, muted behind the samples.
    pub data: Vec<(f64, f64)>,
    /// Samples of the model; `None` for the data alone.
    pub samples: Option<Cloud>,
}

/// The samples of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    /// In the key above the plot, such as `− time`.
    pub label: String,
    /// Which arm: colour and mark.
    pub role: Role,
    /// The points; beyond 512, the first 512 are drawn.
    pub points: Vec<(f64, f64)>,
}

impl Scatter {
    /// Draws it.
    pub fn figure(&self) -> Figure {
        let range = Range::new(self.range.0, self.range.1);
        let plot = Plot {
            range,
            x: Scale { domain: range, from: LEFT, to: LEFT + SIDE },
            y: Scale { domain: range, from: TOP + SIDE, to: TOP },
        };
        let mut body = Element::group();
        draw_frame(&mut body, &plot);
        let data: String = plot.drawn(&self.data).map(|(x, y)| format!("M{}h0", point(x, y))).collect();
        let size = if self.samples.is_some() { 2.2 } else { 2.8 };
        body.add(dots(Element::path(&data), MUTED, size).put("opacity", 0.75));
        if let Some(Cloud { role, points, .. }) = &self.samples {
            body.add(role.cloud(plot.drawn(points)));
        }
        self.draw_key(&mut body, &plot);
        let description = self.describe(&plot);
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document_of(TEXT, (WIDTH, TOP + SIDE + 20.0), &self.title, &description, &[], body),
            description,
            table: self.table(&plot),
        }
    }

    /// What is what, above the plot; how many samples are not in the picture, at the right.
    fn draw_key(&self, body: &mut Element, plot: &Plot) {
        let mut x = LEFT;
        let sample = Element::path(&format!("M{}h0m4-3h0m1 5.5h0", point(x + 2.0, 7.5)));
        body.add(dots(sample, MUTED, 2.2));
        body.add(Element::text(x + 12.0, 11.0, "data").set("fill", MUTED.paint()));
        x += 12.0 + width("data", TEXT) + 16.0;
        let Some(Cloud { label, role, points }) = &self.samples else {
            return;
        };
        body.add(role.paint_marks(Element::path(&role.mark(x, 7.5, 3.2))));
        body.add(Element::text(x + 9.0, 11.0, label));
        let outside = plot.outside(points);
        if outside > 0 {
            let text = Element::text(LEFT + SIDE, 11.0, &format!("{outside} outside"));
            body.add(text.set("fill", MUTED.paint()).set("text-anchor", "end"));
        }
    }

    fn describe(&self, plot: &Plot) -> String {
        let axes = format!("both axes from {} to {}", number(plot.range.minimum), number(plot.range.maximum));
        let Some(Cloud { label, points, .. }) = &self.samples else {
            return format!("{} points of the data, {axes}.", self.data.len().min(MOST));
        };
        let (drawn, outside) = (points.len().min(MOST), plot.outside(points));
        let mut text = format!("{drawn} samples ({label}) over {} points of the data, {axes}.", self.data.len().min(MOST));
        if outside > 0 {
            text += &format!(" {outside} samples lie outside or are not finite and are not drawn.");
        }
        text
    }

    fn table(&self, plot: &Plot) -> Table {
        let clouds: Vec<(&str, &[(f64, f64)])> = [("data", self.data.as_slice())]
            .into_iter()
            .chain(self.samples.iter().map(|c| (c.label.as_str(), c.points.as_slice())))
            .collect();
        let mut table = Table::new(["cloud"].into_iter().chain(clouds.iter().map(|c| c.0)));
        let mut row = |name: &str, cell: &dyn Fn(&[Point]) -> String| {
            table.push([name.to_string()].into_iter().chain(clouds.iter().map(|c| cell(&c.1[..c.1.len().min(MOST)]))).collect());
        };
        row("points", &|p| p.len().to_string());
        row("mean x", &|p| optional(moments(p, |p| p.0).map(|m| m.0)));
        row("mean y", &|p| optional(moments(p, |p| p.1).map(|m| m.0)));
        row("standard deviation x", &|p| optional(moments(p, |p| p.0).map(|m| m.1)));
        row("standard deviation y", &|p| optional(moments(p, |p| p.1).map(|m| m.1)));
        row("outside or not finite", &|p| plot.outside(p).to_string());
        table
    }
}

/// Mean and standard deviation of one coordinate over the finite points, if there is one.
fn moments(points: &[(f64, f64)], coordinate: impl Fn(&(f64, f64)) -> f64) -> Option<(f64, f64)> {
    let values: Vec<f64> = points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).map(coordinate).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
    (!values.is_empty()).then(|| (mean, variance.sqrt()))
}

struct Plot {
    range: Range,
    x: Scale,
    y: Scale,
}

impl Plot {
    fn holds(&self, p: &(f64, f64)) -> bool {
        self.range.contains(p.0) && self.range.contains(p.1)
    }

    /// How many of the points that would be drawn lie outside.
    fn outside(&self, points: &[(f64, f64)]) -> usize {
        points.iter().take(MOST).filter(|p| !self.holds(p)).count()
    }

    /// Where the points inside are drawn.
    fn drawn(&self, points: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> {
        points.iter().take(MOST).filter(|p| self.holds(p)).map(|p| (self.x.at(p.0), self.y.at(p.1)))
    }
}

fn draw_frame(body: &mut Element, plot: &Plot) {
    let (right, bottom) = (LEFT + SIDE, TOP + SIDE);
    let n = |v| coordinate(v, 1);
    let mut grid = String::new();
    let mut rows = Element::group().set("fill", MUTED.paint()).set("text-anchor", "end");
    let mut columns = Element::group().set("fill", MUTED.paint()).set("text-anchor", "middle");
    for tick in ticks(plot.range, 5, false) {
        let (x, y) = (plot.x.at(tick.value), plot.y.at(tick.value));
        grid += &format!("M{}H{}M{}V{}", point(LEFT, y), n(right), point(x, TOP), n(bottom));
        rows.add(Element::text(LEFT - 6.0, y + 3.8, &tick.label));
        columns.add(Element::text(x, bottom + 15.0, &tick.label));
    }
    body.add(Element::path(&grid).set("stroke", LINE.paint()).set("fill", "none"));
    body.add(Element::rect(LEFT, TOP, SIDE, SIDE).set("stroke", LINE.paint()).set("fill", "none"));
    body.add(rows);
    body.add(columns);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(count: u32, radius: f64) -> Vec<(f64, f64)> {
        let angle = |i| f64::from(i) * 2.399_963;
        (0..count).map(|i| (radius * libm::cos(angle(i)), radius * libm::sin(angle(i)))).collect()
    }

    fn scatter(role: Role, points: Vec<(f64, f64)>) -> Scatter {
        let samples = Some(Cloud { label: "reference".into(), role, points });
        Scatter { name: "samples".into(), title: "Samples".into(), range: (-2.0, 2.0), data: ring(256, 1.0), samples }
    }

    #[test]
    fn two_clouds_stay_small_for_every_arm() {
        for role in Role::ALL {
            let bytes = scatter(role, ring(256, 1.3)).figure().svg.len();
            assert!(bytes < 12_000, "{role:?}: {bytes}");
        }
    }

    #[test]
    fn what_is_outside_is_counted_and_never_drawn() {
        let figure = scatter(Role::Disruption, vec![(0.0, 0.0), (9.0, 0.0), (f64::NAN, 0.0)]).figure();
        assert!(figure.svg.contains(">2 outside<"));
        assert!(figure.description.contains("2 samples lie outside or are not finite"));
        assert_eq!(figure.table.rows[5], ["outside or not finite", "0", "2"]);
    }

    #[test]
    fn data_alone_is_a_figure_too() {
        let figure = Scatter { samples: None, ..scatter(Role::Reference, vec![]) }.figure();
        assert_eq!(figure.description, "256 points of the data, both axes from −2.00 to 2.00.");
        assert_eq!(figure.table.columns, ["cloud", "data"]);
    }

    #[test]
    fn a_cloud_without_points_has_no_mean() {
        let figure = scatter(Role::Necessity, vec![]).figure();
        assert_eq!(figure.table.rows[1][2], "—");
    }

    #[test]
    fn both_axes_have_one_scale() {
        let figure = scatter(Role::Necessity, vec![(1.0, 1.0), (-1.0, -1.0)]).figure();
        // The plot is a square over one range, so a step of one unit is as long across as it is up.
        assert!(figure.svg.contains(&format!("width=\"{SIDE}\" height=\"{SIDE}\"")));
    }
}
