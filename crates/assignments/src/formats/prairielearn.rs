//! `results.json` of an external grader of PrairieLearn (<https://prairielearn.readthedocs.io/en/latest/externalGrading/>).
//!
//! A score is a share there. A file that is no submission is not gradable, so that it costs no attempt.

use serde_json::{Value, json};

use super::{Around, Format, for_students};
use crate::checks::CHECKS;
use crate::grade::{Grade, Part, Status};

/// One test for each part.
pub struct PrairieLearn;

impl Format for PrairieLearn {
    fn name(&self) -> &'static str {
        "prairielearn"
    }

    fn help(&self) -> &'static str {
        "results.json of an external grader of PrairieLearn"
    }

    fn write(&self, grades: &[Grade], _: &Around) -> Result<String, String> {
        Ok(grades.first().map_or(Value::Null, result).to_string() + "\n")
    }
}

fn result(grade: &Grade) -> Value {
    let (score, max) = (grade.score().number(), grade.max().number());
    let mut result = json!({
        "gradable": true,
        "score": if max > 0.0 { score / max } else { 0.0 },
        "message": grade.total(),
        "tests": for_students(grade).map(test).collect::<Vec<Value>>(),
    });
    let unreadable = |part: &&Part| part.key == CHECKS[0].key() && part.status == Status::Failed;
    if let Some(part) = grade.parts.iter().find(unreadable) {
        result["gradable"] = json!(false);
        result["format_errors"] = json!([part.found]);
    }
    result
}

fn test(part: &Part) -> Value {
    json!({
        "name": part.name,
        "points": part.score.json(),
        "max_points": part.max.json(),
        "message": part.found,
    })
}
