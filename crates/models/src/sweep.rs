//! Many ablations of one trained model.
//!
//! One by one, each ablation takes its own look at the reference set and its own pass through the whole model. Together they look at the
//! reference set once, and what stands before the first component that an ablation changes says what it says in the whole model, whatever the
//! ablation is: so the stream is kept as every block reads it, and a pass begins with it at the block of the component. Ablations that begin
//! at the same block are the replicas of one fleet. Every loss is, to the bit, that of the ablation alone (`tests/all/sweep.rs`).

use std::collections::BTreeMap;

use ablation_protocol::{Ablation, Placement, Site};
use ablation_random::Stream;
use burn::tensor::Device;

use crate::ablations::{self, Reference};
use crate::edits::{Constant, Edit, Edits, targets};
use crate::error::ModelError;
use crate::evaluation::EvaluationSet;
use crate::fleet::read;
use crate::layers::STREAM;
use crate::model::{Model, captured};
use crate::pack::Hardware;
use crate::scope::Pass;
use crate::tensor::Tensor;
use crate::weights::Weights;

/// Replicas of a fleet at most, and bytes of its largest tensor. A CPU has to keep what it works on near: a fleet that leaves the cache is
/// slower than its replicas one by one. A GPU takes what it can hold.
const MOST: usize = 64;
const ON_CPU: usize = 4 << 20;
const ON_GPU: usize = 128 << 20;

/// Ablations of one trained model on one evaluation set.
pub struct Sweep<'a> {
    model: &'a Model,
    /// One replica.
    weights: &'a Weights,
    set: EvaluationSet,
    /// What operators draw from.
    seed: u64,
    device: Device,
    /// Bytes of the largest tensor of a fleet.
    largest: usize,
    sites: Vec<Site>,
    /// Paths of the blocks in order.
    blocks: Vec<String>,
    reference: Reference,
    /// The stream as each block reads it, and after all blocks: `[1, rows, width]`.
    streams: Vec<Tensor<3>>,
}

/// As many channels as a component has, drawn from all that are of its kind: what any ablation of that size costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The kind of component that it is a control for.
    pub kind: String,
    /// Its channels by the path of their site.
    pub channels: BTreeMap<String, Vec<usize>>,
}

/// What an ablation does to the output of its own component: root mean squares over the evaluation set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Of the output before.
    pub before: f64,
    /// Of the output after.
    pub after: f64,
    /// Of their difference: 0 where nothing at the component changed.
    pub moved: f64,
}

/// One replica to be measured.
struct Job {
    /// Which ablation it is a draw of.
    index: usize,
    /// The first block that it changes; none if it changes what comes before.
    entry: Option<usize>,
    edits: Vec<(String, Edit)>,
}

impl<'a> Sweep<'a> {
    /// Looks at the reference set and at the unablated model. `ablations`, `controls`: all that will be asked for.
    ///
    /// # Errors
    /// If an ablation is not offered, or the device stops answering.
    pub async fn new(
        model: &'a Model,
        weights: &'a Weights,
        ablations: &[Ablation],
        controls: &[Control],
        set: EvaluationSet,
        seed: u64,
        (hardware, device): (Hardware, &Device),
    ) -> Result<Self, ModelError> {
        let largest = if hardware == Hardware::Gpu { ON_GPU } else { ON_CPU };
        let (sites, none) = (model.sites(), Edits::none(1));
        let blocks: Vec<String> = sites.iter().filter(|site| site.is_group()).map(|site| site.path.clone()).collect();
        let also = controls.iter().flat_map(|control| control.channels.keys().cloned()).collect();
        let reference = Reference::of(model, weights, &none, ablations, &also, device).await?;
        let paths = blocks.iter().map(|block| format!("{block}.{STREAM}")).chain([STREAM.to_string()]).collect();
        let (batch, edits) = (model.evaluation(&[set], device), none.resolve(&sites, device));
        let streams = captured(model, Pass::new(weights, &edits), &batch, paths).into_iter().map(|(_, stream)| stream).collect();
        Ok(Sweep { model, weights, set, seed, device: device.clone(), largest, sites, blocks, reference, streams })
    }

    /// The loss of the model as it is; none if it is not finite.
    pub async fn unablated(&self) -> Result<Option<f64>, ModelError> {
        let job = Job { index: 0, entry: Some(self.blocks.len()), edits: Vec::new() };
        Ok(self.measure(&[job]).await?[0])
    }

    /// The loss under each list of ablations that are made together, the mean over the draws of each; none where it is not finite.
    pub async fn losses(&self, ablations: &[Vec<Ablation>]) -> Result<Vec<Option<f64>>, ModelError> {
        let mut all = Vec::with_capacity(ablations.len());
        for together in ablations {
            all.push(self.edits(together).await?);
        }
        self.means(all).await
    }

