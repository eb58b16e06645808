//! Skipping: the output becomes the input, as if the component had been deleted.

use ablation_protocol::Placement;

use super::{Operator, Resolve};
use crate::edits::Edit;
use crate::grades::{approximate, sound};

pub(super) const OPERATOR: Operator = Operator {
    name: "skip",
    label: "Skip",
    help: "The input passes unchanged.",
    phrase: "skipped",
    parameters: &[],
    kinds: &[],
    fits: &[
        (Placement::Group, sound("Its branches add to the residual stream, so skipping the block equals deleting it.")),
        (Placement::Inline, approximate("The layers after it were trained on its output, not on its input.")),
    ],
    by_position: false,
    resolve: Resolve::Alone(|request| Edit::removal(request.site)),
};
