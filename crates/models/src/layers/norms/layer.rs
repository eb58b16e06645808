//! Layer normalisation (Ba, Kiros & Hinton 2016, <https://arxiv.org/abs/1607.06450>).

use burn::tensor::Tensor;

use super::NormKind;
use crate::entry::Entry;
use crate::kernels::{self, RowNorm, sum};
use crate::parameter::Parameter;
use crate::scope::Scope;

/// Added to the variance.
const EPSILON: f32 = 1e-5;

pub(super) const ENTRY: Entry<NormKind> = Entry {
    name: "layer",
    label: "LayerNorm",
    help: "Normalises each position to mean 0 and variance 1 over the channels, then scales and shifts (LayerNorm).",
    value: NormKind { parameters, forward },
};

fn parameters(path: &str, width: usize) -> Vec<Parameter> {
    vec![Parameter::gain(format!("{path}.gain"), width), Parameter::bias(format!("{path}.bias"), width)]
}

/// # Shapes
/// - `x`, result: `[replicas, rows, width]`
fn forward(scope: &Scope, x: Tensor<3>) -> Tensor<3> {
    kernels::norm::<LayerNorm>(x, scope.weight("gain"), Some(scope.weight("bias")))
}

/// `(x - mean) / sqrt(variance + 1e-5) * gain + bias` over the width, with the biased variance.
struct LayerNorm;

impl RowNorm for LayerNorm {
    #[inline(always)]
    fn forward(x: &[f32], gain: &[f32], bias: &[f32], output: &mut [f32]) {
        let width = x.len();
        let (gain, bias, output) = (&gain[..width], &bias[..width], &mut output[..width]);
        let (mean, scale) = moments(x);
        for column in 0..width {
            output[column] = (x[column] - mean) * scale * gain[column] + bias[column];
        }
    }

    #[inline(always)]
    fn backward(x: &[f32], gain: &[f32], grad: &[f32], dx: &mut [f32], dgain: &mut [f32], dbias: &mut [f32]) {
        let width = x.len();
        let (gain, grad) = (&gain[..width], &grad[..width]);
        let (dx, dgain, dbias) = (&mut dx[..width], &mut dgain[..width], &mut dbias[..width]);
        let (mean, scale) = moments(x);
        let pull = sum(width, |column| grad[column] * gain[column]) / width as f32;
        let tilt = sum(width, |column| grad[column] * gain[column] * ((x[column] - mean) * scale)) / width as f32;
        for column in 0..width {
            let normal = (x[column] - mean) * scale;
            dx[column] = scale * (grad[column] * gain[column] - pull - normal * tilt);
            dgain[column] += grad[column] * normal;
            dbias[column] += grad[column];
        }
    }

    fn composed(x: Tensor<3>, gain: Tensor<3>, bias: Option<Tensor<3>>) -> Tensor<3> {
        let centred = x.clone() - x.mean_dim(2);
        let variance = (centred.clone() * centred.clone()).mean_dim(2);
        let scaled = centred / (variance + f64::from(EPSILON)).sqrt() * gain;
        match bias {
            Some(bias) => scaled + bias,
            None => scaled,
        }
    }
}

/// Mean and one over the standard deviation.
#[inline(always)]
fn moments(x: &[f32]) -> (f32, f32) {
    let width = x.len() as f32;
    let mean = sum(x.len(), |column| x[column]) / width;
    let variance = sum(x.len(), |column| (x[column] - mean) * (x[column] - mean)) / width;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_norms_agree;

    #[test]
    fn a_fused_layer_norm_is_the_composed_one() {
        fused_and_composed_norms_agree::<LayerNorm>(true);
    }
}
