//! GELU, tanh approximation (Hendrycks & Gimpel 2016): `x / (1 + exp(-2u))` with `u = sqrt(2/pi) (x + 0.044715 x^3)`.

use super::vector::exp;

pub(super) const SLOPE: f32 = 0.797_884_6;
pub(super) const CUBIC: f32 = 0.044_715;

/// `output[i] = gelu(x[i])`.
pub(super) fn forward(x: &[f32], output: &mut [f32]) {
    for (output, &x) in output.iter_mut().zip(x) {
        *output = x * gate(x);
    }
}

/// `grad[i] *= gelu'(x[i])`.
pub(super) fn backward(x: &[f32], grad: &mut [f32]) {
    for (grad, &x) in grad.iter_mut().zip(x) {
        let gate = gate(x);
        let slope = 2.0 * SLOPE * (1.0 + 3.0 * CUBIC * x * x);
        *grad *= gate + x * gate * (1.0 - gate) * slope;
    }
}

#[inline(always)]
fn gate(x: f32) -> f32 {
    1.0 / (1.0 + exp(-2.0 * SLOPE * (x + CUBIC * x * x * x)))
}
