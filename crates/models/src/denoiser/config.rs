//! Shape of a denoiser.

use ablation_settings::{MissingSetting, Settings};

use super::schedule::Noise;
use crate::layers::Norm;

/// What can be chosen about the model.
#[derive(Clone, Debug, PartialEq)]
pub struct DenoiserConfig {
    /// Residual blocks.
    pub layers: usize,
    /// Width of the residual stream and of the hidden layer of each block.
    pub width: usize,
    /// Where the stream is normalised.
    pub norm: Norm,
    /// Whether the MLPs use GELU; otherwise ReLU.
    pub gelu: bool,
    /// Whether the model predicts the noise; otherwise the clean point.
    pub predicts_noise: bool,
    /// How noise grows over the diffusion steps.
    pub noise: Noise,
    /// Diffusion steps.
    pub steps: usize,
}

impl DenoiserConfig {
    /// The shape in a study's settings.
    pub fn read(settings: &Settings) -> Result<Self, MissingSetting> {
        Ok(DenoiserConfig {
            layers: settings.count("model.layers")?,
            width: settings.count("model.width")?,
            norm: Norm::parse(settings.text("model.norm")?),
            gelu: settings.text("model.activation")? == "gelu",
            predicts_noise: settings.text("model.prediction")? == "noise",
            noise: if settings.text("model.schedule")? == "linear" { Noise::Linear } else { Noise::Cosine },
            steps: settings.count("model.diffusion_steps")?,
        })
    }
}
