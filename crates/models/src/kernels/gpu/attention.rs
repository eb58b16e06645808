//! Softmax attention, a thread for each position of each head.
//!
//! Scores are computed where they are needed and never stored (after Dao et al. 2022, <https://arxiv.org/abs/2205.14135>); what is
//! kept of a row of scores for the backward pass is the logarithm of its sum. One kernel computes all gradients.

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::joined::Joined;
use super::{Float, threads};
use crate::kernels::Heads;

/// The output, and what the backward pass reads: the output and the logarithm of the sum of each row of scores, beside each other.
pub(super) fn forward(projected: [Float; 3], heads: Heads) -> (Float, Float) {
    let joined = Joined::empty(&projected[0], kept(&projected[0], heads));
    let (shape, units) = shape(&projected[0], heads);
    let (count, dim) = threads(&joined.whole, units);
    let [query, key, value] = projected.map(Float::into_linear_view);
    outputs::launch(
        &joined.whole.client,
        count,
        dim,
        query,
        key,
        value,
        joined.whole.clone().into_buffer_arg(),
        joined.starts[1],
        shape,
        heads.causal,
        heads.sloped,
    );
    (joined.tensor(0), joined.whole)
}

/// Gradients of query, key and value, beside each other.
pub(super) fn backward(projected: [Float; 3], kept_whole: Float, grad: Float, heads: Heads) -> Joined {
    let output = Joined::empty(&grad, vec![grad.shape(); 3]);
    let kept = Joined::of(kept_whole, kept(&grad, heads));
    let (shape, units) = shape(&grad, heads);
    let (count, dim) = threads(&grad, units);
    let [query, key, value] = projected.map(Float::into_linear_view);
    gradients::launch(
        &output.whole.client,
        count,
        dim,
        query,
        key,
        value,
        grad.into_linear_view(),
        kept.whole.clone().into_buffer_arg(),
        output.whole.clone().into_buffer_arg(),
        kept.starts[1],
        output.starts[1],
        output.starts[2],
        shape,
        heads.causal,
        heads.sloped,
    );
    output
}

/// Shapes of output and logarithms.
fn kept(query: &Float, heads: Heads) -> Vec<burn::tensor::Shape> {
    let units = shape(query, heads).1;
    vec![query.shape(), [units].into()]
}

/// How the rows and columns belong together, and how many pairs of a position and a head there are.
fn shape(tensor: &Float, heads: Heads) -> (ShapeLaunch, usize) {
    let [replicas, rows, width] = tensor.shape().dims();
    let units = replicas * rows * heads.heads;
    (ShapeLaunch::new(units, heads.positions, heads.heads, width, heads.window), units)
}

/// How rows and columns belong together.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Shape {
    /// Pairs of a position and a head.
    units: usize,
    positions: usize,
    heads: usize,
    width: usize,
    window: usize,
}

#[cube]
impl Shape {
    /// Which position of its example a unit is.
    fn position(&self, unit: usize) -> usize {
        unit % self.positions
    }

    /// Where the unit's head begins in the first row of its example.
    fn start(&self, unit: usize) -> usize {
        let head = unit / self.positions % self.heads;
        unit / (self.positions * self.heads) * self.positions * self.width + head * (self.width / self.heads)
    }

    /// Where the head that begins at `start` begins in the row of a position.
    fn row(&self, start: usize, position: usize) -> usize {
        start + position * self.width
    }

    /// Columns of a head.
    fn columns(&self) -> usize {
        self.width / self.heads
    }

    /// The first position that the one at `position` sees.
    fn begin(&self, position: usize) -> usize {
        let cut = position + 1 > self.window;
        select(cut, position + 1 - select(cut, self.window, position + 1), 0)
    }

    /// The end of what the one at `position` sees.
    fn end(&self, position: usize, #[comptime] causal: bool) -> usize {
        if causal { position + 1 } else { self.positions }
    }

    /// The end of those that see the one at `position`.
    fn end_of_readers(&self, position: usize) -> usize {
        let end = position + self.window;
        select(end < self.positions, end, self.positions)
    }

    /// How much the scores of a unit's head fall with each position of distance: `2^(-8 (head + 1) / heads)`.
    fn slope(&self, unit: usize) -> f32 {
        let head = unit / self.positions % self.heads;
        (f32::cast_from(head + 1) * -5.545_177_5f32 / f32::cast_from(self.heads)).exp()
    }
}

/// What is taken off a score for its distance.
#[cube]
fn fall(slope: f32, position: usize, other: usize, #[comptime] sloped: bool) -> f32 {
    if sloped {
        let distance = select(
            position > other,
            position - select(position > other, other, position),
            other - select(position > other, other, position),
        );
        slope * f32::cast_from(distance)
    } else {
        0.0f32.runtime()
    }
}

