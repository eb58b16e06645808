//! Kinds of questions: what is asked, what a right answer looks like, and how an answer is marked. One file each, and one line in [`KINDS`].

mod choice;
mod number;
mod text;
mod verdict;

use std::fmt::Debug;

use ablation_protocol::Study;
use ablation_report::{Component, Report};
use ablation_settings::{Fields, LONGEST, StudyError, json_kind, nearest, shorten};
use serde_json::Value as Json;

/// The kinds of questions, in the order of the documentation.
pub const KINDS: [&dyn Kind; 4] = [&choice::Choice, &number::Number, &verdict::Verdict, &text::Text];

/// A kind of question.
pub trait Kind: Sync {
    /// Its name in an assignment.
    fn name(&self) -> &'static str;

    /// Reads what a question of this kind says besides id, text and points.
    ///
    /// # Errors
    /// What is missing or cannot be asked of this study.
    fn read(&self, fields: &mut Fields, study: &Study) -> Result<Box<dyn Asked>, StudyError>;
}

/// A question as it is asked.
pub trait Asked: Debug + Send + Sync {
    /// Whether a person marks its answers.
    fn by_hand(&self) -> bool {
        false
    }

    /// Reads the right answer from a solution.
    ///
    /// # Errors
    /// What is missing, or no answer to this question.
    fn key(&self, fields: &mut Fields, study: &Study) -> Result<Box<dyn Key>, StudyError>;
}

/// The right answer.
pub trait Key: Debug + Send + Sync {
    /// What is right, in words for the grader; `report` is what the student's outcomes say.
    fn right(&self, report: Option<&Report>) -> String;

    /// Marks an answer.
    fn mark(&self, answer: &Json, report: Option<&Report>) -> Mark;
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is right.
    Right,
    /// It is not, or nobody can tell; a sentence for the student, which does not give the right answer away.
    Wrong(String),
    /// A person marks it.
    ByHand,
}

impl Mark {
    /// Right or wrong.
    fn of(is_right: bool) -> Self {
        if is_right { Mark::Right } else { Mark::Wrong("not right".to_string()) }
    }

    /// An answer of another kind than the question asks for.
    fn not_a(what: &str, answer: &Json) -> Self {
        Mark::Wrong(format!("the answer is {} and not {what}", json_kind(answer)))
    }
}

/// The question of any kind that these fields describe.
pub(crate) fn read(fields: &mut Fields, study: &Study) -> Result<Box<dyn Asked>, StudyError> {
    let name = fields.text("kind")?;
    let known = || KINDS.iter().map(|kind| kind.name());
    match name {
        None => Err(fields.error("kind", format!("it is missing; there are {}", known().collect::<Vec<_>>().join(", ")))),
        Some(name) => match KINDS.iter().find(|kind| kind.name() == name) {
            Some(kind) => kind.read(fields, study),
            None => Err(fields.error("kind", unknown(&name, known(), "kind of question"))),
        },
    }
}

/// That there is no such name, with the nearest one or all of them.
pub(crate) fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone, what: &str) -> String {
    let hint = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    };
    format!("there is no {what} `{}`; {hint}", shorten(name, LONGEST))
}

/// A field that names a variant of the study.
fn component(fields: &mut Fields, name: &'static str, study: &Study) -> Result<String, StudyError> {
    let known = || study.variants.iter().map(|variant| variant.name.as_str());
    match fields.text(name)? {
        Some(given) if known().any(|known| known == given) => Ok(given),
        Some(given) => Err(fields.error(name, unknown(&given, known(), "variant"))),
        None => Err(fields.error(name, "it is missing; write the name of a variant of the study")),
    }
}

/// What a report says about a variant.
fn found<'a>(report: Option<&'a Report>, name: &str) -> Option<&'a Component> {
    report?.analysis.components.iter().find(|component| component.component == name)
}
