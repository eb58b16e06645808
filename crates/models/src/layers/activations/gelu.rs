//! Gaussian error linear unit, tanh approximation (Hendrycks & Gimpel 2016, <https://arxiv.org/abs/1606.08415>).

use burn::tensor::{Tensor, activation};

use super::Activation;
use crate::entry::Entry;
use crate::kernels;

pub(super) const ENTRY: Entry<Activation> =
    Entry { name: "gelu", label: "GELU", help: "x Φ(x), tanh approximation: smooth.", value: gelu };

fn gelu(x: Tensor<3>) -> Tensor<3> {
    if kernels::available(&x.device()) { kernels::gelu(x) } else { activation::gelu_approximate(x) }
}
