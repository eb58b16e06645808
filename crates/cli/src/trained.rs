//! A model that is trained once and then looked at in many ways.

use std::collections::BTreeMap;
use std::rc::Rc;

use ablation_models::{Context, EvaluationSet, Hardware, Model, Recipe, Run, Trial, Weights, open};
use ablation_settings::Settings;

use crate::arguments::DeviceKind;
use crate::device::{self, Opened};
use crate::progress::Progress;

/// A trained model that can be handed to a thread.
pub struct Trained {
    settings: Settings,
    /// The files that the settings name.
    context: Context,
    weights: BTreeMap<String, Vec<f32>>,
    /// What it was trained with, and what operators draw from.
    pub seed: u64,
    kind: DeviceKind,
}

impl Trained {
    /// Trains the model of complete settings and brings its weights to the host. `link`: the settings as a link.
    ///
    /// # Errors
    /// If there is no such device, or the training diverged.
    pub fn train(settings: &Settings, link: &str, context: Context, kind: DeviceKind) -> anyhow::Result<Self> {
        let device = device::open(kind)?;
        let mut run = Run::new(&[Trial { link: link.to_string(), remove: Vec::new() }], &context, &device.device)?;
        finish(&mut run, &device)?;
        let mut weights = BTreeMap::new();
        for (path, tensor) in run.fleet().evaluated().iter() {
            let numbers = tensor.to_data().try_into_vec::<f32>();
            weights.insert(path.to_string(), numbers.map_err(|error| anyhow::anyhow!("`{path}` cannot be read: {error:?}"))?);
        }
        Ok(Trained { settings: settings.clone(), context, weights, seed: settings.count("seed")? as u64, kind })
    }

    /// How it was trained.
    pub fn recipe(&self) -> anyhow::Result<Recipe> {
        Ok(Recipe::read(&self.settings)?)
    }

    /// What fleets are made for.
    pub fn hardware(&self) -> Hardware {
        if self.kind == DeviceKind::Gpu { Hardware::Gpu } else { Hardware::Cpu { cores: 1 } }
    }

    /// The model with its weights, and the device that they are on.
    pub fn model(&self) -> anyhow::Result<(Rc<Model>, Weights, Opened)> {
        let (model, device) = (open(&self.settings, &self.context)?, device::open(self.kind)?);
        let weights = Weights::fill(&model.parameters(), 1, &device.device, |parameter, _| {
            self.weights.get(&parameter.path).cloned().unwrap_or_else(|| vec![0.0; parameter.count()])
        });
        Ok((model, weights, device))
    }

    /// The held-out examples that it is measured on: those of a bench.
    pub fn examples() -> EvaluationSet {
        EvaluationSet::shared()
    }
}

/// Trains a run of one model to its end.
///
/// # Errors
/// If the training diverged.
fn finish(run: &mut Run, device: &Opened) -> anyhow::Result<()> {
    let steps = run.fleet().steps();
    let mut progress = Progress::new(steps);
    while run.fleet().step() < steps {
        let losses = pollster::block_on(run.step(device.stride))?;
        let latest = losses.last().map(|step| step[0]);
        if latest.is_some_and(|loss| !loss.is_finite()) {
            anyhow::bail!(
                "the training diverged: its loss is no longer a number; lower `train.learning_rate`, or set `train.clip=1`"
            );
        }
        progress.at(run.fleet().step(), "train", latest);
    }
    Ok(())
}
