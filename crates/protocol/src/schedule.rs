//! From a study and what is known to what can be run: a pure function, asked again whenever something finished.
//!
//! A search, an ablation of a trained model and its recovery are trials like all others; they are merely not known before the outcomes that they
//! depend on. So resuming, live progress and sharing a study between machines are no features of their own: whoever holds the same
//! outcomes plans the same trials.
//!
//! Stages, in order: the search of the reference, which fixes the margin before any variant has run; the searches of all other arms; one
//! extension of the range for all arms if any of them chose a point at its edge; final trainings; ablations, then recovery.

use std::collections::{BTreeMap, BTreeSet};

use ablation_settings::arrange_by_key;

use crate::choice::Found;
use crate::outcome::Outcomes;
use crate::planned::{Planned, Searched, key};
use crate::search::{Extension, Search, extension};
use crate::study::{Margin, Study};
use crate::trial::EvaluationSplit;

/// The ablation that stands for a component: the one whose mean loss on the tune split is lowest, as the damage beyond it is the operator's and not the
/// component's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Primary {
    /// Index among the variant's ablations.
    pub ablation: usize,
    /// Whether all pairs are in; until then another ablation may turn out to be less damaging.
    pub settled: bool,
}

/// Everything that is known to be needed, done or not.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// In the order in which it should be run.
    pub trials: Vec<Planned>,
    /// The margin in the unit of the loss, once it is fixed.
    pub margin: Option<f64>,
    /// Every search that has begun.
    pub searches: BTreeMap<(u32, Searched), Search>,
    /// Whether every search has chosen, and no range will be widened any more.
    pub settled: bool,
    /// The ablation that does least damage, by variant.
    pub primary: BTreeMap<usize, Primary>,
    /// Whether nothing will be added.
    pub complete: bool,
}

/// What can be run now: known to be needed, not done, and everything it goes on from is there.
pub fn plan(study: &Study, outcomes: &Outcomes) -> Vec<Planned> {
    let missing = |planned: &Planned| !outcomes.contains_key(&planned.id);
    let ready = |planned: &Planned| planned.origin.as_ref().is_none_or(|origin| outcomes.contains_key(origin));
    let mut trials: Vec<Planned> = schedule(study, outcomes).trials.into_iter().filter(missing).filter(ready).collect();
    // Two roles may ask for the same training, as when a variant's own search chooses what the reference's chose.
    let mut seen = BTreeSet::new();
    trials.retain(|planned| seen.insert(planned.id.clone()));
    trials
}

/// Everything that is known to be needed.
pub fn schedule(study: &Study, outcomes: &Outcomes) -> Schedule {
    let mut schedule = Schedule::default();
    schedule.fill(study, outcomes);
    let searches = schedule.searches.values().flat_map(|search| search.trials.iter().cloned());
    schedule.trials.extend(searches);
    // Ordered by seed, so that a study that is stopped has whole pairs; within a pair by id, which is as good as a shuffle.
    arrange_by_key(&mut schedule.trials, |planned| {
        let pair = planned.role.pair().map(|pair| (pair.seed, pair.search));
        (planned.role.stage(), pair, key(&planned.id))
    });
    schedule
}

impl Schedule {
    fn fill(&mut self, study: &Study, outcomes: &Outcomes) {
        for search in 0..study.design.searches {
            self.search(study, outcomes, search, Searched::Reference, &[]);
        }
        self.margin = self.fixed_margin(study, outcomes);
        let Some(margin) = self.margin else { return };
        let arms: Vec<Searched> = arms(study).collect();
        for search in 0..study.design.searches {
            for &arm in arms.iter().filter(|arm| **arm != Searched::Reference) {
                self.search(study, outcomes, search, arm, &[]);
            }
        }
        if !self.all(|search| search.best().is_some()) {
            return;
        }
        if let Some(wider) = extension(study, self.searches.values(), margin) {
            for search in 0..study.design.searches {
                for &arm in &arms {
                    self.search(study, outcomes, search, arm, &wider);
                }
            }
            if !self.all(|search| search.best().is_some()) {
                return;
            }
        }
        self.score_again(study, outcomes, &arms, margin);
        if !self.all(|search| search.found().is_some()) {
            return;
        }
        self.settled = true;
        for search in 0..study.design.searches {
            self.finals(study, search);
        }
        self.ablations(study, outcomes);
        let settled = self.primary.values().filter(|primary| primary.settled).count();
        self.complete = settled == study.variants.iter().filter(|variant| !variant.ablations.is_empty()).count();
    }

