//! The losses of a study's arms, gathered from the outcomes of its trials.

use std::collections::BTreeMap;

use ablation_protocol::{Arm, EvaluationSplit, Marks, Outcome, Outcomes, Pair, Planned, Purpose, Schedule, Searched, Study};
use ablation_stats::{Gap, Paired};
use serde::{Deserialize, Serialize};

use crate::series::Series;

/// One way of ablating a component, and by how much it raised the loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct AblationGap {
    /// Name of the operator.
    pub operator: String,
    /// Whether it does least damage on the tune split, and so is the primary ablation of the component.
    pub primary: bool,
    /// `D - R` on the test split, unadjusted.
    pub gap: Option<Gap>,
}

/// Losses on the test split by arm, component and unit. A unit is a seed, or the mean over the seeds of one repetition of the search.
pub(crate) fn series(study: &Study, schedule: &Schedule, outcomes: &Outcomes) -> Series {
    let test = |outcome: &Outcome| outcome.marks.get(&EvaluationSplit::Test).map(Marks::scored);
    let mut series = series_of(study, schedule, outcomes, &test);
    let diverged = |outcome: &Outcome| outcome.marks.get(&EvaluationSplit::Test)?.loss.is_none().then_some(1.0);
    for ((arm, component, budget), pairs) in by_pair(schedule, outcomes, &diverged) {
        for unit in 0..series.units {
            // The mean of a repetition is measured where one of its runs is.
            let mut of_unit = pairs_of(study, unit);
            if of_unit.all(|pair| pairs.contains_key(&pair)) {
                series.set_diverged(arm, component, budget, unit);
            }
        }
    }
    series
}

/// Any number of the trials by arm, component and unit.
pub(crate) fn series_of(
    study: &Study,
    schedule: &Schedule,
    outcomes: &Outcomes,
    value: &dyn Fn(&Outcome) -> Option<f64>,
) -> Series {
    let mut series = Series::new(study.design.units() as usize);
    for ((arm, component, budget), by_pair) in by_pair(schedule, outcomes, value) {
        for (unit, value) in units(study, &by_pair) {
            series.set(arm, component, budget, unit, value);
        }
    }
    series
}

/// A number of each trial that is reported, by pair, of each arm, component and budget.
type ByPair = BTreeMap<(Arm, usize, usize), BTreeMap<Pair, f64>>;

fn by_pair(schedule: &Schedule, outcomes: &Outcomes, value: &dyn Fn(&Outcome) -> Option<f64>) -> ByPair {
    let rates = Rates::choose(schedule, outcomes);
    let mut values = ByPair::new();
    for planned in &schedule.trials {
        let Some((arm, component, budget, pair)) = place(planned, schedule, &rates) else { continue };
        let Some(value) = outcomes.get(&planned.id).and_then(value) else { continue };
        values.entry((arm, component, budget)).or_default().insert(pair, value);
    }
    values
}

/// The pairs that a unit consists of.
fn pairs_of(study: &Study, unit: usize) -> impl Iterator<Item = Pair> {
    let (one, many) = (unit as u32, study.design.searches > 1);
    let seeds = if many { 0..study.design.seeds } else { one..one + 1 };
    seeds.map(move |seed| Pair { search: if many { one } else { 0 }, seed })
}

/// The value of every unit that is complete.
fn units(study: &Study, by_pair: &BTreeMap<Pair, f64>) -> Vec<(usize, f64)> {
    if study.design.searches == 1 {
        return by_pair.iter().map(|(pair, loss)| (pair.seed as usize, *loss)).collect();
    }
    let seeds = study.design.seeds;
    let mean = |search: u32| {
        let values: Option<Vec<f64>> = (0..seeds).map(|seed| by_pair.get(&Pair { search, seed }).copied()).collect();
        values.map(|values| (search as usize, ablation_stats::sum(values.iter().copied()) / f64::from(seeds)))
    };
    (0..study.design.searches).filter_map(mean).collect()
}

