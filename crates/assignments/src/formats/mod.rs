//! What a grade is written as. One file each, and one line in [`FORMATS`].

mod classroom50;
mod gradescope;
mod json;
mod nbgrader;
mod prairielearn;
mod text;

use std::collections::BTreeMap;

use crate::grade::{Grade, Part, Status};
use crate::points::Points;

/// The formats, the usual one first.
pub const FORMATS: [&dyn Format; 6] = [
    &text::Text,
    &json::Json,
    &gradescope::Gradescope,
    &classroom50::Classroom50,
    &prairielearn::PrairieLearn,
    &nbgrader::Nbgrader,
];

/// What the grader knows beside the grades.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Seconds that grading took.
    pub seconds: f64,
    /// The time, `YYYY-MM-DDTHH:MM:SSZ`.
    pub now: String,
    /// The values of the [`Format::variables`] that are set.
    pub variables: BTreeMap<&'static str, String>,
}

/// A format of results.
pub trait Format: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// What it is for, in a line.
    fn help(&self) -> &'static str;

    /// Whether one file holds several grades.
    fn holds_several(&self) -> bool {
        false
    }

    /// Variables of the environment that it takes values from.
    fn variables(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the variables that it needs are set.
    ///
    /// # Errors
    /// A sentence that names the one that is missing.
    fn ready(&self, _: &Around) -> Result<(), String> {
        Ok(())
    }

    /// The text of a file. `grades` has one member unless the format holds several.
    ///
    /// # Errors
    /// As [`Format::ready`].
    fn write(&self, grades: &[Grade], around: &Around) -> Result<String, String>;
}

