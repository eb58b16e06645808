//! Normalisations of rows of one width: the moments of each row, then one pass forward and one backward.
//!
//! `(x - centre) / sqrt(mean((x - centre)^2) + 1e-5) * gain + bias`: a norm says what its centre is and whether it has a bias, and runs on
//! the CPU here and on a GPU in `gpu/normalise.rs`.

use super::vector::sum;

/// Added to the mean square.
pub(crate) const EPSILON: f32 = 1e-5;

/// What the squares of a row are taken about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Centre {
    /// The mean of the row, which is subtracted; the mean square is the variance.
    Mean,
    /// Zero: nothing is subtracted.
    Zero,
}

/// A normalisation of each row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Norm {
    pub centre: Centre,
    /// Whether it has a bias. One that has none is given anything, and leaves the gradient of that alone.
    pub biased: bool,
}

/// Rows of `width` numbers, `rows` of them a replica, each replica with a gain and a bias of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub rows: usize,
    pub width: usize,
}

/// What a norm takes off a row, and what it multiplies the rest by: one over the root of the mean square about that.
pub(super) type Moments = [f32; 2];

impl Norm {
    /// Those of all rows.
    pub(super) fn moments(self, shape: Rows, x: &[f32], moments: &mut [Moments]) {
        let width = shape.width as f32;
        for (x, moments) in x.chunks_exact(shape.width).zip(moments) {
            let centre = match self.centre {
                Centre::Mean => sum([x], |[x]| x) / width,
                Centre::Zero => 0.0,
            };
            let square = sum([x], |[x]| (x - centre) * (x - centre)) / width;
            *moments = [centre, 1.0 / (square + EPSILON).sqrt()];
        }
    }

    /// All rows.
    pub(super) fn forward(self, shape: Rows, x: &[f32], moments: &[Moments], [gain, bias]: [&[f32]; 2], output: &mut [f32]) {
        let width = shape.width;
        let rows = x.chunks_exact(width).zip(moments).zip(output.chunks_exact_mut(width));
        for (index, ((x, &[centre, scale]), output)) in rows.enumerate() {
            let gain = &gain[index / shape.rows * width..][..width];
            let (x, output) = (&x[..width], &mut output[..width]);
            for column in 0..width {
                output[column] = (x[column] - centre) * scale * gain[column];
            }
            if self.biased {
                let bias = &bias[index / shape.rows * width..][..width];
                for column in 0..width {
                    output[column] += bias[column];
                }
            }
        }
    }

    /// Gradients of input, in place of that of the output, and of gain and bias, to which they are added.
    pub(super) fn backward(
        self,
        shape: Rows,
        x: &[f32],
        moments: &[Moments],
        gain: &[f32],
        grad: &mut [f32],
        [dgain, dbias]: [&mut [f32]; 2],
    ) {
        let width = shape.width;
        let rows = x.chunks_exact(width).zip(moments).zip(grad.chunks_exact_mut(width));
        for (index, ((x, &[centre, scale]), grad)) in rows.enumerate() {
            let replica = index / shape.rows * width;
            if self.biased {
                for (dbias, grad) in dbias[replica..][..width].iter_mut().zip(&*grad) {
                    *dbias += grad;
                }
            }
            let (gain, dgain) = (&gain[replica..][..width], &mut dgain[replica..][..width]);
            let (x, grad) = (&x[..width], &mut grad[..width]);
            let pull = match self.centre {
                Centre::Mean => sum([&*grad, gain], |[grad, gain]| grad * gain) / width as f32,
                Centre::Zero => 0.0,
            };
            let tilt = sum([&*grad, gain, x], |[grad, gain, x]| grad * gain * ((x - centre) * scale)) / width as f32;
            for column in 0..width {
                let normal = (x[column] - centre) * scale;
                dgain[column] += grad[column] * normal;
                grad[column] = scale * (grad[column] * gain[column] - pull - normal * tilt);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::tensor::Tensor;
    use crate::weights::upload;
    use burn::tensor::Device;

    /// A norm of input, gain and bias.
    type Function<T> = fn(T, T, T) -> T;

    /// A norm in one pass against the same norm out of primitives: outputs, and gradients of whatever has one.
    pub(crate) fn fused_and_composed_norms_agree(fused: Function<Tensor<3>>, composed: Function<burn::tensor::Tensor<3>>) {
        let tensor = |rows: usize, offset: f32| {
            let values = (0..2 * rows * 9).map(|index| (index as f32 * 1.7 + offset).sin() * 2.0 + 0.5).collect();
            Tensor::<3>::from_inner(upload(values, [2, rows, 9], &Device::flex())).require_grad()
        };
        let (x, gain, bias, slope) = (tensor(4, 0.3), tensor(1, 1.1), tensor(1, 2.7), tensor(4, 0.9));
        let all = |norm: &dyn Fn(Tensor<3>, Tensor<3>, Tensor<3>) -> Tensor<3>| {
            let output = norm(x.clone(), gain.clone(), bias.clone());
            let gradients = (output.clone() * slope.clone()).sum().backward();
            let leaves = [&x, &gain, &bias].map(|leaf| leaf.grad(&gradients)).into_iter().flatten();
            let tensors: Vec<Tensor<3>> = std::iter::once(output.inner()).chain(leaves).collect();
            tensors.into_iter().flat_map(|tensor| tensor.into_data().try_into_vec::<f32>().unwrap()).collect::<Vec<_>>()
        };
        let composed = |x: Tensor<3>, gain: Tensor<3>, bias: Tensor<3>| composed(x.into(), gain.into(), bias.into()).into();
        let (fused, composed) = (all(&fused), all(&composed));
        assert_eq!(fused.len(), composed.len());
        for (a, b) in fused.into_iter().zip(composed) {
            assert!((a - b).abs() < 1e-5 * b.abs().max(1.0), "{a} and {b}");
        }
    }
}
