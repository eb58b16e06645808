//! `ablation assignment`: what students run and answer.

use std::path::Path;

use ablation_assignments::{Assignment, Seeding, Solution, read_assignment, read_solution};
use ablation_models::Models;

use crate::arguments::{AssignmentArguments, AssignmentCommand};
use crate::failure::bad_input;
use crate::number::count;
use crate::{file, output, plan};

/// A file of an instructor that is larger than this, in bytes, is none.
const LARGEST: u64 = 1 << 20;

/// Checks, or prints a study.
///
/// # Errors
/// If a file cannot be read, or cannot be used.
pub fn run(arguments: &AssignmentArguments) -> anyhow::Result<()> {
    match &arguments.command {
        AssignmentCommand::Check { assignment, solution } => {
            let assignment = read(assignment)?;
            let solution = solution.as_deref().map(|path| solved(path, &assignment)).transpose()?;
            output::shown(&told(&assignment, solution.as_ref()))
        }
        AssignmentCommand::Study { assignment, student } => {
            let study = read(assignment)?.study_file_of(student).map_err(|error| bad_input(error.to_string()))?;
            output::shown(&(serde_json::to_string_pretty(&study)? + "\n"))
        }
    }
}

/// The assignment of a file.
///
/// # Errors
/// If it cannot be read, or is none; the message names the field.
pub fn read(path: &Path) -> anyhow::Result<Assignment> {
    let what = format!("the assignment `{}`", path.display());
    let text = file::text(path, &what, LARGEST)?;
    read_assignment(&text, &Models).map_err(|error| bad_input(format!("{what}: {error}")))
}

/// The solution of a file.
///
/// # Errors
/// If it cannot be read, or does not solve this assignment; the message names the field.
pub fn solved(path: &Path, assignment: &Assignment) -> anyhow::Result<Solution> {
    let what = format!("the solution `{}`", path.display());
    let text = file::text(path, &what, LARGEST)?;
    read_solution(&text, assignment).map_err(|error| bad_input(format!("{what}: {error}")))
}

fn told(assignment: &Assignment, solution: Option<&Solution>) -> String {
    let Assignment { id, title, hash, study, evidence, questions, .. } = assignment;
    let seeds = match assignment.seeding {
        Seeding::Student => "each student runs it with a root seed of their own".to_string(),
        Seeding::Fixed => format!("all students run it with the root seed {}", study.seed),
    };
    let mut text = format!("title   {title}\nid      {id} (hash {})\nstudy   {}; {seeds}\n", &hash[..16], study.title);
    text += &plan::takes(study);
    let record = if evidence.number() > 0.0 { format!(", {evidence} of them for a complete record") } else { String::new() };
    let by_hand = match assignment.by_hand() {
        points if points.number() > 0.0 => format!(", and {points} that a person gives"),
        _ => String::new(),
    };
    let many = if questions.len() == 1 { "1 question".to_string() } else { format!("{} questions", count(questions.len())) };
    text += &format!("grade   {many}; {} points{record}{by_hand}\n", assignment.automatic());
    if let Some(solution) = solution {
        text += "solved  every question has an answer";
        if let Some(rerun) = solution.rerun {
            let trials = if rerun.trials == 1 { "1 trial is".to_string() } else { format!("{} trials are", rerun.trials) };
            text += &format!("; {trials} run again, for {} points more", rerun.points);
        }
        text += "\n";
    }
    text
}
