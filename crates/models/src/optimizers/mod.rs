//! Optimisers, one per file.
//!
//! The replicas of a fleet share every buffer and differ in learning rate, weight decay and clipping, so an update is given one
//! [`Recipe`] a replica, and the norm of a gradient is taken for each replica alone: one that diverges must not slow its neighbours.
//! Warm-up, schedule, clipping and decoupled weight decay are the same for every optimiser; a file says only what is its own.

mod adamw;
mod lion;
mod matrices;
mod muon;
mod rule;
mod sgd;

use std::rc::Rc;

use ablation_settings::{Field, MissingSetting, Settings};

#[cfg(test)]
pub(crate) use adamw::AdamW;
pub(crate) use rule::UpdateNumbers;
#[cfg(test)]
pub(crate) use rule::numbers;
pub use rule::{NUMBERS, Number, Rule, elementwise};

use crate::averaging;
use crate::entry::Entry;
use crate::layout::Layout;
use crate::recipe::Recipe;
use crate::tensor::Tensor;
use crate::weights::Weights;

/// Every optimiser; the first one is the default.
pub const OPTIMIZERS: &[Entry<&dyn Optimizer>] = &[adamw::ENTRY, sgd::ENTRY, lion::ENTRY, muon::ENTRY];

/// How gradients move weights.
pub trait Optimizer: Sync {
    /// The peak learning rate when nothing is said, of one that suits AdamW.
    fn learning_rate(&self, adamw: f64) -> f64 {
        adamw
    }

    /// Settings of its own, beside learning rate, warm-up, schedule, clipping and weight decay.
    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }

    /// The values of its own settings, in the order of [`Optimizer::fields`].
    fn read(&self, settings: &Settings) -> Result<Vec<f64>, MissingSetting> {
        self.fields().iter().map(|field| settings.number(&field.path)).collect()
    }

    /// Names of what it remembers from update to update; each is a buffer like the weights and starts at zero. Of an optimiser with a
    /// [`Rule`] there are [`Rule::STATES`].
    fn state(&self) -> &'static [&'static str];

    /// One update of every replica. What moves each number by itself is [`elementwise`]; what needs whole matrices finds them in the layout.
    ///
    /// # Shapes
    /// - `weights`, `gradient`, each state, results: `[replicas, trained numbers]`
    fn update(&self, step: &Step, weights: Tensor<2>, gradient: Tensor<2>, state: Vec<Tensor<2>>) -> (Tensor<2>, Vec<Tensor<2>>);
}

/// What an update is told besides the buffers.
pub struct Step<'a> {
    /// Where each parameter lies in the buffers.
    pub layout: &'a Rc<Layout>,
    /// How each replica is trained.
    pub recipes: &'a [Recipe],
    /// Updates made before this one.
    pub made: u64,
}

/// The optimiser of a fleet and what it remembers.
#[derive(Clone)]
pub struct OptimizerState {
    optimizer: &'static Entry<&'static dyn Optimizer>,
    layout: Rc<Layout>,
    state: Vec<Tensor<2>>,
    /// The moving average of the weights, if any replica has one.
    average: Option<Tensor<2>>,
    /// Which numbers stay in training, 1 or 0, if some are pruned: the others are zero and stay so.
    mask: Option<Tensor<2>>,
    /// Updates made.
    pub step: u64,
}

impl OptimizerState {
    /// A fresh state for the given weights.
    pub fn new(optimizer: &'static Entry<&'static dyn Optimizer>, weights: &Weights) -> Self {
        let layout =
            if weights.layout().frozen() > 0 { Rc::new(weights.layout().trained_only()) } else { weights.layout().clone() };
        let state = optimizer.value.state().iter().map(|_| weights.trained().zeros_like()).collect();
        OptimizerState { optimizer, layout, state, average: None, mask: None, step: 0 }
    }

    /// The same with a moving average of the weights, if any replica is to have one.
    #[must_use]
    pub(crate) fn averaging(self, weights: &Weights, recipes: &[Recipe]) -> Self {
        let average = averaging::is_used(recipes).then(|| weights.trained().clone());
        OptimizerState { average, ..self }
    }

    /// The same for weights of which only those with 1 in a mask are trained.
    ///
    /// # Shapes
    /// - `mask`: `[replicas, trained numbers]`
    #[must_use]
    pub(crate) fn masked(self, mask: Option<Tensor<2>>) -> Self {
        OptimizerState { mask, ..self }
    }

    /// The weights that stand for the trained model: the moving average where there is one, else `weights` themselves.
    pub(crate) fn evaluated(&self, weights: &Weights) -> Weights {
        self.average.as_ref().map_or_else(|| weights.clone(), |average| weights.clone().updated(|_| average.clone()))
    }

    /// What it remembers, by name: one number for each trained number. The moving average comes last, if there is one.
    pub fn state(&self) -> impl Iterator<Item = (&'static str, Weights)> {
        let weights = |buffer: &Tensor<2>| Weights::of_trained(self.layout.clone(), buffer.clone());
        let of_optimizer = self.optimizer.value.state().iter().copied().zip(&self.state);
        of_optimizer
            .chain(self.average.iter().map(|average| ("average", average)))
            .map(move |(name, buffer)| (name, weights(buffer)))
    }

    /// Replaces what it remembers, in the order of [`OptimizerState::state`].
    pub(crate) fn restore(&mut self, state: Vec<Weights>, step: u64) {
        let mut buffers: Vec<Tensor<2>> = state.iter().map(|weights| weights.trained().clone()).collect();
        if self.average.is_some() {
            self.average = buffers.pop();
        }
        self.state = buffers;
        self.step = step;
    }

    /// The weights after one update.
    ///
    /// # Shapes
    /// - `gradient`: `[replicas, trained numbers]`; `recipes`: one per replica
    pub fn update(&mut self, weights: Weights, gradient: Tensor<2>, recipes: &[Recipe]) -> Weights {
        let step = Step { layout: &self.layout, recipes, made: self.step };
        let state = std::mem::take(&mut self.state);
        // What is pruned has no part in the norm of the gradient, nor in what an optimiser makes of whole matrices.
        let masked = |numbers: Tensor<2>| match &self.mask {
            None => numbers,
            Some(mask) => numbers * mask.clone(),
        };
        let weights = weights.updated(|trained| {
            let (trained, state) = self.optimizer.value.update(&step, trained, masked(gradient), state);
            self.state = state;
            masked(trained)
        });
        self.step += 1;
        let average = self.average.take();
        self.average = average.map(|average| averaging::averaged(average, weights.trained(), recipes, self.step));
        weights
    }
}
