//! Attention of a stream that went through a norm: projections to query, key and value, what the heads do
//! with them, and an output projection; how it is computed on the CPU.

use super::Part;
use super::cpu::{OfParameters, split};
use crate::kernels::attention::Heads;
use crate::kernels::normalise::Norm;
use crate::kernels::product::Right;
use crate::kernels::room::Room;

/// What the branch consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttentionBranch {
    pub norm: Norm,
    pub heads: Heads,
}

impl AttentionBranch {
    /// How many numbers the backward pass reads of so many rows: query, key, value, what the heads answered, and the attention weights.
    pub(super) fn kept(self, [query, ..]: [Part; 4], rows: usize) -> usize {
        4 * rows * query.columns + self.heads.kept(rows)
    }

    /// `normed`, `output`: `[rows, width]`, the rows of whole examples.
    pub(super) fn forward(self, weights: &[Right], parts: [Part; 4], normed: &[f32], kept: &mut [f32], output: &mut [f32]) {
        let each = normed.len() / parts[0].rows * parts[0].columns;
        let (projected, pattern) = kept.split_at_mut(4 * each);
        let [query, key, value, attended] = split(projected, [each; 4]);
        for (weight, projected) in weights.iter().zip([&mut *query, &mut *key, &mut *value]) {
            weight.product(normed, &[], projected);
        }
        self.heads.forward(parts[0].columns, [query, key, value], attended, pattern);
        weights[3].product(attended, &[], output);
    }

    /// The gradient of what came through the norm, `dnormed`; those of parameters are added. `normed`, `grad`: `[rows, width]`.
    pub(super) fn backward(
        self,
        weights: &[Right],
        gradient: Option<OfParameters>,
        parts: [Part; 4],
        [normed, kept, grad]: [&[f32]; 3],
        dnormed: &mut [f32],
    ) {
        let each = normed.len() / parts[0].rows * parts[0].columns;
        let projected: [&[f32]; 3] = std::array::from_fn(|index| &kept[index * each..][..each]);
        let (attended, pattern) = kept[3 * each..].split_at(each);
        let mut room = Room::take(4 * each);
        let [dattended, dquery, dkey, dvalue] = split(&mut room, [each; 4]);
        weights[3].product(grad, &[], dattended);
        self.heads.backward(parts[0].columns, projected, pattern, dattended, [&mut *dquery, &mut *dkey, &mut *dvalue]);
        if let Some(mut gradient) = gradient {
            gradient.add_product(parts[3], attended, grad);
            for (part, grad) in parts.into_iter().zip([&*dquery, &*dkey, &*dvalue]) {
                gradient.add_product(part, normed, grad);
            }
        }
        // In the order in which the gradient tape adds them.
        weights[2].product(dvalue, &[], dnormed);
        let mut further = Room::take(dnormed.len());
        for (weight, grad) in [(&weights[1], dkey), (&weights[0], dquery)] {
            weight.product(grad, &[], &mut further);
            dnormed.iter_mut().zip(&*further).for_each(|(sum, further)| *sum += further);
        }
    }
}
