//! The record is whole: every trial is there, and the report is the one that follows from them.

use ablation_protocol::cost;
use ablation_report::Progress;

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
        let Progress { done, known, complete } = record.report.progress;
        if complete {
            return vec![part.saying(format!("all {known} trials are done"))];
        }
        // What is known to be needed grows with what is done, so the plan is counted.
        let of = (known as u64 + 1).max(cost(&record.study).total.runs);
        let score = part.max.share(done as u64, of);
        let status = if score > Points::ZERO { Status::Partly } else { Status::Failed };
        vec![Part { status, score, ..part }.saying(format!("{done} of about {of} trials are done; run the study to its end"))]
    }
}
