//! The hyper-parameter search of one arm: its points, their scores, and the chosen one.

use ablation_settings::{Meaning, Settings};
use serde::{Deserialize, Serialize};

use crate::choice::{Found, Point, choose};
use crate::outcome::Outcomes;
use crate::planned::{Cache, Planned, Purpose, Searched, planned};
use crate::space::{Dimension, EDGE, Scale, point};
use crate::study::Study;
use crate::trial::{EvaluationSplit, Trial};

/// The extension of a range at one end, once, for all arms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    /// The added part of the range.
    pub added: Dimension,
    /// The number of points in it, with the same density as in the first range.
    pub points: u32,
}

/// The search of one arm in one repetition.
#[derive(Clone, Debug)]
pub struct Search {
    /// Its points, in the order of the sequence.
    pub points: Vec<Point>,
    /// The ranges, extended or not.
    pub space: Vec<Dimension>,
    /// Its trials, point by point.
    pub trials: Vec<Planned>,
    /// Path of the learning rate, which decides between points of equal score.
    rate: Option<String>,
}

impl Search {
    /// The search of an arm with the outcomes so far.
    pub(crate) fn new(
        study: &Study,
        outcomes: &Outcomes,
        search: u32,
        arm: Searched,
        extended: &[Extension],
        cache: &mut Cache,
    ) -> Self {
        let aa_control = arm == Searched::Aa;
        let variant = match arm {
            Searched::Own(index) => study.variants.get(index),
            _ => None,
        };
        // A setting that the variant changes is not searched.
        let fixed = |path: &str| variant.is_some_and(|variant| variant.set.get(path).is_some());
        // Points are drawn in all dimensions first, so that the other dimensions agree with those of the reference.
        let scramble = study.scramble(search, aa_control);
        let drawn = |space: &[Dimension], index: u32| -> Settings {
            let all = point(space, scramble, index);
            all.iter().filter(|(path, _)| !fixed(path)).map(|(path, value)| (path, value.clone())).collect()
        };
        let mut settings: Vec<Settings> = (0..study.design.trials).map(|index| drawn(&study.space, index)).collect();
        let mut wide = study.space.clone();
        for extension in extended {
            let path = &extension.added.path;
            let narrow: Vec<Dimension> =
                study.space.iter().map(|one| if one.path == *path { extension.added.clone() } else { one.clone() }).collect();
            let first = settings.len() as u32;
            settings.extend((first..first + extension.points).map(|index| drawn(&narrow, index)));
            if let Some(one) = wide.iter_mut().find(|one| one.path == *path) {
                one.low = one.low.min(extension.added.low);
                one.high = one.high.max(extension.added.high);
            }
        }
        wide.retain(|dimension| !fixed(&dimension.path));
        let base = variant.map_or(study.settings.clone(), |variant| study.settings.overlaid(&variant.set));
        let remove = variant.map_or(Vec::new(), |variant| variant.remove.clone());
        let mut trials = Vec::new();
        let points = settings
            .into_iter()
            .enumerate()
            .map(|(index, chosen)| {
                let split = [EvaluationSplit::Tune];
                let first = study.tuning_seeds(search, 0, aa_control);
                let trial = study.scratch(base.overlaid(&chosen), study.steps(), &remove, first, &split);
                let runs: Vec<Planned> = (0..study.design.tuning_seeds)
                    .map(|seed| {
                        planned(cache, Purpose::Search { arm, search, point: index as u32, seed }, None, || Trial {
                            seeds: study.tuning_seeds(search, seed, aa_control),
                            ..trial.clone()
                        })
                    })
                    .collect();
                let found: Vec<_> = runs.iter().filter_map(|planned| outcomes.get(&planned.id)).collect();
                let scores: Vec<f64> =
                    found.iter().filter_map(|outcome| Some(outcome.marks.get(&EvaluationSplit::Tune)?.clipped())).collect();
                let whole = scores.len() == runs.len();
                let score = whole.then(|| ablation_stats::sum(scores.iter().copied()) / scores.len() as f64);
                let diverged = found.iter().filter(|outcome| outcome.diverged).count() as u32;
                trials.extend(runs);
                Point { settings: chosen, score, diverged }
            })
            .collect();
        let rate = study.path(Meaning::LearningRate).map(str::to_string);
        Search { points, space: wide, trials, rate }
    }

    /// The chosen point, once all are scored.
    pub fn found(&self) -> Option<Found> {
        choose(&self.points, self.rate.as_deref())
    }

    /// The dimensions in which the chosen point lies in the outer tenth of the range, and at which end (`false` is the lower), if every
    /// point outside that tenth is worse by more than `margin`. If one is not, the range is flat, as for an arm that cannot learn, and the
    /// position of the lowest score is chance.
    pub fn edges(&self, margin: f64) -> Vec<(&Dimension, bool)> {
        let Some(found) = self.found() else { return Vec::new() };
        self.space
            .iter()
            .filter_map(|dimension| {
                let upper = end(dimension, &found.settings)?;
                let elsewhere = self.points.iter().filter(|point| end(dimension, &point.settings) != Some(upper));
                let as_good = elsewhere.filter_map(|point| point.score).any(|score| score <= found.score + margin);
                (!as_good).then_some((dimension, upper))
            })
            .collect()
    }
}

/// The end of a range in whose tenth a point lies (`false` is the lower one), if it lies in one.
fn end(dimension: &Dimension, settings: &Settings) -> Option<bool> {
    let share = dimension.share(settings.number(&dimension.path).ok()?);
    // A weight decay from zero ends where the setting ends: the range cannot be extended there.
    let natural = |at: f64, bound: f64| dimension.scale == Scale::Linear && at == bound;
    let [least, most] = dimension.bounds;
    let lower = share < EDGE && !natural(dimension.low, least);
    let upper = share > 1.0 - EDGE && !natural(dimension.high, most);
    lower.then_some(false).or(upper.then_some(true))
}

/// The extensions of the ranges, once, if the choice of any arm lies at an edge: by one decade, for all arms. A linear range has no decades
/// and is not extended.
pub(crate) fn extension<'a>(study: &Study, searches: impl Iterator<Item = &'a Search>, margin: f64) -> Option<Vec<Extension>> {
    let mut extensions: Vec<Extension> = Vec::new();
    for (dimension, upper) in searches.flat_map(|search| search.edges(margin)) {
        if dimension.scale == Scale::Linear {
            continue;
        }
        let decades = libm::log10(dimension.high / dimension.low);
        let mut added = if upper {
            Dimension { low: dimension.high, high: 10.0 * dimension.high, ..dimension.clone() }
        } else {
            Dimension { low: dimension.low / 10.0, high: dimension.low, ..dimension.clone() }
        };
        (added.low, added.high) = (added.low.max(dimension.bounds[0]), added.high.min(dimension.bounds[1]));
        if added.low >= added.high || extensions.iter().any(|one| one.added == added) {
            continue;
        }
        let share = libm::log10(added.high / added.low) / decades;
        let points = libm::ceil(f64::from(study.design.trials) * share).max(1.0) as u32;
        extensions.push(Extension { added, points });
    }
    // By range, not by the arm that asked first.
    extensions.sort_by(|a, b| a.added.path.cmp(&b.added.path).then(a.added.low.total_cmp(&b.added.low)));
    (!extensions.is_empty()).then_some(extensions)
}
