//! Resample ablation: `A(x) <- A(x')`, with `x'` another example, drawn independently of `x` (Chan et al. 2022, causal scrubbing; McGrath et
//! al. 2023, <https://arxiv.org/abs/2307.15771>, who report means over 15 draws).
//!
//! The examples are those of the reference set. A draw pairs example `i` with the one `s` places on, so no example keeps its own output even
//! where it is one of that set; `s` is drawn anew for each draw, and is the same for all components that are ablated together, so that they
//! say the same thing about the same other example.

use ablation_protocol::Placement;

use super::{Operator, Parameter, Request, Resolve};
use crate::activations::Activations;
use crate::edits::{Constant, Edit};
use crate::grades::{Graded, sound};

const DRAWS: Parameter = Parameter {
    name: "draws",
    label: "Draws",
    help: "Other examples drawn for each example; what is reported is the mean over all draws. Fine-tuning sees the first draw.",
    minimum: 1.0,
    maximum: 64.0,
    default: 16.0,
    intact: None,
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "resample",
    label: "Resample",
    help: "The output becomes that for another example, drawn at random from a reference set (resample ablation, as in causal scrubbing).",
    phrase: "replaced by its output for other examples (mean over {draws} draws)",
    parameters: &[DRAWS],
    kinds: &[],
    fits: &[(Placement::Branch, ANOTHER), (Placement::Slice, ANOTHER), (Placement::Source, ANOTHER)],
    by_position: false,
    resolve: Resolve::Reference(resample),
};

const ANOTHER: Graded = sound(
    "Its outputs stay those that later layers know; what they say about the input is lost, and what they say is about another.",
);

fn resample(request: &Request, reference: &Activations) -> Edit {
    let Activations { values, positions, channels } = reference;
    let examples = values.len() / positions / channels;
    let mut shifts: Vec<usize> = (1..examples).collect();
    request.stream.at("resample").draws().shuffle(&mut shifts);
    shifts.truncate(request.parameter(&DRAWS) as usize);
    let first = shifts.first().copied().unwrap_or(0);
    // A further draw begins with another row of the first one.
    let from_first = |shift: &usize| (shift + examples - first) % examples * positions;
    let constant = Constant { values: values.clone(), channels: *channels }.beginning_with(first * positions);
    Edit { draws: shifts.iter().skip(1).map(from_first).collect(), ..Edit::constant(constant) }
}