    /// Whether something is true of every search that has begun.
    fn all(&self, is_true: impl Fn(&Search) -> bool) -> bool {
        self.searches.values().all(is_true)
    }

    /// Scores the candidates of every search again. All begin at once; where the reference chooses a point that is no candidate of another
    /// arm, it becomes one.
    fn score_again(&mut self, study: &Study, outcomes: &Outcomes, arms: &[Searched], margin: f64) {
        for search in 0..study.design.searches {
            let mut reference = None;
            for &arm in arms {
                let key = (search, arm);
                let Some(one) = self.searches.get_mut(&key) else { continue };
                one.score_again(study, outcomes, key, margin, None);
                if arm == Searched::Reference {
                    reference = one.found().map(|found| found.index);
                } else if reference.is_some() {
                    one.score_again(study, outcomes, key, margin, reference);
                }
            }
        }
    }

    /// Adds the points of one search, or with an extension puts the longer search in the place of the shorter.
    fn search(&mut self, study: &Study, outcomes: &Outcomes, search: u32, arm: Searched, extended: &[Extension]) {
        let known = Search::new(study, outcomes, search, arm, extended);
        self.searches.insert((search, arm), known);
    }

    /// The margin, fixed by the first search of the reference before its range may be extended.
    fn fixed_margin(&self, study: &Study, outcomes: &Outcomes) -> Option<f64> {
        let search = self.searches.get(&(0, Searched::Reference))?;
        let best = search.best()?;
        match study.margin {
            Margin::Absolute(margin) => Some(margin),
            Margin::Share(share) => {
                let planned = search.trials.first()?;
                let marks = outcomes.get(&planned.id)?.marks.get(&EvaluationSplit::Tune)?;
                Some(share * (marks.constant_predictor - best.score).max(0.0))
            }
        }
    }

    /// What a search has chosen.
    pub(crate) fn found(&self, search: u32, arm: Searched) -> Option<Found> {
        self.searches.get(&(search, arm)).and_then(Search::found)
    }
}

/// Every arm with a search, in the order of tables.
pub fn arms(study: &Study) -> impl Iterator<Item = Searched> + use<> {
    [Searched::Reference, Searched::Aa].into_iter().chain((0..study.variants.len()).map(Searched::Own))
}

#[cfg(test)]
mod tests {
    use ablation_settings::Settings;

    use super::*;
    use crate::made_up::toy;
    use crate::outcome::{Marks, Outcome};
    use crate::planned::Purpose;
    use crate::space::{Dimension, Scale};
    use crate::study::{Pair, Variant};
    use crate::trial::{Seeds, Trial};

    /// A world in which the best learning rate is 0.01, or 0.001 without positions, and an ablation raises the loss.
    fn outcome(trial: &Trial) -> Outcome {
        let rate = trial.settings.number("train.learning_rate").unwrap();
        let best = if trial.remove.is_empty() { 0.01 } else { 0.001 };
        let off = libm::log10(rate / best);
        let luck = (trial.seeds.data % 1000) as f64 * 1e-5;
        let damage: f64 = trial.stages[1..].iter().map(|stage| stage.ablations.len() as f64 / (1 + stage.steps) as f64).sum();
        let marks =
            Marks { loss: Some(0.5 + 0.1 * off * off + luck + damage), score: None, untrained: 3.0, constant_predictor: 2.5 };
        Outcome {
            trial: trial.id(),
            marks: trial.evaluate.iter().map(|split| (*split, marks.clone())).collect(),
            diverged: false,
            steps_to_threshold: None,
            device: "test".into(),
            numerics: 1,
        }
    }

    /// Runs a study to its end, `batch` ready trials at a time, the last first if `backwards`.
    fn run(study: &Study, batch: usize, backwards: bool) -> Outcomes {
        let mut outcomes = Outcomes::new();
        loop {
            let mut ready = plan(study, &outcomes);
            if backwards {
                ready.reverse();
            }
            if ready.is_empty() {
                return outcomes;
            }
            for planned in ready.into_iter().take(batch) {
                outcomes.insert(planned.id, outcome(&planned.trial));
            }
        }
    }

    #[test]
    fn a_study_begins_with_the_search_of_the_reference() {
        let ready = plan(&toy(), &Outcomes::new());
        assert_eq!(ready.len(), 8);
        assert!(ready.iter().all(|planned| matches!(planned.role, Purpose::Search { arm: Searched::Reference, .. })));
        assert!(schedule(&toy(), &Outcomes::new()).margin.is_none());
    }

