//! A short causal convolution of what attention reads (Gu & Dao 2023, <https://arxiv.org/abs/2312.00752>; Allen-Zhu 2025, "Canon layers",
//! <https://arxiv.org/abs/2512.17351>).

use ablation_settings::Group;

use super::BlockOption;
use crate::entry::{self, Entry};

const PATH: &str = "model.convolution";

/// How many positions the convolution reads, of those that there are.
const CONVOLUTIONS: &[Entry<Option<usize>>] = &[
    Entry { name: "none", label: "none", help: "Attention reads the residual stream.", value: None },
    Entry {
        name: "attention",
        label: "before attention",
        help: "Attention reads each position and a weighted sum of it and the three before it, channel by channel.",
        value: Some(4),
    },
];

pub(super) const OPTION: BlockOption = BlockOption {
    field: |_, _| {
        let help = "Short causal convolution (kernel 4, depthwise, with a residual connection) of what each attention reads, as in Mamba (Gu & Dao \
            2023) and Canon layers (Allen-Zhu 2025).";
        let field = entry::field(CONVOLUTIONS, PATH, Group::Model, "Convolution", help);
        Some(field.affects(&["attention"]).absent(CONVOLUTIONS[0].name))
    },
    apply: |settings, config| {
        config.convolution = entry::chosen_or_first(CONVOLUTIONS, settings, PATH)?.value;
        Ok(())
    },
};
