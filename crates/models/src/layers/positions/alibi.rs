//! Linear biases: scores of attention fall with the distance, in each head by another slope (Press, Smith & Lewis 2022,
//! <https://arxiv.org/abs/2108.12409>).

use super::{Position, PositionScheme};
use crate::entry::Entry;

pub(super) const ENTRY: Entry<Position> = Entry {
    name: "alibi",
    label: "linear biases (ALiBi)",
    help: "Attention scores fall with the distance, steeply in the first head and hardly in the last (Press et al. 2022).",
    value: &Alibi,
};

struct Alibi;

impl PositionScheme for Alibi {
    fn slopes(&self) -> bool {
        true
    }
}
