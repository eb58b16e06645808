//! The file says what the student expected, where that was asked for; when it was written, no file can show.

use std::collections::BTreeSet;

use super::Check;
use crate::case::Case;
use crate::grade::Part;
use crate::points::Points;
use crate::questions::unknown;

/// Whether a guess was made, and not whether it was right: a guess that is graded is no guess.
pub struct Prediction;

impl Check for Prediction {
    fn key(&self) -> &'static str {
        "prediction"
    }

    fn parts(&self, case: &Case) -> Vec<Part> {
        if !case.assignment.predict {
            return Vec::new();
        }
        let part = Part::passed(self.key(), "The file holds a prediction", Points::ZERO);
        let Some(submission) = case.accepted() else { return vec![part.refused()] };
        let guesses = &submission.prediction;
        let known = || case.assignment.components();
        let mut seen = BTreeSet::new();
        let stray = guesses.iter().find(|guess| !known().any(|name| name == guess.component));
        let twice = guesses.iter().find(|guess| !seen.insert(&guess.component));
        vec![match (stray, twice) {
            _ if guesses.is_empty() => part.failed("there is none"),
            (Some(stray), _) => part.failed(unknown(&stray.component, known(), "variant")),
            (None, Some(twice)) => part.failed(format!("`{}` stands in it twice", twice.component)),
            (None, None) => part,
        }]
    }
}
