//! The gradient of a bias that was added to every row, a thread a column.

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::{Float, empty, threads};

pub(super) fn sum_rows(grad: Float) -> Float {
    let [replicas, rows, width] = grad.shape().dims();
    let output = empty(&grad, [replicas, 1, width]);
    let (count, dim) = threads(&grad, replicas * width);
    gradients::launch(&output.client, count, dim, grad.into_linear_view(), output.clone().into_buffer_arg(), rows, width);
    output
}

#[cube(launch)]
fn gradients(grad: LinearView<'_, f32>, output: &mut [f32], rows: usize, width: usize) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    let first = ABSOLUTE_POS / width * rows;
    let mut total = 0.0f32;
    for row in first..first + rows {
        total += grad.read(row * width + ABSOLUTE_POS % width);
    }
    output[ABSOLUTE_POS] = total;
}
