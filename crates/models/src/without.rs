//! Models that are each trained without one component, everything else alike: what its necessity looks like before anything is tuned.

use std::rc::Rc;

use burn::tensor::Device;
use serde::Serialize;

use crate::ablations::removal;
use crate::error::ModelError;
use crate::evaluation::{Depth, EvaluationSet};
use crate::fleet::{Fleet, Replica};
use crate::model::Model;

/// Models that train at once: more of them leave the cache of a CPU.
const TOGETHER: usize = 8;

/// A training without each of several components, a fleet after the other.
pub struct Without {
    model: Rc<Model>,
    replica: Replica,
    device: Device,
    /// Paths of the components.
    paths: Vec<String>,
    /// The fleet in training; it goes without the components that come after those whose losses are known.
    fleet: Option<Fleet>,
    losses: Vec<Option<f64>>,
}

/// How far such a training is, in steps of all fleets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WithoutProgress {
    /// Steps made.
    pub done: u64,
    /// Steps to be made.
    pub total: u64,
}

impl Without {
    /// Nothing trained yet. `replica`: seed and recipe of every model.
    ///
    /// # Errors
    /// If there is no such component, or training without it is refused.
    pub fn new(model: Rc<Model>, replica: Replica, paths: Vec<String>, device: &Device) -> Result<Self, ModelError> {
        let removed: Vec<&[String]> = paths.iter().map(std::slice::from_ref).collect();
        removal(&model.sites(), &removed)?;
        Ok(Without { model, replica, device: device.clone(), paths, fleet: None, losses: Vec::new() })
    }

    /// Makes up to `steps` steps of one fleet, and measures it after its last.
    ///
    /// # Errors
    /// If the device stops answering.
    pub async fn step(&mut self, steps: u64) -> Result<WithoutProgress, ModelError> {
        if self.fleet.is_none() && self.losses.len() < self.paths.len() {
            self.fleet = Some(self.next()?);
        }
        let Some(fleet) = &mut self.fleet else { return Ok(self.progress()) };
        for _ in 0..steps.min(fleet.steps() - fleet.step()) {
            fleet.advance();
        }
        // Reading the losses waits for the device, so that a step is over when it is said to be.
        fleet.losses().await?;
        if fleet.step() == fleet.steps() {
            let sets = vec![EvaluationSet::shared(); fleet.replicas()];
            let measured = fleet.measure(&sets, Depth::Loss).await?;
            self.losses.extend(measured.iter().map(|measures| measures.first().and_then(|loss| loss.value)));
            self.fleet = None;
        }
        Ok(self.progress())
    }

    fn next(&self) -> Result<Fleet, ModelError> {
        let first = self.losses.len();
        let paths = &self.paths[first..self.paths.len().min(first + TOGETHER)];
        let removed: Vec<&[String]> = paths.iter().map(std::slice::from_ref).collect();
        let edits = removal(&self.model.sites(), &removed)?;
        Ok(Fleet::new(self.model.clone(), vec![self.replica.clone(); paths.len()], edits, &self.device))
    }

    /// How far it is.
    pub fn progress(&self) -> WithoutProgress {
        let steps = self.replica.recipe.steps;
        let fleets = |models: usize| models.div_ceil(TOGETHER) as u64;
        let under_way = self.fleet.as_ref().map_or(0, Fleet::step);
        WithoutProgress { done: fleets(self.losses.len()) * steps + under_way, total: fleets(self.paths.len()) * steps }
    }

    /// The test losses of the models that are trained to their end, in the order of the components; none where it is not finite.
    pub fn losses(&self) -> &[Option<f64>] {
        &self.losses
    }
}
