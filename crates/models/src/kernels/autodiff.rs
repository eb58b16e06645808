//! How gradients run through the fused operations.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend};

use super::attention::Heads;
use super::branches::BranchKernels;
use super::normalise::Norm;
use super::pointwise::Curve;
use super::sides::Sides;
use super::update::Update;
use super::{Branches, Kernels};

impl<B: Backend + Kernels + BranchKernels, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn fused_product(
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        sides: Sides,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Product;
        impl<B: Backend + Kernels> Backward<B, 3> for Product {
            type State = (FloatTensor<B>, FloatTensor<B>, Sides);
            fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let grad = grads.consume::<B>(&ops.node);
                let (left, right, sides) = ops.state;
                let [of_left, of_right, of_bias] = ops.parents;
                if let Some(parent) = of_bias.filter(|_| sides.biased) {
                    grads.register::<B>(parent.id, B::fused_sum_rows(grad.clone()));
                }
                // Data need no gradient, and the widest matrices are data.
                if let Some(parent) = of_left {
                    let [first, second] =
                        if sides.left_transposed { [right.clone(), grad.clone()] } else { [grad.clone(), right] };
                    grads.register::<B>(parent.id, unbiased::<B>(first, second, sides.of_left_gradient()));
                }
                if let Some(parent) = of_right {
                    let [first, second] = if sides.right_transposed { [grad, left] } else { [left, grad] };
                    grads.register::<B>(parent.id, unbiased::<B>(first, second, sides.of_right_gradient()));
                }
            }
        }
        let guards = [left.node(), right.node(), bias.node()];
        let (left, right, bias) = (left.into_primitive(), right.into_primitive(), bias.into_primitive());
        match Product.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish((left.clone(), right.clone(), sides), B::fused_product(left, right, bias, sides))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::fused_product(left, right, bias, sides)),
        }
    }

    fn fused_pointwise(x: FloatTensor<Self>, curve: Curve) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct OfEachNumber;
        impl<B: Backend + Kernels> Backward<B, 1> for OfEachNumber {
            type State = (FloatTensor<B>, Curve);
            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let (kept, curve) = ops.state;
                unary::<B, _>(ops.parents, ops.node, grads, |grad| B::fused_pointwise_backward(kept, grad, curve));
            }
        }
        let guard = x.node();
        let x = x.into_primitive();
        match OfEachNumber.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, kept) = B::fused_pointwise_kept(x, curve);
                prep.finish((kept, curve), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::fused_pointwise(x, curve)),
        }
    }

    fn fused_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, norm: Norm) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct OfEachRow;
        impl<B: Backend + Kernels> Backward<B, 3> for OfEachRow {
            type State = (FloatTensor<B>, FloatTensor<B>, Norm);
            fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let grad = grads.consume::<B>(&ops.node);
                let (x, gain, norm) = ops.state;
                let (dx, dgain, dbias) = B::fused_norm_backward(x, gain, grad, norm);
                // What stands for a bias that the norm does not have is a tensor of its own, with a gradient of its own.
                let dbias = norm.biased.then_some(dbias);
                register::<B, 3>(ops.parents.map(|parent| parent.map(|parent| parent.id)), [Some(dx), Some(dgain), dbias], grads);
            }
        }
        let guards = [x.node(), gain.node(), bias.node()];
        let (x, gain, bias) = (x.into_primitive(), gain.into_primitive(), bias.into_primitive());
        match OfEachRow.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x.clone(), gain.clone(), norm), B::fused_norm(x, gain, bias, norm)),
            OpsKind::UnTracked(prep) => prep.finish(B::fused_norm(x, gain, bias, norm)),
        }
    }

    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        heads: Heads,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Attention;
        impl<B: Backend + Kernels> Backward<B, 3> for Attention {
            type State = ([FloatTensor<B>; 4], Heads);
            fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let grad = grads.consume::<B>(&ops.node);
                let ([query, key, value, kept], heads) = ops.state;
                let (dquery, dkey, dvalue) = B::fused_attention_backward(query, key, value, kept, grad, heads);
                register::<B, 3>(
                    ops.parents.map(|parent| parent.map(|parent| parent.id)),
                    [dquery, dkey, dvalue].map(Some),
                    grads,
                );
            }
        }
        let guards = [query.node(), key.node(), value.node()];
        let (query, key, value) = (query.into_primitive(), key.into_primitive(), value.into_primitive());
        match Attention.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, kept) = B::fused_attention_kept(query.clone(), key.clone(), value.clone(), heads);
                prep.finish(([query, key, value, kept], heads), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::fused_attention(query, key, value, heads)),
        }
    }

    /// Gates are data: no gradient runs into them.
    fn fused_branches(
        x: FloatTensor<Self>,
        trained: FloatTensor<Self>,
        gates: FloatTensor<Self>,
        branches: Branches,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct OfBranches;
        impl<B: Backend + BranchKernels> Backward<B, 2> for OfBranches {
            type State = (B::Kept, Branches);
            fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let grad = grads.consume::<B>(&ops.node);
                let (kept, branches) = ops.state;
                let parents = ops.parents.map(|parent| parent.map(|parent| parent.id));
                let wanted = parents.map(|parent| parent.is_some());
                register::<B, 2>(parents, B::branches_backward(&branches, kept, grad, wanted), grads);
            }
        }
        let guards = [x.node(), trained.node()];
        let [x, trained, gates] = [x, trained, gates].map(|input| input.into_primitive());
        match OfBranches.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, kept) = B::branches_kept(&branches, x, trained, gates);
                prep.finish((kept, branches), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::fused_branches(x, trained, gates, branches)),
        }
    }

    fn fused_gather(table: FloatTensor<Self>, tokens: IntTensor<Self>) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct Gather;
        impl<B: Backend + Kernels> Backward<B, 1> for Gather {
            type State = (FloatTensor<B>, IntTensor<B>);
            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let (table, tokens) = ops.state;
                unary::<B, _>(ops.parents, ops.node, grads, |grad| B::fused_gather_backward(table, tokens, grad));
            }
        }
        let guard = table.node();
        let table = table.into_primitive();
        match Gather.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((table.clone(), tokens.clone()), B::fused_gather(table, tokens)),
            OpsKind::UnTracked(prep) => prep.finish(B::fused_gather(table, tokens)),
        }
    }

    /// Targets and weights are data: no gradient runs into them.
    fn fused_sparse_cross_entropy(
        scores: FloatTensor<Self>,
        targets: IntTensor<Self>,
        weights: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct SparseCrossEntropy;
        impl<B: Backend + Kernels> Backward<B, 1> for SparseCrossEntropy {
            type State = (FloatTensor<B>, IntTensor<B>, FloatTensor<B>);
            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let (scores, targets, weights) = ops.state;
                unary::<B, _>(ops.parents, ops.node, grads, |grad| {
                    B::fused_sparse_cross_entropy_backward(scores, targets, weights, grad)
                });
            }
        }
        let guard = scores.node();
        let (scores, weights) = (scores.into_primitive(), weights.into_primitive());
        match SparseCrossEntropy.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(
                (scores.clone(), targets.clone(), weights.clone()),
                B::fused_sparse_cross_entropy(scores, targets, weights),
            ),
            OpsKind::UnTracked(prep) => prep.finish(B::fused_sparse_cross_entropy(scores, targets, weights)),
        }
    }

    // Gradients of gradients and of updates are never taken; these run on the inner backend only.

    fn fused_sum_rows(_: FloatTensor<Self>) -> FloatTensor<Self> {
        unreachable!("first-order gradients only")
    }

    fn fused_pointwise_kept(_: FloatTensor<Self>, _: Curve) -> (FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("first-order gradients only")
    }

    fn fused_attention_kept(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Heads,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("first-order gradients only")
    }

    fn fused_pointwise_backward(_: FloatTensor<Self>, _: FloatTensor<Self>, _: Curve) -> FloatTensor<Self> {
        unreachable!("first-order gradients only")
    }

    fn fused_norm_backward(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("first-order gradients only")
    }

    fn fused_attention_backward(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Heads,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("first-order gradients only")
    }

    fn fused_gather_backward(_: FloatTensor<Self>, _: IntTensor<Self>, _: FloatTensor<Self>) -> FloatTensor<Self> {
        unreachable!("first-order gradients only")
    }

    fn fused_sparse_cross_entropy_backward(
        _: FloatTensor<Self>,
        _: IntTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("first-order gradients only")
    }

    fn fused_update(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("weights are updated outside of the gradient tape")
    }
}

/// A product without a bias, in whose place any tensor stands.
fn unbiased<B: Backend + Kernels>(left: FloatTensor<B>, right: FloatTensor<B>, sides: Sides) -> FloatTensor<B> {
    let bias = left.clone();
    B::fused_product(left, right, bias, sides)
}

/// Hands gradients to the parents that have one.
fn register<B: Backend, const N: usize>(
    parents: [Option<NodeId>; N],
    gradients: [Option<FloatTensor<B>>; N],
    grads: &mut Gradients,
) {
    for (parent, gradient) in parents.into_iter().zip(gradients) {
        if let (Some(parent), Some(gradient)) = (parent, gradient) {
            grads.register::<B>(parent, gradient);
        }
    }
}
