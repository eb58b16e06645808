//! The rule that chooses a point of a search: the only place that knows it (methodology, section 11.1).
//!
//! Every arm is tuned by this rule, so whoever changes it changes it for all of them alike. The lowest score of a search is often a matter
//! of luck: several points lie within the margin of it. So the best ones are scored again with fresh seeds, and of those that are as good
//! the one with the lowest learning rate is chosen, which does not flip with the last digit of a loss.

use std::cmp::Ordering;

use ablation_settings::{Settings, arrange};
use serde::{Deserialize, Serialize};

/// Most points that are scored again because they are among the best.
pub const MOST_CANDIDATES: usize = 3;

/// Fresh seeds that a candidate is scored again with.
pub const FRESH_SEEDS: u32 = 2;

/// Points whose scores differ by no more than this share of the margin are as good as each other.
pub const AS_GOOD: f64 = 0.1;

/// A point of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Point {
    /// What was tried.
    pub settings: Settings,
    /// Mean loss on the tune split over the tuning seeds, no worse than untrained; `None` until all of them are there.
    pub score: Option<f64>,
    /// The same over the fresh seeds as well, of a point that was scored again; `None` until all of them are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub rescored: Option<f64>,
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
    /// Its score, over the fresh seeds as well if it has been scored again.
    pub score: f64,
}

/// The point with the lowest score of the first round; of equal ones the preferred one. None until every point is scored. `preference`:
/// paths of the searched settings, the learning rate first; of points that are as good as each other the one with lower values is
/// preferred.
pub(crate) fn best(points: &[Point], preference: &[String]) -> Option<Found> {
    let first = *ranked(points, preference)?.first()?;
    found(points, first, points[first].score)
}

/// The points that are scored again: up to [`MOST_CANDIDATES`] of the best, as far as they lie within the margin of the best, and the point
/// that the reference chose, so that no variant misses what it would have been given untuned. None until every point is scored; empty where
/// there is only one, which is chosen without another round.
pub(crate) fn candidates(points: &[Point], preference: &[String], margin: f64, reference: Option<usize>) -> Option<Vec<usize>> {
    let ranked = ranked(points, preference)?;
    let score = |index: usize| points[index].score.unwrap_or(f64::INFINITY);
    let lowest = score(*ranked.first()?);
    let among_the_best = ranked.iter().copied().take(MOST_CANDIDATES).filter(|&index| score(index) <= lowest + margin);
    let mut candidates: Vec<usize> = among_the_best.collect();
    candidates.extend(reference.filter(|index| *index < points.len() && !candidates.contains(index)));
    candidates.sort_unstable();
    Some(if candidates.len() > 1 { candidates } else { Vec::new() })
}

/// Of the candidates, the preferred one of those whose score lies within a tenth of the margin of the best: the point that the reference
/// chose, or else the one with the lowest learning rate. None until all of them have been scored again; without candidates, the best of
/// the first round.
///
/// An arm has one candidate more than the reference, which is the reference's own point. By learning rate alone it would choose a lower one
/// in every case of doubt, and the A/A control would differ from the reference by that.
pub(crate) fn choose(
    points: &[Point],
    preference: &[String],
    margin: f64,
    candidates: &[usize],
    reference: Option<usize>,
) -> Option<Found> {
    if candidates.is_empty() {
        return best(points, preference);
    }
    let scores: Vec<(usize, f64)> =
        candidates.iter().map(|&index| Some((index, points[index].rescored?))).collect::<Option<_>>()?;
    let lowest = scores.iter().map(|(_, score)| *score).min_by(f64::total_cmp)?;
    let as_good = scores.iter().filter(|(_, score)| *score <= lowest + AS_GOOD * margin);
    // `false` first.
    let other = |index: usize| Some(index) != reference;
    let by_choice =
        |a: &&(usize, f64), b: &&(usize, f64)| other(a.0).cmp(&other(b.0)).then_with(|| prefer(points, preference, a.0, b.0));
    let (chosen, score) = *as_good.min_by(by_choice)?;
    found(points, chosen, Some(score))
}

/// The candidates that might as well have been chosen: those within the margin of the best one. The chosen one is among them.
pub(crate) fn plateau(points: &[Point], margin: f64, candidates: &[usize]) -> Vec<usize> {
    let score = |index: usize| points[index].rescored.unwrap_or(f64::INFINITY);
    let lowest = candidates.iter().map(|&index| score(index)).fold(f64::INFINITY, f64::min);
    candidates.iter().copied().filter(|&index| score(index) <= lowest + margin).collect()
}

