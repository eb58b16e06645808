//! The fused operations on the CPU backend.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::TensorData;

use super::attention::Heads;
use super::branches::{self, BranchKernels};
use super::gather::Tables;
use super::normalise::{Moments, Norm, Rows};
use super::pointwise::Curve;
use super::product::{Matrix, product};
use super::sides::Sides;
use super::update::Update;
use super::{Branches, Kernels, sparse_cross_entropy};

type Float = FloatTensor<Flex>;
type Int = IntTensor<Flex>;

impl Kernels for Flex {
    fn fused_product(left: Float, right: Float, bias: Float, sides: Sides) -> Float {
        let ([left, right], bias) = ([left, right].map(by_rows), if sides.biased { bias.to_contiguous() } else { bias });
        let shape = sides.product([left.shape().dims(), right.shape().dims()]);
        let [replicas, rows, columns] = shape;
        let mut output = vec![0.0; replicas * rows * columns];
        for replica in 0..replicas {
            let left = matrix(&left, replica, sides.left_transposed);
            let right = matrix(&right, replica, sides.right_transposed);
            let bias = if sides.biased { &bias.storage()[replica * columns..][..columns] } else { &[] };
            product(left, right, bias, &mut output[replica * rows * columns..][..rows * columns]);
        }
        float(output, shape.into())
    }

    fn fused_sum_rows(x: Float) -> Float {
        let shape = x.shape();
        let x = x.to_contiguous();
        let mut output = vec![0.0; shape[0] * shape[2]];
        rows(&shape).sum_rows(x.storage(), &mut output);
        float(output, [shape[0], 1, shape[2]].into())
    }

    fn fused_pointwise(x: Float, curve: Curve) -> Float {
        let shape = x.shape();
        let x = x.to_contiguous();
        let mut output = vec![0.0; shape.num_elements()];
        (curve.forward)(x.storage(), &mut output);
        float(output, shape)
    }

    /// The slope is kept, in place of `x` if nobody else holds that.
    fn fused_pointwise_kept(x: Float, curve: Curve) -> (Float, Float) {
        let shape = x.shape();
        let mut x = row_by_row(x);
        let mut output = vec![0.0; shape.num_elements()];
        (curve.forward_with_slope)(x.storage_mut(), &mut output);
        (float(output, shape), x)
    }

    fn fused_pointwise_backward(slope: Float, grad: Float, _: Curve) -> Float {
        let [slope, mut grad] = [slope, grad].map(|tensor| tensor.to_contiguous());
        let (slope, values): (&[f32], &mut [f32]) = (slope.storage(), grad.storage_mut());
        values.iter_mut().zip(slope).for_each(|(grad, slope)| *grad *= slope);
        grad
    }

    fn fused_norm(x: Float, gain: Float, bias: Float, norm: Norm) -> Float {
        let shape = x.shape();
        let (x, gain, bias) = (x.to_contiguous(), gain.to_contiguous(), bias.to_contiguous());
        let mut output = vec![0.0; shape.num_elements()];
        let moments = moments(norm, &x);
        norm.forward(rows(&shape), x.storage(), &moments, [gain.storage(), bias.storage()], &mut output);
        float(output, shape)
    }

    fn fused_norm_backward(x: Float, gain: Float, grad: Float, norm: Norm) -> (Float, Float, Float) {
        let (shape, vector) = (x.shape(), gain.shape());
        let [x, gain, mut grad] = [x, gain, grad].map(|tensor| tensor.to_contiguous());
        let (mut dgain, mut dbias) = (vec![0.0; vector.num_elements()], vec![0.0; vector.num_elements()]);
        let moments = moments(norm, &x);
        norm.backward(rows(&shape), x.storage(), &moments, gain.storage(), grad.storage_mut(), [&mut dgain, &mut dbias]);
        (grad, float(dgain, vector.clone()), float(dbias, vector))
    }

    fn fused_attention(query: Float, key: Float, value: Float, heads: Heads) -> Float {
        Self::fused_attention_kept(query, key, value, heads).0
    }

    /// The attention weights are kept.
    fn fused_attention_kept(query: Float, key: Float, value: Float, heads: Heads) -> (Float, Float) {
        let shape = query.shape();
        let (query, key, value) = (query.to_contiguous(), key.to_contiguous(), value.to_contiguous());
        let (mut output, mut pattern) = (vec![0.0; shape.num_elements()], vec![0.0; heads.kept(shape[0] * shape[1])]);
        heads.forward(shape[2], [query.storage(), key.storage(), value.storage()], &mut output, &mut pattern);
        let kept = [1, 1, pattern.len()].into();
        (float(output, shape), float(pattern, kept))
    }

    fn fused_attention_backward(
        query: Float,
        key: Float,
        value: Float,
        pattern: Float,
        grad: Float,
        heads: Heads,
    ) -> (Float, Float, Float) {
        let shape = query.shape();
        let [query, key, value, pattern, grad] = [query, key, value, pattern, grad].map(|tensor| tensor.to_contiguous());
        let [mut dquery, mut dkey, mut dvalue] = [(); 3].map(|()| vec![0.0; shape.num_elements()]);
        heads.backward(
            shape[2],
            [query.storage(), key.storage(), value.storage()],
            pattern.storage(),
            grad.storage(),
            [&mut dquery, &mut dkey, &mut dvalue],
        );
        (float(dquery, shape.clone()), float(dkey, shape.clone()), float(dvalue, shape))
    }

    fn fused_branches(x: Float, trained: Float, gates: Float, branches: Branches) -> Float {
        branches.forward(x, &trained, &gates)
    }

