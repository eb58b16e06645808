//! Non-linearities.

use burn::tensor::{Tensor, activation};

use crate::kernels;

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// Gaussian error linear unit, tanh approximation (Hendrycks & Gimpel 2016).
    Gelu,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    /// # Shapes
    /// - `x`, result: any, the same
    pub(crate) fn forward(self, x: Tensor<3>) -> Tensor<3> {
        match self {
            Activation::Gelu if kernels::available(&x.device()) => kernels::gelu(x),
            Activation::Gelu => activation::gelu_approximate(x),
            Activation::Relu => activation::relu(x),
        }
    }
}