/// The first position that sees the one at `position`.
#[cube]
fn first(position: usize, #[comptime] causal: bool) -> usize {
    if causal { position } else { 0usize.runtime() }
}

/// `softmax(query key^T / sqrt(head width)) value`, and from `logs` on the logarithm of the sum of the exponentials of each row of scores.
#[cube(launch)]
fn outputs(
    query: LinearView<'_, f32>,
    key: LinearView<'_, f32>,
    value: LinearView<'_, f32>,
    output: &mut [f32],
    logs: usize,
    shape: Shape,
    #[comptime] causal: bool,
    #[comptime] sloped: bool,
) {
    if ABSOLUTE_POS >= shape.units {
        terminate!();
    }
    let columns = shape.columns();
    let start = shape.start(ABSOLUTE_POS);
    let position = shape.position(ABSOLUTE_POS);
    let row = shape.row(start, position);
    let (begin, end) = (shape.begin(position), shape.end(position, causal));
    let root = f32::cast_from(columns).sqrt();
    let slope_of_head = shape.slope(ABSOLUTE_POS);
    let mut largest =
        dot(&query, row, &key, shape.row(start, begin), columns) / root - fall(slope_of_head, position, begin, sloped);
    for other in begin + 1..end {
        let score =
            dot(&query, row, &key, shape.row(start, other), columns) / root - fall(slope_of_head, position, other, sloped);
        largest = largest.max(score);
    }
    for column in 0..columns {
        output[row + column] = 0.0;
    }
    let mut total = 0.0f32;
    for other in begin..end {
        let from = shape.row(start, other);
        let weight =
            (dot(&query, row, &key, from, columns) / root - fall(slope_of_head, position, other, sloped) - largest).exp();
        total += weight;
        for column in 0..columns {
            output[row + column] += weight * value.read(from + column);
        }
    }
    for column in 0..columns {
        output[row + column] /= total;
    }
    output[logs + ABSOLUTE_POS] = largest + total.ln();
}

/// The gradients of a query, which looks at some positions, and of a key and a value, which some positions look at. `kept`: outputs, and from `logs`
/// on the logarithms. `output`: gradients of queries, those of keys from `keys` on, those of values from `values` on.
#[cube(launch)]
fn gradients(
    query: LinearView<'_, f32>,
    key: LinearView<'_, f32>,
    value: LinearView<'_, f32>,
    grad: LinearView<'_, f32>,
    kept: &[f32],
    output: &mut [f32],
    logs: usize,
    keys: usize,
    values: usize,
    shape: Shape,
    #[comptime] causal: bool,
    #[comptime] sloped: bool,
) {
    if ABSOLUTE_POS >= shape.units {
        terminate!();
    }
    let columns = shape.columns();
    let start = shape.start(ABSOLUTE_POS);
    let position = shape.position(ABSOLUTE_POS);
    let row = shape.row(start, position);
    let root = f32::cast_from(columns).sqrt();
    let slope_of_head = shape.slope(ABSOLUTE_POS);
    for column in 0..columns {
        output[row + column] = 0.0;
        output[keys + row + column] = 0.0;
        output[values + row + column] = 0.0;
    }
    let log = kept[logs + ABSOLUTE_POS];
    let lost = loss(&grad, kept, row, columns);
    for other in shape.begin(position)..shape.end(position, causal) {
        let from = shape.row(start, other);
        let weight = (dot(&query, row, &key, from, columns) / root - fall(slope_of_head, position, other, sloped) - log).exp();
        let slope = weight * (dot(&grad, row, &value, from, columns) - lost) / root;
        for column in 0..columns {
            output[row + column] += slope * key.read(from + column);
        }
    }
    for other in first(position, causal)..shape.end_of_readers(position) {
        let from = shape.row(start, other);
        let log = kept[logs + ABSOLUTE_POS - position + other];
        let weight = (dot(&query, from, &key, row, columns) / root - fall(slope_of_head, other, position, sloped) - log).exp();
        let slope = weight * (dot(&grad, from, &value, row, columns) - loss(&grad, kept, from, columns)) / root;
        for column in 0..columns {
            output[keys + row + column] += slope * query.read(from + column);
            output[values + row + column] += weight * grad.read(from + column);
        }
    }
}

/// How much all weights of a row of scores lose in proportion: the mean of the weights' gradients, which is the product of the output and its gradient.
#[cube]
fn loss(grad: &LinearView<'_, f32>, output: &[f32], row: usize, columns: usize) -> f32 {
    let mut total = 0.0f32;
    for column in 0..columns {
        total += grad.read(row + column) * output[row + column];
    }
    total
}

/// The product of two rows.
#[cube]
fn dot(a: &LinearView<'_, f32>, a_start: usize, b: &LinearView<'_, f32>, b_start: usize, columns: usize) -> f32 {
    let mut total = 0.0f32;
    for column in 0..columns {
        total += a.read(a_start + column) * b.read(b_start + column);
    }
    total
}
