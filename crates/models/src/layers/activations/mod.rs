//! Non-linearities, one per file.

mod gelu;
mod identity;
mod relu;
mod silu;
mod squared_relu;

use crate::entry::Entry;
use crate::kernels::{self, Curve, Pointwise};
use crate::tensor::Tensor;

/// A function of each number by itself.
#[derive(Clone, Copy, Debug)]
pub struct Activation {
    /// Value and slope.
    pub(crate) curve: Curve,
}

impl Activation {
    const fn of<P: Pointwise>() -> Self {
        Activation { curve: Curve::of::<P>() }
    }

    /// The function of each number of `x`. Shapes: any, the same.
    pub fn apply(self, x: Tensor<3>) -> Tensor<3> {
        kernels::pointwise(x, self.curve)
    }
}

/// All of them; the first is the default.
pub const ACTIVATIONS: &[Entry<Activation>] = &[gelu::ENTRY, relu::ENTRY, silu::ENTRY, squared_relu::ENTRY, identity::ENTRY];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::upload;
    use burn::tensor::Device;

    /// What the CPU computes of some numbers, and the gradients of that.
    fn value_and_slope(activation: Activation, x: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let input = Tensor::<3>::from_inner(upload(x.to_vec(), [1, 1, x.len()], &Device::flex())).require_grad();
        let output = activation.apply(input.clone());
        let slope = input.grad(&output.clone().sum().backward()).expect("the output depends on the input");
        let host = |tensor: Tensor<3>| tensor.into_data().try_into_vec::<f32>().unwrap();
        (host(output.inner()), host(slope))
    }

    /// Central differences in single precision: good to a thousandth where the curve is smooth.
    #[test]
    fn the_slope_of_every_activation_is_the_slope_of_its_value() {
        const STEP: f32 = 0.01;
        // Not at zero, where ReLU has a corner.
        let x: Vec<f32> = (-60..60).map(|step| step as f32 / 8.0 + 0.05).collect();
        for entry in ACTIVATIONS {
            let at = |by: f32| value_and_slope(entry.value, &x.iter().map(|x| x + by).collect::<Vec<_>>());
            let ((above, _), (below, _), (_, slope)) = (at(STEP), at(-STEP), at(0.0));
            for (index, slope) in slope.iter().enumerate() {
                let seen = (above[index] - below[index]) / (2.0 * STEP);
                assert!((seen - slope).abs() < 1e-3, "{} at {}: {seen} and {slope}", entry.name, x[index]);
            }
        }
    }

    /// Far out a gate of `exp` must neither overflow nor turn into something that is no number.
    #[test]
    fn every_activation_is_finite_for_large_numbers() {
        for entry in ACTIVATIONS {
            let (value, slope) = value_and_slope(entry.value, &[-1e4, -100.0, 0.0, 100.0, 1e4]);
            assert!(value.iter().chain(&slope).all(|number| number.is_finite()), "{}: {value:?} {slope:?}", entry.name);
            // The square of a number that is kept, or the number itself.
            let far = if entry.name == "squared-relu" { (1e8, 2e4) } else { (1e4, 1.0) };
            assert_eq!((value[2], (value[4], slope[4])), (0.0, far), "{}", entry.name);
        }
    }
}
