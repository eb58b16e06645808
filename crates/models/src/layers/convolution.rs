//! A short causal convolution over positions, each channel by itself, added to what it reads (Gu & Dao 2023, Mamba,
//! <https://arxiv.org/abs/2312.00752>; Allen-Zhu 2025, Canon layers, <https://arxiv.org/abs/2512.17351>).

use crate::batch::repeated;
use crate::kernels;
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// `x_t + sum over j of w_j * x_(t - j)`, with `positions` that reach back no further than the first.
#[derive(Clone, Copy)]
pub(crate) struct Convolution {
    pub width: usize,
    /// Positions that one reads, itself among them.
    pub kernel: usize,
}

impl Convolution {
    /// One row of weights for each position back, which are looked up and do not decay. They start as those of PyTorch's convolutions do.
    pub(crate) fn parameters(&self, path: &str) -> Vec<Parameter> {
        let std = 1.0 / (3.0 * self.kernel as f64).sqrt();
        vec![Parameter::table(format!("{path}.weight"), self.kernel, self.width, std)]
    }

    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    pub(crate) fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let [replicas, rows, _] = x.dims();
        let weight = scope.weight("weight");
        // One reader of what comes in, as in attention.
        let x = x * 1.0;
        let term = |back: usize| {
            // A row of weights for every row of the stream: its gradient is summed row by row.
            let which = repeated(back as i32, [replicas, rows], &x.device());
            kernels::gather(weight.clone(), which) * delayed(x.clone(), positions, back)
        };
        (0..self.kernel.min(positions)).fold(x.clone(), |sum, back| sum + term(back))
    }

    /// Numbers that are kept for the backward pass, per position.
    pub(crate) fn kept(&self) -> usize {
        self.kernel.saturating_mul(self.width).saturating_mul(3)
    }
}

/// What stood `back` positions before; zeros at the first positions of each example.
///
/// # Shapes
/// - `x`, result: `[replicas, examples * positions, width]`
fn delayed(x: Tensor<3>, positions: usize, back: usize) -> Tensor<3> {
    if back == 0 {
        return x;
    }
    let [replicas, rows, width] = x.dims();
    let examples = rows / positions;
    let zeros = Tensor::zeros([replicas, examples, back * width], &x.device());
    let kept = x.reshape([replicas, examples, positions * width]).narrow(2, 0, (positions - back) * width);
    Tensor::cat(vec![zeros, kept], 2).reshape([replicas, rows, width])
}
