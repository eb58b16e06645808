//! Addressable parts of a model, and what may be done to each.
//!
//! One path names a component, its parameters and its output. Every cut and every removal is graded, with the reason, because the
//! common ways of cutting are unsound for some parts: a number from an unsound cut looks just like a number.

use serde::{Deserialize, Serialize};

use crate::cut::Operator;

/// How far the number that comes out can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "grade", rename_all = "snake_case")]
pub enum Grade {
    /// It measures what its name says.
    Sound {
        /// Why.
        reason: String,
    },
    /// It measures something near to what its name says.
    Approximate {
        /// What is different.
        reason: String,
    },
    /// It is not offered.
    Refused {
        /// Why not, and what to do instead.
        reason: String,
    },
}

impl Grade {
    /// Sound, because of `reason`.
    pub fn sound(reason: &str) -> Self {
        Grade::Sound { reason: reason.to_string() }
    }

    /// Approximate, because of `reason`.
    pub fn approximate(reason: &str) -> Self {
        Grade::Approximate { reason: reason.to_string() }
    }

    /// Refused, because of `reason`.
    pub fn refused(reason: &str) -> Self {
        Grade::Refused { reason: reason.to_string() }
    }

    /// Whether it is offered at all.
    pub fn allowed(&self) -> bool {
        !matches!(self, Grade::Refused { .. })
    }

    /// The reason, whatever the grade.
    pub fn reason(&self) -> &str {
        match self {
            Grade::Sound { reason } | Grade::Approximate { reason } | Grade::Refused { reason } => reason,
        }
    }
}

/// What a part is; decides how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// Turns input into the residual stream.
    Embedding,
    /// Adds the order of the tokens.
    Position,
    /// Adds the noise level.
    Time,
    /// A group of branches.
    Block,
    /// Normalisation.
    Norm,
    /// Attention, all heads.
    Attention,
    /// One head.
    Head,
    /// Feed-forward branch.
    Mlp,
    /// Non-linearity.
    Activation,
    /// Turns the residual stream into predictions.
    Unembedding,
}

/// Range of the number that a cut takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactorRange {
    /// Smallest value.
    pub minimum: f64,
    /// Largest value.
    pub maximum: f64,
    /// Value when nothing is said.
    pub default: f64,
}

/// One way of cutting a site, graded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CutOption {
    /// Name of the [`Operator`].
    pub kind: String,
    /// Name as shown.
    pub label: String,
    /// What it does, as a sentence.
    pub help: String,
    /// How far its number can be trusted.
    pub grade: Grade,
    /// The number it takes, if it takes one.
    pub factor: Option<FactorRange>,
}

impl CutOption {
    /// An operator with its grade at some site.
    pub fn new(operator: Operator, grade: Grade) -> Self {
        let (label, help) = match operator {
            Operator::Zero => ("Zero", "Its output becomes zero, biases included."),
            Operator::Mean => (
                "Mean",
                "Its output becomes its mean over a reference set drawn like the training data: what it says on average stays, what it says about this input goes.",
            ),
            Operator::MeanByPosition => ("Mean by position", "As the mean, with one constant a position."),
            Operator::Skip => ("Skip", "What comes in goes out unchanged."),
            Operator::Scale { .. } => ("Scale", "Its output is multiplied: 1 is the intact model, 0 is zero."),
        };
        let factor =
            matches!(operator, Operator::Scale { .. }).then_some(FactorRange { minimum: -2.0, maximum: 2.0, default: 0.5 });
        CutOption { kind: operator.name().to_string(), label: label.to_string(), help: help.to_string(), grade, factor }
    }
}

/// Something to put in the place of a part: a setting and its other value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// The setting.
    pub path: String,
    /// Its value after the swap.
    pub value: String,
    /// The difference, e.g. `gelu → relu`.
    pub label: String,
}

/// An addressable part of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Address, e.g. `blocks.0.attn.heads.2`.
    pub path: String,
    /// The site it is drawn inside, if any.
    pub parent: Option<String>,
    /// What it is.
    pub kind: SiteKind,
    /// Name as shown.
    pub label: String,
    /// What it does, as a sentence.
    pub help: String,
    /// Whether it adds to the residual stream rather than standing in it.
    pub branch: bool,
    /// Whether it is a norm that the stream itself passes through, rather than one that a branch reads through.
    #[serde(default)]
    pub inline: bool,
    /// Trained numbers in it and in what it contains.
    pub parameters: usize,
    /// Shape of its output without batch and replicas, e.g. `[16, 32]` for 16 positions of width 32.
    pub shape: Vec<usize>,
    /// Training without it from the start.
    pub removal: Grade,
    /// Cutting it out of a trained model.
    pub cuts: Vec<CutOption>,
    /// What can be put in its place.
    pub swaps: Vec<Swap>,
}

impl Site {
    /// The grade of one operator here; operators that are not listed are refused.
    pub fn grade(&self, operator: Operator) -> Grade {
        let option = self.cuts.iter().find(|option| option.kind == operator.name());
        option.map_or_else(
            || Grade::refused(&format!("`{}` has no meaning at `{}`", operator.name(), self.path)),
            |option| option.grade.clone(),
        )
    }
}
