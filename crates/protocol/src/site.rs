//! Addressable components of a model, and what may be done to each.
//!
//! One path names a component, its parameters and its output. Every ablation and every removal is graded, with the reason, because the
//! common ways of ablating are unsound for some components: a number from an unsound ablation looks just like a number.

use ablation_settings::number::given;
use ablation_settings::{former, nearest};
use serde::{Deserialize, Serialize};

use crate::ablation::Ablation;

/// How far the number that comes out can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
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
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
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

/// What an operator needs besides the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "AblationNeeds"))]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// The activations of the component on a reference set drawn like the training data.
    ReferenceSet,
}

/// A number that an operator takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct AblationParameter {
    /// Name in links and files.
    pub name: String,
    /// Name as shown.
    pub label: String,
    /// What it does, as a sentence.
    pub help: String,
    /// Smallest value.
    pub minimum: f64,
    /// Largest value.
    pub maximum: f64,
    /// Value when nothing is said.
    pub default: f64,
    /// Value with which the component stays as it is; none if there is no such value.
    pub intact: Option<f64>,
    /// Operators that do the same, where they are offered, as this one with the value 0.
    pub at_zero: Vec<String>,
}

/// One way of ablating a site of a trained model, graded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct AblationOption {
    /// Name of the operator in links, files and tables.
    pub operator: String,
    /// Name as shown.
    pub label: String,
    /// What it does, as a sentence.
    pub help: String,
    /// What became of the component, to follow its name: `replaced by its mean`. `{factor}` stands for the value of that parameter.
    pub phrase: String,
    /// Numbers that it takes.
    pub parameters: Vec<AblationParameter>,
    /// What it needs besides the model.
    pub needs: Needs,
    /// How far its number can be trusted.
    pub grade: Grade,
}

impl AblationOption {
    /// What an ablation does to the component, to follow its name: `scaled by 0.5`.
    pub fn phrase_of(&self, ablation: &Ablation) -> String {
        self.parameters.iter().fold(self.phrase.clone(), |phrase, parameter| {
            let value = ablation.parameters.get(&parameter.name).copied().unwrap_or(parameter.default);
            phrase.replace(&format!("{{{}}}", parameter.name), &value.to_string())
        })
    }

    /// The value that an ablation gives to a parameter that this operator does not have, or that is out of range, as a sentence.
    pub fn wrong_parameter(&self, ablation: &Ablation) -> Option<String> {
        let wrong = |(name, value): (&String, &f64)| {
            let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == *name) else {
                return Some(format!("`{}` takes no `{name}`", self.operator));
            };
            let AblationParameter { minimum, maximum, .. } = parameter;
            (!(*minimum..=*maximum).contains(value))
                .then(|| format!("its {name} is {}; choose a number from {minimum} to {maximum}", given(*value)))
        };
        ablation.parameters.iter().find_map(wrong)
    }
}

/// Something to put in the place of a component: a setting and its other value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Swap {
    /// The setting.
    pub path: String,
    /// Its value after the swap.
    pub value: String,
    /// The difference, e.g. `gelu → relu`.
    pub label: String,
}

/// Whether two paths are of one component, or one is of a part of the other.
pub fn overlap(one: &str, other: &str) -> bool {
    let within = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    within(one, other) || within(other, one)
}

/// An addressable component of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
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
    /// Ablating it in a trained model, the most trustworthy operator first.
    pub ablations: Vec<AblationOption>,
    /// What can be put in its place.
    pub swaps: Vec<Swap>,
}

impl Site {
    /// The operator of a name.
    ///
    /// # Errors
    /// If it has no meaning here; the message names those that have, the nearest first if it looks like a slip.
    pub fn ablation(&self, operator: &str) -> Result<&AblationOption, String> {
        let names: Vec<&str> = self.ablations.iter().map(|option| option.operator.as_str()).collect();
        self.ablations.iter().find(|option| option.operator == operator).ok_or_else(|| {
            let meant = former::sentence(&former::OPERATORS, operator)
                .map(|sentence| format!(" {sentence}."))
                .or_else(|| nearest(operator, names.iter().copied()).map(|name| format!(" Did you mean `{name}`?")))
                .unwrap_or_default();
            format!("`{operator}` is not defined for {} (`{}`).{meant} Choose from: {}.", self.label, self.path, names.join(", "))
        })
    }

    /// The grade of one operator here; operators that have no meaning here are refused.
    pub fn grade(&self, operator: &str) -> Grade {
        self.ablation(operator).map_or_else(|message| Grade::refused(&message), |option| option.grade.clone())
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
