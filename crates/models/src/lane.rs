//! A lane: trials of a study in, outcomes out.
//!
//! Trials of one shape train as one fleet. What a trial finds does not depend on who else is in its lane, so a host may pack, stop, split
//! and repeat lanes as it likes and a study still has one result.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ablation_protocol::{EvaluationSplit, Init, Marks, Outcome, Seeds, Site, Stage, Trial, steps_to_threshold};
use burn::tensor::Device;
use serde::Serialize;

use crate::ablations;
use crate::catalog::open;
use crate::compute::NUMERICS;
use crate::context::{Asset, Context};
use crate::error::ModelError;
use crate::evaluation::{Depth, EvaluationSet, Measure};
use crate::fleet::{Fleet, Replica, measure};
use crate::mixture::mixture;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::saved::{self, Origin};
use crate::shape::{Shape, check, stage_settings};
use crate::weights::Weights;

/// Where a lane stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct LaneProgress {
    /// Steps made.
    pub done: u64,
    /// Steps to be made.
    pub total: u64,
    /// Latest training loss of each trial; none before the first update, or where it is not a number.
    pub losses: Vec<Option<f32>>,
}

/// What became of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// What it found.
    pub outcome: Outcome,
    /// The trained weights as safetensors, where another trial may go on with them: of a training that continues no other, ablates nothing
    /// and is evaluated on both splits, and of every trial of a lane that keeps its weights.
    pub weights: Option<Vec<u8>>,
}

/// Trials in training.
pub struct Lane {
    trials: Vec<Trial>,
    model: Rc<Model>,
    fleet: Fleet,
    /// What every replica goes without from the start.
    removed: Vec<String>,
    sites: Vec<Site>,
    device: Device,
    /// Whether the ablations are in place. Their means are read from the device, and a constructor cannot wait.
    ablated: bool,
    /// Whether weights are kept.
    kept: bool,
    /// The training losses of each trial, one a step.
    losses: Vec<Vec<f32>>,
}

impl Lane {
    /// Sets up a fleet of one replica per trial. `origins`: trained weights as a lane gave them, by the id of their trial; those of every
    /// trial that goes on with something must be there. `context`: the files that trials begin with, and those that their data reads.
    ///
    /// # Errors
    /// If there is no trial, a trial has settings that are missing or out of range, a removal or an ablation is refused, an origin or a file is missing, or
    /// trials differ in data set, model, batch, steps, removals or evaluation sets.
    pub fn new(
        trials: &[Trial],
        origins: &BTreeMap<String, Vec<u8>>,
        context: &Context,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let Some(first) = trials.first() else {
            return Err(ModelError::Trials("a lane needs at least one trial".into()));
        };
        trials.iter().try_for_each(check)?;
        if let Some(other) = trials.iter().find(|trial| Shape::of(trial) != Shape::of(first)) {
            let what =
                "differ in data, model, batch, steps, components left out, splits or stages; run them in lanes of their own";
            return Err(ModelError::Trials(format!("trials {} and {} {what}", first.id(), other.id())));
        }
        let (last, before) = last_stage(first)?;
        let model = open(&stage_settings(first, last)?, context)?;
        let (sites, removed) = (model.sites(), first.remove.clone());
        let edits = ablations::removal(&sites, &vec![&removed[..]; trials.len()])?;
        for trial in trials {
            ablations::check_together(&sites, &removed, &last_stage(trial)?.0.ablations)?;
        }
        let replicas = trials.iter().map(replica).collect::<Result<Vec<_>, ModelError>>()?;
        // Training goes on with the examples that the stages before have not read.
        let mut read = 0;
        for stage in before {
            read += stage.steps * Recipe::read(&stage_settings(first, stage)?)?.batch as u64;
        }
        let fleet = match last.init {
            Init::Scratch => Fleet::new(model.clone(), replicas, edits, device),
            Init::Previous => {
                let weights = restored(trials, origins, &model, device)?;
                Fleet::from_weights(model.clone(), replicas, edits, weights, read, device)
            }
            Init::File(_) => {
                let weights = loaded(trials, context, &model, device)?;
                Fleet::from_weights(model.clone(), replicas, edits, weights, read, device)
            }
        };
        // One for all of them: trials with other sources are of another shape.
        let fleet = fleet.trained_on(mixture(first, before.len(), Some(context))?);
        Ok(Lane {
            losses: vec![Vec::new(); trials.len()],
            kept: first.may_be_origin(),
            trials: trials.to_vec(),
            ablated: false,
            device: device.clone(),
            model,
            fleet,
            removed,
            sites,
        })
    }

