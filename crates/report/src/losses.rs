//! The losses of a study's arms, gathered from the outcomes of its trials.

use std::collections::BTreeMap;

use ablation_protocol::{Arm, Block, Exam, Marks, Outcomes, Planned, Purpose, Schedule, Searched, Study};
use ablation_stats::{Gap, Paired};
use serde::{Deserialize, Serialize};

use crate::series::Series;

/// One way of cutting a component, and what it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AblationGap {
    /// Name of the operator.
    pub operator: String,
    /// Whether it does least damage on the tune split, and so speaks for the component.
    pub primary: bool,
    /// `D - R` on the test split, unadjusted.
    pub gap: Option<Gap>,
}

/// Losses on the test split by arm, component and unit. A unit is a seed, or the mean over the seeds of one repetition of the search.
pub(crate) fn series(study: &Study, schedule: &Schedule, outcomes: &Outcomes) -> Series {
    let rates = Rates::choose(schedule, outcomes);
    let mut losses: BTreeMap<(Arm, usize, usize), BTreeMap<Block, f64>> = BTreeMap::new();
    for planned in &schedule.trials {
        let Some((arm, component, budget, block)) = place(planned, schedule, &rates) else { continue };
        let Some(loss) = marks(outcomes, planned, Exam::Test).map(Marks::scored) else { continue };
        losses.entry((arm, component, budget)).or_default().insert(block, loss);
    }
    let mut series = Series::new(study.design.units() as usize);
    for ((arm, component, budget), by_block) in losses {
        for (unit, value) in units(study, &by_block) {
            series.set(arm, component, budget, unit, value);
        }
    }
    series
}

/// The value of every unit that is complete.
fn units(study: &Study, by_block: &BTreeMap<Block, f64>) -> Vec<(usize, f64)> {
    if study.design.searches == 1 {
        return by_block.iter().map(|(block, loss)| (block.seed as usize, *loss)).collect();
    }
    let seeds = study.design.seeds;
    let mean = |search: u32| {
        let values: Option<Vec<f64>> = (0..seeds).map(|seed| by_block.get(&Block { search, seed }).copied()).collect();
        values.map(|values| (search as usize, ablation_stats::sum(values.iter().copied()) / f64::from(seeds)))
    };
    (0..study.design.searches).filter_map(mean).collect()
}

/// Where the loss of a trial belongs; `None` for what is not reported, such as a recovery rate that was not chosen.
fn place(planned: &Planned, schedule: &Schedule, rates: &Rates) -> Option<(Arm, usize, usize, Block)> {
    let (component, budget) = match planned.role {
        Purpose::Search { .. } => return None,
        Purpose::Trained { arm: Searched::Reference | Searched::Aa, .. } => (0, 0),
        Purpose::Trained { arm: Searched::Own(variant), .. }
        | Purpose::Untuned { variant, .. }
        | Purpose::Matched { variant, .. } => (variant, 0),
        Purpose::ShortRetrain { variant, budget, .. } => (variant, budget),
        Purpose::Ablated { variant, cut, .. } => is_primary(schedule, variant, cut).then_some((variant, 0))?,
        Purpose::Sham { budget, rate, .. } => (rates.of(None, budget) == Some(rate)).then_some((0, budget))?,
        Purpose::Recovered { variant, budget, rate, .. } => {
            (rates.of(Some(variant), budget) == Some(rate)).then_some((variant, budget))?
        }
    };
    Some((planned.role.arm()?, component, budget, planned.role.block()?))
}

fn is_primary(schedule: &Schedule, variant: usize, cut: usize) -> bool {
    schedule.primary.get(&variant).is_some_and(|primary| primary.cut == cut)
}

/// The recovery rate of each component (or of the sham) and budget: lowest mean loss on the tune split, over the blocks in which all rates
/// have been tried.
struct Rates {
    /// By component, or none for the sham, and budget.
    chosen: BTreeMap<(Option<usize>, usize), usize>,
}

/// Losses of one block by the index of the rate.
type ByRate = BTreeMap<usize, Option<f64>>;

