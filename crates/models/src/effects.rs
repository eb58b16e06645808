//! Direct and total effects of ablations on the answer, and what later components make up for (self-repair).
//!
//! Where branches only add to the residual stream, the logit of the right token, less the mean of all logits, is a sum: of what each branch
//! adds, read by the unembedding through the final norm, once the scale of that norm is held at what it is without an ablation. So the change
//! that an ablation makes falls into what the component itself no longer adds (its *direct* effect), what every later branch adds instead, and
//! what the scale of the final norm does. Where the later parts have the other sign, the model repairs itself (McGrath et al. 2023,
//! <https://arxiv.org/abs/2307.15771>; Rushing & Nanda 2024, <https://arxiv.org/abs/2402.15390>).

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Ablation, Placement, Site};
use burn::tensor::Device;
use serde::Serialize;

use crate::ablations;
use crate::batch::Target;
use crate::edits::{Edits, targets};
use crate::error::ModelError;
use crate::evaluation::EvaluationSet;
use crate::fleet::read;
use crate::kernels;
use crate::layers::STREAM;
use crate::layers::norms::SCALE;
use crate::model::Model;
use crate::scope::{ActivationCache, Pass};
use crate::tensor::Tensor;
use crate::weights::{Weights, upload};

/// A mean over the scored positions of the held-out examples, and its standard error over examples, which are independent where the positions
/// of one are not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// Change of the logit of the right token, less the mean of all logits.
    pub value: f64,
    /// Its standard error; none of a single example.
    pub error: Option<f64>,
}

/// What one ablation does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effects {
    /// The component.
    pub site: String,
    /// What the component itself no longer adds, through the scale that the final norm has without the ablation.
    pub direct: Mean,
    /// What all later branches add instead, through the same scale.
    pub later: Mean,
    /// The whole change through the same scale: `direct + later`.
    pub frozen: Mean,
    /// The whole change, in which the final norm has the scale of what it reads.
    pub total: Mean,
    /// The later branches one by one, in forward order.
    pub branches: Vec<LaterBranch>,
    /// The test loss under the ablation; none if it is not finite.
    pub loss: Option<f64>,
}

/// What one later branch adds instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LaterBranch {
    /// The branch.
    pub site: String,
    /// The change that it makes.
    pub change: Mean,
}

/// The components of a model for which effects are told apart, in forward order: its branches, their heads, and groups of them.
///
/// # Errors
/// A sentence if the answers of the model are no such sum.
pub fn components_with_effects(model: &Model) -> Result<Vec<Site>, ModelError> {
    let sites = model.sites();
    decomposes(model, &sites)?;
    let is_offered = |site: &&Site| {
        let in_stream = writer_of(&sites, site).is_some() && (site.is_group() || site.placement != Placement::Inline);
        in_stream && site.ablations.iter().any(|option| option.grade.allowed())
    };
    Ok(sites.iter().filter(is_offered).cloned().collect())
}

/// Whether the logits are a sum over branches.
fn decomposes(model: &Model, sites: &[Site]) -> Result<(), ModelError> {
    if !model.predicts_tokens() {
        return Err(ModelError::NoEffects("they are about the logit of the right token, and this model predicts numbers".into()));
    }
    let in_stream = |site: &&Site| site.parent.as_deref().is_none_or(|parent| is_group(sites, parent));
    let through = sites
        .iter()
        .filter(in_stream)
        .find(|site| site.placement == Placement::Inline && !site.leads_into_branch(sites) && site.path != FINAL_NORM);
    match through {
        Some(site) => Err(ModelError::NoEffects(format!("the residual stream passes through `{}`", site.path))),
        None => Ok(()),
    }
}

const FINAL_NORM: &str = "norm";

fn is_group(sites: &[Site], path: &str) -> bool {
    sites.iter().any(|site| site.path == path && site.is_group())
}

/// The branches that add to the stream, in forward order.
fn writers(sites: &[Site]) -> Vec<&Site> {
    let in_stream = |site: &&Site| site.parent.as_deref().is_none_or(|parent| is_group(sites, parent));
    sites.iter().filter(in_stream).filter(|site| site.placement == Placement::Branch).collect()
}

