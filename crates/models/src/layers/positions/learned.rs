//! A learned table of absolute positions, added to the embedding (Gehring et al. 2017, <https://arxiv.org/abs/1705.03122>).

use super::{Position, PositionScheme};
use crate::entry::Entry;
use crate::parameter::{EMBEDDING_STD, Parameter};
use crate::scope::Scope;
use crate::tensor::Tensor;

pub(super) const ENTRY: Entry<Position> = Entry {
    name: "learned",
    label: "learned",
    help: "One learned vector per position, added to the embedding.",
    value: &Learned,
};

struct Learned;

impl PositionScheme for Learned {
    fn site(&self) -> Option<&'static str> {
        Some("Adds a learned vector for each position: the only explicit information about order.")
    }

    fn parameters(&self, positions: usize, width: usize) -> Vec<Parameter> {
        vec![Parameter::table("position.weight".into(), positions, width, EMBEDDING_STD)]
    }

    fn add(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let examples = x.dims()[1] / positions;
        scope.branch("position", x, |position| position.weight("weight").repeat_dim(1, examples))
    }
}
