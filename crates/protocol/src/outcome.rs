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
    /// Steps until the training loss reached the threshold, of a training from scratch; none if it never did. See
    /// [`steps_to_threshold`](crate::steps_to_threshold).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_to_threshold: Option<u64>,
    /// The name of the device that computed it.
    pub device: String,
    /// Version of the arithmetic that computed it. Outcomes of different versions may differ in their last digits although everything else
    /// is the same.
    pub numerics: u32,
}

/// The largest loss that is taken for one; averages of many and their squares are still numbers.
const LARGEST: f64 = 1e100;

impl Outcome {
    /// Why nobody can have measured this, as a sentence; none where it is plausible. Losses are cross-entropies and squared errors, and scores
    /// are shares and distances: none of them is negative. `scores`: the largest score that the data set has.
    pub fn implausible(&self, scores: f64) -> Option<String> {
        let of_split = |(split, marks): (&EvaluationSplit, &Marks)| {
            let Marks { loss, score, untrained, constant_predictor } = marks;
            let losses = [("loss", *loss), ("loss of the untrained model", Some(*untrained))];
            let all = losses.into_iter().chain([("loss of the constant predictor", Some(*constant_predictor))]);
            let all = all.map(|(name, value)| (name, value, LARGEST)).chain([("score", *score, scores.min(LARGEST))]);
            let split = if *split == EvaluationSplit::Tune { "tuning" } else { "test" };
            all.filter_map(|(name, value, most)| Some((name, value?, most)))
                .find(|(_, value, most)| !(0.0..=*most).contains(value))
                .map(|(name, value, most)| {
                    format!("its {name} on the {split} split is {value:?}, and it can only be a number from 0 to {most:?}")
                })
        };
        self.marks.iter().find_map(of_split)
    }
}

/// Outcomes by the id of their trial.
pub type Outcomes = BTreeMap<String, Outcome>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_have_measured_is_said() {
        let outcome = |marks: Marks| Outcome {
            trial: "0123".into(),
            marks: BTreeMap::from([(EvaluationSplit::Test, marks)]),
            diverged: false,
            steps_to_threshold: None,
            device: String::new(),
            numerics: 1,
        };
        let sound = Marks { loss: Some(0.0), score: Some(1.0), untrained: 2.0, constant_predictor: 1.9 };
        assert_eq!(outcome(sound.clone()).implausible(1.0), None);
        assert_eq!(outcome(Marks { score: Some(7.5), ..sound.clone() }).implausible(f64::INFINITY), None, "a distance");
        for (marks, words) in [
            (
                Marks { loss: Some(-7.0), ..sound.clone() },
                "its loss on the test split is -7.0, and it can only be a number from 0 to 1e100",
            ),
            (Marks { loss: Some(1e308), ..sound.clone() }, "its loss on the test split is 1e308"),
            (
                Marks { score: Some(99.0), ..sound.clone() },
                "its score on the test split is 99.0, and it can only be a number from 0 to 1.0",
            ),
            (Marks { score: Some(-0.1), ..sound.clone() }, "its score"),
            (Marks { untrained: -1.0, ..sound.clone() }, "its loss of the untrained model"),
            (
                Marks { constant_predictor: f64::NAN, ..sound.clone() },
                "its loss of the constant predictor on the test split is NaN",
            ),
        ] {
            let said = outcome(marks).implausible(1.0).unwrap();
            assert!(said.starts_with(words), "{said}");
        }
    }

    #[test]
    fn a_diverged_run_is_scored_as_untrained() {
        let marks = |loss| Marks { loss, score: None, untrained: 2.0, constant_predictor: 1.9 };
        assert_eq!([marks(Some(0.5)).scored(), marks(None).scored(), marks(Some(9.0)).scored()], [0.5, 2.0, 9.0]);
        assert_eq!(marks(Some(9.0)).clipped(), 2.0);
    }
}
