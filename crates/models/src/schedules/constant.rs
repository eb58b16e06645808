//! The peak learning rate all the way.

use super::Schedule;

impl Schedule {
    /// The peak learning rate after the warm-up.
    pub const CONSTANT: Schedule =
        Schedule { name: "constant", label: "constant", help: "Stays at the peak.", source: "", factor: |_| 1.0 };
}
