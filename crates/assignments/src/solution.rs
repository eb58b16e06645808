//! A solution: the right answers, and how much is run again. Only the grader reads it.
//!
//! ```json
//! { "schema": "ablation-solution/v1", "assignment": "positions",
//!   "answers": { "q1": {"choice": "…"}, "q2": {"number": 1.4, "tolerance": 0.2}, "q3": {"by_hand": true, "model": "…"},
//!                "q4": {"verdict_of": "position"}, "q5": {"gap": "necessity", "component": "position", "tolerance": 0.05} },
//!   "rerun": {"trials": 2, "points": 3, "tolerance": 0.02} }
//! ```

use ablation_settings::{Fields, LONGEST, StudyError, canonical, shorten};
use serde_json::Value as Json;

use crate::assignment::{Assignment, points};
use crate::document::{self, Kind, required};
use crate::points::Points;
use crate::questions::{Key, unknown};

/// The format of a solution.
pub const SOLUTION_SCHEMA: &str = "ablation-solution/v1";

const KIND: Kind = Kind {
    schema: SOLUTION_SCHEMA,
    name: "a solution",
    source: "Solutions of the assignments that come with the program are in examples/solutions; docs/assignments.md says how to write one",
};

/// Most trials that are run again.
pub const MOST_TRIALS: u32 = 1000;

/// How much is run again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rerun {
    /// How many trials.
    pub trials: u32,
    /// What it is worth if all of them agree.
    pub points: Points,
    /// How far a loss or a score may be off where not every digit is the same, each in its own unit.
    pub tolerance: f64,
}

/// The right answers to an assignment.
#[derive(Debug)]
pub struct Solution {
    /// The right answers, in the order of the questions.
    pub keys: Vec<Box<dyn Key>>,
    /// How much is run again.
    pub rerun: Option<Rerun>,
    /// SHA-256 of the file's canonical JSON: the secret of the draw of trials where no other is given. Anyone who has the file knows it.
    pub hash: String,
}

/// Reads the solution of an assignment.
///
/// # Errors
/// The first field that is missing, unknown or no answer to its question, by its path, with the way out.
pub fn read_solution(text: &str, assignment: &Assignment) -> Result<Solution, StudyError> {
    let (json, mut file) = document::open(text, &KIND)?;
    let of = required(&mut file, "assignment")?;
    if of != assignment.id {
        let message =
            format!("this solves `{}`, and the assignment is `{}`; give the files of one", shorten(&of, LONGEST), assignment.id);
        return Err(file.error("assignment", message));
    }
    let answers = file.take("answers").unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    let Json::Object(mut answers) = answers else {
        return Err(file.error("answers", "write a table with an answer for each question, by its id"));
    };
    let mut keys = Vec::new();
    for question in &assignment.questions {
        let path = format!("answers.{}", question.id);
        let Some(json) = answers.remove(&question.id) else {
            return Err(StudyError::new(path, "it is missing; write the right answer to this question"));
        };
        let mut fields = Fields::new(&path, json)?;
        keys.push(question.asked.key(&mut fields, &assignment.study)?);
        fields.finish()?;
    }
    if let Some(id) = answers.keys().next() {
        let known = assignment.questions.iter().map(|question| question.id.as_str());
        return Err(StudyError::new(format!("answers.{}", shorten(id, LONGEST)), unknown(id, known, "question")));
    }
    let rerun = file.take("rerun").map(rerun).transpose()?;
    file.finish()?;
    Ok(Solution { keys, rerun, hash: canonical::hash(&json) })
}

