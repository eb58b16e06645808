//! Training without a bench: trials in, losses out.
//!
//! A trial is a study and what is left out of it from the start. Trials of one shape train as one fleet.

use ablation_settings::{Settings, read_link};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::ablations::removal;
use crate::catalog::{Models, open};
use crate::context::Context;
use crate::error::ModelError;
use crate::fleet::{Fleet, Replica};
use crate::recipe::Recipe;
use crate::shape::shape;

/// One unit of training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The study.
    pub link: String,
    /// Paths of sites to leave out from the start.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// Trials in training.
pub struct Run {
    fleet: Fleet,
}

impl Run {
    /// Sets up a fleet of one replica per trial. `context`: the files that their data reads.
    ///
    /// # Errors
    /// If there is no trial, a removal is refused, or trials differ in data set, architecture, batch or number of steps.
    pub fn new(trials: &[Trial], context: &Context, device: &Device) -> Result<Self, ModelError> {
        let studies: Vec<Settings> = trials.iter().map(|trial| read_link(&trial.link, &Models).0.settings).collect();
        let Some(first) = studies.first() else {
            return Err(ModelError::Trials("a run needs at least one trial".into()));
        };
        if let Some(index) = studies.iter().position(|settings| shape(settings) != shape(first)) {
            return Err(ModelError::Trials(format!(
                "trial {index} has another data set, architecture, batch or number of steps than trial 0; run them apart"
            )));
        }
        let model = open(first, context)?;
        let edits = removal(&model.sites(), &trials.iter().map(|trial| &trial.remove[..]).collect::<Vec<_>>())?;
        let replica = |settings: &Settings| Ok(Replica::new(settings.count("seed")? as u64, Recipe::read(settings)?));
        let replicas = studies.iter().map(replica).collect::<Result<Vec<_>, ModelError>>()?;
        Ok(Run { fleet: Fleet::new(model, replicas, edits, device) })
    }

    /// Makes up to `steps` steps and reads their losses: one list of trials per step.
    pub async fn step(&mut self, steps: u64) -> Result<Vec<Vec<f32>>, ModelError> {
        for _ in 0..steps.min(self.fleet.steps() - self.fleet.step()) {
            self.fleet.advance();
        }
        self.fleet.losses().await
    }

    /// The models.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }
}
