//! What can be set, with its range: one list that draws the form, writes the help and checks every link and file.

use serde::{Deserialize, Serialize};

use crate::settings::Value;

/// Which part of a study a field belongs to; the page groups its form by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The toy data.
    Data,
    /// The architecture.
    Model,
    /// Optimiser, schedule, budget, seed.
    Training,
    /// What is ablated in the trained model.
    Ablation,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Choice {
    /// The value as typed.
    pub value: String,
    /// The value as shown.
    pub label: String,
    /// One sentence on what it means.
    pub help: String,
}

impl Choice {
    /// An option from its value, label and help.
    pub fn new(value: &str, label: &str, help: &str) -> Self {
        Choice { value: value.to_string(), label: label.to_string(), help: help.to_string() }
    }
}

/// The values that a field takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// A whole number within bounds, both included.
    Integer {
        /// Smallest value.
        minimum: i64,
        /// Largest value.
        maximum: i64,
        /// Value when nothing is said.
        default: i64,
    },
    /// A finite number within bounds, both included.
    Number {
        /// Smallest value.
        minimum: f64,
        /// Largest value.
        maximum: f64,
        /// Value when nothing is said.
        default: f64,
    },
    /// One of a list.
    Choice {
        /// The list, in the order shown.
        options: Vec<Choice>,
        /// Value when nothing is said; one of the list.
        default: String,
    },
    /// A file that somebody brings, named by its SHA-256: 64 hexadecimal digits. The same bytes are the same value on every machine.
    File {
        /// The file that is read when nothing is said.
        default: String,
    },
}

/// What a setting decides, and so who may set it to what: packing, matching, searching, and what a variant may change derive from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The question: the data and how it is measured. It is the same in every arm.
    Data,
    /// The architecture. A variant may change it; replicas of one fleet share it.
    Shape,
    /// How much is computed. It is the same in every arm.
    Budget,
    /// How a model is trained, one value for all replicas of a fleet.
    Shared,
    /// How a model is trained, a value for each replica of a fleet. Opted into, because a fleet trains replicas that differ in a setting
    /// that it does not read for each of them with the value of the first.
    PerReplica,
    /// What the sandbox does with a trained model. It is not part of a trial.
    Scope,
}

/// A setting that others reason about, by what it means and not by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Which data the model is trained on and evaluated with.
    Data,
    /// Training steps.
    Steps,
    /// Steps of recovery fine-tuning.
    RecoverySteps,
    /// Examples a step.
    Batch,
    /// The peak learning rate.
    LearningRate,
    /// Steps over which the learning rate rises.
    Warmup,
    /// The seed of a model in the sandbox.
    Seed,
    /// Channels of the residual stream.
    Width,
    /// Channels of the hidden layer of an MLP, as a multiple of the width.
    Hidden,
    /// Blocks.
    Layers,
    /// The component that the sandbox ablates.
    Site,
}

/// The sites at which a setting's other values are offered as swaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Affects {
    /// None.
    Nothing,
    /// Sites of these kinds.
    Sites(Vec<String>),
    /// Every site.
    Everything,
}

/// One thing that can be set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Field {
    /// Dotted path, as in links and files.
    pub path: String,
    /// The part of the study it belongs to.
    pub group: Group,
    /// Name as shown.
    pub label: String,
    /// One sentence on what it does.
    pub help: String,
    /// Unit of the number, if it has one.
    pub unit: Option<String>,
    /// The values it takes.
    #[serde(flatten)]
    pub kind: Kind,
    /// The value that means: as before this field existed. A trial does not write it, so that a new field changes no id of a trial; none
    /// where the value is always written.
    pub absent: Option<Value>,
    /// What it decides.
    pub role: Role,
    /// What it means to those who reason about it; none where nobody does.
    pub meaning: Option<Meaning>,
    /// Where its other values are offered as swaps.
    pub affects: Affects,
}

impl Field {
    /// A whole number within `minimum..=maximum`.
    pub fn integer(path: &str, group: Group, label: &str, help: &str, (minimum, maximum): (i64, i64), default: i64) -> Self {
        Field::new(path, group, label, help, Kind::Integer { minimum, maximum, default })
    }

    /// A number within `minimum..=maximum`.
    pub fn number(path: &str, group: Group, label: &str, help: &str, (minimum, maximum): (f64, f64), default: f64) -> Self {
        Field::new(path, group, label, help, Kind::Number { minimum, maximum, default })
    }

    /// One of `options`; the first is the default.
    ///
    /// # Panics
    /// If `options` is empty, which is a mistake in a catalogue and never a user's.
    pub fn choice(path: &str, group: Group, label: &str, help: &str, options: Vec<Choice>) -> Self {
        let default = options.first().expect("a choice has at least one option").value.clone();
        Field::new(path, group, label, help, Kind::Choice { options, default })
    }

    /// A file by its SHA-256; `default` is that of the one which is read when nothing is said.
    pub fn file(path: &str, group: Group, label: &str, help: &str, default: &str) -> Self {
        Field::new(path, group, label, help, Kind::File { default: default.to_string() })
    }

    /// Whether trials have it: not the settings of the sandbox, and not its seed, as a trial has seeds of its own.
    pub fn in_trial(&self) -> bool {
        self.role != Role::Scope && self.meaning != Some(Meaning::Seed)
    }

    /// The same field with a unit.
    #[must_use]
    pub fn in_unit(mut self, unit: &str) -> Self {
        self.unit = Some(unit.to_string());
        self
    }

    /// The value when nothing is said.
    pub fn default_value(&self) -> Value {
        match &self.kind {
            Kind::Integer { default, .. } => Value::Integer(*default),
            Kind::Number { default, .. } => Value::Number(*default),
            Kind::Choice { default, .. } | Kind::File { default } => Value::Text(default.clone()),
        }
    }

    /// The same field with a role that its group does not imply.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The same field with a meaning.
    #[must_use]
    pub fn means(mut self, meaning: Meaning) -> Self {
        self.meaning = Some(meaning);
        self
    }

    /// The same field, whose other values are swaps at sites of these kinds.
    #[must_use]
    pub fn affects(mut self, kinds: &[&str]) -> Self {
        self.affects = Affects::Sites(kinds.iter().map(|kind| (*kind).to_string()).collect());
        self
    }

    /// The same field, added after trials were run: `value` means what they did without it. It has to be the default as well, so that a
    /// study file that does not mention the field still means the same.
    #[must_use]
    pub fn absent(mut self, value: impl Into<Value>) -> Self {
        self.absent = Some(value.into());
        self
    }

    fn new(path: &str, group: Group, label: &str, help: &str, kind: Kind) -> Self {
        let role = match group {
            Group::Data => Role::Data,
            Group::Model => Role::Shape,
            Group::Training => Role::Shared,
            Group::Ablation => Role::Scope,
        };
        let (path, label, help) = (path.to_string(), label.to_string(), help.to_string());
        Field { path, group, label, help, unit: None, kind, absent: None, role, meaning: None, affects: Affects::Nothing }
    }
}

/// The path of the field that means `meaning`, if one of `fields` does.
pub fn meant(fields: &[Field], meaning: Meaning) -> Option<&str> {
    fields.iter().find(|field| field.meaning == Some(meaning)).map(|field| field.path.as_str())
}
