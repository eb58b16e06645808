//! Training without a bench.

use ablation_models as models;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::assets;
use crate::device::compute;
use crate::error::{Failure, Outcome};
use crate::given::given;
use crate::log::sound;
use crate::value;

/// See [`models::Run`].
#[wasm_bindgen]
pub struct Run {
    run: models::Run,
}

#[wasm_bindgen]
impl Run {
    /// A fleet of one replica per trial: `[{link, remove}]`.
    pub async fn create(trials: JsValue) -> Result<Run, Failure> {
        let trials: Vec<models::Trial> = given(trials, "a list of trials")?;
        Ok(Run { run: assets::with(|context| models::Run::new(&trials, context, &compute().device))? })
    }

    /// Makes up to `steps` steps: `{step, losses}`, with the latest losses, one per trial.
    pub async fn step(&mut self, steps: u32) -> Outcome {
        #[derive(serde::Serialize)]
        struct Stepped {
            step: u64,
            losses: Vec<f32>,
        }
        let losses = self.run.step(steps.into()).await?.pop().unwrap_or_default();
        sound()?;
        value::out(&Stepped { step: self.run.fleet().step(), losses })
    }
}
