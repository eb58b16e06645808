//! Gaussian error linear unit, tanh approximation (Hendrycks & Gimpel 2016, <https://arxiv.org/abs/1606.08415>).

use super::Activation;
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::kernels::Pointwise;

pub(super) const ENTRY: Entry<Activation> =
    Entry { name: "gelu", label: "GELU", help: "x Φ(x), tanh approximation: smooth.", value: Activation::of::<Gelu>() };

/// `x / (1 + exp(-2u))` with `u = sqrt(2/pi) (x + 0.044715 x^3)`.
struct Gelu;

const SLOPE: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

impl Pointwise for Gelu {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        x.clone() * gate(x)
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        let (one, gate) = (x.constant(1.0), gate(x.clone()));
        let slope = x.constant(2.0 * SLOPE) * (one.clone() + x.constant(3.0 * CUBIC) * x.clone() * x.clone());
        gate.clone() + x * gate.clone() * (one - gate) * slope
    }
}

#[inline(always)]
fn gate<N: Arithmetic>(x: N) -> N {
    let (one, cubic) = (x.constant(1.0), x.constant(CUBIC) * x.clone() * x.clone() * x.clone());
    one.clone() / (one + (x.constant(-2.0 * SLOPE) * (x + cubic)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_agree;
    use burn::tensor::activation;

    #[test]
    fn a_fused_gelu_is_the_composed_one() {
        fused_and_composed_agree::<Gelu>(activation::gelu_approximate);
    }
}
