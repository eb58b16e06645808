//! Root mean square normalisation (Zhang & Sennrich 2019, <https://arxiv.org/abs/1910.07467>).

use burn::tensor::Tensor;

use super::NormKind;
use crate::entry::Entry;
use crate::kernels::{self, RowNorm, sum};
use crate::parameter::Parameter;
use crate::scope::Scope;

/// Added to the mean square.
const EPSILON: f32 = 1e-5;

pub(super) const ENTRY: Entry<NormKind> = Entry {
    name: "rms",
    label: "RMSNorm",
    help: "Divides each position by its root mean square over the channels, then scales; it neither centres nor shifts (RMSNorm).",
    value: NormKind { parameters, forward },
};

fn parameters(path: &str, width: usize) -> Vec<Parameter> {
    vec![Parameter::gain(format!("{path}.gain"), width)]
}

/// # Shapes
/// - `x`, result: `[replicas, rows, width]`
fn forward(scope: &Scope, x: Tensor<3>) -> Tensor<3> {
    kernels::norm::<RmsNorm>(x, scope.weight("gain"), None)
}

/// `x / sqrt(mean(x^2) + 1e-5) * gain` over the width.
struct RmsNorm;

impl RowNorm for RmsNorm {
    #[inline(always)]
    fn forward(x: &[f32], gain: &[f32], _bias: &[f32], output: &mut [f32]) {
        let width = x.len();
        let (gain, output) = (&gain[..width], &mut output[..width]);
        let scale = scale(x);
        for column in 0..width {
            output[column] = x[column] * scale * gain[column];
        }
    }

    #[inline(always)]
    fn backward(x: &[f32], gain: &[f32], grad: &[f32], dx: &mut [f32], dgain: &mut [f32], _dbias: &mut [f32]) {
        let width = x.len();
        let (gain, grad, dx, dgain) = (&gain[..width], &grad[..width], &mut dx[..width], &mut dgain[..width]);
        let scale = scale(x);
        let tilt = sum(width, |column| grad[column] * gain[column] * (x[column] * scale)) / width as f32;
        for column in 0..width {
            let normal = x[column] * scale;
            dx[column] = scale * (grad[column] * gain[column] - normal * tilt);
            dgain[column] += grad[column] * normal;
        }
    }

    fn composed(x: Tensor<3>, gain: Tensor<3>, _bias: Option<Tensor<3>>) -> Tensor<3> {
        let square = (x.clone() * x.clone()).mean_dim(2);
        x / (square + f64::from(EPSILON)).sqrt() * gain
    }
}

/// One over the root mean square.
#[inline(always)]
fn scale(x: &[f32]) -> f32 {
    1.0 / (sum(x.len(), |column| x[column] * x[column]) / x.len() as f32 + EPSILON).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fused_and_composed_norms_agree;

    #[test]
    fn a_fused_rms_norm_is_the_composed_one() {
        fused_and_composed_norms_agree::<RmsNorm>(false);
    }

    #[test]
    fn a_row_has_a_root_mean_square_of_one_and_keeps_its_mean() {
        let mut output = [0.0; 4];
        RmsNorm::forward(&[1.0, 7.0, 1.0, 7.0], &[1.0, 1.0, 1.0, 2.0], &[], &mut output);
        for (given, expected) in output.into_iter().zip([0.2, 1.4, 0.2, 2.8]) {
            assert!((given - expected).abs() < 1e-6, "{output:?}");
        }
    }
}