    /// The losses when an operator is used on the channels of each control instead of on a component. `ablation`: the operator with its
    /// parameters, at any site. No losses where the operator does more than put something in the place of each channel by itself.
    pub async fn controls(&self, ablation: &Ablation, controls: &[Control]) -> Result<Vec<Option<f64>>, ModelError> {
        let mut all = Vec::with_capacity(controls.len());
        for control in controls {
            let mut edits = Vec::new();
            for (path, channels) in &control.channels {
                let site = self.sites.iter().find(|site| site.path == *path);
                let site = site.ok_or_else(|| ModelError::no_site(path, &self.sites))?;
                let edit = ablations::edit_of_channels(&self.reference, site, channels, ablation, self.seed);
                let Some(edit) = edit else { return Ok(vec![None; controls.len()]) };
                edits.push((path.clone(), edit));
            }
            all.push(edits);
        }
        self.means(all).await
    }

    /// What an ablation does to the output of its own component, so that a component that nobody reads is not taken for an ablation that does
    /// nothing. None where the output is not changed channel by channel.
    pub async fn change(&self, ablation: &Ablation) -> Result<Option<Change>, ModelError> {
        let edits = self.edits(std::slice::from_ref(ablation)).await?;
        let (batch, none) = (self.model.evaluation(&[self.set], &self.device), Edits::none(1).resolve(&self.sites, &self.device));
        let paths = edits.iter().map(|(path, _)| path.clone()).collect();
        let seen = captured(self.model, Pass::new(self.weights, &none), &batch, paths);
        let (paths, tensors): (Vec<String>, Vec<Tensor<3>>) = seen.into_iter().unzip();
        let mut squares = [0.0; 3];
        let mut count = 0.0;
        for (path, values) in paths.into_iter().zip(read(tensors).await?) {
            let edit = edits.iter().find(|(other, _)| *other == path).map(|(_, edit)| edit);
            let Some(after) = edit.and_then(|edit| edit.applied(&values)) else { return Ok(None) };
            for (before, after) in values.iter().zip(&after).map(|(before, after)| (f64::from(*before), f64::from(*after))) {
                let terms = [before, after, after - before];
                squares.iter_mut().zip(terms).for_each(|(square, term)| *square += term * term);
                count += 1.0;
            }
        }
        let [before, after, moved] = squares.map(|square| (square / f64::max(count, 1.0)).sqrt());
        Ok((count > 0.0).then_some(Change { before, after, moved }))
    }

    async fn edits(&self, together: &[Ablation]) -> Result<Vec<(String, Edit)>, ModelError> {
        let (model, weights, none) = (self.model, self.weights, Edits::none(1));
        ablations::edits_beside(&self.reference, model, weights, &none, together, self.seed, &self.device).await
    }

    /// The mean loss over the draws of each list of edits.
    async fn means(&self, all: Vec<Vec<(String, Edit)>>) -> Result<Vec<Option<f64>>, ModelError> {
        let count = all.len();
        let mut jobs: Vec<Job> = all.into_iter().enumerate().flat_map(|(index, edits)| self.jobs(index, edits)).collect();
        // Replicas that change the same component leave the others in one piece.
        jobs.sort_by_cached_key(|job| (job.entry, job.edits.first().map(|(path, _)| path.clone())));
        let each = (size_of::<f32>() * self.model.largest() * self.model.evaluated()).max(1);
        let most = (self.largest / each).clamp(1, MOST);
        let mut sums = vec![(Some(0.0), 0.0); count];
        for same in jobs.chunk_by(|one, other| one.entry == other.entry) {
            for fleet in same.chunks(most) {
                for (job, loss) in fleet.iter().zip(self.measure(fleet).await?) {
                    let (sum, draws) = &mut sums[job.index];
                    *sum = sum.zip(loss).map(|(sum, loss)| sum + loss);
                    *draws += 1.0;
                }
            }
        }
        Ok(sums.into_iter().map(|(sum, draws)| sum.map(|sum| sum / draws)).collect())
    }

    /// One replica a draw.
    fn jobs(&self, index: usize, edits: Vec<(String, Edit)>) -> Vec<Job> {
        // A corrupted input is read by the whole model.
        let is_patched = edits.iter().any(|(_, edit)| edit.patched.is_some());
        let entry = edits.iter().map(|(path, _)| self.entry(path)).min().flatten().filter(|_| !is_patched);
        let mut first = Edits::none(1);
        edits.iter().for_each(|(path, edit)| first.set(0, path, edit.clone()));
        let drawn = |further: &Edits, draw: usize| {
            let edit = |path: &String| Some((path.clone(), further.at(path)?[draw].clone()));
            edits.iter().filter_map(|(path, _)| edit(path)).collect()
        };
        let further = first.further_draws(0);
        let further: Vec<Vec<(String, Edit)>> =
            further.iter().flat_map(|further| (0..further.replicas()).map(|draw| drawn(further, draw))).collect();
        std::iter::once(edits).chain(further).map(|edits| Job { index, entry, edits }).collect()
    }

