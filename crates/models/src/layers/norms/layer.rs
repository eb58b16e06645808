//! Layer normalisation (Ba, Kiros & Hinton 2016, <https://arxiv.org/abs/1607.06450>).

use burn::tensor::Tensor;

use super::NormKind;
use crate::entry::Entry;
use crate::kernels;
use crate::parameter::Parameter;
use crate::scope::Scope;

pub(super) const ENTRY: Entry<NormKind> = Entry {
    name: "layer",
    label: "LayerNorm",
    help: "Normalises each position to mean 0 and variance 1 over the channels, then scales and shifts (LayerNorm).",
    value: NormKind { parameters, forward },
};

fn parameters(path: &str, width: usize) -> Vec<Parameter> {
    vec![Parameter::gain(format!("{path}.gain"), width), Parameter::bias(format!("{path}.bias"), width)]
}

/// `(x - mean) / sqrt(variance + 1e-5) * gain + bias` over the width, with the biased variance.
///
/// # Shapes
/// - `x`, result: `[replicas, rows, width]`
fn forward(scope: &Scope, x: Tensor<3>) -> Tensor<3> {
    kernels::layer_norm(x, scope.weight("gain"), scope.weight("bias"))
}
