//! An assignment: a study, questions about it, and what they are worth. Everybody may read it.
//!
//! ```json
//! { "schema": "ablation-assignment/v1", "id": "positions", "title": "…", "text": ["a paragraph", "another"],
//!   "study": { "version": 2, "variants": [{"remove": "position"}] },
//!   "seed": "student",
//!   "predict": true, "hide": [], "lock": [],
//!   "questions": [{"id": "q1", "kind": "choice", "text": "…", "points": 2, "choices": ["yes", "no"]}],
//!   "evidence": {"points": 3} }
//! ```

use std::collections::BTreeSet;

use ablation_protocol::{ModelCatalog, Study, read_study};
use ablation_settings::{Fields, LONGEST, StudyError, canonical, json_kind, shorten};
use serde_json::{Value as Json, json};

use crate::document::{self, Kind, required};
use crate::points::{MOST, Points};
use crate::questions::{self, Asked};
use crate::student::seed_of;

/// The format of an assignment.
pub const ASSIGNMENT_SCHEMA: &str = "ablation-assignment/v1";

const KIND: Kind = Kind {
    schema: ASSIGNMENT_SCHEMA,
    name: "an assignment",
    source: "Assignments that come with the program are in static/assignments; docs/assignments.md says how to write one",
};

/// Longest id, in characters.
const LONGEST_ID: usize = 40;

/// In a link, `view.assignment=file` is the file that was opened last (`web/app/link.js`).
const RESERVED_ID: &str = "file";

/// Most questions of an assignment.
const MOST_QUESTIONS: usize = 100;

/// Most names of controls that are hidden or locked.
const MOST_CONTROLS: usize = 100;

/// Whose seed a study is run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeding {
    /// Each student's own.
    Student,
    /// The study's, the same for all.
    Fixed,
}

impl Seeding {
    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Seeding::Student => "student",
            Seeding::Fixed => "fixed",
        }
    }
}

/// A question.
#[derive(Debug)]
pub struct Question {
    /// Its id; unique.
    pub id: String,
    /// What is asked.
    pub text: String,
    /// What it is worth.
    pub points: Points,
    /// What kind of answer it has.
    pub asked: Box<dyn Asked>,
}

/// An assignment.
#[derive(Debug)]
pub struct Assignment {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What students read, a paragraph each.
    pub text: Vec<String>,
    /// Whose seed the study is run with.
    pub seeding: Seeding,
    /// Whether students commit to a guess before they see results.
    pub predict: bool,
    /// Names of controls that the page hides.
    pub hide: Vec<String>,
    /// Names of controls that the page locks.
    pub lock: Vec<String>,
    /// The questions, in order.
    pub questions: Vec<Question>,
    /// What a complete, consistent record is worth.
    pub evidence: Points,
    /// SHA-256 of the file's canonical JSON: the same however the file is indented.
    pub hash: String,
    /// The study as it is written, without a student's seed.
    file: Json,
    /// The same, read, with the seed 0 where each student has another.
    pub study: Study,
}

impl Assignment {
    /// The root seed of a student.
    ///
    /// # Errors
    /// If the name is none.
    pub fn seed(&self, student: &str) -> Result<u64, StudyError> {
        match self.seeding {
            Seeding::Student => seed_of(&self.id, student).map(u64::from),
            Seeding::Fixed => Ok(self.study.seed),
        }
    }

    /// The study that a student runs.
    ///
    /// # Errors
    /// If the name is none.
    pub fn study_of(&self, student: &str) -> Result<Study, StudyError> {
        Ok(Study { seed: self.seed(student)?, ..self.study.clone() })
    }

    /// The study file that a student runs.
    ///
    /// # Errors
    /// If the name is none.
    pub fn study_file_of(&self, student: &str) -> Result<Json, StudyError> {
        let mut file = self.file.clone();
        file["seed"] = json!(self.seed(student)?);
        Ok(file)
    }

    /// The names of the variants, in order.
    pub fn components(&self) -> impl Iterator<Item = &str> + Clone {
        self.study.variants.iter().map(|variant| variant.name.as_str())
    }

    /// What can be had without a person who grades.
    pub fn automatic(&self) -> Points {
        let marked = self.questions.iter().filter(|question| !question.asked.by_hand()).map(|question| question.points);
        marked.sum::<Points>() + self.evidence
    }

