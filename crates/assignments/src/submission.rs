//! A submission: what a student hands in. Nothing in it is believed.
//!
//! ```json
//! { "schema": "ablation-submission/v1", "assignment": "positions", "assignment_sha256": "…", "student": "ada", "seed": 123,
//!   "prediction": [{"component": "position", "needed": true}], "answers": {"q1": "…", "q2": 1.3}, "record": {} }
//! ```

use std::collections::BTreeMap;

use ablation_settings::{Fields, LONGEST, StudyError, canonical, json_kind, shorten};
use serde_json::Value as Json;

use crate::document::{self, Kind, required};
use crate::student::student;

/// The format of a submission.
pub const SUBMISSION_SCHEMA: &str = "ablation-submission/v1";

const KIND: Kind = Kind {
    schema: SUBMISSION_SCHEMA,
    name: "a submission",
    source: "Export one from the page of the assignment, and hand in that file as it is",
};

/// Largest submission, in bytes of canonical JSON.
const LARGEST: usize = 1 << 20;

/// Most components of a prediction, and most answers.
const MOST: usize = 1000;

/// Digits of a SHA-256.
const HASH: usize = 64;

/// What a student expected of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The name of a variant.
    pub component: String,
    /// Whether the model needs it.
    pub needed: bool,
}

/// What a student handed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Id of the assignment.
    pub assignment: String,
    /// Hash of the assignment.
    pub assignment_sha256: String,
    /// The student, as [`student`] spells it.
    pub student: String,
    /// The root seed that the study was run with.
    pub seed: u64,
    /// What the student expected, what is needed most first; empty where nothing was expected.
    pub prediction: Vec<Guess>,
    /// The answers, by question.
    pub answers: BTreeMap<String, Json>,
    /// The record, as it stands in the file.
    pub record: Json,
}

/// Reads a submission: its shape, and not yet whether anything in it is true.
///
/// # Errors
/// The first field that is missing, unknown or of the wrong kind, by its path, with the way out.
pub fn read_submission(text: &str) -> Result<Submission, StudyError> {
    let (json, mut file) = document::open(text, &KIND)?;
    let canonical = canonical::write(&json);
    if canonical.len() > LARGEST {
        let message = format!("it holds {} bytes, and a submission has at most {LARGEST}; export it again", canonical.len());
        return Err(StudyError::new("", message));
    }
    let assignment = required(&mut file, "assignment")?;
    let assignment_sha256 = required(&mut file, "assignment_sha256")?;
    if assignment_sha256.len() != HASH || !assignment_sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        let message = format!("`{}` is no SHA-256, which is {HASH} hexadecimal digits", shorten(&assignment_sha256, LONGEST));
        return Err(file.error("assignment_sha256", message));
    }
    let student = student(&required(&mut file, "student")?)?;
    let seed = file.whole("seed", (0, u32::MAX))?.ok_or_else(|| file.error("seed", "it is missing; export the file again"))?;
    let guesses = document::list(&mut file, "prediction", MOST)?;
    let prediction = guesses.into_iter().enumerate().map(|(index, json)| guess(&format!("prediction[{index}]"), json));
    let prediction = prediction.collect::<Result<Vec<Guess>, _>>()?;
    let answers = match file.take("answers") {
        None => BTreeMap::new(),
        Some(Json::Object(answers)) if answers.len() <= MOST => answers.into_iter().filter(|(_, one)| !one.is_null()).collect(),
        Some(Json::Object(answers)) => {
            return Err(file.error("answers", format!("there are {}; a question has one", answers.len())));
        }
        Some(other) => {
            let message = format!("this is {}; an answer stands under the id of its question", json_kind(&other));
            return Err(file.error("answers", message));
        }
    };
    let record = match file.take("record") {
        Some(record @ Json::Object(_)) => record,
        Some(other) => return Err(file.error("record", format!("this is {}; a record is a table of fields", json_kind(&other)))),
        None => return Err(file.error("record", "it is missing; run the study, and export the file then")),
    };
    file.finish()?;
    Ok(Submission { assignment, assignment_sha256, student, seed: u64::from(seed), prediction, answers, record })
}

fn guess(path: &str, json: Json) -> Result<Guess, StudyError> {
    let mut fields = Fields::new(path, json)?;
    let component = required(&mut fields, "component")?;
    let needed = fields.flag("needed")?.ok_or_else(|| fields.error("needed", "it is missing; write true or false"))?;
    fields.finish()?;
    Ok(Guess { component, needed })
}
