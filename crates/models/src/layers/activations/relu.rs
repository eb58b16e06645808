//! Rectified linear unit (Nair & Hinton 2010, <https://icml.cc/Conferences/2010/papers/432.pdf>).

use super::Activation;
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::kernels::Pointwise;

pub(super) const ENTRY: Entry<Activation> =
    Entry { name: "relu", label: "ReLU", help: "max(x, 0): zero below zero.", value: Activation::of::<Relu>() };

/// `max(x, 0)`.
struct Relu;

impl Pointwise for Relu {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        let zero = x.constant(0.0);
        x.max(zero)
    }

    /// One above zero, and zero at zero as below it.
    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        let zero = x.constant(0.0);
        x.sign().max(zero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_agree;
    use burn::tensor::activation;

    #[test]
    fn a_fused_relu_is_the_composed_one() {
        fused_and_composed_agree::<Relu>(activation::relu);
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        assert!(Relu::value(f32::NAN).is_nan());
    }
}