    /// What a person gives.
    pub fn by_hand(&self) -> Points {
        self.questions.iter().filter(|question| question.asked.by_hand()).map(|question| question.points).sum()
    }
}

/// Reads an assignment.
///
/// # Errors
/// The first field that is missing, unknown or cannot be used, by its path, with the way out.
pub fn read_assignment(text: &str, catalog: &dyn ModelCatalog) -> Result<Assignment, StudyError> {
    let (json, mut file) = document::open(text, &KIND)?;
    let hash = canonical::hash(&json);
    let id = required(&mut file, "id")?;
    check_id(&id).map_err(|message| file.error("id", message))?;
    let title = required(&mut file, "title")?;
    let text = file.texts("text")?.unwrap_or_default();
    let seeding = match file.text("seed")?.as_deref() {
        Some("student") => Seeding::Student,
        Some("fixed") => Seeding::Fixed,
        Some(other) => {
            let message = format!(
                "`{}` is neither `student`, a root seed for each, nor `fixed`, the seed of the study for all",
                shorten(other, LONGEST)
            );
            return Err(file.error("seed", message));
        }
        None => return Err(file.error("seed", "it is missing; write `student`, a root seed for each, or `fixed`")),
    };
    let mut study_file =
        file.take("study").ok_or_else(|| file.error("study", "it is missing; write a study as in static/studies"))?;
    if !study_file.is_object() {
        return Err(file.error("study", format!("this is {}; write a study as in static/studies", json_kind(&study_file))));
    }
    if seeding == Seeding::Student && study_file.get("seed").is_some_and(|seed| !seed.is_null()) {
        let message =
            "each student has a root seed of their own; take this one out, or write `\"seed\": \"fixed\"` beside `study`";
        return Err(file.error("study.seed", message));
    }
    if seeding == Seeding::Student
        && let Some(fields) = study_file.as_object_mut()
    {
        fields.remove("seed");
    }
    let inside = |error: StudyError| {
        let path = if error.path.is_empty() { "study".to_string() } else { format!("study.{}", error.path) };
        StudyError::new(path, error.message)
    };
    let study = read_study(study_file.clone(), catalog).map_err(inside)?;
    let predict = file.flag("predict")?.unwrap_or(false);
    let hide = controls(&mut file, "hide")?;
    let lock = controls(&mut file, "lock")?;
    let asked = document::list(&mut file, "questions", MOST_QUESTIONS)?;
    let questions = asked.into_iter().enumerate().map(|(index, json)| question(&format!("questions[{index}]"), json, &study));
    let questions = questions.collect::<Result<Vec<Question>, _>>()?;
    let mut ids = BTreeSet::new();
    if let Some(twice) = questions.iter().find(|question| !ids.insert(&question.id)) {
        return Err(file.error("questions", format!("two questions have the id `{}`; give one of them another", twice.id)));
    }
    let evidence = match file.take("evidence") {
        None => Points::ZERO,
        Some(json) => {
            let mut evidence = Fields::new("evidence", json)?;
            let worth = points(&mut evidence)?;
            evidence.finish()?;
            worth
        }
    };
    file.finish()?;
    Ok(Assignment { id, title, text, seeding, predict, hide, lock, questions, evidence, hash, file: study_file, study })
}

/// A question of an assignment.
fn question(path: &str, json: Json, study: &Study) -> Result<Question, StudyError> {
    let mut fields = Fields::new(path, json)?;
    let id = required(&mut fields, "id")?;
    if !is_question_id(&id) {
        let message = format!(
            "`{}` is no id; write 1 to {LONGEST_ID} letters, digits, hyphens and underscores, such as `q1`",
            shorten(&id, LONGEST)
        );
        return Err(fields.error("id", message));
    }
    let text = required(&mut fields, "text")?;
    let points = points(&mut fields)?;
    let asked = questions::read(&mut fields, study)?;
    fields.finish()?;
    Ok(Question { id, text, points, asked })
}

/// The points of a question, which have to be there.
pub(crate) fn points(fields: &mut Fields) -> Result<Points, StudyError> {
    let points = fields.whole("points", (0, MOST))?;
    points
        .map(Points::whole)
        .ok_or_else(|| fields.error("points", format!("it is missing; write a whole number from 0 to {MOST}")))
}

