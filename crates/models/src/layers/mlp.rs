//! The feed-forward branch: up, non-linearity, down.

use burn::tensor::Tensor;

use crate::kernels;
use crate::layers::activations::Activation;
use crate::layers::linear;
use crate::layers::norms::Reading;
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
        let hidden = scope.inline("act", hidden, |_, x| self.activation.apply(x));
        linear(&scope.at("down"), hidden)
    }

    /// The same of the residual stream, with the norm before it: in one operation where nobody looks inside.
    ///
    /// # Shapes
    /// - result: `[replicas, rows, width]`
    pub(crate) fn branch(&self, scope: &Scope, stream: Reading) -> Tensor<3> {
        match stream.apart().filter(|_| scope.is_opaque()) {
            None => self.forward(scope, stream.read()),
            Some(normed) => {
                let (up, down) = (scope.at("up"), scope.at("down"));
                let weights = [up.weight("weight"), up.weight("bias"), down.weight("weight"), down.weight("bias")];
                kernels::mlp_branch(normed, weights, self.activation.curve)
            }
        }
    }
}
