//! The addressable components of a denoiser.

use ablation_protocol::Site;

use super::DenoiserConfig;
use crate::anatomy::{Stream, Words, activation, swap};
use crate::parameter::Parameter;

/// Every site in forward order.
pub(super) fn sites(config: &DenoiserConfig, parameters: &[Parameter]) -> Vec<Site> {
    let help = "Maps a noisy point to a vector (d_model).";
    let embedding = Words { kind: "embedding", label: "point embedding", help };
    let mut stream = Stream::new("embed", embedding, [1, config.width], config.norm);
    let help = "Adds a vector that encodes the noise level (the diffusion step).";
    stream.add("time", Words { kind: "time", label: "time embedding", help });
    for index in 0..config.layers {
        let block = format!("blocks.{index}");
        let help = "A residual block: an MLP that adds to the residual stream.";
        stream.block(&block, Words { kind: "block", label: &format!("block {index}"), help });
        let mlp = Words { kind: "mlp", label: "MLP", help: "Two linear maps with an activation in between." };
        stream.branch(&format!("{block}.mlp"), &block, mlp, Vec::new(), |mlp| vec![activation(&mlp, config.width, config.gelu)]);
    }
    let (other, label) =
        if config.predicts_noise { ("data", "predict noise → data") } else { ("noise", "predict data → noise") };
    let help = "Maps the residual stream to the prediction.";
    let unembedding = Words { kind: "unembedding", label: "output projection", help };
    let parts = stream.finish("unembed", unembedding, 2, vec![swap("model.prediction", other, label)]);
    parts.into_iter().map(|part| part.site(parameters)).collect()
}
