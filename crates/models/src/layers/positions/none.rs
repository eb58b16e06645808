//! No positions: a causal mask is then the only source of order (Haviv et al. 2022, <https://aclanthology.org/2022.findings-emnlp.99>).

use super::{Position, PositionScheme};
use crate::entry::Entry;

pub(super) const ENTRY: Entry<Position> =
    Entry { name: "none", label: "none (NoPE)", help: "Order can be inferred from a causal mask only.", value: &Unplaced };

struct Unplaced;

impl PositionScheme for Unplaced {}
