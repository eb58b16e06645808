//! Fits constants that stand for components to the loss of the frozen model: optimal ablation (Li & Janson 2024).
//!
//! The start is the best of three: the mean at each position, the mean, zero. AdamW then moves the constants, with the rest of the model
//! frozen, along the gradient of the loss on four fifths of the reference set. Of the constants on the way that cost no more there than the
//! best start, those with the lowest loss on the fifth that was held out are taken. So on what it was fitted to the result is never worse
//! than mean, position mean and zero, and it is not fitted to the luck of the examples.

use ablation_protocol::Site;
use burn::tensor::Device;

use crate::batch::Batch;
use crate::edits::{Constant, Edit, Edits, tensor_of};
use crate::error::ModelError;
use crate::fleet::read;
use crate::model::Model;
use crate::scope::Pass;
use crate::tensor::Tensor;
use crate::weights::Weights;

/// One constant that is fitted.
pub(crate) struct Fitted<'a> {
    /// Its site.
    pub site: &'a Site,
    /// Its place among the edits.
    pub index: usize,
    /// Steps.
    pub steps: usize,
    /// Standard deviation of each channel of the site's output: a step moves a channel by a share of it.
    pub spread: Vec<f64>,
}

/// The largest step, in standard deviations of a channel; it falls to nothing in a straight line.
const RATE: f64 = 0.1;
/// Of AdamW, as usual; there is no weight decay.
const FIRST: f64 = 0.9;
const SECOND: f64 = 0.999;
/// Bytes that a backward pass may keep. What does not fit is left out of the examples that are fitted to.
const KEPT: usize = 256 << 20;

/// Fits the constants of some edits, all of them together. `made`: every edit of the model, of which those that are fitted hold the mean at
/// each position; afterwards they hold what was fitted.
pub(crate) async fn constants(
    model: &Model,
    weights: &Weights,
    unablated: &Edits,
    fitted: &[Fitted<'_>],
    made: &mut [(String, Edit)],
    device: &Device,
) -> Result<(), ModelError> {
    if fitted.is_empty() {
        return Ok(());
    }
    let mut loss = Loss::new(model, weights, unablated, fitted, made, device);
    let mut now = Vec::new();
    let mut least = f32::INFINITY;
    for start in starts(fitted, made) {
        let [fit, _] = loss.of(&start, false).await?.losses;
        if fit < least || now.is_empty() {
            (least, now) = (fit, start);
        }
    }
    let steps = fitted.iter().map(|one| one.steps).max().unwrap_or_default();
    let (mut best, mut best_held_out) = (now.clone(), f32::INFINITY);
    let mut moments: Vec<[Vec<f64>; 2]> = now.iter().map(|values| [vec![0.0; values.len()], vec![0.0; values.len()]]).collect();
    for step in 0..=steps {
        let Seen { losses: [fit, held_out], gradients } = loss.of(&now, step < steps).await?;
        if fit <= least && held_out < best_held_out {
            (best, best_held_out) = (now.clone(), held_out);
        }
        let rate = RATE * (1.0 - step as f64 / steps.max(1) as f64);
        for (((values, moments), gradient), one) in now.iter_mut().zip(&mut moments).zip(&gradients).zip(fitted) {
            advance(values, moments, gradient, &one.spread, rate, step as i32 + 1);
        }
    }
    for (values, one) in best.into_iter().zip(fitted) {
        made[one.index].1 = Edit::constant(Constant { values, channels: one.site.channels });
    }
    Ok(())
}

/// What fitting may start from, one constant for each position of each site: the means at each position, the means, zeros.
fn starts(fitted: &[Fitted], made: &[(String, Edit)]) -> [Vec<Vec<f32>>; 3] {
    let means = |one: &Fitted| made[one.index].1.constant.as_ref().map(|constant| constant.values.clone()).unwrap_or_default();
    let by_position: Vec<Vec<f32>> = fitted.iter().map(means).collect();
    let mean = |(values, one): (&Vec<f32>, &Fitted)| -> Vec<f32> {
        let (channels, positions) = (one.site.channels, values.len() / one.site.channels);
        let channel = |channel| values.iter().skip(channel).step_by(channels).map(|&value| f64::from(value)).sum::<f64>();
        let row: Vec<f32> = (0..channels).map(|index| (channel(index) / positions as f64) as f32).collect();
        row.repeat(positions)
    };
    let means = by_position.iter().zip(fitted).map(mean).collect();
    let zeros = by_position.iter().map(|values| vec![0.0; values.len()]).collect();
    [by_position, means, zeros]
}

/// A step of Adam (Kingma & Ba 2015). A channel that does not vary has no size to measure a step in and stays.
fn advance(values: &mut [f32], [first, second]: &mut [Vec<f64>; 2], gradient: &[f32], spread: &[f64], rate: f64, step: i32) {
    let correction = |decay: f64| 1.0 - libm::pow(decay, f64::from(step));
    for (index, gradient) in gradient.iter().enumerate() {
        let gradient = f64::from(*gradient);
        first[index] = FIRST * first[index] + (1.0 - FIRST) * gradient;
        second[index] = SECOND * second[index] + (1.0 - SECOND) * gradient * gradient;
        let direction = first[index] / correction(FIRST) / ((second[index] / correction(SECOND)).sqrt() + 1e-12);
        values[index] -= (rate * spread[index % spread.len()] * direction) as f32;
    }
}

/// The loss as a function of the constants.
struct Loss<'a> {
    model: &'a Model,
    sites: Vec<Site>,
    /// On the tape, where they are constants.
    weights: Weights,
    edits: Edits,
    fitted: &'a [Fitted<'a>],
    batch: Batch,
    /// What is fitted to, and what is held out: the first example, and the batch.
    parts: [(usize, Batch); 2],
    device: Device,
}

