//! Deterministic sampling: DDIM with eta 0 (Song, Meng & Ermon 2021, <https://arxiv.org/abs/2010.02502>).

use ablation_data::{CLOUD, Layout};
use burn::tensor::Device;

use super::{Diffusion, FEATURES, evaluation};
use crate::batch::{Batch, Content, Target, integers, once_each};
use crate::evaluation::EvaluationSet;
use crate::kernels;
use crate::tensor::Tensor;
use crate::weights::upload;

/// Forward passes of the sampler.
const STEPS: usize = 25;

/// Samples from the same noise for every model that has the evaluation set: `[replicas, examples * positions, channels]`. Where data have
/// classes, sample `i` is of the class of held-out example `i`.
pub(super) fn sample(
    objective: &Diffusion,
    forward: &dyn Fn(&Batch) -> Tensor<3>,
    sets: &[EvaluationSet],
    device: &Device,
) -> Tensor<3> {
    let (replicas, patches) = (sets.len(), &objective.patches);
    let size = patches.positions * patches.channels;
    let start = sets.iter().flat_map(|set| {
        let noise = set.noise.draws().normals(size * CLOUD);
        noise.chunks_exact(size).flat_map(|grid| patches.read(grid).collect::<Vec<_>>()).collect::<Vec<_>>()
    });
    let mut x = upload::<3>(start.collect(), [replicas, CLOUD * patches.positions, patches.channels], device);
    let class = (objective.classes() > 0).then(|| {
        let held_out = |set: &EvaluationSet| evaluation::held_out(objective, set);
        let classes =
            once_each(sets, |set| held_out(set).iter().filter_map(|(_, class)| class.map(|class| class as i32)).collect());
        integers(&classes, |classes: &Vec<i32>| classes, CLOUD, device)
    });
    let bounded = |clean| match objective.data.layout() {
        Layout::Numbers { limit, .. } => kernels::bounded(clean, limit),
        Layout::Tokens { .. } => clean,
    };
    let steps = objective.schedule.steps();
    let passes = STEPS.min(steps);
    for index in (0..passes).rev() {
        let (from, to) = ((index + 1) * steps / passes, index * steps / passes);
        let features = objective.features[from].repeat(replicas * CLOUD);
        let time = Some(upload(features, [replicas, CLOUD, FEATURES], device));
        let predicted = forward(&Batch {
            input: Content::Numbers(x.clone()),
            time,
            class: class.clone(),
            target: Target::Numbers(x.clone()),
        });
        let (level, after) = (objective.level(from), objective.schedule.left(to));
        // x = signal * clean + noise * eps: the model gives one of the two. Where almost no signal is left, dividing by it blows a small
        // error up to an example far outside of the data, so it is kept inside (Ho, Jain & Abbeel 2020) and the noise follows.
        let clean = bounded((objective.prediction.value.clean_tensor)(x.clone(), predicted, level));
        let eps = (x - clean.clone() * level.signal) * (1.0 / level.noise);
        x = clean * after.sqrt() + eps * (1.0 - after).sqrt();
    }
    x
}
