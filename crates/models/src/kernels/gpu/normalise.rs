//! Normalisations, a thread a row; the gradients of gain and bias, a thread a column.

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::{Float, empty, threads};
use crate::kernels::Norm;
use crate::kernels::normalise::{Centre, EPSILON};

pub(super) fn forward(x: Float, gain: Float, bias: Float, norm: Norm) -> Float {
    let [replicas, rows, width] = x.shape().dims();
    let output = empty(&x, x.shape());
    let (count, dim) = threads(&x, replicas * rows);
    let [x, gain, bias] = [x, gain, bias].map(Float::into_linear_view);
    let (centred, buffer) = (norm.centre == Centre::Mean, output.clone().into_buffer_arg());
    normalise::launch(&output.client, count, dim, x, gain, bias, buffer, rows, width, centred, norm.biased);
    output
}

/// Gradients of input, gain and bias; that of a bias which the norm does not have holds nothing.
pub(super) fn backward(x: Float, gain: Float, grad: Float, norm: Norm) -> (Float, Float, Float) {
    let [replicas, rows, width] = x.shape().dims();
    let (dx, moments) = (empty(&x, x.shape()), empty(&x, [replicas, rows, 2]));
    let (dgain, dbias) = (empty(&x, gain.shape()), empty(&x, gain.shape()));
    let centred = norm.centre == Centre::Mean;
    let client = x.client.clone();
    let buffer = |tensor: &Float| tensor.clone().into_buffer_arg();
    let (count, dim) = threads(&x, replicas * rows);
    let views = [&x, &gain, &grad].map(|tensor| tensor.clone().into_linear_view());
    let [x_view, gain, grad_view] = views;
    of_input::launch(&client, count, dim, x_view, gain, grad_view, buffer(&dx), buffer(&moments), rows, width, centred);
    let (count, dim) = threads(&x, replicas * width);
    let (x, grad) = (x.into_linear_view(), grad.into_linear_view());
    let (moments, outputs) = (buffer(&moments), (buffer(&dgain), buffer(&dbias)));
    of_parameters::launch(&client, count, dim, x, grad, moments, outputs.0, outputs.1, rows, width, norm.biased);
    (dx, dgain, dbias)
}

/// `(x - centre) / sqrt(mean((x - centre)^2) + 1e-5) * gain + bias`, with `rows` rows per replica.
#[cube(launch)]
fn normalise(
    x: LinearView<'_, f32>,
    gain: LinearView<'_, f32>,
    bias: LinearView<'_, f32>,
    output: &mut [f32],
    rows: usize,
    width: usize,
    #[comptime] centred: bool,
    #[comptime] biased: bool,
) {
    let start = ABSOLUTE_POS * width;
    if start >= output.len() {
        terminate!();
    }
    let parameters = ABSOLUTE_POS / rows * width;
    let centre = centre(&x, start, width, centred);
    let scale = scale(&x, start, width, centre);
    for column in 0..width {
        let normal = (x.read(start + column) - centre) * scale;
        let mut scaled = normal * gain.read(parameters + column);
        if biased {
            scaled += bias.read(parameters + column);
        }
        output[start + column] = scaled;
    }
}

/// The gradient of the input, and centre and scale of each row.
#[cube(launch)]
fn of_input(
    x: LinearView<'_, f32>,
    gain: LinearView<'_, f32>,
    grad: LinearView<'_, f32>,
    output: &mut [f32],
    moments: &mut [f32],
    rows: usize,
    width: usize,
    #[comptime] centred: bool,
) {
    let start = ABSOLUTE_POS * width;
    if start >= output.len() {
        terminate!();
    }
    let parameters = ABSOLUTE_POS / rows * width;
    let centre = centre(&x, start, width, centred);
    let scale = scale(&x, start, width, centre);
    moments[2 * ABSOLUTE_POS] = centre;
    moments[2 * ABSOLUTE_POS + 1] = scale;
    let mut pull = 0.0f32;
    let mut tilt = 0.0f32;
    for column in 0..width {
        let scaled = grad.read(start + column) * gain.read(parameters + column);
        if centred {
            pull += scaled;
        }
        tilt += scaled * (x.read(start + column) - centre) * scale;
    }
    pull /= width as f32;
    tilt /= width as f32;
    for column in 0..width {
        let normal = (x.read(start + column) - centre) * scale;
        let scaled = grad.read(start + column) * gain.read(parameters + column);
        output[start + column] = scale * (scaled - pull - normal * tilt);
    }
}

/// The gradients of gain and bias of a column.
#[cube(launch)]
fn of_parameters(
    x: LinearView<'_, f32>,
    grad: LinearView<'_, f32>,
    moments: &[f32],
    gain: &mut [f32],
    bias: &mut [f32],
    rows: usize,
    width: usize,
    #[comptime] biased: bool,
) {
    if ABSOLUTE_POS >= gain.len() {
        terminate!();
    }
    let first = ABSOLUTE_POS / width * rows;
    let column = ABSOLUTE_POS % width;
    let mut of_gain = 0.0f32;
    let mut of_bias = 0.0f32;
    for row in first..first + rows {
        let grad = grad.read(row * width + column);
        of_gain += grad * (x.read(row * width + column) - moments[2 * row]) * moments[2 * row + 1];
        of_bias += grad;
    }
    gain[ABSOLUTE_POS] = of_gain;
    if biased {
        bias[ABSOLUTE_POS] = of_bias;
    }
}

/// The mean of a row, or zero.
#[cube]
fn centre(x: &LinearView<'_, f32>, start: usize, width: usize, #[comptime] centred: bool) -> f32 {
    let mut total = 0.0f32;
    if centred {
        for column in 0..width {
            total += x.read(start + column);
        }
    }
    total / width as f32
}

/// One over the root of the mean square about the centre.
#[cube]
fn scale(x: &LinearView<'_, f32>, start: usize, width: usize, centre: f32) -> f32 {
    let mut total = 0.0f32;
    for column in 0..width {
        let offset = x.read(start + column) - centre;
        total += offset * offset;
    }
    1.0 / (total / width as f32 + EPSILON).sqrt()
}
