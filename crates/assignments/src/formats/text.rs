//! For a terminal, with what only the grader may read.

use ablation_settings::visible_line;

use super::{Around, Format};
use crate::grade::{Grade, Part, Status};
use crate::points::Points;

/// A block for one submission, a row each for several.
pub struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn help(&self) -> &'static str {
        "For a terminal, with right answers and model answers"
    }

    fn holds_several(&self) -> bool {
        true
    }

    fn write(&self, grades: &[Grade], _: &Around) -> Result<String, String> {
        Ok(match grades {
            [grade] => block(grade),
            grades => rows(grades),
        })
    }
}

fn block(grade: &Grade) -> String {
    let who = grade.student.as_deref().unwrap_or("no name");
    let mut text = format!("{} ({})\n{}: {}\n\n", grade.title, grade.assignment, visible_line(&grade.source), visible_line(who));
    for part in &grade.parts {
        text += &line(part);
    }
    text + &format!("\ntotal     {}\n", grade.total())
}

fn line(part: &Part) -> String {
    let status = match part.status {
        Status::Passed => "ok",
        Status::Partly => "partly",
        Status::Failed => "failed",
        Status::ByHand => "by hand",
        Status::Skipped => "skipped",
    };
    let points = match part.max {
        Points::ZERO if part.by_hand > Points::ZERO => format!("?/{}", part.by_hand),
        Points::ZERO => String::new(),
        max => format!("{}/{max}", part.score),
    };
    let found = if part.found.is_empty() { String::new() } else { format!(": {}", visible_line(&part.found)) };
    // An answer may have lines.
    let indented = part.note.replace('\n', &format!("\n{:18}", ""));
    let note = if indented.is_empty() { String::new() } else { format!("{:18}{indented}\n", "") };
    format!("{status:<9} {points:<7} {}{found}\n{note}", part.name)
}

fn rows(grades: &[Grade]) -> String {
    let row = |grade: &Grade| {
        // A file's name may hold a line feed, and so may what is quoted from the file; a row stays one line.
        let who = visible_line(grade.student.as_deref().unwrap_or("-")).into_owned();
        let why = grade.refused().map_or(String::new(), |why| format!("  {}", visible_line(why)));
        let source = visible_line(&grade.source).into_owned();
        [who, format!("{}/{}", grade.score(), grade.max()), grade.by_hand().to_string(), source, why]
    };
    let head = ["student", "points", "by hand", "file", ""].map(str::to_string);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(grades.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let line = |[who, points, by_hand, file, why]: &[String; 5]| {
        let [a, b, c, d] = widths;
        format!("{who:<a$}  {points:>b$}  {by_hand:>c$}  {file:<d$}{why}").trim_end().to_string() + "\n"
    };
    rows.iter().map(line).collect()
}
