//! `ablation grade`: what students handed in, checked, marked, and in part run again.

mod again;
mod handed_in;

use std::collections::BTreeMap;
use std::env;
use std::time::Instant;

use ablation_assignments::formats::{Around, Format, format};
use ablation_assignments::{Assignment, Case, Draw, Grade, Machine, Solution, grade, read_submission};
use ablation_models::{implausible, largest_score};
use ablation_protocol::{Outcomes, Study};
use ablation_settings::{StudyError, visible, visible_line};

use crate::arguments::GradeArguments;
use crate::failure::bad_input;
use crate::file::Replacement;
use crate::{assignment, clock, output};
use handed_in::HandedIn;

/// Most trials of a record that are run again.
const MOST_AGAIN: u32 = 1000;

/// Grades every submission and writes the result.
///
/// # Errors
/// If assignment, solution or an option cannot be used, or the result cannot be written. A broken submission is no error: it is graded.
pub fn run(arguments: &GradeArguments) -> anyhow::Result<()> {
    let begun = Instant::now();
    let assignment = assignment::read(&arguments.assignment)?;
    let solution = assignment::solved(&arguments.solution, &assignment)?;
    let format = format(&arguments.format).ok_or_else(|| bad_input(format!("there is no format `{}`", arguments.format)))?;
    let again = trials_again(arguments, &solution)?;
    let around = around(format)?;
    // A folder that cannot be written to is found before anything is run.
    let file = arguments.output.as_deref().map(Replacement::open).transpose()?;
    let submissions = handed_in::all(&arguments.submissions, format.holds_several())?;
    if submissions.len() > 1 && arguments.student.is_some() {
        return Err(bad_input("`--student` says who handed in one submission; grade them one by one, or leave it out"));
    }
    let mut grades = Vec::new();
    for submission in submissions {
        grades.push(one(&assignment, &solution, submission, again, arguments)?);
    }
    twice(&grades);
    let around = Around { seconds: begun.elapsed().as_secs_f64(), ..around };
    let text = format.write(&grades, &around).map_err(bad_input)?;
    match file {
        None => output::shown(&text),
        Some(file) => file.write(visible(&text).as_bytes()),
    }
}

/// How many trials of a record are run again.
fn trials_again(arguments: &GradeArguments, solution: &Solution) -> anyhow::Result<u32> {
    match (arguments.rerun, solution.rerun) {
        (Some(count), None) if count > 0 => Err(bad_input(format!(
            "`--rerun {count}` has no points and no tolerance; write `rerun` in the solution, such as {{\"trials\": 2, \"points\": 3, \
             \"tolerance\": 0.02}}"
        ))),
        (Some(count), _) if count > MOST_AGAIN => {
            Err(bad_input(format!("`--rerun {count}` is more than {MOST_AGAIN}; give fewer")))
        }
        (Some(count), _) => Ok(count),
        (None, Some(rerun)) => Ok(rerun.trials),
        (None, None) => Ok(0),
    }
}

/// What a format takes from the environment.
fn around(format: &dyn Format) -> anyhow::Result<Around> {
    let set = |name: &&'static str| Some((*name, env::var(name).ok().filter(|value| !value.is_empty())?));
    let variables: BTreeMap<&'static str, String> = format.variables().iter().filter_map(set).collect();
    let around = Around { seconds: 0.0, now: clock::now(), variables };
    // What is missing is said before anything is run, and not after minutes.
    format.ready(&around).map_err(bad_input)?;
    Ok(around)
}

fn one(
    assignment: &Assignment,
    solution: &Solution,
    submission: HandedIn,
    again: u32,
    arguments: &GradeArguments,
) -> anyhow::Result<Grade> {
    let HandedIn { source, text } = submission;
    let read = text.map_err(|why| StudyError::new("", why)).and_then(|text| read_submission(&text));
    let case = Case::of(assignment, solution, read, Machine { implausible: &unbelievable });
    let mut case = case.handed_in_by(arguments.student.as_deref());
    if again > 0 {
        let trials = case.chosen(arguments.seed.as_deref().unwrap_or(&solution.hash), again);
        case.again = Some(Draw { asked: again, trials: again::run(trials, arguments.device)? });
    }
    Ok(grade(&case, &source))
}

/// Why nobody can have measured some of these outcomes.
fn unbelievable(study: &Study, outcomes: &Outcomes) -> Option<String> {
    let scores = largest_score(&study.settings);
    outcomes.iter().find_map(|(id, outcome)| Some(format!("`outcomes.{id}`: {}", implausible(outcome, scores)?)))
}

/// Says which students handed in several files: which of them counts is nothing that a program decides.
fn twice(grades: &[Grade]) {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for grade in grades {
        if let Some(student) = &grade.student {
            files.entry(student).or_default().push(&grade.source);
        }
    }
    for (student, files) in files.into_iter().filter(|(_, files)| files.len() > 1) {
        eprintln!("note: `{}` is the student in {}", visible_line(student), visible_line(&files.join(", ")));
    }
}
