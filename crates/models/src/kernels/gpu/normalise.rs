//! Normalisations, a thread a row; the gradients of gain and bias, a thread a column.

#![allow(
    clippy::collapsible_if,
    reason = "what is known when a kernel is compiled stands alone, so that what it leaves out is not compiled"
)]

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::joined::Joined;
use super::matrices::{Matrices, Places};
use super::{Float, empty, threads};
use crate::kernels::Norm;
use crate::kernels::normalise::{Centre, EPSILON};

/// The norm of each row, and centre and scale of each row, which the backward pass reads.
pub(super) fn forward(x: Float, gain: &Matrices, bias: &Matrices, norm: Norm) -> [Float; 2] {
    let [replicas, rows, width] = x.shape().dims();
    let outputs = [empty(&x, x.shape()), empty(&x, [replicas, rows, 2])];
    let client = x.client.clone();
    let (count, dim) = threads(&x, replicas * rows);
    let [output, moments] = outputs.each_ref().map(|output| output.clone().into_buffer_arg());
    normalise::launch(
        &client,
        count,
        dim,
        x.into_linear_view(),
        gain.buffer(),
        bias.buffer(),
        output,
        moments,
        gain.places(),
        bias.places(),
        ShapeLaunch::new(replicas, rows, width),
        norm.centre == Centre::Mean,
        norm.biased,
    );
    outputs
}

/// What the backward pass reads.
pub(super) struct Kept {
    pub x: Float,
    /// Centre and scale of each row.
    pub moments: Float,
    pub gain: Matrices,
}

/// Where the gradients of gain and bias belong.
pub(super) struct OfParameters {
    pub gain: Matrices,
    /// Anything where the norm has no bias.
    pub bias: Matrices,
    /// Whether they are added to what is there.
    pub is_added: bool,
}

/// The gradient of the input, with `added` on it.
pub(super) fn backward(
    Kept { x, moments, gain }: Kept,
    grad: Float,
    added: Option<Float>,
    of_parameters: Option<OfParameters>,
    norm: Norm,
) -> Float {
    let [replicas, rows, width] = x.shape().dims();
    let output = empty(&x, x.shape());
    let (is_added, of_columns) = (added.is_some(), of_parameters.is_some());
    let added = added.unwrap_or_else(|| grad.clone());
    let of_parameters = of_parameters.unwrap_or_else(|| {
        let nothing = Matrices::of(&empty(&x, [1, 1, 1]));
        OfParameters { gain: nothing.clone(), bias: nothing, is_added: false }
    });
    let (count, dim) = threads(&x, replicas * (rows + if of_columns { width } else { 0 }));
    gradients::launch(
        &output.client,
        count,
        dim,
        x.into_linear_view(),
        moments.into_buffer_arg(),
        gain.buffer(),
        grad.into_linear_view(),
        added.into_linear_view(),
        output.clone().into_buffer_arg(),
        of_parameters.gain.buffer(),
        gain.places(),
        of_parameters.gain.places(),
        of_parameters.bias.places(),
        ShapeLaunch::new(replicas, rows, width),
        norm.centre == Centre::Mean,
        norm.biased,
        is_added,
        of_columns,
        of_parameters.is_added,
    );
    output
}

/// Gradients of input, gain and bias of a norm of which nothing was kept; that of a bias which the norm does not have holds nothing.
pub(super) fn backward_alone(x: Float, gain: Float, grad: Float, norm: Norm) -> (Float, Float, Float) {
    let of_parameters = Joined::empty(&x, vec![gain.shape(); 2]);
    let gain = Matrices::of(&gain);
    let [_, moments] = forward(x.clone(), &gain, &gain, Norm { biased: false, ..norm });
    let [of_gain, of_bias] = Matrices::joined(&of_parameters).apart();
    let of_input = backward(
        Kept { x, moments, gain },
        grad,
        None,
        Some(OfParameters { gain: of_gain, bias: of_bias, is_added: false }),
        norm,
    );
    let [of_gain, of_bias] = of_parameters.tensors();
    (of_input, of_gain, of_bias)
}

#[derive(CubeType, CubeLaunch)]
struct Shape {
    replicas: usize,
    /// Rows of a replica.
    rows: usize,
    width: usize,
}

