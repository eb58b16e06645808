//! The feed-forward branch: up, non-linearity, down; or with a gate (Shazeer 2020, <https://arxiv.org/abs/2002.05202>).

use crate::entry::Entry;
use crate::layers::activations::Activation;
use crate::layers::linear::affine;
use crate::layers::trunk::Fused;
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// What an MLP computes between its two linear maps.
#[derive(Clone, Copy, Debug)]
pub struct MlpKind {
    /// Whether the non-linearity is that of a gate, which a second linear map is multiplied by.
    pub gated: bool,
    /// The hidden width, of that which the settings ask for.
    pub hidden: fn(usize) -> usize,
}

/// All of them; the first is the default.
pub const MLP_KINDS: &[Entry<MlpKind>] = &[
    Entry {
        name: "plain",
        label: "plain",
        help: "act(x W_up) W_down.",
        value: MlpKind { gated: false, hidden: |hidden| hidden },
    },
    Entry {
        name: "gated",
        label: "gated",
        help: "(act(x W_gate) * x W_up) W_down, half as many parameters again. With SiLU it is SwiGLU, with GELU it is GEGLU.",
        value: MlpKind { gated: true, hidden: |hidden| hidden },
    },
    Entry {
        name: "gated-matched",
        label: "gated, parameter-matched",
        help: "As gated, with two thirds of the hidden width: as many parameters as the plain one, up to rounding.",
        value: MlpKind { gated: true, hidden: |hidden| (2 * hidden).div_ceil(3) },
    },
];

/// `act(x W_up + b_up) W_down + b_down`; with a gate, `(act(x W_gate + b_gate) * (x W_up + b_up)) W_down + b_down`.
#[derive(Clone, Copy)]
pub(crate) struct Mlp {
    pub width: usize,
    pub hidden: usize,
    pub gated: bool,
    /// Whether each linear map has a bias.
    pub biased: bool,
    pub activation: Activation,
    /// Standard deviation of the rows of `down` at the start, relative to `1 / sqrt(hidden)`.
    pub output_gain: f64,
}

impl Mlp {
    pub(crate) fn parameters(&self, path: &str) -> Vec<Parameter> {
        let up = |name: &str| {
            let weight = Parameter::matrix(format!("{path}.{name}.weight"), self.width, self.hidden, 1.0);
            let bias = self.biased.then(|| Parameter::bias(format!("{path}.{name}.bias"), self.hidden));
            std::iter::once(weight).chain(bias)
        };
        let mut parameters: Vec<Parameter> = up("up").collect();
        if self.gated {
            parameters.extend(up("gate"));
        }
        parameters.push(Parameter::matrix(format!("{path}.down.weight"), self.hidden, self.width, self.output_gain));
        parameters.extend(self.biased.then(|| Parameter::bias(format!("{path}.down.bias"), self.width)));
        parameters
    }

    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`
    pub(crate) fn forward(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        let act = |x| scope.inline("act", x, |_, x| self.activation.apply(x));
        let linear = |name: &str, x| affine(&scope.at(name), x, self.biased);
        let hidden = if self.gated {
            // One reader of what comes in, as in attention.
            let x = x * 1.0;
            act(linear("gate", x.clone())) * linear("up", x)
        } else {
            act(linear("up", x))
        };
        linear("down", hidden)
    }

    /// The same as a part of an operation; none if it has to be put together.
    pub(crate) fn fused(&self, scope: &Scope) -> Option<Fused> {
        if self.gated || !self.biased {
            return None;
        }
        let [up, down] = ["up", "down"].map(|name| scope.at(name));
        let parts = [up.part("weight")?, up.part("bias")?, down.part("weight")?, down.part("bias")?];
        Some(Fused::Mlp(self.activation.curve, parts))
    }
}
