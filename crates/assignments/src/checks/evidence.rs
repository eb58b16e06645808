//! The record is whole: every trial is there, and the report is the one that follows from them.

use ablation_protocol::cost;
use ablation_report::{Progress, Record};

use super::Check;
use crate::case::Case;
use crate::grade::{Part, Status};
use crate::points::Points;

/// Points in proportion to the trials that are done; none for a record that was edited.
pub struct CompleteRecord;

impl Check for CompleteRecord {
    fn key(&self) -> &'static str {
        "evidence"
    }

    fn parts(&self, case: &Case) -> Vec<Part> {
        let part = Part::passed(self.key(), "The record is complete and consistent", case.assignment.evidence);
        let Some(evidence) = case.evidence() else { return vec![part.refused()] };
        let record = match &evidence.record {
            Ok(record) => record,
            Err(why) => return vec![part.failed(format!("the record is not believed: {why}"))],
        };
        let Progress { done, complete, .. } = record.report.progress;
        let of = planned(record);
        if complete {
            return vec![part.saying(format!("all {of} trials are done"))];
        }
        let score = part.max.share(done as u64, of);
        let status = if score > Points::ZERO { Status::Partly } else { Status::Failed };
        vec![Part { status, score, ..part }.saying(format!("{done} of about {of} trials are done; run the study to its end"))]
    }
}

/// How many trials the study of a record has.
pub(super) fn planned(record: &Record) -> u64 {
    let Progress { known, complete, .. } = record.report.progress;
    // What is known to be needed grows with what is done, so the plan is counted.
    if complete { known as u64 } else { (known as u64 + 1).max(cost(&record.study).total.runs) }
}
