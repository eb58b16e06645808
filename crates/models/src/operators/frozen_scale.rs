//! Frozen scale: a norm divides by the mean of its scale over the reference set instead of by the scale of its own input:
//! `(x - centre) / sigma_bar * gain + bias`.
//!
//! It takes from a norm what makes it a norm and leaves the rest of the model the sizes that it was trained on; so it is what the norm is worth
//! to a trained model, where skipping it mostly measures another size. The first position has a mean of its own: trained models use it as
//! a place to look at when there is nothing to see, and its norm is often many times the others' (Sun et al. 2024,
//! <https://arxiv.org/abs/2402.17762>).

use ablation_protocol::Placement;

use super::{Operator, Parameter, Request, Resolve};
use crate::activations::NormReference;
use crate::edits::{Constant, Edit, Scaled};
use crate::grades::approximate;

const SHARE: Parameter = Parameter {
    name: "share",
    label: "Share",
    help: "Share of the frozen norm in the output, beside the norm itself: 1 is frozen, 0 is the reference.",
    minimum: 0.0,
    maximum: 1.0,
    default: 1.0,
    intact: Some(0.0),
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "frozen_scale",
    label: "Frozen scale",
    help: "The norm divides by its mean scale over a reference set (the first position by a mean of its own) instead of by the scale of what \
           it reads: what is left is a linear map.",
    phrase: "with its scale frozen at its mean (share {share})",
    parameters: &[SHARE],
    kinds: &["norm"],
    fits: &[(
        Placement::Inline,
        approximate(
            "Later layers keep the mean size that they were trained on; inputs of another size than the mean come out larger or smaller.",
        ),
    )],
    by_position: false,
    resolve: Resolve::Norm(frozen),
};

fn frozen(request: &Request, norm: &NormReference) -> Edit {
    let share = request.parameter(&SHARE);
    let factor = |gain: &f32, scale: f64| (share * f64::from(*gain) / scale) as f32;
    let factors = norm.mean_scales().into_iter().flat_map(|scale| norm.gain.iter().map(move |gain| factor(gain, scale)));
    let channels = norm.gain.len();
    let bias =
        |bias: &Vec<f32>| Constant { values: bias.iter().map(|bias| (share * f64::from(*bias)) as f32).collect(), channels };
    Edit {
        keep: (1.0 - share) as f32,
        scaled: Some(Scaled { factors: Constant { values: factors.collect(), channels }, centred: norm.centred }),
        constant: norm.bias.as_ref().map(bias),
        ..Edit::NONE
    }
}
