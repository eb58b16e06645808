//! Uniform attention: `P <- (1 - share) P + share U`, with `U` even over what a position may see.
//!
//! It is what a head without queries or without keys does: their products are zero, and the softmax of equal scores is even. So it ablates
//! where a head looks, and is no absence of the head.

use ablation_protocol::Placement;

use super::{Operator, Parameter, Request, Resolve};
use crate::edits::{Edit, Pattern};
use crate::grades::{Graded, approximate};

const SHARE: Parameter = Parameter {
    name: "share",
    label: "Share",
    help: "Share of the even pattern, beside the pattern itself: 1 is even, 0 is the reference.",
    minimum: 0.0,
    maximum: 1.0,
    default: 1.0,
    intact: Some(0.0),
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "uniform_attention",
    label: "Uniform attention",
    help: "Each position reads evenly from all that it may see, as if there were no queries and keys; values still move.",
    phrase: "with an even attention pattern (share {share})",
    parameters: &[SHARE],
    kinds: &["attention", "head"],
    fits: &[(Placement::Branch, EVEN), (Placement::Slice, EVEN), (Placement::Inline, EVEN)],
    by_position: true,
    resolve: Resolve::Alone(uniform),
};

const EVEN: Graded = approximate("It ablates where it looks and not what it moves: the mean of the values is still added.");

fn uniform(request: &Request) -> Edit {
    let pattern = Pattern { without: None, renormalised: false, uniform: request.parameter(&SHARE) as f32 };
    Edit { pattern: Some(pattern), ..Edit::NONE }
}
