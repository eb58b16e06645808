//! What a diffusion model predicts, one target a file.

mod data;
mod noise;

use crate::entry::Entry;
use crate::tensor::Tensor;

/// How much of the clean example and of the noise a noised example is made of: `x = signal * clean + noise * eps`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    pub signal: f64,
    pub noise: f64,
}

/// A prediction target, number by number.
#[derive(Clone, Copy)]
pub(crate) struct Prediction {
    /// What the model is to answer, of the clean number, the noise and the level.
    pub target: fn(f32, f32, Level) -> f32,
    /// The clean number that an answer implies, of the noised number, the answer and the level.
    pub clean: fn(f64, f64, Level) -> f64,
    /// The same of tensors: `[replicas, rows, outputs]`.
    pub clean_tensor: fn(Tensor<3>, Tensor<3>, Level) -> Tensor<3>,
}

/// All of them; the first is the default.
pub(crate) const PREDICTIONS: &[Entry<Prediction>] = &[noise::ENTRY, data::ENTRY];
