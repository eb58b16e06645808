//! What ablations do to the answer of a bench's trained reference, and what each of its heads costs.

use ablation_protocol::{Ablation, Site};

use super::Bench;
use crate::effects::{Effects, components_with_effects, effects};
use crate::error::ModelError;
use crate::evaluation::EvaluationSet;
use crate::fleet::Replica;
use crate::pack::Hardware;
use crate::recipe::Recipe;
use crate::sweep::Sweep;
use crate::without::Without;

/// Every effect of one operator.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchEffects {
    /// Test loss of the reference; none if it is not finite.
    pub loss: Option<f64>,
    /// Of every branch, head and block where the operator is offered.
    pub effects: Vec<Effects>,
    /// Paths of the heads, and the test loss with each ablated; none where the operator is not offered at heads, or the loss is not finite.
    pub heads: Vec<(String, Option<f64>)>,
}

impl Bench {
    /// The effects of an operator with its parameters at their defaults, at every component where it is offered.
    ///
    /// # Errors
    /// If the reference is not trained, the answers of the model are no sum over its branches, or the device stops answering.
    pub async fn effects(&self, operator: &str) -> Result<BenchEffects, ModelError> {
        if !self.reference.is_chosen() {
            let reason = "the reference is not trained to its end".to_string();
            return Err(ModelError::Refused { what: "effects".into(), reason });
        }
        let is_offered = |site: &&Site| site.ablation(operator).is_ok_and(|option| option.grade.allowed());
        let known = components_with_effects(&self.model)?;
        let offered: Vec<&Site> = known.iter().filter(is_offered).collect();
        let ablation = |site: &&Site| Ablation::new(&site.path, operator);
        let ablations: Vec<Ablation> = offered.iter().map(ablation).collect();
        let all: Vec<&Site> = known.iter().filter(|site| site.kind == "head").collect();
        let heads: Vec<Ablation> = all.iter().copied().filter(is_offered).map(|site| ablation(&site)).collect();
        let (weights, examples) = (self.reference.weights(), EvaluationSet::shared());
        let here = (Hardware::Cpu { cores: 1 }, &self.device);
        let sweep = Sweep::new(&self.model, &weights, &heads, &[], examples, self.seed, here).await?;
        let lists: Vec<Vec<Ablation>> = heads.iter().map(|ablation| vec![ablation.clone()]).collect();
        let losses = sweep.losses(&lists).await?;
        Ok(BenchEffects {
            loss: sweep.unablated().await?,
            effects: effects(&self.model, &weights, &ablations, examples, self.seed, &self.device).await?,
            // An operator is offered at each head or at none.
            heads: all
                .iter()
                .enumerate()
                .map(|(index, site)| (site.path.clone(), losses.get(index).copied().flatten()))
                .collect(),
        })
    }

    /// A training without each of the heads, with the seed of the reference and the learning rate that was chosen for it: an untuned gap each.
    ///
    /// # Errors
    /// If training without a head is refused.
    pub fn without_heads(&self, heads: Vec<String>) -> Result<Without, ModelError> {
        let recipe = Recipe { learning_rate: self.reference.learning_rate(), ..self.recipe.clone() };
        Without::new(self.model.clone(), Replica::new(self.seed, recipe), heads, &self.device)
    }
}
