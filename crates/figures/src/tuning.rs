//! Whether every arm was tuned as well as the others, which a comparison of arms takes for granted.
//!
//! A variant that is trained with the settings of the reference, or after a search that stopped too early, looks worse for a
//! reason that is not the component. The expected best shows a search that was too short; the sensitivity shows where
//! each arm has its best learning rate, and a best that lies at the edge of what was searched.

mod expected;
mod sensitivity;

pub use expected::{ExpectedBest, Searched};
pub use sensitivity::{Sensitivity, Sweep, Trial};

/// `a, b and c`, for sentences about several arms.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).into(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
