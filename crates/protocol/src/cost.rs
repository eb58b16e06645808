//! What a study will take, before anything runs.
//!
//! A search by every arm over every seed is many runs, and whoever presses start should know how many. The count follows from the study
//! alone; a schedule may need a few runs less, where two arms choose the same point and share a run, and a few more, where a range is widened.
//! A page asks for every tier at every stroke of a key, so this is arithmetic; a test holds it against
//! a study that is run to its end in a made-up world.

use serde::Serialize;

use crate::ProtocolArm;
use crate::study::Study;

/// Stages of a study, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Every arm with hyper-parameters of its own looks for them.
    Search,
    /// Trainings from scratch with all seeds.
    Train,
    /// Cuts of trained models; nothing is trained.
    Cut,
    /// Cut models and their shams are trained on.
    Heal,
}

/// Runs, and the updates that they make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Trials.
    pub runs: u64,
    /// Updates of all of them together.
    pub updates: u64,
}

/// A share of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// When it is done.
    pub stage: Stage,
    /// For which arm; searches are counted with the arm that they are for.
    pub arm: ProtocolArm,
    /// How much it is.
    #[serde(flatten)]
    pub work: Work,
}

/// What a study will take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// All of it.
    #[serde(flatten)]
    pub total: Work,
    /// By stage and arm, without what there is none of.
    pub items: Vec<Item>,
}

/// Counts a study.
pub fn cost(study: &Study) -> Cost {
    let design = &study.design;
    let count = |number: usize| number as u64;
    let variants = count(study.variants.len());
    let cuttable = count(study.variants.iter().filter(|variant| !variant.ablations.is_empty()).count());
    let cuts = count(study.variants.iter().map(|variant| variant.ablations.len()).sum());
    let matched = count(study.variants.iter().filter(|variant| variant.matched.is_some()).count());
    let steps = count(study.settings.count("train.steps").unwrap_or(0));
    let blocks = u64::from(design.searches) * u64::from(design.seeds);
    let search = u64::from(design.searches) * u64::from(design.trials) * u64::from(design.tuning_seeds);
    let budgets = count(study.healing.budgets.len());
    let further: u64 = study.healing.budgets.iter().map(|share| crate::schedule::steps(&study.settings, *share)).sum();
    let rates = count(study.healing.rates.len());
    let relearn = if study.healing.relearn { cuttable } else { 0 };
    // For each item: arms, runs of one arm, updates of one arm.
    let items = [
        (Stage::Search, ProtocolArm::Reference, 1, search, search * steps),
        (Stage::Search, ProtocolArm::Placebo, 1, search, search * steps),
        (Stage::Search, ProtocolArm::RetrainedOwn, variants, search, search * steps),
        (Stage::Train, ProtocolArm::Reference, 1, blocks, blocks * steps),
        (Stage::Train, ProtocolArm::Placebo, 1, blocks, blocks * steps),
        (Stage::Train, ProtocolArm::RetrainedOwn, variants, blocks, blocks * steps),
        (Stage::Train, ProtocolArm::RetrainedSame, variants, blocks, blocks * steps),
        (Stage::Train, ProtocolArm::Matched, matched, blocks, blocks * steps),
        (Stage::Train, ProtocolArm::Relearn, relearn, blocks * budgets, blocks * further),
        (Stage::Cut, ProtocolArm::Cut, cuts, blocks, 0),
        (Stage::Heal, ProtocolArm::Sham, cuttable.min(1), blocks * budgets * rates, blocks * further * rates),
        (Stage::Heal, ProtocolArm::Healed, cuttable, blocks * budgets * rates, blocks * further * rates),
    ];
    let mut cost = Cost::default();
    for (stage, arm, arms, runs, updates) in items {
        let work = Work { runs: arms * runs, updates: arms * updates };
        if work.runs > 0 {
            cost.total.runs += work.runs;
            cost.total.updates += work.updates;
            cost.items.push(Item { stage, arm, work });
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
    fn what_is_counted_is_what_is_forecast_run_by_run() {
        let mut gold = toy();
        (gold.design.searches, gold.design.seeds, gold.healing.rates) = (3, 2, vec![0.1, 1.0]);
        for study in [toy(), gold] {
            let (cost, planned) = (cost(&study), forecast(&study));
            assert_eq!(cost.total.runs, planned.len() as u64);
            assert_eq!(cost.total.updates, planned.iter().map(|planned| planned.trial.updates()).sum::<u64>());
            let cuts = planned.iter().filter(|planned| matches!(planned.role, Purpose::Cut { .. })).count() as u64;
            assert!(cost.items.iter().any(|item| item.stage == Stage::Cut && item.work == Work { runs: cuts, updates: 0 }));
            assert!(cost.items.iter().all(|item| item.arm != ProtocolArm::Matched), "nothing is said of what there is none of");
        }
    }
}
