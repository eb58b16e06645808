//! Softmax attention of all heads, forward and backward.
//!
//! For sequences of tens of positions the scores of one head fit into the nearest cache, so they are computed, used and forgotten head by
//! head; the products read queries, keys and values where they lie. Of what a causal model may not see little is computed.

use std::ops::Range;

use wide::f32x8;

use super::product::{Matrix, product_into};
use super::room::Room;
use super::vector::{LANES, exp, larger};

/// How rows and columns of `[replicas, examples * positions, width]` belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    /// Positions of an example.
    pub positions: usize,
    /// Heads that share the width.
    pub heads: usize,
    /// Whether a position looks back only; otherwise it looks both ways.
    pub causal: bool,
    /// How many positions one looks at at most where it looks back only, itself among them.
    pub window: usize,
    /// Whether scores fall with the distance, in each head by another slope (Press, Smith & Lewis 2022, <https://arxiv.org/abs/2108.12409>).
    pub sloped: bool,
}

/// Rows that are computed together, a group: a causal model computes no more than so many rows times themselves in vain.
const ROWS: usize = 16;

/// The numbers of a group.
type Vectors = [f32x8; VECTORS];

const VECTORS: usize = ROWS / LANES;

#[inline(always)]
fn vectors(group: &[f32; ROWS]) -> Vectors {
    bytemuck::cast(*group)
}

#[inline(always)]
fn numbers(group: Vectors) -> [f32; ROWS] {
    bytemuck::cast(group)
}

/// One head of one example: where its rows lie in the flat arrays.
#[derive(Clone, Copy)]
struct Head {
    /// Which of the heads.
    index: usize,
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
            (0..self.heads).map(move |head| Head {
                index: head,
                start: index * example + head * head_width,
                stride: width,
                width: head_width,
            })
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

    /// `output = softmax(query key^T / sqrt(head width)) value`, over what each position sees, and the attention weights, from which gradients
    /// are calculated. `pattern`: [`Heads::kept`] numbers.
    pub(super) fn forward(self, width: usize, [query, key, value]: [&[f32]; 3], output: &mut [f32], pattern: &mut [f32]) {
        for (head, pattern) in self.each_head(query.len(), width).zip(pattern.chunks_exact_mut(self.of_head())) {
            for (rows, seen) in self.groups() {
                self.weights(head, &rows, seen, query, key, pattern);
                head.set(output, &rows, self.part(pattern, &(0..seen), &rows).transposed(), head.rows(value, 0..seen));
            }
        }
    }

    /// Gradients of query, key and value. `pattern`: the attention weights that the forward pass has kept.
    pub(super) fn backward(
        self,
        width: usize,
        [query, key, value]: [&[f32]; 3],
        pattern: &[f32],
        grad: &[f32],
        [dquery, dkey, dvalue]: [&mut [f32]; 3],
    ) {
        let scale = self.scale(width / self.heads);
        let mut dscores = Room::take(self.of_head());
        for (head, pattern) in self.each_head(query.len(), width).zip(pattern.chunks_exact(self.of_head())) {
            for (rows, seen) in self.groups() {
                let (grad, value) = (head.rows(grad, rows.clone()), head.rows(value, 0..seen));
                product_into(value, grad.transposed(), &mut dscores[rows.start..], self.pitch());
                // The gradient of a softmax: what a weight gains is what all lose in proportion. What is not seen has no weight.
                let mut shared = [0.0; ROWS];
                for (weights, dscores) in self.columns(pattern, rows.start, seen).zip(self.columns(&dscores, rows.start, seen)) {
                    for ((shared, weight), dscore) in shared.iter_mut().zip(weights).zip(dscores) {
                        *shared += weight * dscore;
                    }
                }
                let weights = self.columns(pattern, rows.start, seen);
                for (weights, dscores) in weights.zip(self.columns_mut(&mut dscores, rows.start, seen)) {
                    for ((dscore, weight), shared) in dscores.iter_mut().zip(weights).zip(shared) {
                        *dscore = weight * (*dscore - shared) * scale;
                    }
                }
                head.set(dquery, &rows, self.part(&dscores, &(0..seen), &rows).transposed(), head.rows(key, 0..seen));
            }
            for (keys, _) in self.groups() {
                // Those that see these positions.
                let rows = if self.causal { keys.start } else { 0 }..self.positions;
                head.set(dkey, &keys, self.part(&dscores, &keys, &rows), head.rows(query, rows.clone()));
                head.set(dvalue, &keys, self.part(pattern, &keys, &rows), head.rows(grad, rows.clone()));
            }
        }
    }

