//! Statistics of paired runs, one statistic a file.
//!
//! The invariants live in the types, so that no formula has to ask again whether its numbers are finite or its pairs
//! complete: a [`Sample`] is never empty, a [`Paired`] never ragged. What cannot be computed from what is there (the
//! spread of one run) is `None`, never 0: a zero would read as certainty.
//!
//! Results do not depend on the order of the numbers, to the last bit: see [`sum`]. Nor do they depend on the machine:
//! distributions are computed from `libm`, and what is drawn is drawn from a named stream.
//!
//! A report shows a [`Gap`] for each component, its [`Family`], and a [`Verdict`]. A statistic that no report shows has no place here.

mod bootstrap;
mod energy;
mod expected_best;
mod family;
mod flips;
mod gap;
mod holm;
mod interval;
mod kendall;
mod max_t;
mod paired;
mod pairing_gain;
mod power;
mod proportion;
mod range;
mod sample;
mod shapley;
mod sign_flip;
mod sought;
mod special;
mod student;
mod sum;
mod tost;
mod tost_power;
mod verdict;
mod wins;

pub use bootstrap::{Bootstrap, BootstrapError, MOST_ENUMERATED};
pub use energy::{EnergyError, energy_distance};
pub use expected_best::{Best, expected_best};
pub use family::Family;
pub use flips::{Flips, MOST_EXACT, SAMPLED};
pub use gap::Gap;
pub use holm::{PValueError, holm};
pub use interval::Interval;
pub use kendall::kendall_tau;
pub use max_t::{FamilyError, MaxT, max_t};
pub use paired::{Paired, PairedError};
pub use pairing_gain::{PairingGain, pairing_gain};
pub use power::{MOST_PAIRS, PowerError, paired_t_pairs, paired_t_power};
pub use proportion::clopper_pearson;
pub use range::{Confidence, Margin, OutOfRange};
pub use sample::{LARGEST, Sample, SampleError};
pub use shapley::{MOST_COMPONENTS, shapley};
pub use sign_flip::sign_flip;
pub use sought::{Needs, Sought};
pub use student::{TTest, t_interval, t_test};
pub use sum::sum;
pub use tost::{beyond, tost, tost_sign_flip};
pub use tost_power::{tost_pairs, tost_power};
pub use verdict::{Adjusted, Extent, FEWEST_PAIRS, LEVEL, POWER, Verdict, planned_level};
pub use wins::{p_worse, wins};
