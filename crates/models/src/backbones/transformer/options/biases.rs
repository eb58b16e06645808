//! Which linear maps have biases. T5 and PaLM have none (Raffel et al. 2020, <https://arxiv.org/abs/1910.10683>).

use ablation_settings::Group;

use super::BlockOption;
use crate::entry::{self, Entry};

const PATH: &str = "model.biases";

/// The linear maps that have biases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Biases {
    /// Those of each attention.
    pub attention: bool,
    /// Those of each MLP.
    pub mlp: bool,
}

const BIASES: &[Entry<Biases>] = &[
    Entry { name: "mlp", label: "MLP only", help: "Only the MLPs.", value: Biases { attention: false, mlp: true } },
    Entry { name: "all", label: "everywhere", help: "MLPs and attention.", value: Biases { attention: true, mlp: true } },
    Entry { name: "none", label: "none", help: "No linear map of a block.", value: Biases { attention: false, mlp: false } },
];

pub(super) const OPTION: BlockOption = BlockOption {
    field: |_, _| {
        let field = entry::field(BIASES, PATH, Group::Model, "Biases", "Which linear maps of a block have biases.");
        Some(field.affects(&["attention", "mlp"]).absent(BIASES[0].name))
    },
    apply: |settings, config| {
        config.biases = entry::chosen_or_first(BIASES, settings, PATH)?.value;
        Ok(())
    },
};
