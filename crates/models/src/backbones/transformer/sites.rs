//! The addressable components of a transformer's blocks.

use ablation_protocol::Placement;

use super::{CONVOLUTION, TransformerConfig};
use crate::anatomy::{Component, Stream, Words, activation};

/// Adds every site of the blocks in forward order.
pub(super) fn add(config: &TransformerConfig, stream: &mut Stream) {
    for index in 0..config.layers {
        let block = format!("blocks.{index}");
        let TransformerConfig { residual, arrangement, .. } = config;
        let help = match (arrangement.parallel, residual.attention && residual.mlp) {
            (true, _) => "A transformer block: attention and MLP read the same stream; each adds to it.",
            (false, true) => "A transformer block: attention, then MLP; each adds to the residual stream.",
            (false, false) => "A transformer block: attention, then MLP, not each with a residual connection.",
        };
        stream.block(&block, Words { kind: "block", label: &format!("block {index}"), help });
        let attention = Words { kind: "attention", label: "attention", help: "Moves information between positions." };
        if arrangement.parallel {
            stream.fork();
        }
        stream.through(&format!("{block}.attn"), &block, attention, residual.attention, |attn| {
            let convolution = convolution(config, &attn);
            // Heads read what comes out of it, if there is one.
            let reads = convolution.as_ref().map_or(attn.reads.clone(), |one| vec![one.path.clone()]);
            let heads = heads(config, &Component { reads, ..attn });
            convolution.into_iter().chain(heads).collect()
        });
        let mlp = Words { kind: "mlp", label: "MLP", help: "Computes on each position separately (feed-forward, width d_ff)." };
        stream.through(&format!("{block}.mlp"), &block, mlp, residual.mlp, |mlp| vec![activation(&mlp, config.hidden)]);
        stream.join();
    }
}

/// The convolution of what an attention reads, if there is one.
fn convolution(config: &TransformerConfig, attn: &Component) -> Option<Component> {
    config.convolution?;
    Some(Component {
        path: format!("{}.{CONVOLUTION}", attn.path),
        kind: "convolution",
        placement: Placement::Inline,
        label: "convolution".to_string(),
        help: "Adds to each position a weighted sum of it and the three before it, channel by channel.",
        ..attn.clone()
    })
}

/// The heads of an attention. `attn`: the attention as the parent of what is inside it.
fn heads(config: &TransformerConfig, attn: &Component) -> Vec<Component> {
    let head = |index| Component {
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
