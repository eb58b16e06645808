//! Softmax and cross-entropy against weighted targets, in one pass.

use super::vector::{exp, sum};

/// `-sum(target * log softmax(scores))` over rows of `classes` numbers. Rows without a target cost nothing.
pub(super) fn forward(classes: usize, scores: &[f32], target: &[f32]) -> f32 {
    // Rows are summed in double precision: a thousand small terms lose digits in single.
    let rows = scores.chunks_exact(classes).zip(target.chunks_exact(classes));
    let loss: f64 = rows.map(|(scores, target)| f64::from(row(scores, target))).sum();
    loss as f32
}

fn row(scores: &[f32], target: &[f32]) -> f32 {
    let weight = sum(target.len(), |class| target[class]);
    if weight == 0.0 {
        return 0.0;
    }
    let (largest, total) = partition(scores);
    let said = sum(scores.len(), |class| target[class] * (scores[class] - largest));
    weight * libm::logf(total) - said
}

/// `output = grad * (sum(target) * softmax(scores) - target)`.
pub(super) fn backward(classes: usize, scores: &[f32], target: &[f32], grad: f32, output: &mut [f32]) {
    let rows = scores.chunks_exact(classes).zip(target.chunks_exact(classes)).zip(output.chunks_exact_mut(classes));
    for ((scores, target), output) in rows {
        let weight = sum(target.len(), |class| target[class]);
        if weight == 0.0 {
            output.fill(0.0);
            continue;
        }
        let (largest, total) = partition(scores);
        let share = weight / total;
        for ((output, &score), &target) in output.iter_mut().zip(scores).zip(target) {
            *output = grad * (share * exp(score - largest) - target);
        }
    }
}

/// The largest score and the sum of the exponentials below it.
pub(super) fn partition(scores: &[f32]) -> (f32, f32) {
    let largest = scores.iter().fold(f32::NEG_INFINITY, |largest, &score| if score > largest { score } else { largest });
    (largest, sum(scores.len(), |class| exp(scores[class] - largest)))
}