/// The last branch that a component is or holds, or the one that it is in, as an index into [`writers`].
fn writer_of(sites: &[Site], site: &Site) -> Option<usize> {
    let writers = writers(sites);
    let find = |path: &str| writers.iter().position(|writer| writer.path == path);
    if site.is_group() {
        return targets(sites, &site.path).iter().filter_map(|site| find(&site.path)).max();
    }
    let mut path = site.path.as_str();
    loop {
        if let Some(index) = find(path) {
            return Some(index);
        }
        path = sites.iter().find(|site| site.path == path)?.parent.as_deref()?;
    }
}

/// The effects of each ablation by itself, of a model with one replica of `weights`, on the examples of `set`; the mean over the draws of an
/// operator that draws. `seed`: what operators draw from.
///
/// # Errors
/// If the answers of the model are no sum over branches, an ablation is not offered or its component has no effects, or the device stops
/// answering.
pub async fn effects(
    model: &Model,
    weights: &Weights,
    ablations: &[Ablation],
    set: EvaluationSet,
    seed: u64,
    device: &Device,
) -> Result<Vec<Effects>, ModelError> {
    let sites = model.sites();
    let known = components_with_effects(model)?;
    let readout = Readout::of(model, weights, set, device).await?;
    let writers: Vec<String> = writers(&sites).into_iter().map(|site| site.path.clone()).collect();
    let reference = ablations::Reference::of(model, weights, &Edits::none(1), ablations, &BTreeSet::new(), device).await?;
    let before = readout.pass(model, weights, &Edits::none(1), &writers).await?;
    let mut found = Vec::with_capacity(ablations.len());
    for ablation in ablations {
        let site = known.iter().find(|site| site.path == ablation.site);
        let own = site.and_then(|site| writer_of(&sites, site)).ok_or_else(|| ModelError::Refused {
            what: format!("effects of `{}`", ablation.site),
            reason: "it is no branch of the residual stream, head or group of them".into(),
        })?;
        let one = std::slice::from_ref(ablation);
        let made = ablations::edits_beside(&reference, model, weights, &Edits::none(1), one, seed, device).await?;
        let mut edits = Edits::none(1);
        made.into_iter().for_each(|(path, edit)| edits.set(0, &path, edit));
        let mut sum = Changes::none(writers.len() - own - 1, readout.weights.len());
        let draws = draws(&edits);
        for edits in &draws {
            sum.add(&readout.changes(&before, &readout.pass(model, weights, edits, &writers).await?, own));
        }
        found.push(sum.effects(&readout, &ablation.site, &writers[own + 1..], draws.len()));
    }
    Ok(found)
}

/// An edit with several draws as that many edits.
fn draws(edits: &Edits) -> Vec<Edits> {
    let further = edits.further_draws(0);
    let further = further.iter().flat_map(|further| (0..further.replicas()).map(|draw| further.of_replica(draw)));
    std::iter::once(edits.of_replica(0)).chain(further).collect()
}

/// How the stream becomes the logit of the right token at each position.
struct Readout {
    set: EvaluationSet,
    device: Device,
    width: usize,
    /// Positions of an example.
    positions: usize,
    /// For each row the direction that its right token reads, less the mean of all tokens: `[rows, width]`.
    directions: Vec<f32>,
    /// What each row weighs; 0 where no token is asked for. They sum to one.
    weights: Vec<f32>,
}

/// What was seen of a pass.
struct Seen {
    /// What each branch adds, then the stream at its end: `[rows, width]` each.
    streams: Vec<Vec<f32>>,
    /// What the final norm divides each row by.
    scale: Vec<f32>,
    loss: Option<f64>,
}

/// The change of each row's logit by its cause.
struct Changes {
    /// By each later branch.
    later: Vec<Vec<f64>>,
    /// The whole, through the scale without an ablation.
    frozen: Vec<f64>,
    /// The whole.
    total: Vec<f64>,
    loss: Option<f64>,
}

