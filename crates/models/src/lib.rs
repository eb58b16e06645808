//! Small models whose every component can be ablated, left out and trained again.
//!
//! The only crate that names the tensor library. A model is a pure function of weights, edits and input; a fleet trains many of them
//! at once; a bench holds the arms of one contrast. Nothing here knows a browser or a command line.

mod ablation_fields;
mod ablations;
mod activations;
mod anatomy;
mod arithmetic;
mod averaging;
mod backbones;
mod batch;
mod catalog;
mod compute;
mod context;
mod describe;
mod dropout;
mod edits;
mod entry;
mod error;
mod evaluation;
mod exhibits;
mod fit;
mod fleet;
mod grades;
mod kernels;
mod lane;
mod layers;
mod layout;
mod losses;
mod mixture;
mod model;
mod objectives;
mod operators;
mod optimizers;
mod pack;
mod parameter;
mod patching;
mod plausible;
mod recipe;
mod resolved;
mod run;
mod saved;
mod schedules;
mod scope;
mod shape;
mod sweep;
mod weights;

mod bench;
/// What models are computed on.
pub use burn::tensor::Device;

pub use ablation_fields::NO_SITE;
pub use ablations::edits as ablation_edits;
pub use activations::{Activations, NormReference, Tokens};
pub use arithmetic::Arithmetic;
pub use backbones::{Arrangement, Backbone, Biases, Residual, ResidualMlp, ResidualMlpConfig, Transformer, TransformerConfig};
pub use batch::{Batch, Content, Draw, Target};
pub use bench::{ArmView, Bench, Panel, Phase, Progress, Source, Status, View, ablation_in};
pub use catalog::{Models, build, open};
#[cfg(feature = "gpu")]
pub use compute::gpu;
pub use compute::{NUMERICS, cpu, cpu_name};
pub use context::{Asset, Context};
pub use describe::{Description, Lacking, PresetLink, SetField, describe, presets};
pub use edits::{Constant, Direction, Edit, Edits, Pattern, ReadSource, Scaled, targets};
pub use entry::Entry;
pub use error::ModelError;
pub use evaluation::{Depth, Evaluation, EvaluationSet, Measure};
pub use exhibits::{EXHIBITS, Exhibit, Shown as ShownExhibit};
pub use fleet::{Fleet, Replica, evaluate, measure};
pub use grades::Graded;
pub use lane::{Finished, Lane, LaneProgress};
pub use layers::activations::{ACTIVATIONS, Activation};
pub use layers::norms::{NORM_KINDS, NORM_PLACEMENTS, NormKind, NormPlacement, Norms};
pub use layers::positions::{POSITIONS, Position, PositionScheme};
pub use layers::{MLP_KINDS, MlpKind};
pub use layout::{Layout, Place};
pub use losses::{ADDITIONS, Addition, LOSSES, Loss, Rows, Terms, TrainingLoss};
pub use model::Model;
pub use objectives::{Diffusion, Input, Interface, NoiseSchedule, Objective, Patches, TokenPrediction};
pub use operators::{Known, OPERATORS, Operator, Parameter as OperatorParameter, Request, Resolve};
pub use optimizers::{NUMBERS, Number, OPTIMIZERS, Optimizer, OptimizerState, Rule, Step, elementwise};
pub use pack::{Hardware, Packer, pack};
pub use parameter::{Init, Parameter, Tie};
pub use patching::Corruption;
pub use plausible::{implausible, largest_score};
pub use recipe::Recipe;
pub use resolved::ResolvedEdits;
pub use run::{Run, Trial};
pub use schedules::{SCHEDULES, Schedule};
pub use scope::{ActivationCache, Pass, Scope};
pub use shape::scratch;
pub use sweep::{Change, Control, Sweep, controls};
pub use weights::{Weights, upload};
