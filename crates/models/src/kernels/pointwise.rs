//! Functions of each number by itself, such as activations, in one pass forward and one backward.
//!
//! Such a function says its value and its slope once, in its own file, for anything that can be added and multiplied. The loops over memory
//! are here; a GPU has both formulas written into kernels.

use crate::arithmetic::Arithmetic;

/// A differentiable function of one number.
pub(crate) trait Pointwise: Send + Sync + 'static {
    /// The function.
    fn value<N: Arithmetic>(x: N) -> N;

    /// Its derivative.
    fn slope<N: Arithmetic>(x: N) -> N;
}

/// The loops of one [`Pointwise`] function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve {
    /// `output[i] = value(x[i])`.
    pub forward: fn(&[f32], &mut [f32]),
    /// `output[i] = value(x[i])` and `x[i] = slope(x[i])`: what the two have in common is computed once.
    pub forward_with_slope: fn(&mut [f32], &mut [f32]),
    /// The same on a GPU.
    #[cfg(feature = "gpu")]
    pub launch: super::gpu::pointwise::Launch,
}

impl Curve {
    pub(crate) const fn of<P: Pointwise>() -> Self {
        Curve {
            forward: forward::<P>,
            forward_with_slope: forward_with_slope::<P>,
            #[cfg(feature = "gpu")]
            launch: super::gpu::pointwise::Launch::of::<P>(),
        }
    }
}

fn forward<P: Pointwise>(x: &[f32], output: &mut [f32]) {
    for (output, &x) in output.iter_mut().zip(x) {
        *output = P::value(x);
    }
}

fn forward_with_slope<P: Pointwise>(x: &mut [f32], output: &mut [f32]) {
    for (output, x) in output.iter_mut().zip(x) {
        *output = P::value(*x);
        *x = P::slope(*x);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::kernels;
    use crate::tensor::Tensor;
    use crate::weights::upload;
    use burn::tensor::Device;

    /// A function in one pass against the same function out of primitives.
    pub(crate) fn fused_and_composed_agree<P: Pointwise>(composed: fn(burn::tensor::Tensor<3>) -> burn::tensor::Tensor<3>) {
        let composed = |x: Tensor<3>| composed(x.into()).into();
        let x: Vec<f32> = (-80..80).map(|step| step as f32 / 10.0).collect();
        let input = || Tensor::<3>::from_inner(upload(x.clone(), [1, 1, 160], &Device::flex())).require_grad();
        let value_and_slope = |function: &dyn Fn(Tensor<3>) -> Tensor<3>| {
            let input = input();
            let output = function(input.clone());
            let slope = input.grad(&output.clone().sum().backward()).expect("the output depends on the input");
            [output.inner(), slope].map(|tensor| tensor.into_data().try_into_vec::<f32>().unwrap())
        };
        let (fused, composed) = (value_and_slope(&|x| kernels::pointwise(x, Curve::of::<P>())), value_and_slope(&composed));
        for (a, b) in fused.concat().into_iter().zip(composed.concat()) {
            assert!((a - b).abs() < 1e-5 * b.abs().max(1.0), "{a} and {b}");
        }
    }
}
