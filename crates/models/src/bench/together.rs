//! Every set of a few components of a bench's trained reference, ablated together.

use super::Bench;
use crate::error::ModelError;
use crate::evaluation::EvaluationSet;
use crate::pack::Hardware;
use crate::sweep::Sweep;
use crate::together::{Together, chosen, every_set};

impl Bench {
    /// What 2 to 8 components of the reference cost on test examples, by one operator with its parameters at their defaults.
    ///
    /// # Errors
    /// If the reference is not trained, the components are not that many, hold each other or are not offered the operator, or the device stops
    /// answering.
    pub async fn together(&self, components: &[String], operator: &str) -> Result<Together, ModelError> {
        let refused = |reason: String| ModelError::Refused { what: "ablating together".into(), reason };
        if !self.reference.is_chosen() {
            return Err(refused("the reference is not trained to its end".to_string()));
        }
        let sites = self.model.sites();
        let components = chosen(components, &sites).map_err(refused)?;
        let sets = every_set(&components, operator).map_err(refused)?;
        let (weights, all) = (self.reference.weights(), sets.last().cloned().unwrap_or_default());
        let here = (Hardware::Cpu { cores: 1 }, &self.device);
        let sweep = Sweep::new(&self.model, &weights, &all, &[], EvaluationSet::shared(), self.seed, here).await?;
        let before = sweep.unablated().await?;
        let losses = sweep.losses(&sets).await?;
        let rises: Vec<Option<f64>> = losses.into_iter().map(|after| Some(after? - before?)).collect();
        Ok(Together::of(&components, operator, &rises))
    }
}
