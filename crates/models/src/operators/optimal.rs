//! Optimal ablation: `A_t <- a_t`, with the constants `a` for which the loss of the ablated model is lowest (OAblation; Li & Janson 2024,
//! <https://arxiv.org/abs/2409.09951>).
//!
//! One constant for each position, as that is what a resampled output may know: the least loss over constants is at most the mean loss over
//! any replacement that does not depend on the input. How they are fitted is in [`crate::fit`].

use ablation_protocol::Placement;

use super::{Operator, Parameter, Resolve};
use crate::edits::Edit;
use crate::grades::{Graded, sound};

const STEPS: Parameter = Parameter {
    name: "steps",
    label: "Steps",
    help: "Steps of AdamW on the constant, with the model frozen; 0 takes the best of its means and zero.",
    minimum: 0.0,
    maximum: 500.0,
    default: 60.0,
    intact: None,
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "optimal",
    label: "Optimal constant",
    help: "The output at each position becomes the constant with which the frozen model has the lowest loss on a reference \
           set, of which a fifth is held out to stop in time (optimal ablation, OAblation).",
    phrase: "replaced by the constant that costs least",
    parameters: &[STEPS],
    kinds: &[],
    fits: &[(Placement::Branch, BEST), (Placement::Slice, BEST), (Placement::Source, BEST)],
    by_position: false,
    resolve: Resolve::Fitted { start: |_, reference| Edit::constant(reference.mean_by_position()), steps: &STEPS },
};

const BEST: Graded = sound(
    "No constant costs less on the examples that it was fitted to: what is lost is what the component says about the input, and no shift.",
);
