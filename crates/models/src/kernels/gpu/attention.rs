//! Softmax attention, a thread for each position of each head.
//!
//! Scores are computed where they are needed and never stored (after Dao et al. 2022, <https://arxiv.org/abs/2205.14135>); what the
//! backward pass keeps of a row of scores is the logarithm of its sum, and how much all its weights lose in proportion.

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::{Float, empty, threads};
use crate::kernels::Heads;

pub(super) fn forward(projected: [Float; 3], heads: Heads) -> Float {
    let output = empty(&projected[0], projected[0].shape());
    let (shape, units) = shape(&output, heads);
    let (count, dim) = threads(&output, units);
    let [query, key, value] = projected.map(Float::into_linear_view);
    outputs::launch(
        &output.client,
        count,
        dim,
        query,
        key,
        value,
        output.clone().into_buffer_arg(),
        shape,
        heads.causal,
        heads.sloped,
    );
    output
}

/// Gradients of query, key and value.
pub(super) fn backward(projected: [Float; 3], grad: Float, heads: Heads) -> (Float, Float, Float) {
    let client = &grad.client;
    let [dquery, dkey, dvalue] = [(); 3].map(|()| empty(&grad, grad.shape()));
    let buffer = |tensor: &Float| tensor.clone().into_buffer_arg();
    let view = |tensor: &Float| tensor.clone().into_linear_view();
    let inputs = || [&projected[0], &projected[1], &projected[2], &grad].map(view);
    let (_, units) = shape(&grad, heads);
    let rows = empty(&grad, [units, 2]);
    let (count, dim) = threads(&grad, units);
    let [query, key, value, slope] = inputs();
    let (outputs, shape_of) = ((buffer(&dquery), buffer(&rows)), || shape(&grad, heads).0);
    of_query::launch(client, count, dim, query, key, value, slope, outputs.0, outputs.1, shape_of(), heads.causal, heads.sloped);
    let (count, dim) = threads(&grad, units);
    let [query, key, value, slope] = inputs();
    let outputs = (buffer(&rows), buffer(&dkey), buffer(&dvalue));
    of_key_and_value::launch(
        client,
        count,
        dim,
        query,
        key,
        value,
        slope,
        outputs.0,
        outputs.1,
        outputs.2,
        shape_of(),
        heads.causal,
        heads.sloped,
    );
    (dquery, dkey, dvalue)
}

/// How the rows and columns belong together, and how many pairs of a position and a head there are.
fn shape(tensor: &Float, heads: Heads) -> (ShapeLaunch, usize) {
    let [replicas, rows, width] = tensor.shape().dims();
    (ShapeLaunch::new(heads.positions, heads.heads, width, heads.window), replicas * rows * heads.heads)
}

/// How rows and columns belong together.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
struct Shape {
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

/// `softmax(query key^T / sqrt(head width)) value`.
#[cube(launch)]
fn outputs(
    query: LinearView<'_, f32>,
    key: LinearView<'_, f32>,
    value: LinearView<'_, f32>,
    output: &mut [f32],
    shape: Shape,
    #[comptime] causal: bool,
    #[comptime] sloped: bool,
) {
    let columns = shape.columns();
    if ABSOLUTE_POS >= output.len() / columns {
        terminate!();
    }
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
}

/// The gradient of a query, and what the other two kernels' threads need to know of its row of scores.
#[cube(launch)]
fn of_query(
    query: LinearView<'_, f32>,
    key: LinearView<'_, f32>,
    value: LinearView<'_, f32>,
    grad: LinearView<'_, f32>,
    output: &mut [f32],
    rows: &mut [f32],
    shape: Shape,
    #[comptime] causal: bool,
    #[comptime] sloped: bool,
) {
    let columns = shape.columns();
    if ABSOLUTE_POS >= output.len() / columns {
        terminate!();
    }
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
    let mut total = 0.0f32;
    let mut shared = 0.0f32;
    for other in begin..end {
        let from = shape.row(start, other);
        let weight =
            (dot(&query, row, &key, from, columns) / root - fall(slope_of_head, position, other, sloped) - largest).exp();
        total += weight;
        shared += weight * dot(&grad, row, &value, from, columns);
    }
    shared /= total;
    rows[2 * ABSOLUTE_POS] = largest + total.ln();
    rows[2 * ABSOLUTE_POS + 1] = shared;
    for column in 0..columns {
        output[row + column] = 0.0;
    }
    for other in begin..end {
        let from = shape.row(start, other);
        let weight =
            (dot(&query, row, &key, from, columns) / root - fall(slope_of_head, position, other, sloped) - largest).exp() / total;
        let slope = weight * (dot(&grad, row, &value, from, columns) - shared) / root;
        for column in 0..columns {
            output[row + column] += slope * key.read(from + column);
        }
    }
}

/// The gradients of a key and a value: a sum over the positions that look at it.
#[cube(launch)]
fn of_key_and_value(
    query: LinearView<'_, f32>,
    key: LinearView<'_, f32>,
    value: LinearView<'_, f32>,
    grad: LinearView<'_, f32>,
    rows: &[f32],
    of_key: &mut [f32],
    of_value: &mut [f32],
    shape: Shape,
    #[comptime] causal: bool,
    #[comptime] sloped: bool,
) {
    let columns = shape.columns();
    if ABSOLUTE_POS >= of_key.len() / columns {
        terminate!();
    }
    let start = shape.start(ABSOLUTE_POS);
    let position = shape.position(ABSOLUTE_POS);
    let row = shape.row(start, position);
    let first = first(position, causal);
    let end = shape.end_of_readers(position);
    let slope_of_head = shape.slope(ABSOLUTE_POS);
    let root = f32::cast_from(columns).sqrt();
    for column in 0..columns {
        of_key[row + column] = 0.0;
        of_value[row + column] = 0.0;
    }
    for other in first..end {
        let from = shape.row(start, other);
        let unit = ABSOLUTE_POS - position + other;
        let weight =
            (dot(&query, from, &key, row, columns) / root - fall(slope_of_head, other, position, sloped) - rows[2 * unit]).exp();
        let slope = weight * (dot(&grad, from, &value, row, columns) - rows[2 * unit + 1]) / root;
        for column in 0..columns {
            of_key[row + column] += slope * query.read(from + column);
            of_value[row + column] += weight * grad.read(from + column);
        }
    }
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
