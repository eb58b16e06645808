//! How the blocks are arranged: one branch after the other, beside each other (Wang & Komatsuzaki 2021, GPT-J), or one block again and again
//! (Dehghani et al. 2019, <https://arxiv.org/abs/1807.03819>; Lan et al. 2020, <https://arxiv.org/abs/1909.11942>).

use ablation_settings::{Group, Settings};

use super::{BlockOption, residual};
use crate::entry::{self, Entry};
use crate::layers::norms::{NORM_PLACEMENTS, NormPlacement};

const PATH: &str = "model.blocks";

/// How the blocks are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// Whether attention and MLP of a block read the same stream.
    pub parallel: bool,
    /// Whether all blocks have the weights of the first.
    pub shared: bool,
}

const ARRANGEMENTS: &[Entry<Arrangement>] = &[
    Entry {
        name: "sequential",
        label: "sequential",
        help: "The MLP reads what attention has written.",
        value: Arrangement { parallel: false, shared: false },
    },
    Entry {
        name: "shared",
        label: "shared weights",
        help: "All blocks have the weights of the first.",
        value: Arrangement { parallel: false, shared: true },
    },
    Entry {
        name: "parallel",
        label: "parallel",
        help: "Attention and MLP read the same stream: x + attn(norm(x)) + mlp(norm(x)).",
        value: Arrangement { parallel: true, shared: false },
    },
];

/// Branches beside each other need a stream that neither norms behind them nor a branch replaces.
fn fits(entry: &Entry<Arrangement>, chosen: &Settings) -> bool {
    let place = entry::chosen(NORM_PLACEMENTS, chosen, "model.norm").map(|place| place.value);
    !entry.value.parallel || (place != Ok(NormPlacement::Post) && residual::is_whole(chosen))
}

pub(super) const OPTION: BlockOption = BlockOption {
    field: |chosen, _| {
        let fitting = ARRANGEMENTS.iter().filter(|entry| fits(entry, chosen));
        let field = entry::field(fitting, PATH, Group::Model, "Block arrangement", "How attention and MLPs follow each other.");
        Some(field.affects(&["block"]).absent(ARRANGEMENTS[0].name))
    },
    apply: |settings, config| {
        config.arrangement = entry::chosen_or_first(ARRANGEMENTS, settings, PATH)?.value;
        Ok(())
    },
};
