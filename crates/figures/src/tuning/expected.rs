//! Expected best loss of each arm against the number of search points.

use super::listed;
use crate::plot::MANY_LABELS;
use crate::{Curve, CurveAxis, Figure, Role, Series};

/// Expected best loss against the number of search points.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedBest {
    /// Name within its panel, such as `expected-best`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// The loss that the search minimises.
    pub y: CurveAxis,
    /// In the order in which they are drawn.
    pub arms: Vec<Searched>,
}

/// The search of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Searched {
    /// Its label, such as `reference` or `− blocks.1.mlp`.
    pub label: String,
    /// Colour, dash and mark.
    pub role: Role,
    /// The expected best loss of 1, 2, 3, ... search points.
    pub best: Vec<f64>,
    /// Whether it still falls at the end: the figure marks such an arm as under-tuned.
    pub falling: bool,
}

impl ExpectedBest {
    /// Draws it, as a [`Curve`] over search points.
    pub fn figure(&self) -> Figure {
        let most = self.arms.iter().map(|a| a.best.len()).max().unwrap_or(1).max(1);
        let series = self.arms.iter().map(|arm| Series {
            label: if arm.falling { format!("↓ {}", arm.label) } else { arm.label.clone() },
            role: arm.role,
            points: arm.best.iter().enumerate().map(|(i, best)| ((i + 1) as f64, *best)).collect(),
        });
        let curve = Curve {
            name: self.name.clone(),
            title: self.title.clone(),
            x: CurveAxis { label: "search points".into(), unit: None, range: Some((1.0, most as f64)) },
            y: self.y.clone(),
            series: series.collect(),
            rule: None,
        };
        let falling: Vec<&str> = self.arms.iter().filter(|a| a.falling).map(|a| a.label.as_str()).collect();
        let note = match falling.len() {
            0 => String::new(),
            1 => {
                format!("The expected best loss of {} still falls at the end of its search: the arm is under-tuned.", falling[0])
            }
            _ => format!(
                "The expected best losses of {} still fall at the end of their searches: these arms are under-tuned.",
                listed(&falling)
            ),
        };
        let remark = if falling.is_empty() { "" } else { "↓ still falling" };
        curve.figure_with(Some(MANY_LABELS), remark, &note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(best: Vec<f64>, falling: bool) -> Figure {
        let arm = |label: &str, role| Searched { label: label.into(), role, best: best.clone(), falling };
        let arms = vec![arm("reference", Role::Reference), arm("− mlp", Role::Necessity)];
        let y = CurveAxis { label: "expected best loss".into(), unit: Some("nats".into()), range: None };
        ExpectedBest { name: "expected".into(), title: "Tuning".into(), y, arms }.figure()
    }

    #[test]
    fn the_first_value_is_that_of_one_search_point() {
        let figure = expected(vec![0.9, 0.7, 0.6], false);
        assert_eq!(figure.table.rows[0], ["1", "0.900", "0.900"]);
        assert!(figure.description.contains("from 0.900 (search points = 1) to 0.600 (search points = 3)"));
    }

    #[test]
    fn a_search_that_still_falls_is_named_in_picture_and_words() {
        let figure = expected(vec![0.9, 0.7], true);
        let note = "The expected best losses of reference and − mlp still fall at the end of their searches: these arms are under-tuned.";
        assert!(figure.description.ends_with(note));
        assert!(figure.svg.contains(note) && figure.svg.contains(">↓ reference<") && figure.svg.contains(">↓ still falling<"));
        assert!(!expected(vec![0.9], false).description.contains("under-tuned"));
    }

    /// Labels of their own would all point at one place.
    #[test]
    fn curves_on_top_of_one_another_share_a_label() {
        let marks = |svg: &str| svg.matches(">− mlp<").count() + svg.matches(">reference<").count();
        let leaders = |svg: &str| svg.matches("stroke-width=\"0.5\"").count() + svg.matches("stroke-width=\"0.8\"").count();
        let together = expected(vec![0.9, 0.7, 0.6], false).svg;
        assert_eq!((marks(&together), leaders(&together)), (2, 1), "{together}");
        let arm = |i: u32| Searched { label: format!("− {i}"), role: Role::Necessity, best: vec![0.5, 0.4], falling: false };
        let y = CurveAxis { label: "loss".into(), unit: None, range: None };
        let (name, title) = ("expected".into(), "Tuning".into());
        let many = ExpectedBest { name, title, y, arms: (0..12).map(arm).collect() }.figure();
        assert!(many.svg.contains(">− 5<") && !many.svg.contains(">− 6<") && many.svg.contains(">and 6 more<"));
        assert_eq!(many.table.columns.len(), 13, "the table has them all");
    }

    #[test]
    fn no_search_is_an_empty_frame() {
        assert!(expected(vec![], false).description.contains("has no values yet"));
        assert!(!expected(vec![f64::NAN, f64::INFINITY], false).svg.contains("NaN"));
    }
}
