//! The fused operations on a GPU: a kernel or two for each, with a thread for each number, row or sum.
//!
//! On models of this size a step takes as long as it has kernels to start, so what counts is how few there are. Each sums in one order, so
//! a device repeats its own numbers; another device may round otherwise.

mod attention;
mod bias;
pub(super) mod branches;
mod gather;
mod joined;
mod matrices;
mod normalise;
pub(super) mod pointwise;
mod product;
mod sparse_cross_entropy;
mod sums;
mod term;
pub(super) mod update;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Cube, TensorMetadata};
use burn::cubecl;
use burn::tensor::{DType, Shape};
use cubecl::{CubeCount, CubeDim, calculate_cube_count_elemwise};

use self::matrices::Matrices;
use super::attention::Heads;
use super::branches::BranchKernels;
use super::sides::Sides;
use super::update::Update;
use super::{Branches, Curve, Kernels, Norm};

type Float = FloatTensor<Cube>;
type Int = IntTensor<Cube>;

impl Kernels for Cube {
    fn fused_product(left: Float, right: Float, bias: Float, sides: Sides) -> Float {
        product::product(&left, &right, sides.biased.then_some(&bias), sides)
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
        let [output, _] = normalise::forward(x, &Matrices::of(&gain), &Matrices::of(&bias), norm);
        output
    }

    fn fused_norm_backward(x: Float, gain: Float, grad: Float, norm: Norm) -> (Float, Float, Float) {
        normalise::backward_alone(x, gain, grad, norm)
    }

    fn fused_attention(query: Float, key: Float, value: Float, heads: Heads) -> Float {
        attention::forward([query, key, value], heads).0
    }

    fn fused_attention_kept(query: Float, key: Float, value: Float, heads: Heads) -> (Float, Float) {
        attention::forward([query, key, value], heads)
    }

    fn fused_attention_backward(
        query: Float,
        key: Float,
        value: Float,
        kept: Float,
        grad: Float,
        heads: Heads,
    ) -> (Float, Float, Float) {
        attention::backward([query, key, value], kept, grad, heads).tensors().into()
    }

    fn fused_branches(x: Float, trained: Float, gates: Float, branches: Branches) -> Float {
        branches.launch_forgetting(x, &trained, &gates)
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

impl BranchKernels for Cube {
    type Kept = branches::Kept;

    fn branches_kept(branches: &Branches, x: Float, trained: Float, gates: Float) -> (Float, Self::Kept) {
        branches.launch(x, trained, gates)
    }

    fn branches_backward(branches: &Branches, kept: Self::Kept, grad: Float, wanted: [bool; 2]) -> [Option<Float>; 2] {
        branches.launch_backward(kept, grad, wanted)
    }
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
