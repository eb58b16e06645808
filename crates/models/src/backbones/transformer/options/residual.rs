//! Residual connections (He et al. 2016, <https://arxiv.org/abs/1512.03385>): whether a branch adds to the stream or replaces it.

use ablation_settings::Group;

use super::BlockOption;
use crate::entry::{self, Entry};

pub(super) const PATH: &str = "model.residual";

/// The branches around which there is a residual connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residual {
    /// Around each attention.
    pub attention: bool,
    /// Around each MLP.
    pub mlp: bool,
}

const RESIDUALS: &[Entry<Residual>] = &[
    Entry { name: "both", label: "both", help: "Around each.", value: Residual { attention: true, mlp: true } },
    Entry {
        name: "mlp",
        label: "MLP only",
        help: "Attention replaces the stream.",
        value: Residual { attention: false, mlp: true },
    },
    Entry {
        name: "attention",
        label: "attention only",
        help: "The MLP replaces the stream.",
        value: Residual { attention: true, mlp: false },
    },
    Entry { name: "none", label: "none", help: "Each replaces the stream.", value: Residual { attention: false, mlp: false } },
];

pub(super) const OPTION: BlockOption = BlockOption {
    field: |_, _| {
        let help = "Around what there is a residual connection (skip connection).";
        let field = entry::field(RESIDUALS, PATH, Group::Model, "Residual connections", help);
        Some(field.affects(&["block"]).absent(RESIDUALS[0].name))
    },
    apply: |settings, config| {
        config.residual = entry::chosen_or_first(RESIDUALS, settings, PATH)?.value;
        Ok(())
    },
};

/// Whether settings leave every residual connection where it is.
pub(super) fn is_whole(settings: &ablation_settings::Settings) -> bool {
    entry::chosen_or_first(RESIDUALS, settings, PATH).is_ok_and(|chosen| *chosen == RESIDUALS[0])
}
