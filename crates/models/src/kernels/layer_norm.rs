//! Layer norm over rows of one width, with a gain and a bias for each replica.

use super::vector::sum;

/// Added to the variance.
pub(super) const EPSILON: f32 = 1e-5;

/// Rows of `width` numbers, `rows` of them a replica.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub rows: usize,
    pub width: usize,
}

impl Rows {
    /// `(x - mean) / deviation * gain + bias`.
    pub(super) fn forward(self, x: &[f32], gain: &[f32], bias: &[f32], output: &mut [f32]) {
        for (index, (x, output)) in x.chunks_exact(self.width).zip(output.chunks_exact_mut(self.width)).enumerate() {
            let replica = index / self.rows * self.width..(index / self.rows + 1) * self.width;
            let (gain, bias) = (&gain[replica.clone()], &bias[replica]);
            let (mean, scale) = moments(x);
            for column in 0..self.width {
                output[column] = (x[column] - mean) * scale * gain[column] + bias[column];
            }
        }
    }

    /// Gradients of input, in place of that of the output, and of gain and bias; these two must start at zero.
    pub(super) fn backward(self, x: &[f32], gain: &[f32], grad: &mut [f32], dgain: &mut [f32], dbias: &mut [f32]) {
        let width = self.width as f32;
        let rows = x.chunks_exact(self.width).zip(grad.chunks_exact_mut(self.width));
        for (index, (x, grad)) in rows.enumerate() {
            let replica = index / self.rows * self.width..(index / self.rows + 1) * self.width;
            let (gain, dgain, dbias) = (&gain[replica.clone()], &mut dgain[replica.clone()], &mut dbias[replica]);
            let (mean, scale) = moments(x);
            let (x, grad) = (&x[..self.width], &mut grad[..self.width]);
            let pull = sum(self.width, |column| grad[column] * gain[column]) / width;
            let tilt = sum(self.width, |column| grad[column] * gain[column] * ((x[column] - mean) * scale)) / width;
            for column in 0..self.width {
                let normal = (x[column] - mean) * scale;
                dgain[column] += grad[column] * normal;
                dbias[column] += grad[column];
                grad[column] = scale * (grad[column] * gain[column] - pull - normal * tilt);
            }
        }
    }
}

/// Mean and one over the standard deviation.
fn moments(x: &[f32]) -> (f32, f32) {
    let width = x.len() as f32;
    let mean = sum(x.len(), |column| x[column]) / width;
    let variance = sum(x.len(), |column| (x[column] - mean) * (x[column] - mean)) / width;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}
