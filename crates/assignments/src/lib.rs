//! Assignments for courses: what students run and answer, and how it is graded.
//!
//! An instructor writes two files, an [`Assignment`] that everybody reads and a [`Solution`] that nobody else does; a student hands in one, a
//! [`Submission`] with the record of the study. Whatever is in it was in the student's hands, so nothing in it is believed: the study has to be
//! the one that the assignment and the student's name give, the report has to follow from the outcomes, and some trials, which a secret
//! decides, are run again.
//!
//! Pure, as reports are: no files, no clock, no training. The grader reads the texts, runs the trials that [`Case::chosen`] names, and
//! writes what a [`Format`](formats::Format) makes of the [`Grade`].

mod assignment;
mod case;
pub mod checks;
mod document;
pub mod formats;
mod grade;
mod points;
pub mod questions;
mod rerun;
mod solution;
mod student;
mod submission;
mod text;
#[cfg(test)]
mod toy;

pub use assignment::{ASSIGNMENT_SCHEMA, Assignment, Question, Seeding, check_id, read_assignment};
pub use case::{Case, Machine};
pub use grade::{Grade, Part, Status, grade};
pub use points::Points;
pub use rerun::{Again, Agreement, Draw, agreement};
pub use solution::{Rerun, SOLUTION_SCHEMA, Solution, read_solution};
pub use student::{seed_of, student};
pub use submission::{Guess, SUBMISSION_SCHEMA, Submission, read_submission};
pub use text::trimmed;
