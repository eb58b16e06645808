//! The addressable parts of a denoiser.

use ablation_protocol::{Site, SiteKind};

use super::DenoiserConfig;
use crate::anatomy::{Part, swap, swaps_of_norms};
use crate::layers::Norm;
use crate::weights::Parameter;

/// Every site in forward order.
pub(super) fn sites(config: &DenoiserConfig, parameters: &[Parameter]) -> Vec<Site> {
    let part = |path: &str, parent: Option<&str>, kind, label: &str, help| Part {
        path: path.to_string(),
        parent: parent.map(str::to_string),
        kind,
        label: label.to_string(),
        help,
        shape: vec![config.width],
        swaps: Vec::new(),
        post_norm: config.norm == Norm::Post,
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

    let mut parts = vec![
        part("embed", None, SiteKind::Embedding, "point embedding", "Turns a noisy point into a vector."),
        part("time", None, SiteKind::Time, "time embedding", "Adds a vector that says how much noise there is."),
    ];
    for index in 0..config.layers {
        let block = format!("blocks.{index}");
        let mlp = format!("{block}.mlp");
        parts.push(part(&block, None, SiteKind::Block, &format!("block {index}"), "An MLP that adds to the stream."));
        if config.norm == Norm::Pre {
            parts.push(norm(&format!("{block}.mlp_norm"), Some(&block), "norm"));
        }
        parts.push(part(&mlp, Some(&block), SiteKind::Mlp, "MLP", "Bends the map from noisy to clean."));
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
        parts.push(Part { swaps: vec![other], ..act });
        if config.norm == Norm::Post {
            parts.push(norm(&format!("{block}.mlp_norm"), Some(&block), "norm"));
        }
    }
    if config.norm == Norm::Pre {
        parts.push(norm("norm", None, "final norm"));
    }
    let (other, label) =
        if config.predicts_noise { ("data", "predict noise → data") } else { ("noise", "predict data → noise") };
    let unembed = part("unembed", None, SiteKind::Unembedding, "output", "Turns the stream into the prediction.");
    parts.push(Part { shape: vec![2], swaps: vec![swap("model.prediction", other, label)], ..unembed });
    parts.into_iter().map(|part| part.site(parameters)).collect()
}
