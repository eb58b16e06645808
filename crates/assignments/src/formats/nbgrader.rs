//! Rows of a gradebook as nbgrader exports it (`nbgrader export`), which many learning platforms import.

use super::{Around, Format};
use crate::grade::Grade;

/// One row for each submission. A grader knows no names but the student's, and no date on which it was due.
pub struct Nbgrader;

/// The columns of nbgrader's own export.
const COLUMNS: [&str; 11] = [
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
];

impl Format for Nbgrader {
    fn name(&self) -> &'static str {
        "nbgrader"
    }

    fn help(&self) -> &'static str {
        "A table (CSV) with the columns of `nbgrader export`, a row for each submission"
    }

    fn holds_several(&self) -> bool {
        true
    }

    fn write(&self, grades: &[Grade], around: &Around) -> Result<String, String> {
        let row = |grade: &Grade| {
            let score = grade.score().to_string();
            let student = grade.student.clone().unwrap_or_default();
            let cells = [
                grade.assignment.clone(),
                String::new(),
                around.now.clone(),
                student,
                String::new(),
                String::new(),
                String::new(),
                score.clone(),
                "0".to_string(),
                score,
                grade.max().to_string(),
            ];
            cells.map(|cell| quoted(&cell)).join(",") + "\n"
        };
        Ok(COLUMNS.join(",") + "\n" + &grades.iter().map(row).collect::<String>())
    }
}

/// A cell (RFC 4180). One that a spreadsheet would compute is kept a text by an apostrophe: a student may be called anything.
fn quoted(cell: &str) -> String {
    let cell = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_string() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