    #[test]
    fn the_order_of_the_work_changes_nothing() {
        let study = toy();
        let all = run(&study, usize::MAX, false);
        assert_eq!(run(&study, 1, true), all);
        assert_eq!(run(&study, 7, false), all);
        let schedule = schedule(&study, &all);
        assert!(schedule.complete && plan(&study, &all).is_empty());
        // Every outcome is needed, and every need is met.
        let needed: BTreeSet<&String> = schedule.trials.iter().map(|planned| &planned.id).collect();
        assert_eq!(needed, all.keys().collect());
    }

    #[test]
    fn every_arm_is_there_in_every_pair() {
        let study = toy();
        let schedule = schedule(&study, &run(&study, 50, false));
        let count = |wanted: &dyn Fn(&Purpose) -> bool| schedule.trials.iter().filter(|planned| wanted(&planned.role)).count();
        for arm in arms(&study) {
            assert_eq!(count(&|role| matches!(role, Purpose::Trained { arm: a, .. } if *a == arm)), 6, "{arm:?}");
        }
        assert_eq!(count(&|role| matches!(role, Purpose::Untuned { variant: 0, .. })), 6);
        assert_eq!(count(&|role| matches!(role, Purpose::Ablated { variant: 0, .. })), 2 * 6);
        assert_eq!(count(&|role| matches!(role, Purpose::Ablated { variant: 1, .. })), 0, "weight decay cannot be ablated");
        assert_eq!(count(&|role| matches!(role, Purpose::Sham { .. })), 3 * 4 * 6);
        assert_eq!(count(&|role| matches!(role, Purpose::Recovered { variant: 0, .. })), 3 * 4 * 6);
        assert_eq!(count(&|role| matches!(role, Purpose::ShortRetrain { variant: 0, .. })), 3 * 4 * 6);
        assert_eq!(schedule.margin.map(|margin| (margin * 1e3).round()), Some(40.0), "2 % of what was learned");
    }

    #[test]
    fn arms_of_one_pair_share_their_seeds() {
        let study = toy();
        let schedule = schedule(&study, &run(&study, 50, false));
        let pair = Pair { search: 0, seed: 3 };
        let seeds = |wanted: &Purpose| schedule.trials.iter().find(|planned| planned.role == *wanted).unwrap().trial.seeds;
        let reference = seeds(&Purpose::Trained { arm: Searched::Reference, pair });
        for role in [
            Purpose::Trained { arm: Searched::Own(0), pair },
            Purpose::Untuned { variant: 1, pair },
            Purpose::Ablated { variant: 0, ablation: 1, pair },
            Purpose::Sham { budget: 0, rate: 2, pair },
        ] {
            assert_eq!(seeds(&role), reference);
        }
        let aa_control = seeds(&Purpose::Trained { arm: Searched::Aa, pair });
        assert_eq!(Seeds { redraw: None, ..aa_control }, reference);
        let final_seeds: BTreeSet<u64> =
            schedule.trials.iter().filter(|one| one.role.pair().is_some()).map(|one| one.trial.seeds.data).collect();
        let tuning: BTreeSet<u64> =
            schedule.trials.iter().filter(|one| one.role.pair().is_none()).map(|one| one.trial.seeds.data).collect();
        assert!(final_seeds.is_disjoint(&tuning));
    }

    /// 11.3: the A/A control is as paired with the reference as the variants are.
    #[test]
    fn the_aa_control_draws_anew_what_the_median_variant_leaves_out() {
        let mut study = toy();
        let pair = Pair { search: 0, seed: 3 };
        let redrawn = |study: &Study| study.seeds(pair, true).redraw.unwrap().per_million;
        let share = |parameters: &[[usize; 2]]| {
            let variant = study.variants[0].clone();
            let variants = parameters.iter().map(|&parameters| Variant { parameters, ..variant.clone() }).collect();
            redrawn(&Study { variants, ..study.clone() })
        };
        assert_eq!(share(&[[1000, 900], [1000, 700], [1000, 1000]]), 100_000);
        assert_eq!(share(&[[1000, 900], [1000, 700]]), 200_000, "the middle of two");
        assert_eq!(share(&[[1000, 1000], [1000, 4000]]), 10_000, "without any redrawn weight it would be the reference");
        study.variants.clear();
        assert_eq!(redrawn(&study), 10_000);
        let [first, second] = [0, 1].map(|seed| study.seeds(Pair { search: 0, seed }, true).redraw.unwrap().seed);
        assert_ne!(first, second);
        assert_eq!(study.tuning_seeds(0, 1, false), Seeds { redraw: None, ..study.tuning_seeds(0, 1, true) });
    }

