//! The hyper-parameter search of one arm: its points, their scores, and the chosen one.

use std::ops::Range;

use ablation_settings::{Meaning, Settings, arrange, arrange_by_key};
use serde::{Deserialize, Serialize};

use crate::choice::{FRESH_SEEDS, Found, Point, best, candidates, choose, plateau};
use crate::outcome::Outcomes;
use crate::planned::{Planned, Purpose, Searched, Template};
use crate::space::{Dimension, EDGE, Scale, point};
use crate::study::{Study, Variant};
use crate::trial::{BOTH, EvaluationSplit};

/// The extension of a range at one end, once, for all arms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    /// The added part of the range.
    pub added: Dimension,
    /// The number of points in it, with the same density as in the first range.
    pub points: u32,
}

/// The search of one arm in one repetition.
///
/// In the first round every point is scored; in the second those that may be chosen, with fresh seeds.
#[derive(Clone, Debug)]
pub struct Search {
    /// Its points, in the order of the sequence.
    pub points: Vec<Point>,
    /// The ranges, extended or not.
    pub space: Vec<Dimension>,
    /// Its trials, point by point, the second round behind the first.
    pub trials: Vec<Planned>,
    /// Indices of the points that are scored again; none before the second round, and empty where there is nothing to decide.
    pub candidates: Option<Vec<usize>>,
    /// The margin that candidates are chosen by; 0 before the second round.
    margin: f64,
    /// Index of the point that the reference chose, which the arm keeps where it is as good as the best.
    reference: Option<usize>,
    /// Paths of the searched settings, the learning rate first.
    preference: Vec<String>,
}

impl Search {
    /// The first round of the search of an arm with the outcomes so far.
    pub(crate) fn new(study: &Study, outcomes: &Outcomes, search: u32, arm: Searched, extended: &[Extension]) -> Self {
        let (settings, mut wide) = drawn(study, search, extended);
        // A setting that the variant changes is not searched. Points are drawn in all dimensions first, so that the other dimensions agree
        // with those of the reference.
        let variant = varied(study, arm);
        let fixed = |path: &str| variant.is_some_and(|variant| variant.set.get(path).is_some());
        wide.retain(|dimension| !fixed(&dimension.path));
        let rate = study.path(Meaning::LearningRate);
        let mut preference: Vec<String> = wide.iter().map(|dimension| dimension.path.clone()).collect();
        arrange_by_key(&mut preference, |path| Some(path.as_str()) != rate);
        let mut round = Search {
            points: Vec::new(),
            space: wide,
            trials: Vec::new(),
            candidates: None,
            margin: 0.0,
            reference: None,
            preference,
        };
        for settings in settings {
            let settings = settings.filtered(|path, _| !fixed(path));
            round.points.push(Point { settings, score: None, rescored: None, diverged: 0 });
            let place = Place { arm, search, point: round.points.len() - 1 };
            round.score(study, outcomes, place, 0..study.design.tuning_seeds);
        }
        round
    }

    /// The second round: scores the points that may be chosen with fresh seeds. `reference`: index of the point that the reference chose.
    pub(crate) fn score_again(
        &mut self,
        study: &Study,
        outcomes: &Outcomes,
        (search, arm): (u32, Searched),
        margin: f64,
        reference: Option<usize>,
    ) {
        let Some(candidates) = candidates(&self.points, &self.preference, margin, reference) else { return };
        let before = self.candidates.take().unwrap_or_default();
        let seeds = study.design.tuning_seeds;
        for &point in candidates.iter().filter(|point| !before.contains(point)) {
            self.score(study, outcomes, Place { arm, search, point }, seeds..seeds + FRESH_SEEDS);
        }
        self.candidates = Some(candidates);
        self.margin = margin;
        self.reference = reference;
    }

