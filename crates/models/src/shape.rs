//! What replicas of one fleet have in common.
//!
//! A fleet reads most settings once, for all its replicas. Two trials that differ in such a setting must not share a fleet: one of them
//! would be trained with the value of the other, and nothing would show it. So a setting belongs to the shape unless its field says that it
//! is read for each replica.

use std::collections::BTreeSet;
use std::mem::{Discriminant, discriminant};

use ablation_protocol::{EvaluationSplit, Init, Seeds, Source, Stage, Trial};
use ablation_settings::{Group, IncompleteSettings, Role, Settings, Value, compact, complete};

use crate::ablation_fields::PREFIX;
use crate::catalog::{Models, STEPS, recipe_fields};
use crate::error::ModelError;
use crate::mixture::mixture;

/// What the trials of a lane have in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    /// Settings that the fleet reads once.
    settings: Settings,
    /// What is left out from the start.
    remove: BTreeSet<String>,
    evaluate: Vec<EvaluationSplit>,
    /// Of each stage: where its weights come from, its steps, its data, and what of its recipe the fleet reads once.
    stages: Vec<(Discriminant<Init>, u64, Vec<Source>, Settings)>,
}

impl Shape {
    pub(crate) fn of(trial: &Trial) -> Self {
        let own = own(&trial.settings);
        let shared = |settings: &Settings| settings.filtered(|path, _| !own.contains(path));
        let stage = |stage: &Stage| (discriminant(&stage.init), stage.steps, stage.data.clone(), shared(&stage.recipe));
        Shape {
            settings: shared(&trial.settings),
            remove: trial.remove.iter().cloned().collect(),
            evaluate: trial.evaluate.clone(),
            stages: trial.stages.iter().map(stage).collect(),
        }
    }
}

/// Paths of the settings that a fleet reads for each of its replicas, and of those that no training reads.
fn own(settings: &Settings) -> BTreeSet<String> {
    let fields = recipe_fields(settings).into_iter();
    fields.filter(|field| field.role == Role::PerReplica || !field.in_trial()).map(|field| field.path).collect()
}

/// The settings that all replicas of a fleet share: all but those that are read for each of them.
pub(crate) fn shape(settings: &Settings) -> Settings {
    let own = own(settings);
    // The sandbox's ablation has no field here.
    settings.filtered(|path, _| !own.contains(path) && !path.starts_with(PREFIX))
}

/// All settings of a trial, with so many steps.
///
/// # Errors
/// If one is missing, unknown or out of range.
pub(crate) fn trial_settings(trial: &Trial, steps: i64) -> Result<Settings, ModelError> {
    let bad = |error: IncompleteSettings| ModelError::BadTrial { trial: trial.id(), what: error.to_string() };
    complete(&trial.settings.clone().with(STEPS, steps), &Models).map_err(bad)
}

/// The settings of one stage of a trial, all of them. Trials come in as text, so they are checked like everything that does.
///
/// # Errors
/// If one is missing, unknown or out of range, or the trial asks for something that is no training.
pub(crate) fn stage_settings(trial: &Trial, stage: &Stage) -> Result<Settings, ModelError> {
    let refuse = |what: String| ModelError::BadTrial { trial: trial.id(), what };
    for settings in [&trial.settings, &stage.recipe] {
        if settings.get(STEPS).is_some() {
            return Err(refuse(format!("`{STEPS}` is among its settings; each stage has its own number of steps")));
        }
    }
    // A stage of no steps is no training, and everything else of it is checked all the same.
    let steps = i64::try_from(stage.steps.max(1)).unwrap_or(i64::MAX);
    let mut settings = trial_settings(trial, steps)?;
    let fields = recipe_fields(&settings);
    let of_training = |path: &str| fields.iter().all(|field| field.path != path || field.group == Group::Training);
    for (path, value) in stage.recipe.iter() {
        match value {
            _ if !of_training(path) => {
                let what = "data and model are those of the trial, and other data to train on stand in `data`";
                return Err(refuse(format!("`{path}` of a stage is no setting of its training; {what}")));
            }
            _ if settings.get(path).is_none() => {
                return Err(refuse(format!("there is no setting `{path}` for a stage to change")));
            }
            // A fraction of a learning rate may be smaller than one that is typed.
            Value::Number(_) | Value::Integer(_) if settings.number(path).is_err() => {
                return Err(refuse(format!("`{path}` of a stage cannot be the number {value}")));
            }
            Value::Number(number) if !(number.is_finite() && *number >= 0.0) => {
                return Err(refuse(format!("`{path}` of a stage is {number}; choose a finite number from 0 on")));
            }
            Value::Number(_) | Value::Integer(0..) => settings.set(path, value.clone()),
            Value::Integer(number) => return Err(refuse(format!("`{path}` of a stage is {number}; choose a number from 0 on"))),
            Value::Text(_) => {
                let with = settings.clone().with(path, value.clone());
                settings = complete(&with, &Models).map_err(|error| refuse(error.to_string()))?;
            }
        }
    }
    Ok(settings.with(STEPS, stage.steps as i64))
}

/// The training from scratch that complete settings describe, such as those of a link.
///
/// # Errors
/// If they do not say how many steps are trained.
pub fn scratch(
    settings: &Settings,
    remove: Vec<String>,
    seeds: Seeds,
    evaluate: Vec<EvaluationSplit>,
) -> Result<Trial, ModelError> {
    let fields = recipe_fields(settings);
    let steps = settings.count(STEPS)? as u64;
    let kept = |path: &str| path != STEPS && fields.iter().any(|field| field.path == path && field.in_trial());
    let settings = compact(&settings.filtered(|path, _| kept(path)), &fields);
    Ok(Trial { settings, remove, seeds, stages: vec![Stage::scratch(steps)], evaluate })
}

/// Whether a trial can be run.
///
/// # Errors
/// What is wrong with it, and what to do instead.
pub(crate) fn check(trial: &Trial) -> Result<(), ModelError> {
    let refuse = |what: &str| Err(ModelError::BadTrial { trial: trial.id(), what: what.to_string() });
    let Some((first, rest)) = trial.stages.split_first() else { return refuse("it has no stage; name one") };
    if trial.evaluate.is_empty() {
        return refuse("it is evaluated on nothing; name a split");
    }
    if first.init == Init::Previous || rest.iter().any(|stage| stage.init != Init::Previous) {
        return refuse("its first stage begins from scratch or from a file, and every other from the one before");
    }
    if !first.ablations.is_empty() && first.init == Init::Scratch {
        return refuse(
            "its first stage ablates a model that is not trained yet; leave the component out with `remove`, or ablate in a second stage",
        );
    }
    trial.stages.iter().try_for_each(|stage| stage_settings(trial, stage).map(drop))?;
    (0..trial.stages.len()).try_for_each(|stage| mixture(trial, stage).map(drop))
}
