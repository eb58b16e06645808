//! Non-linearities, one a file.

mod gelu;
mod relu;

use burn::tensor::Tensor;

use crate::entry::Entry;

/// A function of each number by itself. Shapes: any, the same.
pub type Activation = fn(Tensor<3>) -> Tensor<3>;

/// All of them; the first is the default.
pub const ACTIVATIONS: &[Entry<Activation>] = &[gelu::ENTRY, relu::ENTRY];
