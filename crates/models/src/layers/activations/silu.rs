//! Sigmoid linear unit, also called swish (Elfwing, Uchibe & Doya 2018, <https://arxiv.org/abs/1702.03118>).

use super::Activation;
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::kernels::Pointwise;

pub(super) const ENTRY: Entry<Activation> = Entry {
    name: "silu",
    label: "SiLU",
    help: "x σ(x), with the logistic sigmoid: smooth (also called swish).",
    value: Activation::of::<Silu>(),
};

/// `x / (1 + exp(-x))`.
struct Silu;

impl Pointwise for Silu {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        x.clone() * sigmoid(x)
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        let (one, sigmoid) = (x.constant(1.0), sigmoid(x.clone()));
        sigmoid.clone() + x * sigmoid.clone() * (one - sigmoid)
    }
}

#[inline(always)]
fn sigmoid<N: Arithmetic>(x: N) -> N {
    let one = x.constant(1.0);
    one.clone() / (one + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_agree;
    use burn::tensor::activation;

    #[test]
    fn a_fused_silu_is_the_composed_one() {
        fused_and_composed_agree::<Silu>(activation::silu);
    }

    /// Values from Python: `x / (1 + exp(-x))` and `s + x * s * (1 - s)` with `s = 1 / (1 + exp(-x))`.
    #[test]
    fn silu_is_the_formula_of_the_paper() {
        let known = [(-3.0_f32, -0.142_277_6, -0.088_104_1), (0.0, 0.0, 0.5), (1.5, 1.226_361_7, 1.041_294_2)];
        for (x, value, slope) in known {
            assert!((Silu::value(x) - value).abs() < 1e-6 && (Silu::slope(x) - slope).abs() < 1e-6, "{x}");
        }
    }
}
