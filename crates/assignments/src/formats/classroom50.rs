//! `result.json` of an autograder of Classroom 50 (`schemas/result-v1.schema.json` of <https://github.com/foundation50/classroom50>).
//!
//! Points are whole there, so each part is rounded down.

use serde_json::{Value, json};

use super::{Around, Format, for_students};
use crate::grade::{Grade, Part, Status};

/// Identity and links are taken from the variables that its runner sets.
pub struct Classroom50;

/// What has to be set.
const NEEDED: [&str; 5] = ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"];

impl Format for Classroom50 {
    fn name(&self) -> &'static str {
        "classroom50"
    }

    fn help(&self) -> &'static str {
        "result.json of an autograder of Classroom 50; takes the variables that its runner sets"
    }

    fn variables(&self) -> &'static [&'static str] {
        &[
            "CLASSROOM",
            "ASSIGNMENT",
            "ASSIGNMENT_TYPE",
            "OWNER",
            "USERNAME",
            "SUBMISSION_TAG",
            "SUBMITTED_AT",
            "COMMIT_URL",
            "RELEASE_URL",
            "REVIEW_URL",
        ]
    }

    fn ready(&self, around: &Around) -> Result<(), String> {
        let set = |name: &str| around.variables.get(name);
        if let Some(missing) = NEEDED.into_iter().find(|name| set(name).is_none()) {
            return Err(format!("the variable {missing} is not set; the runner of Classroom 50 sets it"));
        }
        if set("OWNER").or(set("USERNAME")).is_none() {
            return Err("neither OWNER nor USERNAME is set; the runner of Classroom 50 sets them".to_string());
        }
        if let Some(tag) = set("SUBMISSION_TAG").filter(|tag| !tag.starts_with("submit/")) {
            return Err(format!("SUBMISSION_TAG is `{tag}`, and a tag of Classroom 50 begins with `submit/`"));
        }
        if let Some(other) = set("ASSIGNMENT_TYPE").filter(|kind| !["individual", "group"].contains(&kind.as_str())) {
            return Err(format!("ASSIGNMENT_TYPE is `{other}`; there are individual and group"));
        }
        if let Some(at) = set("SUBMITTED_AT").filter(|at| !is_time(at)) {
            return Err(format!("SUBMITTED_AT is `{at}`; write it as 2026-11-23T10:00:00Z"));
        }
        Ok(())
    }

    fn write(&self, grades: &[Grade], around: &Around) -> Result<String, String> {
        self.ready(around)?;
        let result = grades.first().map(|grade| result(grade, around));
        Ok(result.unwrap_or(Value::Null).to_string() + "\n")
    }
}

/// Whether a text is a time in UTC, as `2026-11-23T10:00:00Z`.
fn is_time(text: &str) -> bool {
    let shape = |(c, wanted): (char, char)| if wanted == '0' { c.is_ascii_digit() } else { c == wanted };
    let within = |place, most| text.get(place).and_then(|part: &str| part.parse::<u32>().ok()).is_some_and(|part| part <= most);
    text.len() == 20
        && text.chars().zip("0000-00-00T00:00:00Z".chars()).all(shape)
        && within(11..13, 23)
        && within(14..16, 59)
        && within(17..19, 59)
}

fn result(grade: &Grade, around: &Around) -> Value {
    let set = |name: &str| around.variables.get(name).map(String::as_str);
    let tests: Vec<&Part> = for_students(grade).collect();
    let sum = |points: fn(&Part) -> u64| tests.iter().map(|part| points(part)).sum::<u64>();
    let commit = set("COMMIT_URL").unwrap_or_default();
    json!({
        "schema": "classroom50/result/v1",
        "classroom": set("CLASSROOM"),
        "assignment": set("ASSIGNMENT"),
        "assignment_type": set("ASSIGNMENT_TYPE").unwrap_or("individual"),
        "owner": set("OWNER").or(set("USERNAME")),
        "submission": set("SUBMISSION_TAG"),
        "commit": commit,
        "release": set("RELEASE_URL"),
        "review": set("REVIEW_URL").unwrap_or(commit),
        "datetime": set("SUBMITTED_AT").unwrap_or(&around.now),
        "graded_at": around.now,
        "score": sum(|part| part.score.floor()),
        "max-score": sum(|part| part.max.floor()),
        "tests": tests.iter().map(|part| test(part)).collect::<Vec<Value>>(),
    })
}

fn test(part: &Part) -> Value {
    json!({
        "test-name": part.name,
        "passed": part.status == Status::Passed,
        "score": part.score.floor(),
        "max-score": part.max.floor(),
        "output": part.found,
    })
}
