//! The fused operations on a GPU: a kernel or two for each, with a thread for each number, row or sum.
//!
//! On models of this size a step takes as long as it has kernels to start, so what counts is how few there are. Each sums in one order, so
//! a device repeats its own numbers; another device may round otherwise.

mod attention;
mod bias;
mod gather;
mod normalise;
pub(super) mod pointwise;
mod sparse_cross_entropy;
mod sums;
mod term;
pub(super) mod update;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Cube, TensorMetadata};
use burn::cubecl;
use burn::tensor::{DType, Shape};
use cubecl::{CubeCount, CubeDim, calculate_cube_count_elemwise};

use super::attention::Heads;
use super::sides::Sides;
use super::update::Update;
use super::{Branches, Curve, Kernels, Norm};

type Float = FloatTensor<Cube>;
type Int = IntTensor<Cube>;

impl Kernels for Cube {
    fn fused_product(left: Float, right: Float, bias: Float, sides: Sides) -> Float {
        let product = product::<Cube>(left, right, sides);
        if sides.biased { bias::add(product, bias) } else { product }
    }

    fn fused_sum_rows(x: Float) -> Float {
        bias::sum_rows(x)
    }

    fn fused_pointwise(x: Float, curve: Curve) -> Float {
        (curve.launch.forward)(x)
    }

    fn fused_pointwise_kept(x: Float, curve: Curve) -> (Float, Float) {
        ((curve.launch.forward)(x.clone()), x)
    }

    fn fused_pointwise_backward(x: Float, grad: Float, curve: Curve) -> Float {
        (curve.launch.backward)(x, grad)
    }

    fn fused_norm(x: Float, gain: Float, bias: Float, norm: Norm) -> Float {
        normalise::forward(x, gain, bias, norm)
    }

    fn fused_norm_backward(x: Float, gain: Float, grad: Float, norm: Norm) -> (Float, Float, Float) {
        normalise::backward(x, gain, grad, norm)
    }

    fn fused_attention(query: Float, key: Float, value: Float, heads: Heads) -> Float {
        attention::forward([query, key, value], heads)
    }

    /// Nothing is kept; any tensor stands for it.
    fn fused_attention_kept(query: Float, key: Float, value: Float, heads: Heads) -> (Float, Float) {
        let nothing = query.clone();
        (attention::forward([query, key, value], heads), nothing)
    }

    fn fused_attention_backward(
        query: Float,
        key: Float,
        value: Float,
        _: Float,
        grad: Float,
        heads: Heads,
    ) -> (Float, Float, Float) {
        attention::backward([query, key, value], grad, heads)
    }

    fn fused_branches(x: Float, trained: Float, gates: Float, branches: Branches) -> Float {
        branches.forward::<Cube>(x, trained, gates)
    }

    fn fused_gather(table: Float, tokens: Int) -> Float {
        gather::forward(table, tokens)
    }

    fn fused_gather_backward(table: Float, tokens: Int, grad: Float) -> Float {
        gather::backward(table.shape(), tokens, grad)
    }

    fn fused_sparse_cross_entropy(scores: Float, targets: Int, weights: Float) -> Float {
        sparse_cross_entropy::forward(scores, targets, weights)
    }

    fn fused_sparse_cross_entropy_backward(scores: Float, targets: Int, weights: Float, grad: Float) -> Float {
        sparse_cross_entropy::backward(scores, targets, weights, grad)
    }

    fn fused_update(weight: Float, gradient: Float, first: Float, second: Float, update: Update) -> (Float, Float, Float) {
        update.launch([weight, gradient, first, second])
    }
}

/// The product without a bias, which is the tensor library's: it knows the matrix units of each device.
fn product<B: Backend>(left: FloatTensor<B>, right: FloatTensor<B>, sides: Sides) -> FloatTensor<B> {
    let turned = |tensor, transposed| if transposed { B::float_swap_dims(tensor, 1, 2) } else { tensor };
    B::float_matmul(turned(left, sides.left_transposed), turned(right, sides.right_transposed))
}

/// A thread for each of `count` units of work on the device of `on`.
fn threads(on: &Float, count: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new(&on.client, count);
    (calculate_cube_count_elemwise(&on.client, count, dim), dim)
}

/// A tensor on the device of `on`, to be filled.
fn empty(on: &Float, shape: impl Into<Shape>) -> Float {
    let shape = shape.into();
    let memory = on.client.empty(shape.num_elements() * size_of::<f32>());
    Float::new_contiguous(on.client.clone(), on.device.clone(), shape, memory, DType::F32)
}
