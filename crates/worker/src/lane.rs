//! Trials of a study that train in lock-step.

use std::collections::BTreeMap;

use ablation_models as models;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::assets;
use crate::device::{Compute, compute};
use crate::error::{Failure, Outcome};
use crate::log::sound;
use crate::value;

/// Weights that trials go on from, by the id of the training that made them.
#[wasm_bindgen]
#[derive(Default)]
pub struct Origins(BTreeMap<String, Vec<u8>>);

#[wasm_bindgen]
impl Origins {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Origins {
        Origins::default()
    }

    /// Adds the weights of one training.
    pub fn add(&mut self, id: String, weights: Vec<u8>) {
        self.0.insert(id, weights);
    }
}

/// See [`models::Lane`].
#[wasm_bindgen]
pub struct Lane {
    lane: models::Lane,
    device: String,
}

#[wasm_bindgen]
impl Lane {
    /// A lane for a list of trials, as text.
    pub fn create(trials: &str, origins: &Origins) -> Result<Lane, Failure> {
        let trials: Vec<ablation_protocol::Trial> = ablation_settings::read_json(trials)
            .map_err(|error| Failure::new("bad-study", format!("these are not trials: {error}"), "Start the study again."))?;
        let Compute { device, name } = compute();
        let lane = assets::with(|context| models::Lane::new(&trials, &origins.0, context, &device))?;
        Ok(Lane { lane, device: name })
    }

    /// Makes up to `steps` steps: `{done, total, losses}`.
    pub async fn step(&mut self, steps: u32) -> Outcome {
        let progress = self.lane.step(steps.into()).await?;
        sound()?;
        value::out(&progress)
    }

    /// Measures the models, once all steps are made.
    pub async fn finish(self) -> Result<Finished, Failure> {
        let finished = self.lane.finish(&self.device).await?;
        sound()?;
        Ok(Finished(finished))
    }
}

/// What the trials of a lane found, in their order.
#[wasm_bindgen]
pub struct Finished(Vec<models::Finished>);

#[wasm_bindgen]
impl Finished {
    /// Every outcome as text.
    pub fn outcomes(&self) -> Vec<String> {
        self.0.iter().map(|one| serde_json::to_string(&one.outcome).expect("plain data is JSON")).collect()
    }

    /// The weights of one trial, if others can go on from them.
    pub fn weights(&self, index: usize) -> Option<Vec<u8>> {
        self.0.get(index)?.weights.clone()
    }
}
