//! Outcomes in a file: a line each, with what they share written once.

use std::collections::BTreeMap;

use ablation_protocol::{EvaluationSplit, Marks, Outcome};
use ablation_settings::StudyError;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::plain;
use crate::engine::Engine;

/// The marks of one evaluation in a file: loss, score, and the index of the losses of the untrained model and of the constant predictor, which
/// hundreds of outcomes share.
type Mark = (Option<f64>, Option<f64>, usize);

/// An outcome in a file. Its key is the id of the trial.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Packed {
    /// Index of what computed it; none for the first. The release before called it the device.
    #[serde(default, alias = "device", skip_serializing_if = "is_first")]
    engine: usize,
    /// None where it did not diverge.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    diverged: bool,
    /// Steps to the threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    steps: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tune: Option<Mark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test: Option<Mark>,
}

fn is_first(index: &usize) -> bool {
    *index == 0
}

/// An outcome as a file holds it; `baselines` grows by what no outcome before had.
pub(super) fn packed(outcome: &Outcome, engines: &[Engine], baselines: &mut Vec<[f64; 2]>) -> Json {
    let mut mark = |split: EvaluationSplit| -> Option<Mark> {
        let marks = outcome.marks.get(&split)?;
        let baseline = [marks.untrained, marks.constant_predictor];
        let index = baselines.iter().position(|known| *known == baseline).unwrap_or_else(|| {
            baselines.push(baseline);
            baselines.len() - 1
        });
        Some((marks.loss, marks.score, index))
    };
    let (tune, test) = (mark(EvaluationSplit::Tune), mark(EvaluationSplit::Test));
    let engine = engines.iter().position(|engine| *engine == Engine::of(outcome)).unwrap_or(0);
    plain(&Packed { engine, diverged: outcome.diverged, steps: outcome.steps_to_threshold, tune, test })
}

impl Packed {
    /// The outcome of a trial.
    pub(super) fn unpacked(self, id: String, engines: &[Engine], baselines: &[[f64; 2]]) -> Result<Outcome, StudyError> {
        let refuse = |message: String| StudyError::new(format!("outcomes.{id}"), message);
        let Engine { device, numerics } =
            engines.get(self.engine).cloned().ok_or_else(|| refuse(format!("there is no engine {}", self.engine)))?;
        let mut marks = BTreeMap::new();
        for (split, mark) in [(EvaluationSplit::Tune, self.tune), (EvaluationSplit::Test, self.test)] {
            let Some((loss, score, index)) = mark else { continue };
            let [untrained, constant_predictor] =
                *baselines.get(index).ok_or_else(|| refuse(format!("there is no baseline {index}")))?;
            marks.insert(split, Marks { loss, score, untrained, constant_predictor });
        }
        Ok(Outcome { device, numerics, diverged: self.diverged, steps_to_threshold: self.steps, marks, trial: id })
    }
}
