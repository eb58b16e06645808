//! What is looked at in a submission, in this order. One file each, and one line in [`CHECKS`].

mod answers;
mod assignment;
mod evidence;
mod prediction;
mod rerun;
mod study;
mod valid;

use crate::case::Case;
use crate::grade::Part;

/// The checks, in order.
pub const CHECKS: [&dyn Check; 7] = [
    &valid::Valid,
    &assignment::RightAssignment,
    &study::RightStudy,
    &evidence::CompleteRecord,
    &answers::Answers,
    &prediction::Prediction,
    &rerun::RunAgain,
];

/// A check.
pub trait Check: Sync {
    /// The key of its part, or how the keys of its parts begin.
    fn key(&self) -> &'static str;

    /// Whether a submission that fails it is worth nothing.
    fn is_gate(&self) -> bool {
        false
    }

    /// What it finds: the same parts with the same points, whatever was handed in.
    fn parts(&self, case: &Case) -> Vec<Part>;
}
