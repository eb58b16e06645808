//! AdamW for fleets (Loshchilov & Hutter 2019).
//!
//! Burn's optimisers take one learning rate for all of a tensor. The replicas of a fleet share every tensor and differ in learning
//! rate, weight decay and clipping, so these are tensors `[replicas, 1, 1]` here, and the norm of a gradient is taken for each
//! replica alone: one replica that diverges must not slow its neighbours down.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};

use crate::recipe::Recipe;
use crate::weights::{Parameter, Weights, upload};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Running means of gradients and of their squares, and the number of updates made.
#[derive(Clone, Debug)]
pub struct AdamW {
    decays: BTreeMap<String, bool>,
    /// Mean gradient of each parameter.
    pub first: Weights,
    /// Mean squared gradient of each parameter.
    pub second: Weights,
    /// Updates made.
    pub step: u64,
}

impl AdamW {
    /// A fresh state for the given weights.
    pub fn new(parameters: &[Parameter], weights: &Weights) -> Self {
        let zeros = weights.map(|_, tensor| tensor.zeros_like());
        let decays = parameters.iter().map(|parameter| (parameter.path.clone(), parameter.decays)).collect();
        AdamW { decays, first: zeros.clone(), second: zeros, step: 0 }
    }

    /// The weights after one update. A parameter without a gradient was not reached by the loss and stays as it is.
    ///
    /// # Shapes
    /// - weights and gradients: `[replicas, rows, columns]`; `recipes`: one a replica
    pub fn update(&mut self, weights: &Weights, mut gradients: BTreeMap<String, Tensor<3>>, recipes: &[Recipe]) -> Weights {
        let device = weights.iter().next().map(|(_, tensor)| tensor.device()).unwrap_or_default();
        clip(&mut gradients, recipes, &device);
        let step = self.step as i32 + 1;
        let (correction_1, correction_2) = (1.0 - libm::pow(BETA_1, step.into()), 1.0 - libm::pow(BETA_2, step.into()));
        let rates: Vec<f64> = recipes.iter().map(|recipe| recipe.rate(self.step)).collect();
        let sizes = column(rates.iter().map(|rate| rate / correction_1), &device);
        let shrinks = rates.iter().zip(recipes).any(|(rate, recipe)| rate * recipe.weight_decay != 0.0);
        let shrink =
            shrinks.then(|| column(rates.iter().zip(recipes).map(|(rate, recipe)| 1.0 - rate * recipe.weight_decay), &device));
        let scale = 1.0 / libm::sqrt(correction_2);

        let (mut first, mut second) = (BTreeMap::new(), BTreeMap::new());
        let updated = weights.map(|path, weight| {
            let (mean, square) = (self.first.get(path).clone(), self.second.get(path).clone());
            let Some(gradient) = gradients.remove(path) else {
                first.insert(path.to_string(), mean);
                second.insert(path.to_string(), square);
                return weight.clone();
            };
            let mean = mean * BETA_1 + gradient.clone() * (1.0 - BETA_1);
            let square = square * BETA_2 + gradient.clone() * gradient * (1.0 - BETA_2);
            let direction = mean.clone() / (square.clone().sqrt() * scale + EPSILON);
            first.insert(path.to_string(), mean);
            second.insert(path.to_string(), square);
            let weight = match &shrink {
                Some(shrink) if self.decays[path] => weight.clone() * shrink.clone(),
                _ => weight.clone(),
            };
            weight - direction * sizes.clone()
        });
        self.first = first.into_iter().collect();
        self.second = second.into_iter().collect();
        self.step += 1;
        updated
    }
}

/// Scales the gradients of each replica so that their joint norm is at most its limit (Pascanu et al. 2013).
fn clip(gradients: &mut BTreeMap<String, Tensor<3>>, recipes: &[Recipe], device: &Device) {
    if recipes.iter().all(|recipe| recipe.clip == 0.0) {
        return;
    }
    let squares = gradients.values().map(|gradient| (gradient.clone() * gradient.clone()).sum_dim(2).sum_dim(1));
    let Some(total) = squares.reduce(|sum, square| sum + square) else { return };
    // Without a limit the norm is compared with a number that no finite norm reaches.
    let limits = column(recipes.iter().map(|recipe| if recipe.clip == 0.0 { f64::from(f32::MAX) } else { recipe.clip }), device);
    let factor = (limits / (total.sqrt() + 1e-6)).clamp_max(1.0);
    for gradient in gradients.values_mut() {
        *gradient = gradient.clone() * factor.clone();
    }
}

fn column(values: impl Iterator<Item = f64>, device: &Device) -> Tensor<3> {
    let values: Vec<f32> = values.map(|value| value as f32).collect();
    let replicas = values.len();
    upload(values, [replicas, 1, 1], device)
}
