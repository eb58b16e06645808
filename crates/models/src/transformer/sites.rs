//! The addressable components of a transformer.

use ablation_protocol::{Placement, Site, Swap};
use ablation_tasks::{SequenceTask, Sight};

use super::TransformerConfig;
use crate::anatomy::{Part, Stream, Words, activation, swap};
use crate::parameter::Parameter;

/// Every site in forward order.
pub(super) fn sites(config: &TransformerConfig, task: &dyn SequenceTask, parameters: &[Parameter]) -> Vec<Site> {
    let help = "Maps each token to a vector (d_model).";
    let embedding = Words { kind: "embedding", label: "token embedding", help };
    let mut stream = Stream::new("embed", embedding, [task.length(), config.width], config.norm);
    if config.positions {
        let help = "Adds a learned vector for each position: the only explicit information about order.";
        let position = stream.add("position", Words { kind: "position", label: "position embedding", help });
        position.swaps = vec![swap("model.position", "none", "position learned → none")];
    }
    for index in 0..config.layers {
        let block = format!("blocks.{index}");
        let help = "A transformer block: attention, then MLP; each adds to the residual stream.";
        stream.block(&block, Words { kind: "block", label: &format!("block {index}"), help });
        let help = "Moves information between positions.";
        let attention = Words { kind: "attention", label: "attention", help };
        stream.branch(&format!("{block}.attn"), &block, attention, swaps_of_mask(config, task), |attn| heads(config, &attn));
        let mlp = Words { kind: "mlp", label: "MLP", help: "Computes on each position separately (feed-forward, width d_ff)." };
        stream.branch(&format!("{block}.mlp"), &block, mlp, Vec::new(), |mlp| vec![activation(&mlp, config.hidden, config.gelu)]);
    }
    let help = "Maps the residual stream to one logit for each token.";
    let unembedding = Words { kind: "unembedding", label: "unembedding", help };
    let parts = stream.finish("unembed", unembedding, task.vocabulary(), Vec::new());
    parts.into_iter().map(|part| part.site(parameters)).collect()
}

/// The heads of an attention. `attn`: the attention as the parent of what is inside it.
fn heads(config: &TransformerConfig, attn: &Part) -> Vec<Part> {
    let head = |index| Part {
        path: format!("{}.heads.{index}", attn.path),
        kind: "head",
        placement: Placement::Slice,
        label: format!("attention head {index}"),
        help: "One attention pattern and the values it moves; ablated at the input of the output projection, so that other heads are not affected.",
        channels: config.width / config.heads,
        ..attn.clone()
    };
    (0..config.heads).map(head).collect()
}

/// The other mask, unless the task is solved by reading ahead.
fn swaps_of_mask(config: &TransformerConfig, task: &dyn SequenceTask) -> Vec<Swap> {
    if task.sight() == Sight::Back {
        Vec::new()
    } else if config.causal {
        vec![swap("model.attention", "bidirectional", "every attention causal → bidirectional")]
    } else {
        vec![swap("model.attention", "causal", "every attention bidirectional → causal")]
    }
}
