//! What is said about a data set: its name, its score, what the constant predictor reaches, and what a model needs for it.

use serde::Serialize;

/// A data set's name, description and score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Name in links and files: the value of `data.kind`.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// What the model sees and what it must do, in a sentence or two.
    pub help: &'static str,
    /// What is measured on held-out examples beside the loss.
    pub score: Score,
}

/// A data set's own measure, which unlike the loss means something to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Score {
    /// Name in files.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// Unit; empty for a plain number.
    pub unit: &'static str,
    /// Which way is better.
    pub goal: Goal,
}

impl Score {
    /// The share of scored positions whose most probable token is the target, from 0 to 1.
    pub(crate) const ACCURACY: Self = Self { name: "accuracy", label: "Accuracy", unit: "", goal: Goal::Higher };

    /// [`ablation_stats::energy_distance`] between [`CLOUD`](crate::CLOUD) samples and as many held-out points.
    pub(crate) const ENERGY: Self = Self { name: "energy_distance", label: "Energy distance", unit: "", goal: Goal::Lower };

    /// The loss in bits, per character and not per token.
    pub(crate) const BITS: Self =
        Self { name: "bits_per_character", label: "Bits per character", unit: "bits", goal: Goal::Lower };

    /// The largest value that it can have; the smallest of every score is 0.
    pub fn largest(&self) -> f64 {
        if *self == Self::ACCURACY { 1.0 } else { f64::INFINITY }
    }
}

/// Which way a score is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Higher is better.
    Higher,
    /// Lower is better.
    Lower,
}

/// Loss and score of the constant predictor, which ignores its input. A trained model has to reach a lower loss than this.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct ConstantPredictor {
    /// Its loss, in the unit of the training loss.
    pub loss: f64,
    /// Its score.
    pub score: f64,
}

/// Whether a model that is trained from scratch without a component does clearly worse: the ground truth for necessity.
///
/// It is about what can be learned without the component, not about what breaks when it is ablated in a trained model: the two
/// differ. A need whose pattern names no site of a model says nothing about that model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Need {
    /// A site's path, or a pattern in which `*` stands for one step of a path. A pattern speaks of *all* sites that match,
    /// removed together: `blocks.*.mlp` is needed if a model without any MLP fails.
    pub site: &'static str,
    /// Whether a model without it, trained from the start, does clearly worse.
    pub needed: bool,
    /// The statement holds for models of at most so many blocks; `None` for any number. What one block cannot do without,
    /// two can sometimes do in two steps.
    pub blocks: Option<usize>,
    /// The statement holds only for bidirectional models. Causal ones learn something of the order from their mask.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bidirectional: bool,
    /// Why, in a sentence.
    pub why: &'static str,
}

impl Need {
    pub(crate) const fn yes(site: &'static str, why: &'static str) -> Self {
        Self { site, needed: true, blocks: None, bidirectional: false, why }
    }

    pub(crate) const fn no(site: &'static str, why: &'static str) -> Self {
        Self { site, needed: false, blocks: None, bidirectional: false, why }
    }

    /// The same, said only of models of at most `blocks` blocks.
    pub(crate) const fn up_to(mut self, blocks: usize) -> Self {
        self.blocks = Some(blocks);
        self
    }

    /// The same, said only of bidirectional models.
    pub(crate) const fn bidirectional_only(mut self) -> Self {
        self.bidirectional = true;
        self
    }

    /// Whether its pattern names a site.
    pub fn names(&self, site: &str) -> bool {
        let (wanted, steps) = (self.site.split('.'), site.split('.'));
        wanted.clone().count() == steps.clone().count() && wanted.zip(steps).all(|(wanted, step)| wanted == "*" || wanted == step)
    }

    /// Whether it says anything of a model of so many blocks that is bidirectional or not.
    pub fn applies(&self, blocks: usize, bidirectional: bool) -> bool {
        self.blocks.is_none_or(|most| blocks <= most) && (bidirectional || !self.bidirectional)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_sites_step_by_step() {
        let need = Need::yes("blocks.*.mlp", "");
        let named = ["blocks.0.mlp", "blocks.11.mlp", "blocks.0.attn", "blocks.0.mlp.act", "mlp"].map(|site| need.names(site));
        assert_eq!(named, [true, true, false, false, false]);
    }

    #[test]
    fn a_need_speaks_only_of_models_it_was_said_of() {
        let any = Need::yes("embed", "");
        let shallow = Need::yes("blocks.*.mlp", "").up_to(1);
        assert_eq!([1, 2, 12].map(|blocks| any.applies(blocks, false)), [true; 3]);
        assert_eq!([1, 2, 12].map(|blocks| shallow.applies(blocks, true)), [true, false, false]);
        let bidirectional = Need::yes("position", "").bidirectional_only();
        assert_eq!([false, true].map(|other| bidirectional.applies(1, other)), [false, true]);
    }
}
