//! What replicas of one fleet have in common.
//!
//! A fleet reads most settings once, for all its replicas. Two trials that differ in such a setting must not share a fleet: one of them
//! would be trained with the value of the other, and nothing would show it. So a setting belongs to the shape unless its field says that it
//! is read for each replica.

use std::collections::BTreeSet;

use ablation_protocol::{EvaluationSplit, Init, Seeds, Source, Stage, Trial};
use ablation_settings::{
    Catalog, Field, Group, IncompleteSettings, Meaning, Preset, Role, Settings, canonical, compact, complete, meant,
};
use serde::Serialize;

use crate::ablation_fields::PREFIX;
use crate::catalog::{STEPS, recipe_fields};
use crate::error::ModelError;
use crate::mixture::mixture;
use crate::pruning::Pruning;

/// The settings of a trial. What is ablated in the sandbox is none of them, and takes building the model to be asked for.
struct TrialSettings;

impl Catalog for TrialSettings {
    fn fields(&self, chosen: &Settings) -> Vec<Field> {
        recipe_fields(chosen)
    }

    fn presets(&self) -> Vec<Preset> {
        Vec::new()
    }
}

/// What the trials of a lane have in common, as canonical JSON: by its text one of many shapes is found at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape(String);

/// What a [`Shape`] is the text of.
#[derive(Serialize)]
struct Parts<'a> {
    /// Settings that the fleet reads once.
    settings: Settings,
    /// What is left out from the start.
    remove: BTreeSet<&'a String>,
    evaluate: &'a [EvaluationSplit],
    /// Of each stage: where its weights come from, its steps, its data, and what of its recipe the fleet reads once.
    stages: Vec<(&'static str, u64, &'a [Source], Settings)>,
}

#[cfg(test)]
thread_local! {
    /// Shapes that were found out.
    pub(crate) static SHAPES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl Shape {
    pub(crate) fn of(trial: &Trial) -> Self {
        let own = own(&trial.settings);
        let shared = |settings: &Settings| settings.filtered(|path, _| !own.contains(path));
        let parts = Parts {
            settings: shared(&trial.settings),
            remove: trial.remove.iter().collect(),
            evaluate: &trial.evaluate,
            stages: trial
                .stages
                .iter()
                .map(|stage| (begins(&stage.init), stage.steps, &stage.data[..], shared(&stage.recipe)))
                .collect(),
        };
        #[cfg(test)]
        SHAPES.set(SHAPES.get() + 1);
        Shape(canonical::write(&parts))
    }
}

/// Where the weights of a stage come from, whichever they are.
fn begins(init: &Init) -> &'static str {
    match init {
        Init::Scratch => "scratch",
        Init::Previous => "previous",
        Init::File(_) => "file",
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
    complete(&trial.settings.clone().with(STEPS, steps), &TrialSettings).map_err(bad)
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
    let own = trial_settings(trial, steps)?;
    let fields = recipe_fields(&own);
    let of_training = |path: &str| fields.iter().all(|field| field.path != path || field.group == Group::Training);
    if let Some((path, _)) = stage.recipe.iter().find(|(path, _)| !of_training(path)) {
        let what = "data and model are those of the trial, and other data to train on stand in `data`";
        return Err(refuse(format!("`{path}` of a stage is no setting of its training; {what}")));
    }
    // The learning rate of a stage may be any multiple of one that was chosen within the range of the field.
    let rate = meant(&fields, Meaning::LearningRate).and_then(|path| Some((path, stage.recipe.number(path).ok()?)));
    if let Some((path, rate)) = rate.filter(|(_, rate)| !(rate.is_finite() && *rate >= 0.0)) {
        return Err(refuse(format!("`{path}` of a stage is {rate}; choose a finite number from 0 on")));
    }
    // Everything else is checked as a setting of the trial is. Another optimiser has other settings of its own.
    let recipe = stage.recipe.filtered(|path, _| rate.is_none_or(|(of_rate, _)| path != of_rate));
    let fields = recipe_fields(&own.overlaid(&recipe));
    let kept = trial.settings.filtered(|path, _| fields.iter().any(|field| field.path == path));
    let given = kept.with(STEPS, steps).overlaid(&recipe);
    let of_stage = |error: IncompleteSettings| refuse(format!("a stage: {error}"));
    let settings = complete(&given, &TrialSettings).map_err(of_stage)?;
    let settings = rate.map_or(settings.clone(), |(path, rate)| settings.with(path, rate));
    Ok(settings.with(STEPS, i64::try_from(stage.steps).unwrap_or(i64::MAX)))
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
    if matches!(first.init, Init::File(_)) && Pruning::is_set(&trial.settings) {
        return refuse(
            "it begins with the weights of a file, and a training that prunes begins from scratch; leave its settings of pruning out",
        );
    }
    trial.stages.iter().try_for_each(|stage| stage_settings(trial, stage).map(drop))?;
    (0..trial.stages.len()).try_for_each(|stage| mixture(trial, stage, None).map(drop))
}
