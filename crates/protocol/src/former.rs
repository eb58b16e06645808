//! Outcomes of the release before, taken over where they answer the same question.
//!
//! Version 2 renamed settings, wrote what is done to the weights as stages, and hashes canonical JSON (RFC 8785). Nothing of that changes what
//! a trial computes. So for a trial of today the id that it had can be computed, and an outcome that was filed under it is the outcome of the
//! trial: the settings under their former keys, the seeds, what was ablated and what it was measured on are all part of that id.

use ablation_settings::former::{OPERATORS, SETTINGS};
use ablation_settings::{Meaning, Settings};
use serde::Serialize;

use crate::outcome::{Outcome, Outcomes};
use crate::schedule::schedule;
use crate::study::Study;
use crate::trial::{EvaluationSplit, Seeds, Trial, hash_text};

/// Version of the studies whose outcomes are taken over.
pub const FORMER_STUDY_VERSION: u32 = 1;

const MEANING: &str = "ablation-trial/v1";

/// Settings that did not exist, with the values that mean what was done without them.
const ADDED: [(&str, &[&str]); 2] =
    [("objective.kind", &["next-token", "masked-token", "diffusion"]), ("model.backbone", &["transformer", "residual-mlp"])];

/// A trial as it was written, field by field in this order.
#[derive(Serialize)]
struct FormerTrial {
    settings: Settings,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remove: Vec<String>,
    seeds: Seeds,
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<FormerContinuation>,
    exams: Vec<EvaluationSplit>,
}

#[derive(Serialize)]
struct FormerContinuation {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cuts: Vec<FormerAblation>,
    steps: u64,
    learning_rate: f64,
}

#[derive(Serialize)]
struct FormerAblation {
    site: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<f64>,
}

/// The id that a trial had; none if it could not be said. `steps` and `rate` are the paths of the training steps and the learning rate.
pub(crate) fn former_id(trial: &Trial, steps: &str, rate: &str) -> Option<String> {
    let (first, rest) = trial.stages.split_first()?;
    if rest.len() > 1 || !first.recipe.is_empty() || trial.stages.iter().any(|stage| !stage.data.is_empty()) {
        return None;
    }
    let mut settings = Settings::default();
    for (path, value) in trial.settings.iter() {
        match ADDED.iter().find(|(added, _)| *added == path) {
            Some((_, values)) if values.contains(&value.to_string().as_str()) => continue,
            Some(_) => return None,
            None => settings.set(SETTINGS.iter().find(|(_, now)| *now == path).map_or(path, |(then, _)| then), value.clone()),
        }
    }
    settings.set(steps, first.steps as i64);
    let then = match rest.first() {
        None => None,
        Some(stage) => {
            let rate = if stage.steps == 0 { 0.0 } else { stage.recipe.number(rate).ok()? };
            let cuts = stage.ablations.iter().map(|ablation| former_ablation(&serde_json::json!(ablation)));
            Some(FormerContinuation { cuts: cuts.collect::<Option<_>>()?, steps: stage.steps, learning_rate: rate })
        }
    };
    let former = FormerTrial { settings, remove: trial.remove.clone(), seeds: trial.seeds, then, exams: trial.evaluate.clone() };
    let mut id = hash_text(&serde_json::to_string(&(MEANING, former)).ok()?);
    id.truncate(16);
    Some(id)
}

/// An ablation as it was written; none if it has parameters that it had not.
fn former_ablation(ablation: &serde_json::Value) -> Option<FormerAblation> {
    let text = |key: &str| ablation.get(key).and_then(serde_json::Value::as_str);
    let name = text("operator").or_else(|| text("kind"))?;
    let kind = OPERATORS.iter().find(|(_, now)| *now == name).map_or(name, |(then, _)| then).to_string();
    let factor = ablation.get("factor").and_then(serde_json::Value::as_f64);
    let known = 2 + usize::from(factor.is_some());
    let fields = ablation.as_object()?.values().filter(|value| !value.is_null()).count();
    (fields == known).then(|| FormerAblation { site: text("site").unwrap_or_default().to_string(), kind, factor })
}