/// Where the loss of a trial belongs; `None` for what is not reported, such as a recovery rate that was not chosen.
fn place(planned: &Planned, schedule: &Schedule, rates: &Rates) -> Option<(Arm, usize, usize, Pair)> {
    let (component, budget) = match planned.role {
        Purpose::Search { .. } | Purpose::AblatedCandidate { .. } => return None,
        Purpose::Trained { arm: Searched::Reference | Searched::Aa, .. } => (0, 0),
        Purpose::Trained { arm: Searched::Own(variant), .. }
        | Purpose::Untuned { variant, .. }
        | Purpose::Matched { variant, .. } => (variant, 0),
        Purpose::ShortRetrain { variant, budget, rate, .. } => {
            (rates.best(Arm::ShortRetrain, variant, budget) == Some(rate)).then_some((variant, budget))?
        }
        Purpose::Ablated { variant, ablation, .. } => is_primary(schedule, variant, ablation).then_some((variant, 0))?,
        Purpose::Sham { budget, rate, .. } => (rates.best(Arm::Sham, 0, budget) == Some(rate)).then_some((0, budget))?,
        Purpose::Recovered { variant, budget, rate, .. } => {
            (rates.best(Arm::Recovered, variant, budget) == Some(rate)).then_some((variant, budget))?
        }
    };
    Some((planned.role.arm()?, component, budget, planned.role.pair()?))
}

fn is_primary(schedule: &Schedule, variant: usize, ablation: usize) -> bool {
    schedule.primary.get(&variant).is_some_and(|primary| primary.ablation == ablation)
}

/// The rate of each arm with several (recovery, its sham, short retraining), component and budget: lowest mean loss on the tune split, over the pairs in which all rates
/// have been tried.
struct Rates {
    /// By arm, component (0 for the sham, which all share) and budget.
    chosen: BTreeMap<(Arm, usize, usize), usize>,
}

/// Losses of one pair by the index of the rate.
type ByRate = BTreeMap<usize, Option<f64>>;

impl Rates {
    fn choose(schedule: &Schedule, outcomes: &Outcomes) -> Self {
        let mut tried: BTreeMap<(Arm, usize, usize), BTreeMap<Pair, ByRate>> = BTreeMap::new();
        for planned in &schedule.trials {
            let (key, rate, pair) = match planned.role {
                Purpose::Sham { budget, rate, pair } => ((Arm::Sham, 0, budget), rate, pair),
                Purpose::Recovered { variant, budget, rate, pair } => ((Arm::Recovered, variant, budget), rate, pair),
                Purpose::ShortRetrain { variant, budget, rate, pair } => ((Arm::ShortRetrain, variant, budget), rate, pair),
                _ => continue,
            };
            let loss = marks(outcomes, planned, EvaluationSplit::Tune).map(Marks::clipped);
            tried.entry(key).or_default().entry(pair).or_default().insert(rate, loss);
        }
        let best = |pairs: BTreeMap<Pair, ByRate>| -> Option<usize> {
            let whole: Vec<BTreeMap<usize, f64>> = pairs
                .into_values()
                .filter_map(|rates| rates.into_iter().map(|(rate, loss)| Some((rate, loss?))).collect())
                .collect();
            let rates = whole.first()?.keys().copied();
            let sum = |rate: usize| ablation_stats::sum(whole.iter().filter_map(|pair| pair.get(&rate).copied()));
            rates.map(|rate| (sum(rate), rate)).min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, rate)| rate)
        };
        Rates { chosen: tried.into_iter().filter_map(|(key, pairs)| Some((key, best(pairs)?))).collect() }
    }

    /// The rate of least loss.
    fn best(&self, arm: Arm, component: usize, budget: usize) -> Option<usize> {
        self.chosen.get(&(arm, component, budget)).copied()
    }
}

/// A rate that was chosen although it stands at an end of its list, so that one beyond might be better (methodology, section 11.7).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct RateAtEnd {
    /// The arm that chose it.
    pub arm: Arm,
    /// Index of the component; none for the sham, which all share.
    pub component: Option<usize>,
    /// The budget, as a share of the training.
    pub budget: f64,
    /// The rate, as a share of the reference's learning rate.
    pub rate: f64,
}

