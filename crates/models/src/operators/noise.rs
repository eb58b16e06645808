//! Noise: `A <- A + sigma * std(A) * e`, with `e` standard normal and the standard deviation of each channel over the reference set.

use ablation_protocol::Placement;

use super::{Operator, Parameter, Request, Resolve};
use crate::activations::Activations;
use crate::edits::{Constant, Edit};
use crate::grades::{Graded, approximate, refused};

const SIGMA: Parameter = Parameter {
    name: "sigma",
    label: "Sigma",
    help: "Standard deviation of the noise, in standard deviations of the channel over the reference set: 0 is the reference.",
    minimum: 0.0,
    maximum: 10.0,
    default: 1.0,
    intact: Some(0.0),
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "noise",
    label: "Noise",
    help: "Gaussian noise is added to each channel of the output, the same in every forward pass.",
    phrase: "with noise of sigma {sigma} added",
    parameters: &[SIGMA],
    kinds: &[],
    fits: &[
        (Placement::Branch, DOSE),
        (Placement::Slice, DOSE),
        (Placement::Source, DOSE),
        (
            Placement::Inline,
            refused("Everything that reads it would get the noise. Add noise to what reads it instead, or to what it reads."),
        ),
    ],
    by_position: false,
    resolve: Resolve::Reference(|request, reference| Edit { constant: Some(noise(request, reference)), ..Edit::NONE }),
};

const DOSE: Graded = approximate(
    "A dose-response curve: it adds noise to the output instead of removing it, and the norm grows, which is off-distribution.",
);

/// A row for each row of the reference set. Row by row it is drawn from its own address, so it depends on nothing but seed, site and row.
fn noise(request: &Request, reference: &Activations) -> Constant {
    let sigma = request.parameter(&SIGMA);
    let spread = reference.spread();
    let rows = reference.values.len() / reference.channels;
    let stream = request.stream.at(&request.site.path).at("noise");
    let row = |row: usize| {
        let mut draws = stream.index(row as u64).draws();
        spread.iter().map(|spread| (sigma * spread * draws.normal()) as f32).collect::<Vec<_>>()
    };
    Constant { values: (0..rows).flat_map(row).collect(), channels: reference.channels }
}
