//! A submission on the desk: what was handed in, what should have been, and what of it holds.

use std::cell::OnceCell;

use ablation_protocol::{Outcomes, Planned, Study, schedule};
use ablation_report::{Record, Report, read_record, record_outcomes};
use ablation_settings::{LONGEST, StudyError, canonical, shorten};
use serde_json::Value as Json;

use crate::assignment::Assignment;
use crate::rerun::{Draw, chosen};
use crate::solution::Solution;
use crate::student::student;
use crate::submission::{Submission, read_submission};

/// What the machine that grades knows and this crate does not.
pub struct Machine<'a> {
    /// Why nobody can have measured some of these outcomes; none where they may be.
    pub implausible: &'a dyn Fn(&Study, &Outcomes) -> Option<String>,
}

/// A submission beside the assignment that it answers.
pub struct Case<'a> {
    /// The assignment.
    pub assignment: &'a Assignment,
    /// Its solution.
    pub solution: &'a Solution,
    /// What was handed in, or why it cannot be read.
    pub submission: Result<Submission, StudyError>,
    /// Who handed it in, where the course says so.
    handed_in_by: Option<&'a str>,
    /// What was run again; none if nothing was.
    pub again: Option<Draw>,
    machine: Machine<'a>,
    accepted: OnceCell<bool>,
    evidence: OnceCell<Evidence>,
}

/// What the record of a submission says.
pub struct Evidence {
    /// The record with the report that follows from it, or why it is not believed.
    pub record: Result<Record, String>,
    /// What the outcomes say, even where the report beside them says something else; none where they cannot be read.
    pub report: Option<Report>,
}

impl<'a> Case<'a> {
    /// Opens a submission.
    pub fn new(assignment: &'a Assignment, solution: &'a Solution, text: &str, machine: Machine<'a>) -> Self {
        Case::of(assignment, solution, read_submission(text), machine)
    }

    /// A case whose submission has been read, or could not be.
    pub fn of(
        assignment: &'a Assignment,
        solution: &'a Solution,
        submission: Result<Submission, StudyError>,
        machine: Machine<'a>,
    ) -> Self {
        let (accepted, evidence) = (OnceCell::new(), OnceCell::new());
        Case { assignment, solution, submission, handed_in_by: None, again: None, machine, accepted, evidence }
    }

    /// The same, handed in by this person.
    #[must_use]
    pub fn handed_in_by(self, name: Option<&'a str>) -> Self {
        // What was found before somebody was named is found anew.
        Case { handed_in_by: name, accepted: OnceCell::new(), evidence: OnceCell::new(), ..self }
    }

    /// The submission, if it is one, and answers this assignment with the study of its student: what is not is worth nothing.
    pub fn accepted(&self) -> Option<&Submission> {
        let submission = self.submission.as_ref().ok()?;
        let holds = || self.right_assignment(submission).is_ok() && self.right_study(submission).is_ok();
        self.accepted.get_or_init(holds).then_some(submission)
    }

    /// Whether a submission answers this assignment, as it is worded today.
    pub fn right_assignment(&self, submission: &Submission) -> Result<(), String> {
        let Assignment { id, hash, .. } = self.assignment;
        if submission.assignment != *id {
            return Err(format!("it answers the assignment `{}`, and this is `{id}`", shorten(&submission.assignment, LONGEST)));
        }
        if submission.assignment_sha256 != *hash {
            return Err(format!(
                "it answers an assignment that hashes to {}…, and this one hashes to {}…: the assignment was changed since; open the one of \
                 today and export again",
                &submission.assignment_sha256[..16],
                &hash[..16]
            ));
        }
        Ok(())
    }

    /// Whether the record is of the study that the assignment gives this student.
    pub fn right_study(&self, submission: &Submission) -> Result<(), String> {
        let name = &submission.student;
        if let Some(other) = self.handed_in_by.map(|other| student(other).unwrap_or_else(|_| other.to_string()))
            && other != *name
        {
            return Err(format!(
                "it is by `{name}`, and `{other}` handed it in; enter your own name on the page and run the study"
            ));
        }
        let expected = self.assignment.study_of(name).map_err(|error| error.to_string())?;
        if submission.seed != expected.seed {
            return Err(format!(
                "its seed is {}, and that of `{name}` is {}; run the study with it",
                submission.seed, expected.seed
            ));
        }
        let given = submission.record.get("study").cloned().unwrap_or(Json::Null);
        let Ok(study) = serde_json::from_value::<Study>(given) else {
            return Err("its record has no study that can be read; run the study again, and export".to_string());
        };
        if study.hash() == expected.hash() {
            return Ok(());
        }
        if study.seed != expected.seed {
            return Err(format!(
                "its record was made with the seed {}, and that of `{name}` is {}: it is somebody else's; run the study yourself",
                study.seed, expected.seed
            ));
        }
        let [ours, theirs] = [&expected, &study].map(|study| serde_json::to_value(study).unwrap_or(Json::Null));
        let place = canonical::difference(&theirs, &ours);
        let place =
            place.map_or_else(String::new, |(path, theirs, ours)| format!(": `{path}` is {theirs}, and was to be {ours}"));
        Err(format!("its record is of another study than the assignment's{place}; run the study of the assignment"))
    }

    /// What the record says; none of a submission that is not accepted.
    pub fn evidence(&self) -> Option<&Evidence> {
        let submission = self.accepted()?;
        Some(self.evidence.get_or_init(|| self.look(submission)))
    }

    fn look(&self, submission: &Submission) -> Evidence {
        let text = submission.record.to_string();
        match read_record(&text).map_err(|error| error.to_string()) {
            Ok(record) => match (self.machine.implausible)(&record.study, &record.outcomes) {
                None => Evidence { report: Some(record.report.clone()), record: Ok(record) },
                Some(why) => Evidence { record: Err(why), report: None },
            },
            // What follows from the outcomes can still be said, if they are whole.
            Err(why) => {
                let study = self.assignment.study_of(&submission.student).ok();
                let outcomes = record_outcomes(&text).ok().zip(study.as_ref()).map(|(outcomes, study)| outcomes.answering(study));
                let sound = outcomes.zip(study).filter(|(outcomes, study)| (self.machine.implausible)(study, outcomes).is_none());
                let report = sound.and_then(|(outcomes, study)| Some(Record::new(&study, &outcomes).ok()?.report));
                Evidence { record: Err(why), report }
            }
        }
    }

    /// The report that follows from the student's outcomes.
    pub fn report(&self) -> Option<&Report> {
        self.evidence()?.report.as_ref()
    }

    /// The record, if it is believed.
    pub fn record(&self) -> Option<&Record> {
        self.evidence()?.record.as_ref().ok()
    }

    /// The trials that are run again: so many of those in the record, drawn by the student and a secret. Who
    /// knows the secret can foresee them.
    pub fn chosen(&self, secret: &str, count: u32) -> Vec<Planned> {
        let (Ok(submission), Some(record)) = (&self.submission, self.record()) else { return Vec::new() };
        let trials = schedule(&record.study, &record.outcomes).trials;
        let done = trials.into_iter().filter(|planned| record.outcomes.contains_key(&planned.id));
        chosen(done.collect(), secret, &submission.student, count as usize)
    }
}
