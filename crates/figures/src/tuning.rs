//! Whether every arm was tuned equally well, which a comparison of arms assumes.
//!
//! A variant with the hyper-parameters of the reference, or with a search that was too short, looks worse for a reason other than the
//! component. The expected best loss shows a search that was too short. The sensitivity shows the best learning rate of each arm, and
//! whether it lies at an edge of the range.

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
