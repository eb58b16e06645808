//! Branches on the residual stream in as few kernels as there can be: three or four forward, four or five backward.
//!
//! Parameters are read where they lie in the buffer of what is trained, and their gradients are added where they belong in a buffer of the same
//! layout. What stands between two sums over the same numbers - bias, gate, activation, the addition to the stream - is part of the
//! kernel that sums.

use burn::backend::ops::FloatTensorOps;
use burn::backend::{Cube, TensorMetadata};
use burn::tensor::FloatDType;

use super::joined::Joined;
use super::matrices::Matrices;
use super::normalise::{self, OfParameters};
use super::product::{self, Factors, Finish, Gate, OfWeights, Size};
use super::{Float, attention, empty};
use crate::kernels::Heads;
use crate::kernels::branches::{Branch, Branches, Layer, Part};

/// What the backward pass reads.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    trained: Float,
    gates: Float,
    branches: Vec<KeptBranch>,
}

/// What that of one branch reads.
#[derive(Clone, Debug)]
struct KeptBranch {
    x: Float,
    /// Of the rows of `x`.
    moments: Float,
    normed: Float,
    layer: KeptLayer,
}

#[allow(clippy::large_enum_variant, reason = "a model has a few, and of either kind as many")]
#[derive(Clone, Debug)]
enum KeptLayer {
    Attention {
        /// Query, key and value.
        projected: Joined,
        attended: Float,
        /// What the attention has kept.
        kept: Float,
    },
    Mlp {
        hidden: Float,
        /// What the activation was of.
        argument: Float,
    },
}

/// What all branches are given.
#[derive(Clone, Copy)]
struct Given<'a> {
    trained: &'a Float,
    gates: &'a Float,
    /// Whether outputs are added to the stream.
    add: bool,
}

impl Branches {
    /// The stream after them, and what the backward pass reads.
    pub(super) fn launch(&self, mut x: Float, trained: Float, gates: Float) -> (Float, Kept) {
        let given = Given { trained: &trained, gates: &gates, add: self.add };
        let mut branches = Vec::with_capacity(self.each.len());
        for branch in self.each.iter() {
            let (output, kept) = given.forward(branch, x);
            branches.push(kept);
            x = output;
        }
        (x, Kept { trained, gates, branches })
    }

    /// The stream after them.
    pub(super) fn launch_forgetting(&self, x: Float, trained: &Float, gates: &Float) -> Float {
        let given = Given { trained, gates, add: self.add };
        self.each.iter().fold(x, |x, branch| given.forward(branch, x).0)
    }

    /// The gradients of the stream and of what is trained, where `wanted`.
    pub(super) fn launch_backward(&self, kept: Kept, mut grad: Float, [of_x, of_trained]: [bool; 2]) -> [Option<Float>; 2] {
        let Kept { trained, gates, branches } = kept;
        let given = Given { trained: &trained, gates: &gates, add: self.add };
        let gradient = of_trained.then(|| Cube::float_zeros(trained.shape(), &trained.device, FloatDType::F32));
        for (branch, kept) in self.each.iter().zip(branches).rev() {
            grad = given.backward(branch, kept, grad, gradient.as_ref());
        }
        [of_x.then_some(grad), gradient]
    }
}

