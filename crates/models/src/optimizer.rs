//! AdamW for fleets (Loshchilov & Hutter 2019).
//!
//! Burn's optimisers take one learning rate for all of a tensor. The replicas of a fleet share every tensor and differ in learning
//! rate, weight decay and clipping, so these are tensors `[replicas, 1, 1]` here, and the norm of a gradient is taken for each
//! replica alone: one replica that diverges must not slow its neighbours down.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};

use crate::kernels::{self, Step};
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

    /// The weights after one update. A parameter without a gradient was not reached by the loss: its gradient is zero, as it would be
    /// in a fleet in which a neighbour reaches it.
    ///
    /// # Shapes
    /// - weights and gradients: `[replicas, rows, columns]`; `recipes`: one a replica
    pub fn update(&mut self, weights: Weights, mut gradients: BTreeMap<String, Tensor<3>>, recipes: &[Recipe]) -> Weights {
        let Some(device) = weights.iter().next().map(|(_, tensor)| tensor.device()) else { return weights };
        clip(&mut gradients, recipes, &device);
        let (matrix, other) = (self.numbers(recipes, true), self.numbers(recipes, false));
        let update = if kernels::available(&device) { kernels::adamw } else { composed };
        let (mut firsts, mut seconds) = (BTreeMap::new(), BTreeMap::new());
        let mut first = std::mem::take(&mut self.first).into_iter();
        let mut second = std::mem::take(&mut self.second).into_iter();
        let mut updated = BTreeMap::new();
        for (path, weight) in weights {
            let (Some((_, mean)), Some((_, square))) = (first.next(), second.next()) else { break };
            let gradient = gradients.remove(&path).unwrap_or_else(|| weight.zeros_like());
            let step = if self.decays[&path] { &matrix } else { &other };
            let [weight, mean, square] = update(weight, mean, square, gradient, step);
            firsts.insert(path.clone(), mean);
            seconds.insert(path.clone(), square);
            updated.insert(path, weight);
        }
        self.first = firsts.into_iter().collect();
        self.second = seconds.into_iter().collect();
        self.step += 1;
        updated.into_iter().collect()
    }

    /// The numbers of this update, with or without weight decay.
    fn numbers(&self, recipes: &[Recipe], decays: bool) -> Step {
        let steps = (self.step + 1) as f64;
        let (correction_1, correction_2) = (1.0 - libm::pow(BETA_1, steps), 1.0 - libm::pow(BETA_2, steps));
        let rate = |recipe: &Recipe| recipe.rate(self.step);
        let decay = |recipe: &Recipe| if decays { recipe.weight_decay } else { 0.0 };
        Step {
            sizes: recipes.iter().map(|recipe| (rate(recipe) / correction_1) as f32).collect(),
            shrink: recipes.iter().map(|recipe| (1.0 - rate(recipe) * decay(recipe)) as f32).collect(),
            scale: (1.0 / libm::sqrt(correction_2)) as f32,
            beta_1: [BETA_1, 1.0 - BETA_1].map(|beta| beta as f32),
            beta_2: [BETA_2, 1.0 - BETA_2].map(|beta| beta as f32),
            epsilon: EPSILON as f32,
        }
    }
}

/// One update of one parameter out of primitives, for devices without fused operations.
fn composed(weight: Tensor<3>, first: Tensor<3>, second: Tensor<3>, gradient: Tensor<3>, step: &Step) -> [Tensor<3>; 3] {
    let device = weight.device();
    let first = first * BETA_1 + gradient.clone() * (1.0 - BETA_1);
    let second = second * BETA_2 + gradient.clone() * gradient * (1.0 - BETA_2);
    let direction = first.clone() / (second.clone().sqrt() * step.scale + EPSILON);
    let kept = if step.shrink.iter().all(|&shrink| shrink == 1.0) { weight } else { weight * column(&step.shrink, &device) };
    [kept - direction * column(&step.sizes, &device), first, second]
}

/// Scales the gradients of each replica so that their joint norm is at most its limit (Pascanu et al. 2013).
fn clip(gradients: &mut BTreeMap<String, Tensor<3>>, recipes: &[Recipe], device: &Device) {
    if recipes.iter().all(|recipe| recipe.clip == 0.0) {
        return;
    }
    let squares = gradients.values().map(|gradient| (gradient.clone() * gradient.clone()).sum_dim(2).sum_dim(1));
    let Some(total) = squares.reduce(|sum, square| sum + square) else { return };
    // Without a limit the norm is compared with a number that no finite norm reaches.
    let limit = |recipe: &Recipe| if recipe.clip == 0.0 { f32::MAX } else { recipe.clip as f32 };
    let limits = column(&recipes.iter().map(limit).collect::<Vec<_>>(), device);
    let factor = (limits / (total.sqrt() + 1e-6)).clamp_max(1.0);
    for gradient in gradients.values_mut() {
        *gradient = gradient.clone() * factor.clone();
    }
}

fn column(values: &[f32], device: &Device) -> Tensor<3> {
    upload(values.to_vec(), [values.len(), 1, 1], device)
}
