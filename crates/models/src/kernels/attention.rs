//! Softmax attention of all heads, forward and backward.
//!
//! For sequences of tens of positions the scores of one head fit into the nearest cache, so they are computed row by row, used and
//! forgotten; nothing is transposed, padded or copied for a batched product. What a causal model may not see is not computed at all.

use super::vector::{add_scaled, exp, sum};

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

/// One head of one example: where its rows lie in the flat arrays.
#[derive(Clone, Copy)]
struct Head {
    start: usize,
    stride: usize,
    width: usize,
}

impl Head {
    fn row(self, position: usize) -> std::ops::Range<usize> {
        let start = self.start + position * self.stride;
        start..start + self.width
    }

    /// The columns of this head as rows: `[width, positions]`, so that products run along positions.
    fn transpose(self, from: &[f32], positions: usize, into: &mut [f32]) {
        for position in 0..positions {
            for (column, &value) in from[self.row(position)].iter().enumerate() {
                into[column * positions + position] = value;
            }
        }
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

    /// How many positions the one at `position` sees, from the first.
    fn seen(self, position: usize) -> usize {
        if self.causal { position + 1 } else { self.positions }
    }

    /// `output = softmax(query key^T / sqrt(head width)) value`, over what each position sees.
    pub(super) fn forward(self, width: usize, query: &[f32], key: &[f32], value: &[f32], output: &mut [f32]) {
        let head_width = width / self.heads;
        let (mut keys, mut row) = (vec![0.0; head_width * self.positions], vec![0.0; self.positions]);
        for head in self.each_head(query.len(), width) {
            head.transpose(key, self.positions, &mut keys);
            for position in 0..self.positions {
                let row = &mut row[..self.seen(position)];
                self.weights(&query[head.row(position)], &keys, row);
                let output = &mut output[head.row(position)];
                output.fill(0.0);
                for (other, &weight) in row.iter().enumerate() {
                    add_scaled(output, weight, &value[head.row(other)]);
                }
            }
        }
    }

    /// Gradients of query, key and value; `dkey` and `dvalue` must start at zero.
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
        let head_width = width / self.heads;
        let scale = self.scale(head_width);
        let (mut keys, mut values) = (vec![0.0; head_width * self.positions], vec![0.0; head_width * self.positions]);
        let (mut row, mut drow) = (vec![0.0; self.positions], vec![0.0; self.positions]);
        for head in self.each_head(query.len(), width) {
            head.transpose(key, self.positions, &mut keys);
            head.transpose(value, self.positions, &mut values);
            for position in 0..self.positions {
                let seen = self.seen(position);
                let (row, drow) = (&mut row[..seen], &mut drow[..seen]);
                let (query, grad) = (&query[head.row(position)], &grad[head.row(position)]);
                self.weights(query, &keys, row);
                drow.fill(0.0);
                for (column, &grad) in grad.iter().enumerate() {
                    add_scaled(drow, grad, &values[column * self.positions..][..seen]);
                }
                // The gradient of a softmax: what a weight gains is what all lose in proportion.
                let shared = sum(row.len(), |other| row[other] * drow[other]);
                let dquery = &mut dquery[head.row(position)];
                dquery.fill(0.0);
                for (other, (&weight, &dweight)) in row.iter().zip(drow.iter()).enumerate() {
                    let dscore = weight * (dweight - shared) * scale;
                    add_scaled(dquery, dscore, &key[head.row(other)]);
                    add_scaled(&mut dkey[head.row(other)], dscore, query);
                    add_scaled(&mut dvalue[head.row(other)], weight, grad);
                }
            }
        }
    }

    /// The attention weights of one position over those it sees.
    fn weights(self, query: &[f32], keys: &[f32], row: &mut [f32]) {
        let scale = self.scale(query.len());
        let seen = row.len();
        row.fill(0.0);
        for (column, &query) in query.iter().enumerate() {
            add_scaled(row, query * scale, &keys[column * self.positions..][..seen]);
        }
        let largest = row.iter().fold(f32::NEG_INFINITY, |largest, &score| if score > largest { score } else { largest });
        for score in row.iter_mut() {
            *score = exp(*score - largest);
        }
        let total = sum(seen, |other| row[other]);
        for weight in row.iter_mut() {
            *weight /= total;
        }
    }

    fn scale(self, head: usize) -> f32 {
        1.0 / (head as f32).sqrt()
    }
}
