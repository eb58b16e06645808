//! Layers: functions of a scope and an activation, one per file.
//!
//! Every activation is `[replicas, examples * positions, width]`: a single model is a fleet of one.

pub(crate) mod activations;
mod attention;
mod convolution;
pub(crate) mod gates;
pub(crate) mod linear;
mod mlp;
pub(crate) mod norms;
pub(crate) mod positions;
pub(crate) mod scan;
mod trunk;

pub(crate) use attention::Attention;
pub(crate) use convolution::Convolution;
pub(crate) use linear::linear;
pub(crate) use mlp::Mlp;
pub use mlp::{MLP_KINDS, MlpKind};
pub(crate) use trunk::{STREAM, Trunk};
