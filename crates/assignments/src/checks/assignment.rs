//! The submission answers this assignment, as it is worded today.

use super::Check;
use crate::case::Case;
use crate::grade::Part;
use crate::points::Points;
use crate::questions::unknown;

/// See [`Case::right_assignment`].
pub struct RightAssignment;

impl Check for RightAssignment {
    fn key(&self) -> &'static str {
        "assignment"
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn parts(&self, case: &Case) -> Vec<Part> {
        let part = Part::passed(self.key(), "It answers this assignment", Points::ZERO);
        let Ok(submission) = &case.submission else { return vec![part.refused()] };
        if let Err(why) = case.right_assignment(submission) {
            return vec![part.failed(why)];
        }
        let known = || case.assignment.questions.iter().map(|question| question.id.as_str());
        let stray = submission.answers.keys().find(|id| !known().any(|known| known == id.as_str()));
        vec![match stray {
            Some(id) => part.saying(format!("an answer is left out: {}", unknown(id, known(), "question"))),
            None => part,
        }]
    }
}
