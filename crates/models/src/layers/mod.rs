//! Layers: functions of a scope and an activation, one a file.
//!
//! Every activation is `[replicas, examples * positions, width]`: a single model is a fleet of one.

mod activation;
mod attention;
mod linear;
mod mlp;
mod norm;

pub(crate) use activation::Activation;
pub(crate) use attention::Attention;
pub(crate) use linear::linear;
pub(crate) use mlp::Mlp;
pub use norm::Norm;
pub(crate) use norm::Norms;
