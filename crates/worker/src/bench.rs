//! A live model in the worker, on which ablations, recovery, samples and attention maps answer at once.

use ablation_figures::draw;
use ablation_models as models;
use ablation_protocol::Ablation;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::assets;
use crate::device::{Compute, compute};
use crate::error::{Failure, Outcome};
use crate::given::given;
use crate::log::sound;
use crate::value;

/// See [`models::Bench`].
#[wasm_bindgen]
pub struct Bench {
    bench: models::Bench,
    device: String,
}

#[wasm_bindgen]
impl Bench {
    /// A bench for the study of a link.
    pub async fn create(link: String) -> Result<Bench, Failure> {
        let Compute { device, name } = compute();
        Ok(Bench { bench: assets::with(|context| models::Bench::open(&link, context, &device))?, device: name })
    }

    /// The bench of a checkpoint.
    pub async fn restore(bytes: Vec<u8>) -> Result<Bench, Failure> {
        let Compute { device, name } = compute();
        Ok(Bench { bench: models::Bench::restore(&bytes, &assets::all(), &device).await?, device: name })
    }

    /// Chooses what is ablated: `{site, operator, ...parameters}` or `null`.
    pub fn choose(&mut self, ablation: JsValue) -> Result<(), Failure> {
        let ablation: Option<Ablation> = given(ablation, "an ablation")?;
        Ok(self.bench.choose(ablation)?)
    }

    /// Makes up to `steps` steps of what is due: `{phase, steps, losses}`.
    pub async fn step(&mut self, steps: u32) -> Outcome {
        let progress = self.bench.step(steps.into()).await?;
        sound()?;
        value::out(&progress)
    }

    /// Evaluates what has changed and draws everything.
    pub async fn view(&mut self) -> Outcome {
        let view = self.bench.view(&self.device).await?;
        sound()?;
        value::out(&view.drawn(|arm, shown| draw(&shown, arm)))
    }

    /// Everything computed so far, as safetensors.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, Failure> {
        let bytes = self.bench.checkpoint().await?;
        sound()?;
        Ok(bytes)
    }
}