    /// The same lane, which keeps the weights of its trials whatever their stages are: those of a list of stages are what the list with one
    /// more goes on with.
    #[must_use]
    pub fn keeping_weights(self) -> Self {
        Lane { kept: true, ..self }
    }

    /// Where the lane stands.
    pub fn progress(&self) -> LaneProgress {
        let latest = |losses: &Vec<f32>| losses.last().copied().filter(|loss| loss.is_finite());
        LaneProgress { done: self.fleet.step(), total: self.fleet.steps(), losses: self.losses.iter().map(latest).collect() }
    }

    /// Makes up to `steps` steps of every trial and reads their losses.
    pub async fn step(&mut self, steps: u64) -> Result<LaneProgress, ModelError> {
        self.apply_ablations().await?;
        for _ in 0..steps.min(self.fleet.steps() - self.fleet.step()) {
            self.fleet.advance();
        }
        for losses in self.fleet.losses().await? {
            for (replica, loss) in losses.into_iter().enumerate() {
                self.losses[replica].push(loss);
            }
        }
        Ok(self.progress())
    }

    /// Measures every trial, in the order in which they were given. `device` is how the device is called.
    ///
    /// # Errors
    /// If steps are left to be made.
    pub async fn finish(mut self, device: &str) -> Result<Vec<Finished>, ModelError> {
        let LaneProgress { done, total, .. } = self.progress();
        if done < total {
            return Err(ModelError::Trials(format!(
                "this lane has made {done} of {total} steps; make the others before it is measured"
            )));
        }
        self.apply_ablations().await?;
        let mut marks = vec![BTreeMap::new(); self.trials.len()];
        for split in self.trials[0].evaluate.iter().copied().collect::<BTreeSet<_>>() {
            for (marks, measured) in marks.iter_mut().zip(self.evaluate(split).await?) {
                marks.insert(split, measured);
            }
        }
        let diverged: Vec<bool> = marks
            .iter()
            .zip(&self.losses)
            .map(|(marks, losses)| {
                losses.iter().any(|loss| !loss.is_finite()) || marks.values().any(|marks| marks.loss.is_none())
            })
            .collect();
        let weights = if self.kept {
            let origin = |(trial, &diverged): (&Trial, &bool)| Origin { trial: trial.id(), diverged };
            let origins: Vec<Origin> = self.trials.iter().zip(&diverged).map(origin).collect();
            saved::replicas(&self.fleet.evaluated(), &origins).await?.into_iter().map(Some).collect()
        } else {
            vec![None; self.trials.len()]
        };
        let mut finished = Vec::with_capacity(self.trials.len());
        let found = self.trials.iter().zip(&self.losses).zip(marks).zip(diverged).zip(weights);
        // Losses on other data say nothing of when the task was learned, and those before pruning are of another model.
        let is_another = !self.model.mixture(0).is_empty() || self.fleet.is_pruned();
        for ((((trial, losses), marks), diverged), weights) in found {
            let outcome = Outcome {
                trial: trial.id(),
                steps_to_threshold: if is_another { None } else { reached(trial, losses, &marks) },
                marks,
                diverged,
                device: device.to_string(),
                numerics: NUMERICS,
            };
            finished.push(Finished { outcome, weights });
        }
        Ok(finished)
    }

