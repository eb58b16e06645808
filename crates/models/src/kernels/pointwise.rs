//! Functions of each number by itself, such as activations, in one pass forward and one backward.
//!
//! Such a function says its value and its slope once, for one number, in its own file; the loops over memory are here.

use burn::tensor::Tensor;

/// A differentiable function of one number.
pub(crate) trait Pointwise {
    /// The function. To be the same to the bit everywhere it is plain arithmetic and [`exp`].
    fn value(x: f32) -> f32;

    /// Its derivative.
    fn slope(x: f32) -> f32;

    /// The same function out of primitives, for devices without fused operations.
    ///
    /// # Shapes
    /// - any, the same
    fn composed(x: Tensor<3>) -> Tensor<3>;
}

/// The loops of one [`Pointwise`] function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve {
    /// `output[i] = value(x[i])`.
    pub forward: fn(&[f32], &mut [f32]),
    /// `output[i] = grad[i] * slope(x[i])`, of `x`, `grad` and `output`.
    pub backward: fn(&[f32], &[f32], &mut [f32]),
}

impl Curve {
    pub(super) fn of<P: Pointwise>() -> Self {
        Curve { forward: forward::<P>, backward: backward::<P> }
    }
}

fn forward<P: Pointwise>(x: &[f32], output: &mut [f32]) {
    for (output, &x) in output.iter_mut().zip(x) {
        *output = P::value(x);
    }
}

fn backward<P: Pointwise>(x: &[f32], grad: &[f32], output: &mut [f32]) {
    for ((output, &x), &grad) in output.iter_mut().zip(x).zip(grad) {
        *output = grad * P::slope(x);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::kernels;
    use crate::weights::upload;
    use burn::tensor::Device;

    /// The two ways to the same function: what every GPU computes against what the CPU computes.
    pub(crate) fn fused_and_composed_agree<P: Pointwise>() {
        let x: Vec<f32> = (-80..80).map(|step| step as f32 / 10.0).collect();
        let input = || Tensor::<3>::from_inner(upload(x.clone(), [1, 1, 160], &Device::flex())).require_grad();
        let value_and_slope = |function: fn(Tensor<3>) -> Tensor<3>| {
            let input = input();
            let output = function(input.clone());
            let slope = input.grad(&output.clone().sum().backward()).expect("the output depends on the input");
            [output.inner(), slope].map(|tensor| tensor.into_data().try_into_vec::<f32>().unwrap())
        };
        let (fused, composed) = (value_and_slope(kernels::pointwise::<P>), value_and_slope(P::composed));
        for (a, b) in fused.concat().into_iter().zip(composed.concat()) {
            assert!((a - b).abs() < 1e-5 * b.abs().max(1.0), "{a} and {b}");
        }
    }
}
