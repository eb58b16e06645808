//! Rows of a table by integer tokens, a thread a number.

use burn::backend::TensorMetadata;
use burn::cubecl;
use burn::tensor::Shape;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::{Float, Int, empty, threads};

pub(super) fn forward(table: Float, tokens: Int) -> Float {
    let [replicas, vocabulary, width] = table.shape().dims();
    let rows = tokens.shape()[1];
    let output = empty(&table, [replicas, rows, width]);
    let (count, dim) = threads(&output, replicas * rows * width);
    let (table, tokens) = (table.into_linear_view(), tokens.into_linear_view());
    values::launch(&output.client, count, dim, table, tokens, output.clone().into_buffer_arg(), rows, vocabulary, width);
    output
}

/// The gradient of the table, which has the given shape.
pub(super) fn backward(table: Shape, tokens: Int, grad: Float) -> Float {
    let [_, vocabulary, width] = table.dims();
    let rows = tokens.shape()[1];
    let output = empty(&grad, table.clone());
    let (count, dim) = threads(&output, table.num_elements());
    let (tokens, grad) = (tokens.into_linear_view(), grad.into_linear_view());
    gradients::launch(&output.client, count, dim, tokens, grad, output.clone().into_buffer_arg(), rows, vocabulary, width);
    output
}

#[cube(launch)]
fn values(
    table: LinearView<'_, f32>,
    tokens: LinearView<'_, i32>,
    output: &mut [f32],
    rows: usize,
    vocabulary: usize,
    width: usize,
) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    let row = ABSOLUTE_POS / width;
    let token = usize::cast_from(tokens.read(row));
    output[ABSOLUTE_POS] = table.read((row / rows * vocabulary + token) * width + ABSOLUTE_POS % width);
}

/// Each number of the table sums over the rows that read it.
#[cube(launch)]
fn gradients(
    tokens: LinearView<'_, i32>,
    grad: LinearView<'_, f32>,
    output: &mut [f32],
    rows: usize,
    vocabulary: usize,
    width: usize,
) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    let entry = ABSOLUTE_POS / width;
    let token = i32::cast_from(entry % vocabulary);
    let first = entry / vocabulary * rows;
    let mut total = 0.0f32;
    for row in first..first + rows {
        if tokens.read(row) == token {
            total += grad.read(row * width + ABSOLUTE_POS % width);
        }
    }
    output[ABSOLUTE_POS] = total;
}
