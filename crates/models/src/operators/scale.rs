//! Scaling: `A <- factor * A`.

use ablation_protocol::Placement;

use super::{Operator, Parameter, Resolve};
use crate::edits::Edit;
use crate::grades::{Graded, approximate};

const FACTOR: Parameter = Parameter {
    name: "factor",
    label: "Factor",
    help: "Multiplies the output: 1 is the reference, 0 is zero ablation.",
    minimum: -2.0,
    maximum: 2.0,
    default: 0.5,
    intact: Some(1.0),
    at_zero: &["zero", "skip"],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "scale",
    label: "Scale",
    help: "The output is multiplied by a factor.",
    phrase: "scaled by {factor}",
    parameters: &[FACTOR],
    kinds: &[],
    fits: &[
        (Placement::Branch, DOSE),
        (Placement::Slice, DOSE),
        (Placement::Source, DOSE),
        (
            Placement::Group,
            approximate("Every branch of the block is scaled; each reads the stream that the scaled ones before it left."),
        ),
    ],
    by_position: false,
    resolve: Resolve::Alone(|request| Edit { keep: request.parameter(&FACTOR) as f32, ..Edit::NONE }),
};

const DOSE: Graded = approximate("A dose-response curve; factors outside 0 to 1 are off-distribution.");