    /// Adds the runs of a point with these tuning seeds, and its score once they are done.
    fn score(&mut self, study: &Study, outcomes: &Outcomes, place: Place, seeds: Range<u32>) {
        let Place { arm, search, point: index } = place;
        let variant = varied(study, arm);
        let aa_control = arm == Searched::Aa;
        let remove = variant.map_or(&[][..], |variant| &variant.remove);
        let base = variant.map_or(study.settings.clone(), |variant| study.settings.overlaid(&variant.set));
        let point = &mut self.points[index];
        let is_first = seeds.start == 0;
        // A reference that may be chosen is evaluated as whatever is ablated: the report says what ablating it would have shown.
        let is_ablated = !is_first && arm == Searched::Reference;
        let split: &[EvaluationSplit] = if is_ablated { &BOTH } else { &[EvaluationSplit::Tune] };
        let template = Template::new(study.scratch(base.overlaid(&point.settings), study.steps(), remove, split));
        let run = |seed| {
            let role = Purpose::Search { arm, search, point: index as u32, seed };
            template.planned(role, study.tuning_seeds(search, seed, aa_control), None)
        };
        let runs: Vec<Planned> = seeds.map(run).collect();
        let done: Vec<_> = runs.iter().filter_map(|planned| outcomes.get(&planned.id)).collect();
        let scores: Vec<f64> =
            done.iter().filter_map(|outcome| Some(outcome.marks.get(&EvaluationSplit::Tune)?.clipped())).collect();
        let mean = (scores.len() == runs.len()).then(|| ablation_stats::sum(scores.iter().copied()) / scores.len() as f64);
        point.diverged += done.iter().filter(|outcome| outcome.diverged).count() as u32;
        if is_first {
            point.score = mean;
        } else {
            let [before, fresh] = [study.design.tuning_seeds, FRESH_SEEDS].map(f64::from);
            point.rescored = point.score.zip(mean).map(|(score, mean)| (score * before + mean * fresh) / (before + fresh));
        }
        self.trials.extend(runs);
    }

    /// The point with the lowest score of the first round, once all are scored.
    pub fn best(&self) -> Option<Found> {
        best(&self.points, &self.preference)
    }

    /// The chosen point, once the candidates have been scored again.
    pub fn found(&self) -> Option<Found> {
        choose(&self.points, &self.preference, self.margin, self.candidates.as_ref()?, self.reference)
    }

    /// Indices of the points that might as well have been chosen: the candidates within the margin of the best one, once they have been
    /// scored again.
    pub fn plateau(&self) -> Vec<usize> {
        let Some(found) = self.found() else { return Vec::new() };
        match self.candidates.as_deref() {
            Some(candidates) if !candidates.is_empty() => plateau(&self.points, self.margin, candidates),
            _ => vec![found.index],
        }
    }

    /// The dimensions in which the chosen point, or before the second round the best one, lies in the outer tenth of the range, and at which
    /// end (`false` is the lower), if every point outside that tenth is worse by more than `margin`. If one is not, the range is flat, as for
    /// an arm that cannot learn, and the position of the lowest score is chance.
    pub fn edges(&self, margin: f64) -> Vec<(&Dimension, bool)> {
        let Some(chosen) = self.found().or_else(|| self.best()) else { return Vec::new() };
        let Some(lowest) = self.best().map(|best| best.score) else { return Vec::new() };
        self.space
            .iter()
            .filter_map(|dimension| {
                let upper = end(dimension, &chosen.settings)?;
                let elsewhere = self.points.iter().filter(|point| end(dimension, &point.settings) != Some(upper));
                let as_good = elsewhere.filter_map(|point| point.score).any(|score| score <= lowest + margin);
                (!as_good).then_some((dimension, upper))
            })
            .collect()
    }
}

/// The point of a search that a run scores.
struct Place {
    arm: Searched,
    search: u32,
    point: usize,
}

/// The variant that an arm tunes, if it tunes one.
fn varied(study: &Study, arm: Searched) -> Option<&Variant> {
    match arm {
        Searched::Own(index) => study.variants.get(index),
        Searched::Reference | Searched::Aa => None,
    }
}

/// The points of a repetition of the search, the same for every arm, and the ranges that they lie in.
fn drawn(study: &Study, search: u32, extended: &[Extension]) -> (Vec<Settings>, Vec<Dimension>) {
    let scramble = study.scramble(search);
    let mut settings: Vec<Settings> = (0..study.design.trials).map(|index| point(&study.space, scramble, index)).collect();
    let mut wide = study.space.clone();
    for extension in extended {
        let path = &extension.added.path;
        let narrow: Vec<Dimension> =
            study.space.iter().map(|one| if one.path == *path { extension.added.clone() } else { one.clone() }).collect();
        let first = settings.len() as u32;
        settings.extend((first..first + extension.points).map(|index| point(&narrow, scramble, index)));
        if let Some(one) = wide.iter_mut().find(|one| one.path == *path) {
            one.low = one.low.min(extension.added.low);
            one.high = one.high.max(extension.added.high);
        }
    }
    (settings, wide)
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
    arrange(&mut extensions, |a, b| a.added.path.cmp(&b.added.path).then(a.added.low.total_cmp(&b.added.low)));
    (!extensions.is_empty()).then_some(extensions)
}
