//! Mean ablation by position: `A_t <- E[A_t]` over the reference set.

use ablation_protocol::Placement;

use super::{Operator, Resolve};
use crate::edits::Edit;
use crate::grades::{Graded, sound};

pub(super) const OPERATOR: Operator = Operator {
    name: "position_mean",
    label: "Position mean",
    help: "The output at each position becomes its mean at that position over a reference set drawn like the training data.",
    phrase: "replaced by its mean at each position",
    parameters: &[],
    kinds: &[],
    fits: &[(Placement::Branch, PER_POSITION), (Placement::Slice, PER_POSITION), (Placement::Source, PER_POSITION)],
    by_position: true,
    resolve: Resolve::Reference(|_, reference| Edit::constant(reference.mean_by_position())),
};

const PER_POSITION: Graded = sound("Keeps its mean output at each position; what depends on the input is lost.");
