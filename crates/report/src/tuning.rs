//! The searches as a report shows them: every point, what more of them would have brought, and whether they can be trusted.

use ablation_protocol::{Arm, Dimension, Point, Schedule, Searched, Study, arms};
use ablation_stats::{Best, Sample, expected_best};
use serde::{Deserialize, Serialize};

/// The search of one arm in one repetition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Tuning {
    /// Key of the arm: `reference`, `aa`, or the name of a component.
    pub arm: String,
    /// Repetition of the search, from 0.
    pub search: u32,
    /// The ranges, after any extension.
    pub space: Vec<Dimension>,
    /// Every point with its score.
    pub points: Vec<Point>,
    /// Index of the chosen one.
    pub chosen: Option<usize>,
    /// Indices of the points that might as well have been chosen: those that were scored again and lie within the margin of the best of them,
    /// the chosen one included.
    #[serde(default)]
    pub plateau: Vec<usize>,
    /// Paths of the settings whose chosen value lies in the outer tenth of its range, with every value outside it worse by more than the
    /// margin.
    pub edges: Vec<String>,
    /// Expected lowest score after 1, 2, ... points in random order (Tang et al. 2020; unbiased).
    pub expected_best: Vec<f64>,
    /// Whether the last quarter of the points still brought more than the margin: more points may bring more.
    pub under_tuned: bool,
}

impl Tuning {
    /// The arm by the name that people read.
    pub fn arm_label(&self) -> &str {
        if self.arm == Arm::Aa.name() { Arm::Aa.label() } else { &self.arm }
    }
}

/// Every search that has begun.
pub(crate) fn tuning(study: &Study, schedule: &Schedule) -> Vec<Tuning> {
    let margin = schedule.margin.unwrap_or(0.0);
    searched(study)
        .filter_map(|(search, arm)| {
            let found = schedule.searches.get(&(search, arm))?;
            let scores: Vec<f64> = found.points.iter().filter_map(|point| point.score).collect();
            let whole = scores.len() == found.points.len();
            let sample = Sample::new(scores).ok().filter(|_| whole);
            let expected = |sample: &Sample| -> Vec<f64> {
                (1..=sample.len()).filter_map(|trials| expected_best(sample, trials, Best::Lowest)).collect()
            };
            let expected_best = sample.as_ref().map(expected).unwrap_or_default();
            Some(Tuning {
                arm: arm_name(study, arm),
                search,
                space: found.space.clone(),
                chosen: found.found().map(|found| found.index),
                plateau: found.plateau(),
                edges: found.edges(margin).into_iter().map(|(dimension, _)| dimension.path.clone()).collect(),
                under_tuned: schedule.margin.is_some() && still_falls(&expected_best, margin),
                points: found.points.clone(),
                expected_best,
            })
        })
        .collect()
}

fn still_falls(expected: &[f64], margin: f64) -> bool {
    let three_quarters = expected.len() * 3 / 4;
    match (three_quarters.checked_sub(1).and_then(|index| expected.get(index)), expected.last()) {
        (Some(before), Some(after)) => before - after > margin,
        _ => false,
    }
}

/// The key of an arm with a search.
fn arm_name(study: &Study, arm: Searched) -> String {
    match arm {
        Searched::Reference => Arm::Reference.name().to_string(),
        Searched::Aa => Arm::Aa.name().to_string(),
        Searched::Own(index) => study.variants.get(index).map_or(String::new(), |variant| variant.name.clone()),
    }
}

/// Every arm with a search in the order of tables.
fn searched(study: &Study) -> impl Iterator<Item = (u32, Searched)> + use<> {
    let searches = study.design.searches;
    arms(study).flat_map(move |arm| (0..searches).map(move |search| (search, arm)))
}

#[cfg(test)]
mod tests {
    use super::still_falls;

    #[test]
    fn a_curve_that_has_come_to_rest_is_tuned() {
        assert!(!still_falls(&[1.0, 0.5, 0.41, 0.4], 0.02));
        assert!(still_falls(&[1.0, 0.8, 0.6, 0.4], 0.02));
        assert!(!still_falls(&[1.0], 0.02) && !still_falls(&[], 0.02));
    }
}