/// What constants cost.
struct Seen {
    /// On what is fitted to, and on what is held out.
    losses: [f32; 2],
    /// Of the first, by each constant; none if nobody asked.
    gradients: Vec<Vec<f32>>,
}

impl<'a> Loss<'a> {
    fn new(
        model: &'a Model,
        weights: &Weights,
        unablated: &Edits,
        fitted: &'a [Fitted<'a>],
        made: &[(String, Edit)],
        device: &Device,
    ) -> Self {
        let device = device.clone().autodiff();
        let mut edits = unablated.clone();
        made.iter().for_each(|(path, edit)| edits.set(0, path, edit.clone()));
        let whole = model.reference(1, &device);
        let positions = model.positions();
        let fits = KEPT / (size_of::<f32>() * model.kept()).max(1);
        let count = (whole.rows() / positions).min(fits.max(2));
        let held_out = (count / 5).max(1);
        let batch = whole.examples(0, count, positions);
        let parts = [(0, count - held_out), (count - held_out, held_out)];
        let parts = parts.map(|(first, count)| (first, batch.examples(first, count, positions)));
        Loss { sites: model.sites(), weights: weights.frozen_on_tape(), model, edits, fitted, batch, parts, device }
    }

    async fn of(&mut self, constants: &[Vec<f32>], slope: bool) -> Result<Seen, ModelError> {
        for (values, one) in constants.iter().zip(self.fitted) {
            let constant = Constant { values: values.clone(), channels: one.site.channels };
            self.edits.set(0, &one.site.path, Edit::constant(constant));
        }
        let mut resolved = self.edits.resolve(&self.sites, &self.device);
        // Slices of one tensor share its constant, so each is asked for once.
        let mut leaves: Vec<(&str, Tensor<3>)> = Vec::new();
        for one in self.fitted.iter().filter(|_| slope) {
            let (path, ..) = tensor_of(&self.sites, one.site);
            if leaves.iter().all(|(other, _)| *other != path) {
                leaves.extend(resolved.train_constant(path).map(|leaf| (path, leaf)));
            }
        }
        let output = self.model.forward(&Pass::new(&self.weights, &resolved), &self.batch);
        let losses = self.parts.each_ref().map(|(first, part)| {
            let positions = self.model.positions();
            self.model.loss_of(output.clone().narrow(1, first * positions, part.rows()), part)
        });
        let mut tensors: Vec<Tensor<3>> = losses.iter().map(|loss| loss.clone().inner()).collect();
        if slope {
            let [fit, _] = losses;
            let gradients = fit.sum().backward();
            // A component that reaches no answer has no gradient.
            tensors.extend(
                leaves.iter().map(|(_, leaf)| leaf.grad(&gradients).unwrap_or_else(|| leaf.clone().inner().zeros_like())),
            );
        }
        let values = read(tensors).await?;
        let of_tensor = |path: &str| leaves.iter().position(|(other, _)| *other == path).map(|index| &values[2 + index]);
        let gradient =
            |one: &Fitted| of_tensor(tensor_of(&self.sites, one.site).0).map(|all| self.columns(one, all)).unwrap_or_default();
        let gradients = if slope { self.fitted.iter().map(gradient).collect() } else { Vec::new() };
        Ok(Seen { losses: [values[0][0], values[1][0]], gradients })
    }

    /// The columns of one constant in the tensor that it is a part of.
    fn columns(&self, one: &Fitted, values: &[f32]) -> Vec<f32> {
        let (_, start, width) = tensor_of(&self.sites, one.site);
        values.chunks_exact(width).flat_map(|row| &row[start..start + one.site.channels]).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::rc::Rc;

    use ablation_protocol::Ablation;
    use ablation_settings::read_link;
    use pollster::block_on;

    use super::*;
    use crate::ablations::{self, Reference};
    use crate::catalog::{Models, build};
    use crate::fleet::{Fleet, Replica};
    use crate::recipe::Recipe;

    /// A model that has learned something, so that its components say something about their input.
    fn trained(link: &str) -> (Rc<Model>, Weights) {
        let settings = read_link(link, &Models).0.settings;
        let model = build(&settings).unwrap();
        let replica = Replica::new(3, Recipe::read(&settings).unwrap());
        let mut fleet = Fleet::new(model.clone(), vec![replica], Edits::none(1), &Device::flex());
        (0..fleet.steps()).for_each(|_| fleet.advance());
        (model, fleet.weights)
    }

    fn edit(model: &Model, weights: &Weights, ablation: &Ablation) -> Edit {
        let (one, device) = (std::slice::from_ref(ablation), Device::flex());
        block_on(ablations::edits(model, weights, &Edits::none(1), one, 0, &device)).unwrap().remove(0).1
    }

    /// What an edit costs on the examples that constants are fitted to, and on those that are held out: the mean over its draws.
    fn costs(model: &Model, weights: &Weights, path: &str, edit: Edit) -> [f32; 2] {
        let mut edits = Edits::none(1);
        edits.set(0, path, edit);
        let draws = edits.further_draws(0);
        let draws = draws.iter().flat_map(|draws| (0..draws.replicas()).map(|draw| draws.of_replica(draw)));
        let all: Vec<Edits> = std::iter::once(edits.clone()).chain(draws).collect();
        let mut sum = [0.0; 2];
        for edits in &all {
            let mut loss = Loss::new(model, weights, edits, &[], &[], &Device::flex());
            let [fit, held_out] = block_on(loss.of(&[], false)).unwrap().losses;
            sum = [sum[0] + fit / all.len() as f32, sum[1] + held_out / all.len() as f32];
        }
        sum
    }

    const MODELS: [(&str, &[&str]); 2] = [
        (
            "v=1&p=repeat&data.length=8&data.vocabulary=5&model.width=12&model.heads=3&model.layers=1&train.batch=16&train.steps=120",
            &["embed", "blocks.0.attn", "blocks.0.attn.heads.1", "blocks.0.mlp"],
        ),
        ("v=1&p=two-moons&model.width=9&model.layers=1&train.batch=32&train.steps=60", &["embed", "time", "blocks.0.mlp"]),
    ];

    /// The theorem: the least loss over constants is at most that of any constant, and at most the mean over any replacement that does not
    /// depend on the input.
    #[test]
    fn on_what_it_was_fitted_to_no_other_replacement_costs_less_than_the_optimal_constant() {
        for (link, paths) in MODELS {
            let (model, weights) = trained(link);
            let mut better = 0;
            for path in paths {
                let cost = |ablation: Ablation| {
                    let edit = edit(&model, &weights, &ablation);
                    costs(&model, &weights, path, edit)[0]
                };
                let optimal = cost(Ablation::new(path, "optimal").with("steps", 20.0));
                let others = ["mean", "position_mean", "zero", "resample"].map(|name| {
                    let offered = model.sites().iter().any(|site| site.path == *path && site.grade(name).allowed());
                    if offered { cost(Ablation::new(path, name)) } else { f32::INFINITY }
                });
                assert!(others.iter().all(|other| optimal <= *other), "{link} {path}: {optimal} {others:?}");
                better += usize::from(others.iter().all(|other| optimal < *other));
            }
            assert!(better > paths.len() / 2, "{link}: fitting lowers the loss below every start");
        }
    }

    #[test]
    fn of_what_was_seen_on_the_way_what_does_best_on_the_held_out_examples_is_taken() {
        let (link, _) = MODELS[0];
        let (model, weights) = trained(link);
        let path = "blocks.0.attn";
        let start = edit(&model, &weights, &Ablation::new(path, "optimal").with("steps", 0.0));
        let fitted = edit(&model, &weights, &Ablation::new(path, "optimal").with("steps", 20.0));
        let [start, fitted] = [start, fitted].map(|edit| costs(&model, &weights, path, edit));
        assert!(fitted[0] < start[0] && fitted[1] < start[1], "{fitted:?} {start:?}");
        // Without a step it is the best of the three that it may start from.
        let cheapest = ["mean", "position_mean", "zero"]
            .map(|name| costs(&model, &weights, path, edit(&model, &weights, &Ablation::new(path, name)))[0])
            .into_iter()
            .fold(f32::INFINITY, f32::min);
        assert_eq!(start[0], cheapest);
    }

    #[test]
    fn constants_of_several_components_are_fitted_together() {
        let (link, _) = MODELS[0];
        let (model, weights) = trained(link);
        let heads = ["blocks.0.attn.heads.0", "blocks.0.attn.heads.2"];
        let ablations = heads.map(|path| Ablation::new(path, "optimal").with("steps", 15.0));
        let device = Device::flex();
        let none = Edits::none(1);
        let together = block_on(ablations::edits(&model, &weights, &none, &ablations, 0, &device)).unwrap();
        let apart: Vec<(String, Edit)> =
            ablations.iter().map(|ablation| (ablation.site.clone(), edit(&model, &weights, ablation))).collect();
        let cost = |made: &[(String, Edit)]| {
            let mut edits = Edits::none(1);
            made.iter().for_each(|(path, edit)| edits.set(0, path, edit.clone()));
            let mut loss = Loss::new(&model, &weights, &edits, &[], &[], &device);
            block_on(loss.of(&[], false)).unwrap().losses[0]
        };
        assert!(cost(&together) < cost(&apart), "each alone does not know that the other is gone");
        let reference = block_on(Reference::of(&model, &weights, &none, &ablations, &BTreeSet::new(), &device)).unwrap();
        let again = block_on(ablations::edits_beside(&reference, &model, &weights, &none, &ablations, 0, &device)).unwrap();
        assert_eq!(again, together, "the same on the same reference set");
    }
}