impl Readout {
    async fn of(model: &Model, weights: &Weights, set: EvaluationSet, device: &Device) -> Result<Self, ModelError> {
        let (norms, positions) = (model.norms(), model.positions());
        let width = norms.width;
        let has_norm = model.parameters().iter().any(|parameter| parameter.path == format!("{FINAL_NORM}.gain"));
        let gain = has_norm.then(|| weights.get(&format!("{FINAL_NORM}.gain")).clone());
        let mut parameters =
            read(std::iter::once(weights.get("unembed.weight").clone()).chain(gain).collect()).await?.into_iter();
        let unembedding = parameters.next().unwrap_or_default();
        let gain = parameters.next().unwrap_or_else(|| vec![1.0; width]);
        let is_centred = has_norm && norms.kind.value.is_centred();
        let batch = model.evaluation(&[set], device);
        let Target::Tokens(targets, row_weights) = &batch.target else {
            unreachable!("the targets of a model of tokens are tokens")
        };
        let table = directions(&unembedding, &gain, is_centred);
        let table = upload::<3>(table, [1, unembedding.len() / width, width], device);
        let rows = row_weights.dims()[1];
        let weighed: Tensor<3> = (**row_weights).clone().reshape([1, rows, 1]);
        let mut answers = read(vec![kernels::gather(table, targets.clone()), weighed]).await?;
        let (weights, directions) = (answers.pop().unwrap_or_default(), answers.pop().unwrap_or_default());
        Ok(Readout { set, device: device.clone(), width, positions, directions, weights })
    }

    async fn pass(&self, model: &Model, weights: &Weights, edits: &Edits, writers: &[String]) -> Result<Seen, ModelError> {
        let scale = format!("{FINAL_NORM}.{SCALE}");
        let paths = writers.iter().cloned().chain([STREAM.to_string(), scale.clone()]);
        let cache = ActivationCache::of(paths);
        let resolved = edits.resolve(&model.sites(), &self.device);
        let batch = model.evaluation(&[self.set], &self.device);
        let output = model.forward(&Pass { cache: Some(&cache), ..Pass::new(weights, &resolved) }, &batch);
        let (paths, mut tensors): (Vec<String>, Vec<Tensor<3>>) = cache.take().into_iter().unzip();
        tensors.push(output);
        let mut seen: Vec<Vec<f32>> = read(tensors).await?;
        let output = seen.pop().unwrap_or_default();
        let mut by_path: BTreeMap<String, Vec<f32>> = paths.into_iter().zip(seen).collect();
        let rows = self.weights.len();
        // A branch that is left out by everybody adds nothing.
        let mut stream = |path: &str| by_path.remove(path).unwrap_or_else(|| vec![0.0; rows * self.width]);
        let streams = writers.iter().map(String::as_str).chain([STREAM]).map(&mut stream).collect();
        let scale = by_path.remove(&scale).unwrap_or_else(|| vec![1.0; rows]);
        let loss = model.measure(&self.set, &[output]).first().and_then(|loss| loss.value);
        Ok(Seen { streams, scale, loss })
    }

    /// What a row of a stream is to the logit of the right token, before it is divided by the scale.
    fn read(&self, stream: &[f32], row: usize) -> f64 {
        let place = row * self.width..(row + 1) * self.width;
        stream[place.clone()]
            .iter()
            .zip(&self.directions[place])
            .map(|(x, direction)| f64::from(*x) * f64::from(*direction))
            .sum()
    }

    fn changes(&self, before: &Seen, after: &Seen, own: usize) -> Changes {
        let rows = 0..self.weights.len();
        let end = before.streams.len() - 1;
        let by = |branch: usize| -> Vec<f64> {
            let (was, is) = (&before.streams[branch], &after.streams[branch]);
            rows.clone().map(|row| (self.read(is, row) - self.read(was, row)) / f64::from(before.scale[row])).collect()
        };
        let total = |row: usize| {
            let [was, is] = [before, after].map(|seen| self.read(&seen.streams[end], row) / f64::from(seen.scale[row]));
            is - was
        };
        Changes {
            later: (own + 1..end).map(by).collect(),
            frozen: by(end),
            total: rows.clone().map(total).collect(),
            loss: after.loss,
        }
    }

    /// The mean over the scored rows, with its standard error over examples.
    fn mean(&self, changes: &[f64]) -> Mean {
        let weighed: Vec<f64> = changes.iter().zip(&self.weights).map(|(change, weight)| change * f64::from(*weight)).collect();
        let value: f64 = weighed.iter().sum();
        let shares =
            self.weights.chunks_exact(self.positions).map(|weights| weights.iter().map(|weight| f64::from(*weight)).sum());
        let shares: Vec<f64> = shares.collect();
        let examples = shares.iter().filter(|share| **share > 0.0).count() as f64;
        let sums = weighed.chunks_exact(self.positions).map(|changes| changes.iter().sum::<f64>());
        let squares: f64 = sums.zip(&shares).map(|(sum, share)| (sum - value * share) * (sum - value * share)).sum();
        let error = (examples > 1.0).then(|| (squares * examples / (examples - 1.0)).sqrt());
        Mean { value, error }
    }
}

