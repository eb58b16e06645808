//! Pattern without a source, renormalised: `P[t, s] <- 0` for one source `s` of each position `t`, and the rest of the row scaled to sum to 1.
//!
//! The same as hiding the source before the softmax. A position that sees nothing else reads nothing.

use ablation_protocol::Placement;

use super::pattern_zero::{BACK, without};
use super::{Operator, Resolve};
use crate::edits::Edit;
use crate::grades::{Graded, approximate};

pub(super) const OPERATOR: Operator = Operator {
    name: "pattern_renormalised",
    label: "Source hidden",
    help: "One source, such as the previous position, is hidden before the softmax: the others are read the more, in the same proportions.",
    phrase: "with a source of its pattern hidden (positions back: {back})",
    parameters: &[BACK],
    kinds: &["attention", "head"],
    fits: &[(Placement::Branch, HIDDEN), (Placement::Slice, HIDDEN), (Placement::Inline, HIDDEN)],
    by_position: true,
    resolve: Resolve::Alone(|request| Edit { pattern: Some(without(request, true)), ..Edit::NONE }),
};

const HIDDEN: Graded = approximate(
    "What was read from the source is read from the others instead, so the loss is that of the source and of what takes its place.",
);
