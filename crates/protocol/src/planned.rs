//! A trial that is known to be needed, and what for.

use serde::{Deserialize, Serialize};

use crate::study::Block;
use crate::trial::Trial;

/// The arms that have hyper-parameters of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Searched {
    /// R.
    Reference,
    /// P: the reference once more, as if it were a variant.
    Placebo,
    /// N: without the component of variant `i`.
    Own(usize),
}

/// What a trial is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Purpose {
    /// A point of a search.
    Search {
        /// Whose.
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
        /// Which.
        arm: Searched,
        /// Where.
        block: Block,
    },
    /// U: without the component, with the reference's hyper-parameters.
    Shortcut {
        /// Index of the variant.
        variant: usize,
        /// Where.
        block: Block,
    },
    /// M: without the component, as many parameters as the reference, with N's hyper-parameters.
    Matched {
        /// Index of the variant.
        variant: usize,
        /// Where.
        block: Block,
    },
    /// Z: the cut architecture from scratch, with the updates of a healing budget.
    Relearn {
        /// Index of the variant.
        variant: usize,
        /// Index of the budget.
        budget: usize,
        /// Where.
        block: Block,
    },
    /// D: cut out of R.
    Cut {
        /// Index of the variant.
        variant: usize,
        /// Index among the variant's cuts.
        cut: usize,
        /// Where.
        block: Block,
    },
    /// S: R, not cut, trained on.
    Sham {
        /// Index of the budget.
        budget: usize,
        /// Index of the rate.
        rate: usize,
        /// Where.
        block: Block,
    },
    /// H: R, cut, trained on.
    Healed {
        /// Index of the variant.
        variant: usize,
        /// Index of the budget.
        budget: usize,
        /// Index of the rate.
        rate: usize,
        /// Where.
        block: Block,
    },
}

impl Purpose {
    /// The block of a final trial.
    pub fn block(&self) -> Option<Block> {
        match *self {
            Purpose::Search { .. } => None,
            Purpose::Trained { block, .. }
            | Purpose::Shortcut { block, .. }
            | Purpose::Matched { block, .. }
            | Purpose::Relearn { block, .. }
            | Purpose::Cut { block, .. }
            | Purpose::Sham { block, .. }
            | Purpose::Healed { block, .. } => Some(block),
        }
    }

    /// Order of the stages.
    pub(crate) fn stage(&self) -> u8 {
        match self {
            Purpose::Search { arm: Searched::Reference, .. } => 0,
            Purpose::Search { .. } => 1,
            Purpose::Trained { .. } | Purpose::Shortcut { .. } | Purpose::Matched { .. } | Purpose::Relearn { .. } => 2,
            Purpose::Cut { .. } => 3,
            Purpose::Sham { .. } | Purpose::Healed { .. } => 4,
        }
    }
}

/// A trial and what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Id of the trial.
    pub id: String,
    /// What it is for.
    pub role: Purpose,
    /// What is run.
    pub trial: Trial,
}