/// Recovery rates, of recovery itself and its sham, that were chosen at an end of a list of several.
pub(crate) fn rates_at_end(study: &Study, schedule: &Schedule, outcomes: &Outcomes) -> Vec<RateAtEnd> {
    let listed = &study.recovery.rates;
    let is_end = |rate: usize| listed.len() > 1 && (rate == 0 || rate + 1 == listed.len());
    let chosen = Rates::choose(schedule, outcomes).chosen.into_iter();
    let recovery = chosen.filter(|((arm, ..), rate)| *arm != Arm::ShortRetrain && is_end(*rate));
    recovery
        .map(|((arm, component, budget), rate)| RateAtEnd {
            arm,
            component: (arm != Arm::Sham).then_some(component),
            budget: study.recovery.budgets[budget],
            rate: listed[rate],
        })
        .collect()
}

/// Every way each component was ablated, in the study's order.
pub(crate) fn ablations(study: &Study, schedule: &Schedule, outcomes: &Outcomes) -> Vec<Vec<AblationGap>> {
    let test = |wanted: &dyn Fn(&Purpose) -> Option<Pair>| -> BTreeMap<Pair, f64> {
        let found = schedule.trials.iter().filter_map(|planned| Some((wanted(&planned.role)?, planned)));
        found.filter_map(|(pair, planned)| Some((pair, marks(outcomes, planned, EvaluationSplit::Test)?.scored()))).collect()
    };
    let reference = test(&|role| match role {
        Purpose::Trained { arm: Searched::Reference, pair } => Some(*pair),
        _ => None,
    });
    let gap_of = |index: usize, ablation: usize, operator: String| {
        let after = test(&|role| match role {
            Purpose::Ablated { variant, ablation: number, pair } if (*variant, *number) == (index, ablation) => Some(*pair),
            _ => None,
        });
        let before: BTreeMap<Pair, f64> =
            reference.iter().filter(|(pair, _)| after.contains_key(pair)).map(|(pair, loss)| (*pair, *loss)).collect();
        let values = |losses: &BTreeMap<Pair, f64>| units(study, losses).into_iter().map(|(_, loss)| loss).collect::<Vec<_>>();
        let gap = Paired::new(&values(&before), &values(&after)).ok().map(|paired| Gap::of(&paired, None));
        AblationGap { operator, primary: is_primary(schedule, index, ablation), gap }
    };
    let gaps = |(index, variant): (usize, &ablation_protocol::Variant)| {
        variant.ablations.iter().enumerate().map(|(ablation, way)| gap_of(index, ablation, way.label.clone())).collect()
    };
    study.variants.iter().enumerate().map(gaps).collect()
}

/// What knowing nothing costs: the mean over the test splits of the reference, or over its tune splits before there is a final run.
pub(crate) fn constant_predictor(schedule: &Schedule, outcomes: &Outcomes) -> Option<f64> {
    let mean = |split: EvaluationSplit| -> Option<f64> {
        let references = schedule.trials.iter().filter(|planned| {
            matches!(
                planned.role,
                Purpose::Trained { arm: Searched::Reference, .. } | Purpose::Search { arm: Searched::Reference, .. }
            )
        });
        let values: Vec<f64> =
            references.filter_map(|planned| Some(marks(outcomes, planned, split)?.constant_predictor)).collect();
        (!values.is_empty()).then(|| ablation_stats::sum(values.iter().copied()) / values.len() as f64)
    };
    mean(EvaluationSplit::Test).or_else(|| mean(EvaluationSplit::Tune))
}

/// Whether every final run of the reference has the highest score there is.
pub(crate) fn has_perfect_score(schedule: &Schedule, outcomes: &Outcomes) -> bool {
    let references =
        schedule.trials.iter().filter(|planned| matches!(planned.role, Purpose::Trained { arm: Searched::Reference, .. }));
    let scores: Vec<Option<f64>> =
        references.filter_map(|planned| Some(marks(outcomes, planned, EvaluationSplit::Test)?.score)).collect();
    !scores.is_empty() && scores.iter().all(|score| *score == Some(1.0))
}

fn marks<'a>(outcomes: &'a Outcomes, planned: &Planned, split: EvaluationSplit) -> Option<&'a Marks> {
    outcomes.get(&planned.id)?.marks.get(&split)
}
