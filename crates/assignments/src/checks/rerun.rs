//! Trials that were run again found what the record says.

use ablation_settings::number::{given, significant};

use super::Check;
use super::evidence::planned;
use crate::case::Case;
use crate::grade::{Part, Status};
use crate::points::Points;
use crate::rerun::{Again, Agreement, Draw, agreement};

/// All points if every trial agrees, none if one does not. Where a record that is not finished has fewer trials than were asked for, the missing
/// ones count as not agreeing, so that no single trial earns everything. Where nothing was run again nothing is counted. Which trials they were is said to the grader
/// only: a student who knew could hand in those as they are measured and invent the others.
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
        let Some(Draw { asked, trials: again }) = &case.again else {
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
        let (mut identical, mut close, mut elsewhere, mut largest) = (0, 0, 0, 0.0_f64);
        let (mut differing, mut unknown, mut notes) = (0, 0, Vec::new());
        for Again { id, what, outcome } in again {
            let compared = outcome.as_ref().map(|here| {
                let stored = record.outcomes.get(id);
                stored.map_or_else(
                    || Agreement::Differs("it is not in the record".to_string()),
                    |stored| agreement(stored, here, rerun.tolerance),
                )
            });
            let note = match compared {
                Ok(Agreement::Identical) => {
                    identical += 1;
                    "agrees".to_string()
                }
                Ok(Agreement::Within { off, elsewhere: other }) => {
                    *(if other { &mut elsewhere } else { &mut close }) += 1;
                    largest = largest.max(off);
                    "agrees within the tolerance".to_string()
                }
                Ok(Agreement::Differs(how)) => {
                    differing += 1;
                    format!("does not agree: {how}")
                }
                Err(why) => {
                    unknown += 1;
                    format!("could not be run here: {why}")
                }
            };
            notes.push(format!("trial {id} ({what}) {note}"));
        }
        let trials = if again.len() == 1 { "1 trial".to_string() } else { format!("{} trials", again.len()) };
        let note = notes.join("\n");
        // A trial that differs tells more than one that could not be run, whichever of them was drawn first.
        if differing > 0 {
            return vec![Part {
                note,
                ..part.failed(format!("{trials} run again: {differing} found something else than the record says"))
            }];
        }
        if unknown > 0 {
            let why = format!("{trials} drawn: {unknown} could not be run here, and no points are counted");
            return vec![Part { note, ..skipped(why) }];
        }
        let counts = [
            (identical, "the same to the last digit"),
            (close, "not the same to the last digit"),
            (elsewhere, "computed elsewhere"),
        ];
        let counted = counts.iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}"));
        let mut said = counted.collect::<Vec<_>>().join(", ");
        if close + elsewhere > 0 {
            let (largest, tolerance) = (significant(largest), given(rerun.tolerance));
            said += &format!(", with losses and scores that differ by at most {largest} (tolerance {tolerance})");
        }
        // A study may have fewer trials than are asked for; that is nobody's fault.
        let (agreeing, asked) = (again.len() as u64, u64::from(*asked).min(planned(record)));
        if agreeing >= asked {
            return vec![Part { note, ..part.saying(format!("{trials} run again: {said}")) }];
        }
        let score = part.max.share(agreeing, asked);
        let status = if score > Points::ZERO { Status::Partly } else { Status::Failed };
        let said = format!("{trials} run again: {said}; {asked} were asked for, and the record has no more that are done");
        vec![Part { status, score, note, ..part.saying(said) }]
    }
}
