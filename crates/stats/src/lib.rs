//! Statistics of paired runs, one statistic a file.
//!
//! The invariants live in the types, so that no formula has to ask again whether its numbers are finite or its pairs
//! complete: a [`Sample`] is never empty, a [`Paired`] never ragged. What cannot be computed from what is there (the
//! spread of one run) is `None`, never 0: a zero would read as certainty.
//!
//! Results do not depend on the order of the numbers, to the last bit: see [`sum`].

mod bootstrap;
mod energy;
mod flips;
mod interval;
mod max_t;
mod multiple;
mod noether;
mod paired;
mod proportion;
mod range;
mod sample;
mod sign_flip;
mod special;
mod student;
mod sum;
mod tost;
mod wins;

pub use bootstrap::{Bootstrap, BootstrapError, MOST_ENUMERATED};
pub use energy::{EnergyError, energy_distance};
pub use flips::{Flips, MOST_EXACT, SAMPLED};
pub use interval::Interval;
pub use max_t::{FamilyError, MaxT, max_t};
pub use multiple::{PValueError, benjamini_hochberg, bonferroni, hochberg, holm};
pub use noether::noether_blocks;
pub use paired::{Paired, PairedError};
pub use proportion::{clopper_pearson, wilson};
pub use range::{Confidence, Margin, OutOfRange};
pub use sample::{LARGEST, Sample, SampleError};
pub use sign_flip::sign_flip;
pub use student::{TTest, t_interval, t_test};
pub use sum::sum;
pub use tost::{tost, tost_sign_flip};
pub use wins::{Decision, GAMMA, decide, p_worse, wins};
