//! GELU and its gradient, a thread a number.

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::{Float, empty, threads};
use crate::kernels::gelu::{CUBIC, SLOPE};

/// The largest number whose exponential is finite, and whose inverse is not zero.
const LARGEST: f32 = 87.0;

pub(super) fn forward(x: Float) -> Float {
    let output = empty(&x, x.shape());
    let (count, dim) = threads(&x, x.shape().num_elements());
    values::launch(&output.client, count, dim, x.into_linear_view(), output.clone().into_buffer_arg());
    output
}

pub(super) fn backward(x: Float, grad: Float) -> Float {
    let output = empty(&x, x.shape());
    let (count, dim) = threads(&x, x.shape().num_elements());
    let (x, grad) = (x.into_linear_view(), grad.into_linear_view());
    gradients::launch(&output.client, count, dim, x, grad, output.clone().into_buffer_arg());
    output
}

#[cube(launch)]
fn values(x: LinearView<'_, f32>, output: &mut [f32]) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    let x = x.read(ABSOLUTE_POS);
    output[ABSOLUTE_POS] = x * gate(x);
}

#[cube(launch)]
fn gradients(x: LinearView<'_, f32>, grad: LinearView<'_, f32>, output: &mut [f32]) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    let x = x.read(ABSOLUTE_POS);
    let gate = gate(x);
    let slope = 2.0 * SLOPE * (1.0 + 3.0 * CUBIC * x * x);
    output[ABSOLUTE_POS] = grad.read(ABSOLUTE_POS) * (gate + x * gate * (1.0 - gate) * slope);
}

#[cube]
fn gate(x: f32) -> f32 {
    let exponent = -2.0 * SLOPE * (x + CUBIC * x * x * x);
    1.0 / (1.0 + exponent.min(LARGEST).exp())
}
