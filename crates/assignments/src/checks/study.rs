//! The record is of the assignment's study, with this student's seed.

use super::Check;
use crate::case::Case;
use crate::grade::Part;
use crate::points::Points;

/// See [`Case::right_study`].
pub struct RightStudy;

impl Check for RightStudy {
    fn key(&self) -> &'static str {
        "study"
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn parts(&self, case: &Case) -> Vec<Part> {
        let part = Part::passed(self.key(), "The study is this student's", Points::ZERO);
        let right = case.submission.as_ref().ok().filter(|submission| case.right_assignment(submission).is_ok());
        vec![match right.map(|submission| case.right_study(submission)) {
            Some(Ok(())) => part,
            Some(Err(why)) => part.failed(why),
            None => part.refused(),
        }]
    }
}
