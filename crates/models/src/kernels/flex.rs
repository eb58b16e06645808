//! The fused operations on the CPU backend.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;

use super::attention::Heads;
use super::layer_norm::Rows;
use super::update::Update;
use super::{Kernels, cross_entropy, gelu};

type Float = FloatTensor<Flex>;

impl Kernels for Flex {
    fn fused_gelu(x: Float) -> Float {
        let shape = x.shape();
        let x = x.to_contiguous();
        let mut output = vec![0.0; shape.num_elements()];
        gelu::forward(x.storage(), &mut output);
        float(output, shape)
    }

    fn fused_gelu_backward(x: Float, grad: Float) -> Float {
        let shape = x.shape();
        let (x, grad) = (x.to_contiguous(), grad.to_contiguous());
        let mut output = vec![0.0; shape.num_elements()];
        gelu::backward(x.storage(), grad.storage(), &mut output);
        float(output, shape)
    }

    fn fused_layer_norm(x: Float, gain: Float, bias: Float) -> Float {
        let shape = x.shape();
        let (x, gain, bias) = (x.to_contiguous(), gain.to_contiguous(), bias.to_contiguous());
        let mut output = vec![0.0; shape.num_elements()];
        rows(&shape).forward(x.storage(), gain.storage(), bias.storage(), &mut output);
        float(output, shape)
    }

    fn fused_layer_norm_backward(x: Float, gain: Float, grad: Float) -> (Float, Float, Float) {
        let (shape, vector) = (x.shape(), gain.shape());
        let (x, gain, grad) = (x.to_contiguous(), gain.to_contiguous(), grad.to_contiguous());
        let mut dx = vec![0.0; shape.num_elements()];
        let (mut dgain, mut dbias) = (vec![0.0; vector.num_elements()], vec![0.0; vector.num_elements()]);
        rows(&shape).backward(x.storage(), gain.storage(), grad.storage(), &mut dx, &mut dgain, &mut dbias);
        (float(dx, shape), float(dgain, vector.clone()), float(dbias, vector))
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

fn float(values: Vec<f32>, shape: burn::tensor::Shape) -> Float {
    Float::from_data(TensorData::new(values, shape))
}
