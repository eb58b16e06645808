//! Branches one after the other on a residual stream, as one operation: each reads the stream through a norm and adds to it.
//!
//! On models of this size the gradient tape, and slicing parameters out of their buffer and gradients back into one, cost as much as the
//! arithmetic. So a run of branches in which nobody edits or looks at anything is one entry on the tape: it reads parameters where they lie
//! in the buffer of what is trained, and writes their gradients where they belong in a buffer of the same layout. On the CPU it calculates in the
//! same order as branches that are put together, and gives the same bits.

mod attention;
mod cpu;
mod mlp;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;

pub(crate) use attention::AttentionBranch;
pub(super) use cpu::Kept;
pub(crate) use mlp::MlpBranch;

use super::normalise::Norm;

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

impl Branch {
    pub(super) fn norm(&self) -> Norm {
        match self.layer {
            Layer::Attention(of, _) => of.norm,
            Layer::Mlp(of, _) => of.norm,
        }
    }

    /// Every parameter that it reads.
    fn parts(&self) -> impl Iterator<Item = Part> {
        let (Layer::Attention(_, weights) | Layer::Mlp(_, weights)) = self.layer;
        [self.gain].into_iter().chain(self.bias).chain(weights)
    }
}

impl Part {
    pub(super) fn range(self) -> Range<usize> {
        self.offset..self.offset + self.rows * self.columns
    }
}
