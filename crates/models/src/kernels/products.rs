//! The products that branches are put together from.

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;

use super::Kernels;
use super::sides::Sides;

/// `x W`.
pub(super) fn times<B: Backend + Kernels>(x: FloatTensor<B>, weight: FloatTensor<B>) -> FloatTensor<B> {
    unbiased::<B>(x, weight, Sides::default())
}

/// `x W + b`.
pub(super) fn affine<B: Backend + Kernels>(x: FloatTensor<B>, weight: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    B::fused_product(x, weight, bias, Sides { biased: true, ..Sides::default() })
}

/// The gradient of `x` in `x W`.
pub(super) fn of_left<B: Backend + Kernels>(grad: FloatTensor<B>, weight: FloatTensor<B>) -> FloatTensor<B> {
    unbiased::<B>(grad, weight, Sides::default().of_left_gradient())
}

/// The gradient of `W` in `x W`.
pub(super) fn of_right<B: Backend + Kernels>(x: FloatTensor<B>, grad: FloatTensor<B>) -> FloatTensor<B> {
    unbiased::<B>(x, grad, Sides::default().of_right_gradient())
}

/// A product without a bias, in whose place any tensor stands.
pub(super) fn unbiased<B: Backend + Kernels>(left: FloatTensor<B>, right: FloatTensor<B>, sides: Sides) -> FloatTensor<B> {
    let bias = left.clone();
    B::fused_product(left, right, bias, sides)
}
