//! A planned trial and its purpose.

use serde::{Deserialize, Serialize};

use crate::arm::Arm;
use crate::study::Pair;
use crate::trial::{CanonicalText, Seeds, Trial};

/// The arms with their own hyper-parameter search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Searched {
    /// R: the reference.
    Reference,
    /// P: A/A control, the reference once more as if it were a variant.
    Aa,
    /// N: variant `i`, retrained without its component.
    Own(usize),
}

/// The purpose of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Purpose {
    /// A point of a search.
    Search {
        /// The arm that is tuned.
        arm: Searched,
        /// Repetition of the search.
        search: u32,
        /// Index of the point.
        point: u32,
        /// Index of the tuning seed.
        seed: u32,
    },
    /// R, P or N: trained from scratch with the arm's own hyper-parameters.
    Trained {
        /// The arm.
        arm: Searched,
        /// Where.
        pair: Pair,
    },
    /// U: retrained without the component, with the hyper-parameters of the reference.
    Untuned {
        /// Index of the variant.
        variant: usize,
        /// Where.
        pair: Pair,
    },
    /// M: retrained without the component, widened to the parameter count of the reference, with the hyper-parameters of N.
    Matched {
        /// Index of the variant.
        variant: usize,
        /// Where.
        pair: Pair,
    },
    /// Z: retrained without the component, for as many steps as a recovery budget.
    ShortRetrain {
        /// Index of the variant.
        variant: usize,
        /// Index of the budget.
        budget: usize,
        /// Index of the rate.
        rate: usize,
        /// Where.
        pair: Pair,
    },
    /// R, trained in a tuning run with settings that might as well have been chosen, ablated after training: what disruption would have
    /// been with another choice.
    AblatedCandidate {
        /// Index of the variant.
        variant: usize,
        /// Index among the variant's ablations.
        ablation: usize,
        /// Repetition of the search.
        search: u32,
        /// Index of the point.
        point: u32,
        /// Index of the tuning seed.
        seed: u32,
    },
    /// D: R, ablated after training.
    Ablated {
        /// Index of the variant.
        variant: usize,
        /// Index among the variant's ablations.
        ablation: usize,
        /// Where.
        pair: Pair,
    },
    /// S: R, fine-tuned, not ablated (sham).
    Sham {
        /// Index of the budget.
        budget: usize,
        /// Index of the rate.
        rate: usize,
        /// Where.
        pair: Pair,
    },
    /// H: R, ablated, then fine-tuned.
    Recovered {
        /// Index of the variant.
        variant: usize,
        /// Index of the budget.
        budget: usize,
        /// Index of the rate.
        rate: usize,
        /// Where.
        pair: Pair,
    },
}

impl Purpose {
    /// The pair of a final trial.
    pub fn pair(&self) -> Option<Pair> {
        match *self {
            Purpose::Search { .. } | Purpose::AblatedCandidate { .. } => None,
            Purpose::Trained { pair, .. }
            | Purpose::Untuned { pair, .. }
            | Purpose::Matched { pair, .. }
            | Purpose::ShortRetrain { pair, .. }
            | Purpose::Ablated { pair, .. }
            | Purpose::Sham { pair, .. }
            | Purpose::Recovered { pair, .. } => Some(pair),
        }
    }

    /// The arm that a final trial belongs to.
    pub fn arm(&self) -> Option<Arm> {
        Some(match self {
            Purpose::Search { .. } | Purpose::AblatedCandidate { .. } => return None,
            Purpose::Trained { arm: Searched::Reference, .. } => Arm::Reference,
            Purpose::Trained { arm: Searched::Aa, .. } => Arm::Aa,
            Purpose::Trained { arm: Searched::Own(_), .. } => Arm::Retrained,
            Purpose::Untuned { .. } => Arm::RetrainedUntuned,
            Purpose::Matched { .. } => Arm::Matched,
            Purpose::ShortRetrain { .. } => Arm::ShortRetrain,
            Purpose::Ablated { .. } => Arm::Ablated,
            Purpose::Sham { .. } => Arm::Sham,
            Purpose::Recovered { .. } => Arm::Recovered,
        })
    }

    /// Whether ablations and recovery may continue from the weights of this trial, so that they have to be kept. `trial`: what is run.
    pub fn is_origin(&self, trial: &Trial) -> bool {
        let reference = Searched::Reference;
        matches!(self, Purpose::Trained { arm, .. } | Purpose::Search { arm, .. } if *arm == reference) && trial.may_be_origin()
    }

    /// Order of the stages.
    pub(crate) fn stage(&self) -> u8 {
        match self {
            Purpose::Search { arm: Searched::Reference, .. } => 0,
            Purpose::Search { .. } => 1,
            Purpose::Trained { .. } | Purpose::Untuned { .. } | Purpose::Matched { .. } | Purpose::ShortRetrain { .. } => 2,
            Purpose::Ablated { .. } | Purpose::AblatedCandidate { .. } => 3,
            Purpose::Sham { .. } | Purpose::Recovered { .. } => 4,
        }
    }
}

/// A trial and its purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Id of the trial.
    pub id: String,
    /// Its purpose.
    pub role: Purpose,
    /// What is run.
    pub trial: Trial,
    /// Id of the trial whose weights it continues from, if there is one.
    pub origin: Option<String>,
}

/// The id of a trial, in less room and faster to compare than as a text; none for a text that is no id.
pub(crate) type Key = Option<[u8; 16]>;

/// The key of an id. Keys have the order of ids.
pub(crate) fn key(id: &str) -> Key {
    id.as_bytes().try_into().ok()
}

/// Planned trials that differ in nothing but their seeds, so that what they have in common is written as text once.
pub(crate) struct Template {
    trial: Trial,
    text: CanonicalText,
}

impl Template {
    /// The trials that are this one, with other seeds.
    pub fn new(trial: Trial) -> Self {
        Template { text: CanonicalText::of(&trial), trial }
    }

    /// The trial with these seeds. `origin`: id of the trial whose weights it continues from.
    pub fn planned(&self, role: Purpose, seeds: Seeds, origin: Option<&str>) -> Planned {
        let trial = Trial { seeds, ..self.trial.clone() };
        Planned { id: self.text.id(&seeds), role, trial, origin: origin.map(str::to_string) }
    }
}