fn rerun(json: Json) -> Result<Rerun, StudyError> {
    let mut fields = Fields::new("rerun", json)?;
    let trials = fields.whole("trials", (1, MOST_TRIALS))?;
    let trials = trials.ok_or_else(|| fields.error("trials", "it is missing; write how many trials are run again"))?;
    let points = points(&mut fields)?;
    let tolerance = fields.number("tolerance", (0.0, 1e100))?;
    let message = "it is missing; write how far a loss may be off where another machine computed it, such as 0.02";
    let tolerance = tolerance.ok_or_else(|| fields.error("tolerance", message))?;
    fields.finish()?;
    Ok(Rerun { trials, points, tolerance })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::toy::{assignment, solution, solution_file};

    #[test]
    fn a_solution_is_read() {
        let solution = solution();
        assert_eq!(solution.rerun, Some(Rerun { trials: 2, points: Points::whole(3), tolerance: 0.02 }));
        let right: Vec<String> = solution.keys.iter().map(|key| key.right(None)).collect();
        assert_eq!(right[..2], ["that", "1.400 ± 0.2 nats"]);
        assert!(right[2].contains("the disruption of `position`") && right[3].contains("no verdict on `position`"), "{right:?}");
    }

    #[test]
    fn what_is_no_answer_is_named_with_the_way_out() {
        type Change = Box<dyn FnOnce(&mut Json)>;
        let gap = |gap: &str, component: &str| json!({"gap": gap, "component": component, "tolerance": 0.1});
        let cases: Vec<(Change, &str)> = vec![
            (
                Box::new(|json| json["assignment"] = json!("heads")),
                "`assignment`: this solves `heads`, and the assignment is `toy`",
            ),
            (Box::new(|json| json["answers"]["q1"] = Json::Null), "`answers.q1`: this is empty; write a table of fields"),
            (Box::new(|json| drop(json["answers"].as_object_mut().unwrap().remove("q2"))), "`answers.q2`: it is missing"),
            (Box::new(|json| json["answers"]["q9"] = json!({})), "`answers.q9`: there is no question `q9`; did you mean `q1`?"),
            (
                Box::new(|json| json["answers"]["__proto__"] = json!({})),
                "`answers.__proto__`: there is no question `__proto__`; there are: `q1`",
            ),
            (
                Box::new(|json| json["answers"]["q1"]["choice"] = json!("thta")),
                "`answers.q1.choice`: there is no choice `thta`; did you mean `that`?",
            ),
            (Box::new(|json| json["answers"]["q1"]["number"] = json!(1)), "`answers.q1.number`: there is no such field"),
            (Box::new(|json| json["answers"]["q2"] = json!({"number": 1.4})), "`answers.q2.tolerance`: it is missing"),
            (Box::new(|json| json["answers"]["q2"] = json!({"gap": "necessity"})), "`answers.q2.component`: it is missing"),
            (
                Box::new(move |json| json["answers"]["q3"] = gap("necesity", "position")),
                "`answers.q3.gap`: there is no gap `necesity`; did you mean `necessity`?",
            ),
            (
                Box::new(move |json| json["answers"]["q3"] = gap("necessity", "posit")),
                "`answers.q3.component`: there is no variant `posit`",
            ),
            (
                Box::new(move |json| json["answers"]["q3"] = gap("disruption", "train.weight_decay=0")),
                "the study has no disruption of `train.weight_decay=0`",
            ),
            (
                Box::new(move |json| json["answers"]["q3"] = gap("matched", "position")),
                "write `\"matched\": true` in the variant",
            ),
            (
                Box::new(|json| json["answers"]["q4"]["verdict_of"] = json!("train.weight_decay=0")),
                "the question is about `position`",
            ),
            (
                Box::new(|json| json["answers"]["q5"] = json!({"model": "x"})),
                "`answers.q5.by_hand`: a text is marked by a person",
            ),
            (Box::new(|json| json["answers"]["q5"] = json!({"by_hand": true})), "`answers.q5.model`: it is missing"),
            (Box::new(|json| json["rerun"]["trials"] = json!(0)), "`rerun.trials`: 0 is not a whole number from 1 to 1000"),
            (Box::new(|json| json["rerun"]["tolerance"] = json!(-1)), "`rerun.tolerance`: -1 is not a number"),
            (Box::new(|json| json["rerun"]["trial"] = json!(2)), "`rerun.trial`: there is no such field; did you mean `trials`?"),
            (Box::new(|json| json["schema"] = json!("ablation-assignment/v1")), "this is an assignment and not a solution"),
        ];
        for (change, message) in cases {
            let mut json = solution_file();
            change(&mut json);
            let error = read_solution(&json.to_string(), &assignment()).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(message), "{message}: {error}");
        }
        // Key and name of a gap are one.
        for name in ["co_adaptation_gap", "co-adaptation gap", "recovery", "recovery gap", "untuned gap"] {
            let mut json = solution_file();
            json["answers"]["q3"] = gap(name, "position");
            assert!(read_solution(&json.to_string(), &assignment()).is_ok(), "{name}");
        }
    }
}
