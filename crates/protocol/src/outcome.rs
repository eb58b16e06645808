//! The outcome of a trial.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::trial::EvaluationSplit;

/// The metrics on one evaluation set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Mean loss; `None` if it is not a number.
    pub loss: Option<f64>,
    /// The task's own score, such as accuracy.
    pub score: Option<f64>,
    /// Loss of the untrained model on this set: the score of a run that diverged.
    pub untrained: f64,
    /// Loss of the constant predictor, the best one that ignores its input.
    pub constant_predictor: f64,
}

impl Marks {
    /// The loss, or that of the untrained model if training diverged (Wortsman et al. 2023): diverged runs are results and are not dropped.
    pub fn scored(&self) -> f64 {
        self.loss.unwrap_or(self.untrained)
    }

    /// The same, clipped at the loss of the untrained model: the score of a search point.
    pub fn clipped(&self) -> f64 {
        self.scored().min(self.untrained)
    }
}

/// The outcome of a trial. It holds no time and no machine except the device, so that the same trial gives the same outcome again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Id of the trial.
    pub trial: String,
    /// Metrics on each evaluation set.
    pub marks: BTreeMap<EvaluationSplit, Marks>,
    /// Whether the loss became NaN or infinite.
    pub diverged: bool,
    /// The name of the device that computed it.
    pub device: String,
    /// Version of the arithmetic that computed it. Outcomes of different versions may differ in their last digits although everything else
    /// is the same.
    pub numerics: u32,
}

/// Outcomes by the id of their trial.
pub type Outcomes = BTreeMap<String, Outcome>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diverged_run_is_scored_as_untrained() {
        let marks = |loss| Marks { loss, score: None, untrained: 2.0, constant_predictor: 1.9 };
        assert_eq!([marks(Some(0.5)).scored(), marks(None).scored(), marks(Some(9.0)).scored()], [0.5, 2.0, 9.0]);
        assert_eq!(marks(Some(9.0)).clipped(), 2.0);
    }
}
