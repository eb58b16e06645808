//! Zero ablation: `A <- 0`.

use ablation_protocol::Placement;

use super::{Operator, Resolve};
use crate::edits::Edit;
use crate::grades::{Graded, approximate, refused};

pub(super) const OPERATOR: Operator = Operator {
    name: "zero",
    label: "Zero",
    help: "The output becomes zero, biases included.",
    phrase: "set to zero",
    parameters: &[],
    kinds: &[],
    fits: &[
        (Placement::Branch, OFF_DISTRIBUTION),
        (Placement::Slice, OFF_DISTRIBUTION),
        (Placement::Source, OFF_DISTRIBUTION),
        (Placement::Inline, refused("Everything that reads it would be zero as well. Ablate what reads it instead.")),
        (Placement::Group, refused("The residual stream that passes through would be lost as well. Skip the block instead.")),
    ],
    by_position: false,
    resolve: Resolve::Alone(|_| Edit::ZERO),
};

const OFF_DISTRIBUTION: Graded =
    approximate("Off-distribution for later layers: part of the rise in loss is distribution shift. Compare with the mean.");
