//! The square of a rectified linear unit (So et al. 2021, "Primer", <https://arxiv.org/abs/2109.08668>).

use super::Activation;
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::kernels::Pointwise;

pub(super) const ENTRY: Entry<Activation> = Entry {
    name: "squared-relu",
    label: "squared ReLU",
    help: "max(x, 0)^2: zero below zero, and steeper the larger x is.",
    value: Activation::of::<SquaredRelu>(),
};

/// `max(x, 0)^2`.
struct SquaredRelu;

impl Pointwise for SquaredRelu {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        let zero = x.constant(0.0);
        let positive = x.max(zero);
        positive.clone() * positive
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        let (zero, two) = (x.constant(0.0), x.constant(2.0));
        two * x.max(zero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_agree;
    use burn::tensor::activation;

    #[test]
    fn a_fused_squared_relu_is_the_composed_one() {
        fused_and_composed_agree::<SquaredRelu>(|x| activation::relu(x).powf_scalar(2.0));
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        assert!(SquaredRelu::value(f32::NAN).is_nan());
    }
}
