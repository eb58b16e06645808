//! The gradient of a bias that was added to every row.

use super::normalise::Rows;

impl Rows {
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
