//! Ablation operators: what takes the place of a component's output in a trained model. One per file.
//!
//! An operator says what it is called, which numbers it takes, where it has a meaning and how far its number can be trusted there, and
//! turns into an [`Edit`]. To add one: a file, and its line in [`OPERATORS`]. Links, forms, study files, the command line and reports
//! read it from here.

mod frozen_scale;
mod mean;
mod noise;
mod optimal;
mod patch;
mod pattern_renormalised;
mod pattern_zero;
mod position_mean;
mod resample;
mod scale;
mod skip;
mod subspace;
mod uniform_attention;
mod zero;

use std::collections::BTreeMap;

use ablation_protocol::{Placement, Site};
use ablation_random::Stream;

use crate::activations::{Activations, NormReference, Tokens};
use crate::edits::Edit;
use crate::grades::Graded;

/// Every operator; of operators that are equally sound at a site the first is proposed first.
pub const OPERATORS: &[Operator] = &[
    mean::OPERATOR,
    position_mean::OPERATOR,
    skip::OPERATOR,
    zero::OPERATOR,
    scale::OPERATOR,
    noise::OPERATOR,
    subspace::OPERATOR,
    resample::OPERATOR,
    patch::OPERATOR,
    optimal::OPERATOR,
    frozen_scale::OPERATOR,
    uniform_attention::OPERATOR,
    pattern_zero::OPERATOR,
    pattern_renormalised::OPERATOR,
];

/// One way to ablate a component of a trained model.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// Name in links, files and tables.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// What it does, as a sentence.
    pub help: &'static str,
    /// What became of the component, to follow its name: `replaced by its mean`. `{factor}` stands for the value of that parameter.
    pub phrase: &'static str,
    /// Numbers that it takes.
    pub parameters: &'static [Parameter],
    /// The kinds of components that it has a meaning for; all kinds if none is named.
    pub kinds: &'static [&'static str],
    /// Where it has a meaning, and how far its number can be trusted there.
    pub fits: &'static [(Placement, Graded)],
    /// Whether it needs several positions.
    pub by_position: bool,
    /// What it does.
    pub resolve: Resolve,
}

/// A number that an operator takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Name in links and files.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// What it does, as a sentence.
    pub help: &'static str,
    /// Smallest value.
    pub minimum: f64,
    /// Largest value; infinite where it is the number of channels of the site.
    pub maximum: f64,
    /// Value when nothing is said.
    pub default: f64,
    /// Value with which the component stays as it is; none if there is no such value.
    pub intact: Option<f64>,
    /// Operators that do the same, where they are offered, as this one with the value 0.
    pub at_zero: &'static [&'static str],
}

impl Parameter {
    /// Largest value at a site of so many channels.
    pub fn maximum_of(&self, channels: usize) -> f64 {
        if self.maximum.is_finite() { self.maximum } else { channels as f64 }
    }
}

/// How an operator becomes an edit, and so what it needs besides the model.
#[derive(Clone, Copy, Debug)]
pub enum Resolve {
    /// From its parameters alone.
    Alone(fn(&Request) -> Edit),
    /// From the component's activations on the reference set as well.
    Reference(fn(&Request, &Activations) -> Edit),
    /// From the tokens of the reference set and its parameters: only in models that read tokens.
    Tokens(fn(&Request, &Tokens) -> Edit),
    /// From what a norm divides by on the reference set, and from its parameters.
    Norm(fn(&Request, &NormReference) -> Edit),
    /// A constant that is fitted to the loss on the reference set.
    Fitted {
        /// The constant that fitting starts from.
        start: fn(&Request, &Activations) -> Edit,
        /// The parameter that holds the number of steps.
        steps: &'static Parameter,
    },
}

/// What is known of a site on the reference set, as far as its operator needs it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Its outputs.
    pub outputs: Option<&'a Activations>,
    /// Of a norm: what it divides by, and its parameters.
    pub norm: Option<&'a NormReference>,
    /// What the model reads, where that is tokens.
    pub tokens: Option<&'a Tokens>,
}

impl<'a> Known<'a> {
    /// Only the outputs.
    pub fn outputs(outputs: &'a Activations) -> Self {
        Known { outputs: Some(outputs), ..Known::default() }
    }
}

/// One site at which an operator is to become an edit.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The site; for an operator at a group, one of the sites that make it up.
    pub site: &'a Site,
    /// Values of the operator's parameters by name.
    pub parameters: &'a BTreeMap<String, f64>,
    /// What an operator draws from: one stream for each seed, the same for all sites.
    pub stream: Stream,
}

impl Request<'_> {
    /// The value of a parameter; its default if it was not given.
    pub fn parameter(&self, parameter: &Parameter) -> f64 {
        self.parameters.get(parameter.name).copied().unwrap_or(parameter.default)
    }
}

impl Operator {
    /// The operator of a name.
    pub fn find(name: &str) -> Option<&'static Operator> {
        OPERATORS.iter().find(|operator| operator.name == name)
    }

    /// How far its number can be trusted at a component of a kind and placement; `None` where it has no meaning.
    pub(crate) fn fit(&self, kind: &str, placement: Placement) -> Option<Graded> {
        let knows = self.kinds.is_empty() || self.kinds.contains(&kind);
        self.fits.iter().find(|(known, _)| knows && *known == placement).map(|(_, grade)| *grade)
    }

    /// Whether it reads something of the component on the reference set.
    pub fn needs_reference(&self) -> bool {
        !matches!(self.resolve, Resolve::Alone(_))
    }

    /// The edit at a site; of a constant that is fitted, the one that fitting starts from. Where something is needed that is not known,
    /// nothing is left of the output.
    pub fn edit(&self, request: &Request, known: &Known) -> Edit {
        match self.resolve {
            Resolve::Alone(resolve) => resolve(request),
            Resolve::Reference(resolve) | Resolve::Fitted { start: resolve, .. } => {
                known.outputs.map_or(Edit::ZERO, |outputs| resolve(request, outputs))
            }
            Resolve::Tokens(resolve) => known.tokens.map_or(Edit::ZERO, |tokens| resolve(request, tokens)),
            Resolve::Norm(resolve) => known.norm.map_or(Edit::ZERO, |norm| resolve(request, norm)),
        }
    }
}
