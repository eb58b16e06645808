//! The fused operations on the CPU backend.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::TensorData;

use super::attention::Heads;
use super::gather::Tables;
use super::normalise::{Norm, Rows};
use super::pointwise::Curve;
use super::update::Update;
use super::{Kernels, cross_entropy, sparse_cross_entropy};

type Float = FloatTensor<Flex>;
type Int = IntTensor<Flex>;

impl Kernels for Flex {
    fn fused_pointwise(x: Float, curve: Curve) -> Float {
        let shape = x.shape();
        let x = x.to_contiguous();
        let mut output = vec![0.0; shape.num_elements()];
        (curve.forward)(x.storage(), &mut output);
        float(output, shape)
    }

    fn fused_pointwise_backward(x: Float, grad: Float, curve: Curve) -> Float {
        let shape = x.shape();
        let (x, grad) = (x.to_contiguous(), grad.to_contiguous());
        let mut output = vec![0.0; shape.num_elements()];
        (curve.backward)(x.storage(), grad.storage(), &mut output);
        float(output, shape)
    }

    fn fused_norm(x: Float, gain: Float, bias: Float, norm: Norm) -> Float {
        let shape = x.shape();
        let (x, gain, bias) = (x.to_contiguous(), gain.to_contiguous(), bias.to_contiguous());
        let mut output = vec![0.0; shape.num_elements()];
        (norm.forward)(rows(&shape), x.storage(), gain.storage(), bias.storage(), &mut output);
        float(output, shape)
    }

    fn fused_norm_backward(x: Float, gain: Float, bias: Float, grad: Float, norm: Norm) -> (Float, Float, Float) {
        let (shape, of_gain, of_bias) = (x.shape(), gain.shape(), bias.shape());
        let (x, gain, grad) = (x.to_contiguous(), gain.to_contiguous(), grad.to_contiguous());
        let mut dx = vec![0.0; shape.num_elements()];
        let (mut dgain, mut dbias) = (vec![0.0; of_gain.num_elements()], vec![0.0; of_bias.num_elements()]);
        (norm.backward)(rows(&shape), x.storage(), gain.storage(), grad.storage(), &mut dx, &mut dgain, &mut dbias);
        (float(dx, shape), float(dgain, of_gain), float(dbias, of_bias))
    }

    fn fused_attention(query: Float, key: Float, value: Float, heads: Heads) -> Float {
        let shape = query.shape();
        let (query, key, value) = (query.to_contiguous(), key.to_contiguous(), value.to_contiguous());
        let mut output = vec![0.0; shape.num_elements()];
        heads.forward(shape[2], query.storage(), key.storage(), value.storage(), &mut output);
        float(output, shape)
    }

    fn fused_attention_backward(query: Float, key: Float, value: Float, grad: Float, heads: Heads) -> (Float, Float, Float) {
        let shape = query.shape();
        let [query, key, value, grad] = [query, key, value, grad].map(|tensor| tensor.to_contiguous());
        let [mut dquery, mut dkey, mut dvalue] = [(); 3].map(|()| vec![0.0; shape.num_elements()]);
        heads.backward(
            shape[2],
            query.storage(),
            key.storage(),
            value.storage(),
            grad.storage(),
            &mut dquery,
            &mut dkey,
            &mut dvalue,
        );
        (float(dquery, shape.clone()), float(dkey, shape.clone()), float(dvalue, shape))
    }

    fn fused_cross_entropy(scores: Float, target: Float) -> Float {
        let shape = scores.shape();
        let (scores, target) = (scores.to_contiguous(), target.to_contiguous());
        let each = shape[1] * shape[2];
        let replicas = scores.storage().chunks_exact(each).zip(target.storage().chunks_exact(each));
        let losses = replicas.map(|(scores, target)| cross_entropy::forward(shape[2], scores, target)).collect();
        float(losses, [shape[0], 1, 1].into())
    }

    fn fused_cross_entropy_backward(scores: Float, target: Float, grad: Float) -> Float {
        let shape = scores.shape();
        let [scores, target, grad] = [scores, target, grad].map(|tensor| tensor.to_contiguous());
        let each = shape[1] * shape[2];
        let mut output = vec![0.0; shape.num_elements()];
        let replicas = scores.storage().chunks_exact(each).zip(target.storage().chunks_exact(each));
        for (((scores, target), output), &grad) in replicas.zip(output.chunks_exact_mut(each)).zip(grad.storage::<f32>()) {
            cross_entropy::backward(shape[2], scores, target, grad, output);
        }
        float(output, shape)
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
        // Copies only what somebody else still holds.
        update.apply(weight.storage_mut(), gradient.storage(), first.storage_mut(), second.storage_mut());
        (weight, first, second)
    }
}

fn rows(shape: &burn::tensor::Shape) -> Rows {
    Rows { rows: shape[1], width: shape[2] }
}

fn tables(shape: &burn::tensor::Shape, rows: usize) -> Tables {
    Tables { rows, vocabulary: shape[1], width: shape[2] }
}

/// Integers of any width as indices.
fn indices(tensor: Int) -> Vec<usize> {
    let data = tensor.to_contiguous().into_data();
    data.iter::<i64>().map(|value| usize::try_from(value).expect("tokens and classes are not negative")).collect()
}

fn float(values: Vec<f32>, shape: burn::tensor::Shape) -> Float {
    Float::from_data(TensorData::new(values, shape))
}
