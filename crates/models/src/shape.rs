//! What replicas of one fleet have in common.
//!
//! A fleet reads most settings once, for all its replicas. Two trials that differ in such a setting must not share a fleet: one of them
//! would be trained with the value of the other, and nothing would show it. So a setting belongs to the shape unless its field says that it
//! is read for each replica.

use std::collections::BTreeSet;

use ablation_protocol::{Exam, Trial};
use ablation_settings::{Role, Settings, validate};

use crate::catalog::{Models, recipe_fields};
use crate::error::ModelError;

/// What the trials of a lane have in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    /// Task, model, batch and updates of a training from scratch.
    settings: Settings,
    /// What is left out from the start.
    remove: BTreeSet<String>,
    exams: Vec<Exam>,
    /// Updates after the cut; none for a training from scratch.
    further: Option<u64>,
}

impl Shape {
    pub(crate) fn of(trial: &Trial) -> Self {
        Shape {
            settings: shape(&trial.settings),
            remove: trial.remove.iter().cloned().collect(),
            exams: trial.exams.clone(),
            further: trial.then.as_ref().map(|then| then.steps),
        }
    }
}

/// The settings that all replicas of a fleet share: all but those that are read for each of them, and those that no training reads.
pub(crate) fn shape(settings: &Settings) -> Settings {
    let fields = recipe_fields(settings);
    let own = |path: &str| fields.iter().any(|field| field.path == path && matches!(field.role, Role::PerReplica | Role::Scope));
    // The sandbox's own settings have no field here.
    let shared = |path: &str| !own(path) && !path.starts_with("cut.");
    settings.iter().filter(|(path, _)| shared(path)).map(|(path, value)| (path, value.clone())).collect()
}

/// Whether a trial has all settings of a recipe, in range. Trials come in as text, so they are checked like everything that does.
pub(crate) fn complete(trial: &Trial) -> Result<(), ModelError> {
    let refuse = |what: String| Err(ModelError::BadTrial { trial: trial.id(), what });
    let (settings, corrections) = validate(&trial.settings, &Models);
    if let Some(correction) = corrections.first() {
        return refuse(format!("`{}` cannot be `{}`: {}", correction.path, correction.given, correction.reason));
    }
    let of_a_recipe = |path: &str| ["task.", "model.", "train."].iter().any(|group| path.starts_with(group));
    let missing = settings.iter().find(|(path, _)| of_a_recipe(path) && trial.settings.get(path).is_none());
    if let Some((path, _)) = missing {
        return refuse(format!("`{path}` is missing; a trial says every setting of its task, model and training"));
    }
    if trial.exams.is_empty() {
        return refuse("it is measured on nothing; name an exam".into());
    }
    match &trial.then {
        Some(then) if !(then.learning_rate.is_finite() && then.learning_rate >= 0.0) => {
            refuse(format!("it goes on with a learning rate of {}; choose a finite one from 0 on", then.learning_rate))
        }
        _ => Ok(()),
    }
}
