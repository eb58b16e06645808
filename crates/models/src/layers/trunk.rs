//! The residual stream as branches add to it.

use crate::kernels::{self, AttentionBranch, Branch, Branches, Curve, Heads, Layer, MlpBranch, Part};
use crate::layers::norms::{FusedNorm, Norms};
use crate::resolved::Gate;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// The stream that a block reads can be looked at under the path of the block and this name; under this name alone, the one after all
/// blocks.
pub(crate) const STREAM: &str = "stream";

/// A residual stream: branches in which nobody edits or looks at anything wait until one comes that has to be put together, or the stream is
/// read, and are computed as one operation.
pub(crate) struct Trunk {
    /// `[replicas, rows, width]`.
    x: Tensor<3>,
    waiting: Vec<Branch>,
}

/// A branch as a part of an operation, without the norm before it.
pub(crate) enum Fused {
    /// The weights of query, key, value and output.
    Attention(Heads, [Part; 4]),
    /// Up, its bias, down and its bias.
    Mlp(Curve, [Part; 4]),
}

impl Trunk {
    /// A stream that starts.
    pub(crate) fn new(x: Tensor<3>) -> Self {
        Trunk { x, waiting: Vec::new() }
    }

    /// Keeps the stream as the next block reads it for whoever asked for it.
    pub(crate) fn enter(&mut self, block: &Scope) {
        if block.captures(STREAM) {
            let x = self.read(block);
            block.capture(STREAM, || x);
        }
    }

    /// Adds the branch `name` of a block. `fused`: what it is as a part of an operation, if it can be one; `compute`: its output, of the stream
    /// as it reads it.
    pub(crate) fn branch<'a>(
        &mut self,
        norms: &Norms,
        block: &Scope<'a>,
        name: &str,
        fused: impl FnOnce(&Scope<'a>) -> Option<Fused>,
        compute: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) {
        let scope = block.at(name);
        let fused = if scope.is_opaque() { fused(&scope) } else { None };
        let piece = fused.and_then(|fused| Some(piece(norms.fused(block, name)?, fused)));
        match (piece, scope.gate()) {
            (Some(_), Some(Gate::Shut)) => {}
            (Some(branch), Some(Gate::Open)) => self.waiting.push(branch),
            (Some(branch), Some(Gate::Factor(gate))) => self.waiting.push(Branch { gate: Some(gate), ..branch }),
            (Some(branch), None) => {
                let alone = Branches { each: [branch].into(), add: false };
                self.change(block, |x| block.branch(name, x.clone(), |_| kernels::branches(x, block.trained(), None, alone)));
            }
            (None, _) => self.change(block, |x| norms.branch(block, name, x, compute)),
        }
    }

    /// The stream by now. `scope`: any of the pass.
    pub(crate) fn read(&mut self, scope: &Scope) -> Tensor<3> {
        self.catch_up(scope);
        self.x.clone()
    }

    /// Changes the stream in another way than by a branch. `scope`: any of the pass.
    pub(crate) fn change(&mut self, scope: &Scope, change: impl FnOnce(Tensor<3>) -> Tensor<3>) {
        self.x = change(self.read(scope));
    }

    /// The stream after all branches. `scope`: any of the pass.
    pub(crate) fn finish(mut self, scope: &Scope) -> Tensor<3> {
        self.catch_up(scope);
        self.x
    }

    /// Computes what waits.
    fn catch_up(&mut self, scope: &Scope) {
        if !self.waiting.is_empty() {
            let branches = Branches { each: std::mem::take(&mut self.waiting).into(), add: true };
            self.x = kernels::branches(self.x.clone(), scope.trained(), scope.gates(), branches);
        }
    }
}

fn piece(norm: FusedNorm, fused: Fused) -> Branch {
    let FusedNorm { norm, gain, bias } = norm;
    let layer = match fused {
        Fused::Attention(heads, weights) => Layer::Attention(AttentionBranch { norm, heads }, weights),
        Fused::Mlp(activation, weights) => Layer::Mlp(MlpBranch { norm, activation }, weights),
    };
    Branch { layer, gain, bias, gate: None }
}
