//! Mean ablation: `A <- E[A]` over the reference set and all positions.

use ablation_protocol::Placement;

use super::{Operator, Resolve};
use crate::edits::Edit;
use crate::grades::{Graded, sound};

pub(super) const OPERATOR: Operator = Operator {
    name: "mean",
    label: "Mean",
    help: "The output becomes one constant vector: its mean over a reference set drawn like the training data.",
    phrase: "replaced by its mean",
    parameters: &[],
    kinds: &[],
    fits: &[(Placement::Branch, ON_AVERAGE), (Placement::Slice, ON_AVERAGE), (Placement::Source, ON_AVERAGE)],
    by_position: false,
    resolve: Resolve::Reference(|_, reference| Edit::constant(reference.mean())),
};

const ON_AVERAGE: Graded = sound("Keeps its mean output; everything that varies around the mean is lost.");
