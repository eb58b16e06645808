//! Fused operations, forward and backward, as an extension of the tensor library's backends.
//!
//! Out of primitives, a layer norm is nine passes over memory and a GELU calls a scalar `tanh` for each number; on models of this
//! size that, and not the matrix products, is where a step goes. Here each is one pass on the CPU (`flex`) and one or two kernels on a
//! GPU (`gpu`); tests hold both to the same formulas.
//!
//! On the CPU the arithmetic is plain IEEE single precision without fused multiply-add or library functions, so native and WebAssembly
//! builds agree to the bit. Sums run in a fixed order within a replica, so who else is in a fleet changes nothing.

mod attention;
mod autodiff;
mod bias;
mod bounded;
mod branches;
mod flex;
mod gather;
#[cfg(feature = "gpu")]
mod gpu;
mod normalise;
mod pointwise;
mod product;
mod room;
mod root;
mod sides;
mod sparse_cross_entropy;
mod update;
mod vector;

use std::rc::Rc;

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, IntDType};

pub(crate) use attention::Heads;
pub(crate) use branches::{AttentionBranch, Branch, Branches, Layer, MlpBranch, Part};
#[cfg(test)]
pub(crate) use normalise::tests::fused_and_composed_norms_agree;
pub(crate) use normalise::{Centre, EPSILON, Norm};
#[cfg(test)]
pub(crate) use pointwise::tests::fused_and_composed_agree;
pub(crate) use pointwise::{Curve, Pointwise};
use sides::Sides;
pub(crate) use update::Update;
pub(crate) use vector::exp;

use crate::layout::Layout;
use crate::optimizers::{Rule, UpdateNumbers};
use crate::tensor::{Integers, Tensor};
use crate::weights::upload;

/// The fused operations. Shapes are those of the functions below.
#[allow(clippy::too_many_arguments, reason = "an operation takes tensors one by one")]
#[backend_extension(Cube: cfg(feature = "gpu"), Flex, Autodiff)]
pub(crate) trait Kernels: Backend {
    fn fused_product(
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        sides: Sides,
    ) -> FloatTensor<Self>;
    fn fused_sum_rows(x: FloatTensor<Self>) -> FloatTensor<Self>;
    fn fused_pointwise(x: FloatTensor<Self>, curve: Curve) -> FloatTensor<Self>;
    /// The value, and what the backward pass reads: whatever a backend likes.
    fn fused_pointwise_kept(x: FloatTensor<Self>, curve: Curve) -> (FloatTensor<Self>, FloatTensor<Self>);
    fn fused_pointwise_backward(kept: FloatTensor<Self>, grad: FloatTensor<Self>, curve: Curve) -> FloatTensor<Self>;
    fn fused_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, norm: Norm) -> FloatTensor<Self>;
    fn fused_norm_backward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        heads: Heads,
    ) -> FloatTensor<Self>;
    /// The output, and what the backward pass reads besides query, key and value: whatever a backend likes.
    fn fused_attention_kept(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        heads: Heads,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
    fn fused_attention_backward(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        heads: Heads,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    fn fused_branches(
        x: FloatTensor<Self>,
        trained: FloatTensor<Self>,
        gates: FloatTensor<Self>,
        branches: Branches,
    ) -> FloatTensor<Self>;
    fn fused_gather(table: FloatTensor<Self>, tokens: IntTensor<Self>) -> FloatTensor<Self>;
    fn fused_gather_backward(table: FloatTensor<Self>, tokens: IntTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self>;
    fn fused_sparse_cross_entropy(
        scores: FloatTensor<Self>,
        targets: IntTensor<Self>,
        weights: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
    fn fused_sparse_cross_entropy_backward(
        scores: FloatTensor<Self>,
        targets: IntTensor<Self>,
        weights: FloatTensor<Self>,
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

/// The product of each replica's matrices: `[replicas, rows, inner]` by `[replicas, inner, columns]` to `[replicas, rows, columns]`.
pub(crate) fn product(left: Tensor<3>, right: Tensor<3>) -> Tensor<3> {
    multiplied(left, right, None, Sides::default())
}

/// `x W + b`. `x`: `[replicas, rows, inputs]`; `weight`: `[replicas, inputs, outputs]`; `bias`: `[replicas, 1, outputs]`; result:
/// `[replicas, rows, outputs]`.
pub(crate) fn affine(x: Tensor<3>, weight: Tensor<3>, bias: Tensor<3>) -> Tensor<3> {
    multiplied(x, weight, Some(bias), Sides::default())
}

/// The product with the right-hand matrix transposed: `[replicas, columns, inner]`.
pub(crate) fn product_transposed(left: Tensor<3>, right: Tensor<3>) -> Tensor<3> {
    multiplied(left, right, None, Sides { right_transposed: true, ..Sides::default() })
}

fn multiplied(left: Tensor<3>, right: Tensor<3>, bias: Option<Tensor<3>>, sides: Sides) -> Tensor<3> {
    let sides = Sides { biased: bias.is_some(), ..sides };
    let bias = bias.unwrap_or_else(|| nothing(&left.device()));
    Tensor::from_dispatch(Dispatch::fused_product(left.into_dispatch(), right.into_dispatch(), bias.into_dispatch(), sides))
}

/// An operation takes tensors one by one: one without numbers stands for what is left out.
fn nothing(device: &Device) -> Tensor<3> {
    Tensor::empty([1, 1, 1], device)
}

/// A function of each number by itself; any shape.
pub(crate) fn pointwise(x: Tensor<3>, curve: Curve) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::fused_pointwise(x.into_dispatch(), curve))
}

/// A normalisation of each row. `x`, result: `[replicas, rows, width]`; `gain`, `bias`: `[replicas, 1, width]`.
pub(crate) fn norm(x: Tensor<3>, gain: Tensor<3>, bias: Option<Tensor<3>>, centre: Centre) -> Tensor<3> {
    let norm = Norm { centre, biased: bias.is_some() };
    let bias = bias.unwrap_or_else(|| gain.clone());
    Tensor::from_dispatch(Dispatch::fused_norm(x.into_dispatch(), gain.into_dispatch(), bias.into_dispatch(), norm))
}

/// Attention of every head. `query`, `key`, `value`, result: `[replicas, examples * positions, width]`.
pub(crate) fn attention(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>, heads: Heads) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::fused_attention(query.into_dispatch(), key.into_dispatch(), value.into_dispatch(), heads))
}

/// Branches one after the other on the residual stream `x`. `x`, result: `[replicas, rows, width]`; `trained`: the buffer that their
/// parameters lie in, `[replicas, trained numbers]`; `gates`: what multiplies the outputs of those that have a gate, `[replicas, 1, gates]`.
pub(crate) fn branches(x: Tensor<3>, trained: Tensor<2>, gates: Option<Tensor<3>>, branches: Branches) -> Tensor<3> {
    let gates = gates.unwrap_or_else(|| nothing(&x.device()));
    let [x, gates] = [x, gates].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::fused_branches(x, trained.into_dispatch(), gates, branches))
}