    #[test]
    fn every_arm_searches_for_itself_and_the_untuned_arm_borrows() {
        let study = toy();
        let schedule = schedule(&study, &run(&study, 50, false));
        let rate = |arm| schedule.searches[&(0, arm)].found().unwrap().settings.number("train.learning_rate").unwrap();
        let (reference, own) = (rate(Searched::Reference), rate(Searched::Own(0)));
        assert!((libm::log10(reference) + 2.0).abs() < 0.25 && (libm::log10(own) + 3.0).abs() < 0.25, "{reference} {own}");
        let pair = Pair { search: 0, seed: 0 };
        let rate_of = |wanted: Purpose| {
            let planned = schedule.trials.iter().find(|planned| planned.role == wanted).unwrap();
            planned.trial.settings.number("train.learning_rate").unwrap()
        };
        assert_eq!(rate_of(Purpose::Untuned { variant: 0, pair }), reference);
        assert_eq!(rate_of(Purpose::Trained { arm: Searched::Own(0), pair }), own);
        // All arms try the same points.
        let points = |arm| schedule.searches[&(0, arm)].points.iter().map(|point| point.settings.clone()).collect::<Vec<_>>();
        assert_eq!(points(Searched::Reference), points(Searched::Own(0)));
        assert_eq!(points(Searched::Reference), points(Searched::Aa));
    }

    #[test]
    fn a_choice_at_the_edge_widens_the_range_of_all_arms_once() {
        let mut study = toy();
        study.margin = Margin::Absolute(0.01);
        // The best rate without positions, 0.001, lies below this range.
        (study.space[0].low, study.space[0].high) = (0.002, 0.8);
        let schedule = schedule(&study, &run(&study, 50, false));
        let lengths: BTreeSet<usize> = schedule.searches.values().map(|search| search.points.len()).collect();
        assert_eq!(lengths, BTreeSet::from([8 + 4]), "a decade at the density of the first 2.6, for every arm");
        for search in schedule.searches.values() {
            assert_eq!((search.space[0].low, search.space[0].high), (0.0002, 0.8));
        }
        let own = schedule.searches[&(0, Searched::Own(0))].found().unwrap();
        assert!(own.settings.number("train.learning_rate").unwrap() < 0.002);
        assert!(schedule.complete);
    }

    /// An arm that cannot learn scores the same everywhere; where its lowest score lies says nothing about the range.
    #[test]
    fn a_flat_search_widens_nothing_wherever_its_best_point_lies() {
        let study = toy();
        let mut outcomes = Outcomes::new();
        let schedule = loop {
            let ready = plan(&study, &outcomes);
            let schedule = schedule(&study, &outcomes);
            if ready.is_empty() || schedule.settled {
                break schedule;
            }
            for planned in ready {
                let mut outcome = outcome(&planned.trial);
                let rate = planned.trial.settings.number("train.learning_rate").unwrap();
                if !planned.trial.remove.is_empty() {
                    // All within the margin of 0.04, the best at the upper end.
                    outcome.marks.values_mut().for_each(|marks| marks.loss = Some(2.5 - 0.03 * rate));
                }
                outcomes.insert(planned.id, outcome);
            }
        };
        let own = &schedule.searches[&(0, Searched::Own(0))];
        let best = own.best().unwrap().settings.number("train.learning_rate").unwrap();
        assert!(own.space[0].share(best) > 0.9, "the lowest score lies at the end");
        assert!(own.edges(schedule.margin.unwrap()).is_empty());
        assert!(schedule.settled && own.points.len() == 8);
    }

    /// A variant that sets what is searched walks all other dimensions as the reference does, extended or not.
    #[test]
    fn what_a_variant_sets_leaves_the_other_dimensions_common() {
        let mut study = toy();
        let decay = Dimension { path: "train.weight_decay".into(), bounds: [0.0, 10.0], ..study.space[0].clone() };
        let warmup =
            Dimension { path: "train.warmup".into(), low: 0.0, high: 40.0, scale: Scale::Linear, whole: true, ..decay.clone() };
        study.space = vec![decay.clone(), study.space[0].clone(), warmup];
        let decades = Extension { added: Dimension { low: decay.high, high: 10.0 * decay.high, ..decay }, points: 3 };
        let points = |arm| -> Vec<Settings> {
            let search = Search::new(&study, &Outcomes::new(), 0, arm, std::slice::from_ref(&decades));
            search.points.into_iter().map(|point| point.settings).collect()
        };
        // The second variant sets the weight decay.
        let (reference, own) = (points(Searched::Reference), points(Searched::Own(1)));
        assert_eq!((reference.len(), own.len()), (8 + 3, 8 + 3));
        for (reference, own) in reference.iter().zip(&own) {
            assert_eq!(own.get("train.weight_decay"), None);
            for path in ["train.learning_rate", "train.warmup"] {
                assert_eq!(own.get(path), reference.get(path));
            }
        }
    }

