//! Which of the trained or ablated models of the sandbox a number came from.

use serde::{Deserialize, Serialize};

/// The arms of a bench. Symbols of the methodology in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// Trained from scratch (R).
    Reference,
    /// The reference with a component ablated, not trained further (D).
    Ablated,
    /// The ablated model, fine-tuned with the ablation in place (H).
    Recovered,
    /// The reference, fine-tuned for as long on the same batches (S): without it, recovery is credited with what more training brings.
    Sham,
    /// Trained from scratch without the component, with a search of its own (N).
    Retrained,
    /// The same with the hyper-parameters of the reference (U): the common shortcut.
    RetrainedUntuned,
}

impl Arm {
    /// Every arm in the order of the panels.
    pub const ALL: [Arm; 6] = [Arm::Reference, Arm::Ablated, Arm::Recovered, Arm::Sham, Arm::Retrained, Arm::RetrainedUntuned];

    /// The key in files, tables and messages.
    pub fn name(self) -> &'static str {
        match self {
            Arm::Reference => "reference",
            Arm::Ablated => "ablated",
            Arm::Recovered => "recovered",
            Arm::Sham => "sham",
            Arm::Retrained => "retrained",
            Arm::RetrainedUntuned => "retrained-untuned",
        }
    }
}
