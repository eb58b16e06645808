//! Addressable components of a model, and what may be done to each.
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

/// Where a component stands. It decides what training without it means, how it is drawn and which ablation operators fit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Adds its output to a stream: attention, an MLP, a position embedding. Without it nothing is added.
    Branch,
    /// Turns what it reads into the same number of channels: a norm, an activation. Without it the input passes unchanged.
    Inline,
    /// Starts a tensor of its own: an embedding, an unembedding. Without it there are zeros.
    Source,
    /// Some of the channels of its parent: an attention head. Without it these channels are zero.
    Slice,
    /// A name for the components inside it: a block. Without it the stream passes unchanged.
    Group,
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

/// An addressable component of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Address of the component, its parameters and its output, e.g. `blocks.0.attn.heads.2`.
    pub path: String,
    /// The site it belongs to and is drawn inside, if any.
    pub parent: Option<String>,
    /// What it is, in a word that the backbone chooses: `attention`. Only a name; see `placement` for what it means.
    pub kind: String,
    /// Where it stands.
    pub placement: Placement,
    /// Name as shown.
    pub label: String,
    /// What it does, as a sentence.
    pub help: String,
    /// Parameters in it and in what it contains.
    pub parameters: usize,
    /// Positions of its output for one example; 1 where there are none.
    pub positions: usize,
    /// Channels of its output at each position.
    pub channels: usize,
    /// Paths of the sites whose outputs it reads; none where it reads the data. A branch that is read stands for the stream after it.
    pub reads: Vec<String>,
    /// For a branch: the path of the site to whose output it adds, by a skip connection around it.
    pub adds_to: Option<String>,
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

    /// Whether it is a name for the components inside it.
    pub fn is_group(&self) -> bool {
        self.placement == Placement::Group
    }

    /// Whether it stands on the way from a stream into one of its branches, such as the norm of a pre-norm block, so that the stream
    /// itself goes around it.
    pub fn leads_into_branch(&self, sites: &[Site]) -> bool {
        let reads_it = |site: &Site| site.reads.contains(&self.path) && site.adds_to.as_ref() != Some(&self.path);
        self.placement == Placement::Inline && sites.iter().any(|site| site.placement == Placement::Branch && reads_it(site))
    }
}
