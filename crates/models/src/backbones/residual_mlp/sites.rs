//! The addressable components of a residual MLP's blocks.

use super::ResidualMlpConfig;
use crate::anatomy::{Stream, Words, activation};

/// Adds every site of the blocks in forward order.
pub(super) fn add(config: &ResidualMlpConfig, stream: &mut Stream) {
    for index in 0..config.layers {
        let block = format!("blocks.{index}");
        let help = "A residual block: an MLP that adds to the residual stream.";
        stream.block(&block, Words { kind: "block", label: &format!("block {index}"), help });
        let mlp = Words { kind: "mlp", label: "MLP", help: "Two linear maps with an activation in between." };
        stream.branch(&format!("{block}.mlp"), &block, mlp, |mlp| vec![activation(&mlp, config.width)]);
    }
}
