//! A bench as bytes, so that a worker that dies takes nothing with it.
//!
//! The bytes are safetensors: weights and optimiser state of every fleet by path, and the rest - link, ablation, curves, steps - as JSON in
//! the metadata. Everything is read from the device in one transaction, the only way that works in a browser.

use std::collections::BTreeMap;

use ablation_protocol::{Ablation, Arm};
use ablation_settings::write_link;
use burn::tensor::Device;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::candidates::Candidates;
use super::{Bench, Curve, Models, Phase};
use crate::context::Context;
use crate::error::ModelError;
use crate::fleet::{Fleet, read};
use crate::saved::{self, refuse};
use crate::weights::{Weights, upload};

/// Key of the JSON in the metadata.
const STATE: &str = "ablation-bench";

/// What is not a tensor.
#[derive(Serialize, Deserialize)]
struct State {
    link: String,
    ablation: Option<Ablation>,
    steps: BTreeMap<String, u64>,
    /// The candidate that was chosen, by fleet.
    chosen: BTreeMap<String, usize>,
    /// Losses after steps; none where the loss is not finite, which JSON cannot write.
    curves: BTreeMap<Arm, Losses>,
    /// The same of every candidate, by fleet.
    candidates: BTreeMap<String, Vec<Losses>>,
}

type Losses = Vec<(u64, Option<f32>)>;

impl Bench {
    /// Everything computed so far, as safetensors.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, ModelError> {
        let mut parts = Vec::new();
        for (fleet, name) in self.fleets() {
            parts.push((format!("{name}/weights/"), fleet.weights.clone()));
            parts.extend(fleet.optimizer.state().map(|(part, state)| (format!("{name}/{part}/"), state)));
        }
        let mut buffers = read(parts.iter().flat_map(|(_, weights)| weights.buffers()).collect()).await?.into_iter();
        let mut tensors = Vec::new();
        for (prefix, weights) in &parts {
            let buffers: Vec<Vec<f32>> = buffers.by_ref().take(weights.buffers().len()).collect();
            tensors.extend(saved::tensors(prefix, weights.layout(), weights.replicas(), &buffers));
        }
        let state = State {
            link: write_link(&self.study, &Models),
            ablation: self.ablation.clone(),
            steps: self.fleets().map(|(fleet, name)| (name.to_string(), fleet.step())).collect(),
            chosen: self.candidates().filter_map(|(candidates, name)| Some((name.to_string(), candidates.chosen?))).collect(),
            curves: self.curves.iter().map(|(arm, curve)| (*arm, losses(curve))).collect(),
            candidates: self
                .candidates()
                .map(|(candidates, name)| (name.to_string(), candidates.curves.iter().map(losses).collect()))
                .collect(),
        };
        let json = serde_json::to_string(&state).map_err(refuse)?;
        saved::write(&tensors, (STATE, json))
    }

    /// The bench of a checkpoint. `context`: the files that its data reads.
    pub async fn restore(bytes: &[u8], context: &Context, device: &Device) -> Result<Self, ModelError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(refuse)?;
        let json = metadata.metadata().as_ref().and_then(|metadata| metadata.get(STATE));
        let json = json.ok_or_else(|| ModelError::Checkpoint("it holds no bench".into()))?;
        let state: State = serde_json::from_str(json).map_err(refuse)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(refuse)?;
        let mut bench = Bench::open(&state.link, context, device)?;
        bench.choose(state.ablation)?;
        bench.curves = state.curves.iter().map(|(arm, points)| (*arm, curve(points))).collect();
        let load = |fleet: &mut Fleet, name: &str| -> Result<(), ModelError> {
            let weights = restored(&fleet.weights, &tensors, &format!("{name}/weights"), device)?;
            let part = |(part, like): (&str, Weights)| restored(&like, &tensors, &format!("{name}/{part}"), device);
            let parts = fleet.optimizer.state().map(part).collect::<Result<_, ModelError>>()?;
            fleet.restore(weights, parts, state.steps.get(name).copied().unwrap_or(0));
            Ok(())
        };
        let load_candidates = |candidates: &mut Candidates, name: &str| -> Result<(), ModelError> {
            load(&mut candidates.fleet, name)?;
            let is_trained = candidates.fleet.step() == candidates.fleet.steps();
            candidates.chosen = state.chosen.get(name).copied().filter(|&chosen| is_trained && chosen < candidates.count());
            let curves = state.candidates.get(name).filter(|curves| curves.len() == candidates.count());
            candidates.curves = curves
                .ok_or_else(|| ModelError::Checkpoint(format!("the losses of `{name}` are missing")))?
                .iter()
                .map(curve)
                .collect();
            Ok(())
        };
        load_candidates(&mut bench.reference, "reference")?;
        if state.steps.contains_key("recovery") {
            bench.prepare(Phase::Recovery).await?;
            bench.recovery.as_mut().map_or(Ok(()), |fleet| load(fleet, "recovery"))?;
        }
        if state.steps.contains_key("short_retrain") {
            bench.prepare(Phase::ShortRetrain).await?;
            bench.short_retrain.as_mut().map_or(Ok(()), |candidates| load_candidates(candidates, "short_retrain"))?;
        }
        if state.steps.contains_key("retrained") {
            bench.prepare(Phase::Retrained).await?;
            bench.retrained.as_mut().map_or(Ok(()), |candidates| load_candidates(candidates, "retrained"))?;
        }
        Ok(bench)
    }

    fn fleets(&self) -> impl Iterator<Item = (&Fleet, &'static str)> {
        let candidates = self.candidates().map(|(candidates, name)| (&candidates.fleet, name));
        candidates.chain(self.recovery.iter().map(|fleet| (fleet, "recovery")))
    }

    fn candidates(&self) -> impl Iterator<Item = (&Candidates, &'static str)> {
        let reference = std::iter::once((&self.reference, "reference"));
        let short_retrain = self.short_retrain.iter().map(|candidates| (candidates, "short_retrain"));
        reference.chain(short_retrain).chain(self.retrained.iter().map(|candidates| (candidates, "retrained")))
    }
}

fn curve(points: &Losses) -> Curve {
    points.iter().map(|&(step, loss)| (step, loss.unwrap_or(f32::NAN))).collect()
}

/// Weights of the same paths and shapes as `like`, from a checkpoint.
fn restored(like: &Weights, tensors: &SafeTensors, prefix: &str, device: &Device) -> Result<Weights, ModelError> {
    like.try_map(|path, tensor| {
        let values = saved::tensor(tensors, &format!("{prefix}/{path}"), tensor.dims())?;
        Ok(upload(values, tensor.dims(), device))
    })
}

fn losses(curve: &Curve) -> Losses {
    curve.iter().map(|&(step, loss)| (step, Some(loss).filter(|loss| loss.is_finite()))).collect()
}
