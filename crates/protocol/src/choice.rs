//! The rule that chooses a point of a search: the only place that knows it.
//!
//! Every arm is tuned by this rule, so whoever changes it changes it for all of them alike.

use ablation_settings::Settings;
use serde::{Deserialize, Serialize};

/// A point of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Point {
    /// What was tried.
    pub settings: Settings,
    /// Mean loss on the tune split over the tuning seeds, no worse than untrained; `None` until all of them are there.
    pub score: Option<f64>,
    /// Tuning runs whose loss stopped being a number.
    pub diverged: u32,
}

/// The chosen point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Its index.
    pub index: usize,
    /// What it sets.
    pub settings: Settings,
    /// Its score.
    pub score: f64,
}

/// The point with the lowest score; of equal ones that with the smaller value of `rate`, the path of the learning rate, then the earlier one.
/// None until every point is scored.
pub(crate) fn choose(points: &[Point], rate: Option<&str>) -> Option<Found> {
    let scores: Vec<f64> = points.iter().map(|point| point.score).collect::<Option<_>>()?;
    let rate = |index: usize| rate.and_then(|path| points[index].settings.number(path).ok()).unwrap_or(0.0);
    let order = |&a: &usize, &b: &usize| scores[a].total_cmp(&scores[b]).then(rate(a).total_cmp(&rate(b))).then(a.cmp(&b));
    let best = (0..scores.len()).min_by(order)?;
    Some(Found { index: best, settings: points[best].settings.clone(), score: scores[best] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_score_wins_and_of_equal_ones_the_smaller_learning_rate() {
        let point = |rate: f64, score| Point { settings: Settings::default().with("rate", rate), score, diverged: 0 };
        let chosen = |points: &[Point]| choose(points, Some("rate")).map(|found| found.index);
        assert_eq!(
            chosen(&[point(0.3, Some(1.0)), point(0.2, Some(0.5)), point(0.1, Some(0.5)), point(0.1, Some(0.5))]),
            Some(2)
        );
        assert_eq!(chosen(&[point(0.3, Some(1.0)), point(0.2, None)]), None, "not before all are scored");
        assert_eq!(choose(&[point(0.3, Some(0.5)), point(0.2, Some(0.5))], None).unwrap().index, 0);
    }
}
