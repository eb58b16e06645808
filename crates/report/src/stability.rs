//! What the verdicts would be under choices that might as well have been made: other settings of the reference that scored as well in its
//! search, and one seed less (methodology, section 11.1).
//!
//! Another setting of the reference moves the losses of the reference, of its ablations and of the untuned variants. By how much is known
//! from the tuning runs, in which all arms tried the same settings with the same seeds. So the losses of the study are moved by the mean
//! differences of those runs, and the verdicts are formed again by the same rules.

use ablation_protocol::{Arm, EvaluationSplit, Outcomes, Purpose, Schedule, Searched, Study};
use ablation_settings::Settings;
use ablation_stats::FEWEST_PAIRS;
use serde::{Deserialize, Serialize};

use crate::analysis::{Analysis, Options, Subject, analyse};
use crate::combined::Combined;
use crate::family::Unanswered;
use crate::series::Series;

/// Units up to which each is left out in turn: with more of them none decides alone.
const MOST_LEFT_OUT: usize = 32;

/// The verdicts on all components if the reference used another setting that scored as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct OtherSetting {
    /// The setting.
    pub settings: Settings,
    /// By component.
    pub verdicts: Vec<Option<Combined>>,
}

/// The verdicts on all components without one unit of analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct LeftOut {
    /// Index of the unit.
    pub unit: usize,
    /// By component.
    pub verdicts: Vec<Option<Combined>>,
}

/// How far the verdicts of a study hang on single choices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Stability {
    /// For every other setting of the reference that scored within the margin of the chosen one, by its index in the search.
    pub settings: Vec<OtherSetting>,
    /// For every unit that is left out; none of a study with so few units that none can be spared.
    pub left_out: Vec<LeftOut>,
}

impl Stability {
    /// Settings of the reference with which the verdict on a component would be another, each with that verdict.
    pub fn other_settings<'a>(&'a self, analysis: &'a Analysis, component: usize) -> Vec<(&'a Settings, Combined)> {
        let verdict = analysis.components[component].combined;
        let others = self.settings.iter().filter_map(|other| Some((&other.settings, (*other.verdicts.get(component)?)?)));
        others.filter(|(_, other)| Some(*other) != verdict).collect()
    }

    /// Units without which the verdict on a component would be another, each with that verdict.
    pub fn deciding_units(&self, analysis: &Analysis, component: usize) -> Vec<(usize, Combined)> {
        let verdict = analysis.components[component].combined;
        let others = self.left_out.iter().filter_map(|left| Some((left.unit, (*left.verdicts.get(component)?)?)));
        others.filter(|(_, other)| Some(*other) != verdict).collect()
    }
}

/// The stability of a complete study.
pub(crate) fn stability(
    study: &Study,
    schedule: &Schedule,
    outcomes: &Outcomes,
    series: &Series,
    subjects: &[Subject],
    options: &Options,
) -> Result<Stability, Unanswered> {
    let verdicts = |series: &Series| -> Result<Vec<Option<Combined>>, Unanswered> {
        Ok(analyse(series, subjects, options)?.components.into_iter().map(|component| component.combined).collect())
    };
    let mut stability = Stability::default();
    for (settings, moved) in moved(study, schedule, outcomes, series) {
        stability.settings.push(OtherSetting { settings, verdicts: verdicts(&moved)? });
    }
    if (FEWEST_PAIRS + 1..=MOST_LEFT_OUT).contains(&series.units) {
        for unit in 0..series.units {
            stability.left_out.push(LeftOut { unit, verdicts: verdicts(&series.without(unit))? });
        }
    }
    Ok(stability)
}

/// The losses of the study as they would be with each other setting that the reference might as well have chosen. A study that repeats the
/// search has others in every repetition, which its spread shows already.
fn moved(study: &Study, schedule: &Schedule, outcomes: &Outcomes, series: &Series) -> Vec<(Settings, Series)> {
    let Some(search) = schedule.searches.get(&(0, Searched::Reference)).filter(|_| study.design.searches == 1) else {
        return Vec::new();
    };
    let Some(chosen) = search.found().map(|found| found.index) else { return Vec::new() };
    let others = search.plateau().into_iter().filter(|&point| point != chosen);
    others
        .filter_map(|point| {
            let move_of = |from: Option<f64>, to: Option<f64>| Some(to? - from?);
            let reference = move_of(search.points[chosen].rescored, search.points[point].rescored)?;
            let mut moved = series.clone();
            for arm in [Arm::Reference, Arm::Aa] {
                moved.shift(arm, 0, reference);
            }
            for variant in 0..study.variants.len() {
                let own = schedule.searches.get(&(0, Searched::Own(variant)))?;
                if let Some(untuned) = move_of(own.points.get(chosen)?.score, own.points.get(point)?.score) {
                    moved.shift(Arm::RetrainedUntuned, variant, untuned);
                }
                let ablated = |point| ablated(schedule, outcomes, variant, point);
                if let Some(ablated) = move_of(ablated(chosen), ablated(point)) {
                    moved.shift(Arm::Ablated, variant, ablated);
                }
            }
            Some((search.points[point].settings.clone(), moved))
        })
        .collect()
}

/// Mean loss of a reference of the search after a component was ablated, over the fresh seeds; none until all of them are there.
fn ablated(schedule: &Schedule, outcomes: &Outcomes, component: usize, wanted: usize) -> Option<f64> {
    let runs = schedule.trials.iter().filter(|planned| {
        matches!(planned.role, Purpose::AblatedCandidate { variant, point, .. } if variant == component && point as usize == wanted)
    });
    let losses: Vec<f64> = runs
        .map(|planned| Some(outcomes.get(&planned.id)?.marks.get(&EvaluationSplit::Tune)?.scored()))
        .collect::<Option<_>>()?;
    (!losses.is_empty()).then(|| ablation_stats::sum(losses.iter().copied()) / losses.len() as f64)
}