/// The format of a name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// The parts that students see a score of: all but what a person marks and what nobody looked at.
fn for_students(grade: &Grade) -> impl Iterator<Item = &Part> {
    let is_shown = |part: &&Part| !matches!(part.status, Status::Skipped | Status::ByHand) && part.by_hand == Points::ZERO;
    grade.parts.iter().filter(is_shown)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::toy::{graded, submission_file};

    fn around() -> Around {
        let variables = [
            ("CLASSROOM", "cs1"),
            ("ASSIGNMENT", "toy"),
            ("OWNER", "ada"),
            ("SUBMISSION_TAG", "submit/20261123T100000Z-abc1234"),
            ("COMMIT_URL", "https://example.org/commit/abc1234"),
            ("RELEASE_URL", "https://example.org/releases/1"),
            ("SUBMITTED_AT", "2026-11-23T10:00:00Z"),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name, value.to_string())).collect();
        Around { seconds: 1.5, now: "2026-11-24T10:00:00Z".into(), variables }
    }

    /// Right, partly right, of somebody else, and no submission at all.
    fn grades() -> Vec<Grade> {
        let mut partly = submission_file("ada");
        partly["answers"] = json!({"q1": "this", "q4": "*\u{202e}<b>"});
        let mut other = submission_file("ada");
        other["student"] = json!("=cmd|' /C calc'!A0, \"x\"");
        [submission_file("ada").to_string(), partly.to_string(), other.to_string(), "\u{fffd}PNG".into()]
            .map(|text| graded(&text))
            .into()
    }

    fn json(name: &str, grade: Grade) -> Value {
        serde_json::from_str(&format(name).unwrap().write(&[grade], &around()).unwrap()).unwrap()
    }

    #[test]
    fn names_are_distinct_and_found() {
        for (index, one) in FORMATS.iter().enumerate() {
            assert!(FORMATS[..index].iter().all(|other| other.name() != one.name()));
            assert_eq!(format(one.name()).unwrap().name(), one.name());
        }
        assert!(format("xml").is_none() && FORMATS[0].holds_several());
    }

    /// What a student reads gives no right answer away.
    #[test]
    fn only_whoever_grades_reads_the_solution() {
        let shows = |name: &str| {
            let mut grade = graded(&submission_file("ada").to_string());
            grade.parts.iter_mut().for_each(|part| part.note = "SECRET".into());
            format(name).unwrap().write(&[grade], &around()).unwrap().contains("SECRET")
        };
        let shown: Vec<&str> = FORMATS.iter().map(|format| format.name()).filter(|name| shows(name)).collect();
        assert_eq!(shown, ["text", "json"]);
    }

    #[test]
    fn a_terminal_shows_points_reasons_and_right_answers() {
        let [right, partly, ..] = &grades()[..] else { panic!("four grades") };
        let text = format("text").unwrap().write(std::slice::from_ref(right), &around()).unwrap();
        assert!(text.contains("total     9 of 9 points; 4 more are given by hand (q5)"), "{text}");
        assert!(text.contains("ok        2/2     q1: right\n                  right is: that"), "{text}");
        assert!(
            text.contains(
                "by hand   ?/4     q5: marked by a person\n                  the answer was \"Since.\"; a good answer says: Because."
            ),
            "{text}"
        );
        assert!(text.contains("skipped           Trials that are run again agree: nothing was run again"), "{text}");
        let text = format("text").unwrap().write(std::slice::from_ref(partly), &around()).unwrap();
        assert!(
            text.contains("failed    0/2     q1: not right") && text.contains("failed    0/2     q2: not answered"),
            "{text}"
        );
        let rows = format("text").unwrap().write(&grades(), &around()).unwrap();
        assert!(rows.starts_with("student ") && rows.lines().count() == 5, "{rows}");
        assert!(rows.contains("this is a PNG image and not JSON"), "{rows}");
    }

    #[test]
    fn a_terminal_shows_a_row_as_one_line() {
        let mut grade = grades().remove(3);
        let plain = format("text").unwrap().write(&[grade.clone()], &around()).unwrap().lines().count();
        let forged = "\nada  9/9  0  ada.json";
        grade.source += forged;
        grade.student = Some(format!("eve{forged}"));
        grade.parts.iter_mut().for_each(|part| part.found += forged);
        let write = |grades: &[Grade]| format("text").unwrap().write(grades, &around()).unwrap();
        let [block, rows] = [write(&[grade.clone()]), write(&[grade.clone(), grade])];
        assert_eq!([block.lines().count(), rows.lines().count()], [plain, 3], "{block}{rows}");
        assert!(block.contains("\\u000aada") && !rows.contains("\nada"), "{rows}");
    }

    #[test]
    fn gradescope_s_fields_are_those_of_its_specification() {
        for grade in grades() {
            let (score, max) = (grade.score(), grade.max());
            let result = json("gradescope", grade);
            let known = [
                "score",
                "execution_time",
                "output",
                "output_format",
                "test_output_format",
                "test_name_format",
                "stdout_visibility",
                "tests",
                "extra_data",
            ];
            assert!(result.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{result}");
            assert_eq!((&result["score"], &result["output_format"]), (&score.json(), &json!("md")));
            let tests = result["tests"].as_array().unwrap();
            let known = ["number", "name", "score", "max_score", "status", "output"];
            for test in tests {
                assert!(test.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{test}");
                assert!(["passed", "failed"].contains(&test["status"].as_str().unwrap()) && test["number"].is_string());
            }
            let sum = |field: &str| tests.iter().map(|test| test[field].as_f64().unwrap()).sum::<f64>();
            assert_eq!((sum("score"), sum("max_score")), (score.number(), max.number()));
        }
        let output = json("gradescope", grades().remove(2))["output"].as_str().unwrap().to_string();
        assert!(output.contains("The submission was refused: its seed is"), "{output}");
        assert!(output.contains("\\`=cmd\\|'"), "{output}");
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn classroom_50_accepts_the_result() {
        // The structure that `schemas/result-v1.schema.json` of Classroom 50 asks for.
        let text = json!({"type": "string", "minLength": 1});
        let (count, time) = (
            json!({"type": "integer", "minimum": 0}),
            json!({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}),
        );
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release", "review", "datetime", "score", "max-score", "tests"],
            "properties": {
                "schema": {"const": "classroom50/result/v1"},
                "classroom": text, "assignment": text, "assignment_type": {"enum": ["individual", "group"]}, "owner": text,
                "submission": {"type": "string", "pattern": "^submit/"}, "commit": text, "release": text, "review": text,
                "datetime": time, "graded_at": time, "score": count, "max-score": count,
                "tests": {"type": "array", "items": {
                    "type": "object",
                    "required": ["test-name", "passed", "score", "max-score"],
                    "properties": {"test-name": text, "passed": {"type": "boolean"}, "score": count, "max-score": count},
                }},
            },
        });
        let validator = jsonschema::validator_for(&schema).unwrap();
        for grade in grades() {
            let result = json("classroom50", grade);
            let mistakes: Vec<String> = validator.iter_errors(&result).map(|error| error.to_string()).collect();
            assert!(mistakes.is_empty(), "{mistakes:?}");
            let sum =
                |field: &str| result["tests"].as_array().unwrap().iter().map(|test| test[field].as_u64().unwrap()).sum::<u64>();
            assert_eq!((json!(sum("score")), json!(sum("max-score"))), (result["score"].clone(), result["max-score"].clone()));
            assert_eq!((&result["datetime"], &result["review"]), (&json!("2026-11-23T10:00:00Z"), &result["commit"]));
        }
    }

    #[test]
    fn classroom_50_says_which_variable_is_missing_or_wrong() {
        let ready = |change: &dyn Fn(&mut BTreeMap<&'static str, String>)| {
            let mut around = around();
            change(&mut around.variables);
            format("classroom50").unwrap().ready(&around)
        };
        assert_eq!(ready(&|_| {}), Ok(()));
        assert!(ready(&|variables| drop(variables.remove("CLASSROOM"))).unwrap_err().contains("CLASSROOM is not set"));
        assert!(ready(&|variables| drop(variables.remove("OWNER"))).unwrap_err().contains("neither OWNER nor USERNAME"));
        assert!(
            ready(&|variables| drop(variables.insert("SUBMISSION_TAG", "v1".into())))
                .unwrap_err()
                .contains("begins with `submit/`")
        );
        for wrong in ["yesterday", "2026-11-23T24:00:00Z", "2026-11-23 10:00:00Z", "é026-11-23T10:00:00"] {
            assert!(ready(&|variables| drop(variables.insert("SUBMITTED_AT", wrong.into()))).unwrap_err().contains(wrong));
        }
    }

    #[test]
    fn prairielearn_gets_a_share_and_no_attempt_is_spent_on_a_picture() {
        let [right, partly, other, picture] = <[Grade; 4]>::try_from(grades()).unwrap().map(|grade| json("prairielearn", grade));
        assert_eq!([&right["score"], &right["gradable"]], [&json!(1.0), &json!(true)]);
        assert!(partly["score"].as_f64().is_some_and(|score| (score - 3.0 / 9.0).abs() < 1e-12));
        assert_eq!([&other["score"], &other["gradable"]], [&json!(0.0), &json!(true)]);
        assert_eq!([&picture["score"], &picture["gradable"]], [&json!(0.0), &json!(false)]);
        assert!(picture["format_errors"][0].as_str().unwrap().contains("PNG image"));
        assert_eq!(right["tests"].as_array().unwrap().len(), picture["tests"].as_array().unwrap().len());
    }

    #[test]
    fn a_gradebook_has_a_row_for_each_and_computes_nothing() {
        let text = format("nbgrader").unwrap().write(&grades(), &around()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score"
        );
        assert_eq!(lines[1], "toy,,2026-11-24T10:00:00Z,ada,,,,9,0,9,9");
        assert_eq!(lines[3], "toy,,2026-11-24T10:00:00Z,\"'=cmd|' /c calc'!a0, \"\"x\"\"\",,,,0,0,0,9");
        assert_eq!(lines[4], "toy,,2026-11-24T10:00:00Z,,,,,0,0,0,9");
    }
}
