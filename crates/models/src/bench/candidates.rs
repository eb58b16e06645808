//! An arm of the sandbox that is trained with several learning rates at once, of which the best is kept.
//!
//! A model without a component often wants another learning rate than the whole model. Comparing both at the rate of one of them charges
//! the component for a setting. So both arms get the same small search: one fleet, four learning rates, chosen on the tuning split.

use std::rc::Rc;

use ablation_settings::{MissingSetting, Settings};
use burn::tensor::Device;

use super::Curve;
use crate::ablations;
use crate::error::ModelError;
use crate::evaluation::{Depth, Evaluation, EvaluationSet};
use crate::fleet::{Fleet, Replica, evaluate, measure};
use crate::model::Model;
use crate::recipe::Recipe;
use crate::weights::Weights;

/// What the set learning rate is multiplied by, one candidate each.
const FACTORS: [f64; 4] = [0.25, 0.5, 1.0, 2.0];

/// Without a search the only candidate is the set learning rate.
const SET_RATE_ONLY: [f64; 1] = [1.0];

/// The factors that settings ask for.
pub(super) fn factors(settings: &Settings) -> Result<&'static [f64], MissingSetting> {
    Ok(if settings.text("sandbox.search")? == "learning-rate" { &FACTORS } else { &SET_RATE_ONLY })
}

/// The candidates of one arm.
pub(super) struct Candidates {
    model: Rc<Model>,
    device: Device,
    pub(super) fleet: Fleet,
    /// Learning rate of each replica.
    rates: Vec<f64>,
    /// The replica at the set learning rate, which is shown until one is chosen.
    set_rate: usize,
    pub(super) chosen: Option<usize>,
    /// Training losses of each replica.
    pub(super) curves: Vec<Curve>,
}

impl Candidates {
    /// One replica a learning rate, all with the same seed; `without` is left out from the start.
    ///
    /// # Errors
    /// If no model can be trained without that component.
    pub(super) fn new(
        model: &Rc<Model>,
        recipe: &Recipe,
        seed: u64,
        factors: &[f64],
        without: Option<&String>,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let rates: Vec<f64> = factors.iter().map(|factor| factor * recipe.learning_rate).collect();
        let replica = |&learning_rate: &f64| Replica::new(seed, Recipe { learning_rate, ..recipe.clone() });
        let replicas: Vec<Replica> = rates.iter().map(replica).collect();
        let removed: Vec<&[String]> = vec![without.map_or(&[], std::slice::from_ref); replicas.len()];
        let edits = ablations::removal(&model.sites(), &removed)?;
        Ok(Candidates {
            fleet: Fleet::new(model.clone(), replicas, edits, device),
            model: model.clone(),
            device: device.clone(),
            set_rate: factors.iter().position(|&factor| factor == 1.0).unwrap_or(0),
            chosen: None,
            curves: vec![Curve::new(); rates.len()],
            rates,
        })
    }

    /// Steps made.
    pub(super) fn step(&self) -> u64 {
        self.fleet.step()
    }

    /// Whether training is over and one candidate is chosen.
    pub(super) fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// Makes up to `steps` steps; after the last one the candidate with the lowest loss on the tuning split is chosen, the one with the
    /// lower learning rate where losses are equal. Losses that are not finite are never chosen if another one is.
    pub(super) async fn advance(&mut self, steps: u64) -> Result<(), ModelError> {
        let before = self.fleet.step();
        for _ in 0..steps.min(self.fleet.steps() - before) {
            self.fleet.advance();
        }
        for (losses, step) in self.fleet.losses().await?.into_iter().zip(before + 1..) {
            self.curves.iter_mut().zip(losses).for_each(|(curve, loss)| curve.push((step, loss)));
        }
        if self.chosen.is_none() && self.fleet.step() == self.fleet.steps() {
            self.chosen = Some(self.best().await?);
        }
        Ok(())
    }

    async fn best(&self) -> Result<usize, ModelError> {
        if self.rates.len() == 1 {
            return Ok(0);
        }
        let sets = vec![EvaluationSet::for_choosing(); self.rates.len()];
        let measured = self.fleet.measure(&sets, Depth::Loss).await?;
        let losses = measured.iter().map(|measures| measures.first().and_then(|loss| loss.value));
        // Rates rise, so the first of equal losses has the lowest rate.
        let finite = losses.enumerate().filter_map(|(replica, loss)| Some((replica, loss?)));
        Ok(finite.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(self.set_rate, |(replica, _)| replica))
    }

    /// The candidate that stands for the arm: the chosen one, or the set learning rate until one is chosen.
    fn shown(&self) -> usize {
        self.chosen.unwrap_or(self.set_rate)
    }

    /// Its learning rate.
    pub(super) fn learning_rate(&self) -> f64 {
        self.rates[self.shown()]
    }

    /// Its weights: a fleet of one.
    pub(super) fn weights(&self) -> Weights {
        self.fleet.evaluated().repeat(self.shown(), 1)
    }

    /// Its training losses.
    pub(super) fn curve(&self) -> &[(u64, f32)] {
        &self.curves[self.shown()]
    }

    /// How many learning rates are tried.
    pub(super) fn count(&self) -> usize {
        self.rates.len()
    }

    /// Evaluates it. `without`: sites that it goes without.
    pub(super) async fn evaluate(&self, without: Vec<String>) -> Result<Vec<Evaluation>, ModelError> {
        let edits = self.fleet.edits().of_replica(self.shown());
        evaluate(&self.model, &self.weights(), &edits, &[without], &self.device).await
    }

    /// Test loss of the candidate with a given learning rate; none if no candidate has it or the loss is not finite.
    pub(super) async fn loss_at(&self, learning_rate: f64) -> Result<Option<f64>, ModelError> {
        let Some(replica) = self.rates.iter().position(|&rate| rate == learning_rate) else { return Ok(None) };
        let (weights, edits) = (self.fleet.evaluated().repeat(replica, 1), self.fleet.edits().of_replica(replica));
        let measured = measure(&self.model, &weights, &edits, &[EvaluationSet::shared()], Depth::Loss, &self.device).await?;
        Ok(measured.first().and_then(|measures| measures.first()?.value))
    }
}
