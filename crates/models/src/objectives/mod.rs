//! Objectives: what a model is trained to do with its data, one per file.
//!
//! An objective makes model inputs and targets of examples, computes the loss, and says how a trained model is evaluated and what it
//! shows. It knows nothing of the blocks in between.

mod cache;
mod diffusion;
mod next_token;

use ablation_data::{Data, Layout, Samples};
use ablation_settings::{Field, Group, MissingSetting, Role, Settings};
use burn::tensor::Device;

pub use diffusion::{Diffusion, NoiseSchedule, Patches};
pub use next_token::TokenPrediction;

use crate::batch::{Batch, Draw};
use crate::entry::{self, Entry};
use crate::evaluation::{EvaluationSet, Measure};
use crate::recipe::Recipe;
use crate::tensor::Tensor;

/// What goes into a model and comes out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// What the embedding reads.
    pub input: Input,
    /// Numbers that come out at each position.
    pub outputs: usize,
    /// Positions of an example.
    pub positions: usize,
    /// Features of the diffusion step, if the model is told one.
    pub time: Option<usize>,
    /// Number of classes, if the model is told one.
    pub classes: Option<usize>,
    /// Name and help of the embedding.
    pub embedding: [&'static str; 2],
    /// Name and help of the output.
    pub unembedding: [&'static str; 2],
}

/// What the embedding of a model reads at each position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A token of so many.
    Tokens(usize),
    /// So many numbers.
    Numbers(usize),
}

/// What a model is trained to do.
pub trait Objective {
    /// The data set.
    fn data(&self) -> &dyn Data;

    /// What goes into a model and comes out of it.
    fn interface(&self) -> Interface;

    /// The examples of a draw: those of its mixture, where something is mixed.
    fn batch(&self, draw: &Draw, device: &Device) -> Batch;

    /// The reference set that means are taken of: drawn like training examples of its own data, whatever a model was trained on, from a
    /// stream of its own, so that no test example is in it.
    fn reference(&self, replicas: usize, device: &Device) -> Batch;

    /// The loss of each replica that is shown while it trains, from what came out for a batch.
    ///
    /// # Shapes
    /// - `output`: `[replicas, examples * positions, outputs]`
    /// - result: `[replicas, 1, 1]`
    fn loss(&self, output: Tensor<3>, batch: &Batch) -> Tensor<3>;

    /// What the training of each replica minimises; none where that is the loss that is shown. `shown`: that loss; `recipes`: one per replica.
    ///
    /// # Shapes
    /// - `output`: `[replicas, examples * positions, outputs]`
    /// - `shown`, result: `[replicas, 1, 1]`
    fn minimised(&self, _shown: &Tensor<3>, _output: &Tensor<3>, _batch: &Batch, _recipes: &[Recipe]) -> Option<Tensor<3>> {
        None
    }

    /// Unit of the loss that is shown, if it has one.
    fn loss_unit(&self) -> Option<&'static str>;

    /// The inputs that each replica is evaluated on. `sets`: one per replica.
    fn evaluation(&self, sets: &[EvaluationSet], device: &Device) -> Batch;

    /// Examples of a replica that go through the model at once when it is evaluated, at most.
    fn evaluated(&self) -> usize;

    /// What each replica generates from nothing, if this objective generates: one row per position. `forward` is the model.
    ///
    /// # Shapes
    /// - result: `[replicas, examples * positions, outputs]`
    fn generate(&self, _forward: &dyn Fn(&Batch) -> Tensor<3>, _sets: &[EvaluationSet], _device: &Device) -> Option<Tensor<3>> {
        None
    }

    /// What each replica writes after a beginning, for a person to read, if its data make a text: the tokens, beginning included.
    /// `forward` is the model.
    ///
    /// # Shapes
    /// - result: `[replicas, positions, 1]`
    fn write(&self, _forward: &dyn Fn(&Batch) -> Tensor<3>, _sets: &[EvaluationSet], _device: &Device) -> Option<Tensor<3>> {
        None
    }

    /// Loss, then score if it was asked for, of one replica. `answers`: its output on its evaluation set, then what it generated.
    fn measure(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Measure>;

    /// What a person looks at of one replica; `answers` as in [`Objective::measure`], then what it wrote.
    fn samples(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Samples>;

    /// A few training examples.
    fn training_samples(&self) -> Samples;
}

/// A kind of objective in the registry.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// Whether data of a layout can be trained with it.
    pub fits: fn(&Layout) -> bool,
    /// Positions of an example, of a layout and whether the backbone mixes positions.
    pub positions: fn(&Layout, bool) -> usize,
    /// Unit of the loss on the evaluation set.
    pub unit: &'static str,
    /// Defaults of steps, batch and learning rate.
    pub budget: (i64, i64, f64),
    /// Its settings, given what is chosen so far.
    pub fields: fn(&Settings) -> Vec<Field>,
    /// The objective of complete settings for a data set; `mixes` says whether the backbone mixes positions.
    pub build: Build,
}

/// Builds an objective from complete settings, for a data set and a backbone that mixes positions or does not.
pub(crate) type Build = fn(&Settings, Box<dyn Data>, bool) -> Result<Box<dyn Objective>, MissingSetting>;

/// All of them, in the order shown.
const OBJECTIVES: &[Entry<Kind>] = &[next_token::NEXT, next_token::MASKED, diffusion::ENTRY];

/// The objective that settings choose for data of a layout: the first that fits where they do not say.
pub(crate) fn chosen(settings: &Settings, layout: &Layout) -> Result<Kind, MissingSetting> {
    let name = settings.text(PATH).ok();
    let entry = fitting(layout).find(|entry| name.is_none_or(|name| entry.name == name));
    entry
        .map(|entry| entry.value)
        .ok_or_else(|| MissingSetting { path: PATH.into(), expected: "an objective that fits the data" })
}

/// The setting that chooses the objective.
pub(crate) fn field(layout: &Layout) -> Option<Field> {
    let first = fitting(layout).next()?;
    let help = "What the model is trained to predict, and its loss.";
    Some(entry::field(fitting(layout), PATH, Group::Model, "Objective", help).role(Role::Data).absent(first.name))
}

/// Path of the setting.
const PATH: &str = "objective.kind";

/// The objectives that fit data of a layout; the first is the default.
fn fitting(layout: &Layout) -> impl Iterator<Item = &'static Entry<Kind>> {
    OBJECTIVES.iter().filter(|entry| (entry.value.fits)(layout))
}