impl Given<'_> {
    fn forward(self, branch: &Branch, x: Float) -> (Float, KeptBranch) {
        let bias = branch.bias.unwrap_or(branch.gain);
        let [normed, moments] = normalise::forward(x.clone(), &self.parameter(branch.gain), &self.parameter(bias), branch.norm());
        let (last, bias, layer) = match branch.layer {
            Layer::Attention(of, [query, key, value, output]) => {
                let layer = self.attended(&normed, [query, key, value], of.heads);
                (output, None, layer)
            }
            Layer::Mlp(of, [up, up_bias, down, down_bias]) => {
                let factors = Factors::new(&normed, self.parameter(up), up);
                let [hidden, argument] = (of.activation.launch.product)(&factors, &self.parameter(up_bias));
                (down, Some(down_bias), KeptLayer::Mlp { hidden, argument })
            }
        };
        let finish = Finish {
            bias: bias.map(|bias| self.parameter(bias)),
            gate: self.gate(branch),
            added: self.add.then(|| Matrices::of(&x)),
        };
        let output = empty(&x, x.shape());
        product::products(&Factors::new(layer.last(), self.parameter(last), last), finish, &Matrices::of(&output), 1);
        (output, KeptBranch { x, moments, normed, layer })
    }

    fn attended(self, normed: &Float, weights: [Part; 3], heads: Heads) -> KeptLayer {
        let projected = Joined::empty(normed, vec![normed.shape(); 3]);
        let factors = Factors::new(normed, Matrices::parameters(self.trained, &weights), weights[0]);
        product::products(&factors, Finish::default(), &Matrices::joined(&projected), 3);
        let (attended, kept) = attention::forward(projected.tensors(), heads);
        KeptLayer::Attention { projected, attended, kept }
    }

    /// The gradient of the stream before the branch; those of parameters are added to `gradient`.
    fn backward(self, branch: &Branch, kept: KeptBranch, grad: Float, gradient: Option<&Float>) -> Float {
        let KeptBranch { x, moments, normed, layer } = kept;
        let gate = self.gate(branch);
        let of_normed = match (branch.layer, &layer) {
            (Layer::Attention(of, [query, key, value, output]), KeptLayer::Attention { projected, attended, kept }) => {
                let of_attended = empty(&grad, grad.shape());
                let finish = Finish { gate: gate.clone(), ..Finish::default() };
                let factors = Factors::new(&grad, self.parameter(output), output).of_left();
                product::products(&factors, finish, &Matrices::of(&of_attended), 1);
                let projected = attention::backward(projected.tensors(), kept.clone(), of_attended, of.heads);
                let grads = Matrices::joined(&projected);
                if let Some(gradient) = gradient {
                    let last = of_weights(attended, Matrices::of(&grad), gradient, &[output], None);
                    let first = of_weights(&normed, grads.clone(), gradient, &[query, key, value], None);
                    product::of_weights(&last, gate, &first);
                }
                let of_normed = empty(&grad, normed.shape());
                let weights = Matrices::parameters(self.trained, &[query, key, value]);
                let factors = Factors { left: grads, ..Factors::new(&of_normed, weights, query).of_left() };
                product::summed(&factors, Finish::default(), &Matrices::of(&of_normed), 3);
                of_normed
            }
            (Layer::Mlp(of, [up, up_bias, down, down_bias]), KeptLayer::Mlp { hidden, argument }) => {
                let factors = Factors::new(&grad, self.parameter(down), down).of_left();
                let of_argument = (of.activation.launch.product_backward)(&factors, gate.clone(), argument.clone());
                if let Some(gradient) = gradient {
                    let last = of_weights(hidden, Matrices::of(&grad), gradient, &[down], Some(down_bias));
                    let first = of_weights(&normed, Matrices::of(&of_argument), gradient, &[up], Some(up_bias));
                    product::of_weights(&last, gate, &first);
                }
                let of_normed = empty(&grad, normed.shape());
                let factors = Factors::new(&of_argument, self.parameter(up), up).of_left();
                product::products(&factors, Finish::default(), &Matrices::of(&of_normed), 1);
                of_normed
            }
            _ => unreachable!("each branch has kept its own"),
        };
        let of_parameters = gradient.map(|gradient| OfParameters {
            gain: Matrices::parameters(gradient, &[branch.gain]),
            bias: Matrices::parameters(gradient, &[branch.bias.unwrap_or(branch.gain)]),
            is_added: true,
        });
        let kept = normalise::Kept { x, moments, gain: self.parameter(branch.gain) };
        normalise::backward(kept, of_normed, self.add.then_some(grad), of_parameters, branch.norm())
    }

    fn parameter(self, part: Part) -> Matrices {
        Matrices::parameters(self.trained, &[part])
    }

    fn gate(self, branch: &Branch) -> Option<Gate> {
        branch.gate.map(|index| Gate { gates: self.gates.clone(), index })
    }
}

impl KeptLayer {
    /// What the last product of the branch reads.
    fn last(&self) -> &Float {
        match self {
            KeptLayer::Attention { attended, .. } => attended,
            KeptLayer::Mlp { hidden, .. } => hidden,
        }
    }
}

impl Factors {
    /// `x W`. `x`: `[replicas, rows, inner]`; `weight`: where `W` lies.
    fn new(x: &Float, weight: Matrices, part: Part) -> Self {
        let [replicas, rows, _] = x.shape().dims();
        let size = Size { replicas, rows, inner: part.rows, columns: part.columns };
        Factors { left: Matrices::of(x), right: weight, size }
    }

    /// The gradient of `x` in `x W`, where `x` is that of `x W`.
    fn of_left(self) -> Self {
        let Factors { left, right, size } = self;
        Factors { left, right: right.transposed(), size: Size { inner: size.columns, columns: size.inner, ..size } }
    }
}

/// The gradients of the weights at `parts` that `x` was multiplied with, and of a bias. `grads`: of the products.
fn of_weights(x: &Float, grads: Matrices, gradient: &Float, parts: &[Part], bias: Option<Part>) -> OfWeights {
    let [replicas, inner, _] = x.shape().dims();
    let size = Size { replicas, rows: parts[0].rows, inner, columns: parts[0].columns };
    OfWeights {
        factors: Factors { left: Matrices::of(x).transposed(), right: grads, size },
        weights: Matrices::parameters(gradient, parts),
        biases: bias.map(|bias| Matrices::parameters(gradient, &[bias])),
        count: parts.len(),
    }
}
