//! The addressable parts of a transformer's blocks.

use ablation_protocol::SiteKind;

use super::TransformerConfig;
use crate::anatomy::{Part, swap, swaps_of_norms};
use crate::entry;
use crate::layers::activations::ACTIVATIONS;
use crate::layers::norms::NormPlacement;

/// Every site of the blocks in forward order.
pub(super) fn parts(config: &TransformerConfig, positions: usize) -> Vec<Part> {
    let part = |path: &str, parent: Option<&str>, kind, label: &str, help| Part {
        path: path.to_string(),
        parent: parent.map(str::to_string),
        kind,
        label: label.to_string(),
        help,
        shape: vec![positions, config.width],
        swaps: Vec::new(),
        post_norm: config.norm == NormPlacement::Post,
    };
    let norm = |path: &str, parent: Option<&str>, label: &str| Part {
        swaps: swaps_of_norms(config.norm),
        ..part(path, parent, SiteKind::Norm, label, "Brings every position to mean 0 and variance 1, then scales and shifts.")
    };

    let sees = if config.causal {
        swap("model.attention", "bidirectional", "every attention causal → bidirectional")
    } else {
        swap("model.attention", "causal", "every attention bidirectional → causal")
    };
    let mut parts = Vec::new();
    for index in 0..config.layers {
        let block = format!("blocks.{index}");
        let (attn, mlp) = (format!("{block}.attn"), format!("{block}.mlp"));
        parts.push(part(
            &block,
            None,
            SiteKind::Block,
            &format!("block {index}"),
            "Attention, then MLP; each adds to the stream.",
        ));
        let norm_of = |branch: &str, place: NormPlacement| {
            (config.norm == place).then(|| norm(&format!("{branch}_norm"), Some(&block), "norm"))
        };
        parts.extend(norm_of(&attn, NormPlacement::Pre));
        let help = "Moves information between positions.";
        let swaps = if config.other_mask { vec![sees.clone()] } else { Vec::new() };
        parts.push(Part { swaps, ..part(&attn, Some(&block), SiteKind::Attention, "attention", help) });
        for head in 0..config.heads {
            let help = "One attention pattern and what it carries; cut at the input of the output projection.";
            let path = format!("{attn}.heads.{head}");
            let shape = vec![positions, config.width / config.heads];
            parts.push(Part { shape, ..part(&path, Some(&attn), SiteKind::Head, &format!("head {head}"), help) });
        }
        parts.extend(norm_of(&attn, NormPlacement::Post));
        parts.extend(norm_of(&mlp, NormPlacement::Pre));
        parts.push(part(&mlp, Some(&block), SiteKind::Mlp, "MLP", "Computes at each position by itself."));
        let act = part(
            &format!("{mlp}.act"),
            Some(&mlp),
            SiteKind::Activation,
            "activation",
            "The bend between the two matrices of the MLP.",
        );
        let swaps = entry::swaps(&ACTIVATIONS, "model.activation", config.activation, "");
        parts.push(Part { shape: vec![positions, config.hidden], swaps, ..act });
        parts.extend(norm_of(&mlp, NormPlacement::Post));
    }
    parts
}
