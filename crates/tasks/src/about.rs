//! What is said about a task: its name, its score, what a model that learned nothing reaches, and what it needs.

use serde::Serialize;

/// A task's name, description and score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Name in links and files: the value of `task.kind`.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// What the model sees and what it must do, in a sentence or two.
    pub help: &'static str,
    /// What is measured on held-out examples beside the loss.
    pub score: Score,
}

/// A task's own measure, which unlike the loss means something to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
}

/// Which way a score is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Higher is better.
    Higher,
    /// Lower is better.
    Lower,
}

/// What a predictor reaches that has learned nothing. A result no better than this is not "a little worse" but broken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Trivial {
    /// Its loss, in the unit of the training loss.
    pub loss: f64,
    /// Its score.
    pub score: f64,
}

/// Whether a component is needed for a task by a model that never had it: the ground truth for necessity.
///
/// It is about what can be learned without the component, not about what breaks when it is cut out of a trained model;
/// the two differ, and that is the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// A site's path, or a pattern in which `*` stands for one step of a path. A pattern speaks of *all* sites that match,
    /// removed together: `blocks.*.mlp` is needed if a model without any MLP fails.
    pub site: &'static str,
    /// Whether a model without it, trained from the start, does clearly worse.
    pub needed: bool,
    /// The statement holds for models of at most so many blocks; `None` for any number. What one block cannot do without,
    /// two can sometimes do in two steps.
    pub blocks: Option<usize>,
    /// The statement holds only for models in which a position looks both ways. Others learn something of the order from what a position
    /// cannot see.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub both_ways: bool,
    /// Why, in a sentence.
    pub why: &'static str,
}

impl Need {
    pub(crate) const fn yes(site: &'static str, why: &'static str) -> Self {
        Self { site, needed: true, blocks: None, both_ways: false, why }
    }

    pub(crate) const fn no(site: &'static str, why: &'static str) -> Self {
        Self { site, needed: false, blocks: None, both_ways: false, why }
    }

    /// The same, said only of models of at most `blocks` blocks.
    pub(crate) const fn up_to(mut self, blocks: usize) -> Self {
        self.blocks = Some(blocks);
        self
    }

    /// The same, said only of models that look both ways.
    pub(crate) const fn looking_both_ways(mut self) -> Self {
        self.both_ways = true;
        self
    }

    /// Whether it says anything of a model of so many blocks whose positions look both ways, or back only.
    pub fn applies(&self, blocks: usize, both_ways: bool) -> bool {
        self.blocks.is_none_or(|most| blocks <= most) && (both_ways || !self.both_ways)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_speaks_only_of_models_it_was_said_of() {
        let any = Need::yes("embed", "");
        let shallow = Need::yes("blocks.*.mlp", "").up_to(1);
        assert_eq!([1, 2, 12].map(|blocks| any.applies(blocks, false)), [true; 3]);
        assert_eq!([1, 2, 12].map(|blocks| shallow.applies(blocks, true)), [true, false, false]);
        let both_ways = Need::yes("position", "").looking_both_ways();
        assert_eq!([false, true].map(|both| both_ways.applies(1, both)), [false, true]);
    }
}
