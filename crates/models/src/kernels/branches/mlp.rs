//! An MLP: `act(x W_up + b_up) W_down + b_down`, of a stream that went through a norm; how it is computed on the CPU.

use super::Part;
use super::cpu::{OfParameters, Parameters, split};
use crate::kernels::normalise::Norm;
use crate::kernels::pointwise::Curve;
use crate::kernels::product::Right;
use crate::kernels::room::Room;

/// What the branch consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MlpBranch {
    pub norm: Norm,
    pub activation: Curve,
}

impl MlpBranch {
    /// How many numbers the backward pass reads of so many rows: the hidden layer, and the slope of the activation.
    pub(super) fn kept([up, ..]: [Part; 4], rows: usize) -> usize {
        2 * rows * up.columns
    }

    /// `normed`, `output`: `[rows, width]`; `kept`: room for what the backward pass reads, and whether there will be one.
    pub(super) fn forward(
        self,
        weights: &[Right],
        parameters: Parameters,
        [up, up_bias, _, down_bias]: [Part; 4],
        normed: &[f32],
        (kept, is_kept): (&mut [f32], bool),
        output: &mut [f32],
    ) {
        let rows = normed.len() / up.rows;
        let [hidden, argument] = split(kept, [rows * up.columns; 2]);
        weights[0].product(normed, parameters.of(up_bias), argument);
        if is_kept {
            // The slope stands in place of the argument.
            (self.activation.forward_with_slope)(argument, hidden);
        } else {
            (self.activation.forward)(argument, hidden);
        }
        weights[1].product(hidden, parameters.of(down_bias), output);
    }

    /// The gradient of what came through the norm, `dnormed`; those of parameters are added. `normed`, `grad`: `[rows, width]`.
    pub(super) fn backward(
        self,
        weights: &[Right],
        gradient: Option<OfParameters>,
        [up, up_bias, down, down_bias]: [Part; 4],
        [normed, kept, grad]: [&[f32]; 3],
        dnormed: &mut [f32],
    ) {
        let rows = normed.len() / up.rows;
        let (hidden, slope) = kept.split_at(rows * up.columns);
        let mut dhidden = Room::take(hidden.len());
        weights[1].product(grad, &[], &mut dhidden);
        dhidden.iter_mut().zip(slope).for_each(|(grad, slope)| *grad *= slope);
        if let Some(mut gradient) = gradient {
            gradient.add_rows(down_bias, grad);
            gradient.add_product(down, hidden, grad);
            gradient.add_rows(up_bias, &dhidden);
            gradient.add_product(up, normed, &dhidden);
        }
        weights[0].product(&dhidden, &[], dnormed);
    }
}