/// Names of controls. Which there are only the page knows.
fn controls(file: &mut Fields, name: &'static str) -> Result<Vec<String>, StudyError> {
    let list = document::list(file, name, MOST_CONTROLS)?;
    let one = |json: Json| match json {
        Json::String(text) if text.split('.').all(is_question_id) => Ok(text),
        other => {
            let shown = shorten(&other.to_string(), LONGEST);
            Err(file.error(name, format!("{shown} is not the name of a control; docs/embedding.md lists them")))
        }
    };
    list.into_iter().map(one).collect()
}

/// Whether an assignment may have an id.
///
/// # Errors
/// What is wrong with it, with the way out.
pub fn check_id(id: &str) -> Result<(), String> {
    let shown = shorten(id, LONGEST);
    if !is_id(id) {
        return Err(format!(
            "`{shown}` is no id; write 1 to {LONGEST_ID} small letters, digits and hyphens, such as `positions`"
        ));
    }
    if id == RESERVED_ID {
        return Err(format!("`{shown}` is what the page calls an assignment that was opened as a file; write another"));
    }
    Ok(())
}

fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// As the id of an assignment, with capital letters and underscores as well.
fn is_question_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use ablation_settings::toy::Toy;
    use proptest::prelude::*;

    use super::*;
    use crate::toy::{assignment, assignment_file};

    /// The message for an assignment that was changed.
    fn error(change: impl FnOnce(&mut Json)) -> String {
        let mut json = assignment_file();
        change(&mut json);
        read_assignment(&json.to_string(), &Toy).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn an_assignment_is_read() {
        let assignment = assignment();
        assert_eq!((assignment.id.as_str(), assignment.questions.len(), assignment.predict), ("toy", 5, true));
        assert_eq!([assignment.automatic(), assignment.by_hand()], [Points::whole(9), Points::whole(4)]);
        assert!(assignment.components().eq(["position", "train.weight_decay=0"]));
        let spaced = format!("\u{feff}{}\r\n", serde_json::to_string_pretty(&assignment_file()).unwrap().replace('\n', "\r\n"));
        assert_eq!(read_assignment(&spaced, &Toy).unwrap().hash, assignment.hash);
    }

    #[test]
    fn every_student_has_a_study_of_their_own_unless_the_seed_is_fixed() {
        let assignment = assignment();
        let [ada, bob] = ["ada", "bob"].map(|name| assignment.study_of(name).unwrap());
        assert_ne!(ada.hash(), bob.hash());
        assert_eq!(Study { seed: bob.seed, ..ada.clone() }, bob);
        let file = assignment.study_file_of("ada").unwrap();
        assert_eq!(read_study(file, &Toy).unwrap(), ada);
        let mut fixed = assignment_file();
        fixed["seed"] = json!("fixed");
        fixed["study"]["seed"] = json!(7);
        let fixed = read_assignment(&fixed.to_string(), &Toy).unwrap();
        assert_eq!(fixed.study_of("ada").unwrap(), fixed.study_of("bob").unwrap());
        assert_eq!(fixed.seed("ada"), Ok(7));
    }

    #[test]
    fn what_cannot_be_used_is_named_with_the_way_out() {
        type Change = Box<dyn FnOnce(&mut Json)>;
        let cases: Vec<(Change, &str)> = vec![
            (
                Box::new(|json| json["schema"] = json!("ablation-solution/v1")),
                "`schema`: this is a solution and not an assignment",
            ),
            (
                Box::new(|json| json["schema"] = json!("ablation-assignment/v9")),
                "this release reads ablation-assignment/v1, not ablation-assignment/v9",
            ),
            (Box::new(|json| json["schema"] = json!("x")), "`x` is not `ablation-assignment/v1`"),
            (Box::new(|json| json["schema"] = Json::Null), "`schema`: it is missing"),
            (Box::new(|json| json["id"] = json!("Positions!")), "`id`: `Positions!` is no id; write 1 to 40 small letters"),
            (Box::new(|json| json["id"] = json!("file")), "`id`: `file` is what the page calls an assignment that was opened"),
            (Box::new(|json| json["titel"] = json!("x")), "`titel`: there is no such field; did you mean `title`?"),
            (
                Box::new(|json| json["__proto__"] = json!({})),
                "`__proto__`: there is no such field; the fields here are: schema, id",
            ),
            (Box::new(|json| json["seed"] = json!("own")), "`seed`: `own` is neither `student`"),
            (Box::new(|json| json["study"]["seed"] = json!(1)), "`study.seed`: each student has a root seed of their own"),
            (Box::new(|json| json["study"]["variants"][0]["remove"] = json!("positoin")), "`study.variants[0].remove`: "),
            (Box::new(|json| json["study"] = json!("positions.json")), "`study`: this is a text"),
            (Box::new(|json| json["predict"] = json!("yes")), "`predict`: this is a text; write true or false"),
            (Box::new(|json| json["hide"] = json!(["<b>"])), "`hide`: \"<b>\" is not the name of a control"),
            (Box::new(|json| json["questions"][1]["id"] = json!("q1")), "`questions`: two questions have the id `q1`"),
            (Box::new(|json| json["questions"][1]["id"] = json!("q 2")), "`questions[1].id`: `q 2` is no id"),
            (
                Box::new(|json| json["questions"][0]["kind"] = json!("choise")),
                "`questions[0].kind`: there is no kind of question `choise`; did you mean `choice`?",
            ),
            (
                Box::new(|json| json["questions"][0]["choices"] = json!(["a"])),
                "`questions[0].choices`: there are 1; write 2 to 20 texts",
            ),
            (Box::new(|json| json["questions"][0]["choices"] = json!(["a", "a "])), "`a ` stands twice"),
            (
                Box::new(|json| json["questions"][0]["points"] = json!(-1)),
                "`questions[0].points`: -1 is not a whole number from 0 to 1000",
            ),
            (Box::new(|json| json["questions"][0]["points"] = json!(1.5)), "1.5 is not a whole number"),
            (Box::new(|json| json["questions"][0]["unit"] = json!("nats")), "`questions[0].unit`: there is no such field"),
            (
                Box::new(|json| json["questions"][3]["component"] = json!("positions")),
                "`questions[3].component`: there is no variant `positions`; did you mean `position`?",
            ),
            (
                Box::new(|json| json["study"]["final"] = json!({"seeds": 1})),
                "`questions[3].kind`: a study of one seed has no verdicts",
            ),
            (Box::new(|json| json["evidence"] = json!({"points": 3, "point": 3})), "`evidence.point`: there is no such field"),
            (Box::new(|json| json["evidence"] = json!({})), "`evidence.points`: it is missing"),
        ];
        for (change, message) in cases {
            let error = error(change);
            assert!(error.contains(message), "{message}: {error}");
        }
        for (text, message) in [
            ("\u{fffd}PNG\r\n", "this is a PNG image and not JSON. Assignments that come"),
            ("https://example.org/#v=2", "this is a link and not JSON"),
            ("component,arm,seed,value\n", "this is a table (CSV) and not JSON"),
            (r#"{"nbformat": 4, "cells": []}"#, "this is a notebook and not an assignment"),
            (r#"{"version": 2, "variants": []}"#, "this is a study and not an assignment"),
            (r#"{"schema": "ablation-record/v2"}"#, "this is the record of a study and not an assignment"),
            ("[]", "this is a list and not an assignment"),
            ("", "the file is empty"),
            ("{\"schema\": ", "may have been cut off"),
        ] {
            let error = read_assignment(text, &Toy).unwrap_err().to_string();
            assert!(error.contains(message), "{message}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_file_that_was_mistyped_is_an_assignment_or_refused(
            changes in prop::collection::vec((0.0..1.0, 0_usize..12, "-?[0-9]{1,3}|1e[0-9]{1,3}|null|\"\"|\\[\\]|\\{\\}|,|\\PC{0,3}|"), 1..4),
        ) {
            let mut bytes = assignment_file().to_string().into_bytes();
            for (share, length, instead) in changes {
                let at = (share * bytes.len() as f64) as usize;
                let end = (at + length).min(bytes.len());
                bytes.splice(at..end, instead.into_bytes());
            }
            if let Ok(assignment) = read_assignment(&String::from_utf8_lossy(&bytes), &Toy) {
                prop_assert!(assignment.study_of("ada").is_ok());
            }
        }
    }
}