    /// The marks of every replica on one evaluation set, beside those of the models that they once were.
    async fn evaluate(&self, split: EvaluationSplit) -> Result<Vec<Marks>, ModelError> {
        let set = |seeds: &Seeds| EvaluationSet::of_pair(split, seeds.data);
        let seeds: Vec<Seeds> = self.trials.iter().map(|trial| trial.seeds).collect();
        let sets: Vec<EvaluationSet> = seeds.iter().map(set).collect();
        let trained = self.fleet.measure(&sets, Depth::Score).await?;
        // Ablations of one model, and rates that are tried with one seed, were the same model before they were trained.
        let mut distinct: Vec<Seeds> = Vec::new();
        seeds.iter().for_each(|seeds| {
            if !distinct.contains(seeds) {
                distinct.push(*seeds)
            }
        });
        let weights = Weights::start(&self.model.parameters(), &distinct, &self.device);
        let edits = ablations::removal(&self.sites, &vec![&self.removed[..]; distinct.len()])?;
        let sets: Vec<EvaluationSet> = distinct.iter().map(set).collect();
        let untrained = measure(&self.model, &weights, &edits, &sets, Depth::Loss, &self.device).await?;
        let mut found = Vec::with_capacity(self.trials.len());
        for (trial, trained) in self.trials.iter().zip(&trained) {
            let untrained = distinct.iter().position(|seeds| *seeds == trial.seeds).map(|index| &untrained[index][..]);
            let bad = |what| ModelError::BadTrial { trial: trial.id(), what };
            found.push(marks(trained, untrained.unwrap_or_default()).map_err(bad)?);
        }
        Ok(found)
    }

    /// Puts the ablations in place, once. Means are taken of each model as its origin left it.
    async fn apply_ablations(&mut self) -> Result<(), ModelError> {
        if self.ablated {
            return Ok(());
        }
        let unablated = ablations::removal(&self.sites, &[&self.removed])?;
        let mut all = ablations::removal(&self.sites, &vec![&self.removed[..]; self.trials.len()])?;
        for (replica, trial) in self.trials.iter().enumerate() {
            let Some(last) = trial.stages.last().filter(|last| !last.ablations.is_empty()) else { continue };
            let weights = self.fleet.evaluated().repeat(replica, 1);
            let seed = trial.seeds.data;
            let edits = ablations::edits(&self.model, &weights, &unablated, &last.ablations, seed, &self.device).await?;
            edits.into_iter().for_each(|(path, edit)| all.set(replica, &path, edit));
        }
        self.fleet.edit(all);
        self.ablated = true;
        Ok(())
    }
}

/// The marks of a trained model, beside what it is compared with: the model before training, and the constant predictor. Both have to be
/// numbers, or a difference from them would be made up.
fn marks(trained: &[Measure], untrained: &[Measure]) -> Result<Marks, String> {
    let value = |index: usize| trained.get(index).and_then(|measure| measure.value).map(rounded);
    let constant = trained.first().and_then(|loss| loss.constant).filter(|constant| constant.is_finite());
    let before = untrained.first().and_then(|loss| loss.value);
    let lacks = |what: &str| format!("{what} has no finite loss to compare with; choose other data or another model");
    Ok(Marks {
        loss: value(0),
        score: value(1),
        untrained: before.map(rounded).ok_or_else(|| lacks("the untrained model"))?,
        constant_predictor: constant.map(rounded).ok_or_else(|| lacks("the constant predictor"))?,
    })
}

/// When a training from scratch reached the threshold; what goes on with a trained model began beyond it.
fn reached(trial: &Trial, losses: &[f32], marks: &BTreeMap<EvaluationSplit, Marks>) -> Option<u64> {
    let from_scratch = matches!(&trial.stages[..], [only] if only.init == Init::Scratch);
    let constant_predictor = marks.values().next()?.constant_predictor;
    if from_scratch { steps_to_threshold(losses, constant_predictor) } else { None }
}