    /// How many attention weights a pass over `rows` rows keeps, with their padding.
    pub(super) fn kept(self, rows: usize) -> usize {
        rows / self.positions * self.heads * self.of_head()
    }

    /// Weights of one head: a row for each position that is looked at, in which those that look lie side by side. So the sums of a softmax run
    /// from row to row, for as many positions at once as a vector has numbers.
    fn of_head(self) -> usize {
        self.positions * self.pitch()
    }

    /// Distance of two rows of weights: whole groups.
    fn pitch(self) -> usize {
        self.positions.next_multiple_of(ROWS)
    }

    /// The weights of positions that look at others: of `seen`, from the rows of `[positions, pitch]`.
    fn part<'a>(self, values: &'a [f32], seen: &Range<usize>, by: &Range<usize>) -> Matrix<'a> {
        Matrix::part(values, seen.start * self.pitch() + by.start, seen.len(), by.len(), self.pitch())
    }

    /// What a group of positions, from `first` on, thinks of each of the first `seen`.
    fn columns(self, values: &[f32], first: usize, seen: usize) -> impl Iterator<Item = &[f32; ROWS]> {
        values[first..].as_chunks().0.iter().step_by(self.pitch() / ROWS).take(seen)
    }

    fn columns_mut(self, values: &mut [f32], first: usize, seen: usize) -> impl Iterator<Item = &mut [f32; ROWS]> {
        values[first..].as_chunks_mut().0.iter_mut().step_by(self.pitch() / ROWS).take(seen)
    }

    /// The attention weights of a group of positions over the first `seen`, into their columns; zero where a position does not look. What lies
    /// in the columns of a group that is not whole is never read.
    fn weights(self, head: Head, rows: &Range<usize>, seen: usize, query: &[f32], key: &[f32], pattern: &mut [f32]) {
        let (first, scale) = (rows.start, self.scale(head.width));
        product_into(head.rows(key, 0..seen), head.rows(query, rows.clone()).transposed(), &mut pattern[first..], self.pitch());
        let slope = if self.sloped { self.slope(head.index) / scale } else { 0.0 };
        let mut largest = [f32x8::splat(f32::NEG_INFINITY); VECTORS];
        for (other, scores) in self.columns_mut(pattern, first, seen).enumerate() {
            if self.sloped {
                for (index, score) in scores.iter_mut().enumerate() {
                    *score -= slope * (first + index).abs_diff(other) as f32;
                }
            }
            let vectors = self.hidden(other, first, vectors(scores), f32::NEG_INFINITY);
            *scores = numbers(vectors);
            largest = std::array::from_fn(|index| larger(largest[index], vectors[index]));
        }
        let mut total = [f32x8::ZERO; VECTORS];
        for (other, scores) in self.columns_mut(pattern, first, seen).enumerate() {
            let vectors = vectors(scores);
            let weights = std::array::from_fn(|index| exp((vectors[index] - largest[index]) * scale));
            let weights = self.hidden(other, first, weights, 0.0);
            *scores = numbers(weights);
            total = std::array::from_fn(|index| total[index] + weights[index]);
        }
        let share = total.map(|total| f32x8::ONE / total);
        for scores in self.columns_mut(pattern, first, seen) {
            let weights = vectors(scores);
            *scores = numbers(std::array::from_fn(|index| weights[index] * share[index]));
        }
    }

    /// What those of a group, from `first` on, think of the position `other`: a `value` where they do not see it.
    #[inline(always)]
    fn hidden(self, other: usize, first: usize, scores: Vectors, value: f32) -> Vectors {
        let is_cut = self.causal && (other > first || first + ROWS > other + self.window);
        if !is_cut {
            return scores;
        }
        // Positions are small: as numbers they are exact.
        let [begin, end] = [other, other + self.window].map(|position| f32x8::splat(position as f32));
        let value = f32x8::splat(value);
        std::array::from_fn(|index| {
            let position = f32x8::new(std::array::from_fn(|lane| lane as f32)) + (first + index * LANES) as f32;
            let is_hidden = position.simd_lt(begin) | position.simd_ge(end);
            is_hidden.bitselect(value, scores[index])
        })
    }

    /// How much the scores of a head fall with each position of distance: `2^(-8 (head + 1) / heads)`.
    pub(crate) fn slope(self, head: usize) -> f32 {
        libm::exp2(-8.0 * (head + 1) as f64 / self.heads as f64) as f32
    }

    fn scale(self, head: usize) -> f32 {
        1.0 / (head as f32).sqrt()
    }
}
