//! Softmax and cross-entropy against one integer class a row, in one pass.

use super::vector::{exp, largest, sum};

/// `sum(weights * -log softmax(scores)[targets])` over rows of `classes` numbers. Rows of weight 0 cost nothing, whatever their target.
pub(super) fn forward(classes: usize, scores: &[f32], targets: &[usize], weights: &[f32]) -> f32 {
    // Rows are summed in double precision: a thousand small terms lose digits in single.
    let rows = scores.chunks_exact(classes).zip(targets).zip(weights);
    let loss: f64 = rows.map(|((scores, &target), &weight)| f64::from(row(scores, target, weight))).sum();
    loss as f32
}

fn row(scores: &[f32], target: usize, weight: f32) -> f32 {
    if weight == 0.0 {
        return 0.0;
    }
    let (largest, total) = partition(scores);
    weight * libm::logf(total) - weight * (scores[target] - largest)
}

/// `output = grad * weights * (softmax(scores) - one-hot(targets))`.
pub(super) fn backward(classes: usize, scores: &[f32], targets: &[usize], weights: &[f32], grad: f32, output: &mut [f32]) {
    let rows = scores.chunks_exact(classes).zip(targets).zip(weights).zip(output.chunks_exact_mut(classes));
    for (((scores, &target), &weight), output) in rows {
        if weight == 0.0 {
            output.fill(0.0);
            continue;
        }
        let (largest, total) = partition(scores);
        let share = weight / total;
        for (output, &score) in output.iter_mut().zip(scores) {
            *output = grad * (share * exp(score - largest));
        }
        output[target] = grad * (share * exp(scores[target] - largest) - weight);
    }
}

/// The largest score and the sum of the exponentials below it.
fn partition(scores: &[f32]) -> (f32, f32) {
    let top = largest(scores);
    (top, sum([scores], |[score]| exp(score - top)))
}
