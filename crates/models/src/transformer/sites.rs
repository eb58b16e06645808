//! The addressable parts of a transformer.

use ablation_protocol::{Site, SiteKind};
use ablation_tasks::{SequenceTask, Sight};

use super::TransformerConfig;
use crate::anatomy::{Part, swap, swaps_of_norms};
use crate::layers::Norm;
use crate::weights::Parameter;

/// Every site in forward order.
pub(super) fn sites(config: &TransformerConfig, task: &dyn SequenceTask, parameters: &[Parameter]) -> Vec<Site> {
    let (length, vocabulary, sight) = (task.length(), task.vocabulary(), task.sight());
    let part = |path: &str, parent: Option<&str>, kind, label: &str, help| Part {
        path: path.to_string(),
        parent: parent.map(str::to_string),
        kind,
        label: label.to_string(),
        help,
        shape: vec![length, config.width],
        swaps: Vec::new(),
        post_norm: config.norm == Norm::Post,
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
        let norm_of =
            |branch: &str, place: Norm| (config.norm == place).then(|| norm(&format!("{branch}_norm"), Some(&block), "norm"));
        parts.extend(norm_of(&attn, Norm::Pre));
        let help = "Moves information between positions.";
        let swaps = if sight == Sight::Back { Vec::new() } else { vec![sees.clone()] };
        parts.push(Part { swaps, ..part(&attn, Some(&block), SiteKind::Attention, "attention", help) });
        for head in 0..config.heads {
            let help = "One attention pattern and what it carries; cut at the input of the output projection.";
            let path = format!("{attn}.heads.{head}");
            let shape = vec![length, config.width / config.heads];
            parts.push(Part { shape, ..part(&path, Some(&attn), SiteKind::Head, &format!("head {head}"), help) });
        }
        parts.extend(norm_of(&attn, Norm::Post));
        parts.extend(norm_of(&mlp, Norm::Pre));
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
        parts.push(Part { shape: vec![length, config.hidden], swaps: vec![other], ..act });
        parts.extend(norm_of(&mlp, Norm::Post));
    }
    if config.norm == Norm::Pre {
        parts.push(norm("norm", None, "final norm"));
    }
    let unembed = part("unembed", None, SiteKind::Unembedding, "unembedding", "Turns the stream into one score for each token.");
    parts.push(Part { shape: vec![length, vocabulary], ..unembed });
    parts.into_iter().map(|part| part.site(parameters)).collect()
}
