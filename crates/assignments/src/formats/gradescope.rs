//! `results.json` of a Gradescope autograder (<https://gradescope-autograders.readthedocs.io/en/latest/specs/>).
//!
//! Students see it, so it has no right answers. If a test were hidden, they would see no total.

use serde_json::{Value, json};

use super::{Around, Format, for_students};
use crate::grade::{Grade, Part, Status};

/// One test for each part; what a person marks stands in the text above them.
pub struct Gradescope;

impl Format for Gradescope {
    fn name(&self) -> &'static str {
        "gradescope"
    }

    fn help(&self) -> &'static str {
        "results.json of a Gradescope autograder"
    }

    fn write(&self, grades: &[Grade], around: &Around) -> Result<String, String> {
        let result = grades.first().map(|grade| result(grade, around));
        Ok(result.unwrap_or(Value::Null).to_string() + "\n")
    }
}

fn result(grade: &Grade, around: &Around) -> Value {
    let tests = for_students(grade).zip(1..).map(|(part, number)| test(part, number)).collect::<Vec<Value>>();
    json!({
        "score": grade.score().json(),
        "execution_time": around.seconds,
        "output": output(grade),
        "output_format": "md",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"assignment": grade.assignment, "by_hand": grade.by_hand().json()},
    })
}

fn test(part: &Part, number: usize) -> Value {
    json!({
        "number": number.to_string(),
        "name": part.name,
        "score": part.score.json(),
        "max_score": part.max.json(),
        "status": if part.status == Status::Passed { "passed" } else { "failed" },
        "output": part.found,
    })
}

/// What stands above the tests, as Markdown.
fn output(grade: &Grade) -> String {
    let mut text = format!("**{}**: {}.\n", plain(&grade.title), plain(&grade.total()));
    if let Some(why) = grade.refused() {
        text += &format!("\nThe submission was refused: {}.\n", plain(why));
    }
    for part in grade.parts.iter().filter(|part| part.status == Status::Skipped) {
        text += &format!("\n{}: {}.\n", plain(&part.name), plain(&part.found));
    }
    text
}

/// A text that Markdown shows as it is, whatever characters are in it.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '+' | '!' | '|' | '~' | '$' | '&' => {
                plain.extend(['\\', c])
            }
            '\n' | '\r' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}
