//! How much a study may ask for, in one place for its file, its record and the page.

/// Search points of each arm.
pub(crate) const TRIALS: (u32, u32) = (1, 256);
/// Seeds that each point is tried with.
pub(crate) const TUNING_SEEDS: (u32, u32) = (1, 16);
/// Repetitions of the whole search.
pub(crate) const SEARCHES: (u32, u32) = (1, 32);
/// Final seeds.
pub(crate) const SEEDS: (u32, u32) = (1, 64);
/// Variants.
pub(crate) const VARIANTS: (u32, u32) = (1, 64);
/// Dimensions of a search, ablations of a variant, and budgets and rates of recovery.
pub(crate) const MANY: (u32, u32) = (1, 16);
/// Sources of the data of a stage.
pub(crate) const SOURCES: usize = 16;
/// Budgets of recovery, as fractions of the steps of the reference.
pub(crate) const BUDGET: (f64, f64) = (0.001, 1.0);
/// Learning rates of recovery, as fractions of the reference's.
pub(crate) const RATE: (f64, f64) = (0.001, 10.0);
/// A margin as a fraction of what the reference learned.
pub(crate) const SHARE: (f64, f64) = (1e-4, 0.5);
/// A margin as a difference of losses.
pub(crate) const ABSOLUTE: (f64, f64) = (1e-9, 1e6);
/// The root of all seeds: a number that JavaScript tells from its neighbours.
pub(crate) const SEED: (u32, u32) = (0, u32::MAX);
/// Trials in all: a gold study of 64 variants has about 60 thousand.
pub(crate) const ALL_TRIALS: u64 = 100_000;