    /// A range in equal steps ends where the setting does, or where the study says; only the latter can hide something.
    #[test]
    fn a_linear_range_has_an_edge_where_the_setting_goes_on() {
        let mut study = toy();
        // One of sixteen points falls into the outer tenth.
        study.design.trials = 16;
        let warmup = |high: f64| Dimension {
            path: "train.warmup".into(),
            low: 0.0,
            high,
            scale: Scale::Linear,
            whole: false,
            bounds: [0.0, 40.0],
        };
        let edges = |study: &Study, sign: f64| {
            let mut outcomes = Outcomes::new();
            for planned in plan(study, &outcomes) {
                let mut outcome = outcome(&planned.trial);
                let warmup = planned.trial.settings.number("train.warmup").unwrap();
                outcome.marks.values_mut().for_each(|marks| marks.loss = Some(1.0 + sign * warmup / 20.0));
                outcomes.insert(planned.id, outcome);
            }
            let search = Search::new(study, &outcomes, 0, Searched::Reference, &[]);
            let found =
                search.edges(0.001).into_iter().map(|(dimension, upper)| (dimension.path.clone(), upper)).collect::<Vec<_>>();
            assert_eq!(extension(study, [&search].into_iter(), 0.001), None, "equal steps have no decades");
            found
        };
        study.space[0] = Dimension { low: 0.0001, high: 1.0, bounds: [0.0001, 1.0], ..study.space[0].clone() };
        study.space.push(warmup(20.0));
        assert_eq!(edges(&study, 1.0), [], "zero is where warm-up ends");
        let upper = ("train.warmup".to_string(), true);
        assert_eq!(edges(&study, -1.0).into_iter().filter(|edge| *edge == upper).count(), 1);
        study.space[1] = warmup(40.0);
        assert!(!edges(&study, -1.0).contains(&upper));
    }

    #[test]
    fn without_anything_to_ablate_nobody_needs_a_sham() {
        let mut study = toy();
        study.variants.remove(0);
        let schedule = schedule(&study, &run(&study, 50, false));
        assert!(schedule.complete && schedule.trials.iter().all(|planned| !matches!(planned.role, Purpose::Sham { .. })));
        assert_eq!(crate::cost::cost(&study).total.runs, schedule.trials.len() as u64);
    }

    /// 11.1: the point that decides what is trained untuned is tried by every variant with the fresh seeds as well.
    #[test]
    fn the_references_point_is_a_candidate_of_every_arm() {
        let mut study = toy();
        study.margin = Margin::Absolute(0.06);
        let outcomes = run(&study, 50, false);
        let schedule = schedule(&study, &outcomes);
        let reference = &schedule.searches[&(0, Searched::Reference)];
        let chosen = reference.found().unwrap().index;
        assert!(reference.plateau().len() > 1 && reference.plateau().contains(&chosen));
        for (key, search) in &schedule.searches {
            assert!(search.candidates.as_ref().unwrap().contains(&chosen), "{key:?}");
            let fresh =
                |planned: &&Planned| matches!(planned.role, Purpose::Search { seed, .. } if seed >= study.design.tuning_seeds);
            assert_eq!(search.trials.iter().filter(fresh).count(), 2 * search.candidates.as_ref().unwrap().len());
        }
        // The best rate without positions is far from the reference's, which is beyond its margin.
        let own = &schedule.searches[&(0, Searched::Own(0))];
        assert_ne!(own.found().unwrap().index, chosen);
        // What ablating another reference would have shown is measured with the fresh seeds.
        let ablated = |planned: &&Planned| matches!(planned.role, Purpose::AblatedCandidate { variant: 0, .. });
        assert_eq!(schedule.trials.iter().filter(ablated).count(), 2 * reference.plateau().len());
    }

    #[test]
    fn a_repeated_search_has_its_own_points_and_seeds() {
        let mut study = toy();
        (study.design.searches, study.design.seeds) = (3, 2);
        let schedule = schedule(&study, &run(&study, 50, false));
        let points = |search| &schedule.searches[&(search, Searched::Reference)].points;
        assert!(points(0) != points(1) && points(1) != points(2));
        let references =
            schedule.trials.iter().filter(|one| matches!(one.role, Purpose::Trained { arm: Searched::Reference, .. }));
        let seeds: BTreeSet<u64> = references.map(|planned| planned.trial.seeds.data).collect();
        assert_eq!(seeds.len(), 6);
    }
}
