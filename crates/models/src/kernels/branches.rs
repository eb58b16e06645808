//! Branches one after the other on a residual stream, as one operation: each reads the stream through a norm and adds to it.
//!
//! On models of this size the gradient tape, and slicing parameters out of their buffer and gradients back into one, cost as much as the
//! arithmetic. So a run of branches in which nobody edits or looks at anything is one entry on the tape: it reads parameters where they lie
//! in the buffer of what is trained, and writes their gradients where they belong in a buffer of the same layout. It runs the same kernels
//! in the same order as branches that are put together, and gives the same bits.

use std::fmt::Debug;
use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{FloatDType, Slice};

use super::Kernels;
use super::attention_branch::{self, AttentionBranch};
use super::mlp_branch::{self, MlpBranch};

/// Where a parameter lies in the buffer of what is trained, in each replica's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub offset: usize,
    pub rows: usize,
    pub columns: usize,
}

/// What a branch computes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layer {
    /// The weights of query, key, value and output.
    Attention(AttentionBranch, [Part; 4]),
    /// Up, its bias, down and its bias.
    Mlp(MlpBranch, [Part; 4]),
}

/// A branch with the norm that it reads the stream through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branch {
    pub layer: Layer,
    pub gain: Part,
    /// If the norm has one.
    pub bias: Option<Part>,
    /// Which of the gates multiplies its output, if one does.
    pub gate: Option<usize>,
}

/// Branches in their order.
#[derive(Clone, Debug)]
pub(crate) struct Branches {
    pub each: Arc<[Branch]>,
    /// Whether each adds to the stream. A single one that does not is its own output.
    pub add: bool,
}

/// Backends that compute branches in one operation; gradients run through it.
pub(crate) trait BranchKernels: Backend {
    /// What the backward pass reads.
    type Kept: Clone + Debug + Send + 'static;

    /// The stream after the branches, and what the backward pass reads. Shapes are those of [`super::branches`].
    fn branches_kept(
        branches: &Branches,
        x: FloatTensor<Self>,
        trained: FloatTensor<Self>,
        gates: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, Self::Kept);

    /// The gradients of the stream and of what is trained, where `wanted`. A parameter that no branch reads has a gradient of zero.
    fn branches_backward(
        branches: &Branches,
        kept: Self::Kept,
        grad: FloatTensor<Self>,
        wanted: [bool; 2],
    ) -> [Option<FloatTensor<Self>>; 2];
}

/// What the backward pass of a branch reads.
#[derive(Clone, Debug)]
enum KeptLayer<B: Backend> {
    Attention(attention_branch::Kept<B>),
    Mlp(mlp_branch::Kept<B>),
}

/// What the backward pass reads.
#[derive(Clone, Debug)]
pub(crate) struct Kept<B: Backend> {
    trained: FloatTensor<B>,
    gates: FloatTensor<B>,
    branches: Vec<KeptLayer<B>>,
}

impl Branch {
    /// Gain, bias and weights in the order in which the branches take them; what stands for a bias that is not there is not read.
    fn parts(&self) -> [Part; 6] {
        let (Layer::Attention(_, weights) | Layer::Mlp(_, weights)) = self.layer;
        let [first, second, third, fourth] = weights;
        [self.gain, self.bias.unwrap_or(self.gain), first, second, third, fourth]
    }

    fn inputs<B: Backend>(&self, x: FloatTensor<B>, trained: &FloatTensor<B>) -> [FloatTensor<B>; 7] {
        let [gain, bias, first, second, third, fourth] = self.parts().map(|part| read::<B>(trained, part));
        [x, gain, bias, first, second, third, fourth]
    }

    fn forward<B: Backend + Kernels>(&self, x: FloatTensor<B>, trained: &FloatTensor<B>) -> FloatTensor<B> {
        let inputs = self.inputs::<B>(x, trained);
        match self.layer {
            Layer::Attention(branch, _) => branch.forward::<B>(inputs),
            Layer::Mlp(branch, _) => branch.forward::<B>(inputs),
        }
    }

    fn forward_kept<B: Backend + Kernels>(&self, x: FloatTensor<B>, trained: &FloatTensor<B>) -> (FloatTensor<B>, KeptLayer<B>) {
        let inputs = self.inputs::<B>(x, trained);
        match self.layer {
            Layer::Attention(branch, _) => {
                let (output, kept) = branch.forward_kept::<B>(inputs);
                (output, KeptLayer::Attention(kept))
            }
            Layer::Mlp(branch, _) => {
                let (output, kept) = branch.forward_kept::<B>(inputs);
                (output, KeptLayer::Mlp(kept))
            }
        }
    }

