//! One of several texts.

use std::collections::BTreeSet;

use ablation_protocol::Study;
use ablation_report::Report;
use ablation_settings::{Fields, StudyError};
use serde_json::Value as Json;

use super::{Asked, Key, Kind, Mark, unknown};
use crate::text::trimmed;

/// Fewest and most choices.
const CHOICES: (usize, usize) = (2, 20);

/// `{"kind": "choice", "choices": ["…", "…"]}`, answered by the text of a choice; solved by `{"choice": "…"}`.
pub struct Choice;

impl Kind for Choice {
    fn name(&self) -> &'static str {
        "choice"
    }

    fn read(&self, fields: &mut Fields, _: &Study) -> Result<Box<dyn Asked>, StudyError> {
        let choices = fields.texts("choices")?.unwrap_or_default();
        let (fewest, most) = CHOICES;
        if !(fewest..=most).contains(&choices.len()) {
            let message = format!("there are {}; write {fewest} to {most} texts", choices.len());
            return Err(fields.error("choices", message));
        }
        if choices.iter().any(|choice| trimmed(choice).is_empty()) {
            return Err(fields.error("choices", "one of them is blank; write a text, or take it out"));
        }
        let mut seen = BTreeSet::new();
        match choices.iter().find(|choice| !seen.insert(trimmed(choice))) {
            Some(twice) => Err(fields.error("choices", format!("`{twice}` stands twice; write it once"))),
            None => Ok(Box::new(OneOf { choices })),
        }
    }
}

#[derive(Debug)]
struct OneOf {
    choices: Vec<String>,
}

impl Asked for OneOf {
    fn key(&self, fields: &mut Fields, _: &Study) -> Result<Box<dyn Key>, StudyError> {
        let choice =
            fields.text("choice")?.ok_or_else(|| fields.error("choice", "it is missing; write the text of the right choice"))?;
        if !self.choices.iter().any(|known| trimmed(known) == trimmed(&choice)) {
            return Err(fields.error("choice", unknown(&choice, self.choices.iter().map(String::as_str), "choice")));
        }
        Ok(Box::new(Right { choice }))
    }
}

#[derive(Debug)]
struct Right {
    choice: String,
}

impl Key for Right {
    fn right(&self, _: Option<&Report>) -> String {
        self.choice.clone()
    }

    fn mark(&self, answer: &Json, _: Option<&Report>) -> Mark {
        match answer.as_str() {
            Some(answer) => Mark::of(trimmed(answer) == trimmed(&self.choice)),
            None => Mark::not_a("one of the choices", answer),
        }
    }
}