/// One number for everything that it is added to or multiplied by: `[1, 1, 1]`. The tensor library's operations with a number are compiled for
/// every kind of number, and everybody would download them.
pub(crate) fn constant(value: f64, device: &Device) -> Tensor<3> {
    upload(vec![value as f32], [1, 1, 1], device)
}

/// The mean of each row: `[replicas, rows, width]` to `[replicas, rows, 1]`.
pub(crate) fn mean(x: Tensor<3>) -> Tensor<3> {
    let ([replicas, _, width], device) = (x.dims(), x.device());
    product(x, upload(vec![1.0 / width as f32; replicas * width], [replicas, width, 1], &device))
}

/// The square root of each number.
pub(crate) fn root(x: Tensor<3>) -> Tensor<3> {
    pointwise(x, Curve::of::<root::Root>())
}

/// Each number within `-limit` and `limit`. Numbers inside are scaled and scaled back, and what rounding made of that is taken off again, so that
/// they keep their bits; of the two numbers next to a limit that is no power of two one may become the limit.
pub(crate) fn bounded(x: Tensor<3>, limit: f64) -> Tensor<3> {
    let bound = |x: Tensor<3>| pointwise(x, Curve::of::<bounded::Bounded>());
    let scaled = x.clone() * (1.0 / limit);
    let within = pointwise(scaled.clone(), Curve::of::<bounded::Within>());
    let kept = bound(scaled) * limit;
    // Far beyond the limit the difference may be infinite, and infinity times nothing is not a number.
    kept.clone() + bound(x - kept) * within
}

/// Rows of a table by tokens. `table`: `[replicas, vocabulary, width]`; `tokens`: `[replicas, rows]`, each below the vocabulary; result:
/// `[replicas, rows, width]`.
pub(crate) fn gather(table: Tensor<3>, tokens: Integers<2>) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::fused_gather(table.into_dispatch(), tokens.into_dispatch()))
}