impl Changes {
    fn none(later: usize, rows: usize) -> Self {
        Changes { later: vec![vec![0.0; rows]; later], frozen: vec![0.0; rows], total: vec![0.0; rows], loss: Some(0.0) }
    }

    fn add(&mut self, other: &Changes) {
        let add = |sum: &mut Vec<f64>, other: &Vec<f64>| sum.iter_mut().zip(other).for_each(|(sum, change)| *sum += change);
        self.later.iter_mut().zip(&other.later).for_each(|(sum, other)| add(sum, other));
        add(&mut self.frozen, &other.frozen);
        add(&mut self.total, &other.total);
        self.loss = self.loss.zip(other.loss).map(|(sum, loss)| sum + loss);
    }

    /// The means over rows and draws. `later`: the paths of the later branches.
    fn effects(self, readout: &Readout, site: &str, later: &[String], draws: usize) -> Effects {
        let mean = |changes: &[f64]| {
            let changes: Vec<f64> = changes.iter().map(|change| change / draws as f64).collect();
            readout.mean(&changes)
        };
        let all_later: Vec<f64> = (0..self.frozen.len()).map(|row| self.later.iter().map(|branch| branch[row]).sum()).collect();
        let own: Vec<f64> = self.frozen.iter().zip(&all_later).map(|(whole, later)| whole - later).collect();
        let branches = later.iter().zip(&self.later);
        Effects {
            site: site.to_string(),
            direct: mean(&own),
            later: mean(&all_later),
            frozen: mean(&self.frozen),
            total: mean(&self.total),
            branches: branches.map(|(site, changes)| LaterBranch { site: site.clone(), change: mean(changes) }).collect(),
            loss: self.loss.map(|loss| loss / draws as f64),
        }
    }
}

