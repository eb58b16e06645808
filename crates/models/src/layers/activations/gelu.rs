//! Gaussian error linear unit, tanh approximation (Hendrycks & Gimpel 2016, <https://arxiv.org/abs/1606.08415>).

use burn::tensor::{Tensor, activation};

use super::Activation;
use crate::entry::Entry;
use crate::kernels::{self, Pointwise, exp};

pub(super) const ENTRY: Entry<Activation> =
    Entry { name: "gelu", label: "GELU", help: "x Φ(x), tanh approximation: smooth.", value: kernels::pointwise::<Gelu> };

/// `x / (1 + exp(-2u))` with `u = sqrt(2/pi) (x + 0.044715 x^3)`.
struct Gelu;

const SLOPE: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

impl Pointwise for Gelu {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        x * gate(x)
    }

    #[inline(always)]
    fn slope(x: f32) -> f32 {
        let gate = gate(x);
        gate + x * gate * (1.0 - gate) * (2.0 * SLOPE * (1.0 + 3.0 * CUBIC * x * x))
    }

    fn composed(x: Tensor<3>) -> Tensor<3> {
        activation::gelu_approximate(x)
    }
}

#[inline(always)]
fn gate(x: f32) -> f32 {
    1.0 / (1.0 + exp(-2.0 * SLOPE * (x + CUBIC * x * x * x)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_agree;

    #[test]
    fn a_fused_gelu_is_the_composed_one() {
        fused_and_composed_agree::<Gelu>();
    }
}
