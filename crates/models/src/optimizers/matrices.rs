//! Whole matrices, for optimisers that move a matrix by more than each of its numbers.
//!
//! The matrices of the blocks are theirs: those that decay. Embeddings, the output, gains, biases and tables that are looked up are moved number by
//! number. A matrix of a fleet is one tensor, and products and sums stay within a replica, so who else is in the fleet changes nothing.

use crate::layout::{Layout, Place};
use crate::tensor::Tensor;

/// Whether a parameter is a matrix of a block.
fn is_matrix(place: &Place, layout: &Layout) -> bool {
    let is_wide = place.rows > 1 && place.columns > 1;
    is_wide && place.offset < layout.decaying() && place.path.starts_with("blocks.")
}

/// A buffer in which each matrix of the blocks is what `matrix` makes of its place, and everything else is that of `others`.
///
/// # Shapes
/// - `others`, result: `[replicas, trained numbers]`
/// - of `matrix`: `[replicas, rows, columns]`
pub(super) fn with_matrices(layout: &Layout, others: &Tensor<2>, mut matrix: impl FnMut(&Place) -> Tensor<3>) -> Tensor<2> {
    let replicas = others.dims()[0];
    let part = |(place, _): (&Place, usize)| {
        let count = place.rows * place.columns;
        if is_matrix(place, layout) {
            matrix(place).reshape([replicas, count])
        } else {
            others.clone().narrow(1, place.offset, count)
        }
    };
    Tensor::cat(layout.in_buffer().map(part).collect(), 1)
}

/// A parameter out of a buffer `[replicas, trained numbers]`: `[replicas, rows, columns]`.
pub(super) fn slice(buffer: &Tensor<2>, place: &Place) -> Tensor<3> {
    let replicas = buffer.dims()[0];
    buffer.clone().narrow(1, place.offset, place.rows * place.columns).reshape([replicas, place.rows, place.columns])
}
