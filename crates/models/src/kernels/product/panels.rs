//! The right-hand matrix of a product, as tiles read it: in panels as wide as a tile, row by row.

use super::{Matrix, gather};

/// A block of the right-hand matrix, in panels.
#[derive(Clone, Copy)]
pub(super) struct Panels<'a> {
    pub values: &'a [f32],
    /// Distance of two panels, and of neighbours in a column.
    pub apart: usize,
    pub down: usize,
}

/// Most numbers of a block that is read where it is, with those between its rows: they and what else a tile reads stay in the nearest cache.
const IN_PLACE: usize = 4096;

/// Whether packing costs less than it saves. A small block whose rows lie side by side and fill whole panels is read as fast where it is.
pub(super) fn pays(right: Matrix, depth: usize, width: usize) -> bool {
    right.right != 1 || !right.columns.is_multiple_of(width) || depth * right.down > IN_PLACE
}

impl<'a> Panels<'a> {
    /// Rows from `first` on where they are.
    pub(super) fn in_place(right: Matrix<'a>, first: usize, width: usize) -> Self {
        Panels { values: &right.values[first * right.down..], apart: width, down: right.down }
    }

    /// A block that was [packed](pack).
    pub(super) fn packed(values: &'a [f32], depth: usize, width: usize) -> Self {
        Panels { values, apart: depth * width, down: width }
    }
}

/// So many columns in whole panels.
pub(super) fn padded(columns: usize, width: usize) -> usize {
    columns.next_multiple_of(width)
}

/// Rows `first..first + depth`, packed into `room`, which has a row of [`padded`] columns for each; missing columns of the last panel are zeros.
pub(super) fn pack(right: Matrix, first: usize, depth: usize, width: usize, room: &mut [f32]) {
    for (index, panel) in room.chunks_exact_mut(depth * width).enumerate() {
        let column = index * width;
        let there = width.min(right.columns - column);
        let start = first * right.down + column * right.right;
        if right.right == 1 {
            gather(&right.values[start..], right.down, there, width, panel);
        } else {
            turn(&right.values[start..], [right.right, right.down], there, width, panel);
        }
    }
}

/// The first `there` columns that are `right` apart, whose numbers are `down` apart, as rows of `width`; missing numbers are zeros.
fn turn(from: &[f32], [right, down]: [usize; 2], there: usize, width: usize, to: &mut [f32]) {
    match (width, down) {
        (8, 1) if there == 8 => turn_whole::<8>(from, right, to),
        (16, 1) if there == 16 => turn_whole::<16>(from, right, to),
        (32, 1) if there == 32 => turn_whole::<32>(from, right, to),
        _ => {
            for (row, to) in to.chunks_exact_mut(width).enumerate() {
                for (column, to) in to.iter_mut().enumerate() {
                    *to = if column < there { from[column * right + row * down] } else { 0.0 };
                }
            }
        }
    }
}

fn turn_whole<const WIDTH: usize>(from: &[f32], stride: usize, to: &mut [f32]) {
    let to = to.as_chunks_mut::<WIDTH>().0;
    let depth = to.len();
    let columns: [&[f32]; WIDTH] = std::array::from_fn(|column| &from[column * stride..][..depth]);
    for (row, to) in to.iter_mut().enumerate() {
        for (to, column) in to.iter_mut().zip(columns) {
            *to = column[row];
        }
    }
}
