//! For programs, with what only the grader may read.

use serde_json::{Value, json};

use super::{Around, Format};
use crate::grade::{Grade, Part};

/// A list with one object for each submission.
pub struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn help(&self) -> &'static str {
        "For programs, with right answers and model answers: {schema, grades}"
    }

    fn holds_several(&self) -> bool {
        true
    }

    fn write(&self, grades: &[Grade], _: &Around) -> Result<String, String> {
        let grades: Vec<Value> = grades.iter().map(grade).collect();
        Ok(json!({"schema": "ablation-grades/v1", "grades": grades}).to_string() + "\n")
    }
}

fn grade(grade: &Grade) -> Value {
    json!({
        "source": grade.source,
        "assignment": grade.assignment,
        "student": grade.student,
        "score": grade.score().json(),
        "max": grade.max().json(),
        "by_hand": grade.by_hand().json(),
        "refused": grade.refused(),
        "parts": grade.parts.iter().map(part).collect::<Vec<Value>>(),
    })
}

fn part(part: &Part) -> Value {
    json!({
        "key": part.key,
        "name": part.name,
        "status": part.status.name(),
        "score": part.score.json(),
        "max": part.max.json(),
        "by_hand": part.by_hand.json(),
        "found": part.found,
        "note": part.note,
    })
}
