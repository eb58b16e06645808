//! What a reader has to know of all verdicts together, the same in every form of a report: text, table, LaTeX, CSV, HTML, JSON and page.

use ablation_protocol::{Arm, Study};
use ablation_settings::number::significant;
use ablation_stats::FEWEST_PAIRS;
use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::family::{Answer, Question};
use crate::report::Report;
use crate::tuning::Tuning;

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Warning {
    /// Its code, for programs; it does not change between releases.
    pub code: String,
    /// A sentence or two, with a full stop.
    pub text: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Warning { code: code.to_string(), text: text.into() }
    }
}

impl Analysis {
    /// What follows from the numbers alone, the most serious first.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.untrained {
            let text = match self.margin {
                _ if self.reference_diverged() => {
                    "Every run of the reference diverged, so no component can matter and no verdict is given."
                }
                Some(_) => "The reference learned no more than the margin, so no component can matter and no verdict is given.",
                None => {
                    "The reference is no better than the constant predictor, so no component can matter and no verdict is given."
                }
            };
            warnings.push(Warning::new("untrained", text));
        }
        warnings.extend(self.noise_floor_in_words().map(|text| Warning::new("noise-floor", text)));
        if self.at_ceiling {
            let text = "The reference solves the task exactly, so \"not necessary\" means not needed to solve this task; try a harder setting.";
            warnings.push(Warning::new("solved", text));
        }
        warnings.extend(self.too_few().map(|text| Warning::new("few-units", format!("{text}."))));
        warnings.extend(self.contested().map(|text| Warning::new("contested", text)));
        warnings.extend(self.identical_in_words().into_iter().map(|text| Warning::new("identical", text)));
        warnings
    }

    /// What the A/A control forbids; none where it passed, or there is none.
    pub fn noise_floor_in_words(&self) -> Option<String> {
        let reason = match (&self.aa_control, self.margin) {
            _ if !self.noise_floor_exceeded => return None,
            (Some(_), _) if self.diverged.iter().any(|one| one.run.arm == Arm::Aa && one.is_all()) => {
                "every run of the A/A control diverged"
            }
            (Some(answer), Some(margin)) if answer.gap.mean.abs() > margin => {
                "the A/A control differs from the reference by more than the margin"
            }
            (Some(_), Some(_)) => "the A/A control may differ from the reference by more than the margin",
            (Some(_), None) => "the A/A control differs from the reference",
            (None, _) => "runs of the A/A control failed",
        };
        Some(format!(
            "The noise floor is exceeded: {reason}. So nothing is called equivalent, and no verdict is given where a gap may be as small."
        ))
    }

    /// That there are too few units to find anything, which is read before the numbers or not at all; none if there are enough for one
    /// question at least.
    pub fn too_few(&self) -> Option<String> {
        let asked = self.families.iter().filter(|asked| asked.question != Question::Aa);
        match asked.map(|asked| asked.units.len()).max()? {
            1 => Some(format!("One {}: no verdict; another one can turn the order around", self.unit_of_analysis.one())),
            few if few < FEWEST_PAIRS => Some(format!(
                "{}: the sign-flip test needs {FEWEST_PAIRS} for a p-value below 0.05 (with these the smallest is {}), so nothing is called \
                 different or equivalent",
                self.unit_of_analysis.many(few as u64),
                significant(2.0 / libm::pow(2.0, few as f64)),
            )),
            _ => None,
        }
    }

    /// How to read a difference that was found beside an interval that holds 0; none where there is no such.
    pub fn contested(&self) -> Option<&'static str> {
        let any = self.components.iter().flat_map(|component| component.answers.values()).any(Answer::is_contested);
        any.then_some(
            "Where the sign-flip test is significant and the 95 % t interval includes 0, the sign of the difference is supported and its \
             size is not.",
        )
    }
}

/// Whether all units are one run, done several times.
fn is_one_run(report: &Report) -> bool {
    let is_same = |answer: &Answer| answer.gap.n > 1 && (answer.gap.is_constant() || answer.gap.is_unchanged());
    let mut answers = report.analysis.components.iter().flat_map(|component| component.answers.values()).peekable();
    let has_spread = report.reference.is_none_or(|reference| reference.sd.is_none_or(|sd| sd > 0.0));
    !has_spread && answers.peek().is_some() && answers.all(is_same)
}

/// The warnings of a study: of its numbers, and of how they were made.
pub(crate) fn warnings(study: &Study, report: &Report) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let progress = report.progress;
    if !progress.complete {
        let text = format!("The study is not complete: {} of {} trials known so far are done.", progress.done, progress.known);
        warnings.push(Warning::new("incomplete", text));
    }
    warnings.extend(report.analysis.warnings());
    if study.design.searches == 1 {
        let text = "Each arm was tuned by one hyper-parameter search, so all results are conditional on this search.";
        warnings.push(Warning::new("one-search", text));
    }
    if report.spent.diverged > 0 {
        let total = format!(
            "{} of {} trials diverged; they are counted with the loss of the untrained model.",
            report.spent.diverged, report.spent.runs
        );
        let text = std::iter::once(total).chain(report.analysis.diverged_in_words()).collect::<Vec<_>>().join(" ");
        warnings.push(Warning::new("diverged", text));
    }
    if is_one_run(report) {
        let every = report.analysis.unit_of_analysis.one();
        let text = format!(
            "Every arm has the same loss in every {every}: here a {every} changes nothing, so all of them together are no more evidence than one."
        );
        warnings.push(Warning::new("constant", text));
    }
    let under_tuned: Vec<&str> = report.tuning.iter().filter(|tuning| tuning.under_tuned).map(Tuning::arm_label).collect();
    if !under_tuned.is_empty() {
        let mut names = under_tuned;
        names.dedup();
        let text = format!("More search points would probably still lower the loss of: {}.", names.join(", "));
        warnings.push(Warning::new("under-tuned", text));
    }
    warnings
}
