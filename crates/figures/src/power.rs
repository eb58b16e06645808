//! Power against the number of seeds.
//!
//! A result from few seeds is often inconclusive because of the small sample. The figure shows how many seeds are required.

use ablation_settings::arrange_by_key;

use crate::axis::{Range, ticks};
use crate::number::{MISSING, fixed, number};
use crate::plot::{self, End, MANY_LABELS, Plot, TOP, WIDTH, lines};
use crate::svg::{Element, TEXT, document, haloed, width};
use crate::theme::INK;
use crate::{Figure, Role, Table};

/// Power against the number of seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Power {
    /// Name within its panel, such as `power`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// One for each effect.
    pub lines: Vec<PowerLine>,
    /// The target power, such as 0.8.
    pub target: f64,
    /// The number of seeds of the study.
    pub present: Option<u32>,
    /// The unit of analysis in the plural, such as `seeds`.
    pub unit: String,
}

/// The power for one effect.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerLine {
    /// Such as `− mlp`; the figure adds the required number of seeds.
    pub label: String,
    /// Colour, dash and mark.
    pub role: Role,
    /// The effect to detect, such as `a difference of 0.05 nats`, for the description.
    pub sought: String,
    /// The difference in standard deviations of the paired differences.
    pub effect: f64,
    /// `(seeds, power)` in any order; a power that is not finite is left out.
    pub points: Vec<(u32, f64)>,
    /// The least number of seeds that can be called sufficient: with fewer the test cannot reach significance, or they were run and the result
    /// was inconclusive.
    pub fewest: u32,
}

impl PowerLine {
    fn ordered(&self) -> Vec<(u32, f64)> {
        let mut points: Vec<_> = self.points.iter().copied().filter(|p| p.1.is_finite()).collect();
        arrange_by_key(&mut points, |p| p.0);
        points
    }

    /// The fewest seeds, not below [`PowerLine::fewest`], from which on every point reaches the target.
    pub(crate) fn enough(&self, target: f64) -> Option<u32> {
        let points = self.ordered();
        let reached = points.iter().rev().take_while(|p| p.0 >= self.fewest && p.1 >= target).last();
        reached.map(|p| p.0)
    }

    /// The label, and the required number of seeds in a line of its own.
    fn labelled(&self, power: &Power) -> String {
        let unit = &power.unit;
        match (self.enough(power.target), self.ordered().last()) {
            (Some(seeds), _) => format!("{}:\n{seeds}\u{a0}{unit}", self.label),
            (None, Some(last)) => format!("{}:\n>\u{a0}{}\u{a0}{unit}", self.label, last.0),
            (None, None) => self.label.clone(),
        }
    }
}

