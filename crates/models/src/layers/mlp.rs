//! The feed-forward branch: up, non-linearity, down.

use burn::tensor::Tensor;

use crate::layers::activations::Activation;
use crate::layers::linear;
use crate::parameter::Parameter;
use crate::scope::Scope;

/// `act(x W_up + b_up) W_down + b_down`.
#[derive(Clone, Copy)]
pub(crate) struct Mlp {
    pub width: usize,
    pub hidden: usize,
    pub activation: Activation,
    /// Standard deviation of the rows of `down` at the start, relative to `1 / sqrt(hidden)`.
    pub output_gain: f64,
}

impl Mlp {
    pub(crate) fn parameters(&self, path: &str) -> Vec<Parameter> {
        vec![
            Parameter::matrix(format!("{path}.up.weight"), self.width, self.hidden, 1.0),
            Parameter::bias(format!("{path}.up.bias"), self.hidden),
            Parameter::matrix(format!("{path}.down.weight"), self.hidden, self.width, self.output_gain),
            Parameter::bias(format!("{path}.down.bias"), self.width),
        ]
    }

    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`
    pub(crate) fn forward(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        let hidden = linear(&scope.at("up"), x);
        let hidden = scope.inline("act", hidden, |_, x| (self.activation)(x));
        linear(&scope.at("down"), hidden)
    }
}
