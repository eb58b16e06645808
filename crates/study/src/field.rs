//! What can be set, with its range: one list that draws the form, writes the help and checks every link and file.

use serde::Serialize;

use crate::settings::Value;

/// Which part of a study a field belongs to; the page groups its form by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The toy data.
    Task,
    /// The architecture.
    Model,
    /// Optimiser, schedule, budget, seed.
    Training,
    /// What is cut out of the trained model.
    Cut,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
}

/// One thing that can be set.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
            Kind::Choice { default, .. } => Value::Text(default.clone()),
        }
    }

    fn new(path: &str, group: Group, label: &str, help: &str, kind: Kind) -> Self {
        Field { path: path.to_string(), group, label: label.to_string(), help: help.to_string(), unit: None, kind }
    }
}
