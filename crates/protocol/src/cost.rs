//! The cost of a study, before anything runs.
//!
//! The count follows from the study alone, and supposes that every search scores as many points again as it may. The schedule needs fewer
//! trials if fewer points are as good, or if two arms choose the same point and share a trial, and more if a range is extended. The page asks for the cost of every tier after every key press, so it is computed in closed form; a test
//! compares it with a synthetic study that is run to its end.

use serde::Serialize;

use crate::Arm;
use crate::choice::{FRESH_SEEDS, MOST_CANDIDATES};
use crate::study::Study;

/// Phases of a study, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "Stage"))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Hyper-parameter searches of all arms that have one.
    Search,
    /// Training from scratch with all seeds.
    Train,
    /// Ablations of trained models; nothing is trained.
    Ablate,
    /// Ablated models and their shams are trained further.
    Recover,
}

/// Trials and training steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Work {
    /// Trials.
    pub runs: u64,
    /// Training steps of all of them together.
    pub updates: u64,
}

/// One part of the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Item {
    /// Its phase.
    #[serde(rename = "stage")]
    pub phase: Phase,
    /// Its arm; a search belongs to the arm that it tunes.
    pub arm: Arm,
    /// Its trials and steps.
    #[serde(flatten)]
    pub work: Work,
}

/// The cost of a study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Cost {
    /// The total.
    #[serde(flatten)]
    pub total: Work,
    /// By stage and arm, without empty parts.
    pub items: Vec<Item>,
}

/// Computes the cost of a study.
pub fn cost(study: &Study) -> Cost {
    let design = &study.design;
    let count = |number: usize| number as u64;
    let variants = count(study.variants.len());
    let ablatable = count(study.variants.iter().filter(|variant| !variant.ablations.is_empty()).count());
    let ablations = count(study.variants.iter().map(|variant| variant.ablations.len()).sum());
    let matched = count(study.variants.iter().filter(|variant| variant.matched.is_some()).count());
    let steps = study.steps();
    let pairs = u64::from(design.searches) * u64::from(design.seeds);
    // A point that has nobody to be compared with is not scored again.
    let candidates = if design.trials > 1 { u64::from(design.trials).min(MOST_CANDIDATES as u64) } else { 0 };
    let again = u64::from(design.searches) * candidates * u64::from(FRESH_SEEDS);
    let search = u64::from(design.searches) * u64::from(design.trials) * u64::from(design.tuning_seeds) + again;
    let budgets = count(study.recovery.budgets.len());
    let further: u64 = study.recovery.budgets.iter().map(|share| study.budget(*share)).sum();
    let rates = count(study.recovery.rates.len());
    let short_retrain = if study.recovery.short_retrain { ablatable } else { 0 };
    // For each item: number of arms, trials of one arm, training steps of one arm.
    let items = [
        (Phase::Search, Arm::Reference, 1, search, search * steps),
        (Phase::Search, Arm::Aa, 1, search, search * steps),
        (Phase::Search, Arm::Retrained, variants, search, search * steps),
        (Phase::Train, Arm::Reference, 1, pairs, pairs * steps),
        (Phase::Train, Arm::Aa, 1, pairs, pairs * steps),
        (Phase::Train, Arm::Retrained, variants, pairs, pairs * steps),
        (Phase::Train, Arm::RetrainedUntuned, variants, pairs, pairs * steps),
        (Phase::Train, Arm::Matched, matched, pairs, pairs * steps),
        (Phase::Train, Arm::ShortRetrain, short_retrain, pairs * budgets * rates, pairs * further * rates),
        (Phase::Ablate, Arm::Ablated, ablations, pairs, 0),
        (Phase::Ablate, Arm::Reference, ablatable, again, 0),
        (Phase::Recover, Arm::Sham, ablatable.min(1), pairs * budgets * rates, pairs * further * rates),
        (Phase::Recover, Arm::Recovered, ablatable, pairs * budgets * rates, pairs * further * rates),
    ];
    let mut cost = Cost::default();
    for (phase, arm, arms, runs, updates) in items {
        let work = Work { runs: arms * runs, updates: arms * updates };
        if work.runs > 0 {
            cost.total.runs += work.runs;
            cost.total.updates += work.updates;
            cost.items.push(Item { phase, arm, work });
        }
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::forecast;
    use crate::made_up::toy;
    use crate::planned::Purpose;

    #[test]
    fn the_count_equals_the_forecast_run_by_run() {
        let mut gold = toy();
        (gold.design.searches, gold.design.seeds, gold.recovery.rates) = (3, 2, vec![0.1, 1.0]);
        for study in [toy(), gold] {
            let (cost, planned) = (cost(&study), forecast(&study));
            assert_eq!(cost.total.runs, planned.len() as u64);
            assert_eq!(cost.total.updates, planned.iter().map(|planned| planned.trial.updates()).sum::<u64>());
            let count = |is: fn(&Purpose) -> bool| planned.iter().filter(|planned| is(&planned.role)).count() as u64;
            let ablated = count(|role| matches!(role, Purpose::Ablated { .. }));
            let candidates = count(|role| matches!(role, Purpose::AblatedCandidate { .. }));
            for runs in [ablated, candidates] {
                let work = Work { runs, updates: 0 };
                assert!(cost.items.iter().any(|item| item.phase == Phase::Ablate && item.work == work), "{runs} of {cost:?}");
            }
            assert!(cost.items.iter().all(|item| item.arm != Arm::Matched), "what needs no run is left out");
        }
    }
}
