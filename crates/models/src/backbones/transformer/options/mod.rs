//! Options of a transformer's blocks, one per file: the setting, with the value that means that the option is not there, and what it does to
//! the configuration. The page shows them in this order, behind the settings that every transformer has.

mod biases;
mod blocks;
mod convolution;
mod embeddings;
mod residual;

use ablation_data::Layout;
use ablation_settings::{Field, MissingSetting, Settings};

use super::TransformerConfig;

pub use biases::Biases;
pub use blocks::Arrangement;
pub use residual::Residual;

/// An option in the table.
pub(super) struct BlockOption {
    /// Its setting, given what is chosen so far; none where it makes no sense.
    pub field: fn(&Settings, &Layout) -> Option<Field>,
    /// Applies what the settings say to a configuration without the option.
    pub apply: fn(&Settings, &mut TransformerConfig) -> Result<(), MissingSetting>,
}

/// All of them; an option stands after those that it depends on.
pub(super) const OPTIONS: &[BlockOption] =
    &[biases::OPTION, residual::OPTION, blocks::OPTION, embeddings::OPTION, convolution::OPTION];
