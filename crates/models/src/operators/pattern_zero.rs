//! Pattern with a source set to zero: `P[t, s] <- 0` for one source `s` of each position `t`; the others are read as much as before.
//!
//! Its rows sum to less than 1. What differs when they are scaled to sum to 1 again is [`super::pattern_renormalised`]; a number without saying
//! which of the two it is of says little.

use ablation_protocol::Placement;

use super::{Operator, Parameter, Request, Resolve};
use crate::edits::{Edit, Pattern, ReadSource};
use crate::grades::{Graded, approximate};

/// Which source is left out, here and where the rest is renormalised.
pub(super) const BACK: Parameter = Parameter {
    name: "back",
    label: "Positions back",
    help: "The source that is not read: 1 is the previous position, 0 the position itself; -1 stands for the first position, at any distance.",
    minimum: -1.0,
    maximum: 255.0,
    default: 1.0,
    intact: None,
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "pattern_zero",
    label: "Source set to zero",
    help: "Nothing is read from one source, such as the previous position; the attention to all others stays as it is.",
    phrase: "with a source of its pattern set to zero (positions back: {back})",
    parameters: &[BACK],
    kinds: &["attention", "head"],
    fits: &[(Placement::Branch, UNREAD), (Placement::Slice, UNREAD), (Placement::Inline, UNREAD)],
    by_position: true,
    resolve: Resolve::Alone(|request| Edit { pattern: Some(without(request, false)), ..Edit::NONE }),
};

const UNREAD: Graded = approximate(
    "The weights of a position no longer sum to 1, so what it reads is smaller: off-distribution. Compare with the renormalised pattern.",
);

/// The pattern without the source that is asked for.
pub(super) fn without(request: &Request, renormalised: bool) -> Pattern {
    let back = request.parameter(&BACK);
    let source = if back < 0.0 { ReadSource::First } else { ReadSource::Back(back as usize) };
    Pattern { without: Some(source), renormalised, uniform: 0.0 }
}