/// `(x - centre) / sqrt(mean((x - centre)^2) + 1e-5) * gain + bias`.
#[cube(launch)]
fn normalise(
    x: LinearView<'_, f32>,
    gain: &[f32],
    bias: &[f32],
    output: &mut [f32],
    moments: &mut [f32],
    gain_places: Places,
    bias_places: Places,
    shape: Shape,
    #[comptime] centred: bool,
    #[comptime] biased: bool,
) {
    if ABSOLUTE_POS >= shape.replicas * shape.rows {
        terminate!();
    }
    let (width, replica) = (shape.width, ABSOLUTE_POS / shape.rows);
    let start = ABSOLUTE_POS * width;
    let centre = centre(&x, start, width, centred);
    let scale = scale(&x, start, width, centre);
    moments[2 * ABSOLUTE_POS] = centre;
    moments[2 * ABSOLUTE_POS + 1] = scale;
    let gain_start = gain_places.start(0, replica);
    let bias_start = bias_places.start(0, replica);
    for column in 0..width {
        let normal = (x.read(start + column) - centre) * scale;
        let mut scaled = normal * gain[gain_places.index(gain_start, 0, column)];
        if biased {
            scaled += bias[bias_places.index(bias_start, 0, column)];
        }
        output[start + column] = scaled;
    }
}

/// The gradient of the input, a thread a row, and behind those rows a thread for each column of gain and bias.
#[cube(launch)]
fn gradients(
    x: LinearView<'_, f32>,
    moments: &[f32],
    gain: &[f32],
    grad: LinearView<'_, f32>,
    added: LinearView<'_, f32>,
    output: &mut [f32],
    parameters: &mut [f32],
    gain_places: Places,
    of_gain: Places,
    of_bias: Places,
    shape: Shape,
    #[comptime] centred: bool,
    #[comptime] biased: bool,
    #[comptime] is_added: bool,
    #[comptime] of_columns: bool,
    #[comptime] adds_parameters: bool,
) {
    let width = shape.width;
    let rows = shape.replicas * shape.rows;
    if ABSOLUTE_POS < rows {
        let start = ABSOLUTE_POS * width;
        let gain_start = gain_places.start(0, ABSOLUTE_POS / shape.rows);
        let centre = moments[2 * ABSOLUTE_POS];
        let scale = moments[2 * ABSOLUTE_POS + 1];
        let mut pull = 0.0f32;
        let mut tilt = 0.0f32;
        for column in 0..width {
            let scaled = grad.read(start + column) * gain[gain_places.index(gain_start, 0, column)];
            if centred {
                pull += scaled;
            }
            tilt += scaled * (x.read(start + column) - centre) * scale;
        }
        pull /= width as f32;
        tilt /= width as f32;
        for column in 0..width {
            let normal = (x.read(start + column) - centre) * scale;
            let scaled = grad.read(start + column) * gain[gain_places.index(gain_start, 0, column)];
            let mut of_x = scale * (scaled - pull - normal * tilt);
            if is_added {
                of_x += added.read(start + column);
            }
            output[start + column] = of_x;
        }
    } else if of_columns {
        if ABSOLUTE_POS < rows + shape.replicas * width {
            let (replica, column) = ((ABSOLUTE_POS - rows) / width, (ABSOLUTE_POS - rows) % width);
            let mut gain_total = 0.0f32;
            let mut bias_total = 0.0f32;
            for row in replica * shape.rows..(replica + 1) * shape.rows {
                let grad = grad.read(row * width + column);
                gain_total += grad * (x.read(row * width + column) - moments[2 * row]) * moments[2 * row + 1];
                bias_total += grad;
            }
            put(parameters, of_gain.index(of_gain.start(0, replica), 0, column), gain_total, adds_parameters);
            if biased {
                put(parameters, of_bias.index(of_bias.start(0, replica), 0, column), bias_total, adds_parameters);
            }
        }
    }
}

/// Stores a number, or adds it to what is there.
#[cube]
fn put(numbers: &mut [f32], index: usize, number: f32, #[comptime] is_added: bool) {
    if is_added {
        numbers[index] += number;
    } else {
        numbers[index] = number;
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