/// Indices by score of the first round. None until every point is scored.
fn ranked(points: &[Point], preference: &[String]) -> Option<Vec<usize>> {
    let scores: Vec<f64> = points.iter().map(|point| point.score).collect::<Option<_>>()?;
    let mut ranked: Vec<usize> = (0..points.len()).collect();
    arrange(&mut ranked, |&a, &b| scores[a].total_cmp(&scores[b]).then_with(|| prefer(points, preference, a, b)));
    Some(ranked)
}

/// Lower values first, setting by setting; at last the earlier point.
fn prefer(points: &[Point], preference: &[String], a: usize, b: usize) -> Ordering {
    let value = |index: usize, path: &str| points[index].settings.number(path).unwrap_or(0.0);
    let by_setting = preference.iter().map(|path| value(a, path).total_cmp(&value(b, path)));
    by_setting.fold(Ordering::Equal, Ordering::then).then(a.cmp(&b))
}

fn found(points: &[Point], index: usize, score: Option<f64>) -> Option<Found> {
    Some(Found { index, settings: points[index].settings.clone(), score: score? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(rate: f64, score: Option<f64>) -> Point {
        Point { settings: Settings::default().with("rate", rate), score, rescored: None, diverged: 0 }
    }

    fn preference() -> Vec<String> {
        vec!["rate".into(), "decay".into()]
    }

    #[test]
    fn the_lowest_score_is_best_and_of_equal_ones_the_smaller_learning_rate() {
        let best = |points: &[Point]| best(points, &preference()).map(|found| found.index);
        let points = [point(0.3, Some(1.0)), point(0.2, Some(0.5)), point(0.1, Some(0.5)), point(0.1, Some(0.5))];
        assert_eq!(best(&points), Some(2));
        assert_eq!(best(&[point(0.3, Some(1.0)), point(0.2, None)]), None, "not before all are scored");
    }

    #[test]
    fn up_to_three_within_the_margin_and_the_references_point_are_scored_again() {
        let points: Vec<Point> = [0.50, 0.51, 0.52, 0.53, 0.9].into_iter().map(|score| point(0.1, Some(score))).collect();
        let again = |margin, reference| candidates(&points, &preference(), margin, reference).unwrap();
        assert_eq!(again(0.1, None), [0, 1, 2]);
        assert_eq!(again(0.015, None), [0, 1]);
        assert_eq!(again(0.015, Some(4)), [0, 1, 4]);
        assert!(again(0.001, Some(0)).is_empty(), "one candidate has nobody to be compared with");
        assert_eq!(candidates(&[point(0.1, None)], &preference(), 1.0, None), None);
    }

    /// 11.1: the difference of 3.9e-6 nats that decided between learning rates 0.0852 and 0.0219 decides nothing any more.
    #[test]
    fn a_difference_far_below_the_margin_does_not_decide_between_points() {
        let chosen = |first: f64, second: f64| {
            let mut points = [point(0.0852, Some(first)), point(0.0219, Some(second)), point(0.3, Some(1.0))];
            let again = candidates(&points, &preference(), 0.042, None).unwrap();
            assert_eq!(again, [0, 1]);
            assert_eq!(choose(&points, &preference(), 0.042, &again, None), None, "not before they are scored again");
            again.iter().for_each(|&index| points[index].rescored = points[index].score);
            (choose(&points, &preference(), 0.042, &again, None).unwrap().index, plateau(&points, 0.042, &again))
        };
        assert_eq!(chosen(0.0040, 0.0040039), (1, vec![0, 1]));
        assert_eq!(chosen(0.0040039, 0.0040), (1, vec![0, 1]));
        assert_eq!(chosen(0.0040, 0.0083).0, 0, "more than a tenth of the margin decides");
    }

    #[test]
    fn where_several_are_as_good_an_arm_keeps_the_point_of_the_reference() {
        let chosen = |score: f64, reference| {
            let mut points = [point(0.0852, Some(score)), point(0.0219, Some(0.0040)), point(0.3, Some(1.0))];
            points.iter_mut().for_each(|point| point.rescored = point.score);
            choose(&points, &preference(), 0.042, &[0, 1], reference).unwrap().index
        };
        assert_eq!((chosen(0.0041, None), chosen(0.0041, Some(0)), chosen(0.0041, Some(1))), (1, 0, 1));
        assert_eq!(chosen(0.0083, Some(0)), 1, "a point that is worse by more than a tenth of the margin is not kept");
    }

    #[test]
    fn after_the_learning_rate_the_other_settings_decide() {
        let mut points = [0.2, 0.1, 0.3].map(|decay| {
            let mut point = point(0.01, Some(0.5));
            point.settings.set("decay", decay);
            point.rescored = Some(0.5);
            point
        });
        assert_eq!(choose(&points, &preference(), 0.1, &[0, 1, 2], None).unwrap().index, 1);
        points[0].settings.set("rate", 0.005);
        assert_eq!(choose(&points, &preference(), 0.1, &[0, 1, 2], None).unwrap().index, 0);
    }
}
