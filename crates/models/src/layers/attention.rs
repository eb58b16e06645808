//! Causal multi-head self-attention (Vaswani et al. 2017), without biases.

use burn::tensor::{Device, Tensor, activation};

use crate::scope::Scope;
use crate::weights::{Parameter, upload};

/// Attention with `heads` heads of width `width / heads`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attention {
    pub width: usize,
    pub heads: usize,
    /// Standard deviation of the rows of `output` at the start, relative to `1 / sqrt(width)`.
    pub output_gain: f64,
}

impl Attention {
    pub(crate) fn parameters(&self, path: &str) -> Vec<Parameter> {
        let matrix = |name: &str, gain| Parameter::matrix(format!("{path}.{name}.weight"), self.width, self.width, gain);
        vec![matrix("query", 1.0), matrix("key", 1.0), matrix("value", 1.0), matrix("output", self.output_gain)]
    }

    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    /// - `mask`: `[1, 1, positions, positions]`, see [`causal_mask`]
    pub(crate) fn forward(&self, scope: &Scope, x: Tensor<3>, mask: &Tensor<4>) -> Tensor<3> {
        let [replicas, rows, width] = x.dims();
        let positions = mask.dims()[2];
        let examples = rows / positions;
        let head_width = width / self.heads;
        // [replicas, examples * positions, width] -> [replicas * examples, heads, positions, head width]
        let split = |x: Tensor<3>| x.reshape([replicas * examples, positions, self.heads, head_width]).swap_dims(1, 2);
        let project = |name: &str, x: Tensor<3>| x.matmul(scope.weight(name));
        let query = split(project("query.weight", x.clone()) * (1.0 / libm::sqrt(head_width as f64)));
        let key = split(project("key.weight", x.clone()));
        let value = split(project("value.weight", x));
        let pattern = activation::softmax(query.matmul(key.transpose()) + mask.clone(), 3);
        scope.offer("pattern", || pattern.clone().reshape([replicas, examples * self.heads * positions, positions]));
        let z = pattern.matmul(value).swap_dims(1, 2).reshape([replicas, rows, width]);
        project("output.weight", scope.heads(z, self.heads))
    }
}

/// Zero where a position may look, a large negative number where it would look ahead: `[1, 1, positions, positions]`.
pub(crate) fn causal_mask(positions: usize, device: &Device) -> Tensor<4> {
    // Far below any score, and finite: an infinity times a zero gradient is not a number.
    const AHEAD: f32 = -1e9;
    let value = |index: usize| if index % positions > index / positions { AHEAD } else { 0.0 };
    upload((0..positions * positions).map(value).collect(), [1, 1, positions, positions], device)
}