impl Rates {
    fn choose(schedule: &Schedule, outcomes: &Outcomes) -> Self {
        let mut tried: BTreeMap<(Option<usize>, usize), BTreeMap<Block, ByRate>> = BTreeMap::new();
        for planned in &schedule.trials {
            let (key, rate, block) = match planned.role {
                Purpose::Sham { budget, rate, block } => ((None, budget), rate, block),
                Purpose::Recovered { variant, budget, rate, block } => ((Some(variant), budget), rate, block),
                _ => continue,
            };
            let loss = marks(outcomes, planned, Exam::Tune).map(Marks::clipped);
            tried.entry(key).or_default().entry(block).or_default().insert(rate, loss);
        }
        let best = |blocks: BTreeMap<Block, ByRate>| -> Option<usize> {
            let whole: Vec<BTreeMap<usize, f64>> = blocks
                .into_values()
                .filter_map(|rates| rates.into_iter().map(|(rate, loss)| Some((rate, loss?))).collect())
                .collect();
            let rates = whole.first()?.keys().copied();
            let sum = |rate: usize| ablation_stats::sum(whole.iter().filter_map(|block| block.get(&rate).copied()));
            rates.map(|rate| (sum(rate), rate)).min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, rate)| rate)
        };
        Rates { chosen: tried.into_iter().filter_map(|(key, blocks)| Some((key, best(blocks)?))).collect() }
    }

    fn of(&self, variant: Option<usize>, budget: usize) -> Option<usize> {
        self.chosen.get(&(variant, budget)).copied()
    }
}

/// Every way each component was cut, in the study's order.
pub(crate) fn ablations(study: &Study, schedule: &Schedule, outcomes: &Outcomes) -> Vec<Vec<AblationGap>> {
    let test = |wanted: &dyn Fn(&Purpose) -> Option<Block>| -> BTreeMap<Block, f64> {
        let found = schedule.trials.iter().filter_map(|planned| Some((wanted(&planned.role)?, planned)));
        found.filter_map(|(block, planned)| Some((block, marks(outcomes, planned, Exam::Test)?.scored()))).collect()
    };
    let reference = test(&|role| match role {
        Purpose::Trained { arm: Searched::Reference, block } => Some(*block),
        _ => None,
    });
    let cutting = |index: usize, cut: usize, operator: String| {
        let after = test(&|role| match role {
            Purpose::Ablated { variant, cut: number, block } if (*variant, *number) == (index, cut) => Some(*block),
            _ => None,
        });
        let before: BTreeMap<Block, f64> =
            reference.iter().filter(|(block, _)| after.contains_key(block)).map(|(block, loss)| (*block, *loss)).collect();
        let values = |losses: &BTreeMap<Block, f64>| units(study, losses).into_iter().map(|(_, loss)| loss).collect::<Vec<_>>();
        let gap = Paired::new(&values(&before), &values(&after)).ok().map(|paired| Gap::of(&paired, None));
        AblationGap { operator, primary: is_primary(schedule, index, cut), gap }
    };
    let of = |(index, variant): (usize, &ablation_protocol::Variant)| {
        variant.ablations.iter().enumerate().map(|(cut, way)| cutting(index, cut, way.label.clone())).collect()
    };
    study.variants.iter().enumerate().map(of).collect()
}

/// What knowing nothing costs: the mean over the test splits of the reference, or over its tune splits before there is a final run.
pub(crate) fn constant_predictor(schedule: &Schedule, outcomes: &Outcomes) -> Option<f64> {
    let of = |exam: Exam| -> Option<f64> {
        let references = schedule.trials.iter().filter(|planned| {
            matches!(
                planned.role,
                Purpose::Trained { arm: Searched::Reference, .. } | Purpose::Search { arm: Searched::Reference, .. }
            )
        });
        let values: Vec<f64> =
            references.filter_map(|planned| Some(marks(outcomes, planned, exam)?.constant_predictor)).collect();
        (!values.is_empty()).then(|| ablation_stats::sum(values.iter().copied()) / values.len() as f64)
    };
    of(Exam::Test).or_else(|| of(Exam::Tune))
}

fn marks<'a>(outcomes: &'a Outcomes, planned: &Planned, exam: Exam) -> Option<&'a Marks> {
    outcomes.get(&planned.id)?.marks.get(&exam)
}