    fn fused_gather(table: Float, tokens: Int) -> Float {
        let (shape, rows) = (table.shape(), tokens.shape()[1]);
        let (table, tokens) = (table.to_contiguous(), indices(tokens));
        let mut output = vec![0.0; tokens.len() * shape[2]];
        tables(&shape, rows).forward(table.storage(), &tokens, &mut output);
        float(output, [shape[0], rows, shape[2]].into())
    }

    fn fused_gather_backward(table: Float, tokens: Int, grad: Float) -> Float {
        let (shape, rows) = (table.shape(), tokens.shape()[1]);
        let (tokens, grad) = (indices(tokens), grad.to_contiguous());
        let mut output = vec![0.0; shape.num_elements()];
        tables(&shape, rows).backward(&tokens, grad.storage(), &mut output);
        float(output, shape)
    }

    fn fused_sparse_cross_entropy(scores: Float, targets: Int, weights: Float) -> Float {
        let shape = scores.shape();
        let (scores, targets, weights) = (scores.to_contiguous(), indices(targets), weights.to_contiguous());
        let (scores, weights): (&[f32], &[f32]) = (scores.storage(), weights.storage());
        let replica = |replica: usize| {
            let (rows, each) = (replica * shape[1]..(replica + 1) * shape[1], shape[1] * shape[2]);
            let scores = &scores[replica * each..][..each];
            sparse_cross_entropy::forward(shape[2], scores, &targets[rows.clone()], &weights[rows])
        };
        float((0..shape[0]).map(replica).collect(), [shape[0], 1, 1].into())
    }

    fn fused_sparse_cross_entropy_backward(scores: Float, targets: Int, weights: Float, grad: Float) -> Float {
        let shape = scores.shape();
        let [scores, weights, grad] = [scores, weights, grad].map(|tensor| tensor.to_contiguous());
        let (targets, each) = (indices(targets), shape[1] * shape[2]);
        let (scores, weights): (&[f32], &[f32]) = (scores.storage(), weights.storage());
        let mut output = vec![0.0; shape.num_elements()];
        for ((replica, output), &grad) in output.chunks_exact_mut(each).enumerate().zip(grad.storage::<f32>()) {
            let rows = replica * shape[1]..(replica + 1) * shape[1];
            let scores = &scores[replica * each..][..each];
            sparse_cross_entropy::backward(shape[2], scores, &targets[rows.clone()], &weights[rows], grad, output);
        }
        float(output, shape)
    }

    fn fused_update(weight: Float, gradient: Float, first: Float, second: Float, update: Update) -> (Float, Float, Float) {
        let [mut weight, gradient, mut first, mut second] =
            [weight, gradient, first, second].map(|tensor| tensor.to_contiguous());
        update.apply(weight.storage_mut(), gradient.storage(), first.storage_mut(), second.storage_mut());
        (weight, first, second)
    }
}

impl BranchKernels for Flex {
    type Kept = branches::Kept;

    fn branches_kept(branches: &Branches, x: Float, trained: Float, gates: Float) -> (Float, Self::Kept) {
        branches.forward_kept(x, trained, gates)
    }

    fn branches_backward(branches: &Branches, kept: Self::Kept, grad: Float, wanted: [bool; 2]) -> [Option<Float>; 2] {
        branches.backward(kept, grad, wanted)
    }
}

/// The same numbers row by row. Taken by value: a tensor that nobody else holds is changed where it is, and not copied.
pub(super) fn row_by_row(tensor: Float) -> Float {
    tensor.to_contiguous()
}

/// A tensor in which the numbers of each replica lie row by row. Parameters do, within the buffer of all, and are not copied.
fn by_rows(tensor: Float) -> Float {
    let ([_, rows, columns], layout): ([usize; 3], _) = (tensor.shape().dims(), tensor.layout());
    let is_step = |dimension: usize, step: usize| layout.strides()[dimension] == step as isize;
    let lie = (columns == 1 || is_step(2, 1)) && (rows == 1 || is_step(1, columns)) && layout.strides()[0] >= 0;
    if lie { tensor } else { tensor.to_contiguous() }
}

/// The matrix of one replica, of a tensor that lies [`by_rows`].
fn matrix(tensor: &Float, replica: usize, transposed: bool) -> Matrix<'_> {
    let ([_, rows, columns], layout): ([usize; 3], _) = (tensor.shape().dims(), tensor.layout());
    let start = layout.start_offset() + replica * layout.strides()[0].unsigned_abs();
    let matrix = Matrix::new(&tensor.storage()[start..][..rows * columns], rows, columns);
    if transposed { matrix.transposed() } else { matrix }
}

fn rows(shape: &burn::tensor::Shape) -> Rows {
    Rows { rows: shape[1], width: shape[2] }
}

/// Of each row of `x`, which lies row by row.
fn moments(norm: Norm, x: &Float) -> Vec<Moments> {
    let shape = rows(&x.shape());
    let x: &[f32] = x.storage();
    let mut moments = vec![[0.0; 2]; x.len() / shape.width];
    norm.moments(shape, x, &mut moments);
    moments
}

fn tables(shape: &burn::tensor::Shape, rows: usize) -> Tables {
    Tables { rows, vocabulary: shape[1], width: shape[2] }
}

/// Whole numbers as indices.
fn indices(tensor: Int) -> Vec<usize> {
    let data = tensor.to_contiguous().into_data();
    let values = data.try_into_vec::<i32>().expect("whole numbers have 32 bits");
    values.into_iter().map(|value| usize::try_from(value).expect("tokens and classes are not negative")).collect()
}

fn float(values: Vec<f32>, shape: burn::tensor::Shape) -> Float {
    Float::from_data(TensorData::new(values, shape))
}
