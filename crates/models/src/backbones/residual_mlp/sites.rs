//! The addressable parts of a residual MLP's blocks.

use ablation_protocol::SiteKind;

use super::ResidualMlpConfig;
use crate::anatomy::{Part, swaps_of_norms};
use crate::entry::swaps;
use crate::layers::activations::ACTIVATIONS;
use crate::layers::norms::NormPlacement;

/// Every site of the blocks in forward order.
pub(super) fn parts(config: &ResidualMlpConfig) -> Vec<Part> {
    let part = |path: &str, parent: Option<&str>, kind, label: &str, help| Part {
        path: path.to_string(),
        parent: parent.map(str::to_string),
        kind,
        label: label.to_string(),
        help,
        shape: vec![config.width],
        swaps: Vec::new(),
        post_norm: config.norm == NormPlacement::Post,
    };
    let norm = |path: &str, parent: Option<&str>, label: &str| Part {
        swaps: swaps_of_norms(config.norm),
        ..part(
            path,
            parent,
            SiteKind::Norm,
            label,
            "Brings the stream of a point to mean 0 and variance 1, then scales and shifts.",
        )
    };

    let mut parts = Vec::new();
    for index in 0..config.layers {
        let block = format!("blocks.{index}");
        let mlp = format!("{block}.mlp");
        parts.push(part(&block, None, SiteKind::Block, &format!("block {index}"), "An MLP that adds to the stream."));
        if config.norm == NormPlacement::Pre {
            parts.push(norm(&format!("{block}.mlp_norm"), Some(&block), "norm"));
        }
        parts.push(part(&mlp, Some(&block), SiteKind::Mlp, "MLP", "Bends the map from noisy to clean."));
        let act = part(
            &format!("{mlp}.act"),
            Some(&mlp),
            SiteKind::Activation,
            "activation",
            "The bend between the two matrices of the MLP.",
        );
        parts.push(Part { swaps: swaps(&ACTIVATIONS, "model.activation", config.activation, ""), ..act });
        if config.norm == NormPlacement::Post {
            parts.push(norm(&format!("{block}.mlp_norm"), Some(&block), "norm"));
        }
    }
    parts
}