/// The outcomes of this study among those of a record of the release before, under the ids of today.
pub fn adopted(study: &Study, former: &Outcomes) -> Outcomes {
    let mut known = Outcomes::new();
    let (Some(steps), Some(rate)) = (study.path(Meaning::Steps), study.path(Meaning::LearningRate)) else { return known };
    loop {
        let before = known.len();
        // What is needed next follows from what is known, so each round may find more.
        for planned in schedule(study, &known).trials {
            if known.contains_key(&planned.id) {
                continue;
            }
            let outcome = former_id(&planned.trial, steps, rate).and_then(|id| former.get(&id));
            if let Some(outcome) = outcome {
                known.insert(planned.id.clone(), Outcome { trial: planned.id, ..outcome.clone() });
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ablation::Ablation;
    use crate::made_up::{run, toy, world};
    use crate::trial::Stage;

    /// From the release before: `golden_ids_never_change` in `trial.rs` of version 1.
    #[test]
    fn the_former_id_is_the_one_that_was_given() {
        let mut trial = Trial {
            settings: Settings::default().with("train.learning_rate", 0.01),
            remove: vec![],
            seeds: Seeds::new(1, 1),
            stages: vec![Stage::scratch(40)],
            evaluate: vec![EvaluationSplit::Tune, EvaluationSplit::Test],
        };
        assert_eq!(former_id(&trial, "train.steps", "train.learning_rate").as_deref(), Some("3d4b71875ce47783"));
        trial.settings.set("model.backbone", "transformer");
        assert_eq!(
            former_id(&trial, "train.steps", "train.learning_rate").as_deref(),
            Some("3d4b71875ce47783"),
            "there was no other"
        );
        trial.settings.set("model.backbone", "mixer");
        assert_eq!(former_id(&trial, "train.steps", "train.learning_rate"), None);
    }

    /// The value is from Python: `sha256(json.dumps(["ablation-trial/v1", t], separators=(",", ":")))` of the trial as version 1 wrote it, `t =
    /// {"settings": {"task.kind": "repeat", "task.length": 8, "train.learning_rate": 0.01, "train.steps": 40}, "seeds": {"init": 1, "data": 1},
    /// "exams": ["tune", "test"]}`.
    #[test]
    fn the_former_id_is_of_the_former_names_of_settings() {
        let settings = Settings::default().with("data.kind", "repeat").with("data.length", 8).with("train.learning_rate", 0.01);
        let trial = Trial {
            settings,
            remove: vec![],
            seeds: Seeds::new(1, 1),
            stages: vec![Stage::scratch(40)],
            evaluate: vec![EvaluationSplit::Tune, EvaluationSplit::Test],
        };
        assert_eq!(former_id(&trial, "train.steps", "train.learning_rate").as_deref(), Some("34462aad12c6c537"));
    }

    #[test]
    fn an_ablation_is_known_by_its_former_name() {
        let mean = former_ablation(&serde_json::json!(Ablation::new("position", "mean")));
        assert_eq!(serde_json::to_string(&mean).unwrap(), r#"{"site":"position","kind":"mean"}"#);
        let renamed = former_ablation(&serde_json::json!({"site": "position", "operator": "position_mean"}));
        assert_eq!(renamed.unwrap().kind, "mean_by_position");
        assert!(former_ablation(&serde_json::json!({"site": "position", "operator": "noise", "size": 2})).is_none());
    }

    #[test]
    fn every_outcome_that_answers_the_same_is_taken_over() {
        let study = toy();
        let all = run(&study, world(0.3));
        let trials = schedule(&study, &all).trials;
        let former: Outcomes = trials
            .iter()
            .map(|planned| {
                let id = former_id(&planned.trial, "train.steps", "train.learning_rate").unwrap();
                (id.clone(), Outcome { trial: id, ..all[&planned.id].clone() })
            })
            .collect();
        assert_eq!(adopted(&study, &former), all);
        assert_eq!(adopted(&Study { seed: 1, ..study }, &former), Outcomes::new());
    }
}