impl Power {
    /// Draws it.
    pub fn figure(&self) -> Figure {
        let x = self.x_range();
        let y = Range::new(0.0, 1.0);
        let (x_ticks, y_ticks) = (ticks(x, 5, true), ticks(y, 5, false));
        let labels: Vec<String> = self.lines.iter().map(|l| l.labelled(self)).collect();
        let target = format!("target {}", fixed(self.target, 2));
        let height = plot::height(labels.iter().chain([&target]).map(String::as_str), MANY_LABELS);
        let plot = Plot::new(x, y, &y_ticks, height, MANY_LABELS);
        let mut body = Element::group();
        let height = plot.frame(&mut body, (&self.unit, "power"), &x_ticks, &y_ticks);
        let mut ends = vec![];
        if y.contains(self.target) {
            let at = plot.y.at(self.target);
            let line = Element::line(plot.x.from, at, plot.x.to, at).set("stroke", INK.paint());
            body.add(line.set("stroke-dasharray", "1.5 2.5"));
            ends.push(End::new(None, target, (plot.x.to, at)));
        }
        self.draw_present(&mut body, &plot);
        let (mut drawn, mut rings) = (lines(), Element::group().set("fill", "none").set("stroke", INK.paint()));
        for (line, label) in self.lines.iter().zip(labels) {
            let points: Vec<(f64, f64)> = line.ordered().into_iter().map(|(n, p)| (f64::from(n), p)).collect();
            let Some(&end) = points.last() else {
                continue;
            };
            drawn.add(line.role.line(Element::path(&plot.polyline(&points))));
            ends.push(End::new(Some(line.role), label, plot.at(end)));
            let enough = line.enough(self.target).and_then(|n| points.iter().find(|p| p.0 == f64::from(n)));
            if let Some((x, y)) = enough.map(|p| plot.at(*p)) {
                rings.add(Element::new("circle").put("cx", x).put("cy", y).set("r", "4.5").set("stroke-width", "1.4"));
            }
        }
        body.add(drawn);
        body.add(rings);
        plot.draw_ends(&mut body, &ends);
        let description = self.describe();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, height, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn x_range(&self) -> Range {
        let seeds = self.lines.iter().flat_map(|l| &l.points).map(|p| p.0).chain(self.present);
        Range::of(seeds.map(f64::from))
    }

    /// A vertical line at the number of seeds of the study, labelled above the plot.
    fn draw_present(&self, body: &mut Element, plot: &Plot) {
        let Some(present) = self.present else {
            return;
        };
        let x = plot.x.at(f64::from(present));
        body.add(Element::line(x, TOP, x, plot.y.from).set("stroke", INK.paint()).set("stroke-dasharray", "5 3"));
        let text = format!("n = {present}");
        let half = width(&text, TEXT) / 2.0;
        let x = x.clamp(width("power", TEXT) + 10.0 + half, plot.x.to + 20.0);
        body.add(haloed(Element::text(x, TOP - 6.0, &text).set("text-anchor", "middle")));
    }

    fn describe(&self) -> String {
        let unit = &self.unit;
        let mut text = vec![format!("Power against the number of {unit}; target {}.", fixed(self.target, 2))];
        for line in &self.lines {
            let sought = format!("{}, {} standard deviations", line.sought, number(line.effect));
            let now = self.present.and_then(|n| line.ordered().into_iter().find(|p| p.0 == n));
            let now = now.map_or_else(String::new, |(n, p)| format!("power {} with the {n} {unit} of this study; ", fixed(p, 2)));
            let enough = match (line.enough(self.target), line.ordered().last()) {
                (Some(seeds), _) => format!("the target is reached with {seeds} {unit} (ring)"),
                (None, Some(last)) => format!("the target is not reached with {} {unit}", last.0),
                (None, None) => "no values".into(),
            };
            text.push(format!("{} ({}), {sought}: {now}{enough}.", line.label, line.role.line_in_words()));
        }
        if let Some(present) = self.present {
            text.push(format!("Vertical line: n = {present} {unit}, as in this study."));
        }
        text.join(" ")
    }

    fn table(&self) -> Table {
        let mut seeds: Vec<u32> = self.lines.iter().flat_map(|l| &l.points).map(|p| p.0).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let of_line = |line: &PowerLine| format!("{}: {}", line.label, line.sought);
        let heads: Vec<String> = std::iter::once(self.unit.clone()).chain(self.lines.iter().map(of_line)).collect();
        let mut table = Table::new(heads.iter().map(String::as_str));
        for n in seeds {
            let cell = |l: &PowerLine| l.ordered().iter().find(|p| p.0 == n).map_or_else(|| MISSING.into(), |p| fixed(p.1, 3));
            table.push([n.to_string()].into_iter().chain(self.lines.iter().map(cell)).collect());
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(points: &[(u32, f64)]) -> Power {
        let line = PowerLine {
            label: "− mlp".into(),
            role: Role::Necessity,
            sought: "a difference of 0.4 nats".into(),
            effect: 0.8,
            points: points.to_vec(),
            fewest: 2,
        };
        Power {
            name: "power".into(),
            title: "Power".into(),
            lines: vec![line],
            target: 0.8,
            present: Some(6),
            unit: "seeds".into(),
        }
    }

    #[test]
    fn the_required_number_of_seeds_is_described() {
        let figure = power(&[(15, 0.82), (6, 0.35), (10, 0.6), (20, 0.92)]).figure();
        let words = "− mlp (solid line, circle), a difference of 0.4 nats, 0.800 standard deviations: power 0.35 with the 6 seeds of this \
                     study; the target is reached with 15 seeds (ring).";
        assert!(figure.description.contains(words), "{}", figure.description);
        assert_eq!(figure.table.rows[0], ["6", "0.350"]);
    }

    #[test]
    fn a_target_is_reached_only_if_no_larger_number_of_seeds_misses_it() {
        let line = |points: &[(u32, f64)]| power(points).lines.remove(0);
        assert_eq!(line(&[(5, 0.81), (6, 0.79), (7, 0.83)]).enough(0.8), Some(7));
        let run = PowerLine { fewest: 6, ..line(&[(5, 0.81), (6, 0.82), (7, 0.83)]) };
        assert_eq!(run.enough(0.8), Some(6), "five seeds were inconclusive");
        assert_eq!(line(&[(5, 0.5)]).enough(0.8), None);
        let label = |points: &[(u32, f64)]| line(points).labelled(&power(points));
        assert_eq!(label(&[(5, 0.5)]), "− mlp:\n>\u{a0}5\u{a0}seeds");
        assert_eq!(label(&[]), "− mlp");
    }

    #[test]
    fn no_number_is_too_strange_to_draw() {
        for target in [0.8, f64::NAN, f64::INFINITY, -3.0] {
            let mut figure = power(&[(0, f64::NAN), (u32::MAX, f64::INFINITY), (3, 7.0), (3, -1.0)]);
            figure.target = target;
            let svg = figure.figure().svg;
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
        power(&[]).figure();
    }
}
