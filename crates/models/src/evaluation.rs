//! What models are evaluated on, and what is found.

use ablation_data::{Samples, Split};
use ablation_protocol::EvaluationSplit;
use ablation_random::Stream;
use serde::{Deserialize, Serialize};

/// One number about a trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Measure {
    /// Short name in tables: `loss`, `accuracy`.
    pub name: String,
    /// Name as shown.
    pub label: String,
    /// Unit.
    pub unit: String,
    /// `lower` or `higher` is better.
    pub goal: String,
    /// The number; `None` until it is known or when it is not finite.
    pub value: Option<f64>,
    /// What the constant predictor reaches.
    #[serde(rename = "constant_predictor")]
    pub constant: Option<f64>,
}

impl Measure {
    /// A measure with its value; a value that is not finite is no value.
    pub(crate) fn new(name: &str, label: &str, unit: &str, goal: &str, value: f64, constant: f64) -> Self {
        Measure {
            name: name.to_string(),
            label: label.to_string(),
            unit: unit.to_string(),
            goal: goal.to_string(),
            value: Some(value).filter(|value| value.is_finite()),
            constant: Some(constant),
        }
    }
}

/// What an evaluation found about one replica.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The test loss first.
    pub measures: Vec<Measure>,
    /// What a person looks at.
    pub samples: Vec<Samples>,
}

/// The held-out examples that one replica is evaluated on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvaluationSet {
    /// Which of the held-out examples.
    pub split: Split,
    /// Where they are drawn from.
    pub examples: Stream,
    /// Where everything else is drawn from that the evaluation needs, such as the noise that a sampler starts from.
    pub noise: Stream,
}

impl EvaluationSet {
    /// The evaluation set of every model of every bench, whatever its seed.
    pub fn shared() -> Self {
        let root = Stream::root(0);
        EvaluationSet { split: Split::Test, examples: root.at("test"), noise: root.at("sample") }
    }

    /// What a bench chooses learning rates on; none of it is reported.
    pub(crate) fn for_choosing() -> Self {
        EvaluationSet { split: Split::Tune, ..EvaluationSet::shared() }
    }

    /// The evaluation set of every arm of one pair of a study: drawn from the data seed of that pair, so that pairs differ in their test
    /// as well and a result does not hang on one lucky test set.
    pub fn of_pair(split: EvaluationSplit, data: u64) -> Self {
        let split = match split {
            EvaluationSplit::Tune => Split::Tune,
            EvaluationSplit::Test => Split::Test,
        };
        let root = Stream::root(data);
        EvaluationSet { split, examples: root.at("data"), noise: root.at("sample").at(split.name()) }
    }
}

/// How much of an evaluation is asked for; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What the loss is made of.
    Loss,
    /// What the data set's own score is made of as well.
    Score,
    /// And what only a person looks at.
    Samples,
}
