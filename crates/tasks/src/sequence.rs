//! Tasks on tokens: predict the next one where it can be known.

use ablation_random::Stream;

use crate::about::{About, Need, Trivial};
use crate::split::Split;

/// One example: the tokens a model sees, and what it must say at each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The input, one token a position; all below the task's vocabulary.
    pub tokens: Vec<u32>,
    /// For each position the token to be predicted *there*, or `None` where nothing can be known and nothing is scored.
    pub targets: Vec<Option<u32>>,
}

impl Sequence {
    /// How many positions are scored.
    pub fn scored(&self) -> usize {
        self.targets.iter().flatten().count()
    }
}

/// Where a model of a task may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Back only: the answer to a position stands among the tokens after it, and a model that looks ahead would only read it off.
    Back,
    /// Either way: the answer is nowhere among the tokens, and what it follows from stands before it.
    Either,
    /// Both ways: what an answer follows from may stand on either side. A model that looks back only can know a part of the answers.
    Both,
}

/// A task on tokens. The loss is the mean cross-entropy in nats over the positions that carry a target.
pub trait SequenceTask: Send + Sync {
    /// Name, description and score.
    fn about(&self) -> &'static About;

    /// How many different tokens there are; tokens are `0..vocabulary`.
    fn vocabulary(&self) -> usize;

    /// How many positions an example has.
    fn length(&self) -> usize;

    /// Where a model may look.
    fn sight(&self) -> Sight;

    /// Example `index` of a split: a function of its arguments alone.
    ///
    /// # Shapes
    /// `tokens` and `targets`: `[length]`.
    fn example(&self, stream: &Stream, split: Split, index: u64) -> Sequence;

    /// A token as shown.
    fn label(&self, token: u32) -> String;

    /// What a uniform guess among the possible answers reaches.
    fn trivial(&self) -> Trivial;

    /// Which components the task needs.
    fn needs(&self) -> Vec<Need>;
}
