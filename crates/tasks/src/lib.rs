//! Toy data, one task a file.
//!
//! Each task is small enough to be solved in seconds and understood in a sentence, so that it is *known* which
//! components a model needs for it ([`Need`]). That is the ground truth against which the verdicts of a study are
//! checked, and what no benchmark of real data can give.
//!
//! Example `i` is a function of a stream and `i` alone: there is no shuffled file and no epoch. Arms of one seed read
//! the same examples in the same order whatever else differs between them, and any example can be made again.
//!
//! Adding a task is one file here and one line in `catalog.rs`.

mod about;
mod catalog;
mod eight_gaussians;
mod error;
mod masked_repeat;
mod modular_addition;
mod points;
mod repeat;
mod sequence;
mod split;
mod two_moons;

pub use about::{About, Goal, Need, Score, Trivial};
pub use catalog::{Description, Task, fields};
pub use eight_gaussians::EightGaussians;
pub use error::TaskError;
pub use masked_repeat::MaskedRepeat;
pub use modular_addition::ModularAddition;
pub use points::{CLOUD, PointTask};
pub use repeat::Repeat;
pub use sequence::{Sequence, SequenceTask, Sight};
pub use split::Split;
pub use two_moons::TwoMoons;
