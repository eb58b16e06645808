//! Softmax and cross-entropy against one integer class a row, a thread a row.

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::sums::sums;
use super::{Float, Int, empty, threads};

/// `sum(weights * -log softmax(scores)[targets])` of each replica.
pub(super) fn forward(scores: Float, targets: Int, weights: Float) -> Float {
    let [replicas, rows, classes] = scores.shape().dims();
    let losses = empty(&scores, [replicas, rows]);
    let (count, dim) = threads(&scores, replicas * rows);
    let inputs = (scores.into_linear_view(), targets.into_linear_view(), weights.into_linear_view());
    values::launch(&losses.client, count, dim, inputs.0, inputs.1, inputs.2, losses.clone().into_buffer_arg(), classes);
    sums(losses, [replicas, 1, 1], false)
}

pub(super) fn backward(scores: Float, targets: Int, weights: Float, grad: Float) -> Float {
    let [replicas, rows, classes] = scores.shape().dims();
    let output = empty(&scores, scores.shape());
    let (count, dim) = threads(&scores, replicas * rows);
    let inputs = (scores.into_linear_view(), targets.into_linear_view(), weights.into_linear_view());
    let (grad, buffer) = (grad.into_linear_view(), output.clone().into_buffer_arg());
    gradients::launch(&output.client, count, dim, inputs.0, inputs.1, inputs.2, grad, buffer, rows, classes);
    output
}

#[cube(launch)]
fn values(
    scores: LinearView<'_, f32>,
    targets: LinearView<'_, i32>,
    weights: LinearView<'_, f32>,
    losses: &mut [f32],
    classes: usize,
) {
    if ABSOLUTE_POS >= losses.len() {
        terminate!();
    }
    let weight = weights.read(ABSOLUTE_POS);
    let mut loss = 0.0f32;
    // A row without a target costs nothing, whatever its scores are.
    if weight != 0.0 {
        let start = ABSOLUTE_POS * classes;
        let largest = largest(&scores, start, classes);
        let total = total(&scores, start, classes, largest);
        let target = usize::cast_from(targets.read(ABSOLUTE_POS));
        loss = weight * (total.ln() - (scores.read(start + target) - largest));
    }
    losses[ABSOLUTE_POS] = loss;
}

#[cube(launch)]
fn gradients(
    scores: LinearView<'_, f32>,
    targets: LinearView<'_, i32>,
    weights: LinearView<'_, f32>,
    grad: LinearView<'_, f32>,
    output: &mut [f32],
    rows: usize,
    classes: usize,
) {
    let start = ABSOLUTE_POS * classes;
    if start >= output.len() {
        terminate!();
    }
    let weight = weights.read(ABSOLUTE_POS);
    if weight == 0.0 {
        for class in 0..classes {
            output[start + class] = 0.0;
        }
    } else {
        let grad = grad.read(ABSOLUTE_POS / rows);
        let largest = largest(&scores, start, classes);
        let share = weight / total(&scores, start, classes, largest);
        for class in 0..classes {
            output[start + class] = grad * share * (scores.read(start + class) - largest).exp();
        }
        output[start + usize::cast_from(targets.read(ABSOLUTE_POS))] -= grad * weight;
    }
}

#[cube]
fn largest(scores: &LinearView<'_, f32>, start: usize, classes: usize) -> f32 {
    let mut largest = scores.read(start);
    for class in 1..classes {
        largest = largest.max(scores.read(start + class));
    }
    largest
}

/// The sum of the exponentials below the largest.
#[cube]
fn total(scores: &LinearView<'_, f32>, start: usize, classes: usize, largest: f32) -> f32 {
    let mut total = 0.0f32;
    for class in 0..classes {
        total += (scores.read(start + class) - largest).exp();
    }
    total
}
