//! Multi-head self-attention (Vaswani et al. 2017), without biases.

use burn::tensor::{Device, Tensor, activation};

use crate::kernels::{self, Heads};
use crate::layers::norms::Reading;
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::weights::upload;

/// Attention with `heads` heads of width `width / heads`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attention {
    pub width: usize,
    pub heads: usize,
    /// Whether a position looks back only; otherwise it looks both ways.
    pub causal: bool,
    /// Standard deviation of the rows of `output` at the start, relative to `1 / sqrt(width)`.
    pub output_gain: f64,
}

impl Attention {
    pub(crate) fn parameters(&self, path: &str) -> Vec<Parameter> {
        let matrix = |name: &str, gain| Parameter::matrix(format!("{path}.{name}.weight"), self.width, self.width, gain);
        vec![matrix("query", 1.0), matrix("key", 1.0), matrix("value", 1.0), matrix("output", self.output_gain)]
    }

    /// Attention over sequences of `positions` tokens.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    pub(crate) fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let project = |name: &str, x: Tensor<3>| kernels::product(x, scope.weight(name));
        // One reader of what comes in, so that the gradients of query, key and value are summed before anything else is added. Without a norm
        // in between the stream would be read three times, and a model whose norm is left out alone would round otherwise than in a fleet.
        let x = x * 1.0;
        let (query, key, value) =
            (project("query.weight", x.clone()), project("key.weight", x.clone()), project("value.weight", x));
        let z = if scope.captures("pattern") {
            self.composed(scope, [query, key, value], positions)
        } else {
            kernels::attention(query, key, value, self.kernel(positions))
        };
        project("output.weight", scope.slices("heads", z, self.heads))
    }

    /// The same of the residual stream, with the norm before it: in one operation where nobody looks inside.
    ///
    /// # Shapes
    /// - result: `[replicas, examples * positions, width]`
    pub(crate) fn branch(&self, scope: &Scope, stream: Reading, positions: usize) -> Tensor<3> {
        match stream.apart().filter(|_| scope.is_opaque()) {
            None => self.forward(scope, stream.read(), positions),
            Some(normed) => {
                let weights = ["query", "key", "value", "output"].map(|name| scope.at(name).weight("weight"));
                kernels::attention_branch(normed, weights, self.kernel(positions))
            }
        }
    }

    fn kernel(&self, positions: usize) -> Heads {
        Heads { positions, heads: self.heads, causal: self.causal }
    }

    /// The same out of primitives, for those who want to see the pattern.
    fn composed(&self, scope: &Scope, projected: [Tensor<3>; 3], positions: usize) -> Tensor<3> {
        let [replicas, rows, width] = projected[0].dims();
        let (examples, head_width) = (rows / positions, width / self.heads);
        // [replicas, examples * positions, width] -> [replicas * examples * heads, positions, head width]
        let apart = [replicas * examples, positions, self.heads, head_width];
        let together = [replicas * examples * self.heads, positions, head_width];
        let [query, key, value] = projected.map(|x| x.reshape(apart).swap_dims(1, 2).reshape(together));
        let scores = kernels::product_transposed(query, key) * (1.0 / libm::sqrt(head_width as f64));
        let scores = if self.causal { scores.clone() + causal_mask(positions, &scores.device()) } else { scores };
        let pattern = activation::softmax(scores, 2);
        scope.capture("pattern", || pattern.clone().reshape([replicas, examples * self.heads * positions, positions]));
        let heads = kernels::product(pattern, value).reshape([replicas * examples, self.heads, positions, head_width]);
        heads.swap_dims(1, 2).reshape([replicas, rows, width])
    }
}

/// Zero where a position may look, a large negative number where it would look ahead: `[1, positions, positions]`.
fn causal_mask(positions: usize, device: &Device) -> Tensor<3> {
    // Far below any score, and finite: an infinity times a zero gradient is not a number.
    const AHEAD: f32 = -1e9;
    let value = |index: usize| if index % positions > index / positions { AHEAD } else { 0.0 };
    upload((0..positions * positions).map(value).collect(), [1, positions, positions], device)
}
