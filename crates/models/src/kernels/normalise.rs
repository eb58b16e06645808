//! Normalisations of rows of one width, each in one pass forward and one backward.
//!
//! A norm says in its own file what it does to one row and how gradients run back through it; the loops over rows and replicas are here.

use burn::tensor::Tensor;

/// A normalisation of each row, with a gain a channel and with or without a bias.
pub(crate) trait RowNorm {
    /// One row of the output. `x`, `gain`, `output`: `[width]`; `bias`: `[width]`, or anything for a norm without one. To be the same to the
    /// bit everywhere it is plain arithmetic, square roots and [`sum`](super::sum).
    fn forward(x: &[f32], gain: &[f32], bias: &[f32], output: &mut [f32]);

    /// What one row adds to the gradients. `dx` is written, `dgain` and `dbias` are added to; a norm without a bias leaves `dbias` alone.
    fn backward(x: &[f32], gain: &[f32], grad: &[f32], dx: &mut [f32], dgain: &mut [f32], dbias: &mut [f32]);

    /// The same function out of primitives, for devices without fused operations.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`; `gain`, `bias`: `[replicas, 1, width]`
    fn composed(x: Tensor<3>, gain: Tensor<3>, bias: Option<Tensor<3>>) -> Tensor<3>;
}

/// Rows of `width` numbers, `rows` of them a replica.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    pub rows: usize,
    pub width: usize,
}

/// All rows forward: of `x`, `gain`, `bias` and `output`.
type Forward = fn(Rows, &[f32], &[f32], &[f32], &mut [f32]);
/// All rows backward: of `x`, `gain`, `grad`, and the gradients of input, gain and bias, of which the last two start at zero.
type Backward = fn(Rows, &[f32], &[f32], &[f32], &mut [f32], &mut [f32], &mut [f32]);

/// The loops of one [`RowNorm`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Norm {
    pub forward: Forward,
    pub backward: Backward,
}

impl Norm {
    pub(super) fn of<N: RowNorm>() -> Self {
        Norm { forward: forward::<N>, backward: backward::<N> }
    }
}

fn forward<N: RowNorm>(shape: Rows, x: &[f32], gain: &[f32], bias: &[f32], output: &mut [f32]) {
    let bias_width = bias.len() * shape.width / gain.len();
    for (index, (x, output)) in x.chunks_exact(shape.width).zip(output.chunks_exact_mut(shape.width)).enumerate() {
        let replica = index / shape.rows;
        N::forward(x, &gain[replica * shape.width..][..shape.width], &bias[replica * bias_width..][..bias_width], output);
    }
}

fn backward<N: RowNorm>(
    shape: Rows,
    x: &[f32],
    gain: &[f32],
    grad: &[f32],
    dx: &mut [f32],
    dgain: &mut [f32],
    dbias: &mut [f32],
) {
    let bias_width = dbias.len() * shape.width / gain.len();
    let rows = x.chunks_exact(shape.width).zip(grad.chunks_exact(shape.width)).zip(dx.chunks_exact_mut(shape.width));
    for (index, ((x, grad), dx)) in rows.enumerate() {
        let of_gain = index / shape.rows * shape.width..(index / shape.rows + 1) * shape.width;
        let dbias = &mut dbias[index / shape.rows * bias_width..][..bias_width];
        N::backward(x, &gain[of_gain.clone()], grad, dx, &mut dgain[of_gain], dbias);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::kernels;
    use crate::weights::upload;
    use burn::tensor::Device;

    /// The two ways to the same norm: what every GPU computes against what the CPU computes.
    pub(crate) fn fused_and_composed_norms_agree<N: RowNorm>(has_bias: bool) {
        let tensor = |rows: usize, offset: f32| {
            let values = (0..2 * rows * 9).map(|index| (index as f32 * 1.7 + offset).sin() * 2.0 + 0.5).collect();
            Tensor::<3>::from_inner(upload(values, [2, rows, 9], &Device::flex())).require_grad()
        };
        let (x, gain, bias, slope) = (tensor(4, 0.3), tensor(1, 1.1), tensor(1, 2.7), tensor(4, 0.9));
        let bias = has_bias.then_some(bias);
        let all = |norm: fn(Tensor<3>, Tensor<3>, Option<Tensor<3>>) -> Tensor<3>| {
            let output = norm(x.clone(), gain.clone(), bias.clone());
            let gradients = (output.clone() * slope.clone()).sum().backward();
            let leaves = [&x, &gain].into_iter().chain(&bias).map(|leaf| leaf.grad(&gradients).expect("it was read"));
            let tensors: Vec<Tensor<3>> = std::iter::once(output.inner()).chain(leaves).collect();
            tensors.into_iter().flat_map(|tensor| tensor.into_data().try_into_vec::<f32>().unwrap()).collect::<Vec<_>>()
        };
        for (a, b) in all(kernels::norm::<N>).into_iter().zip(all(N::composed)) {
            assert!((a - b).abs() < 1e-5 * b.abs().max(1.0), "{a} and {b}");
        }
    }
}
