//! Whether an outcome can have been measured, by this release or one before it.
//!
//! An outcome is a file that anybody can edit, and a release of tomorrow may compute otherwise. What cannot be is not averaged with what is.

use ablation_protocol::Outcome;
use ablation_settings::{Settings, complete};

use crate::catalog::Models;
use crate::compute::NUMERICS;

/// The largest score that a model of these settings of a study can have; infinite where there is none.
pub fn largest_score(settings: &Settings) -> f64 {
    let data = complete(settings, &Models).ok().and_then(|settings| ablation_data::build(&settings).ok());
    data.map_or(f64::INFINITY, |data| data.about().score.largest())
}

/// Why an outcome cannot be used, as a sentence; none where it can. `scores`: [`largest_score`] of its study.
pub fn implausible(outcome: &Outcome, scores: f64) -> Option<String> {
    if outcome.numerics > NUMERICS {
        let other = outcome.numerics;
        return Some(format!(
            "it was computed with version {other} of the arithmetic, and this release knows versions up to {NUMERICS}; use the release that \
             computed it"
        ));
    }
    outcome.implausible(scores)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_settings::read_link;
    use std::collections::BTreeMap;

    #[test]
    fn arithmetic_of_the_future_and_scores_of_another_kind_are_refused() {
        let settings = |link: &str| read_link(link, &Models).0.settings;
        assert_eq!(largest_score(&settings("v=1&p=repeat")), 1.0);
        assert_eq!(largest_score(&settings("v=1&p=two-moons")), f64::INFINITY);
        assert_eq!(largest_score(&Settings::default()), f64::INFINITY);
        let outcome = |numerics| Outcome {
            trial: String::new(),
            marks: BTreeMap::new(),
            diverged: false,
            steps_to_threshold: None,
            device: String::new(),
            numerics,
        };
        assert_eq!(implausible(&outcome(NUMERICS), 1.0), None);
        assert!(implausible(&outcome(NUMERICS + 1), 1.0).unwrap().contains("knows versions up to"));
    }
}
