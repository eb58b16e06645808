//! Shape of a transformer.

use ablation_study::{MissingSetting, Settings};

/// What can be chosen about the model.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerConfig {
    /// Blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Heads of each attention; divides the width.
    pub heads: usize,
    /// Whether positions are learned; otherwise there are none.
    pub positions: bool,
    /// Whether each branch and the output are normalised.
    pub norm: bool,
    /// Whether the MLPs use GELU; otherwise ReLU.
    pub gelu: bool,
}

impl TransformerConfig {
    /// The shape in a study's settings.
    pub fn read(settings: &Settings) -> Result<Self, MissingSetting> {
        let heads = settings.text("model.heads")?;
        Ok(TransformerConfig {
            layers: settings.count("model.layers")?,
            width: settings.count("model.width")?,
            heads: heads.parse().map_err(|_| MissingSetting { path: "model.heads".into(), expected: "a count" })?,
            positions: settings.text("model.position")? == "learned",
            norm: settings.text("model.norm")? == "pre",
            gelu: settings.text("model.activation")? == "gelu",
        })
    }
}
