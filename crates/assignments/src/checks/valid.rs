//! The file is a submission.

use super::Check;
use crate::case::Case;
use crate::grade::Part;
use crate::points::Points;

/// See [`read_submission`](crate::read_submission).
pub struct Valid;

impl Check for Valid {
    fn key(&self) -> &'static str {
        "valid"
    }

    fn is_gate(&self) -> bool {
        true
    }

    fn parts(&self, case: &Case) -> Vec<Part> {
        let part = Part::passed(self.key(), "The file is a submission", Points::ZERO);
        vec![match &case.submission {
            Ok(_) => part,
            Err(error) => part.failed(error.to_string()),
        }]
    }
}
