//! Which of the trained or cut models a number came from.

use serde::{Deserialize, Serialize};

/// The arms of a bench. Symbols of the methodology in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The reference, trained from scratch (R).
    Intact,
    /// The reference with a part cut out, not trained further (D).
    Cut,
    /// The cut model trained further with the cut in place (H).
    Healed,
    /// The intact model trained further for as long, on the same batches (S): without it, healing is credited with what mere
    /// training brings.
    Sham,
    /// Trained from scratch without the part, same seed, same number of steps (U).
    Never,
}

impl Arm {
    /// Every arm in the order of the panels.
    pub const ALL: [Arm; 5] = [Arm::Intact, Arm::Cut, Arm::Healed, Arm::Sham, Arm::Never];

    /// The name used in files, tables and messages.
    pub fn name(self) -> &'static str {
        match self {
            Arm::Intact => "intact",
            Arm::Cut => "cut",
            Arm::Healed => "healed",
            Arm::Sham => "sham",
            Arm::Never => "never",
        }
    }
}
