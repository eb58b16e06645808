//! Shape of a transformer.

use ablation_settings::{MissingSetting, Settings};

use crate::layers::Norm;

/// What can be chosen about the model.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerConfig {
    /// Blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Hidden numbers of each MLP.
    pub hidden: usize,
    /// Heads of each attention; divides the width.
    pub heads: usize,
    /// Whether a position looks back only; otherwise it looks both ways.
    pub causal: bool,
    /// Whether positions are learned; otherwise there are none.
    pub positions: bool,
    /// Where the stream is normalised.
    pub norm: Norm,
    /// Whether the MLPs use GELU; otherwise ReLU.
    pub gelu: bool,
}

impl TransformerConfig {
    /// The shape in a study's settings.
    pub fn read(settings: &Settings) -> Result<Self, MissingSetting> {
        let heads = settings.text("model.heads")?;
        let (width, expansion) = (settings.count("model.width")?, settings.number("model.expansion")?);
        Ok(TransformerConfig {
            layers: settings.count("model.layers")?,
            width,
            hidden: libm::round(expansion * width as f64).max(1.0) as usize,
            heads: heads.parse().map_err(|_| MissingSetting { path: "model.heads".into(), expected: "a count" })?,
            causal: settings.text("model.attention")? == "causal",
            positions: settings.text("model.position")? == "learned",
            norm: Norm::parse(settings.text("model.norm")?),
            gelu: settings.text("model.activation")? == "gelu",
        })
    }
}
