//! Layer normalisation (Ba, Kiros & Hinton 2016).

use burn::tensor::Tensor;

use crate::kernels;
use crate::scope::Scope;
use crate::weights::Parameter;

/// Added to the variance.
const EPSILON: f64 = 1e-5;

/// `(x - mean) / sqrt(variance + 1e-5) * gain + bias` over the width, with the biased variance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerNorm {
    pub width: usize,
}

impl LayerNorm {
    pub(crate) fn parameters(&self, path: &str) -> Vec<Parameter> {
        vec![Parameter::gain(format!("{path}.gain"), self.width), Parameter::bias(format!("{path}.bias"), self.width)]
    }

    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`
    pub(crate) fn forward(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        let (gain, bias) = (scope.weight("gain"), scope.weight("bias"));
        if kernels::available(&x.device()) {
            return kernels::layer_norm(x, gain, bias);
        }
        let centred = x.clone() - x.mean_dim(2);
        let variance = (centred.clone() * centred.clone()).mean_dim(2);
        centred / (variance + EPSILON).sqrt() * gain + bias
    }
}
