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
        let columns = (!kernels::available(&device)).then(|| [&matrix, &other].map(|step| Columns::upload(step, &device)));
        let (mut firsts, mut seconds) = (BTreeMap::new(), BTreeMap::new());
        let mut first = std::mem::take(&mut self.first).into_iter();
        let mut second = std::mem::take(&mut self.second).into_iter();
        let mut updated = BTreeMap::new();
        for (path, weight) in weights {
            let (Some((_, mean)), Some((_, square))) = (first.next(), second.next()) else { break };
            let gradient = gradients.remove(&path).unwrap_or_else(|| weight.zeros_like());
            let decays = self.decays[&path];
            let [weight, mean, square] = match &columns {
                None => kernels::adamw(weight, mean, square, gradient, if decays { &matrix } else { &other }),
                Some([matrix, other]) => composed(weight, mean, square, gradient, if decays { matrix } else { other }),
            };
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

/// The numbers of an update that change from step to step, as tensors `[replicas, 1, 1]`. A GPU keeps every new *scalar* that an
/// operation takes in a buffer of its own, one a parameter and step; as tensors they are uploaded once a step and freed after it.
struct Columns {
    /// Learning rate over both bias corrections.
    size: Tensor<3>,
    /// What weight decay leaves of a weight, where it takes anything.
    shrink: Option<Tensor<3>>,
    /// What is added to the root of the uncorrected mean square.
    epsilon: Tensor<3>,
}

impl Columns {
    fn upload(step: &Step, device: &Device) -> Self {
        let column = |values: &mut dyn Iterator<Item = f32>| column(&values.collect::<Vec<_>>(), device);
        Columns {
            size: column(&mut step.sizes.iter().map(|size| size / step.scale)),
            shrink: step.shrink.iter().any(|&shrink| shrink != 1.0).then(|| column(&mut step.shrink.iter().copied())),
            epsilon: column(&mut step.sizes.iter().map(|_| step.epsilon / step.scale)),
        }
    }
}

/// One update of one parameter out of primitives, for devices without fused operations.
fn composed(weight: Tensor<3>, first: Tensor<3>, second: Tensor<3>, gradient: Tensor<3>, step: &Columns) -> [Tensor<3>; 3] {
    let first = first * BETA_1 + gradient.clone() * (1.0 - BETA_1);
    let second = second * BETA_2 + gradient.clone() * gradient * (1.0 - BETA_2);
    let direction = first.clone() / (second.clone().sqrt() + step.epsilon.clone());
    let kept = match &step.shrink {
        Some(shrink) => weight * shrink.clone(),
        None => weight,
    };
    [kept - direction * step.size.clone(), first, second]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Schedule;

    /// The two ways to the same update: what every GPU computes against what the CPU computes.
    #[test]
    fn fused_and_composed_updates_agree() {
        let device = Device::flex();
        let recipe = |learning_rate, weight_decay| Recipe {
            steps: 10,
            batch: 1,
            learning_rate,
            weight_decay,
            clip: 0.0,
            warmup: 0,
            schedule: Schedule::Constant,
            dropout: 0.0,
        };
        let recipes = [recipe(0.01, 0.1), recipe(0.3, 0.0)];
        let tensor = |offset: f32| upload((0..12_u8).map(|i| (f32::from(i) + offset).sin()).collect(), [2, 3, 2], &device);
        for (decays, steps) in [(true, 0), (true, 5), (false, 5)] {
            let state = AdamW { decays: BTreeMap::new(), first: Weights::default(), second: Weights::default(), step: steps };
            let step = state.numbers(&recipes, decays);
            let (weight, first, gradient) = (tensor(0.3), tensor(1.7), tensor(2.9));
            let second = tensor(5.0).abs();
            let fused = kernels::adamw(weight.clone(), first.clone(), second.clone(), gradient.clone(), &step);
            let composed = composed(weight, first, second, gradient, &Columns::upload(&step, &device));
            for (fused, composed) in fused.into_iter().zip(composed) {
                let values = |tensor: Tensor<3>| tensor.into_data().try_into_vec::<f32>().unwrap();
                for (a, b) in values(fused).into_iter().zip(values(composed)) {
                    assert!((a - b).abs() <= 1e-6 * a.abs().max(1.0), "{a} and {b} after {steps} steps");
                }
            }
        }
    }
}