/// For each token the direction of the stream that its logit reads through the gain of the final norm, less the mean of all tokens, and
/// without what a norm that subtracts the mean of its input does not see: `[tokens, width]`. `unembedding`: `[width, tokens]`.
fn directions(unembedding: &[f32], gain: &[f32], is_centred: bool) -> Vec<f32> {
    let width = gain.len();
    let tokens = unembedding.len() / width.max(1);
    let mut table = vec![0.0; width * tokens];
    for (channel, weights) in unembedding.chunks_exact(tokens.max(1)).enumerate() {
        let mean = weights.iter().map(|weight| f64::from(*weight)).sum::<f64>() / tokens as f64;
        for (token, weight) in weights.iter().enumerate() {
            table[token * width + channel] = (f64::from(*weight) - mean) * f64::from(gain[channel]);
        }
    }
    if is_centred {
        for direction in table.chunks_exact_mut(width.max(1)) {
            let mean = direction.iter().sum::<f64>() / width as f64;
            direction.iter_mut().for_each(|number| *number -= mean);
        }
    }
    table.into_iter().map(|number| number as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;
    use crate::catalog::{Models, build};
    use crate::compute::cpu;
    use ablation_random::Stream;
    use ablation_settings::read_link;
    use pollster::block_on;
    use std::rc::Rc;

    const SMALL: &str =
        "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3&model.layers=2&ablation.site=none";

    fn drawn(link: &str) -> (Rc<Model>, Weights) {
        let (study, corrections) = read_link(link, &Models);
        assert_eq!(corrections, vec![], "{link}");
        let model = build(&study.settings).unwrap();
        let weights = Weights::fill(&model.parameters(), 1, &cpu(), |parameter, _| {
            let mut draws = Stream::root(3).at(&parameter.path).draws();
            let (mean, spread) = if parameter.path.ends_with(".gain") { (1.0, 0.2) } else { (0.0, 0.4) };
            (0..parameter.count()).map(|_| (mean + spread * draws.normal()) as f32).collect()
        });
        (model, weights)
    }

    fn found(model: &Model, weights: &Weights, ablations: &[Ablation]) -> Vec<Effects> {
        block_on(effects(model, weights, ablations, EvaluationSet::shared(), 5, &cpu())).unwrap()
    }

    /// Scores, targets and weights of the held-out examples, row by row.
    fn answers(model: &Model, weights: &Weights, edits: &Edits) -> (Vec<f32>, Vec<usize>, Vec<f32>) {
        let batch: Batch = model.evaluation(&[EvaluationSet::shared()], &cpu());
        let resolved = edits.resolve(&model.sites(), &cpu());
        let scores = model.forward(&Pass::new(weights, &resolved), &batch).into_data().try_into_vec::<f32>().unwrap();
        let Target::Tokens(targets, row_weights) = batch.target else { panic!("tokens") };
        let targets = targets.into_data().convert::<i64>().try_into_vec::<i64>().unwrap();
        (scores, targets.into_iter().map(|target| target as usize).collect(), row_weights.into_data().try_into_vec().unwrap())
    }

    /// The mean logit of the right token, less the mean of all logits.
    fn right_logit(model: &Model, weights: &Weights, edits: &Edits) -> f64 {
        let (scores, targets, row_weights) = answers(model, weights, edits);
        let rows = scores.chunks_exact(scores.len() / targets.len()).zip(targets.iter().zip(row_weights));
        let logit = |(scores, (target, weight)): (&[f32], (&usize, f32))| {
            let mean = scores.iter().map(|score| f64::from(*score)).sum::<f64>() / scores.len() as f64;
            (f64::from(scores[*target]) - mean) * f64::from(weight)
        };
        rows.map(logit).sum()
    }

    fn zeroed(model: &Model, path: &str) -> Edits {
        let sites = model.sites();
        let mut edits = Edits::none(1);
        targets(&sites, path).into_iter().for_each(|site| edits.set(0, &site.path, crate::edits::Edit::removal(site)));
        edits
    }

    #[test]
    fn the_total_effect_is_the_change_of_the_right_logit() {
        for more in
            ["", "&model.norm=none", "&model.norm_kind=rms", "&model.norm=sandwich", "&model.embeddings=tied&model.key_heads=1"]
        {
            let (model, weights) = drawn(&format!("{SMALL}{more}"));
            let known = components_with_effects(&model).unwrap();
            assert_eq!(known.len(), 2 * (3 + 3) + 1, "{more}: blocks, their branches and heads, and positions");
            let without = |site: &Site| Ablation::new(&site.path, if site.is_group() { "skip" } else { "zero" });
            let ablations: Vec<Ablation> = known.iter().map(without).collect();
            let before = right_logit(&model, &weights, &Edits::none(1));
            for effects in found(&model, &weights, &ablations) {
                let expected = right_logit(&model, &weights, &zeroed(&model, &effects.site)) - before;
                let total = effects.total.value;
                assert!((total - expected).abs() < 1e-5, "{more} {}: {total} and not {expected}", effects.site);
                let parts = effects.direct.value + effects.later.value;
                assert!((effects.frozen.value - parts).abs() < 1e-9, "{more} {}: {effects:?}", effects.site);
                let branches: f64 = effects.branches.iter().map(|branch| branch.change.value).sum();
                assert!((effects.later.value - branches).abs() < 1e-9, "{more} {}: {effects:?}", effects.site);
                if more == "&model.norm=none" {
                    assert!((total - effects.frozen.value).abs() < 1e-9, "there is no scale: {effects:?}");
                } else {
                    assert!((total - effects.frozen.value).abs() > 1e-6, "the scale moved: {effects:?}");
                }
            }
        }
    }

    /// The direct effect of a zeroed branch is what it added, whatever happens later.
    #[test]
    fn the_direct_effect_of_a_zeroed_branch_is_what_it_added() {
        for more in
            ["", "&model.norm_kind=rms", "&model.norm=sandwich", "&model.norm=none", "&model.embeddings=tied&model.key_heads=1"]
        {
            let (model, weights) = drawn(&format!("{SMALL}{more}"));
            for path in ["blocks.0.attn", "blocks.0.mlp", "blocks.1.attn"] {
                adds_what_it_added(&model, &weights, path);
            }
        }
    }

    fn adds_what_it_added(model: &Model, weights: &Weights, path: &str) {
        let readout = block_on(Readout::of(model, weights, EvaluationSet::shared(), &cpu())).unwrap();
        let seen = block_on(readout.pass(model, weights, &Edits::none(1), &[path.to_string()])).unwrap();
        let added: Vec<f64> =
            (0..readout.weights.len()).map(|row| readout.read(&seen.streams[0], row) / f64::from(seen.scale[row])).collect();
        let expected = readout.mean(&added);
        let effects = &found(model, weights, &[Ablation::new(path, "zero")])[0];
        assert!((effects.direct.value + expected.value).abs() < 1e-6, "{effects:?} {expected:?}");
        assert!((effects.direct.error.unwrap() - expected.error.unwrap()).abs() < 1e-6, "{effects:?} {expected:?}");
        assert!(effects.later.value.abs() > 1e-4 && !effects.branches.is_empty(), "{effects:?}");
    }

    /// The heads of a layer are the layer, and each acts directly through it alone.
    #[test]
    fn direct_effects_of_heads_add_up_to_that_of_their_attention() {
        let (model, weights) = drawn(SMALL);
        let heads: Vec<Ablation> = (0..3).map(|head| Ablation::new(&format!("blocks.1.attn.heads.{head}"), "zero")).collect();
        let all: f64 = found(&model, &weights, &heads).iter().map(|effects| effects.direct.value).sum();
        let whole = &found(&model, &weights, &[Ablation::new("blocks.1.attn", "zero")])[0];
        assert!((whole.direct.value - all).abs() < 1e-5, "{} and {all}", whole.direct.value);
        // Nothing reads the last branch.
        let last = &found(&model, &weights, &[Ablation::new("blocks.1.mlp", "mean")])[0];
        assert!(last.branches.is_empty() && last.direct == last.frozen, "{last:?}");
    }

    #[test]
    fn branches_that_stand_beside_each_other_do_not_make_up_for_each_other() {
        let (model, weights) = drawn(&format!("{SMALL}&model.blocks=parallel"));
        let effects = &found(&model, &weights, &[Ablation::new("blocks.0.attn", "mean")])[0];
        let change = |path: &str| effects.branches.iter().find(|branch| branch.site == path).unwrap().change.value;
        assert_eq!(change("blocks.0.mlp"), 0.0);
        assert!(change("blocks.1.attn") != 0.0 && change("blocks.1.mlp") != 0.0, "{effects:?}");
    }

    /// An MLP that takes off the stream whatever is on it: without the attention before it the answer is the same, although the attention acts.
    #[test]
    fn an_mlp_that_erases_the_stream_makes_up_for_everything() {
        let (model, weights) = drawn(&format!("{SMALL}&model.layers=1&model.norm=none&model.activation=identity"));
        let width = 12;
        let weights = weights.map(|path, tensor| {
            let [_, rows, columns] = tensor.dims();
            let diagonal = |sign: f32| {
                let cell = |cell: usize| if cell / columns == cell % columns { sign } else { 0.0 };
                upload::<3>((0..rows * columns).map(cell).collect(), [1, rows, columns], &cpu())
            };
            match path {
                "blocks.0.mlp.up.weight" => diagonal(1.0),
                "blocks.0.mlp.down.weight" => diagonal(-1.0),
                _ if path.starts_with("blocks.0.mlp") => tensor.zeros_like(),
                _ => tensor.clone(),
            }
        });
        assert!(
            model.parameters().iter().any(|parameter| parameter.path == "blocks.0.mlp.down.weight" && parameter.columns == width)
        );
        let effects = &found(&model, &weights, &[Ablation::new("blocks.0.attn", "zero")])[0];
        assert!(effects.total.value.abs() < 1e-6, "{effects:?}");
        // With weights that were drawn, both signs occur: it is the spread that says that there is an effect.
        assert!(effects.direct.error.unwrap() > 0.01, "{effects:?}");
        assert!((effects.direct.value + effects.later.value).abs() < 1e-6, "{effects:?}");
    }

    #[test]
    fn draws_are_averaged() {
        let (model, weights) = drawn(SMALL);
        let ablation = |draws: f64| Ablation::new("blocks.0.attn", "resample").with("draws", draws);
        let [one, four] = [1.0, 4.0].map(|draws| found(&model, &weights, &[ablation(draws)]).remove(0));
        assert!(one.total != four.total && one.loss != four.loss);
        assert!(four.total.error.unwrap() < one.total.error.unwrap(), "{one:?} {four:?}");
    }

    #[test]
    fn answers_that_are_no_sum_are_refused_with_the_reason() {
        let refused = |link: &str| components_with_effects(&drawn(link).0).unwrap_err().to_string();
        assert!(refused(&format!("{SMALL}&model.norm=post")).contains("passes through `blocks.0.attn_norm`"));
        assert!(refused("v=1&p=two-moons&model.width=9&ablation.site=none").contains("predicts numbers"));
        let (model, weights) = drawn(SMALL);
        let ablations = [Ablation::new("embed", "mean")];
        let found = block_on(effects(&model, &weights, &ablations, EvaluationSet::shared(), 0, &cpu()));
        assert!(found.unwrap_err().to_string().contains("embed"));
    }
}
