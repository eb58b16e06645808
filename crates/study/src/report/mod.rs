//! From a study and its outcomes to what they say: pure, independent of the order of the outcomes, and content with any part of them.

mod analysis;
mod combined;
mod family;
mod losses;
mod ranks;
mod series;
mod tuning;

use serde::{Deserialize, Serialize};

pub use analysis::{Analysis, Component, Healed, Options, Subject, analyse};
pub use combined::{Combined, Modifier};
pub use family::{Answer, Asked, Question, Unanswered};
pub use losses::Cutting;
pub use ranks::{Agreement, Ranks};
pub use series::{Role as ArmRole, Series};
pub use tuning::Tuning;

use crate::outcome::Outcomes;
use crate::schedule::{Schedule, Searched, arms, schedule};
use crate::study::{Margin, Study};
use crate::trial::hash;

/// How far a study is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Distinct trials with an outcome.
    pub done: usize,
    /// Distinct trials that are known to be needed.
    pub known: usize,
    /// Whether all are done and no more will be added.
    pub complete: bool,
}

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Trials run, those that diverged included.
    pub runs: usize,
    /// Of them those whose loss stopped being a number.
    pub diverged: usize,
    /// Updates made.
    pub updates: u64,
}

/// Mean and spread of the reference over the units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Units.
    pub n: usize,
    /// Mean loss on the test split.
    pub mean: f64,
    /// Standard deviation.
    pub sd: Option<f64>,
}

/// What a study says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Hash of the study.
    pub study: String,
    /// SHA-256 of the study's hash and the margin in the unit of the loss, which exists before any variant runs.
    pub registration: Option<String>,
    /// How far it is.
    pub progress: Progress,
    /// What was spent.
    pub spent: Spent,
    /// What the best predictor loses that does not look at its input.
    pub trivial: Option<f64>,
    /// The reference.
    pub reference: Option<Summary>,
    /// Every search, the reference's first.
    pub tuning: Vec<Tuning>,
    /// The cuts of every component that has been cut, by component.
    pub cuttings: Vec<Vec<Cutting>>,
    /// Gaps, verdicts and orders.
    pub analysis: Analysis,
}

/// The report of what is known so far.
///
/// # Errors
/// If outcomes hold values that cannot be averaged; outcomes made by this product never do.
pub fn report(study: &Study, outcomes: &Outcomes) -> Result<Report, Unanswered> {
    let schedule = schedule(study, outcomes);
    let series = losses::series(study, &schedule, outcomes);
    let subjects: Vec<Subject> = study
        .variants
        .iter()
        .enumerate()
        .map(|(index, variant)| Subject {
            name: variant.name.clone(),
            label: variant.label.clone(),
            edge: [Searched::Own(index), Searched::Reference].into_iter().any(|arm| ends_at_edge(study, &schedule, arm)),
        })
        .collect();
    let options =
        Options { margin: schedule.margin, higher_is_better: false, budgets: study.healing.budgets.clone() };
    let analysis = analyse(&series, &subjects, &options)?;
    let values: Vec<f64> = series.get(ArmRole::Reference, 0, 0).into_iter().flatten().collect();
    Ok(Report {
        registration: schedule.margin.map(|margin| registration(study, margin)),
        study: study.hash(),
        progress: progress(&schedule, outcomes),
        spent: spent(&schedule, outcomes),
        trivial: losses::trivial(&schedule, outcomes),
        reference: summary(&values),
        tuning: tuning::tuning(study, &schedule),
        cuttings: losses::cuttings(study, &schedule, outcomes),
        analysis,
    })
}

/// The hash that fixes the margin together with everything else.
fn registration(study: &Study, margin: f64) -> String {
    let derivation = match study.margin {
        Margin::Share(share) => ("share", share),
        Margin::Absolute(margin) => ("absolute", margin),
    };
    hash(&("ablation-registration/v1", study.hash(), derivation, margin))
}

/// Whether any repetition of an arm's search chose a point at an edge after the range had been widened, or could not be.
fn ends_at_edge(study: &Study, schedule: &Schedule, arm: Searched) -> bool {
    let trials = study.design.trials as usize;
    let searches = || (0..study.design.searches).filter_map(|search| schedule.searches.get(&(search, arm)));
    // Before the one extension an edge is a reason to extend; afterwards it is a reason to doubt.
    let settled = schedule.searched_out || searches().any(|search| search.points.len() > trials);
    settled && searches().any(|search| !search.edges().is_empty())
}

fn progress(schedule: &Schedule, outcomes: &Outcomes) -> Progress {
    let ids: std::collections::BTreeSet<&str> = schedule.trials.iter().map(|planned| planned.id.as_str()).collect();
    let done = ids.iter().filter(|id| outcomes.contains_key(**id)).count();
    Progress { done, known: ids.len(), complete: schedule.complete && done == ids.len() }
}

fn spent(schedule: &Schedule, outcomes: &Outcomes) -> Spent {
    let mut seen = std::collections::BTreeSet::new();
    let mut spent = Spent::default();
    for planned in &schedule.trials {
        let Some(outcome) = outcomes.get(&planned.id).filter(|_| seen.insert(&planned.id)) else { continue };
        spent.runs += 1;
        spent.diverged += usize::from(outcome.diverged);
        spent.updates += planned.trial.updates();
    }
    spent
}

fn summary(values: &[f64]) -> Option<Summary> {
    let sample = ablation_stats::Sample::new(values).ok()?;
    Some(Summary { n: sample.len(), mean: sample.mean(), sd: sample.standard_deviation() })
}

/// The name of an arm with a search, in tables and figures.
pub(crate) fn arm_name(study: &Study, arm: Searched) -> String {
    match arm {
        Searched::Reference => "reference".to_string(),
        Searched::Placebo => "placebo".to_string(),
        Searched::Own(index) => study.variants.get(index).map_or(String::new(), |variant| variant.name.clone()),
    }
}

/// Every arm with a search in the order of tables.
pub(crate) fn searched(study: &Study) -> impl Iterator<Item = (u32, Searched)> + use<> {
    let searches = study.design.searches;
    arms(study).flat_map(move |arm| (0..searches).map(move |search| (search, arm)))
}
