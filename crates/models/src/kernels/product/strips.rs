//! The left-hand matrix of a product, as tiles read it: one number of each of their rows after the other, from column to column.

use super::{Matrix, gather};

/// Rows of the left-hand matrix in strips as high as a tile.
#[derive(Clone, Copy)]
pub(super) struct Strips<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    /// Where the first number of the block is.
    start: usize,
    /// Rows of a strip, and the distance of two strips.
    height: usize,
    apart: usize,
    /// Distance of neighbours in a column of a strip, and in a row.
    pub down: usize,
    pub right: usize,
}

/// Whether packing costs less than it saves. A matrix that lies by columns is read with long jumps; a packed strip is read for every panel of the
/// product, side by side.
pub(super) fn pays(left: Matrix, columns: usize, width: usize) -> bool {
    left.down == 1 && left.right != 1 && columns > width
}

impl<'a> Strips<'a> {
    /// Columns from `first` on where they are, each row a strip.
    pub(super) fn in_place(left: Matrix<'a>, first: usize) -> Self {
        let Matrix { values, rows, down, right, .. } = left;
        Strips { values, rows, start: first * right, height: 1, apart: down, down, right }
    }

    /// `depth` columns from `first` on of a matrix that lies by columns, packed; missing rows of the last strip are zeros.
    pub(super) fn packed(left: Matrix, first: usize, depth: usize, height: usize, room: &'a mut Vec<f32>) -> Self {
        let apart = depth * height;
        room.resize(left.rows.div_ceil(height) * apart, 0.0);
        for (index, strip) in room.chunks_exact_mut(apart).enumerate() {
            let row = index * height;
            let there = height.min(left.rows - row);
            gather(&left.values[first * left.right + row..], left.right, there, height, strip);
        }
        Strips { values: room, rows: left.rows, start: 0, height, apart, down: 1, right: height }
    }

    /// Where the first number of a row of the block is.
    #[inline(always)]
    pub(super) fn origin(self, row: usize) -> usize {
        self.start + row / self.height * self.apart + row % self.height * self.down
    }
}
