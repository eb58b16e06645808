//! Trials that were run again found what the record says.

use ablation_settings::number::{given, significant};

use super::Check;
use crate::case::Case;
use crate::grade::{Part, Status};
use crate::points::Points;
use crate::rerun::{Again, Agreement, agreement};

/// All points if every trial agrees, none else. Where nothing was run again nothing is counted.
pub struct RunAgain;

impl Check for RunAgain {
    fn key(&self) -> &'static str {
        "rerun"
    }

    fn parts(&self, case: &Case) -> Vec<Part> {
        let Some(rerun) = case.solution.rerun else { return Vec::new() };
        let part = Part::passed(self.key(), "Trials that are run again agree", rerun.points);
        let skipped =
            |why: String| Part { status: Status::Skipped, score: Points::ZERO, max: Points::ZERO, ..part.clone() }.saying(why);
        let Some(again) = &case.again else {
            return vec![skipped("nothing was run again, and its points are not counted".to_string())];
        };
        if case.accepted().is_none() {
            return vec![part.refused()];
        }
        let Some(record) = case.record() else {
            return vec![part.failed("not run: the record is not believed")];
        };
        if again.is_empty() {
            return vec![part.failed("not run: the record has no trial that is done")];
        }
        let (mut identical, mut within, mut largest) = (0, 0, 0.0_f64);
        for Again { id, what, outcome } in again {
            let here = match outcome {
                Ok(here) => here,
                Err(why) => {
                    return vec![skipped(format!("trial {id} ({what}) could not be run here, and no points are counted: {why}"))];
                }
            };
            match record.outcomes.get(id).map(|stored| agreement(stored, here, rerun.tolerance)) {
                Some(Agreement::Identical) => identical += 1,
                Some(Agreement::Within(off)) => (within, largest) = (within + 1, largest.max(off)),
                Some(Agreement::Differs(how)) => return vec![part.failed(format!("trial {id} ({what}) does not agree: {how}"))],
                None => return vec![part.failed(format!("trial {id} ({what}) is not in the record"))],
            }
        }
        let within = format!(
            "{within} computed elsewhere, with losses that differ by at most {} (tolerance {})",
            significant(largest),
            given(rerun.tolerance)
        );
        let same = format!("{identical} the same to the last digit");
        let said = match (identical, again.len() - identical) {
            (_, 0) => same,
            (0, _) => within,
            _ => format!("{same}, {within}"),
        };
        vec![part.saying(format!(
            "{} run again: {said}",
            if again.len() == 1 { "1 trial".to_string() } else { format!("{} trials", again.len()) }
        ))]
    }
}
