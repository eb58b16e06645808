//! The verdict on a variant, as the student's own study gives it.

use ablation_protocol::Study;
use ablation_report::{Combined, Report};
use ablation_settings::{Fields, StudyError};
use serde_json::Value as Json;

use super::{Asked, Key, Kind, Mark, component, found, unknown};
use crate::text::trimmed;

/// `{"kind": "verdict", "component": "…"}`, answered by a verdict of the glossary, its key or its name; solved by `{"verdict_of": "…"}`: the
/// verdict on that variant in the report on the student's own outcomes.
pub struct Verdict;

impl Kind for Verdict {
    fn name(&self) -> &'static str {
        "verdict"
    }

    fn read(&self, fields: &mut Fields, study: &Study) -> Result<Box<dyn Asked>, StudyError> {
        let component = component(fields, "component", study)?;
        if study.design.units() < 2 {
            let message = "a study of one seed has no verdicts; write `\"final\": {\"seeds\": 6}` or more in the study";
            return Err(fields.error("kind", message));
        }
        Ok(Box::new(On { component }))
    }
}

#[derive(Debug)]
struct On {
    component: String,
}

impl Asked for On {
    fn key(&self, fields: &mut Fields, study: &Study) -> Result<Box<dyn Key>, StudyError> {
        let of = component(fields, "verdict_of", study)?;
        if of != self.component {
            let message =
                format!("the question is about `{}`, and this is `{of}`; write the same variant in both", self.component);
            return Err(fields.error("verdict_of", message));
        }
        Ok(Box::new(Of { component: of }))
    }
}

#[derive(Debug)]
struct Of {
    component: String,
}

impl Key for Of {
    fn right(&self, report: Option<&Report>) -> String {
        match found(report, &self.component).and_then(|found| Some(found.combined?.name(found.changed))) {
            Some(name) => format!("{name}: the verdict on `{}`", self.component),
            None => format!("nothing, as the record has no verdict on `{}`", self.component),
        }
    }

    fn mark(&self, answer: &Json, report: Option<&Report>) -> Mark {
        let Some(given) = answer.as_str() else { return Mark::not_a("a verdict", answer) };
        let Some(given) = verdict(given) else {
            return Mark::Wrong(unknown(given, Combined::ALL.iter().map(|one| one.name(false)), "verdict"));
        };
        match found(report, &self.component).and_then(|found| found.combined) {
            Some(combined) => Mark::of(given == combined),
            None => Mark::Wrong(format!("the record has no verdict on `{}` yet", self.component)),
        }
    }
}

/// The verdict of a name: its key in records, or what it is called in tables, of a component or of a change.
fn verdict(name: &str) -> Option<Combined> {
    let name = trimmed(name).to_lowercase();
    let is = |one: &Combined| {
        let key = serde_json::to_value(one).ok().is_some_and(|key| key == *name);
        key || one.name(false).to_lowercase() == name || one.name(true).to_lowercase() == name
    };
    Combined::ALL.into_iter().find(is)
}
