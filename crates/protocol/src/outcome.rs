//! What a trial found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::trial::Exam;

/// The measures of one exam.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Mean loss; `None` where it is not a number.
    pub loss: Option<f64>,
    /// The task's own score, such as accuracy.
    pub score: Option<f64>,
    /// What the untrained model loses here: a training that diverged is scored as if it had not begun.
    pub untrained: f64,
    /// What the best predictor loses that does not look at its input.
    pub trivial: f64,
}

impl Marks {
    /// The loss, or that of the untrained model where training diverged (Wortsman et al. 2023): a diverged run is a result and is never
    /// dropped.
    pub fn scored(&self) -> f64 {
        self.loss.unwrap_or(self.untrained)
    }

    /// The same, and no worse than untrained: for choosing between search points, where every broken one is equally useless.
    pub fn clipped(&self) -> f64 {
        self.scored().min(self.untrained)
    }
}

/// What a trial found. It holds no time and no place beyond the device, so that the same trial gives the same outcome again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Id of the trial.
    pub trial: String,
    /// Measures of each exam.
    pub marks: BTreeMap<Exam, Marks>,
    /// Whether the loss stopped being a number.
    pub diverged: bool,
    /// What computed it.
    pub device: String,
}

/// Outcomes by the id of their trial.
pub type Outcomes = BTreeMap<String, Outcome>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diverged_run_is_scored_as_untrained() {
        let marks = |loss| Marks { loss, score: None, untrained: 2.0, trivial: 1.9 };
        assert_eq!([marks(Some(0.5)).scored(), marks(None).scored(), marks(Some(9.0)).scored()], [0.5, 2.0, 9.0]);
        assert_eq!(marks(Some(9.0)).clipped(), 2.0);
    }
}