    /// The output as the stream gets it.
    fn gated<B: Backend>(&self, output: FloatTensor<B>, gates: &FloatTensor<B>) -> FloatTensor<B> {
        match self.gate {
            None => output,
            Some(index) => {
                let gate = B::float_slice(gates.clone(), &[Slice::full(), Slice::full(), Slice::from(index..index + 1)]);
                B::float_mul(output, gate)
            }
        }
    }
}

impl Branches {
    /// The stream after them. `x`: `[replicas, rows, width]`; `trained`: `[replicas, trained numbers]`; `gates`: `[replicas, 1, gates]`.
    pub(super) fn forward<B: Backend + Kernels>(
        &self,
        mut x: FloatTensor<B>,
        trained: FloatTensor<B>,
        gates: FloatTensor<B>,
    ) -> FloatTensor<B> {
        for branch in self.each.iter() {
            let output = branch.gated::<B>(branch.forward::<B>(x.clone(), &trained), &gates);
            x = if self.add { B::float_add(x, output) } else { output };
        }
        x
    }

    /// The same, and what the backward pass reads.
    pub(super) fn forward_kept<B: Backend + Kernels>(
        &self,
        mut x: FloatTensor<B>,
        trained: FloatTensor<B>,
        gates: FloatTensor<B>,
    ) -> (FloatTensor<B>, Kept<B>) {
        let mut branches = Vec::with_capacity(self.each.len());
        for branch in self.each.iter() {
            let (output, kept) = branch.forward_kept::<B>(x.clone(), &trained);
            branches.push(kept);
            let output = branch.gated::<B>(output, &gates);
            x = if self.add { B::float_add(x, output) } else { output };
        }
        (x, Kept { trained, gates, branches })
    }

    /// The gradients of the stream and of what is trained, where `wanted`. A parameter that no branch reads has a gradient of zero.
    pub(super) fn backward<B: Backend + Kernels>(
        &self,
        kept: Kept<B>,
        mut grad: FloatTensor<B>,
        [of_x, of_trained]: [bool; 2],
    ) -> [Option<FloatTensor<B>>; 2] {
        let Kept { trained, gates, branches } = kept;
        let mut gradient = of_trained.then(|| B::float_zeros(trained.shape(), &trained.device(), FloatDType::F32));
        drop(trained);
        let mut written: Vec<Part> = Vec::new();
        for (index, (branch, kept)) in self.each.iter().zip(branches).enumerate().rev() {
            let wanted: [bool; 7] = std::array::from_fn(|input| if input == 0 { index > 0 || of_x } else { of_trained });
            let output = branch.gated::<B>(grad.clone(), &gates);
            let [dx, of_parts @ ..] = match (branch.layer, kept) {
                (Layer::Attention(branch, _), KeptLayer::Attention(kept)) => branch.backward::<B>(kept, output, wanted),
                (Layer::Mlp(branch, _), KeptLayer::Mlp(kept)) => branch.backward::<B>(kept, output, wanted),
                _ => unreachable!("each branch has kept its own"),
            };
            for (part, of_part) in branch.parts().into_iter().zip(of_parts) {
                if let Some(of_part) = of_part {
                    gradient = gradient.map(|buffer| write::<B>(buffer, part, of_part, written.contains(&part)));
                    written.push(part);
                }
            }
            grad = match dx {
                Some(dx) if self.add => B::float_add(grad, dx),
                Some(dx) => dx,
                None => grad,
            };
        }
        [of_x.then_some(grad), gradient]
    }
}

/// A parameter out of the buffer: `[replicas, rows, columns]`.
fn read<B: Backend>(trained: &FloatTensor<B>, part: Part) -> FloatTensor<B> {
    let numbers = B::float_slice(trained.clone(), &[Slice::full(), part.range()]);
    B::float_reshape(numbers, [trained.shape()[0], part.rows, part.columns].into())
}

/// The gradient of a parameter into the buffer of all. Branches that share a parameter add to what is there.
fn write<B: Backend>(buffer: FloatTensor<B>, part: Part, gradient: FloatTensor<B>, add: bool) -> FloatTensor<B> {
    let gradient = B::float_reshape(gradient, [buffer.shape()[0], part.rows * part.columns].into());
    let place = [Slice::full(), part.range()];
    let gradient = if add { B::float_add(B::float_slice(buffer.clone(), &place), gradient) } else { gradient };
    B::float_slice_assign(buffer, &place, gradient)
}

impl Part {
    fn range(self) -> Slice {
        Slice::from(self.offset..self.offset + self.rows * self.columns)
    }
}
