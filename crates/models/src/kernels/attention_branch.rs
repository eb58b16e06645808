//! Attention that reads the residual stream through a norm, as one operation; see `mlp_branch.rs` for why.

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;

use super::Kernels;
use super::attention::Heads;
use super::normalise::Norm;
use super::products::{of_left, of_right, times};

/// What the branch consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttentionBranch {
    pub norm: Norm,
    pub heads: Heads,
}

/// What the backward pass reads.
#[derive(Clone, Debug)]
pub(super) struct Kept<B: Backend> {
    x: FloatTensor<B>,
    gain: FloatTensor<B>,
    /// Of query, key and value.
    weights: [FloatTensor<B>; 3],
    output: FloatTensor<B>,
    normed: FloatTensor<B>,
    /// Query, key and value.
    projected: [FloatTensor<B>; 3],
    /// What the attention has kept.
    pattern: FloatTensor<B>,
    attended: FloatTensor<B>,
}

/// The stream, gain and bias of the norm, then the weights of query, key, value and output.
pub(super) type Inputs<B> = [FloatTensor<B>; 7];

impl AttentionBranch {
    /// The output alone.
    pub(super) fn forward<B: Backend + Kernels>(self, [x, gain, bias, query, key, value, output]: Inputs<B>) -> FloatTensor<B> {
        let normed = B::fused_norm(x, gain, bias, self.norm);
        let [query, key, value] = [query, key, value].map(|weight| times::<B>(normed.clone(), weight));
        times::<B>(B::fused_attention(query, key, value, self.heads), output)
    }

    /// The output, and what the backward pass reads.
    pub(super) fn forward_kept<B: Backend + Kernels>(
        self,
        [x, gain, bias, query, key, value, output]: Inputs<B>,
    ) -> (FloatTensor<B>, Kept<B>) {
        let normed = B::fused_norm(x.clone(), gain.clone(), bias, self.norm);
        let weights = [query, key, value];
        let projected = weights.clone().map(|weight| times::<B>(normed.clone(), weight));
        let [query, key, value] = projected.clone();
        let (attended, pattern) = B::fused_attention_kept(query, key, value, self.heads);
        let result = times::<B>(attended.clone(), output.clone());
        (result, Kept { x, gain, weights, output, normed, projected, pattern, attended })
    }

    /// The gradients of the inputs, in their order; none where none is `wanted`.
    pub(super) fn backward<B: Backend + Kernels>(
        self,
        kept: Kept<B>,
        grad: FloatTensor<B>,
        wanted: [bool; 7],
    ) -> [Option<FloatTensor<B>>; 7] {
        let Kept { x, gain, weights, output, normed, projected: [query, key, value], pattern, attended } = kept;
        let [of_x, of_gain, of_bias, of_query, of_key, of_value, of_output] = wanted;
        let doutput = of_output.then(|| of_right::<B>(attended, grad.clone()));
        let dattended = of_left::<B>(grad, output);
        let (dquery, dkey, dvalue) = B::fused_attention_backward(query, key, value, pattern, dattended, self.heads);
        let [of_query, of_key, of_value] = [(of_query, &dquery), (of_key, &dkey), (of_value, &dvalue)]
            .map(|(wanted, grad)| wanted.then(|| of_right::<B>(normed.clone(), grad.clone())));
        let [query, key, value] = weights;
        // In the order in which the gradient tape adds them.
        let last = B::float_add(of_left::<B>(dvalue, value), of_left::<B>(dkey, key));
        let dnormed = B::float_add(last, of_left::<B>(dquery, query));
        let (dx, dgain, dbias) = B::fused_norm_backward(x, gain, dnormed, self.norm);
        [
            of_x.then_some(dx),
            of_gain.then_some(dgain),
            (of_bias && self.norm.biased).then_some(dbias),
            of_query,
            of_key,
            of_value,
            doutput,
        ]
    }
}
