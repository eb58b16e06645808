//! A bench as bytes, so that a worker that dies takes nothing with it.
//!
//! The bytes are safetensors: weights and optimiser state of every fleet by path, and the rest - link, cut, curves, steps - as JSON in
//! the metadata. Everything is read from the device in one transaction, the only way that works in a browser.

use std::collections::BTreeMap;

use ablation_protocol::{Arm, Cut};
use ablation_settings::write_link;
use burn::tensor::{Device, Tensor};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::{Bench, Curve, Models, Phase};
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
    cut: Option<Cut>,
    steps: BTreeMap<String, u64>,
    /// Losses after steps; none where the loss is not a number, which JSON cannot say.
    curves: BTreeMap<Arm, Vec<(u64, Option<f32>)>>,
}

impl Bench {
    /// Everything computed so far, as safetensors.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, ModelError> {
        let mut names = Vec::new();
        let mut tensors = Vec::new();
        for (fleet, name) in self.fleets() {
            for (part, weights) in
                [("weights", &fleet.weights), ("first", &fleet.optimizer.first), ("second", &fleet.optimizer.second)]
            {
                for (path, tensor) in weights.iter() {
                    names.push(format!("{name}/{part}/{path}"));
                    tensors.push(tensor.clone());
                }
            }
        }
        let shapes: Vec<[usize; 3]> = tensors.iter().map(Tensor::dims).collect();
        let values = read(tensors).await?;
        let state = State {
            link: write_link(&self.study, &Models),
            cut: self.cut.clone(),
            steps: self.fleets().map(|(fleet, name)| (name.to_string(), fleet.step())).collect(),
            curves: self.curves.iter().map(|(arm, curve)| (*arm, curve.iter().map(said).collect())).collect(),
        };
        let json = serde_json::to_string(&state).map_err(refuse)?;
        let tensors: Vec<_> =
            names.into_iter().zip(shapes).zip(&values).map(|((name, shape), values)| (name, shape, &values[..])).collect();
        saved::write(&tensors, Some((STATE, json)))
    }

    /// The bench of a checkpoint.
    pub async fn restore(bytes: &[u8], device: &Device) -> Result<Self, ModelError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(refuse)?;
        let json = metadata.metadata().as_ref().and_then(|metadata| metadata.get(STATE));
        let json = json.ok_or_else(|| ModelError::Checkpoint("it holds no bench".into()))?;
        let state: State = serde_json::from_str(json).map_err(refuse)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(refuse)?;
        let mut bench = Bench::new(&state.link, device)?;
        bench.choose(state.cut)?;
        let curve = |points: Vec<(u64, Option<f32>)>| points.into_iter().map(|(step, loss)| (step, loss.unwrap_or(f32::NAN)));
        bench.curves = state.curves.into_iter().map(|(arm, points)| (arm, curve(points).collect::<Curve>())).collect();
        let load = |fleet: &mut Fleet, name: &str| -> Result<(), ModelError> {
            fleet.weights = restored(&fleet.weights, &tensors, &format!("{name}/weights"), device)?;
            fleet.optimizer.first = restored(&fleet.optimizer.first, &tensors, &format!("{name}/first"), device)?;
            fleet.optimizer.second = restored(&fleet.optimizer.second, &tensors, &format!("{name}/second"), device)?;
            fleet.optimizer.step = state.steps.get(name).copied().unwrap_or(0).min(fleet.steps());
            Ok(())
        };
        load(&mut bench.intact, "intact")?;
        if state.steps.contains_key("healing") {
            bench.prepare(Phase::Healing).await?;
            bench.healing.as_mut().map_or(Ok(()), |fleet| load(fleet, "healing"))?;
        }
        if state.steps.contains_key("never") {
            bench.prepare(Phase::Never).await?;
            bench.never.as_mut().map_or(Ok(()), |fleet| load(fleet, "never"))?;
        }
        Ok(bench)
    }

    fn fleets(&self) -> impl Iterator<Item = (&Fleet, &'static str)> {
        let intact = std::iter::once((&self.intact, "intact"));
        intact.chain(self.healing.iter().map(|fleet| (fleet, "healing"))).chain(self.never.iter().map(|fleet| (fleet, "never")))
    }
}

/// Tensors of the same paths and shapes as `like`, from a checkpoint.
fn restored(like: &Weights, tensors: &SafeTensors, prefix: &str, device: &Device) -> Result<Weights, ModelError> {
    like.iter()
        .map(|(path, tensor)| {
            let name = format!("{prefix}/{path}");
            let values = saved::tensor(tensors, &name, tensor.dims())?;
            Ok((path.to_string(), upload(values, tensor.dims(), device)))
        })
        .collect()
}

fn said(&(step, loss): &(u64, f32)) -> (u64, Option<f32>) {
    (step, Some(loss).filter(|loss| loss.is_finite()))
}
