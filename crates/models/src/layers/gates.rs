//! Bounded non-linearities of gates and states.

use crate::arithmetic::Arithmetic;
use crate::kernels::{self, Curve, Pointwise};
use crate::tensor::Tensor;

/// The logistic sigmoid `1 / (1 + exp(-x))`. Shapes: any, the same.
pub(crate) fn sigmoid(x: Tensor<3>) -> Tensor<3> {
    kernels::pointwise(x, Curve::of::<Sigmoid>())
}

/// The hyperbolic tangent. Shapes: any, the same.
pub(crate) fn tanh(x: Tensor<3>) -> Tensor<3> {
    kernels::pointwise(x, Curve::of::<Tanh>())
}

struct Sigmoid;

impl Pointwise for Sigmoid {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        let one = x.constant(1.0);
        one.clone() / (one + (-x).exp())
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        let (one, value) = (x.constant(1.0), Sigmoid::value(x));
        value.clone() * (one - value)
    }
}

/// `2 / (1 + exp(-2x)) - 1`.
struct Tanh;

impl Pointwise for Tanh {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        let (one, two) = (x.constant(1.0), x.constant(2.0));
        two.clone() * Sigmoid::value(two * x) - one
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        let (one, value) = (x.constant(1.0), Tanh::value(x));
        one - value.clone() * value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_agree;
    use burn::tensor::activation;

    #[test]
    fn gates_are_those_of_the_tensor_library() {
        fused_and_composed_agree::<Sigmoid>(activation::sigmoid);
        fused_and_composed_agree::<Tanh>(activation::tanh);
    }
}
