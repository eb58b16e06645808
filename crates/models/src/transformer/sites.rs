//! The addressable parts of a transformer.

use ablation_study::{Site, SiteKind, Swap};

use super::TransformerConfig;
use crate::anatomy::Part;
use crate::weights::Parameter;

/// Every site in forward order, for sequences of `length` tokens out of `vocabulary`.
pub(super) fn sites(config: &TransformerConfig, length: usize, vocabulary: usize, parameters: &[Parameter]) -> Vec<Site> {
    let part = |path: &str, parent: Option<&str>, kind, label: &str, help| Part {
        path: path.to_string(),
        parent: parent.map(str::to_string),
        kind,
        label: label.to_string(),
        help,
        shape: vec![length, config.width],
        swaps: Vec::new(),
    };
    let norm = |path: &str, parent: Option<&str>, label: &str| Part {
        swaps: vec![swap("model.norm", "none", "every norm pre → none")],
        ..part(path, parent, SiteKind::Norm, label, "Brings every position to mean 0 and variance 1, then scales and shifts.")
    };

    let mut parts = vec![part("embed", None, SiteKind::Embedding, "token embedding", "Turns each token into a vector.")];
    if config.positions {
        let help = "Adds a learned vector for each position: the one place where order enters by itself.";
        let swaps = vec![swap("model.position", "none", "position learned → none")];
        parts.push(Part { swaps, ..part("position", None, SiteKind::Position, "position embedding", help) });
    }
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
        if config.norm {
            parts.push(norm(&format!("{block}.attn_norm"), Some(&block), "norm"));
        }
        parts.push(part(&attn, Some(&block), SiteKind::Attention, "attention", "Moves information between positions."));
        for head in 0..config.heads {
            let help = "One attention pattern and what it carries; cut at the input of the output projection.";
            let path = format!("{attn}.heads.{head}");
            let shape = vec![length, config.width / config.heads];
            parts.push(Part { shape, ..part(&path, Some(&attn), SiteKind::Head, &format!("head {head}"), help) });
        }
        if config.norm {
            parts.push(norm(&format!("{block}.mlp_norm"), Some(&block), "norm"));
        }
        parts.push(part(&mlp, Some(&block), SiteKind::Mlp, "MLP", "Computes at each position by itself."));
        let other = if config.gelu {
            swap("model.activation", "relu", "gelu → relu")
        } else {
            swap("model.activation", "gelu", "relu → gelu")
        };
        let act = part(
            &format!("{mlp}.act"),
            Some(&mlp),
            SiteKind::Activation,
            "activation",
            "The bend between the two matrices of the MLP.",
        );
        parts.push(Part { shape: vec![length, 4 * config.width], swaps: vec![other], ..act });
    }
    if config.norm {
        parts.push(norm("norm", None, "final norm"));
    }
    let unembed = part("unembed", None, SiteKind::Unembedding, "unembedding", "Turns the stream into one score for each token.");
    parts.push(Part { shape: vec![length, vocabulary], ..unembed });
    parts.into_iter().map(|part| part.site(parameters)).collect()
}

fn swap(path: &str, value: &str, label: &str) -> Swap {
    Swap { path: path.to_string(), value: value.to_string(), label: label.to_string() }
}
