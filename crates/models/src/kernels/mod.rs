//! Fused operations for the CPU.
//!
//! Out of primitives, a layer norm is nine passes over memory and a GELU calls a scalar `tanh` for each number; on models of this
//! size that, and not the matrix products, is where a step goes. Here each is one pass, forward and backward, as an extension of the
//! tensor library's CPU backend. Every other device composes the same formula from primitives, and tests hold the two together.
//!
//! The arithmetic is plain IEEE single precision without fused multiply-add or library functions, so native and WebAssembly builds
//! agree to the bit. Sums run in a fixed order within a replica, so who else is in a fleet changes nothing.

mod attention;
mod autodiff;
mod cross_entropy;
mod flex;
mod gelu;
mod layer_norm;
mod update;
mod vector;

use std::rc::Rc;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Tensor};

pub(crate) use attention::Heads;
pub(crate) use update::{NUMBERS, Number, Update, UpdateNumbers};

use crate::layout::Layout;
use crate::optimizers::Rule;

/// The fused operations. Shapes are those of the functions below.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Kernels: Backend {
    fn fused_gelu(x: FloatTensor<Self>) -> FloatTensor<Self>;
    fn fused_gelu_backward(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
    fn fused_layer_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
    fn fused_layer_norm_backward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        heads: Heads,
    ) -> FloatTensor<Self>;
    fn fused_attention_backward(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        heads: Heads,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    fn fused_cross_entropy(scores: FloatTensor<Self>, target: FloatTensor<Self>) -> FloatTensor<Self>;
    fn fused_cross_entropy_backward(
        scores: FloatTensor<Self>,
        target: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
    fn fused_update(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Whether the fused operations exist on a device.
pub(crate) fn available(device: &Device) -> bool {
    device.clone().inner() == Device::flex()
}

/// Tanh-approximated GELU; any shape.
pub(crate) fn gelu(x: Tensor<3>) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::fused_gelu(x.into_dispatch()))
}

/// Layer norm over the last axis. `x`: `[replicas, rows, width]`; `gain`, `bias`: `[replicas, 1, width]`.
pub(crate) fn layer_norm(x: Tensor<3>, gain: Tensor<3>, bias: Tensor<3>) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::fused_layer_norm(x.into_dispatch(), gain.into_dispatch(), bias.into_dispatch()))
}

/// Attention of every head. `query`, `key`, `value`, result: `[replicas, examples * positions, width]`.
pub(crate) fn attention(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: Heads) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::fused_attention(query.into_dispatch(), key.into_dispatch(), value.into_dispatch(), heads))
}

/// `-sum(target * log softmax(scores))` of each replica: `[replicas, rows, classes]` to `[replicas, 1, 1]`.
pub(crate) fn cross_entropy(scores: Tensor<3>, target: Tensor<3>) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::fused_cross_entropy(scores.into_dispatch(), target.into_dispatch()))
}

/// One update of everything that is trained, by the rule of an optimiser: weights and state after it. `replicas`: one a replica; every
/// tensor: `[replicas, trained numbers]`.
pub(crate) fn update<R: Rule>(
    layout: &Rc<Layout>,
    replicas: Vec<UpdateNumbers>,
    weights: Tensor<2>,
    gradient: Tensor<2>,
    state: Vec<Tensor<2>>,
) -> (Tensor<2>, Vec<Tensor<2>>) {
    let device = weights.device();
    let update = Update::new::<R>(layout, replicas);
    if !available(&device) {
        return update::composed::<R>(&update, weights, gradient, state);
    }
    // An operation takes tensors one by one: one without numbers stands for state that the rule does not have.
    let mut state = state.into_iter().map(Tensor::into_dispatch);
    let nothing = || Tensor::<2>::empty([1, 1], &device).into_dispatch();
    let (first, second) = (state.next().unwrap_or_else(nothing), state.next().unwrap_or_else(nothing));
    let (weights, first, second) =
        Dispatch::fused_update(weights.into_dispatch(), gradient.into_dispatch(), first, second, update);
    let state = [first, second].into_iter().take(R::STATES).map(Tensor::from_dispatch).collect();
    (Tensor::from_dispatch(weights), state)
}