    /// The block that a site is in; the number of blocks for what comes after all of them, none for what comes before.
    fn entry(&self, path: &str) -> Option<usize> {
        let find = |path: &str| self.sites.iter().position(|site| site.path == path);
        let mut top = find(path)?;
        while let Some(parent) = self.sites[top].parent.as_deref().and_then(find) {
            top = parent;
        }
        let block = self.blocks.iter().position(|block| *block == self.sites[top].path);
        let last_block = self.blocks.last().and_then(|block| find(block));
        block.or_else(|| (last_block < Some(top)).then_some(self.blocks.len()))
    }

    /// The loss of each job of one entry.
    async fn measure(&self, jobs: &[Job]) -> Result<Vec<Option<f64>>, ModelError> {
        let replicas = jobs.len();
        let mut edits = Edits::none(replicas);
        let entry = jobs.first().and_then(|job| job.entry);
        let stream = entry.and_then(|entry| self.streams.get(entry).map(|stream| (entry, stream)));
        let start =
            stream.and_then(|_| self.sites.iter().find(|site| site.reads.is_empty() && site.placement == Placement::Source));
        if let (Some((entry, _)), Some(start)) = (stream, start) {
            (0..replicas).for_each(|replica| self.begin_at(entry, start, replica, &mut edits));
        }
        for (replica, job) in jobs.iter().enumerate() {
            job.edits.iter().for_each(|(path, edit)| edits.set(replica, path, edit.clone()));
        }
        let mut resolved = edits.resolve(&self.sites, &self.device);
        if let (Some((_, stream)), Some(start)) = (stream, start) {
            resolved.set_constant(&start.path, stream.clone().repeat_dim(0, replicas));
        }
        let weights = self.weights.repeat(0, replicas);
        let batch = self.model.evaluation(&vec![self.set; replicas], &self.device);
        let output = read(vec![self.model.forward(&Pass::new(&weights, &resolved), &batch)]).await?.remove(0);
        let loss = |answer: &[f32]| self.model.measure(&self.set, &[answer.to_vec()]).first().and_then(|loss| loss.value);
        Ok(output.chunks_exact((output.len() / replicas).max(1)).map(loss).collect())
    }

    /// Edits with which a pass computes nothing before a block: `start` is to put out the stream that the block reads.
    fn begin_at(&self, entry: usize, start: &Site, replica: usize, edits: &mut Edits) {
        let nothing = Constant { values: vec![0.0; start.channels], channels: start.channels };
        edits.set(replica, &start.path, Edit::constant(nothing));
        let before = self.blocks[..entry].iter().flat_map(|block| targets(&self.sites, block));
        let beside = self.sites.iter().filter(|site| site.parent.is_none() && site.placement == Placement::Branch);
        before.chain(beside).for_each(|site| edits.set(replica, &site.path, Edit::removal(site)));
    }
}

/// Controls for the components of a model: for each kind that has channels of its own, `count` draws of as many channels as one component has,
/// out of those of all components of that kind. `seed`: what they are drawn from.
pub fn controls(sites: &[Site], count: usize, seed: u64) -> Vec<Control> {
    // What is drawn from, and what one component of the kind has of it.
    let heads = |site: &&Site| site.kind == "head";
    let hidden = |site: &&Site| site.kind == "activation";
    let pool = |which: &dyn Fn(&&Site) -> bool| -> Vec<(String, usize)> {
        let channels = |site: &Site| (0..site.channels).map(|channel| (site.path.clone(), channel)).collect::<Vec<_>>();
        sites.iter().filter(which).flat_map(channels).collect()
    };
    let largest = |which: &dyn Fn(&&Site) -> bool| sites.iter().filter(which).map(|site| site.channels).max().unwrap_or(0);
    let of_attention = |attention: &Site| -> usize {
        let own = sites.iter().filter(heads).filter(|head| head.parent.as_ref() == Some(&attention.path));
        own.map(|head| head.channels).sum()
    };
    let all_heads = sites.iter().map(of_attention).max().unwrap_or(0);
    let kinds = [
        ("head", pool(&heads), largest(&heads)),
        ("attention", pool(&heads), all_heads),
        ("mlp", pool(&hidden), largest(&hidden)),
    ];
    let stream = Stream::root(seed).at("controls");
    let mut drawn = Vec::new();
    for (kind, pool, size) in kinds {
        // Of one component there is nothing to draw.
        for draw in (0..count as u64).filter(|_| size > 0 && size < pool.len()) {
            let mut shuffled = pool.clone();
            stream.at(kind).index(draw).draws().shuffle(&mut shuffled);
            let mut channels: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            shuffled.into_iter().take(size).for_each(|(path, channel)| channels.entry(path).or_default().push(channel));
            channels.values_mut().for_each(|channels| channels.sort_unstable());
            drawn.push(Control { kind: kind.to_string(), channels });
        }
    }
    drawn
}
