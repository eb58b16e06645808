//! A text, which a person marks.

use ablation_protocol::Study;
use ablation_report::Report;
use ablation_settings::{Fields, StudyError};
use serde_json::Value as Json;

use super::{Asked, Key, Kind, Mark};

/// `{"kind": "text"}`, answered by a text; solved by `{"by_hand": true, "model": "what a good answer says"}`.
pub struct Text;

impl Kind for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn read(&self, _: &mut Fields, _: &Study) -> Result<Box<dyn Asked>, StudyError> {
        Ok(Box::new(Words))
    }
}

#[derive(Debug)]
struct Words;

impl Asked for Words {
    fn by_hand(&self) -> bool {
        true
    }

    fn key(&self, fields: &mut Fields, _: &Study) -> Result<Box<dyn Key>, StudyError> {
        if fields.flag("by_hand")? != Some(true) {
            return Err(fields.error("by_hand", "a text is marked by a person; write `\"by_hand\": true`"));
        }
        let model = fields.text("model")?.ok_or_else(|| fields.error("model", "it is missing; write what a good answer says"))?;
        Ok(Box::new(Model { model }))
    }
}

#[derive(Debug)]
struct Model {
    model: String,
}

impl Key for Model {
    fn right(&self, _: Option<&Report>) -> String {
        self.model.clone()
    }

    fn mark(&self, answer: &Json, _: Option<&Report>) -> Mark {
        if answer.is_string() { Mark::ByHand } else { Mark::not_a("a text", answer) }
    }
}
