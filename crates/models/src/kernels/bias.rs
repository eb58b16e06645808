//! A bias on every row, one for each replica.

use super::normalise::Rows;

impl Rows {
    /// `x[row] += bias`.
    pub(super) fn add_bias(self, bias: &[f32], x: &mut [f32]) {
        for (index, x) in x.chunks_exact_mut(self.width).enumerate() {
            let bias = &bias[index / self.rows * self.width..][..self.width];
            for (x, bias) in x.iter_mut().zip(bias) {
                *x += bias;
            }
        }
    }

    /// The gradient of the bias, which must start at zero: the sum of the rows, in their order.
    pub(super) fn sum_rows(self, grad: &[f32], output: &mut [f32]) {
        for (index, grad) in grad.chunks_exact(self.width).enumerate() {
            let output = &mut output[index / self.rows * self.width..][..self.width];
            for (output, grad) in output.iter_mut().zip(grad) {
                *output += grad;
            }
        }
    }
}
