//! An MLP that reads the residual stream through a norm, as one operation: `act(norm(x) W_up + b_up) W_down + b_down`.
//!
//! On models of this size the gradient tape costs as much as the arithmetic, so a branch is one entry on it. It is used where nobody edits or
//! looks at anything inside; it runs the same kernels in the same order as the branch that is put together, and gives the same bits.

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;

use super::Kernels;
use super::normalise::Norm;
use super::pointwise::Curve;
use super::products::{affine, of_left, of_right};

/// What the branch consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MlpBranch {
    pub norm: Norm,
    pub activation: Curve,
}

/// What the backward pass reads.
#[derive(Clone, Debug)]
pub(super) struct Kept<B: Backend> {
    x: FloatTensor<B>,
    gain: FloatTensor<B>,
    up: FloatTensor<B>,
    down: FloatTensor<B>,
    normed: FloatTensor<B>,
    hidden: FloatTensor<B>,
    /// What the activation has kept.
    curve: FloatTensor<B>,
}

/// The stream, gain and bias of the norm, then weights and biases.
pub(super) type Inputs<B> = [FloatTensor<B>; 7];

impl MlpBranch {
    /// The output alone.
    pub(super) fn forward<B: Backend + Kernels>(
        self,
        [x, gain, bias, up, up_bias, down, down_bias]: Inputs<B>,
    ) -> FloatTensor<B> {
        let normed = B::fused_norm(x, gain, bias, self.norm);
        let hidden = B::fused_pointwise(affine::<B>(normed, up, up_bias), self.activation);
        affine::<B>(hidden, down, down_bias)
    }

    /// The output, and what the backward pass reads.
    pub(super) fn forward_kept<B: Backend + Kernels>(
        self,
        [x, gain, bias, up, up_bias, down, down_bias]: Inputs<B>,
    ) -> (FloatTensor<B>, Kept<B>) {
        let normed = B::fused_norm(x.clone(), gain.clone(), bias, self.norm);
        let (hidden, curve) = B::fused_pointwise_kept(affine::<B>(normed.clone(), up.clone(), up_bias), self.activation);
        let output = affine::<B>(hidden.clone(), down.clone(), down_bias);
        (output, Kept { x, gain, up, down, normed, hidden, curve })
    }

    /// The gradients of the inputs, in their order; none where none is `wanted`.
    pub(super) fn backward<B: Backend + Kernels>(
        self,
        kept: Kept<B>,
        grad: FloatTensor<B>,
        wanted: [bool; 7],
    ) -> [Option<FloatTensor<B>>; 7] {
        let Kept { x, gain, up, down, normed, hidden, curve } = kept;
        let [of_x, of_gain, of_bias, of_up, of_up_bias, of_down, of_down_bias] = wanted;
        let ddown_bias = of_down_bias.then(|| B::fused_sum_rows(grad.clone()));
        let ddown = of_down.then(|| of_right::<B>(hidden, grad.clone()));
        let dhidden = B::fused_pointwise_backward(curve, of_left::<B>(grad, down), self.activation);
        let dup_bias = of_up_bias.then(|| B::fused_sum_rows(dhidden.clone()));
        let dup = of_up.then(|| of_right::<B>(normed, dhidden.clone()));
        let (dx, dgain, dbias) = B::fused_norm_backward(x, gain, of_left::<B>(dhidden, up), self.norm);
        [
            of_x.then_some(dx),
            of_gain.then_some(dgain),
            (of_bias && self.norm.biased).then_some(dbias),
            dup,
            dup_bias,
            ddown,
            ddown_bias,
        ]
    }
}