/// The place of the largest score of each row: `[replicas, rows, classes]` to `[replicas, rows]`.
pub(crate) fn largest(scores: Tensor<3>) -> Integers<2> {
    let [replicas, rows, _] = scores.dims();
    let (_, places) = Dispatch::float_max_dim_with_indices(scores.into_dispatch(), 2, IntDType::I32);
    Integers::<3>::from_dispatch(places).reshape([replicas, rows])
}

/// `sum(weights * -log softmax(scores)[targets])` of each replica: `scores` `[replicas, rows, classes]`, `targets` and `weights`
/// `[replicas, rows]`, to `[replicas, 1, 1]`. A row without a target has weight 0 and any class.
pub(crate) fn sparse_cross_entropy(scores: Tensor<3>, targets: Integers<2>, weights: Tensor<2>) -> Tensor<3> {
    let (scores, targets, weights) = (scores.into_dispatch(), targets.into_dispatch(), weights.into_dispatch());
    Tensor::from_dispatch(Dispatch::fused_sparse_cross_entropy(scores, targets, weights))
}

/// One update of everything that is trained, by the rule of an optimiser: weights and state after it. `replicas`: one per replica; every
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
    // An operation takes tensors one by one: one without numbers stands for state that the rule does not have.
    let mut state = state.into_iter().map(Tensor::into_dispatch);
    let nothing = || Tensor::<2>::empty([1, 1], &device).into_dispatch();
    let (first, second) = (state.next().unwrap_or_else(nothing), state.next().unwrap_or_else(nothing));
    let (weights, first, second) =
        Dispatch::fused_update(weights.into_dispatch(), gradient.into_dispatch(), first, second, update);
    let state = [first, second].into_iter().take(R::STATES).map(Tensor::from_dispatch).collect();
    (Tensor::from_dispatch(weights), state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{TensorData, activation};

    const REPLICAS: usize = 2;
    const ROWS: usize = 5;
    const CLASSES: usize = 7;
    const WIDTH: usize = 3;

    fn integers(values: [i32; REPLICAS * ROWS]) -> Integers<2> {
        Integers::from_data(TensorData::new(values.to_vec(), [REPLICAS, ROWS]), &Device::flex().autodiff())
    }

    fn numbers<const D: usize>(shape: [usize; D], offset: f32) -> Tensor<D> {
        let count = shape.iter().product();
        let value = |index: usize| (index as f32 * 1.7 + offset).sin() * 2.0;
        Tensor::from_inner(upload((0..count).map(value).collect(), shape, &Device::flex()))
    }

    fn bits<const D: usize>(tensor: Tensor<D>) -> Vec<u32> {
        tensor.into_data().try_into_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
    }

    /// A one where a class is the token: `[replicas, rows]` to `[replicas, rows, classes]`.
    fn one_hot(tokens: Integers<2>, classes: usize) -> Tensor<3> {
        let device = tokens.device();
        let classes = Integers::<1>::arange(0..classes as i64, &device).reshape([1, 1, classes]);
        tokens.unsqueeze_dim::<3>(2).equal(classes).float().into()
    }

    fn near<const D: usize>(a: Tensor<D>, b: Tensor<D>) {
        let values = |tensor: Tensor<D>| tensor.into_data().try_into_vec::<f32>().unwrap();
        for (a, b) in values(a).into_iter().zip(values(b)) {
            assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{a} and {b}");
        }
    }

    #[test]
    fn a_bias_is_added_to_every_row_of_a_product_and_its_gradient_is_their_sum() {
        let (x, bias) = (numbers([REPLICAS, ROWS, WIDTH], 0.2).require_grad(), numbers([REPLICAS, 1, WIDTH], 1.4).require_grad());
        let weight = numbers([REPLICAS, WIDTH, WIDTH], 0.7);
        let fused = affine(x.clone(), weight.clone(), bias.clone());
        let composed = product(x.clone(), weight) + bias.clone();
        assert_eq!(bits(fused.clone()), bits(composed.clone()));
        let slope = numbers([REPLICAS, ROWS, WIDTH], 1.1);
        let gradients = |rows: Tensor<3>| {
            let gradients = (rows * slope.clone()).sum().backward();
            [&x, &bias].map(|tensor| tensor.grad(&gradients).unwrap())
        };
        let ([dx, dbias], [expected_dx, expected_dbias]) = (gradients(fused), gradients(composed));
        assert_eq!(bits(dx), bits(expected_dx));
        near(dbias, expected_dbias);
    }

    /// Every way in which two matrices can lie, against the tensor library's product.
    #[test]
    fn products_and_their_gradients_are_those_of_the_tensor_library() {
        let (x, weight) =
            (numbers([REPLICAS, ROWS, WIDTH], 0.2).require_grad(), numbers([REPLICAS, WIDTH, CLASSES], 1.4).require_grad());
        let slope = numbers([REPLICAS, ROWS, CLASSES], 1.1);
        let gradients = |output: Tensor<3>| {
            let gradients = (output * slope.clone()).sum().backward();
            [&x, &weight].map(|tensor| tensor.grad(&gradients).unwrap())
        };
        let expected = || burn::tensor::Tensor::from(x.clone()).matmul(weight.clone().into()).into();
        let [dx, dweight] = gradients(expected());
        let turned = |left: bool, right: bool| {
            let turn =
                |tensor: &Tensor<3>, transposed: bool| if transposed { tensor.clone().swap_dims(1, 2) } else { tensor.clone() };
            let sides = Sides { left_transposed: left, right_transposed: right, biased: false };
            multiplied(turn(&x, left), turn(&weight, right), None, sides)
        };
        for (left, right) in [(false, false), (true, false), (false, true), (true, true)] {
            let found = gradients(turned(left, right));
            near(turned(left, right), expected());
            found.into_iter().zip([&dx, &dweight]).for_each(|(found, expected)| near(found, expected.clone()));
        }
    }

    /// Outputs and gradients of all leaves, to the bit.
    fn same_bits(leaves: &[Tensor<3>], slope: &Tensor<3>, outputs: [&dyn Fn() -> Tensor<3>; 2]) {
        let [fused, composed] = outputs.map(|output| {
            let output = output();
            let gradients = (output.clone() * slope.clone()).sum().backward();
            let gradients = leaves.iter().map(|leaf| leaf.grad(&gradients).expect("the output depends on every leaf"));
            std::iter::once(output.inner()).chain(gradients).map(bits).collect::<Vec<_>>()
        });
        for (index, (fused, composed)) in fused.into_iter().zip(composed).enumerate() {
            assert_eq!(fused, composed, "{}", if index == 0 { "output".to_string() } else { format!("gradient {}", index - 1) });
        }
    }

    /// Parameters side by side in one buffer, and where each lies.
    fn buffer<const N: usize>(parameters: [&Tensor<3>; N]) -> (Tensor<2>, [Part; N]) {
        let mut offset = 0;
        let parts = parameters.map(|parameter| {
            let [_, rows, columns] = parameter.dims();
            offset += rows * columns;
            Part { offset: offset - rows * columns, rows, columns }
        });
        let flat = |parameter: &Tensor<3>| {
            let [replicas, rows, columns] = parameter.dims();
            parameter.clone().reshape([replicas, rows * columns])
        };
        (Tensor::cat(parameters.map(flat).to_vec(), 1), parts)
    }

    /// An attention, an MLP with a gate and the same attention once more. Fleets in which one replica has an edit inside a branch are put together,
    /// and what a replica finds depends on nobody else.
    #[test]
    fn branches_in_one_operation_have_the_bits_of_those_that_are_put_together() {
        const WIDTH: usize = 6;
        let leaf = |rows: usize, columns: usize, offset: f32| numbers([REPLICAS, rows, columns], offset).require_grad();
        let heads = Heads { positions: ROWS, heads: 2, causal: true, window: ROWS, sloped: false };
        let (x, gain, bias) = (leaf(2 * ROWS, WIDTH, 0.3), leaf(1, WIDTH, 1.1), leaf(1, WIDTH, 2.7));
        let (slope, gate) = (numbers([REPLICAS, 2 * ROWS, WIDTH], 1.9), numbers([REPLICAS, 1, 1], 0.9));
        let [query, key, value, output] = [0.4, 1.6, 2.2, 3.1].map(|offset| leaf(WIDTH, WIDTH, offset));
        let (up, up_bias, down) = (leaf(WIDTH, CLASSES, 0.8), leaf(1, CLASSES, 2.5), leaf(CLASSES, WIDTH, 1.3));
        let down_bias = leaf(1, WIDTH, 0.6);
        let all = [&gain, &bias, &query, &key, &value, &output, &up, &up_bias, &down, &down_bias];
        let parts = buffer(all).1;
        let [of_gain, of_bias, of_query, of_key, of_value, of_output, of_up, of_up_bias, of_down, of_down_bias] = parts;

        for biased in [true, false] {
            let kind = Norm { centre: Centre::Mean, biased };
            let normed = |x: Tensor<3>| norm(x, gain.clone(), biased.then(|| bias.clone()), Centre::Mean);
            let attention_of = |x: Tensor<3>| {
                let x = normed(x) * 1.0;
                let [query, key, value] = [&query, &key, &value].map(|weight| product(x.clone(), weight.clone()));
                product(attention(query, key, value, heads), output.clone())
            };
            let leaves: Vec<Tensor<3>> = std::iter::once(&x)
                .chain(all)
                .enumerate()
                .filter(|(index, _)| biased || *index != 2)
                .map(|(_, one)| one.clone())
                .collect();
            let part = |layer| Branch { layer, gain: of_gain, bias: biased.then_some(of_bias), gate: None };
            let attention =
                part(Layer::Attention(AttentionBranch { norm: kind, heads }, [of_query, of_key, of_value, of_output]));
            for entry in crate::layers::activations::ACTIVATIONS {
                let mlp_of = |x: Tensor<3>| {
                    let hidden = entry.value.apply(affine(normed(x), up.clone(), up_bias.clone()));
                    affine(hidden, down.clone(), down_bias.clone())
                };
                let activation = entry.value.curve;
                let mlp = part(Layer::Mlp(MlpBranch { norm: kind, activation }, [of_up, of_up_bias, of_down, of_down_bias]));
                let mlp = Branch { gate: Some(1), ..mlp };
                let fused = || {
                    let gates = Tensor::cat(vec![gate.clone() * 0.0, gate.clone()], 2);
                    let run = Branches { each: [attention, mlp, attention].into(), add: true };
                    branches(x.clone(), buffer(all).0, Some(gates), run)
                };
                let put_together = || {
                    let first = x.clone() + attention_of(x.clone());
                    let second = first.clone() + mlp_of(first) * gate.clone();
                    second.clone() + attention_of(second)
                };
                same_bits(&leaves, &slope, [&fused, &put_together]);
            }
            let alone = || branches(x.clone(), buffer(all).0, None, Branches { each: [attention].into(), add: false });
            let of_attention: Vec<Tensor<3>> = leaves.iter().take(leaves.len() - 4).cloned().collect();
            same_bits(&of_attention, &slope, [&alone, &|| attention_of(x.clone())]);
        }
    }

    #[test]
    fn the_largest_score_of_each_row_is_found_and_the_first_of_equal_ones() {
        let scores = upload(vec![0.5, 2.0, -1.0, 3.0, 3.0, 1.0, -5.0, -4.0, -4.5, 0.0, 0.0, 0.0], [2, 2, 3], &Device::flex());
        assert_eq!(largest(scores).into_data().iter::<i64>().collect::<Vec<_>>(), [1, 0, 1, 0]);
    }

    #[test]
    fn gathered_rows_and_their_gradient_are_those_of_a_product_with_one_hot_rows() {
        let tokens = integers([3, 0, 3, 6, 3, 1, 1, 5, 2, 1]);
        let table = numbers([REPLICAS, CLASSES, WIDTH], 0.3).require_grad();
        let fused = gather(table.clone(), tokens.clone());
        let composed = product(one_hot(tokens, CLASSES), table.clone());
        assert_eq!(bits(fused.clone()), bits(composed.clone()));
        let slope = numbers([REPLICAS, ROWS, WIDTH], 1.1);
        let gradient = |rows: Tensor<3>| table.grad(&(rows * slope.clone()).sum().backward()).unwrap();
        near(gradient(fused), gradient(composed));
    }

    #[test]
    fn sparse_targets_cost_what_one_hot_targets_cost_and_rows_without_one_cost_nothing() {
        let targets = integers([3, 0, 2, 6, 4, 1, 0, 5, 2, 0]);
        let weights = upload(vec![0.4, 0.0, 1.9, 0.7, 1.2, 1.6, 0.0, 0.3, 2.0, 0.1], [REPLICAS, ROWS], &Device::flex());
        let weights = Tensor::from_inner(weights);
        let scores = numbers([REPLICAS, ROWS, CLASSES], 2.2).require_grad();
        let fused = sparse_cross_entropy(scores.clone(), targets.clone(), weights.clone());
        let dense = one_hot(targets, CLASSES) * weights.unsqueeze_dim(2);
        let logarithms = Tensor::from(activation::log_softmax(scores.clone().into(), 2));
        let composed = -(logarithms * dense).sum_dim(2).sum_dim(1);
        near(fused.clone(), composed.clone());
        // Each replica has a slope of its own.
        let slope = numbers([REPLICAS, 1, 1], 0.7);
        let gradient = |loss: Tensor<3>| scores.grad(&(loss * slope.clone()).sum().backward()).unwrap();
        let (fused, composed) = (gradient(fused), gradient(composed));
        near(fused.clone(), composed);
        assert_eq!(bits(fused.narrow(1, 1, 1)), vec![0; REPLICAS * CLASSES], "a row without a target has no gradient");
    }
}
