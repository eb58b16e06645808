//! What a family of models must offer so that fleets, bench, worker and page need not know which one they hold.

use ablation_figures::{Figure, Role};
use ablation_protocol::{Exam, Site};
use ablation_random::Stream;
use ablation_tasks::Split;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::parameter::Parameter;
use crate::scope::{ActivationCache, Pass};

/// Examples of every replica, on a device.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What goes in: `[replicas, examples * positions, inputs]`.
    pub input: Tensor<3>,
    /// What it is conditioned on, if anything: `[replicas, examples, features]`.
    pub condition: Option<Tensor<3>>,
    /// What should come out, as the family's loss wants it: `[replicas, examples * positions, outputs]`.
    pub target: Tensor<3>,
}

/// Which examples a batch holds.
#[derive(Clone, Debug)]
pub struct Draw<'a> {
    /// Seed of the data stream of each replica.
    pub seeds: &'a [u64],
    /// Training or held-out data.
    pub split: Split,
    /// Index of the first example.
    pub first: u64,
    /// Number of examples.
    pub count: usize,
}

/// One number about a trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Short name in tables: `loss`, `score`.
    pub name: String,
    /// Name as shown.
    pub label: String,
    /// Unit.
    pub unit: String,
    /// `lower` or `higher` is better.
    pub goal: String,
    /// The number; `None` until it is known or when it is not finite.
    pub value: Option<f64>,
    /// What a predictor that learned nothing reaches.
    pub trivial: Option<f64>,
}

impl Measure {
    /// A measure with its value; a value that is not finite is no value.
    pub(crate) fn new(name: &str, label: &str, unit: &str, goal: &str, value: f64, trivial: f64) -> Self {
        Measure {
            name: name.to_string(),
            label: label.to_string(),
            unit: unit.to_string(),
            goal: goal.to_string(),
            value: Some(value).filter(|value| value.is_finite()),
            trivial: Some(trivial),
        }
    }
}

/// What an examination found about one replica.
#[derive(Clone, Debug, PartialEq)]
pub struct Marks {
    /// The test loss first.
    pub measures: Vec<Measure>,
    /// Live samples: what a person looks at.
    pub samples: Vec<Figure>,
}

/// The held-out examples that one replica is examined on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paper {
    /// Which of the held-out examples.
    pub split: Split,
    /// Where they are drawn from.
    pub examples: Stream,
    /// Where everything else is drawn from that the examination needs, such as the noise that a sampler starts from.
    pub noise: Stream,
}

impl Paper {
    /// What every model of every bench is evaluated on, whatever its seed.
    pub fn shared() -> Self {
        let root = Stream::root(0);
        Paper { split: Split::Test, examples: root.at("test"), noise: root.at("sample") }
    }

    /// What a bench chooses learning rates on; none of it is reported.
    pub(crate) fn for_choosing() -> Self {
        Paper { split: Split::Tune, ..Paper::shared() }
    }

    /// The paper of every arm of one block of a study: drawn from the block's own data, so that blocks differ in their test as well and
    /// a result does not hang on one lucky test set.
    pub fn of_block(exam: Exam, data: u64) -> Self {
        let split = match exam {
            Exam::Tune => Split::Tune,
            Exam::Test => Split::Test,
        };
        let root = Stream::root(data);
        Paper { split, examples: root.at("data"), noise: root.at("sample").at(split.name()) }
    }
}

/// How much of an examination is asked for; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What the loss is made of.
    Loss,
    /// What the task's own score is made of as well.
    Score,
    /// And what only a person looks at.
    Figures,
}

/// Who is examined.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// How its samples are drawn.
    pub role: Role,
    /// Its name in figures.
    pub label: String,
    /// Sites that it goes without.
    pub silent: Vec<String>,
}

/// A family of models: transformers, diffusion models. Everything is a fleet: tensors start with a replica axis.
pub trait Family {
    /// Every trained tensor.
    fn parameters(&self) -> Vec<Parameter>;

    /// Every addressable part, in forward order.
    fn sites(&self) -> Vec<Site>;

    /// Positions of an example; 1 where there are none.
    fn positions(&self) -> usize;

    /// Tensors that a backward pass keeps besides the outputs of sites where operations are not fused, such as attention scores: numbers
    /// of each for one example.
    fn workspace(&self) -> Vec<usize> {
        Vec::new()
    }

    /// The examples of a draw.
    fn batch(&self, draw: &Draw, device: &Device) -> Batch;

    /// The output of the model.
    ///
    /// # Shapes
    /// - result: `[replicas, examples * positions, outputs]`
    fn forward(&self, pass: &Pass, batch: &Batch) -> Tensor<3>;

    /// The training loss of each replica on a batch: `[replicas, 1, 1]`.
    fn loss(&self, pass: &Pass, batch: &Batch) -> Tensor<3>;

    /// Unit of the training loss, if it has one.
    fn loss_unit(&self) -> Option<&'static str>;

    /// Puts each replica through its paper; the answers stay on the device until they are all read at once.
    ///
    /// # Shapes
    /// - `papers`: `[replicas]`
    /// - each answer: `[replicas, any, any]`
    fn examine(&self, pass: &Pass, papers: &[Paper], depth: Depth, device: &Device) -> Vec<Tensor<3>>;

    /// Marks one replica's answers to its paper, in the order of [`Family::examine`]: the test loss, then the score if it was asked for.
    fn measure(&self, paper: &Paper, answers: &[Vec<f32>]) -> Vec<Measure>;

    /// What a person looks at: one replica's answers to an examination with figures, drawn.
    fn samples(&self, paper: &Paper, answers: &[Vec<f32>], subject: &Subject) -> Vec<Figure>;

    /// A sample of the data.
    fn data(&self) -> Vec<Figure>;

    /// The reference set that means are taken of: drawn like the training data, from a stream of its own, so that no test example
    /// is in it.
    fn reference(&self, replicas: usize, device: &Device) -> Batch;
}

/// Activations at the given paths for a batch.
pub(crate) fn captured(family: &dyn Family, pass: Pass, batch: &Batch, paths: Vec<String>) -> Vec<(String, Tensor<3>)> {
    let cache = ActivationCache::of(paths);
    family.forward(&Pass { cache: Some(&cache), ..pass }, batch);
    cache.take()
}