/// The last stage of a trial, which is what a lane runs, and those before it.
fn last_stage(trial: &Trial) -> Result<(&Stage, &[Stage]), ModelError> {
    let none = || ModelError::BadTrial { trial: trial.id(), what: "it has no stage; name one".to_string() };
    trial.stages.split_last().ok_or_else(none)
}

/// How a trial is trained.
fn replica(trial: &Trial) -> Result<Replica, ModelError> {
    let recipe = Recipe::read(&stage_settings(trial, last_stage(trial)?.0)?)?;
    Ok(Replica { seeds: trial.seeds, recipe })
}

/// The weights that trials go on with.
fn restored(
    trials: &[Trial],
    origins: &BTreeMap<String, Vec<u8>>,
    model: &Model,
    device: &Device,
) -> Result<Weights, ModelError> {
    let parameters = model.parameters();
    let ids: Vec<String> = trials.iter().map(|trial| trial.origin().unwrap_or_else(|| trial.clone()).id()).collect();
    let unusable = |index: usize, reason: String| {
        let (trial, origin): (&Trial, &String) = (&trials[index], &ids[index]);
        ModelError::NoOrigin { trial: trial.id(), origin: origin.clone(), reason }
    };
    let mut files = Vec::with_capacity(trials.len());
    for (index, id) in ids.iter().enumerate() {
        let file = origins.get(id).ok_or_else(|| unusable(index, "are not here".into()))?;
        files.push((&file[..], Some(id.as_str())));
    }
    let weights = saved::fleet(&files, &parameters, device);
    weights.map_err(|(index, error)| unusable(index, format!("are of no use ({error})")))
}

/// The weights that every trial begins with, from the files that they name.
fn loaded(trials: &[Trial], context: &Context, model: &Model, device: &Device) -> Result<Weights, ModelError> {
    let mut names = Vec::with_capacity(trials.len());
    let mut files = Vec::with_capacity(trials.len());
    for trial in trials {
        let Init::File(sha256) = &last_stage(trial)?.0.init else { continue };
        files.push((context.bytes(Asset::Weights, sha256)?, None));
        names.push(sha256);
    }
    saved::fleet(&files, &model.parameters(), device).map_err(|(index, error)| ModelError::NoAsset {
        asset: Asset::Weights.name(),
        sha256: names[index].clone(),
        reason: error.to_string(),
    })
}

/// Eight significant digits: what a single-precision loss holds, and a record of ten thousand outcomes stays small.
fn rounded(value: f64) -> f64 {
    format!("{value:.7e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_missing_is_never_made_up() {
        let measure = |value: f64, constant: f64| Measure::new("loss", "Test loss", "nats", "lower", value, constant);
        let found = marks(&[measure(0.5, 2.0)], &[measure(3.0, 2.0)]).unwrap();
        assert_eq!(found, Marks { loss: Some(0.5), score: None, untrained: 3.0, constant_predictor: 2.0 });
        let diverged = marks(&[measure(f64::NAN, 2.0)], &[measure(3.0, 2.0)]).unwrap();
        assert_eq!((diverged.loss, diverged.untrained), (None, 3.0));
        for untrained in [vec![], vec![measure(f64::INFINITY, 2.0)]] {
            assert!(marks(&[measure(0.5, 2.0)], &untrained).unwrap_err().contains("the untrained model has no finite loss"));
        }
        let unknown = Measure { constant: None, ..measure(0.5, 2.0) };
        for trained in [vec![], vec![unknown], vec![measure(0.5, f64::NAN)]] {
            assert!(marks(&trained, &[measure(3.0, 2.0)]).unwrap_err().contains("the constant predictor has no finite loss"));
        }
    }
}
