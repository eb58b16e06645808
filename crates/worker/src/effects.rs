//! What ablations do to the answer of a trained model, and what each of its heads costs: computed beside the bench that trained it.

use ablation_figures::{Effect, EffectBars, Figure, HeadCosts, HeadPanel};
use ablation_models as models;
use models::BenchEffects;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::assets;
use crate::device::{Compute, compute};
use crate::error::{Failure, Outcome};
use crate::log::sound;
use crate::value;

/// A trained bench, what was found about it, and the training without each head.
#[wasm_bindgen]
pub struct Effects {
    bench: models::Bench,
    found: Option<BenchEffects>,
    without: Option<models::Without>,
}

#[wasm_bindgen]
impl Effects {
    /// Of the reference in a checkpoint.
    pub async fn restore(bytes: Vec<u8>) -> Result<Effects, Failure> {
        let Compute { device, .. } = compute();
        let bench = models::Bench::restore(&bytes, &assets::all(), &device).await?;
        Ok(Effects { bench, found: None, without: None })
    }

    /// The figure of direct and total effects under an operator.
    pub async fn measure(&mut self, operator: &str) -> Outcome {
        let found = self.found.insert(self.bench.effects(operator).await?);
        sound()?;
        value::out(&bars(found, operator))
    }

    /// Makes up to `steps` steps of the training without each head, once effects are measured: `{done, total}`.
    pub async fn step(&mut self, steps: u32) -> Outcome {
        let heads = self.found.iter().flat_map(|found| found.heads.iter().map(|(path, _)| path.clone())).collect();
        let without = match &mut self.without {
            Some(without) => without,
            none => none.insert(self.bench.without_heads(heads)?),
        };
        let progress = without.step(steps.into()).await?;
        sound()?;
        value::out(&progress)
    }

    /// What each of 2 to 8 components costs by itself, behind all others and over all orders.
    pub async fn together(&self, operator: &str, components: Vec<String>) -> Outcome {
        let found = self.bench.together(&components, operator).await?;
        sound()?;
        value::out(&found)
    }

    /// The figure of heads, ablated and trained without, as far as it is known; none of a model without heads.
    pub fn heads(&self) -> Outcome {
        let found = self.found.as_ref().filter(|found| !found.heads.is_empty());
        value::out(&found.map(|found| maps(found, self.without.as_ref().map_or(&[], models::Without::losses))))
    }
}

fn bars(found: &BenchEffects, operator: &str) -> Figure {
    let row = |one: &models::Effects| Effect {
        label: one.site.clone(),
        direct: one.direct.value,
        later: one.later.value,
        scale: one.total.value - one.frozen.value,
        total: one.total.value,
        error: one.total.error.map(|error| 2.0 * error),
    };
    EffectBars {
        name: "effects".into(),
        title: format!("Direct and total effect ({operator})"),
        quantity: "change of the right token's logit".into(),
        rows: found.effects.iter().map(row).collect(),
    }
    .figure()
}

/// `retrained`: the losses that are known, in the order of the heads.
fn maps(found: &BenchEffects, retrained: &[Option<f64>]) -> Figure {
    let rise = |after: Option<f64>| Some(after? - found.loss?);
    let ablated: Vec<Option<f64>> = found.heads.iter().map(|(_, loss)| rise(*loss)).collect();
    let retrained: Vec<Option<f64>> = (0..ablated.len()).map(|head| rise(retrained.get(head).copied().flatten())).collect();
    let panel = |label: &str, values: &[Option<f64>]| {
        // Heads of one layer stand together, and their paths begin alike: `blocks.0.attn.heads.1`.
        let layer = |index: &usize| found.heads[*index].0.rsplit_once('.').map(|(layer, _)| layer.to_string());
        let heads: Vec<usize> = (0..values.len()).collect();
        let layers = heads.chunk_by(|one, other| layer(one) == layer(other));
        HeadPanel { label: label.into(), layers: layers.map(|heads| heads.iter().map(|head| values[*head]).collect()).collect() }
    };
    HeadCosts {
        name: "heads".into(),
        title: "What each head costs".into(),
        quantity: "rise of the test loss; one seed".into(),
        ablated: panel("ablated in the trained model", &ablated),
        retrained: panel("trained without it, everything else alike (untuned)", &retrained),
    }
    .figure()
}
