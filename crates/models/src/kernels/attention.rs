//! Softmax attention of all heads, forward and backward.
//!
//! For sequences of tens of positions the scores of one head fit into the nearest cache, so they are computed, used and forgotten head by
//! head; the products read queries, keys and values where they lie. Of what a causal model may not see little is computed.

use std::ops::Range;

use super::product::{Matrix, product_into};
use super::vector::{exp, sum};

/// How rows and columns of `[replicas, examples * positions, width]` belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    /// Positions of an example.
    pub positions: usize,
    /// Heads that share the width.
    pub heads: usize,
    /// Whether a position looks back only; otherwise it looks both ways.
    pub causal: bool,
}

/// Rows that are computed together: a causal model computes no more than so many rows times themselves in vain.
const ROWS: usize = 16;

/// One head of one example: where its rows lie in the flat arrays.
#[derive(Clone, Copy)]
struct Head {
    start: usize,
    stride: usize,
    width: usize,
}

impl Head {
    /// Some of its rows as a matrix.
    fn rows(self, values: &[f32], rows: Range<usize>) -> Matrix<'_> {
        Matrix::part(values, self.start + rows.start * self.stride, rows.len(), self.width, self.stride)
    }

    /// `output[rows] = left right`.
    fn set(self, output: &mut [f32], rows: &Range<usize>, left: Matrix, right: Matrix) {
        product_into(left, right, &mut output[self.start + rows.start * self.stride..], self.stride);
    }
}

impl Heads {
    /// Every head of every example of arrays of a length.
    fn each_head(self, length: usize, width: usize) -> impl Iterator<Item = Head> {
        let head_width = width / self.heads;
        let example = self.positions * width;
        (0..length / example).flat_map(move |index| {
            (0..self.heads).map(move |head| Head { start: index * example + head * head_width, stride: width, width: head_width })
        })
    }

    /// The rows in groups, each with the number of positions that its last row sees.
    fn groups(self) -> impl Iterator<Item = (Range<usize>, usize)> {
        (0..self.positions).step_by(ROWS).map(move |first| {
            let rows = first..self.positions.min(first + ROWS);
            (rows.clone(), self.seen(rows.end - 1))
        })
    }

    /// How many positions the one at `position` sees, from the first.
    fn seen(self, position: usize) -> usize {
        if self.causal { position + 1 } else { self.positions }
    }

    /// `output = softmax(query key^T / sqrt(head width)) value`, over what each position sees.
    pub(super) fn forward(self, width: usize, query: &[f32], key: &[f32], value: &[f32], output: &mut [f32]) {
        let mut pattern = vec![0.0; self.positions * self.positions];
        for head in self.each_head(query.len(), width) {
            for (rows, seen) in self.groups() {
                self.weights(head, &rows, seen, query, key, &mut pattern);
                head.set(output, &rows, self.part(&pattern, &rows, &(0..seen)), head.rows(value, 0..seen));
            }
        }
    }

    /// Gradients of query, key and value.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn backward(
        self,
        width: usize,
        query: &[f32],
        key: &[f32],
        value: &[f32],
        grad: &[f32],
        dquery: &mut [f32],
        dkey: &mut [f32],
        dvalue: &mut [f32],
    ) {
        let scale = self.scale(width / self.heads);
        let [mut pattern, mut dscores] = [(); 2].map(|()| vec![0.0; self.positions * self.positions]);
        for head in self.each_head(query.len(), width) {
            for (rows, seen) in self.groups() {
                self.weights(head, &rows, seen, query, key, &mut pattern);
                let (grad, value) = (head.rows(grad, rows.clone()), head.rows(value, 0..seen));
                product_into(grad, value.transposed(), &mut dscores[rows.start * self.positions..], self.positions);
                for position in rows.clone() {
                    let at = position * self.positions..position * self.positions + seen;
                    // The gradient of a softmax: what a weight gains is what all lose in proportion. What is not seen has no weight.
                    let (weights, dscores) = (&pattern[at.clone()], &mut dscores[at]);
                    let shared = sum(seen, |other| weights[other] * dscores[other]);
                    for (dscore, weight) in dscores.iter_mut().zip(weights) {
                        *dscore = weight * (*dscore - shared) * scale;
                    }
                }
                head.set(dquery, &rows, self.part(&dscores, &rows, &(0..seen)), head.rows(key, 0..seen));
            }
            for (columns, _) in self.groups() {
                // Those that see these positions.
                let rows = if self.causal { columns.start } else { 0 }..self.positions;
                let down = |values| self.part(values, &rows, &columns).transposed();
                head.set(dkey, &columns, down(&dscores), head.rows(query, rows.clone()));
                head.set(dvalue, &columns, down(&pattern), head.rows(grad, rows.clone()));
            }
        }
    }

    /// Some rows and columns of `[positions, positions]`.
    fn part<'a>(self, values: &'a [f32], rows: &Range<usize>, columns: &Range<usize>) -> Matrix<'a> {
        Matrix::part(values, rows.start * self.positions + columns.start, rows.len(), columns.len(), self.positions)
    }

    /// The attention weights of some positions over the first `seen`, into their rows of `[positions, positions]`; zero where a position does
    /// not look.
    fn weights(self, head: Head, rows: &Range<usize>, seen: usize, query: &[f32], key: &[f32], pattern: &mut [f32]) {
        let (query, key) = (head.rows(query, rows.clone()), head.rows(key, 0..seen));
        product_into(query, key.transposed(), &mut pattern[rows.start * self.positions..], self.positions);
        let scale = self.scale(head.width);
        for position in rows.clone() {
            let (row, ahead) = pattern[position * self.positions..][..seen].split_at_mut(self.seen(position));
            let mut largest = f32::NEG_INFINITY;
            for score in row.iter_mut() {
                *score *= scale;
                largest = if *score > largest { *score } else { largest };
            }
            for score in row.iter_mut() {
                *score = exp(*score - largest);
            }
            let total = sum(row.len(), |other| row[other]);
            for weight in row.iter_mut() {
                *weight /= total;
            }
            ahead.fill(0.0);
        }
    }

    fn scale(self, head: usize) -> f32 {
        1.0 / (head as f32).sqrt()
    }
}
